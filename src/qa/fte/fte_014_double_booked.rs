//! Educator double booked.

use crate::model::codes::ClassroomRole;
use crate::model::{Date, Field, Interval, OrgId, PeriodId, Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::staff::{StaffView, Teaching};

rule! {
    /// ## What it checks
    /// Nobody teaches two sections of one school in the same period on the same day as teacher of record or co-teacher.
    /// Sections of one course in one room count as combined, because there is no list of combined sections in the data.
    /// A section meets from the beginning of its first session to the end of its last.
    ///
    /// ## Why it matters
    /// One of the two classes has no teacher, or the schedule is wrong.
    ///
    /// ## How to fix it
    /// Correct the period or the teacher.
    "FTE-014", "educator double booked", Error, ["from", "sections"], needs [Section, SectionStaff],
    among [Staff], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let teaches = |teaching: &&Teaching| {
        let in_charge = matches!(teaching.role, ClassroomRole::TeacherOfRecord | ClassroomRole::CoTeacher);
        in_charge && !teaching.interval.is_empty() && teaching.periods[0].is_some()
    };
    let mut booked: Vec<(OrgId, PeriodId, &Teaching)> = Vec::new();
    for teaching in view.teaching.iter().filter(teaches) {
        let Some(school) = teaching.school else { continue };
        booked.extend(teaching.periods.iter().flatten().map(|&period| (school, period, teaching)));
    }
    booked.sort_unstable_by_key(|&(school, period, teaching)| (school, period, teaching.interval, teaching.id));
    for same in booked.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|same| same.len() > 1) {
        let mut shared: Option<(Date, Option<Date>)> = None;
        let mut sections = Vec::new();
        for (place, &(_, _, one)) in same.iter().enumerate() {
            for &(_, _, other) in &same[place + 1..] {
                let both = one.interval.intersect(other.interval);
                let combined = one.course == other.course && one.room.is_some() && one.room == other.room;
                if one.section != other.section && !both.is_empty() && !combined {
                    let (from, until) = shared.unwrap_or((both.begin, both.end));
                    shared = Some((from.min(both.begin), until.zip(both.end).map(|(a, b)| a.max(b))));
                    sections.extend([one.section, other.section]);
                }
            }
        }
        if let Some((from, until)) = shared {
            sections.sort_unstable();
            sections.dedup();
            let evidence = [from.value(), Value::Int(sections.len() as i64)];
            let subject = Subject::StaffPeriod(view.id, same[0].0, same[0].1);
            findings.during(subject, &evidence, Interval::new(Date::MIN, until));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_rooms_in_one_period() {
        let changes = "
            academic_session | session_id school_id school_year begin_date end_date
            2025-09-02 + F North 2026 2025-08-20 2026-01-10
            2025-09-02 + S North 2026 2026-01-10 2026-06-10
            section | section_id course_id school_id school_year session_ids periods room
            2025-09-02 + C1 K1 North 2026 F 1 R1
            2025-09-02 + C2 K2 North 2026 F;S 2;1 R2
            2025-09-02 + C3 K1 North 2026 F 1 R1
            2025-09-02 + C4 K1 North 2026 S 3 R1
            section_staff | section_staff_id section_id staff_id role
            2025-09-02 + X1 C1 T1 teacher_of_record
            2025-09-02 + X3 C3 T1 co_teacher
            2025-09-02 + X5 C1 T2 assistant
            2025-09-02 + X6 C2 T2 assistant
            2025-09-03 + X2 C2 T1 teacher_of_record
            2025-09-03 + X4 C4 T1 teacher_of_record
            2025-09-04 - X3
            2026-01-12 - X4
            section | section_id course_id school_id school_year session_ids periods room
            2026-01-13 + C5 K1 North 2026 S 8 R5
            2026-01-13 + C6 K1 North 2026 S 8 R6
            2026-01-13 + C7 K1 North 2026 S 9 R7
            2026-01-13 + C8 K2 North 2026 S 9 R7
            section_staff | section_staff_id section_id staff_id role
            2026-01-14 + X7 C5 T3 teacher_of_record
            2026-01-14 + X8 C6 T3 teacher_of_record
            2026-01-15 + X9 C7 T4 teacher_of_record
            2026-01-15 + X10 C8 T4 teacher_of_record
        ";
        check_rule(
            "FTE-014",
            changes,
            expect![[r#"
                2025-09-03 + T1|North|1 from=2025-08-20 sections=3
                2025-09-04 + T1|North|1 from=2025-08-20 sections=2
                2025-09-04 - T1|North|1 from=2025-08-20 sections=3
                2026-01-10 - T1|North|1 from=2025-08-20 sections=2
                2026-01-14 + T3|North|8 from=2026-01-10 sections=2
                2026-01-15 + T4|North|9 from=2026-01-10 sections=2
            "#]],
        );
    }
}
