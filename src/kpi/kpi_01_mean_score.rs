//! KPI-01: mean scale score.

use super::Kind::{Int, Real};
use super::published::CELL;
use super::statistics::{Moments, mean};
use super::{Figure, Kpi};
use crate::tallies::scores::Scores;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-01",
    name: "kpi_01_mean_score",
    title: "Mean scale score",
    doc: "Mean scale score of the students tested, with standard deviation, standard error, and a 95% confidence interval \
          from Student's t. Accountability assessments only, on the score scale of the assessment; if a student has several \
          results on one assessment in one year, the latest that is not a retest counts. A result counts at the school of \
          the primary enrollment on the test date, or else at the school that reports it, and in the subgroups that the \
          student was in on that date. Source: NCES and NAEP reporting practice.",
    grain: "one row per assessment, school year, school or district, grade or all grades, and subgroup",
    unit: "points of the assessment's scale",
    stored_as: Some(0),
    keys: CELL,
    columns: &[("n", Int), ("mean", Real), ("sd", Real), ("se", Real), ("low", Real), ("high", Real)],
    rows: |published| published.by_cell(|scores| scores.n > 0, figures),
};

/// The moments of the scores of a cell, in points.
pub(crate) fn moments(scores: &Scores) -> Moments {
    Moments::of(scores.n.into(), scores.sum, scores.squares, 1_000.0)
}

fn figures(scores: &Scores) -> Vec<Figure> {
    let moments = moments(scores);
    let estimate = mean(&moments);
    vec![
        Figure::Count(scores.n.into()),
        Figure::real(moments.mean(), 1),
        Figure::real(moments.sd(), 1),
        Figure::real(moments.se(), 2),
        Figure::real(estimate.map(|estimate| estimate.low), 1),
        Figure::real(estimate.map(|estimate| estimate.high), 1),
    ]
}
