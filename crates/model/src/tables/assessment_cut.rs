//! `assessment_cut`: performance-level cut scores; lets proficiency be recomputed instead of trusted.

use crate::codes::Grade;
use crate::{AssessmentId, Score, Text};

table! {
    /// The cut score of one performance level for one grade, so that proficiency is recomputed and not trusted.
    AssessmentCut "assessment_cut" key(assessment_id, grade, level_code) of CutId as key
    {
        /// The assessment.
        assessment_id: AssessmentId,
        /// The grade it holds for; OTHER holds for every grade without cuts of its own.
        grade: Grade,
        /// Code of the performance level.
        level_code: Text,
        /// 1 = lowest.
        level_rank: i32,
        /// Inclusive.
        min_score: Score,
        /// Inclusive.
        max_score: Option<Score>,
        /// Whether it counts as proficient.
        is_proficient: bool,
    }
}
