//! Participation below 95 percent.

use crate::model::{Date, Interval, Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::tallies::scores::{Cell, Scores};

rule! {
    /// ## What it checks
    /// After the testing window of a state summative accountability assessment, at least 95% of the students expected at
    /// a school were tested, and also in each of its subgroups of ten or more students. Expected students are defined in
    /// ASM-009. The violation closes at the end of the school year.
    ///
    /// ## Why it matters
    /// ESSA (section 1111(c)(4)(E)) counts students missing below 95% as not proficient.
    ///
    /// ## How to fix it
    /// Test absent students while there is time; enter missing results.
    "ASM-010", "participation below 95 percent", Warning, ["tested", "expected"],
    needs [Student, SchoolEnrollment, Assessment, AssessmentResult], among [Organization], Cell(check)
}

fn check(cell: &Cell, scores: &Scores, settings: &Settings, findings: &mut Findings<'_>) {
    let (Some((assessment, year)), Some(school), None) = (cell.test(), cell.school, cell.grade) else { return };
    let (tested, expected) = (i64::from(scores.tested), i64::from(scores.expected));
    if expected >= settings.minimum_n && tested * 10_000 < i64::from(settings.participation_min.0) * expected {
        // Every expected student contributes the end of the same window.
        let over = Date::from_number(scores.closing / expected).unwrap_or(Date::MAX);
        let subject = Subject::Tested(assessment, school, cell.subgroup);
        let holds = Interval::new(over, Some(year.end()));
        findings.during(subject, &[Value::Int(tested), Value::Int(expected)], holds);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check_rule, violated};
    use expect_test::expect;

    #[test]
    fn nineteen_of_twenty_is_enough_and_eighteen_is_not() {
        let of = |tested: usize| {
            let mut changes = "
                assessment | assessment_id category school_year window_begin window_end grades is_accountability
                2025-09-06 + M3 state_summative 2026 2025-09-03 2025-09-05 03 true
                school_enrollment | enrollment_id student_id school_id school_year grade_level entry_date
            "
            .to_owned();
            changes.extend((0..20).map(|number| format!("2025-09-06 + E{number} S{number} North 2026 03 2025-08-20\n")));
            changes += "assessment_result | result_id student_id assessment_id participation\n";
            changes.extend((0..tested).map(|number| format!("2025-09-06 + R{number} S{number} M3 tested\n")));
            violated("ASM-010", &changes).iter().filter(|subject| subject.ends_with("all|all")).count()
        };
        assert_eq!([20, 19, 18].map(of), [0, 0, 1]);
    }

    #[test]
    fn ten_students_are_expected() {
        let changes = "
            assessment | assessment_id category school_year window_begin window_end grades is_accountability
            2025-09-02 + M3 state_summative 2026 2025-09-03 2025-09-05 03 true
            student | student_id sex
            2025-09-02 + S1 female
            2025-09-02 + S2 female
            2025-09-02 + S3 female
            2025-09-02 + S4 female
            2025-09-02 + S5 female
            2025-09-02 + S6 female
            2025-09-02 + S7 female
            2025-09-02 + S8 female
            2025-09-02 + S9 female
            2025-09-02 + S10 male
            school_enrollment | enrollment_id student_id school_id school_year grade_level entry_date
            2025-09-02 + E1 S1 North 2026 03 2025-08-20
            2025-09-02 + E2 S2 North 2026 03 2025-08-20
            2025-09-02 + E3 S3 North 2026 03 2025-08-20
            2025-09-02 + E4 S4 North 2026 03 2025-08-20
            2025-09-02 + E5 S5 North 2026 03 2025-08-20
            2025-09-02 + E6 S6 North 2026 03 2025-08-20
            2025-09-02 + E7 S7 North 2026 03 2025-08-20
            2025-09-02 + E8 S8 North 2026 03 2025-08-20
            2025-09-02 + E9 S9 North 2026 03 2025-08-20
            2025-09-02 + E10 S10 North 2026 03 2025-08-20
            assessment_result | result_id student_id assessment_id participation
            2025-09-02 + R1 S1 M3 tested
            2025-09-02 + R2 S2 M3 tested
            2025-09-02 + R3 S3 M3 tested
            2025-09-02 + R4 S4 M3 tested
            2025-09-02 + R5 S5 M3 tested
            2025-09-02 + R6 S6 M3 tested
            2025-09-02 + R7 S7 M3 tested
            2025-09-02 + R8 S8 M3 tested
            2025-09-02 + R9 S9 M3 tested
            2025-09-07 + R10 S10 M3 tested
            2025-09-08 + R10 S10 M3 absent
            assessment | assessment_id category school_year window_begin window_end grades is_accountability
            2025-09-09 + M3 state_summative 2026 2025-09-03 2025-09-12 03 true
        ";
        check_rule(
            "ASM-010",
            changes,
            expect![[r#"
            2025-09-05 + M3|North|all|all tested=9 expected=10
            2025-09-05 + M3|North|econ|no tested=9 expected=10
            2025-09-05 + M3|North|el|no tested=9 expected=10
            2025-09-05 + M3|North|foster|no tested=9 expected=10
            2025-09-05 + M3|North|gifted|no tested=9 expected=10
            2025-09-05 + M3|North|homeless|no tested=9 expected=10
            2025-09-05 + M3|North|iep|no tested=9 expected=10
            2025-09-05 + M3|North|migrant|no tested=9 expected=10
            2025-09-05 + M3|North|military|no tested=9 expected=10
            2025-09-05 + M3|North|race_ethnicity|unknown tested=9 expected=10
            2025-09-05 + M3|North|s504|no tested=9 expected=10
            2025-09-07 - M3|North|all|all tested=9 expected=10
            2025-09-07 - M3|North|econ|no tested=9 expected=10
            2025-09-07 - M3|North|el|no tested=9 expected=10
            2025-09-07 - M3|North|foster|no tested=9 expected=10
            2025-09-07 - M3|North|gifted|no tested=9 expected=10
            2025-09-07 - M3|North|homeless|no tested=9 expected=10
            2025-09-07 - M3|North|iep|no tested=9 expected=10
            2025-09-07 - M3|North|migrant|no tested=9 expected=10
            2025-09-07 - M3|North|military|no tested=9 expected=10
            2025-09-07 - M3|North|race_ethnicity|unknown tested=9 expected=10
            2025-09-07 - M3|North|s504|no tested=9 expected=10
            2025-09-08 + M3|North|all|all tested=9 expected=10
            2025-09-08 + M3|North|econ|no tested=9 expected=10
            2025-09-08 + M3|North|el|no tested=9 expected=10
            2025-09-08 + M3|North|foster|no tested=9 expected=10
            2025-09-08 + M3|North|gifted|no tested=9 expected=10
            2025-09-08 + M3|North|homeless|no tested=9 expected=10
            2025-09-08 + M3|North|iep|no tested=9 expected=10
            2025-09-08 + M3|North|migrant|no tested=9 expected=10
            2025-09-08 + M3|North|military|no tested=9 expected=10
            2025-09-08 + M3|North|race_ethnicity|unknown tested=9 expected=10
            2025-09-08 + M3|North|s504|no tested=9 expected=10
            2025-09-09 - M3|North|all|all tested=9 expected=10
            2025-09-09 - M3|North|econ|no tested=9 expected=10
            2025-09-09 - M3|North|el|no tested=9 expected=10
            2025-09-09 - M3|North|foster|no tested=9 expected=10
            2025-09-09 - M3|North|gifted|no tested=9 expected=10
            2025-09-09 - M3|North|homeless|no tested=9 expected=10
            2025-09-09 - M3|North|iep|no tested=9 expected=10
            2025-09-09 - M3|North|migrant|no tested=9 expected=10
            2025-09-09 - M3|North|military|no tested=9 expected=10
            2025-09-09 - M3|North|race_ethnicity|unknown tested=9 expected=10
            2025-09-09 - M3|North|s504|no tested=9 expected=10
        "#]],
        );
    }
}
