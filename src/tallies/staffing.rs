//! Staffing: current students, staff and sections of a school or the district, as sums: one student moving costs one
//! addition and one subtraction, however large the school. A future change waits as a small [`Measure`] and is added on its
//! day.

use super::{Add, Tallied};
use crate::dataflow::{Diff, tally};
use crate::model::codes::{OpStatus, OrgType, StaffRole};
use crate::model::{Date, Fixed, Interval, OrgId, Settings, Texts, date};
use crate::views::school::SchoolView;
use crate::views::section::SectionView;
use crate::views::staff::{Assignment, StaffView, is_teacher};
use crate::views::student::StudentView;
use serde::{Deserialize, Serialize};

/// The scope of a staffing sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrgScope {
    /// The whole district.
    District,
    /// One organization.
    Organization(OrgId),
}

/// A group of roles for staffing, besides teachers (combined NCES CCD staff categories).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Role {
    /// Guidance counselors.
    Counselor,
    /// Nurses.
    Nurse,
    /// Librarians.
    Librarian,
    /// Psychologists.
    Psychologist,
    /// Instructional paraprofessionals.
    Para,
    /// Principals, superintendents, their assistants and other administrators.
    Admin,
}

impl Role {
    /// Every group.
    pub const ALL: [Role; 6] = [Role::Counselor, Role::Nurse, Role::Librarian, Role::Psychologist, Role::Para, Role::Admin];
    /// The groups with standards.
    pub const WITH_STANDARDS: [Role; 4] = [Role::Counselor, Role::Nurse, Role::Librarian, Role::Psychologist];

    /// The group of a role.
    pub fn of(role: StaffRole) -> Option<Role> {
        match role {
            StaffRole::Counselor => Some(Role::Counselor),
            StaffRole::Nurse => Some(Role::Nurse),
            StaffRole::Librarian => Some(Role::Librarian),
            StaffRole::Psychologist => Some(Role::Psychologist),
            StaffRole::ParaInstructional => Some(Role::Para),
            StaffRole::Principal
            | StaffRole::AssistantPrincipal
            | StaffRole::Superintendent
            | StaffRole::AssistantSuperintendent
            | StaffRole::LeaAdmin => Some(Role::Admin),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        ["counselor", "nurse", "librarian", "psychologist", "para", "administrator"][self as usize]
    }

    /// The role used for a group with standards.
    pub const fn staff_role(self) -> StaffRole {
        match self {
            Role::Counselor => StaffRole::Counselor,
            Role::Nurse => StaffRole::Nurse,
            Role::Librarian => StaffRole::Librarian,
            Role::Psychologist => StaffRole::Psychologist,
            Role::Para => StaffRole::ParaInstructional,
            Role::Admin => StaffRole::LeaAdmin,
        }
    }
}

/// The contribution of a person or section to a scope on some days. FTE are in 1/10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Measure {
    /// A student with this membership.
    Student(i32),
    /// A student, without membership.
    Headcount,
    /// Membership, without the student.
    Membership(i32),
    /// An assignment of a non-teacher.
    Staff(Option<Role>, i32),
    /// A teacher's assignment.
    Teacher(i32),
    /// A teacher's assignment on days on which the teacher is fully certified.
    Certified(i32),
    /// A teacher's assignment on days on which the teacher has an emergency, provisional or intern credential or a waiver.
    Emergency(i32),
    /// A teacher's assignment on days on which the teacher teaches some section out of field.
    OutOfField(i32),
    /// A teacher's assignment in the first or second year of experience.
    Inexperienced(i32),
    /// A section.
    Section,
    /// A student in a section.
    Seat,
    /// The school is open.
    Open,
    /// The staffing standard of a role; 0 for none.
    Standard {
        /// The role.
        role: Role,
        /// Minimum FTE.
        min_fte: i32,
        /// Maximum students per FTE, in 1/10,000.
        max_students: i32,
    },
    /// An economically disadvantaged student.
    Econ,
}

tally! {
    /// Students, staff and sections of a scope. FTE are in 1/10,000.
    pub struct Staffing {
        /// Students with an active primary enrollment, each once.
        headcount: i64,
        /// Membership of active primary enrollments.
        membership_fte: i64,
        /// Those of the students who are economically disadvantaged.
        econ: i64,
        /// Active assignments as a teacher.
        teacher_fte: i64,
        /// All active assignments.
        staff_fte: i64,
        /// The number of active assignments.
        assignments: i64,
        /// Guidance counselors.
        counselor_fte: i64,
        /// Nurses.
        nurse_fte: i64,
        /// Librarians.
        librarian_fte: i64,
        /// Psychologists.
        psychologist_fte: i64,
        /// Instructional paraprofessionals.
        para_fte: i64,
        /// Administrators.
        admin_fte: i64,
        /// Teachers who are fully certified.
        certified_fte: i64,
        /// Teachers with only an emergency, provisional or intern credential or a waiver.
        emergency_fte: i64,
        /// Teachers who teach some section out of field.
        out_of_field_fte: i64,
        /// Teachers in their first or second year.
        inexperienced_fte: i64,
        /// Active sections of this school year.
        sections: i64,
        /// Current class enrollments of all sections.
        seats: i64,
        /// 1 for a school that is open.
        open: i64,
        /// Minimum FTE of counselors.
        counselor_min: i64,
        /// Maximum students per counselor, in 1/10,000; 0 for no limit, also below.
        counselor_max: i64,
        /// Minimum FTE of nurses.
        nurse_min: i64,
        /// Maximum students per nurse.
        nurse_max: i64,
        /// Minimum FTE of librarians.
        librarian_min: i64,
        /// Maximum students per librarian.
        librarian_max: i64,
        /// Minimum FTE of psychologists.
        psychologist_min: i64,
        /// Maximum students per psychologist.
        psychologist_max: i64,
    }
}

impl Staffing {
    /// FTE of a group of roles.
    pub fn role_fte(&self, role: Role) -> i64 {
        match role {
            Role::Counselor => self.counselor_fte,
            Role::Nurse => self.nurse_fte,
            Role::Librarian => self.librarian_fte,
            Role::Psychologist => self.psychologist_fte,
            Role::Para => self.para_fte,
            Role::Admin => self.admin_fte,
        }
    }

    /// Minimum FTE and maximum students per FTE in 1/10,000 of a role's standard; 0 for none.
    pub fn standard(&self, role: Role) -> (i64, i64) {
        match role {
            Role::Counselor => (self.counselor_min, self.counselor_max),
            Role::Nurse => (self.nurse_min, self.nurse_max),
            Role::Librarian => (self.librarian_min, self.librarian_max),
            Role::Psychologist => (self.psychologist_min, self.psychologist_max),
            Role::Para | Role::Admin => (0, 0),
        }
    }

    /// Whether there are students, staff or sections; a scope may have only standards.
    pub fn is_used(&self) -> bool {
        let Staffing { headcount, membership_fte, staff_fte, assignments, sections, seats, .. } = *self;
        [headcount, membership_fte, self.teacher_fte, staff_fte, assignments, sections, seats] != [0; 7]
            || Role::ALL.iter().any(|&role| self.role_fte(role) != 0)
    }
}

impl Tallied for Staffing {
    type Grain = OrgScope;
    type Measure = Measure;

    fn of(measure: Measure, times: Diff) -> Staffing {
        let times = i64::from(times);
        let mut sum = Staffing::default();
        match measure {
            Measure::Student(fte) => (sum.headcount, sum.membership_fte) = (times, times * i64::from(fte)),
            Measure::Headcount => sum.headcount = times,
            Measure::Membership(fte) => sum.membership_fte = times * i64::from(fte),
            Measure::Staff(role, fte) => {
                let fte = times * i64::from(fte);
                (sum.staff_fte, sum.assignments) = (fte, times);
                match role {
                    Some(Role::Counselor) => sum.counselor_fte = fte,
                    Some(Role::Nurse) => sum.nurse_fte = fte,
                    Some(Role::Librarian) => sum.librarian_fte = fte,
                    Some(Role::Psychologist) => sum.psychologist_fte = fte,
                    Some(Role::Para) => sum.para_fte = fte,
                    Some(Role::Admin) => sum.admin_fte = fte,
                    None => {}
                }
            }
            Measure::Teacher(fte) => {
                let fte = times * i64::from(fte);
                (sum.teacher_fte, sum.staff_fte, sum.assignments) = (fte, fte, times);
            }
            Measure::Certified(fte) => sum.certified_fte = times * i64::from(fte),
            Measure::Emergency(fte) => sum.emergency_fte = times * i64::from(fte),
            Measure::OutOfField(fte) => sum.out_of_field_fte = times * i64::from(fte),
            Measure::Inexperienced(fte) => sum.inexperienced_fte = times * i64::from(fte),
            Measure::Section => sum.sections = times,
            Measure::Seat => sum.seats = times,
            Measure::Open => sum.open = times,
            Measure::Econ => sum.econ = times,
            Measure::Standard { role, min_fte, max_students } => {
                let (min, max) = (times * i64::from(min_fte), times * i64::from(max_students));
                match role {
                    Role::Counselor => (sum.counselor_min, sum.counselor_max) = (min, max),
                    Role::Nurse => (sum.nurse_min, sum.nurse_max) = (min, max),
                    Role::Librarian => (sum.librarian_min, sum.librarian_max) = (min, max),
                    Role::Psychologist => (sum.psychologist_min, sum.psychologist_max) = (min, max),
                    Role::Para | Role::Admin => {}
                }
            }
        }
        sum
    }

    fn keys(scope: &OrgScope, texts: &Texts) -> Vec<String> {
        match scope {
            OrgScope::District => vec![String::new()],
            OrgScope::Organization(org) => vec![texts.text(*org).to_owned()],
        }
    }

    fn of_student(view: &StudentView<'_>, _: &Settings, add: Add<'_, Staffing>) {
        let mut primary = view.enrollments.iter().filter(|e| e.is_primary());
        let econ: Vec<Interval> = {
            let of = view.statuses.iter().filter(|status| status.group == Some(super::demographics::Group::Econ));
            let mut days: Vec<Interval> = of.map(|status| status.interval).collect();
            date::union(&mut days);
            days
        };
        let within_econ = |interval: Interval| {
            let both = econ.iter().map(move |days| days.intersect(interval));
            both.filter(|both| !both.is_empty()).collect::<Vec<_>>()
        };
        // Nearly every student has a few enrollments at one or two schools, one after another.
        if let (Some(only), None) = (primary.next(), primary.next()) {
            for place in [OrgScope::District, OrgScope::Organization(only.school)] {
                within_econ(only.interval()).into_iter().for_each(|days| add(place, Measure::Econ, days, 1));
                add(place, Measure::Student(only.membership_fte.0), only.interval(), 1);
            }
            return;
        }
        let mut schools: Vec<(OrgId, Interval)> = Vec::new();
        let mut anywhere: Vec<Interval> = Vec::new();
        for enrollment in view.enrollments.iter().filter(|e| e.is_primary()) {
            schools.push((enrollment.school, enrollment.interval()));
            anywhere.push(enrollment.interval());
        }
        schools.sort_unstable();
        let mut heads: Vec<(OrgScope, Interval)> = Vec::new();
        for at_school in schools.chunk_by(|a, b| a.0 == b.0) {
            let mut intervals: Vec<Interval> = at_school.iter().map(|(_, interval)| *interval).collect();
            date::union(&mut intervals);
            heads.extend(intervals.into_iter().map(|interval| (OrgScope::Organization(at_school[0].0), interval)));
        }
        date::union(&mut anywhere);
        heads.extend(anywhere.into_iter().map(|interval| (OrgScope::District, interval)));
        for &(place, interval) in &heads {
            within_econ(interval).into_iter().for_each(|days| add(place, Measure::Econ, days, 1));
        }
        for enrollment in view.enrollments.iter().filter(|e| e.is_primary()) {
            for place in [OrgScope::District, OrgScope::Organization(enrollment.school)] {
                // An enrollment that merges with no other counts headcount and membership at once.
                let head = (place, enrollment.interval());
                match heads.iter().position(|&of| of == head) {
                    Some(found) => {
                        heads.swap_remove(found);
                        add(place, Measure::Student(enrollment.membership_fte.0), head.1, 1);
                    }
                    None => add(place, Measure::Membership(enrollment.membership_fte.0), head.1, 1),
                }
            }
        }
        heads.into_iter().for_each(|(place, interval)| add(place, Measure::Headcount, interval, 1));
    }

    fn of_staff(view: &StaffView<'_>, _: &Settings, add: Add<'_, Staffing>) {
        let teaches = view.assignments.iter().any(|assignment| is_teacher(assignment.role));
        let full = if teaches { view.certified(|credential| credential.is_full()) } else { Vec::new() };
        let any = if teaches { view.certified(|_| true) } else { Vec::new() };
        let out_of_field = if teaches {
            let mut days: Vec<Interval> = view.teaching.iter().flat_map(|teaching| view.out_of_field(teaching)).collect();
            date::union(&mut days);
            days
        } else {
            Vec::new()
        };
        // Years are in 1/10,000, like FTE: below two are the first and second year.
        let inexperienced = view.years_experience.is_some_and(|years| years < Fixed(20_000));
        for Assignment { interval, org, role, fte, .. } in view.assignments.iter().filter(|a| !a.interval.is_empty()) {
            let fte = fte.map_or(0, |fte| fte.0);
            for place in [OrgScope::District, OrgScope::Organization(*org)] {
                if !is_teacher(*role) {
                    add(place, Measure::Staff(Role::of(*role), fte), *interval, 1);
                    continue;
                }
                add(place, Measure::Teacher(fte), *interval, 1);
                if fte == 0 {
                    continue;
                }
                let mut within = |days: &[Interval], measure: Measure| {
                    for both in days.iter().map(|days| days.intersect(*interval)).filter(|both| !both.is_empty()) {
                        add(place, measure, both, 1);
                    }
                };
                within(&full, Measure::Certified(fte));
                let only_emergency: Vec<Interval> = any.iter().flat_map(|&days| date::uncovered(days, &full)).collect();
                within(&only_emergency, Measure::Emergency(fte));
                within(&out_of_field, Measure::OutOfField(fte));
                if inexperienced {
                    within(&[Interval::new(Date::MIN, None)], Measure::Inexperienced(fte));
                }
            }
        }
    }

    fn of_section(view: &SectionView<'_>, _: &Settings, add: Add<'_, Staffing>) {
        let Some(section) = view.section.filter(|section| section.is_active) else { return };
        let year = Interval::new(section.school_year.begin(), Some(section.school_year.end()));
        let seats = view.seats();
        for place in [OrgScope::District, OrgScope::Organization(section.school)] {
            add(place, Measure::Section, year, 1);
            for seats in &seats {
                add(place, Measure::Seat, seats.holds, seats.students as i32);
            }
        }
    }

    /// That it is open, and its standards.
    fn of_school(view: &SchoolView<'_>, settings: &Settings, add: Add<'_, Staffing>) {
        let Some(organization) = view.organization else { return };
        if organization.org_type != OrgType::School {
            return;
        }
        let place = OrgScope::Organization(view.id);
        if matches!(organization.status, None | Some(OpStatus::Active | OpStatus::New | OpStatus::Reopened)) {
            let open = Interval::new(organization.open_date.unwrap_or(Date::MIN), organization.close_date);
            add(place, Measure::Open, open, 1);
        }
        for piece in view.standard_pieces() {
            for role in Role::WITH_STANDARDS {
                let of_role =
                    |own: bool| view.standards_on(piece.begin, own).filter(move |s| Role::of(s.role) == Some(role));
                let own = of_role(true).next().is_some();
                let mut least = None;
                let mut most = None;
                let mut any = false;
                for standard in of_role(own) {
                    any = true;
                    // Standards that are not above zero do not apply.
                    least = least.max(standard.min_fte.map(|fte| fte.0).filter(|fte| *fte > 0));
                    let of = standard.max_students_per_fte.map(|most| most.0).filter(|most| *most > 0);
                    most = most.into_iter().chain(of).min();
                }
                if !any && role == Role::Counselor {
                    most = Some(settings.students_per_counselor_max.0);
                }
                if least.is_some() || most.is_some() {
                    let (min_fte, max_students) = (least.unwrap_or(0), most.unwrap_or(0));
                    add(place, Measure::Standard { role, min_fte, max_students }, piece, 1);
                }
            }
        }
    }
}
