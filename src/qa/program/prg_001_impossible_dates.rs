//! Participation dates impossible.

use crate::model::{Field, Interval, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// A participation ends after it begins, begins after the student was born, and begins at most 183 days after the
    /// as-of date.
    ///
    /// ## Why it matters
    /// The student counts in no program, or in the wrong year.
    ///
    /// ## How to fix it
    /// Correct the dates in the source.
    "PRG-001", "participation dates impossible", Error, ["begin_date", "end_date"],
    needs [Student, ProgramParticipation], among [ProgramParticipation], Student(check)
}

fn check(view: &StudentView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let born = view.student.and_then(|student| student.birth_date);
    for participation in view.participations {
        let Interval { begin, end } = participation.interval;
        let is_impossible = participation.interval.is_empty() || born.is_some_and(|born| begin < born);
        let ahead = Interval::until(begin.plus(-settings.entry_ahead_days));
        let holds = if is_impossible { Interval::ALWAYS } else { ahead };
        findings.during(Subject::Participation(participation.id), &[begin.value(), end.value()], holds);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn before_birth_backwards_or_far_ahead() {
        let changes = "
            student | student_id birth_date
            2025-09-02 + S1 2015-01-01
            program_participation | participation_id student_id begin_date end_date
            2025-09-02 + P1 S1 2025-08-20 2025-08-20
            2025-09-02 + P2 S1 2014-08-20 .
            2025-09-02 + P3 S1 2026-03-06 .
            2025-09-02 + P4 S1 2015-01-01 .
            2025-09-02 + P5 S2 2015-01-01 .
            2025-09-03 + P1 S1 2025-08-20 2025-08-21
        ";
        check_rule(
            "PRG-001",
            changes,
            expect![[r#"
            2025-09-02 + P1 begin_date=2025-08-20 end_date=2025-08-20
            2025-09-02 + P2 begin_date=2014-08-20 end_date=.
            2025-09-02 + P3 begin_date=2026-03-06 end_date=.
            2025-09-03 - P1 begin_date=2025-08-20 end_date=2025-08-20
        "#]],
        );
    }
}
