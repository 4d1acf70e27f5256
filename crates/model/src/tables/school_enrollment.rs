//! `school_enrollment`: membership of a student at a school: half-open interval [entry_date, exit_date).

use crate::codes::{EnrollmentStatus, EntryType, ExitType, Grade};
use crate::{CalendarId, Date, EnrollmentId, Fixed, Fte, Interval, OrgId, Projection, SchoolYear, StudentId, Text};

table! {
    /// Membership of a student at a school over the half-open interval [entry_date, exit_date).
    SchoolEnrollment "school_enrollment" key(enrollment_id) of EnrollmentId natural(student_id, school_id, entry_date)
    {
        /// Id of the enrollment.
        enrollment_id: EnrollmentId,
        /// The student.
        student_id: StudentId,
        /// The school.
        school_id: OrgId,
        /// The school year, named by its spring.
        school_year: SchoolYear,
        /// Grade of this enrollment.
        grade_level: Grade ["grade", "entry_grade_level"],
        /// First day of membership.
        entry_date: Date ["enter_date", "start_date"],
        /// How the student entered.
        entry_type: Option<EntryType>,
        /// First day not enrolled (exclusive); empty is open; equal to entry_date for a no-show.
        exit_date: Option<Date> ["exit_withdraw_date", "end_date"],
        /// Required when exit_date is set.
        exit_type: Option<ExitType>,
        /// Untranslated local code.
        exit_code_raw: Option<Text>,
        /// Its role among the enrollments of the student; primary by default.
        status: Option<EnrollmentStatus>,
        /// Share of full membership, 0 to 1; full by default.
        membership_fte: Option<Fte>,
        /// The calendar that counts its days.
        calendar_id: Option<CalendarId>,
        /// The district of residence.
        residence_org_id: Option<OrgId>,
        /// Whether the student was expected and never came.
        is_no_show: Option<bool>,
        /// Whether the grade is repeated.
        is_repeating: Option<bool>,
        /// Year of expected graduation.
        class_of: Option<i32>,
        /// Whether the source stated no dates and they were inferred.
        inferred: Option<bool>,
    }
}

/// An enrollment. The interval comes first, so a student's enrollments are in chronological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Enrollment {
    /// First day.
    pub entry_date: Date,
    /// First day no longer there.
    pub exit_date: Option<Date>,
    /// The enrollment.
    pub id: EnrollmentId,
    /// The school.
    pub school: OrgId,
    /// School year.
    pub school_year: SchoolYear,
    /// Grade.
    pub grade_level: Grade,
    /// How the student entered.
    pub entry_type: Option<EntryType>,
    /// Why the student left.
    pub exit_type: Option<ExitType>,
    /// Role among the student's enrollments.
    pub status: EnrollmentStatus,
    /// Share of full membership.
    pub membership_fte: Fte,
    /// Whether the student never came.
    pub is_no_show: bool,
    /// Whether the grade is repeated.
    pub is_repeating: bool,
}

impl Enrollment {
    /// The columns that views read.
    #[inline]
    pub fn of(row: &SchoolEnrollment) -> Enrollment {
        Enrollment {
            entry_date: row.entry_date,
            exit_date: row.exit_date,
            id: row.enrollment_id,
            school: row.school_id,
            school_year: row.school_year,
            grade_level: row.grade_level,
            entry_type: row.entry_type,
            exit_type: row.exit_type,
            status: row.status.unwrap_or(EnrollmentStatus::Primary),
            membership_fte: row.membership_fte.unwrap_or(Fixed(10_000)),
            is_no_show: row.is_no_show == Some(true),
            is_repeating: row.is_repeating == Some(true),
        }
    }

    /// The days of membership.
    #[inline]
    pub fn interval(&self) -> Interval {
        Interval::new(self.entry_date, self.exit_date)
    }

    /// Whether it is a membership that took place: not empty, not a no-show, not declared invalid.
    #[inline]
    pub fn counts(&self) -> bool {
        let void = matches!(self.exit_type, Some(ExitType::NoShow | ExitType::Invalid));
        !self.interval().is_empty() && !void && !self.is_no_show
    }

    /// Whether it is a primary membership that took place.
    #[inline]
    pub fn is_primary(&self) -> bool {
        self.status == EnrollmentStatus::Primary && self.counts()
    }
}

impl Projection<StudentId, Enrollment> for SchoolEnrollment {
    fn project(&self, out: &mut impl FnMut(StudentId, Enrollment)) {
        out(self.student_id, Enrollment::of(self));
    }
}
