//! KPI-06: standardized mean gap.

use super::Kind::{Int, Real};
use super::kpi_01_mean_score::moments;
use super::published::PAIR;
use super::statistics::hedges;
use super::{Figure, Kpi};
use crate::tallies::scores::Scores;

/// The declaration.
pub static KPI: Kpi = Kpi {
    id: "KPI-06",
    name: "kpi_06_standardized_gap",
    title: "Standardized mean gap",
    doc: "The mean score (KPI-01) of the reference group minus that of the focal group, in pooled standard deviations with \
          Hedges' small-sample correction. Groups are paired as for KPI-05. The 95% interval is given if both groups have \
          at least 30 students. Source: What Works Clearinghouse; Stanford Education Data Archive.",
    grain: "one row per assessment, school year, school or district, grade or all grades, and pair of subgroups",
    unit: "standard deviations",
    reports_moves: true,
    keys: PAIR,
    columns: &[
        ("n_reference", Int),
        ("n_focal", Int),
        ("mean_reference", Real),
        ("mean_focal", Real),
        ("g", Real),
        ("low", Real),
        ("high", Real),
    ],
    rows: |published| published.by_pair(|scores| scores.n > 0, figures),
};

fn figures(reference: &Scores, focal: &Scores) -> Vec<Figure> {
    let (a, b) = (moments(reference), moments(focal));
    let effect = hedges(&a, &b);
    let interval = effect.filter(|_| reference.n >= 30 && focal.n >= 30);
    vec![
        Figure::Count(reference.n.into()),
        Figure::Count(focal.n.into()),
        Figure::real(a.mean(), 1),
        Figure::real(b.mean(), 1),
        Figure::real(effect.map(|effect| effect.value), 2),
        Figure::real(interval.map(|effect| effect.low), 2),
        Figure::real(interval.map(|effect| effect.high), 2),
    ]
}
