//! Circumstances: poverty, language, disability and others, and their statuses over time.

use super::{ASIAN, BLACK, Record, Status, StatusKind, WHITE};
use crate::dice::Dice;
use crate::faults::RowFault;
use crate::schools::Plan;

/// Generates the circumstances and their statuses.
pub(super) fn draw(plan: &Plan, record: &mut Record, dice: &mut Dice) {
    let Some(home) = record.enrollments.last() else { return };
    let poverty = plan.schools[home.school as usize].poverty;
    let returning = record.enrollments[0].year < plan.year;
    let graduated = home.year < plan.year;
    let end = graduated.then(|| home.year.end());
    let student = &mut record.student;
    let grade = f64::from(student.grade);
    let asian = student.races & ASIAN != 0;

    let lean = if student.hispanic || student.races == BLACK {
        0.06
    } else if student.races == WHITE || asian {
        -0.06
    } else {
        0.0
    };
    let frl = dice.chance(poverty + lean);
    let learner = dice.chance(
        (0.155 - 0.008 * grade)
            * if student.hispanic {
                2.4
            } else if asian {
                1.6
            } else {
                0.3
            }
            * if frl { 1.25 } else { 0.7 },
    );
    let iep = dice.chance((if student.female { 0.10 } else { 0.185 }) * if frl { 1.15 } else { 0.85 });
    let drawn = [
        (StatusKind::Frl, frl),
        (StatusKind::EnglishLearner, learner),
        (StatusKind::Iep, iep),
        (StatusKind::S504, !iep && dice.chance(0.03)),
        (StatusKind::Homeless, dice.chance(if frl { 0.043 } else { 0.003 })),
        (StatusKind::Foster, dice.chance(0.005)),
        (StatusKind::Migrant, dice.chance(if frl { 0.008 } else { 0.001 })),
        (StatusKind::Military, dice.chance(0.02)),
        (StatusKind::Gifted, dice.chance(if student.ability > 0.95 { 0.6 } else { 0.02 })),
    ];
    if learner {
        student.language = match (student.hispanic, asian) {
            (true, _) => "es",
            (_, true) => dice.pick(&["zh", "vi", "ko", "hmn", "hi"]),
            _ => dice.pick(&["ar", "so", "ru", "pt", "ht"]),
        };
        if dice.chance(0.4) {
            student.first_us_date = Some(record.enrollments[0].entry);
        }
    }
    let this_year = plan.year.begin();
    let first_year = record.enrollments[0].year.begin();
    for (kind, has) in drawn {
        let status = |value, begin, end| Status {
            kind,
            value,
            begin,
            end,
            disability: "",
            inferred: false,
            spoil: RowFault::Nothing,
        };
        if has {
            student.circumstances |= 1 << kind as u16;
            let mut row = status("yes", first_year, end);
            match kind {
                StatusKind::Frl => {
                    row.value = dice.weighted(&[("free", 50), ("direct_cert", 34), ("reduced", 16)]);
                    // Eligibility is determined every year, and the value changes with household income.
                    if returning && !graduated && dice.chance(0.25) {
                        let before = if row.value == "reduced" { "free" } else { "reduced" };
                        record.statuses.push(status(before, first_year, Some(this_year)));
                        row.begin = this_year;
                    }
                }
                StatusKind::EnglishLearner => row.value = "el_current",
                StatusKind::Iep => {
                    row.disability = dice.weighted(&[
                        ("specific_learning_disability", 32),
                        ("speech_language", 19),
                        ("other_health_impairment", 15),
                        ("autism", 13),
                        ("developmental_delay", 7),
                        ("intellectual_disability", 6),
                        ("emotional_disturbance", 5),
                        ("multiple_disabilities", 3),
                    ]);
                }
                StatusKind::Military => row.inferred = true,
                // Identified during the year, or over before its end.
                StatusKind::Homeless if !graduated && dice.chance(0.3) => {
                    row.begin = plan.first_day.plus(dice.between(0, plan.day.since(plan.first_day)));
                }
                _ => {}
            }
            record.statuses.push(row);
        } else if returning
            && !graduated
            && dice.chance(if matches!(kind, StatusKind::Frl | StatusKind::Homeless) { 0.04 } else { 0.004 })
        {
            // A circumstance of last year that has ended.
            let value = match kind {
                StatusKind::Frl => "reduced",
                StatusKind::EnglishLearner => "el_current",
                _ => "yes",
            };
            record.statuses.push(status(value, first_year, Some(this_year)));
            if kind == StatusKind::EnglishLearner {
                record.statuses.push(status("el_monitor1", this_year, None));
            }
        }
    }
}
