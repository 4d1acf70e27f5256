//! In a program while not enrolled.

use crate::model::{Field, Interval, SchoolYear, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// On every day of a participation the student is enrolled in the district. The violation opens on the first
    /// uncovered day and closes when it is corrected, or when the gap is over and its school year has ended.
    ///
    /// ## Why it matters
    /// Services are counted and funded for a student who was not enrolled.
    ///
    /// ## How to fix it
    /// End the participation with the enrollment.
    "PRG-002", "in a program while not enrolled", Warning, ["from", "until"],
    needs [Student, SchoolEnrollment, ProgramParticipation], among [ProgramParticipation], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.participations.is_empty() {
        return;
    }
    let enrolled = view.enrolled();
    for participation in view.participations {
        for gap in date::uncovered(participation.interval, &enrolled) {
            let until = gap.end.map(|end| end.max(SchoolYear::of(gap.begin).end()));
            let evidence = [gap.begin.value(), gap.end.value()];
            let holds = Interval::new(gap.begin, until);
            findings.during(Subject::Participation(participation.id), &evidence, holds);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_enrollment_ends_first() {
        let changes = "
            school_enrollment | enrollment_id student_id entry_date exit_date
            2025-09-02 + E1 S1 2025-08-20 2025-09-10
            program_participation | participation_id student_id begin_date end_date
            2025-09-02 + P1 S1 2025-08-15 2025-09-20
            2025-09-02 + P2 S1 2025-08-25 .
            2025-09-12 + P2 S1 2025-08-25 2025-09-10
            school_enrollment | enrollment_id student_id entry_date exit_date
            2025-09-13 + E1 S1 2025-08-15 .
        ";
        check_rule(
            "PRG-002",
            changes,
            expect![[r#"
            2025-09-02 + P1 from=2025-08-15 until=2025-08-20
            2025-09-10 + P1 from=2025-09-10 until=2025-09-20
            2025-09-10 + P2 from=2025-09-10 until=.
            2025-09-12 - P2 from=2025-09-10 until=.
            2025-09-13 - P1 from=2025-08-15 until=2025-08-20
            2025-09-13 - P1 from=2025-09-10 until=2025-09-20
        "#]],
        );
    }
}
