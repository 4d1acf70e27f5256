//! `section`: scheduled section (OneRoster class).

use crate::codes::{Delivery, Population, SectionType};
use crate::{CourseId, Flaws, Fte, Ids, OrgId, PeriodId, Projection, SchoolYear, SectionId, SessionId, Text};

table! {
    /// A scheduled section of a course (OneRoster class).
    Section "section" key(section_id) of SectionId
    watch(section_id: Id)
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
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<Section>,
    }
}

/// The columns of a section that rules read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SectionFacts {
    /// The course.
    pub course: CourseId,
    /// The school.
    pub school: OrgId,
    /// School year.
    pub school_year: SchoolYear,
    /// Whether it is in use.
    pub is_active: bool,
    /// Population it serves.
    pub population: Population,
    /// Room.
    pub room: Option<Text>,
    /// Seats.
    pub max_enrollment: Option<i32>,
}

impl Projection<SectionId, SectionFacts> for Section {
    fn project(&self, out: &mut impl FnMut(SectionId, SectionFacts)) {
        let facts = SectionFacts {
            course: self.course_id,
            school: self.school_id,
            school_year: self.school_year,
            is_active: self.is_active != Some(false),
            population: self.population.unwrap_or(Population::General),
            room: self.room,
            max_enrollment: self.max_enrollment,
        };
        out(self.section_id, facts);
    }
}

/// The periods that a section meets in.
impl Projection<SectionId, PeriodId> for Section {
    fn project(&self, out: &mut impl FnMut(SectionId, PeriodId)) {
        self.periods.iter().flat_map(Ids::iter).for_each(|period| out(self.section_id, period));
    }
}

/// The school years for which a school has sections in use; once for each section.
impl Projection<OrgId, SchoolYear> for Section {
    fn project(&self, out: &mut impl FnMut(OrgId, SchoolYear)) {
        if self.is_active != Some(false) {
            out(self.school_id, self.school_year);
        }
    }
}
