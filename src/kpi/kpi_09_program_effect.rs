//! KPI-09: program effect (difference in differences).

use super::Kind::{Int, Real, Text};
use super::kpi_01_mean_score::moments;
use super::statistics::{Moments, Z95, hedges, pooled_sd, small_sample};
use super::{Figure, Kpi, Published, Row};
use crate::model::codes::{Code, ProgramArm};
use crate::model::subgroup::Subgroup;
use crate::model::{Field, Id};
use crate::tallies::scores::{Cell, Measured, Part};

/// The minimum size of each group.
const LEAST: i64 = 30;
/// Groups that differ by more than this before the program are not comparable.
const MOST_BASELINE: f64 = 0.25;
/// Groups that differ by less than this before the program need no adjustment.
const SMALL_BASELINE: f64 = 0.05;

/// The declaration.
pub static KPI: Kpi = Kpi {
    id: "KPI-09",
    name: "kpi_09_program_effect",
    title: "Program effect (difference in differences)",
    doc: "The mean gain (KPI-08) of the treatment group minus that of the comparison group, and the same in pooled standard \
          deviations of the scores after the program, with Hedges' correction. The groups are not randomized. The baseline \
          is the difference between the groups before the program in the same units: above 0.25 the groups are not \
          comparable and no effect is published; from 0.05 to 0.25 the row says that the effect needs adjustment. Both \
          groups must have at least 30 students with both scores. Source: What Works Clearinghouse, Procedures and \
          Standards Handbook.",
    grain: "one row per program with a treatment and a comparison group, over the whole district",
    unit: "points of the assessment's scale",
    reports_moves: true,
    keys: &["program_id", "name", "subject"],
    columns: &[
        ("n_treatment", Int),
        ("n_comparison", Int),
        ("baseline_g", Real),
        ("standing", Text),
        ("effect", Real),
        ("low", Real),
        ("high", Real),
        ("g", Real),
    ],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let treatment = ProgramArm::Treatment.rank();
    let comparison = ProgramArm::Comparison.rank();
    let all = |cell: &Cell| cell.school.is_none() && cell.subgroup == Subgroup::ALL;
    let mut rows = Vec::new();
    for (cell, _) in published.programs(Part::Gain).filter(|(cell, _)| all(cell)) {
        let (Measured::Program(program, arm, _), Some(other)) = (cell.of, comparison) else { continue };
        if Some(arm) != treatment {
            continue;
        }
        let against = Cell { of: Measured::Program(program, other, Part::Gain), ..*cell };
        if published.cell(&against).is_none() {
            continue;
        }
        let arms = [*cell, against].map(|cell| {
            [Part::Pre, Part::Post, Part::Gain]
                .map(|part| published.cell(&cell.part(part)).map_or(Moments::default(), moments))
        });
        let row = published.current.rows().program.get(program.index()).copied().flatten();
        let texts = published.texts();
        let name = row.map_or(String::new(), |row| texts.text(row.name).to_owned());
        let subject = row.map_or(String::new(), |row| row.target_subject.value().text(texts));
        let keys = vec![texts.text(program).to_owned(), name, subject];
        let shown = arms.iter().all(|[_, _, gain]| gain.n >= LEAST);
        rows.push(Row { keys, figures: shown.then(|| figures(&arms)) });
    }
    rows
}

fn figures([treated, compared]: &[[Moments; 3]; 2]) -> Vec<Figure> {
    let [[pre_t, post_t, gain_t], [pre_c, post_c, gain_c]] = [treated, compared];
    let baseline = hedges(pre_t, pre_c).map(|effect| effect.value);
    let standing = match baseline.map(f64::abs) {
        None => "not comparable",
        Some(size) if size > MOST_BASELINE => "not comparable",
        Some(size) if size > SMALL_BASELINE => "needs adjustment",
        Some(_) => "comparable",
    };
    let effect = gain_t.mean().zip(gain_c.mean()).map(|(t, c)| t - c).filter(|_| standing != "not comparable");
    let se = gain_t.se().zip(gain_c.se()).map(|(t, c)| t.hypot(c));
    let end = |sign: f64| effect.zip(se).map(|(effect, se)| effect + sign * Z95 * se);
    let g = effect.zip(pooled_sd(post_t, post_c)).filter(|(_, sd)| *sd > 0.0);
    let g = g.map(|(effect, sd)| small_sample(post_t.n + post_c.n) * effect / sd);
    vec![
        Figure::Count(gain_t.n),
        Figure::Count(gain_c.n),
        Figure::real(baseline, 2),
        Figure::Word(standing),
        Figure::real(effect, 1),
        Figure::real(end(-1.0), 1),
        Figure::real(end(1.0), 1),
        Figure::real(g, 2),
    ]
}
