//! `assessment_result`: one student's result on one assessment event.

use crate::codes::{Grade, Participation, ScoreType};
use crate::{AssessmentId, Date, List, OrgId, Projection, ResultId, SchoolYear, Score, StudentId, Text};

table! {
    /// One student's result on one administration of an assessment.
    AssessmentResult "assessment_result" key(result_id) of ResultId
    {
        /// Id of the result.
        result_id: ResultId,
        /// The student.
        student_id: StudentId,
        /// The assessment.
        assessment_id: AssessmentId,
        /// The school that reports it.
        school_id: Option<OrgId>,
        /// The school year, named by its spring.
        school_year: SchoolYear,
        /// Day of the test.
        administration_date: Option<Date> ["test_date"],
        /// Grade when tested.
        grade_level: Option<Grade>,
        /// Whether the student was tested, and if not, why.
        participation: Participation,
        /// The score; tested students have one.
        score: Option<Score> ["scale_score"],
        /// Type of the score.
        score_type: Option<ScoreType>,
        /// Performance level as reported.
        level_code: Option<Text>,
        /// Proficiency as reported; published proficiency is recomputed from the cuts.
        is_proficient: Option<bool>,
        /// Whether it repeats an earlier test; such results are left out of rates.
        is_retest: Option<bool>,
        /// Standard error of the score.
        standard_error: Option<Score>,
        /// Accommodations given.
        accommodations: Option<List>,
    }
}

/// A test result as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StatedResult {
    /// Day of the test.
    pub date: Option<Date>,
    /// The result.
    pub id: ResultId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The school that reports it.
    pub school: Option<OrgId>,
    /// School year.
    pub school_year: SchoolYear,
    /// Grade when tested.
    pub grade_level: Option<Grade>,
    /// Whether tested.
    pub participation: Participation,
    /// Score.
    pub score: Option<Score>,
    /// Type of the score.
    pub score_type: Option<ScoreType>,
    /// Performance level as reported.
    pub level: Option<Text>,
    /// Proficiency as reported.
    pub reported: Option<bool>,
    /// Whether it repeats an earlier test.
    pub is_retest: bool,
}

impl Projection<StudentId, StatedResult> for AssessmentResult {
    fn project(&self, out: &mut impl FnMut(StudentId, StatedResult)) {
        let result = StatedResult {
            date: self.administration_date,
            id: self.result_id,
            assessment: self.assessment_id,
            school: self.school_id,
            school_year: self.school_year,
            grade_level: self.grade_level,
            participation: self.participation,
            score: self.score,
            score_type: self.score_type,
            level: self.level_code,
            reported: self.is_proficient,
            is_retest: self.is_retest == Some(true),
        };
        out(self.student_id, result);
    }
}
