//! KPI-08: pre/post mean gain.

use super::Kind::{Int, Real};
use super::kpi_01_mean_score::moments;
use super::statistics::mean;
use super::{Figure, Kpi, Published, Row};
use crate::tallies::scores::Part;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-08",
    name: "kpi_08_program_gain",
    title: "Pre/post mean gain",
    doc: "Mean score after a program minus mean score before it, over its participants with both scores: from one \
          assessment family in the program's subject, the score closest to the begin date, from 180 days before to 14 days \
          after it, and the score closest to the end date, from 14 days before to 120 days after it. With the standard \
          deviation of the gain, paired t, a 95% interval, and the gain in standard deviations of the score before. \
          Coverage is the share of participations with both scores. Treatment and comparison groups have separate rows. A \
          gain is not an effect: students also gain without programs (KPI-09). Source: evaluation practice.",
    grain: "one row per program, arm (treatment or comparison), school or district, and subgroup",
    unit: "points of the assessment's scale",
    stored_as: Some(5),
    keys: &["program_id", "arm", "school_id", "category", "value"],
    columns: &[
        ("participations", Int),
        ("n", Int),
        ("coverage", Real),
        ("pre", Real),
        ("post", Real),
        ("gain", Real),
        ("sd", Real),
        ("t", Real),
        ("low", Real),
        ("high", Real),
        ("d", Real),
    ],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let row = |(cell, enrolled): &(crate::tallies::scores::Cell, crate::tallies::scores::Scores)| {
        let of = |part| published.cell(&cell.part(part)).copied().unwrap_or_default();
        let [pre, post, gain] = [Part::Pre, Part::Post, Part::Gain].map(of);
        let parts = [Part::Enrolled, Part::Pre];
        let shown =
            i64::from(gain.n) >= published.settings.minimum_n && parts.iter().all(|&part| published.shows(&cell.part(part)));
        let figures = shown.then(|| {
            let [pre, post, gain] = [pre, post, gain].map(|scores| moments(&scores));
            let estimate = mean(&gain);
            let t = gain.mean().zip(gain.se()).filter(|(_, se)| *se > 0.0).map(|(mean, se)| mean / se);
            let d = gain.mean().zip(pre.sd()).filter(|(_, sd)| *sd > 0.0).map(|(mean, sd)| mean / sd);
            vec![
                Figure::Count(enrolled.n.into()),
                Figure::Count(gain.n),
                Figure::Real(100.0 * gain.n as f64 / f64::from(enrolled.n), 1),
                Figure::real(pre.mean(), 1),
                Figure::real(post.mean(), 1),
                Figure::real(gain.mean(), 1),
                Figure::real(gain.sd(), 1),
                Figure::real(t, 2),
                Figure::real(estimate.map(|estimate| estimate.low), 1),
                Figure::real(estimate.map(|estimate| estimate.high), 1),
                Figure::real(d, 2),
            ]
        });
        Row { keys: published.program_keys(cell), figures }
    };
    published.programs(Part::Enrolled).map(row).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::check_kpi;
    use expect_test::{Expect, expect};

    /// So many participants, the first of whom have scores before and after.
    fn check(participants: usize, scored: usize, expected: Expect) {
        let mut changes = "
            program | program_id target_subject
            2026-03-02 + Tutoring math
            assessment | assessment_id family subject
            2026-03-02 + Star star math
            program_participation | participation_id student_id program_id begin_date end_date arm
        "
        .to_owned();
        let participation = |number| format!("2026-03-02 + P{number} S{number} Tutoring 2025-09-02 2026-01-31 treatment\n");
        changes.extend((0..participants).map(participation));
        changes += "assessment_result | result_id student_id assessment_id administration_date participation score\n";
        changes.extend((0..scored).map(|number| {
            let [before, after] = [100 + number, 103 + 2 * number];
            format!(
                "2026-03-02 + B{number} S{number} Star 2025-09-01 tested {before}
                 2026-03-02 + A{number} S{number} Star 2026-02-01 tested {after}\n"
            )
        }));
        check_kpi("KPI-08", 10, &changes, expected);
    }

    #[test]
    fn those_with_both_scores_are_as_many_as_a_publication_asks_for() {
        check(
            12,
            10,
            expect![[r#"
                Tutoring treatment  all all |
                  participations=12 n=10 coverage=83.3 pre=104.5 post=112.0 gain=7.5 sd=3.0 t=7.83 low=5.3 high=9.7 d=2.48
            "#]],
        );
        check(
            12,
            9,
            expect![[r#"
            Tutoring treatment  all all | suppressed
        "#]],
        );
        // That nobody has them is a figure, too.
        check(
            12,
            0,
            expect![[r#"
            Tutoring treatment  all all | suppressed
        "#]],
        );
    }
}
