//! Overlapping participation rows.

use crate::model::{Settings, Subject};
use crate::qa::overlap::overlap;
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// The participations of a student in a program do not overlap. Empty ones are ignored.
    ///
    /// ## Why it matters
    /// The student counts twice, and systems that key participations by student, program and first day keep one at
    /// random.
    ///
    /// ## How to fix it
    /// Remove one of the rows, or end the earlier one when the later one begins.
    "PRG-003", "overlapping participation rows", Error, ["from", "rows"], needs [ProgramParticipation],
    among [ProgramParticipation], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    // Participations are ordered by program and day.
    for same in view.participations.chunk_by(|a, b| a.program == b.program).filter(|same| same.len() > 1) {
        if let Some(evidence) = overlap(same.iter().map(|p| p.interval).filter(|interval| !interval.is_empty())) {
            findings.open(Subject::StudentProgram(view.id, same[0].program), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn twice_in_one_program() {
        let changes = "
            program_participation | participation_id student_id program_id begin_date end_date
            2025-09-02 + P1 S1 G1 2025-08-20 2025-10-01
            2025-09-02 + P2 S1 G1 2025-09-20 .
            2025-09-02 + P3 S1 G2 2025-09-20 .
            2025-09-03 + P1 S1 G1 2025-08-20 2025-09-20
        ";
        check_rule(
            "PRG-003",
            changes,
            expect![[r#"
            2025-09-02 + S1|G1 from=2025-09-20 rows=2
            2025-09-03 - S1|G1 from=2025-09-20 rows=2
        "#]],
        );
    }
}
