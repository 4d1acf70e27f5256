//! Section without teacher of record.

use crate::model::codes::ClassroomRole;
use crate::model::{Interval, Settings, Subject, Value, date};
use crate::qa::{Findings, rule};
use crate::views::section::SectionView;

rule! {
    /// ## What it checks
    /// A section in use with current class enrollments currently has a teacher of record.
    ///
    /// ## Why it matters
    /// Nobody is responsible for the class, and course submissions are rejected.
    ///
    /// ## How to fix it
    /// Enter the teacher, or end the class enrollments.
    "ENR-018", "section without teacher of record", Error, ["students"],
    needs [Section, SectionStaff, SectionEnrollment], among [Section], Section(check)
}

fn check(view: &SectionView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let of_record = view.staff.iter().filter(|staff| staff.role == ClassroomRole::TeacherOfRecord);
    let mut taught: Vec<Interval> = of_record.map(|staff| staff.interval).collect();
    // Nearly every section has a teacher of record on all of its days.
    if taught.contains(&view.days) {
        return;
    }
    date::union(&mut taught);
    for seats in view.seats() {
        for gap in date::uncovered(seats.holds, &taught) {
            findings.during(Subject::Section(view.id), &[Value::Int(seats.students)], gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_teacher_leaves() {
        let changes = "
            section | section_id school_id school_year session_ids
            2025-09-02 + C1 North 2026 Y
            section_enrollment | section_enrollment_id student_id section_id begin_date end_date
            2025-09-02 + R1 S1 C1 . .
            2025-09-02 + R2 S2 C1 2025-09-05 .
            2025-09-02 + R3 S2 C1 2025-09-05 2025-09-20
            section_staff | section_staff_id section_id staff_id role begin_date end_date
            2025-09-02 + X1 C1 T1 teacher_of_record . 2025-09-04
            2025-09-02 + X2 C1 T2 assistant . .
            2025-09-08 + X2 C1 T2 teacher_of_record . .
            section | section_id school_id school_year session_ids is_active
            2025-09-09 + C1 North 2026 Y false
        ";
        check_rule(
            "ENR-018",
            changes,
            expect![[r#"
            2025-09-04 + C1 students=1
            2025-09-05 + C1 students=2
            2025-09-05 - C1 students=1
            2025-09-08 - C1 students=2
        "#]],
        );
    }
}
