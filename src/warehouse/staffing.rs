//! Staffing: students and full-time equivalents of a school or the district on the day reached. Sums, so that one
//! student moving costs one addition and one subtraction, however large the school.

use super::staff_file::{StaffFile, is_teacher};
use super::student_file::StudentFile;
use crate::dataflow::tally;
use crate::model::{Interval, OrgId, date};
use serde::{Deserialize, Serialize};

/// Where students and staff are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// Everywhere.
    District,
    /// At one organization.
    Organization(OrgId),
}

tally! {
    /// Students and staff of a place.
    pub struct Staffing {
        /// Students with an active primary enrollment, each once.
        headcount: i64,
        /// Membership of active primary enrollments, in 1/10,000.
        membership_fte: i64,
        /// Active assignments as a teacher, in 1/10,000.
        teacher_fte: i64,
        /// All active assignments, in 1/10,000.
        staff_fte: i64,
    }
}

/// What a student adds, and when.
pub fn of_student(file: &StudentFile<'_>, out: &mut impl FnMut(Place, Staffing, Interval)) {
    let one = Staffing { headcount: 1, ..Staffing::default() };
    let mut primary = file.enrollments.iter().filter(|e| e.is_primary());
    // Nearly every file has a few enrollments at one or two schools, one after the other.
    if let (Some(only), None) = (primary.next(), primary.next()) {
        let fte = Staffing { membership_fte: only.membership_fte.0.into(), ..one };
        out(Place::District, fte, only.interval());
        out(Place::Organization(only.school), fte, only.interval());
        return;
    }
    let mut schools: Vec<(OrgId, Interval)> = Vec::new();
    let mut anywhere: Vec<Interval> = Vec::new();
    for enrollment in file.enrollments.iter().filter(|e| e.is_primary()) {
        schools.push((enrollment.school, enrollment.interval()));
        anywhere.push(enrollment.interval());
        let fte = Staffing { membership_fte: enrollment.membership_fte.0.into(), ..Staffing::default() };
        out(Place::District, fte, enrollment.interval());
        out(Place::Organization(enrollment.school), fte, enrollment.interval());
    }
    schools.sort_unstable();
    for at_school in schools.chunk_by(|a, b| a.0 == b.0) {
        let mut intervals: Vec<Interval> = at_school.iter().map(|(_, interval)| *interval).collect();
        date::union(&mut intervals);
        intervals.into_iter().for_each(|interval| out(Place::Organization(at_school[0].0), one, interval));
    }
    date::union(&mut anywhere);
    anywhere.into_iter().for_each(|interval| out(Place::District, one, interval));
}

/// What a member of staff adds, and when.
pub fn of_staff(file: &StaffFile<'_>, out: &mut impl FnMut(Place, Staffing, Interval)) {
    for assignment in file.assignments {
        let fte = assignment.fte.map_or(0, |fte| i64::from(fte.0));
        if fte == 0 || assignment.interval.is_empty() {
            continue;
        }
        let teacher_fte = if is_teacher(assignment.role) { fte } else { 0 };
        let staffing = Staffing { teacher_fte, staff_fte: fte, ..Staffing::default() };
        out(Place::District, staffing, assignment.interval);
        out(Place::Organization(assignment.org), staffing, assignment.interval);
    }
}
