//! `assessment_result`: one student's result on one assessment event.

use crate::codes::{Grade, Participation, ScoreType};
use crate::{AssessmentId, Date, List, OrgId, ResultId, SchoolYear, Score, StudentId, Text};

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
        /// Whether, and why not, the student was tested.
        participation: Participation,
        /// The score; tested students have one.
        score: Option<Score> ["scale_score"],
        /// What the score is expressed in.
        score_type: Option<ScoreType>,
        /// Performance level as reported.
        level_code: Option<Text>,
        /// Proficiency as reported; what is published is recomputed from the cuts.
        is_proficient: Option<bool>,
        /// Whether it repeats an earlier test; such results are left out of rates.
        is_retest: Option<bool>,
        /// Standard error of the score.
        standard_error: Option<Score>,
        /// Accommodations given.
        accommodations: Option<List>,
    }
}
