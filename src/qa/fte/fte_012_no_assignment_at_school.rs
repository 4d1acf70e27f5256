//! Teaches a section without an assignment at that school.

use crate::model::{Field, Interval, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The teacher of record of a section has a current assignment at its school or at its parent organization.
    ///
    /// ## Why it matters
    /// The section is staffed by a person who does not work there, and submissions are rejected (CALPADS CERT047,
    /// CERT054).
    ///
    /// ## How to fix it
    /// Enter the assignment, or correct the teacher of the section.
    "FTE-012", "teaches a section without an assignment at that school", Error, ["school_id"],
    needs [Section, SectionStaff, StaffAssignment], among [SectionStaff], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for teaching in view.teaching.iter().filter(|teaching| teaching.is_of_record()) {
        let Some(school) = teaching.school else { continue };
        let there = view.assignments.iter().filter(|a| a.org == school || Some(a.org) == teaching.district);
        let mut assigned: Vec<Interval> = there.map(|a| a.interval).collect();
        date::union(&mut assigned);
        for gap in date::uncovered(teaching.interval, &assigned) {
            findings.during(Subject::SectionStaff(teaching.id), &[school.value()], gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn at_the_school_or_above_it() {
        let changes = "
            organization | org_id org_type parent_org_id
            2025-09-02 + North school D
            section | section_id school_id school_year session_ids
            2025-09-02 + C1 North 2026 Y
            section_staff | section_staff_id section_id staff_id role
            2025-09-02 + X1 C1 T1 teacher_of_record
            2025-09-02 + X2 C1 T2 assistant
            staff_assignment | assignment_id staff_id org_id begin_date end_date
            2025-09-02 + A1 T1 South 2025-08-20 .
            2025-09-03 + A2 T1 North 2025-09-05 2025-09-10
            2025-09-12 + A3 T1 D 2025-08-20 .
        ";
        check_rule(
            "FTE-012",
            changes,
            expect![[r#"
            2025-09-02 + X1 school_id=North
            2025-09-05 - X1 school_id=North
            2025-09-10 + X1 school_id=North
            2025-09-12 - X1 school_id=North
        "#]],
        );
    }
}
