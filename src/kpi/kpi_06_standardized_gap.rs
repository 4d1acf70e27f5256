//! KPI-06: standardized mean gap.

use super::Kind::{Int, Real};
use super::kpi_01_mean_score::moments;
use super::published::PAIR;
use super::statistics::hedges;
use super::{Figure, Kpi};
use crate::tallies::scores::Scores;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-06",
    name: "kpi_06_standardized_gap",
    title: "Standardized mean gap",
    doc: "The mean score (KPI-01) of the reference group minus that of the focal group, in pooled standard deviations with \
          Hedges' small-sample correction. Groups are paired as for KPI-05. The 95% interval is given if both groups have \
          at least 30 students. Source: What Works Clearinghouse; Stanford Education Data Archive.",
    grain: "one row per assessment, school year, school or district, grade or all grades, and pair of subgroups",
    unit: "standard deviations",
    stored_as: Some(4),
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

#[cfg(test)]
mod tests {
    use crate::testing::check_kpi;
    use expect_test::{Expect, expect};

    fn check(female: usize, male: usize, expected: Expect) {
        let mut changes = "
            assessment | assessment_id subject is_accountability
            2026-03-02 + Star math true
            student | student_id sex
        "
        .to_owned();
        let students = || [("female", female), ("male", male)].into_iter();
        for (sex, count) in students() {
            changes.extend((0..count).map(|number| format!("2026-03-02 + {sex}{number} {sex}\n")));
        }
        changes += "assessment_result | result_id student_id assessment_id participation score grade_level\n";
        for (sex, count) in students() {
            let score = |number: usize| if sex == "female" { 100 + number % 3 } else { 98 + number % 5 };
            let row = |number| format!("2026-03-02 + R{sex}{number} {sex}{number} Star tested {} .\n", score(number));
            changes.extend((0..count).map(row));
        }
        check_kpi("KPI-06", 10, &changes, expected);
    }

    #[test]
    fn thirty_in_both_groups_have_an_interval() {
        check(
            30,
            30,
            expect![[r#"
                Star math 2026   sex female male |
                  n_reference=30 n_focal=30 mean_reference=101.0 mean_focal=100.0 g=0.84 low=0.32 high=1.36
            "#]],
        );
        check(
            29,
            30,
            expect![[r#"
                Star math 2026   sex female male |
                  n_reference=29 n_focal=30 mean_reference=101.0 mean_focal=100.0 g=0.81 low=. high=.
            "#]],
        );
        check(
            30,
            29,
            expect![[r#"
                Star math 2026   sex female male |
                  n_reference=30 n_focal=29 mean_reference=101.0 mean_focal=99.9 g=0.91 low=. high=.
            "#]],
        );
    }
}
