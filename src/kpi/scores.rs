//! Scores: the tally behind every KPI of assessment results. A student's results become contributions to base grains
//! (assessment, year, school, grade, everything the student is counted by); base grains are added up, spread over
//! subgroups, added up again, and spread over the roll-ups to all grades and to the district.

use crate::dataflow::tally;
use crate::model::codes::Grade;
use crate::model::codes::{Code, Participation};
use crate::model::{AssessmentId, OrgId, SchoolYear};
use crate::warehouse::assessment_file::GradeSlot;
use crate::warehouse::demographics::{Demographics, Subgroup};
use crate::warehouse::student_file::{StudentFile, TestResult};
use serde::{Deserialize, Serialize};

tally! {
    /// Results of a group.
    pub struct Scores {
        /// Results with a known proficiency.
        n: i64,
        /// Those that are proficient.
        hits: i64,
    }
}

/// What a result counts for, before it is rolled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BaseGrain {
    assessment: AssessmentId,
    school_year: SchoolYear,
    /// None counts for the district only.
    school: Option<OrgId>,
    /// `GradeSlot::NONE` counts for all grades only.
    grade: GradeSlot,
    demographics: Demographics,
}

/// A grain that figures are published for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// The assessment.
    pub assessment: AssessmentId,
    /// The school year.
    pub school_year: SchoolYear,
    /// The school; none is the whole district.
    pub school: Option<OrgId>,
    /// The grade; none is all grades.
    pub grade: Option<u8>,
    /// The subgroup.
    pub subgroup: Subgroup,
}

impl Cell {
    /// The grade as a code.
    pub fn grade_code(&self) -> Option<Grade> {
        self.grade.and_then(Grade::from_rank)
    }
}

/// What the results of a student count for.
///
/// A result counts when the student was tested, it has a score that the cuts of its accountability assessment can
/// judge, and it is no retest; of several of one assessment and year the latest does, and of several of one day the
/// one with the highest score. It counts for the school of the primary enrollment on the day of the test, else for the
/// school that reports it.
pub fn contributions(file: &StudentFile<'_>, out: &mut impl FnMut(BaseGrain, Scores)) {
    let mut counted: Vec<&TestResult> = file.results.iter().filter(|result| counts(result)).collect();
    counted.sort_by_key(|result| (result.assessment, result.school_year, result.date, result.score));
    for of_year in counted.chunk_by(|a, b| (a.assessment, a.school_year) == (b.assessment, b.school_year)) {
        let Some(last) = of_year.last() else { continue };
        let tied = || of_year.iter().rev().take_while(|result| (result.date, result.score) == (last.date, last.score));
        // Two results of one day and score: nothing tells which is meant, and the order of arrival must not, so the
        // lowest grade is taken, and a school only if they agree on it.
        let slot = |result: &TestResult| GradeSlot::of(result.grade_level);
        let Some(chosen) = tied().min_by_key(|result| slot(result)) else { continue };
        let enrolled = file.school_on(chosen.date);
        let mut schools = tied().filter(|result| slot(result) == slot(chosen)).map(|result| enrolled.or(result.school));
        let school = schools.next().flatten();
        let grain = BaseGrain {
            assessment: chosen.assessment,
            school_year: chosen.school_year,
            school: school.filter(|_| schools.all(|other| other == school)),
            grade: slot(chosen),
            demographics: Demographics::on(file.student.as_ref(), file.statuses, chosen.date),
        };
        let hits = i64::from(chosen.scale.is_proficient == Some(true));
        out(grain, Scores { n: 1, hits });
    }
}

fn counts(result: &TestResult) -> bool {
    result.scale.is_accountability
        && result.participation == Participation::Tested
        && !result.is_retest
        && result.scale.is_proficient.is_some()
}

/// The subgroups of a base grain.
pub fn spread_over_subgroups(grain: &BaseGrain, out: &mut Vec<Cell>) {
    let &BaseGrain { assessment, school_year, school, grade, demographics } = grain;
    let grade = (grade != GradeSlot::NONE).then_some(grade.0);
    let cells = demographics.subgroups().map(|subgroup| Cell { assessment, school_year, school, grade, subgroup });
    out.extend(cells);
}

/// The roll-ups of a cell: itself, all grades, and both for the district. What has no school or grade of its own is in
/// the roll-ups alone.
pub fn spread_over_rollups(cell: &Cell, out: &mut Vec<Cell>) {
    let grades = [cell.grade, None];
    let schools = [cell.school, None];
    let grades = if cell.grade.is_some() { &grades[..] } else { &grades[1..] };
    let schools = if cell.school.is_some() { &schools[..] } else { &schools[1..] };
    out.extend(schools.iter().flat_map(|&school| grades.iter().map(move |&grade| Cell { school, grade, ..*cell })));
}
