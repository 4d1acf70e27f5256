//! Whom a violation concerns: the student, staff member and school behind its subject, according to the current rows.

use crate::current::CurrentRows;
use crate::model::{Date, Id, Interval, OrgId, StaffId, StudentId, Subject};
use crate::views::student::Enrollment;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Whom a violation concerns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Concerned {
    /// The student.
    pub student: Option<StudentId>,
    /// The staff member.
    pub staff: Option<StaffId>,
    /// The school, or other organization.
    pub org: Option<OrgId>,
}

/// The current school or organization of students and staff, computed on first use.
pub(crate) struct Whereabouts<'a> {
    pub(super) current: &'a CurrentRows,
    day: Date,
    /// The persons to look up; `None` for everybody.
    only: Option<(BTreeSet<StudentId>, BTreeSet<StaffId>)>,
    school_of: OnceCell<BTreeMap<StudentId, OrgId>>,
    org_of: OnceCell<BTreeMap<StaffId, OrgId>>,
}

impl<'a> Whereabouts<'a> {
    /// As of a day.
    pub(crate) fn on(day: Date, current: &'a CurrentRows) -> Whereabouts<'a> {
        Whereabouts { current, day, only: None, school_of: OnceCell::new(), org_of: OnceCell::new() }
    }

    /// As of a day, for these persons only: looking up everybody for the sake of a few is slow in a large district.
    pub(crate) fn among(day: Date, current: &'a CurrentRows, of: &[Concerned]) -> Whereabouts<'a> {
        let students = of.iter().filter_map(|of| of.student).collect();
        let staff = of.iter().filter_map(|of| of.staff).collect();
        Whereabouts { only: Some((students, staff)), ..Whereabouts::on(day, current) }
    }

    /// The school of a student's primary enrollment; if there are several, the one whose id comes first.
    pub(super) fn school_of(&self, student: StudentId) -> Option<OrgId> {
        let all = self.school_of.get_or_init(|| {
            let texts = &self.current.texts;
            let mut school_of: BTreeMap<StudentId, OrgId> = BTreeMap::new();
            let wanted = |id: &StudentId| self.only.as_ref().is_none_or(|(students, _)| students.contains(id));
            for row in self.current.rows().school_enrollment.iter().flatten().filter(|row| wanted(&row.student_id)) {
                let enrollment = Enrollment::of(row);
                if enrollment.is_primary() && enrollment.interval().contains(self.day) {
                    let school = school_of.entry(row.student_id).or_insert(row.school_id);
                    if texts.text(row.school_id) < texts.text(*school) {
                        *school = row.school_id;
                    }
                }
            }
            school_of
        });
        all.get(&student).copied()
    }

    /// The organization of the assignment with the most FTE; if there are several, the one whose id comes first.
    pub(super) fn org_of(&self, staff: StaffId) -> Option<OrgId> {
        let all = self.org_of.get_or_init(|| {
            let texts = &self.current.texts;
            let mut most: BTreeMap<StaffId, (i32, OrgId)> = BTreeMap::new();
            let wanted = |id: &StaffId| self.only.as_ref().is_none_or(|(_, staff)| staff.contains(id));
            for row in self.current.rows().staff_assignment.iter().flatten().filter(|row| wanted(&row.staff_id)) {
                if Interval::new(row.begin_date, row.end_date).contains(self.day) {
                    let here = (row.fte.map_or(0, |fte| fte.0), row.org_id);
                    let best = most.entry(row.staff_id).or_insert(here);
                    let comes_first = texts.text(here.1) < texts.text(best.1);
                    if here.0 > best.0 || (here.0 == best.0 && comes_first) {
                        *best = here;
                    }
                }
            }
            most.into_iter().map(|(staff, (_, org))| (staff, org)).collect()
        });
        all.get(&staff).copied()
    }

    /// Whom a subject concerns.
    pub(crate) fn concerned(&self, subject: &Subject) -> Concerned {
        let rows = self.current.rows();
        let org = |org: OrgId| Concerned { org: Some(org), ..Concerned::default() };
        macro_rules! row {
            ($table:ident, $id:expr) => {
                rows.$table.get($id.index()).and_then(Option::as_ref)
            };
        }
        match *subject {
            Subject::Organization(id) | Subject::RoleAt(id, _) | Subject::Tested(_, id, _) => org(id),
            Subject::Student(id)
            | Subject::StudentIn(id, _)
            | Subject::StudentProgram(id, _)
            | Subject::StudentTest(id, _)
            | Subject::StudentTestYear(id, _, _) => self.student(id, None),
            Subject::StudentAt(id, school) => self.student(id, Some(school)),
            Subject::Enrollment(id) => row!(school_enrollment, id)
                .map_or_else(Concerned::default, |row| self.student(row.student_id, Some(row.school_id))),
            Subject::SectionEnrollment(id) => row!(section_enrollment, id).map_or_else(Concerned::default, |row| {
                self.student(row.student_id, row!(section, row.section_id).map(|section| section.school_id))
            }),
            Subject::Participation(id) => row!(program_participation, id)
                .map_or_else(Concerned::default, |row| self.student(row.student_id, row.school_id)),
            Subject::Result(id) => row!(assessment_result, id)
                .map_or_else(Concerned::default, |row| self.student(row.student_id, row.school_id)),
            Subject::Staff(id) | Subject::StaffPair(id, _) => self.staff(id, None),
            Subject::StaffAt(id, at, _) | Subject::StaffPeriod(id, at, _) => self.staff(id, Some(at)),
            Subject::StaffIn(id, section) => self.staff(id, row!(section, section).map(|section| section.school_id)),
            Subject::Assignment(id) => {
                row!(staff_assignment, id).map_or_else(Concerned::default, |row| self.staff(row.staff_id, Some(row.org_id)))
            }
            Subject::Credential(id) => {
                row!(credential, id).map_or_else(Concerned::default, |row| self.staff(row.staff_id, None))
            }
            Subject::SectionStaff(id) => row!(section_staff, id).map_or_else(Concerned::default, |row| {
                self.staff(row.staff_id, row!(section, row.section_id).map(|section| section.school_id))
            }),
            Subject::Section(id) => row!(section, id).map_or_else(Concerned::default, |row| org(row.school_id)),
            Subject::Session(id) => {
                Concerned { org: row!(academic_session, id).and_then(|row| row.school_id), ..Concerned::default() }
            }
            Subject::CalendarDay(id) => row!(calendar_day, id).map_or_else(Concerned::default, |row| org(row.school_id)),
            Subject::StateStaff(_)
            | Subject::StateStudent(_)
            | Subject::Match(_)
            | Subject::Login(_)
            | Subject::Natural(..)
            | Subject::Code(..)
            | Subject::Reference(..)
            | Subject::Source(_)
            | Subject::Fed(..)
            | Subject::Delivery(..)
            | Subject::File(..)
            | Subject::Row(..)
            | Subject::Column(..) => Concerned::default(),
        }
    }

    fn student(&self, id: StudentId, school: Option<OrgId>) -> Concerned {
        let org = school.or_else(|| self.school_of(id));
        Concerned { student: Some(id), staff: None, org }
    }

    fn staff(&self, id: StaffId, at: Option<OrgId>) -> Concerned {
        let org = at.or_else(|| self.org_of(id));
        Concerned { student: None, staff: Some(id), org }
    }
}
