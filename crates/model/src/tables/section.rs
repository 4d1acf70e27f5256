//! `section`: scheduled section (OneRoster class).

use crate::codes::{Delivery, Population, SectionType};
use crate::{CourseId, Flaws, Fte, Ids, OrgId, PeriodId, SchoolYear, SectionId, SessionId, Text};

table! {
    /// A scheduled section of a course (OneRoster class).
    Section "section" key(section_id) of SectionId
    {
        /// The section.
        section_id: SectionId,
        /// The course.
        course_id: CourseId ["course"],
        /// The school.
        school_id: OrgId,
        /// The school year, named by its spring.
        school_year: SchoolYear,
        /// The sessions it meets in.
        session_ids: Ids<SessionId> ["term_ids"],
        /// Title.
        title: Option<Text>,
        /// Kind of section; scheduled by default.
        section_type: Option<SectionType>,
        /// Bell periods.
        periods: Option<Ids<PeriodId>>,
        /// Room.
        room: Option<Text>,
        /// How it is delivered; in person by default.
        delivery: Option<Delivery>,
        /// Population it serves; general by default.
        population: Option<Population>,
        /// Seats.
        max_enrollment: Option<i32>,
        /// Credits, where they differ from the course's.
        credits: Option<Fte>,
        /// Whether it is in use; true by default.
        is_active: Option<bool>,
    }
    derived {
        /// What is wrong with its names and ids.
        flaws: Flaws = Flaws::of::<Section>,
    }
}
