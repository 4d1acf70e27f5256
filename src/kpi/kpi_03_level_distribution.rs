//! KPI-03: level distribution.

use super::Kind::{Int, Real};
use super::{Kpi, Published, Row, shares};

/// The declaration.
pub static KPI: Kpi = Kpi {
    id: "KPI-03",
    name: "kpi_03_level_distribution",
    title: "Level distribution",
    doc: "Students at each performance level, as the cut scores give it, among those tested with a score that they can judge; \
          students below the lowest cut are at none. Results as for KPI-02; levels by their rank, ranks above 8 with the \
          eighth. The interval is Wilson's, at 95 %. Source: state report cards.",
    grain: "one row per assessment, school year, school or district, grade or all grades, subgroup and level",
    unit: "percent",
    keys: &["assessment_id", "subject", "school_year", "school_id", "grade", "category", "value", "level_rank"],
    columns: &[("n", Int), ("students", Int), ("rate", Real), ("low", Real), ("high", Real)],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (cell, scores) in published.tests(|scores| scores.judged > 0) {
        // Which levels there are is the same for all cells of an assessment and year, so that none is told by its absence.
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
