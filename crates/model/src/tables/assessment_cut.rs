//! `assessment_cut`: performance-level cut scores; lets proficiency be recomputed instead of trusted.

use crate::codes::Grade;
use crate::{AssessmentId, Projection, Score, Text};

table! {
    /// The cut score of one performance level for one grade, so that proficiency is recomputed and not trusted.
    AssessmentCut "assessment_cut" key(assessment_id, grade, level_code) of CutId as key
    {
        /// The assessment.
        assessment_id: AssessmentId,
        /// The grade; OTHER applies to every grade without its own cuts.
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

/// The beginning of a performance level. Ordered so that the level of a score is the last one it reaches: the
/// highest beginning, then the highest rank, then the one that is proficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Cut {
    /// Minimum score of the level.
    pub min_score: Score,
    /// Rank of the level, 1 the lowest.
    pub level_rank: i32,
    /// Whether it counts as proficient.
    pub is_proficient: bool,
    /// Code of the level.
    pub level: Text,
}

/// A cut with its grade; `OTHER` applies to every grade without its own cuts.
impl Projection<AssessmentId, (Grade, Cut)> for AssessmentCut {
    fn project(&self, out: &mut impl FnMut(AssessmentId, (Grade, Cut))) {
        let (level_rank, is_proficient) = (self.level_rank, self.is_proficient);
        let cut = Cut { min_score: self.min_score, level_rank, is_proficient, level: self.level_code };
        out(self.assessment_id, (self.grade, cut));
    }
}
