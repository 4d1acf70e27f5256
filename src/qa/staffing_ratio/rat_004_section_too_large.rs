//! Section over its size limit.

use crate::model::{Interval, Settings, Subject, Value, date};
use crate::qa::{Findings, rule};
use crate::views::section::SectionView;

rule! {
    /// ## What it checks
    /// A section in use currently has at most as many students as it has seats. Without a stated number of seats, the
    /// limit is the staffing standard of its school, then that of the parent organization, then 40.
    ///
    /// ## Why it matters
    /// States and contracts limit class sizes, and so do rooms.
    ///
    /// ## How to fix it
    /// Move students, or correct the number of seats.
    "RAT-004", "section over its size limit", Warning, ["students", "limit"],
    needs [Section, SectionEnrollment], among [Section], Section(check)
}

fn check(view: &SectionView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let Some(section) = view.section else { return };
    // Most sections are far below any limit, even if all students ever enrolled are counted at once.
    let least = view.limits.iter().map(|(_, limit)| *limit).chain([settings.section_size_max]).min();
    let least = section.max_enrollment.or(least).unwrap_or(0);
    if (view.students.len() as i64) <= i64::from(least) {
        return;
    }
    for seats in view.seats() {
        for (days, limit) in limits(view, section.max_enrollment, settings.section_size_max) {
            if seats.students > i64::from(limit) {
                let evidence = [Value::Int(seats.students), Value::Int(limit.into())];
                findings.during(Subject::Section(view.id), &evidence, seats.holds.intersect(days));
            }
        }
    }
}

/// The limits of a section over time.
fn limits(view: &SectionView<'_>, own: Option<i32>, default: i32) -> Vec<(Interval, i32)> {
    if let Some(own) = own {
        return vec![(Interval::ALWAYS, own)];
    }
    let mut limits = view.limits.to_vec();
    let mut covered: Vec<Interval> = limits.iter().map(|(days, _)| *days).collect();
    date::union(&mut covered);
    limits.extend(date::uncovered(Interval::ALWAYS, &covered).into_iter().map(|days| (days, default)));
    limits
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_standard_takes_effect() {
        let changes = "
            organization | org_id org_type parent_org_id school_level
            2025-09-02 + North school D middle
            section | section_id school_id school_year session_ids max_enrollment
            2025-09-02 + C1 North 2026 Y 1
            2025-09-02 + C2 North 2026 Y .
            section_enrollment | section_enrollment_id student_id section_id begin_date
            2025-09-02 + R1 S1 C1 .
            2025-09-02 + R2 S2 C1 .
            2025-09-02 + R3 S1 C2 .
            2025-09-02 + R4 S2 C2 .
            2025-09-02 + R5 S3 C2 2025-09-06
            staffing_standard | standard_id org_id school_level role max_section_size effective_from
            2025-09-03 + W1 D high teacher_sec 1 .
            2025-09-04 + W2 D middle teacher_sec 2 .
            2025-09-05 + W3 North . teacher_sec 1 2025-09-07
            section | section_id school_id school_year session_ids max_enrollment
            2025-09-08 + C1 North 2026 Y 2
        ";
        check_rule(
            "RAT-004",
            changes,
            expect![[r#"
            2025-09-02 + C1 students=2 limit=1
            2025-09-06 + C2 students=3 limit=2
            2025-09-07 + C2 students=3 limit=1
            2025-09-07 - C2 students=3 limit=2
            2025-09-08 - C1 students=2 limit=1
        "#]],
        );
    }
}
