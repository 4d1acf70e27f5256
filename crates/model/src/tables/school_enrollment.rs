//! `school_enrollment`: membership of a student at a school: half-open interval [entry_date, exit_date).

use crate::codes::{EnrollmentStatus, EntryType, ExitType, Grade};
use crate::{CalendarId, Date, EnrollmentId, Fte, OrgId, SchoolYear, StudentId, Text};

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
        /// First day NOT in membership (exclusive); null = open; = entry_date means no-show.
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
