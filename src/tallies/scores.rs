//! Scores: the tally behind every KPI of assessment results and programs. A student's results become contributions to base
//! grains (measure, school, grade, demographics), and only the sums by base grain are stored. A score changes one of them;
//! the published cells, twelve subgroups with roll-ups to all grades and to the district, are added up when they are
//! needed.

use crate::dataflow::tally;
use crate::model::codes::{Code, Grade, Participation, ProgramArm};
use crate::model::{AssessmentId, Date, OrgId, ProgramId, SchoolYear};
use crate::tallies::demographics::{Demographics, Subgroup};
use crate::views::assessment::GradeSlot;
use crate::views::pre_post::pre_post;
use crate::views::student::{StudentView, TestResult};
use differential_dataflow::difference::{IsZero, Semigroup};
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

tally! {
    /// Results of a group. Scores are in 1/1,000.
    pub struct Scores {
        /// Results with a score.
        n: i32,
        /// Those whose proficiency is known.
        judged: i32,
        /// Those that are proficient.
        hits: i32,
        /// Students expected to be tested.
        expected: i32,
        /// Of those, the tested ones.
        tested: i32,
        /// At performance level 1; the next fields count levels 2 to 8 and above.
        level_1: i32,
        /// At level 2.
        level_2: i32,
        /// At level 3.
        level_3: i32,
        /// At level 4.
        level_4: i32,
        /// At level 5.
        level_5: i32,
        /// At level 6.
        level_6: i32,
        /// At level 7.
        level_7: i32,
        /// At level 8 and above.
        level_8: i32,
        /// The number of the day after the window, summed over expected students: the same day for each.
        closing: i64,
        /// Sum of the scores.
        sum: i64,
        /// Sum of their squares.
        squares: i128,
    }
}

/// A student's contribution to a grain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Contribution {
    /// A score, with the rank of its level and whether it is proficient, if known.
    Score(i32, Option<bool>, Option<i32>),
    /// An expected student: whether tested, and the day after the window.
    Expected(bool, Date),
    /// A counted student.
    One,
}

impl Scores {
    /// The sums of a contribution.
    pub fn of(contribution: Contribution) -> Scores {
        match contribution {
            Contribution::Score(score, is_proficient, level_rank) => {
                let wide = i128::from(score);
                let mut scores = Scores { n: 1, sum: score.into(), squares: wide * wide, ..Scores::default() };
                if let Some(is_proficient) = is_proficient {
                    (scores.judged, scores.hits) = (1, is_proficient.into());
                    let level = level_rank.and_then(|rank| scores.level(rank));
                    level.into_iter().for_each(|count| *count = 1);
                }
                scores
            }
            Contribution::Expected(was_tested, over) => {
                Scores { expected: 1, tested: was_tested.into(), closing: over.number(), ..Scores::default() }
            }
            Contribution::One => Scores { n: 1, ..Scores::default() },
        }
    }

    /// The numbers at each level, from 1 to 8.
    pub fn levels(&self) -> [i32; 8] {
        let Scores { level_1, level_2, level_3, level_4, level_5, level_6, level_7, level_8, .. } = *self;
        [level_1, level_2, level_3, level_4, level_5, level_6, level_7, level_8]
    }

    fn level(&mut self, rank: i32) -> Option<&mut i32> {
        match rank {
            1 => Some(&mut self.level_1),
            2 => Some(&mut self.level_2),
            3 => Some(&mut self.level_3),
            4 => Some(&mut self.level_4),
            5 => Some(&mut self.level_5),
            6 => Some(&mut self.level_6),
            7 => Some(&mut self.level_7),
            8.. => Some(&mut self.level_8),
            _ => None,
        }
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Measured {
    /// An assessment in a school year.
    Test(AssessmentId, SchoolYear),
    /// The treatment or comparison group of a program, by position, and which of its scores.
    Program(ProgramId, u8, Part),
}

/// The scores of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// Participations without scores; `n` counts them.
    Enrolled,
    /// Scores before.
    Pre,
    /// Scores after.
    Post,
    /// After minus before.
    Gain,
}

/// The finest grain of a result, before roll-ups; the dataflow stores only this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BaseGrain {
    /// What is measured.
    pub of: Measured,
    /// The school; without one it counts for the district only.
    pub school: Option<OrgId>,
    /// The grade; `GradeSlot::NONE` counts for all grades only.
    pub grade: GradeSlot,
    /// The student's demographics.
    pub demographics: Demographics,
}

impl BaseGrain {
    /// The cells it counts for before any roll-up, one per subgroup.
    pub fn cells(self) -> impl Iterator<Item = Cell> {
        let BaseGrain { of, school, grade, demographics } = self;
        let grade = (grade != GradeSlot::NONE).then_some(grade.0);
        demographics.subgroups().map(move |subgroup| Cell { of, school, grade, subgroup })
    }

    /// The same over all grades of its school; none without a school.
    pub fn at_school(&self) -> Option<BaseGrain> {
        self.school.map(|_| BaseGrain { grade: GradeSlot::NONE, ..*self })
    }
}

/// A published grain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// What is measured.
    pub of: Measured,
    /// The school; none for the whole district.
    pub school: Option<OrgId>,
    /// The grade; none for all grades.
    pub grade: Option<u8>,
    /// The subgroup.
    pub subgroup: Subgroup,
}

impl Cell {
    /// The grade as a code.
    pub fn grade_code(&self) -> Option<Grade> {
        self.grade.and_then(Grade::from_rank)
    }

    /// The assessment and school year of a cell of results.
    pub fn test(&self) -> Option<(AssessmentId, SchoolYear)> {
        if let Measured::Test(assessment, year) = self.of { Some((assessment, year)) } else { None }
    }

    /// The cell of another part of the same program.
    pub fn part(&self, part: Part) -> Cell {
        match self.of {
            Measured::Program(program, arm, _) => Cell { of: Measured::Program(program, arm, part), ..*self },
            Measured::Test(..) => *self,
        }
    }
}

/// The contributions of a student's view.
pub fn contributions(view: &StudentView<'_>, out: &mut impl FnMut(BaseGrain, Contribution)) {
    results(view, out);
    expected(view, out);
    programs(view, out);
}

/// A result counts if the student was tested, the score is of the score type of an accountability assessment, and it is
/// not a retest; of several for one assessment and year the latest counts, and of several on one day the highest
/// score. It counts for the school of the primary enrollment on the day of the test, or for the school that reports it.
fn results(view: &StudentView<'_>, out: &mut impl FnMut(BaseGrain, Contribution)) {
    let mut counted: Vec<&TestResult> = view.results.iter().filter(|result| counts(result)).collect();
    counted.sort_by_key(|result| (result.assessment, result.school_year, result.date, result.score));
    for of_year in counted.chunk_by(|a, b| (a.assessment, a.school_year) == (b.assessment, b.school_year)) {
        let Some(last) = of_year.last() else { continue };
        let tied = || of_year.iter().rev().take_while(|result| (result.date, result.score) == (last.date, last.score));
        // Two results with the same day and score: the order of arrival must not decide, so the lowest grade
        // is used, and a school only if they agree on it.
        let slot = |result: &TestResult| GradeSlot::of(result.grade_level);
        let Some(chosen) = tied().min_by_key(|result| slot(result)) else { continue };
        let enrolled = view.school_on(chosen.date);
        let mut schools = tied().filter(|result| slot(result) == slot(chosen)).map(|result| enrolled.or(result.school));
        let school = schools.next().flatten();
        let grain = BaseGrain {
            of: Measured::Test(chosen.assessment, chosen.school_year),
            school: school.filter(|_| schools.all(|other| other == school)),
            grade: slot(chosen),
            demographics: Demographics::on(view.student.as_ref(), view.statuses, chosen.date),
        };
        let Some(score) = chosen.score else { continue };
        out(grain, Contribution::Score(score.0, chosen.scale.is_proficient, chosen.scale.level_rank));
    }
}

fn counts(result: &TestResult) -> bool {
    result.scale.is_counted && result.participation == Participation::Tested && !result.is_retest && result.score.is_some()
}

/// Expected students count for the school and the subgroups of the first day of the window.
fn expected(view: &StudentView<'_>, out: &mut impl FnMut(BaseGrain, Contribution)) {
    for expected in view.expected_tests() {
        let test = expected.test;
        let grain = BaseGrain {
            of: Measured::Test(test.assessment, test.school_year),
            school: expected.school,
            grade: GradeSlot(test.grade),
            demographics: Demographics::on(view.student.as_ref(), view.statuses, Some(test.begin)),
        };
        out(grain, Contribution::Expected(expected.was_tested, test.end));
    }
}

/// A participation counts for its stated school, or for that of the primary enrollment on its first day, and for
/// the subgroups of that day.
fn programs(view: &StudentView<'_>, out: &mut impl FnMut(BaseGrain, Contribution)) {
    for participation in view.participations.iter().filter(|participation| !participation.interval.is_empty()) {
        let Some(arm) = ProgramArm::rank(participation.arm) else { continue };
        let begin = Some(participation.interval.begin);
        let of = |part| Measured::Program(participation.program, arm, part);
        let grain = |part| BaseGrain {
            of: of(part),
            school: participation.school.or_else(|| view.school_on(begin)),
            grade: GradeSlot::NONE,
            demographics: Demographics::on(view.student.as_ref(), view.statuses, begin),
        };
        out(grain(Part::Enrolled), Contribution::One);
        if let Some(pair) = pre_post(view, participation) {
            out(grain(Part::Pre), Contribution::Score(pair.pre.0, None, None));
            out(grain(Part::Post), Contribution::Score(pair.post.0, None, None));
            out(grain(Part::Gain), Contribution::Score(pair.post.0.saturating_sub(pair.pre.0), None, None));
        }
    }
}

/// Adds base grains up to all cells: by subgroup, for each grade and for all grades, and both for the district. Contributions
/// without a school or grade are only in the roll-ups.
pub fn roll_up(grains: impl IntoIterator<Item = (BaseGrain, Scores)>) -> Vec<(Cell, Scores)> {
    let mut cells: HashMap<Cell, Scores, foldhash::fast::FixedState> = HashMap::default();
    for (grain, scores) in grains {
        grain.cells().for_each(|cell| cells.entry(cell).or_default().plus_equals(&scores));
    }
    let mut sums: HashMap<Cell, Scores, foldhash::fast::FixedState> = HashMap::default();
    for (cell, scores) in cells {
        let grades = if cell.grade.is_some() { &[cell.grade, None][..] } else { &[None][..] };
        let schools = if cell.school.is_some() { &[cell.school, None][..] } else { &[None][..] };
        for (&school, &grade) in schools.iter().flat_map(|school| grades.iter().map(move |grade| (school, grade))) {
            sums.entry(Cell { school, grade, ..cell }).or_default().plus_equals(&scores);
        }
    }
    sums.into_iter().filter(|(_, scores)| !scores.is_zero()).collect()
}
