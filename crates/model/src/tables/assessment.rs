//! `assessment`: assessment metadata, one row per assessment, subject and administration.

use crate::codes::{AssessmentCategory, AssessmentPeriod, Grade, ScoreType, Subject};
use crate::{AssessmentId, Codes, Date, Flaws, Projection, SchoolYear, Score, Text};

table! {
    /// An assessment: one row per assessment, subject and administration.
    Assessment "assessment" key(assessment_id) of AssessmentId
    watch(assessment_id: Id)
    {
        /// The assessment.
        assessment_id: AssessmentId,
        /// Family of assessments with comparable scores.
        family: Option<Text>,
        /// Title.
        title: Text,
        /// The subject.
        subject: Subject,
        /// Kind of assessment.
        category: AssessmentCategory,
        /// Testing window within the year.
        period: Option<AssessmentPeriod>,
        /// The school year, named by its spring.
        school_year: Option<SchoolYear>,
        /// First day of the testing window.
        window_begin: Option<Date>,
        /// First day after the testing window.
        window_end: Option<Date>,
        /// Grades it is meant for.
        grades: Codes<Grade>,
        /// Minimum score.
        score_min: Option<Score>,
        /// Maximum score.
        score_max: Option<Score>,
        /// Type of its scores.
        score_type: Option<ScoreType>,
        /// Counts for participation and proficiency.
        is_accountability: Option<bool>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<Assessment>,
    }
}

/// The columns of an assessment that results and tests read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct AssessmentFacts {
    /// Whether it counts for accountability.
    pub is_accountability: bool,
    /// Minimum score.
    pub score_min: Option<Score>,
    /// Maximum score.
    pub score_max: Option<Score>,
    /// Type of its scores.
    pub score_type: Option<ScoreType>,
    /// Family of assessments with comparable scores.
    pub family: Option<Text>,
    /// The subject.
    pub subject: Subject,
    /// Kind of assessment.
    pub category: AssessmentCategory,
    /// School year.
    pub school_year: Option<SchoolYear>,
    /// First day of the window.
    pub window_begin: Option<Date>,
    /// First day after the window.
    pub window_end: Option<Date>,
    /// Grades that are tested.
    pub grades: Codes<Grade>,
}

impl Projection<AssessmentId, AssessmentFacts> for Assessment {
    fn project(&self, out: &mut impl FnMut(AssessmentId, AssessmentFacts)) {
        let facts = AssessmentFacts {
            is_accountability: self.is_accountability == Some(true),
            score_min: self.score_min,
            score_max: self.score_max,
            score_type: self.score_type,
            family: self.family,
            subject: self.subject,
            category: self.category,
            school_year: self.school_year,
            window_begin: self.window_begin,
            window_end: self.window_end,
            grades: self.grades,
        };
        out(self.assessment_id, facts);
    }
}
