//! Total FTE over allocation on a day.

use crate::model::{Date, Field, Fte, Interval, SchoolYear, Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The assignments of a person never add up to more than 1.05 FTE on a day. Every day counts, not only the as-of
    /// date: an error is reported as soon as it is known until it is corrected or, once it is over, until its school
    /// year ends.
    ///
    /// ## Why it matters
    /// The person is paid or counted twice, and staffing ratios look better than they are.
    ///
    /// ## How to fix it
    /// End one of the assignments, or correct its FTE.
    "FTE-001", "total FTE over allocation on a day", Error, ["from", "fte"], needs [StaffAssignment],
    among [Staff], Staff(check)
}

fn check(view: &StaffView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    over(settings.fte_cap, view, findings);
}

/// Reports the periods in which assignments add up to more than `cap`.
pub(super) fn over(cap: Fte, view: &StaffView<'_>, findings: &mut Findings<'_>) {
    let counted = view.assignments.iter().filter_map(|assignment| {
        let fte = i64::from(assignment.fte?.0);
        (!assignment.interval.is_empty()).then_some((assignment.interval, fte))
    });
    let mut changes: Vec<(Date, i64)> = Vec::new();
    for (interval, fte) in counted {
        changes.push((interval.begin, fte));
        changes.extend(interval.end.map(|end| (end, -fte)));
    }
    if changes.len() < 2 && changes.iter().all(|(_, fte)| *fte <= cap.0.into()) {
        return;
    }
    changes.sort_unstable();
    let mut total = 0;
    let mut days = changes.chunk_by(|a, b| a.0 == b.0).peekable();
    while let Some(same_day) = days.next() {
        let from = same_day[0].0;
        total += same_day.iter().map(|(_, fte)| fte).sum::<i64>();
        if total > cap.0.into() {
            let until = days.peek().map(|next| next[0].0.max(SchoolYear::of(from).end()));
            let evidence = [from.value(), Value::Decimal(total, 4)];
            findings.during(Subject::Staff(view.id), &evidence, Interval::new(Date::MIN, until));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_weeks_in_march() {
        let changes = "
            staff_assignment | assignment_id staff_id begin_date end_date fte
            2025-09-02 + A1 T1 2025-08-20 2026-07-01 1
            2025-09-02 + A2 T1 2026-03-02 2026-03-16 0.5
            2025-09-02 + A3 T2 2025-08-20 . 0.5
            2025-09-02 + A4 T2 2025-08-20 . 0.55
            2025-09-02 + A5 T3 2026-03-16 2026-03-02 3
            2025-09-03 + A4 T2 2025-08-20 . 0.5501
            2025-09-04 - A2
            2025-09-05 + A2 T1 2026-03-02 2026-03-16 0.5
            2026-07-01
            2026-07-02 + A6 T4 2025-08-20 . 1.5
        ";
        check_rule(
            "FTE-001",
            changes,
            expect![[r#"
                2025-09-02 + T1 from=2026-03-02 fte=1.5
                2025-09-03 + T2 from=2025-08-20 fte=1.0501
                2025-09-04 - T1 from=2026-03-02 fte=1.5
                2025-09-05 + T1 from=2026-03-02 fte=1.5
                2026-07-01 - T1 from=2026-03-02 fte=1.5
                2026-07-02 + T4 from=2025-08-20 fte=1.5
            "#]],
        );
    }
}
