//! Grade went down or jumped.

use crate::model::codes::{Code, Grade};
use crate::model::{Field, Interval, SchoolYear, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::{Enrollment, StudentView};

rule! {
    /// ## What it checks
    /// From kindergarten on, a student stays in the same grade or moves up by one from one school year to the next. A
    /// lower grade is allowed if the enrollment is marked as repeating. The last primary enrollment of each year counts.
    /// The violation closes at the end of the later school year.
    ///
    /// ## Why it matters
    /// The grade is wrong: the student is tested and compared with the wrong children.
    ///
    /// ## How to fix it
    /// Correct the grade, or mark the year as repeated.
    "ENR-026", "grade went down or jumped", Warning, ["grade_before", "grade", "school_year"],
    needs [SchoolEnrollment], among [Student], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let mut years: Vec<SchoolYear> = view.enrollments.iter().map(|enrollment| enrollment.school_year).collect();
    years.sort_unstable();
    years.dedup();
    for pair in years.windows(2).filter(|pair| pair[0].0 + 1 == pair[1].0) {
        let (Some((previous, _)), Some((grade, is_repeating))) = (last_of(view, pair[0]), last_of(view, pair[1])) else {
            continue;
        };
        if (grade < previous && !is_repeating) || grade > previous + 1 {
            let [was, is] = [previous, grade].map(|rank| Grade::from_rank(rank).value());
            let holds = Interval::until(pair[1].end());
            findings.during(Subject::Student(view.id), &[was, is, pair[1].value()], holds);
        }
    }
}

/// The rank of the grade of the last primary enrollment of a year, if it is from kindergarten to 13, and whether it
/// is repeated.
fn last_of(view: &StudentView<'_>, year: SchoolYear) -> Option<(u8, bool)> {
    let of_year = || view.enrollments.iter().filter(|e| e.school_year == year && e.is_primary());
    let place = |e: &Enrollment| (e.entry_date, e.grade_level.rank());
    let last = of_year().map(place).max()?;
    let is_repeating = of_year().any(|e| place(e) == last && e.is_repeating);
    let (kindergarten, thirteenth) = (Grade::Kg.rank()?, Grade::G13.rank()?);
    last.1.filter(|rank| (kindergarten..=thirteenth).contains(rank)).map(|rank| (rank, is_repeating))
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn from_year_to_year() {
        let changes = "
            school_enrollment | enrollment_id student_id school_year grade_level entry_date exit_date is_repeating
            2025-09-02 + E1 S1 2025 03 2024-08-20 2025-06-10 .
            2025-09-02 + E2 S1 2026 05 2025-08-20 . .
            2025-09-03 + E2 S1 2026 02 2025-08-20 . .
            2025-09-04 + E2 S1 2026 02 2025-08-20 . true
            2025-09-05 + E2 S1 2026 05 2025-08-20 . .
            2025-09-06 + E3 S1 2026 04 2025-08-21 . .
            2025-09-07 + E3 S1 2026 05 2025-08-21 . .
            2026-07-02 + E3 S1 2026 05 2025-08-21 . .
            2026-07-03 + E4 S2 2026 03 2025-08-20 2026-06-10 .
            2026-07-03 + E5 S2 2027 03 2026-08-20 . .
        ";
        check_rule(
            "ENR-026",
            changes,
            expect![[r#"
            2025-09-02 + S1 grade_before=03 grade=05 school_year=2026
            2025-09-03 + S1 grade_before=03 grade=02 school_year=2026
            2025-09-03 - S1 grade_before=03 grade=05 school_year=2026
            2025-09-04 - S1 grade_before=03 grade=02 school_year=2026
            2025-09-05 + S1 grade_before=03 grade=05 school_year=2026
            2025-09-06 - S1 grade_before=03 grade=05 school_year=2026
            2025-09-07 + S1 grade_before=03 grade=05 school_year=2026
            2026-07-01 - S1 grade_before=03 grade=05 school_year=2026
        "#]],
        );
    }
}
