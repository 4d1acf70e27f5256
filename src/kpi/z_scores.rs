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
