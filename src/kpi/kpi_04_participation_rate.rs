//! KPI-04: participation rate.

use super::Kind::{Int, Real};
use super::published::CELL;
use super::{Kpi, shares};

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-04",
    name: "kpi_04_participation_rate",
    title: "Participation rate",
    doc: "Students who were tested among those expected to be tested: with a primary enrollment on the first day of the \
          testing window of a state summative accountability assessment, in a grade that takes it. They count at their \
          school and in their subgroups on that day. While the window is open, it is the rate so far. The interval is \
          Wilson's, at 95%; the required rate is 95%. Source: ESSA section 1111(c)(4)(E).",
    grain: "one row per assessment, school year, school or district, grade or all grades, and subgroup",
    unit: "percent",
    stored_as: Some(2),
    keys: CELL,
    columns: &[("expected", Int), ("tested", Int), ("rate", Real), ("low", Real), ("high", Real)],
    rows: |published| published.by_expected_cell(|scores| shares(scores.tested, scores.expected)),
};
