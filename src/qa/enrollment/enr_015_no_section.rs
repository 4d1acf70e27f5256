//! Enrolled with no section.

use crate::model::{Field, Interval, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// Every student who is currently enrolled at a school with sections in the current school year has a class
    /// enrollment there at some time during the enrollment. Ten instructional days may pass after the entry or, without
    /// a calendar, 14 days. Only primary enrollments are checked.
    ///
    /// ## Why it matters
    /// The student has no schedule: no attendance, no grades, no teacher (CALPADS CERT099).
    ///
    /// ## How to fix it
    /// Schedule the student, or end the enrollment of a student who never came.
    "ENR-015", "enrolled with no section", Warning, ["school_id"],
    needs [SchoolEnrollment, Section, SectionEnrollment], among [SchoolEnrollment], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for enrollment in view.enrollments.iter().filter(|enrollment| enrollment.is_primary()) {
        let Some(due) = view.schooling_of(enrollment).and_then(|schooling| schooling.roster_due) else { continue };
        let days = enrollment.interval();
        let there = |school| school == Some(enrollment.school);
        let mut rosters = view.rosters.iter().filter(|roster| roster.counts() && there(roster.school));
        if !rosters.any(|roster| !roster.interval.intersect(days).is_empty()) {
            let holds = Interval::new(due, enrollment.exit_date);
            findings.during(Subject::Enrollment(enrollment.id), &[enrollment.school.value()], holds);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn without_a_calendar_two_weeks_pass() {
        let changes = "
            section | section_id school_id school_year session_ids
            2025-09-02 + C1 North 2026 Y
            school_enrollment | enrollment_id student_id school_id school_year entry_date
            2025-09-02 + E1 S1 North 2026 2025-08-25
            2025-09-02 + E2 S2 South 2026 2025-08-25
            2025-09-02 + E3 S3 North 2025 2025-08-25
            2025-09-02 + E4 S4 North 2026 2025-08-25
            section_enrollment | section_enrollment_id student_id section_id
            2025-09-10 + R1 S1 C1
            section_enrollment | section_enrollment_id student_id section_id is_dropped
            2025-09-10 + R4 S4 C1 true
            section | section_id school_id school_year session_ids is_active
            2025-09-11 + C1 North 2026 Y false
            2025-09-12 + C2 North 2026 Y .
        ";
        check_rule(
            "ENR-015",
            changes,
            expect![[r#"
                2025-09-08 + E1 school_id=North
                2025-09-08 + E4 school_id=North
                2025-09-10 - E1 school_id=North
                2025-09-11 - E4 school_id=North
                2025-09-12 + E1 school_id=North
                2025-09-12 + E4 school_id=North
            "#]],
        );
    }

    #[test]
    fn with_a_calendar_ten_days_of_instruction() {
        let changes = "
            section | section_id school_id school_year session_ids
            2025-09-02 + C1 North 2026 Y
            calendar_day | calendar_id date school_id school_year is_instructional
            2025-09-02 + K 2025-09-01 North 2026 false
            2025-09-02 + K 2025-09-02 North 2026 true
            2025-09-02 + K 2025-09-03 North 2026 true
            2025-09-02 + K 2025-09-04 North 2026 true
            2025-09-02 + K 2025-09-05 North 2026 true
            2025-09-02 + K 2025-09-08 North 2026 true
            2025-09-02 + K 2025-09-09 North 2026 true
            2025-09-02 + K 2025-09-10 North 2026 true
            2025-09-02 + K 2025-09-11 North 2026 true
            2025-09-02 + K 2025-09-12 North 2026 true
            2025-09-02 + K 2025-09-15 North 2026 true
            2025-09-02 + K 2025-09-16 North 2026 true
            school_enrollment | enrollment_id student_id school_id school_year entry_date calendar_id
            2025-09-02 + E1 S1 North 2026 2025-09-01 .
            2025-09-02 + E2 S2 North 2026 2025-09-03 .
            2025-09-02 + E3 S3 North 2026 2025-09-01 other
            calendar_day | calendar_id date school_id school_year is_instructional
            2025-09-20 + K 2025-09-17 North 2026 true
        ";
        check_rule(
            "ENR-015",
            changes,
            expect![[r#"
            2025-09-15 + E3 school_id=North
            2025-09-16 + E1 school_id=North
            2025-09-20 + E2 school_id=North
        "#]],
        );
    }
}
