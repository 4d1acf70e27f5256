//! The view of an assessment: its score range and its cut scores. It produces one [`ScoreScale`] per grade for results, so
//! a changed cut affects only the results of its grade.

use super::parents::Test;
use super::rows;
use crate::model::codes::{AssessmentCategory, Code, Grade, ScoreType, Subject};
pub use crate::model::tables::assessment::AssessmentFacts;
pub use crate::model::tables::assessment_cut::Cut;
use crate::model::{AssessmentId, Date, SchoolYear, Score, Text, codes};
use serde::{Deserialize, Serialize};

rows! {
    /// A row of an assessment's view.
    AssessmentRow by AssessmentId {
        /// The assessment.
        Assessment: AssessmentFacts, from Assessment;
        /// A placeholder for a missing assessment, so its results are not lost.
        Missing: ();
        /// A performance level and its grade; `OTHER` for every grade without its own cuts.
        Cut: (Grade, Cut), from AssessmentCut;
    }
}

/// The tests that its grades are expected to take: it must count for accountability, be for all students, and have a window.
pub fn tests(facts: &AssessmentFacts, id: AssessmentId, out: &mut impl FnMut(SchoolYear, u8, Test)) {
    let (Some(school_year), Some(begin), Some(end)) = (facts.school_year, facts.window_begin, facts.window_end) else {
        return;
    };
    if facts.is_accountability && facts.category == AssessmentCategory::StateSummative {
        let ranks = (0..32).filter(|rank| facts.grades.bits >> rank & 1 == 1);
        ranks.for_each(|rank| out(school_year, rank as u8, Test { assessment: id, begin, end }));
    }
}

/// The grade of a result for matching: the position of a known grade, or one value for all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GradeSlot(pub u8);

impl GradeSlot {
    /// A missing or unrecognized grade.
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

/// The score scale of an assessment for one grade.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScoreScale {
    /// The assessment; none if it is missing.
    assessment: Option<AssessmentFacts>,
    cuts: Vec<Cut>,
}

/// A score on its scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scale {
    /// Whether the assessment exists.
    pub is_known: bool,
    /// Whether the score counts in published figures: accountability, and of the assessment's score type.
    pub is_counted: bool,
    /// Whether the score is outside the score range.
    pub is_off: bool,
    /// Rank of the performance level reached.
    pub level_rank: Option<i32>,
    /// Code of the performance level reached; none if two levels begin at the same score.
    pub level: Option<Text>,
    /// Whether that is proficient; none without a score or cuts.
    pub is_proficient: Option<bool>,
    /// The family of the assessment.
    pub family: Option<Text>,
    /// The subject of the assessment, if it is known.
    pub subject: Option<Subject>,
    /// The window of the assessment, if both ends are known.
    pub window: Option<(Date, Date)>,
}

impl ScoreScale {
    /// Places a score on the scale.
    pub fn measure(&self, score: Option<Score>, score_type: Option<ScoreType>) -> Scale {
        let Some(assessment) = self.assessment else { return self.level(score, Scale::default()) };
        let same_type = score_type.is_none() || assessment.score_type.is_none() || score_type == assessment.score_type;
        let below = |score| assessment.score_min.is_some_and(|min| score < min);
        let above = |score| assessment.score_max.is_some_and(|max| score > max);
        let scale = Scale {
            is_known: true,
            is_counted: assessment.is_accountability && same_type,
            is_off: score.is_some_and(|score| below(score) || above(score)),
            family: assessment.family,
            subject: Some(assessment.subject).filter(|subject| !matches!(subject, Subject::Unknown(_))),
            window: assessment.window_begin.zip(assessment.window_end),
            ..Scale::default()
        };
        self.level(score, scale)
    }

    fn level(&self, score: Option<Score>, scale: Scale) -> Scale {
        let Some(score) = score else { return scale };
        let reached = self.cuts.iter().rev().find(|cut| cut.min_score <= score);
        let same =
            |a: &Cut, b: &Cut| (a.min_score, a.level_rank, a.is_proficient) == (b.min_score, b.level_rank, b.is_proficient);
        // Symbols depend on arrival, so if two levels begin at the same score, neither is used.
        let alone = |cut: &&Cut| self.cuts.iter().all(|other| !same(cut, other) || other.level == cut.level);
        Scale {
            level_rank: reached.map(|cut| cut.level_rank),
            level: reached.filter(alone).map(|cut| cut.level),
            is_proficient: (!self.cuts.is_empty()).then(|| reached.is_some_and(|cut| cut.is_proficient)),
            ..scale
        }
    }
}

/// The row of the assessment.
pub fn facts(rows: &[AssessmentRow]) -> Option<AssessmentFacts> {
    rows.iter().find_map(|row| if let AssessmentRow::Assessment(facts) = row { Some(*facts) } else { None })
}

/// The score scales of an assessment, one per grade slot.
pub fn score_scales(rows: &[AssessmentRow], out: &mut impl FnMut(GradeSlot, ScoreScale)) {
    let assessment = facts(rows);
    let cut = |row: &AssessmentRow| match *row {
        AssessmentRow::Cut((grade, cut)) => Some((GradeSlot::of(Some(grade)), cut)),
        _ => None,
    };
    let mut cuts: Vec<(GradeSlot, Cut)> = rows.iter().filter_map(cut).collect();
    cuts.sort_unstable();
    let of = |slot: GradeSlot| cuts.iter().filter(move |(grade, _)| *grade == slot).map(|(_, cut)| *cut);
    let other = GradeSlot::of(Some(Grade::Other));
    for slot in GradeSlot::all() {
        let own: Vec<Cut> = if slot == GradeSlot::NONE { Vec::new() } else { of(slot).collect() };
        let cuts = if own.is_empty() { of(other).collect() } else { own };
        out(slot, ScoreScale { assessment, cuts });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Codes, Fixed, Texts};

    fn facts() -> AssessmentFacts {
        AssessmentFacts {
            is_accountability: true,
            score_min: Some(Fixed(100)),
            score_max: Some(Fixed(900)),
            score_type: Some(ScoreType::Scale),
            family: None,
            subject: Subject::Math,
            category: AssessmentCategory::StateSummative,
            school_year: Some(SchoolYear(2026)),
            window_begin: Date::ymd(2026, 4, 1),
            window_end: Date::ymd(2026, 5, 1),
            grades: Codes::EMPTY,
        }
    }

    fn cut(grade: Grade, min: i32, level_rank: i32, level: Text) -> AssessmentRow {
        let cut = Cut { min_score: Fixed(min), level_rank, is_proficient: level_rank >= 3, level };
        AssessmentRow::Cut((grade, cut))
    }

    #[test]
    fn a_grade_is_measured_by_its_own_cuts_else_by_those_of_every_grade() {
        let mut texts = Texts::default();
        let [low, high, even] = ["L1", "L3", "also L3"].map(|code| texts.id::<Text>(code));
        let rows = [
            AssessmentRow::Assessment(facts()),
            cut(Grade::G03, 100, 1, low),
            cut(Grade::G03, 300, 3, high),
            cut(Grade::Other, 500, 3, high),
            cut(Grade::Other, 500, 3, even),
        ];
        let mut sticks = Vec::new();
        score_scales(&rows, &mut |slot, stick| sticks.push((slot, stick)));
        let measure = |grade, score| {
            let slot = GradeSlot::of(grade);
            let (_, stick) = sticks.iter().find(|(of, _)| *of == slot).unwrap();
            let scale = stick.measure(Some(Fixed(score)), None);
            (scale.level_rank, scale.level, scale.is_proficient, scale.is_off)
        };
        assert_eq!(measure(Some(Grade::G03), 300), (Some(3), Some(high), Some(true), false));
        assert_eq!(measure(Some(Grade::G03), 299), (Some(1), Some(low), Some(false), false));
        assert_eq!(measure(Some(Grade::G03), 99), (None, None, Some(false), true));
        assert_eq!(measure(Some(Grade::G04), 499), (None, None, Some(false), false));
        assert_eq!(measure(None, 901), (Some(3), None, Some(true), true), "two levels begin together");
        let (_, stick) = &sticks[0];
        let counted = |score_type| stick.measure(None, score_type).is_counted;
        assert!(counted(None) && counted(Some(ScoreType::Scale)) && !counted(Some(ScoreType::Percentile)));
    }

    #[test]
    fn without_cuts_proficiency_is_not_known() {
        let mut sticks = Vec::new();
        score_scales(&[AssessmentRow::Missing(())], &mut |slot, stick| sticks.push((slot, stick)));
        assert_eq!(sticks.len(), GradeSlot::all().count());
        assert_eq!(sticks[0].1.measure(Some(Fixed(1)), None), Scale::default());
    }

    #[test]
    fn a_test_is_expected_of_the_grades_it_names() {
        let mut texts = Texts::default();
        let id = texts.id("A");
        let expected = |facts: AssessmentFacts| {
            let mut grades = Vec::new();
            tests(&facts, id, &mut |year, rank, _| grades.push((year.0, rank)));
            grades
        };
        let named = AssessmentFacts { grades: Codes::read("03;04", &mut texts), ..facts() };
        assert_eq!(expected(named), [(2026, 7), (2026, 8)]);
        assert_eq!(expected(AssessmentFacts { category: AssessmentCategory::Interim, ..named }), []);
        assert_eq!(expected(AssessmentFacts { window_end: None, ..named }), []);
    }
}
