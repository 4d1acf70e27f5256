//! KPI-02: proficiency rate.

use super::scores::Scores;
use super::statistics::share;
use super::{Figure, Kpi, Measure};

/// The declaration.
pub static KPI: Kpi = Kpi {
    id: "KPI-02",
    name: "kpi_02_proficiency_rate",
    title: "Proficiency rate",
    doc: "Students who reach a proficient level, as the cut scores give it, among those tested with a score. \
          Accountability assessments only; of several results of a student on one assessment and year the latest that \
          is no retest counts. A result belongs to the school of the primary enrollment on the day of the test, else \
          to the school that reports it, and to the subgroups that the student was in on that day. Students need not \
          have been enrolled for the full academic year: that choice comes with the calendar. The interval is \
          Wilson's, at 95 %. Source: ESSA academic achievement indicator.",
    grain: "one row per assessment, school year, school or district, grade or all grades, and subgroup",
    unit: "percent",
    columns: &["n", "proficient", "rate", "low", "high"],
    measure: Measure::Rate(figures),
};

fn figures(scores: &Scores) -> Vec<Figure> {
    let percent = |value: f64| Figure::Real(100.0 * value, 1);
    let rate = share(scores.hits, scores.n);
    let [value, low, high] =
        rate.map_or([Figure::None; 3], |rate| [percent(rate.value), percent(rate.low), percent(rate.high)]);
    vec![Figure::Count(scores.n), Figure::Count(scores.hits), value, low, high]
}
