//! KPI-02: proficiency rate.

use super::Kind::{Int, Real};
use super::published::CELL;
use super::{Kpi, shares};

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-02",
    name: "kpi_02_proficiency_rate",
    title: "Proficiency rate",
    doc: "Students who reach a proficient level by the cut scores, among those tested with a score that the cut scores \
          apply to. Results are selected and attributed to schools and subgroups as for KPI-01. Students need not have been \
          enrolled for the full academic year. The interval is Wilson's, at 95%. Source: ESSA academic achievement \
          indicator.",
    grain: "one row per assessment, school year, school or district, grade or all grades, and subgroup",
    unit: "percent",
    stored_as: Some(1),
    keys: CELL,
    columns: &[("n", Int), ("proficient", Int), ("rate", Real), ("low", Real), ("high", Real)],
    rows: |published| published.by_cell(|scores| scores.judged > 0, |scores| shares(scores.hits, scores.judged)),
};
