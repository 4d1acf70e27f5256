//! `academic_session`: a school year, semester, term or grading period.

use crate::codes::SessionType;
use crate::{Date, Flaws, Interval, OrgId, Projection, SchoolYear, SessionId, Text};

table! {
    /// A school year, semester, term or grading period over [begin_date, end_date).
    AcademicSession "academic_session" key(session_id) of SessionId natural(school_id, school_year, title)
    watch(session_id: Id)
    {
        /// The session.
        session_id: SessionId ["academic_session_id", "term_id"],
        /// The school; empty for sessions of the whole district.
        school_id: Option<OrgId>,
        /// The school year, named by its spring.
        school_year: SchoolYear,
        /// Kind of session.
        session_type: SessionType,
        /// Title.
        title: Text,
        /// First day.
        begin_date: Date ["start_date"],
        /// First day after it ends (exclusive).
        end_date: Date,
        /// The session it is part of.
        parent_session_id: Option<SessionId>,
        /// School days within it.
        instructional_days: Option<i32>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<AcademicSession>,
    }
}

/// The days of a school's own school year.
impl Projection<OrgId, (SchoolYear, Interval)> for AcademicSession {
    fn project(&self, out: &mut impl FnMut(OrgId, (SchoolYear, Interval))) {
        if let (Some(school), SessionType::SchoolYear) = (self.school_id, self.session_type) {
            out(school, (self.school_year, Interval::new(self.begin_date, Some(self.end_date))));
        }
    }
}
