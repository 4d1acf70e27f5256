//! The distance of a score from the district mean of its grade, in standard deviations. It makes scores of different
//! assessments and grades comparable, if the mean may be published.

use super::kpi_01_mean_score::moments;
use super::{Figure, Published};
use crate::model::Score;
use crate::model::subgroup::Subgroup;
use crate::tallies::scores::Cell;
use std::collections::BTreeMap;

/// Mean and standard deviation of the district by assessment, school year and grade.
#[derive(Clone, Debug, Default)]
pub struct ZScores(BTreeMap<Cell, (f64, f64)>);

impl ZScores {
    /// Computed from the published cells.
    pub(crate) fn new(published: &Published<'_>) -> ZScores {
        let of_district = |cell: &Cell| cell.school.is_none() && cell.grade.is_some() && cell.subgroup == Subgroup::ALL;
        let cells = published.tests(|scores| scores.n > 0).filter(|(cell, _)| of_district(cell) && published.shows(cell));
        let measured = cells.filter_map(|(cell, scores)| {
            let moments = moments(scores);
            Some((*cell, (moments.mean()?, moments.sd().filter(|sd| *sd > 0.0)?)))
        });
        ZScores(measured.collect())
    }

    /// The distance of a score from the mean of its cell; `None` if that mean is not published.
    pub(crate) fn figure(&self, cell: &Cell, score: Score) -> Figure {
        let of = self.0.get(cell);
        Figure::real(of.map(|(mean, sd)| (f64::from(score.0) / 1_000.0 - mean) / sd), 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AssessmentId, Fixed, Id, SchoolYear};
    use crate::tallies::scores::Measured;
    use std::num::NonZeroU32;

    #[test]
    fn a_score_is_as_far_from_the_mean_as_it_is() {
        let of = Measured::Test(AssessmentId::from_symbol(NonZeroU32::MIN), SchoolYear(2026));
        let cell = Cell { of, school: None, grade: Some(3), subgroup: Subgroup::ALL };
        let known = ZScores(BTreeMap::from([(cell, (200.0, 40.0))]));
        assert_eq!(known.figure(&cell, Fixed(250_500)).text(), "1.2625");
        assert_eq!(known.figure(&cell, Fixed(180_000)).text(), "-0.5000");
        assert_eq!(known.figure(&Cell { grade: None, ..cell }, Fixed(180_000)), Figure::None, "no mean is published");
    }
}
