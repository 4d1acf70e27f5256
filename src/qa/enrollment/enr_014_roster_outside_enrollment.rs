//! Section roster outside the school enrollment.

use crate::model::{Field, Interval, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::student::{Enrollment, StudentView};

rule! {
    /// ## What it checks
    /// On every day of a class enrollment, the student is enrolled at the school of the section. Class enrollments are
    /// limited to the days of the section; dropped ones are ignored. The violation is open until it is corrected or the
    /// school year of the section ends.
    ///
    /// ## Why it matters
    /// Grades, attendance and course reports of the student have no matching enrollment (CALPADS CERT098).
    ///
    /// ## How to fix it
    /// End the class enrollment with the school enrollment, or correct the school enrollment.
    "ENR-014", "section roster outside the school enrollment", Error, ["from", "until"],
    needs [SchoolEnrollment, Section, SectionEnrollment], among [SectionEnrollment], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for roster in view.rosters.iter().filter(|roster| roster.counts()) {
        let there = view.enrollments.iter().filter(|e| Some(e.school) == roster.school && e.counts());
        let mut enrolled: Vec<Interval> = there.map(Enrollment::interval).collect();
        // Nearly every class enrollment is within one school enrollment.
        let covers = |e: &Interval| e.intersect(roster.interval) == roster.interval;
        if enrolled.iter().any(covers) {
            continue;
        }
        date::union(&mut enrolled);
        if let (Some(gap), Some(year)) = (date::uncovered(roster.interval, &enrolled).first(), roster.school_year) {
            let evidence = [gap.begin.value(), gap.end.value()];
            findings.during(Subject::SectionEnrollment(roster.id), &evidence, Interval::until(year.end()));
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
            section | section_id school_id school_year session_ids
            2025-09-02 + C1 North 2026 F
            academic_session | session_id school_id school_year begin_date end_date
            2025-09-02 + F North 2026 2025-08-20 2026-01-10
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-08-10 2026-06-10 end_of_year
            2025-09-02 + E4 S4 South 2025-08-10 2026-06-10 end_of_year
            section_enrollment | section_enrollment_id student_id section_id begin_date end_date is_dropped
            2025-09-02 + R1 S1 C1 . . .
            2025-09-02 + R2 S2 C1 2025-08-25 . .
            2025-09-02 + R3 S3 C1 2025-08-25 . true
            2025-09-02 + R4 S4 C1 2025-08-25 . .
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-03 + E1 S1 North 2025-08-10 2025-12-01 dropout
            2025-09-04 + E2 S1 North 2025-12-01 . .
            2026-07-02 - E2
        ";
        check_rule(
            "ENR-014",
            changes,
            expect![[r#"
                2025-09-02 + R2 from=2025-08-25 until=2026-01-10
                2025-09-02 + R4 from=2025-08-25 until=2026-01-10
                2025-09-03 + R1 from=2025-12-01 until=2026-01-10
                2025-09-04 - R1 from=2025-12-01 until=2026-01-10
                2026-07-01 - R2 from=2025-08-25 until=2026-01-10
                2026-07-01 - R4 from=2025-08-25 until=2026-01-10
            "#]],
        );
    }
}
