//! Age implausible for grade.

use crate::model::codes::{Code, Grade};
use crate::model::{Date, Field, Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::student::{Enrollment, StudentView};

rule! {
    /// ## What it checks
    /// On September 1 of the school year, a student in grades 1 to 12 is 4 to 8.5 years older than the number of the
    /// grade, where kindergarten is 0; in prekindergarten at most 6, in adult education at least 18. A year is 365.25
    /// days.
    ///
    /// ## Why it matters
    /// The birth date or the grade is wrong: the student is tested, funded and compared with the wrong children.
    ///
    /// ## How to fix it
    /// Check the birth date and the grade against the enrollment papers.
    "ENR-011", "age implausible for grade", Warning, ["grade_level", "age_months"],
    needs [Student, SchoolEnrollment], among [SchoolEnrollment], Student(check)
}

fn check(view: &StudentView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let Some(birth_date) = view.student.and_then(|student| student.birth_date) else { return };
    for enrollment in view.enrollments {
        if let Some(age_days) = implausible_age(enrollment, birth_date, settings) {
            let age_months = age_days * 48 / 1461;
            let evidence = [enrollment.grade_level.value(), Value::Int(age_months)];
            findings.open(Subject::Enrollment(enrollment.id), &evidence);
        }
    }
}

/// The age in days on September 1, if it is too low or too high for the grade.
fn implausible_age(enrollment: &Enrollment, birth_date: Date, settings: &Settings) -> Option<i64> {
    let age_days = enrollment.school_year.first_of_september().since(birth_date);
    let kindergarten = Grade::Kg.rank();
    let (min_half_years, max_half_years) = match enrollment.grade_level {
        Grade::Pk => (None, Some(settings.age_prekindergarten_max_half_years)),
        Grade::Ae => (Some(settings.age_adult_min_half_years), None),
        Grade::G13 => return None,
        grade => {
            let (rank, first, last) = (grade.rank()?, kindergarten?, Grade::G12.rank()?);
            let number = i64::from(rank.checked_sub(first).filter(|_| rank <= last)?);
            let above = |half_years| Some(half_years + 2 * number);
            (above(settings.age_for_grade_min_half_years), above(settings.age_for_grade_max_half_years))
        }
    };
    // A half year is 182.625 days.
    let half_years = |count: i64| 1461 * count;
    let too_young = min_half_years.is_some_and(|min| 8 * age_days < half_years(min));
    let too_old = max_half_years.is_some_and(|max| 8 * age_days > half_years(max));
    (age_days >= 0 && (too_young || too_old)).then_some(age_days)
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn too_young_and_too_old() {
        let changes = "
            student | student_id birth_date
            2025-09-02 + S1 2022-01-15
            2025-09-02 + S2 2010-01-15
            2025-09-02 + S3 2018-05-01
            2025-09-02 + S4 2012-01-01
            2025-09-02 + S5 2021-09-01
            2025-09-02 + S6 2021-09-02
            school_enrollment | enrollment_id student_id school_id school_year grade_level
            2025-09-02 + E1 S1 North 2026 KG
            2025-09-02 + E2 S2 North 2026 03
            2025-09-02 + E3 S3 North 2026 02
            2025-09-02 + E4 S4 North 2026 AE
            2025-09-02 + E5 S5 North 2026 KG
            2025-09-02 + E6 S6 North 2026 KG
            2025-09-03 + E2 S2 North 2026 09
            student | student_id birth_date
            2025-09-04 + S1 2020-01-15
            2025-09-05 + S4 .
        ";
        check_rule(
            "ENR-011",
            changes,
            expect![[r#"
                2025-09-02 + E1 grade_level=KG age_months=43
                2025-09-02 + E2 grade_level=03 age_months=187
                2025-09-02 + E4 grade_level=AE age_months=164
                2025-09-02 + E6 grade_level=KG age_months=47
                2025-09-03 - E2 grade_level=03 age_months=187
                2025-09-04 - E1 grade_level=KG age_months=43
                2025-09-05 - E4 grade_level=AE age_months=164
            "#]],
        );
    }
}
