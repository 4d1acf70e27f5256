//! The file of an assessment: its scale and its cuts. What comes out of it is one [`Yardstick`] per grade, which
//! results are measured by; a changed cut thus touches the results of its grade only.

use crate::model::codes::{Code, Grade};
use crate::model::{Score, codes};
use serde::{Deserialize, Serialize};

/// A row of an assessment's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AssessmentRow {
    /// The assessment.
    Assessment {
        /// Whether it counts for accountability.
        is_accountability: bool,
        /// Least score.
        score_min: Option<Score>,
        /// Greatest score.
        score_max: Option<Score>,
    },
    /// Stands in for an assessment that is referred to and missing, so that no result is lost.
    Missing,
    /// A performance level.
    Cut {
        /// The grade; `OTHER` for every grade without cuts of its own.
        grade: Grade,
        /// Where the level begins.
        cut: Cut,
    },
}

/// Where a performance level begins. Ordered so that the level of a score is the last one that it reaches: the
/// highest beginning, then the highest rank, then the one that is proficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cut {
    /// Least score of the level.
    pub min_score: Score,
    /// Rank of the level, 1 the lowest.
    pub level_rank: i32,
    /// Whether it counts as proficient.
    pub is_proficient: bool,
}

/// A grade as results are matched by: the position of a known grade, or one value for all else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GradeSlot(pub u8);

impl GradeSlot {
    /// A grade that is not stated or not known.
    pub const NONE: GradeSlot = GradeSlot(u8::MAX);

    /// The slot of a grade.
    pub fn of(grade: Option<Grade>) -> GradeSlot {
        grade.and_then(Grade::rank).map_or(GradeSlot::NONE, GradeSlot)
    }

    /// Every slot.
    pub fn all() -> impl Iterator<Item = GradeSlot> {
        let known = codes::CodeSet::Grade.values().len() as u8;
        (0..known).map(GradeSlot).chain([GradeSlot::NONE])
    }
}

/// What results of one assessment and grade are measured by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Yardstick {
    is_accountability: bool,
    score_min: Option<Score>,
    score_max: Option<Score>,
    cuts: Vec<Cut>,
}

/// What a score means on its yardstick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scale {
    /// Whether the assessment counts for accountability.
    pub is_accountability: bool,
    /// Whether the score lies outside the scale.
    pub is_off: bool,
    /// Rank of the performance level reached.
    pub level_rank: Option<i32>,
    /// Whether that is proficient; none without a score or without cuts.
    pub is_proficient: Option<bool>,
}

impl Yardstick {
    /// Measures a score.
    pub fn measure(&self, score: Option<Score>) -> Scale {
        let Some(score) = score else {
            return Scale { is_accountability: self.is_accountability, ..Scale::default() };
        };
        let level = self.cuts.iter().rev().find(|cut| cut.min_score <= score);
        Scale {
            is_accountability: self.is_accountability,
            is_off: self.score_min.is_some_and(|min| score < min) || self.score_max.is_some_and(|max| score > max),
            level_rank: level.map(|cut| cut.level_rank),
            is_proficient: (!self.cuts.is_empty()).then(|| level.is_some_and(|cut| cut.is_proficient)),
        }
    }
}

/// The yardsticks of an assessment: one for every grade slot.
pub fn yardsticks(rows: &[AssessmentRow], out: &mut Vec<(GradeSlot, Yardstick)>) {
    let mut whole = Yardstick { is_accountability: false, score_min: None, score_max: None, cuts: Vec::new() };
    let mut cuts: Vec<(GradeSlot, Cut)> = Vec::new();
    for row in rows {
        match *row {
            AssessmentRow::Assessment { is_accountability, score_min, score_max } => {
                whole = Yardstick { is_accountability, score_min, score_max, ..whole };
            }
            AssessmentRow::Missing => {}
            AssessmentRow::Cut { grade, cut } => cuts.push((GradeSlot::of(Some(grade)), cut)),
        }
    }
    cuts.sort_unstable();
    let of = |slot: GradeSlot| cuts.iter().filter(move |(grade, _)| *grade == slot).map(|(_, cut)| *cut);
    let other = GradeSlot::of(Some(Grade::Other));
    for slot in GradeSlot::all() {
        let own: Vec<Cut> = if slot == GradeSlot::NONE { Vec::new() } else { of(slot).collect() };
        let cuts = if own.is_empty() { of(other).collect() } else { own };
        out.push((slot, Yardstick { cuts, ..whole.clone() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fixed;

    fn cut(grade: Grade, min: i32, level_rank: i32) -> AssessmentRow {
        let cut = Cut { min_score: Fixed(min), level_rank, is_proficient: level_rank >= 3 };
        AssessmentRow::Cut { grade, cut }
    }

    #[test]
    fn a_grade_is_measured_by_its_own_cuts_else_by_those_of_every_grade() {
        let (score_min, score_max) = (Some(Fixed(100)), Some(Fixed(900)));
        let scale = AssessmentRow::Assessment { is_accountability: true, score_min, score_max };
        let rows = [scale, cut(Grade::G03, 100, 1), cut(Grade::G03, 300, 3), cut(Grade::Other, 500, 3)];
        let mut sticks = Vec::new();
        yardsticks(&rows, &mut sticks);
        let measure = |grade, score| {
            let slot = GradeSlot::of(grade);
            let (_, stick) = sticks.iter().find(|(of, _)| *of == slot).unwrap();
            let scale = stick.measure(Some(Fixed(score)));
            (scale.level_rank, scale.is_proficient, scale.is_off)
        };
        assert_eq!(measure(Some(Grade::G03), 300), (Some(3), Some(true), false));
        assert_eq!(measure(Some(Grade::G03), 299), (Some(1), Some(false), false));
        assert_eq!(measure(Some(Grade::G03), 99), (None, Some(false), true));
        assert_eq!(measure(Some(Grade::G04), 499), (None, Some(false), false));
        assert_eq!(measure(None, 901), (Some(3), Some(true), true));
    }

    #[test]
    fn without_cuts_proficiency_is_not_known() {
        let mut sticks = Vec::new();
        yardsticks(&[AssessmentRow::Missing], &mut sticks);
        assert_eq!(sticks.len(), GradeSlot::all().count());
        assert_eq!(sticks[0].1.measure(Some(Fixed(1))), Scale::default());
    }
}
