//! KPI-03: level distribution.

use super::Kind::{Int, Real};
use super::{Kpi, Published, Row, shares};

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-03",
    name: "kpi_03_level_distribution",
    title: "Level distribution",
    doc: "Students at each performance level by the cut scores, among those tested with a score that the cut scores apply \
          to; students below the lowest cut score have no level. Results as for KPI-02; levels by their rank, with ranks \
          above 8 counted as 8. The interval is Wilson's, at 95%. Source: state report cards.",
    grain: "one row per assessment, school year, school or district, grade or all grades, subgroup and level",
    unit: "percent",
    stored_as: None,
    keys: &["assessment_id", "subject", "school_year", "school_id", "grade", "category", "value", "level_rank"],
    columns: &[("n", Int), ("students", Int), ("rate", Real), ("low", Real), ("high", Real)],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (cell, scores) in published.tests(|scores| scores.judged > 0) {
        // The levels listed are those of all students on an assessment and year, so that a missing row reveals nothing.
        let of_all = crate::tallies::scores::Cell {
            school: None,
            grade: None,
            subgroup: crate::model::subgroup::Subgroup::ALL,
            ..*cell
        };
        let known = published.cell(&of_all).map_or([0; 8], |all| all.levels());
        for (rank, &students) in scores.levels().iter().enumerate().filter(|(rank, _)| known[*rank] > 0) {
            let mut keys = published.cell_keys(cell);
            keys.push((rank + 1).to_string());
            rows.push(Row { keys, figures: published.shows(cell).then(|| shares(students, scores.judged)) });
        }
    }
    rows
}
