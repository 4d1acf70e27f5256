//! Dates implausibly far in the future or past.

use crate::model::codes::ExitType;
use crate::model::{Date, Field, Interval, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// A student is not enrolled before birth; entry and exit dates are not before 1990; an entry is at most 183 days
    /// ahead, an exit at most 30, and a planned exit at the end of a year at most 730.
    ///
    /// ## Why it matters
    /// A wrong year excludes the student from every count, or includes the student in a year that is over.
    ///
    /// ## How to fix it
    /// Correct the date in the source.
    "ENR-008", "dates implausibly far in the future or past", Error, ["entry_date", "exit_date"],
    needs [Student, SchoolEnrollment], among [SchoolEnrollment], Student(check)
}

/// How many days ahead a planned exit at the end of a year may be.
const PLANNED_AHEAD: i64 = 730;

fn check(view: &StudentView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let first = Date::ymd(1990, 1, 1);
    let born = view.student.and_then(|student| student.birth_date);
    for enrollment in view.enrollments {
        let (entry, exit) = (enrollment.entry_date, enrollment.exit_date);
        let too_early = born.is_some_and(|born| entry < born) || Some(entry) < first || exit.is_some() && exit < first;
        let is_planned = enrollment.exit_type == Some(ExitType::EndOfYear);
        let ahead = if is_planned { PLANNED_AHEAD } else { settings.exit_ahead_days };
        let until = exit.map(|exit| exit.plus(-ahead)).into_iter().fold(entry.plus(-settings.entry_ahead_days), Date::max);
        let holds = if too_early { Interval::ALWAYS } else { Interval::until(until) };
        findings.during(Subject::Enrollment(enrollment.id), &[entry.value(), exit.value()], holds);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_day_comes_nearer() {
        let changes = "
            student | student_id birth_date
            2025-09-02 + S1 2015-01-01
            2025-09-02 + S3 2025-09-01
            school_enrollment | enrollment_id student_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 2014-12-31 . .
            2025-09-02 + E2 S1 2026-03-06 . .
            2025-09-02 + E3 S1 2025-08-20 2025-10-04 dropout
            2025-09-02 + E4 S1 2025-08-20 2026-06-10 end_of_year
            2025-09-02 + E5 S2 1989-12-31 . .
            2025-09-02 + E6 S2 2025-08-20 2027-09-04 end_of_year
            2025-09-02 + E7 S2 1990-01-01 1990-01-01 .
            2025-09-02 + E8 S3 2025-09-01 . .
            student | student_id birth_date
            2025-09-06 + S1 2014-01-01
        ";
        check_rule(
            "ENR-008",
            changes,
            expect![[r#"
                2025-09-02 + E1 entry_date=2014-12-31 exit_date=.
                2025-09-02 + E2 entry_date=2026-03-06 exit_date=.
                2025-09-02 + E3 entry_date=2025-08-20 exit_date=2025-10-04
                2025-09-02 + E5 entry_date=1989-12-31 exit_date=.
                2025-09-02 + E6 entry_date=2025-08-20 exit_date=2027-09-04
                2025-09-04 - E2 entry_date=2026-03-06 exit_date=.
                2025-09-04 - E3 entry_date=2025-08-20 exit_date=2025-10-04
                2025-09-04 - E6 entry_date=2025-08-20 exit_date=2027-09-04
                2025-09-06 - E1 entry_date=2014-12-31 exit_date=.
            "#]],
        );
    }
}
