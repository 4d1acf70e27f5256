//! KPI-05: proficiency gap.

use super::Kind::{Int, Real};
use super::published::PAIR;
use super::statistics::difference;
use super::{Figure, Kpi};
use crate::tallies::scores::Scores;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-05",
    name: "kpi_05_proficiency_gap",
    title: "Proficiency gap",
    doc: "The proficiency rate (KPI-02) of the reference group minus that of the focal group, in percentage points: white \
          students and each other group of race and ethnicity, female and male students, and students without and with each \
          characteristic. The interval is Newcombe's, at 95%; z is the two-proportion statistic. Published only if both \
          rates are. Source: NCES reporting practice, which requires reporting significance.",
    grain: "one row per assessment, school year, school or district, grade or all grades, and pair of subgroups",
    unit: "percentage points",
    stored_as: Some(3),
    keys: PAIR,
    columns: &[("n_reference", Int), ("n_focal", Int), ("gap", Real), ("low", Real), ("high", Real), ("z", Real)],
    rows: |published| published.by_pair(|scores| scores.judged > 0, figures),
};

fn figures(reference: &Scores, focal: &Scores) -> Vec<Figure> {
    let points = |value: f64| Figure::Real(100.0 * value, 1);
    let counts = |scores: &Scores| (scores.hits.into(), scores.judged.into());
    let gap = difference(counts(reference), counts(focal));
    let [value, low, high, z] = gap.map_or([Figure::None; 4], |gap| {
        let z = gap.z.map_or(Figure::None, |z| Figure::Real(z, 2));
        [points(gap.value), points(gap.low), points(gap.high), z]
    });
    vec![Figure::Count(reference.judged.into()), Figure::Count(focal.judged.into()), value, low, high, z]
}
