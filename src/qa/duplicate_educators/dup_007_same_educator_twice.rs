//! Same educator twice on one section.

use crate::model::{Settings, Subject};
use crate::qa::overlap::overlap;
use crate::qa::{Findings, rule};
use crate::views::staff::{StaffView, Teaching};

rule! {
    /// ## What it checks
    /// A person has one row at a time in a section, whatever the role. Rows are limited to the days of the section;
    /// those of a section that is missing or not in use are ignored.
    ///
    /// ## Why it matters
    /// Course submissions reject the section (CALPADS CRSE0122), and allocation counts twice.
    ///
    /// ## How to fix it
    /// Remove one of the rows, or end the earlier one when the later one begins.
    "DUP-007", "same educator twice on one section", Error, ["from", "rows"],
    needs [Section, SectionStaff], among [SectionStaff], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.teaching.len() < 2 {
        return;
    }
    let mut teaching: Vec<&Teaching> = view.teaching.iter().filter(|t| !t.interval.is_empty()).collect();
    teaching.sort_by_key(|t| (t.section, t.interval));
    for same in teaching.chunk_by(|a, b| a.section == b.section) {
        if let Some(evidence) = overlap(same.iter().map(|t| t.interval)) {
            findings.open(Subject::StaffIn(view.id, same[0].section), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_rows_share_a_day() {
        let changes = "
            section | section_id school_year session_ids
            2025-09-02 + C1 2026 Y
            2025-09-02 + C2 2026 Y
            section_staff | section_staff_id section_id staff_id role begin_date end_date
            2025-09-02 + X1 C1 T1 teacher_of_record . .
            2025-09-02 + X2 C1 T1 assistant 2025-10-01 .
            2025-09-02 + X3 C2 T1 assistant 2025-10-01 .
            2025-09-02 + X4 C1 T2 teacher_of_record . .
            2025-09-02 + X5 C1 T2 assistant 2025-10-01 .
            2025-09-03 + X1 C1 T1 teacher_of_record . 2025-10-01
        ";
        check_rule(
            "DUP-007",
            changes,
            expect![[r#"
                2025-09-02 + C1|T1 from=2025-10-01 rows=2
                2025-09-02 + C1|T2 from=2025-10-01 rows=2
                2025-09-03 - C1|T1 from=2025-10-01 rows=2
            "#]],
        );
    }
}
