//! Overlapping rows in the same section.

use crate::model::{Settings, Subject};
use crate::qa::overlap::overlap;
use crate::qa::{Findings, rule};
use crate::views::student::{Roster, StudentView};

rule! {
    /// ## What it checks
    /// The class enrollments of a student in a section do not overlap. They are limited to the days of the section;
    /// dropped ones are ignored.
    ///
    /// ## Why it matters
    /// The student takes two seats, and systems that key class enrollments by student, section and first day keep one at
    /// random.
    ///
    /// ## How to fix it
    /// Remove one of the rows, or end the earlier one when the later one begins.
    "ENR-021", "overlapping rows in the same section", Error, ["from", "rows"],
    needs [Section, SectionEnrollment], among [SectionEnrollment], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    // Class enrollments are ordered by section and day.
    for same in view.rosters.chunk_by(|a, b| a.section == b.section).filter(|same| same.len() > 1) {
        let rows = same.iter().filter(|roster| roster.counts());
        if let Some(evidence) = overlap(rows.map(|&Roster { interval, .. }| interval)) {
            findings.open(Subject::StudentIn(view.id, same[0].section), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn twice_in_one_section() {
        let changes = "
            section | section_id school_id school_year session_ids
            2025-09-02 + C1 North 2026 Y
            2025-09-02 + C2 North 2026 Y
            section_enrollment | section_enrollment_id student_id section_id begin_date end_date
            2025-09-02 + R1 S1 C1 . 2025-10-01
            2025-09-02 + R2 S1 C1 2025-09-20 .
            2025-09-02 + R3 S1 C2 . .
            2025-09-03 + R1 S1 C1 . 2025-09-20
        ";
        check_rule(
            "ENR-021",
            changes,
            expect![[r#"
            2025-09-02 + S1|C1 from=2025-09-20 rows=2
            2025-09-03 - S1|C1 from=2025-09-20 rows=2
        "#]],
        );
    }
}
