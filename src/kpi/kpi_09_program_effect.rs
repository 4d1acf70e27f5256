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
pub(crate) static KPI: Kpi = Kpi {
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
    stored_as: Some(6),
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
        let least = LEAST.max(published.settings.minimum_n);
        let shown = arms.iter().all(|[_, _, gain]| gain.n >= least);
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

#[cfg(test)]
mod tests {
    use crate::testing::check_kpi;
    use expect_test::{Expect, expect};

    /// Arms of so many students; those of the first begin so many thousandths of a point higher.
    fn check(minimum_n: i64, arms: [usize; 2], ahead: usize, expected: Expect) {
        let mut changes = "
            program | program_id name target_subject
            2026-03-02 + Tutoring Tutoring math
            assessment | assessment_id family subject
            2026-03-02 + Star star math
            program_participation | participation_id student_id program_id begin_date end_date arm
        "
        .to_owned();
        let students = || {
            let of = |(arm, students): (usize, usize)| (0..students).map(move |number| (arm, number));
            arms.into_iter().enumerate().flat_map(of)
        };
        changes.extend(students().map(|(arm, number)| {
            let name = ["treatment", "comparison"][arm];
            format!("2026-03-02 + P{arm}-{number} S{arm}-{number} Tutoring 2025-09-02 2026-01-31 {name}\n")
        }));
        changes += "assessment_result | result_id student_id assessment_id administration_date participation score\n";
        changes.extend(students().map(|(arm, number)| {
            // 95 and 105 in turn; the gains are 20 and 22, and 10 and 12.
            let before = 95_000 + 10_000 * (number % 2) + ahead * (1 - arm);
            let after = before + 20_000 - 10_000 * arm + 2_000 * (number / 2 % 2);
            let points = |score: usize| format!("{}.{:03}", score / 1_000, score % 1_000);
            format!(
                "2026-03-02 + B{arm}-{number} S{arm}-{number} Star 2025-09-01 tested {}
                 2026-03-02 + A{arm}-{number} S{arm}-{number} Star 2026-02-01 tested {}\n",
                points(before),
                points(after)
            )
        }));
        check_kpi("KPI-09", minimum_n, &changes, expected);
    }

    #[test]
    fn both_arms_are_large_enough() {
        check(
            10,
            [30, 30],
            0,
            expect![[r#"
                Tutoring Tutoring math |
                  n_treatment=30 n_comparison=30 baseline_g=0.00 standing=comparable effect=10.0 low=9.5 high=10.5 g=1.90
            "#]],
        );
        check(
            10,
            [29, 30],
            0,
            expect![[r#"
            Tutoring Tutoring math | suppressed
        "#]],
        );
        check(
            10,
            [30, 29],
            0,
            expect![[r#"
            Tutoring Tutoring math | suppressed
        "#]],
        );
        // A publication may ask for more than the handbook does.
        check(
            30,
            [30, 31],
            0,
            expect![[r#"
                Tutoring Tutoring math |
                  n_treatment=30 n_comparison=31 baseline_g=0.03 standing=comparable effect=10.0 low=9.5 high=10.5 g=1.90
            "#]],
        );
        check(
            31,
            [30, 31],
            0,
            expect![[r#"
            Tutoring Tutoring math | suppressed
        "#]],
        );
    }

    /// The standard deviation before is 5.043 and the correction 1 - 3/231: by hand, 0.2 points are a baseline of 0.039.
    #[test]
    fn arms_that_begin_apart_are_compared_with_care_or_not_at_all() {
        check(
            10,
            [30, 30],
            200,
            expect![[r#"
                Tutoring Tutoring math |
                  n_treatment=30 n_comparison=30 baseline_g=0.04 standing=comparable effect=10.0 low=9.5 high=10.5 g=1.90
            "#]],
        );
        check(
            10,
            [30, 30],
            300,
            expect![[r#"
                Tutoring Tutoring math |
                  n_treatment=30 n_comparison=30 baseline_g=0.06 standing=needs adjustment effect=10.0 low=9.5 high=10.5 g=1.90
            "#]],
        );
        check(
            10,
            [30, 30],
            1_250,
            expect![[r#"
                Tutoring Tutoring math |
                  n_treatment=30 n_comparison=30 baseline_g=0.24 standing=needs adjustment effect=10.0 low=9.5 high=10.5 g=1.90
            "#]],
        );
        check(
            10,
            [30, 30],
            1_300,
            expect![[r#"
                Tutoring Tutoring math |
                  n_treatment=30 n_comparison=30 baseline_g=0.25 standing=not comparable effect=. low=. high=. g=.
            "#]],
        );
    }
}
