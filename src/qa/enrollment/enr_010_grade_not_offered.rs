//! Grade not offered by the school.

use crate::model::codes::{Code, Grade};
use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// The grade of an enrollment is within the grade span of its school. Ungraded students, adults and enrollments that
    /// did not take place are ignored.
    ///
    /// ## Why it matters
    /// The student is at the wrong school or in the wrong grade, and is funded and tested accordingly.
    ///
    /// ## How to fix it
    /// Correct the grade or the school, or the grade span of the school.
    "ENR-010", "grade not offered by the school", Error, ["grade_level", "grade_low", "grade_high"],
    needs [Organization, SchoolEnrollment], among [SchoolEnrollment], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let rank = |grade: Grade| grade.rank().filter(|rank| Some(*rank) <= Grade::G13.rank());
    for enrollment in view.enrollments.iter().filter(|enrollment| enrollment.counts()) {
        let (Some(school), Some(grade)) = (view.schooling_of(enrollment), rank(enrollment.grade_level)) else { continue };
        let below = school.grade_low.and_then(rank).is_some_and(|low| grade < low);
        let above = school.grade_high.and_then(rank).is_some_and(|high| grade > high);
        if below || above {
            let evidence = [enrollment.grade_level.value(), school.grade_low.value(), school.grade_high.value()];
            findings.open(Subject::Enrollment(enrollment.id), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_span_of_the_school_changes() {
        let changes = "
            organization | org_id grade_low grade_high
            2025-09-02 + North KG 05
            school_enrollment | enrollment_id student_id school_id entry_date grade_level exit_date
            2025-09-02 + E1 S1 North 2025-08-20 06 .
            2025-09-02 + E2 S2 North 2025-08-20 UG .
            2025-09-02 + E3 S3 North 2025-08-20 08 2025-08-20
            2025-09-02 + E4 S4 North 2025-08-20 PK .
            2025-09-02 + E5 S5 North 2025-08-20 KG .
            2025-09-02 + E6 S6 North 2025-08-20 05 .
            2025-09-02 + E7 S7 North 2025-08-20 13 .
            organization | org_id grade_low grade_high
            2025-09-03 + North . 06
            2025-09-04 + North KG 12
        ";
        check_rule(
            "ENR-010",
            changes,
            expect![[r#"
                2025-09-02 + E1 grade_level=06 grade_low=KG grade_high=05
                2025-09-02 + E4 grade_level=PK grade_low=KG grade_high=05
                2025-09-02 + E7 grade_level=13 grade_low=KG grade_high=05
                2025-09-03 + E7 grade_level=13 grade_low=. grade_high=06
                2025-09-03 - E1 grade_level=06 grade_low=KG grade_high=05
                2025-09-03 - E4 grade_level=PK grade_low=KG grade_high=05
                2025-09-03 - E7 grade_level=13 grade_low=KG grade_high=05
                2025-09-04 + E4 grade_level=PK grade_low=KG grade_high=12
                2025-09-04 + E7 grade_level=13 grade_low=KG grade_high=12
                2025-09-04 - E7 grade_level=13 grade_low=. grade_high=06
            "#]],
        );
    }
}
