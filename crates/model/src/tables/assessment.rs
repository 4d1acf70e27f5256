//! `assessment`: assessment metadata, one row per assessment x subject x administration family.

use crate::codes::{AssessmentCategory, AssessmentPeriod, Grade, ScoreType, Subject};
use crate::{AssessmentId, Codes, Date, Flaws, SchoolYear, Score, Text};

table! {
    /// An assessment: one row per assessment, subject and administration.
    Assessment "assessment" key(assessment_id) of AssessmentId
    {
        /// The assessment.
        assessment_id: AssessmentId,
        /// The family that its scores can be compared within.
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
        /// Least score of the scale.
        score_min: Option<Score>,
        /// Greatest score of the scale.
        score_max: Option<Score>,
        /// What its scores are expressed in.
        score_type: Option<ScoreType>,
        /// Counts for participation and proficiency.
        is_accountability: Option<bool>,
    }
    derived {
        /// What is wrong with its names and ids.
        flaws: Flaws = Flaws::of::<Assessment>,
    }
}
