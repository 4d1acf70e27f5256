//! `course`: a course of the catalog.

use crate::codes::{CourseLevel, Grade, Subject};
use crate::{Codes, CourseId, Flaws, Fte, OrgId, SchoolYear, Text};

table! {
    /// A course of the catalog.
    Course "course" key(course_id) of CourseId natural(org_id, course_code)
    watch(course_id: Id)
    {
        /// The course.
        course_id: CourseId,
        /// The district or school that offers it.
        org_id: OrgId,
        /// Local code of the course.
        course_code: Option<Text>,
        /// Title.
        title: Text,
        /// The subject.
        subject: Option<Subject>,
        /// State code / SCED.
        state_course_code: Option<Text>,
        /// Max available credits.
        credits: Option<Fte>,
        /// Level of the course.
        level: Option<CourseLevel>,
        /// Counts as core for early warning / on-track.
        is_core: Option<bool>,
        /// Grades it is meant for.
        grades: Codes<Grade>,
        /// The school year, named by its spring.
        school_year: Option<SchoolYear>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<Course>,
    }
}
