//! KPI-04: participation rate.

use super::published::CELL;
use super::statistics::share;
use super::Kind::{Int, Real};
use super::{Figure, Kpi};
use crate::warehouse::scores::Scores;

/// The declaration.
pub static KPI: Kpi = Kpi {
    id: "KPI-04",
    name: "kpi_04_participation_rate",
    title: "Participation rate",
    doc: "Students who were tested among those expected to be: with a primary enrollment, on the first day of the window of a \
          state summative assessment for accountability, in a grade that it is for. They belong to the school and the \
          subgroups of that day. While a window is open it is the rate so far. The interval is Wilson's, at 95 %; the line \
          is 95 %. Source: ESSA section 1111(c)(4)(E).",
    grain: "one row per assessment, school year, school or district, grade or all grades, and subgroup",
    unit: "percent",
    keys: CELL,
    columns: &[("expected", Int), ("tested", Int), ("rate", Real), ("low", Real), ("high", Real)],
    rows: |published| published.by_expected_cell(figures),
};

fn figures(scores: &Scores) -> Vec<Figure> {
    let percent = |value: f64| Figure::Real(100.0 * value, 1);
    let share = share(scores.tested.into(), scores.expected.into());
    let [value, low, high] = share.map_or([Figure::None; 3], |share| [share.value, share.low, share.high].map(percent));
    vec![Figure::Count(scores.expected.into()), Figure::Count(scores.tested.into()), value, low, high]
}
