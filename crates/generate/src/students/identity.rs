//! Identity: names, age, sex, race and the grade of a student.

use super::enrollments::Progress;
use super::{AMERICAN_INDIAN, ASIAN, BLACK, Enrollment, PACIFIC_ISLANDER, Student, WHITE};
use crate::dice::Dice;
use crate::faults::RowFault;
use crate::names;
use crate::schools::{Plan, day_of};

/// Generates the student that has these enrollments.
pub(super) fn draw(plan: &Plan, index: u32, progress: &Progress, enrollments: &[Enrollment], dice: &mut Dice) -> Student {
    let Progress { school, grade, gone, repeats, .. } = *progress;
    // Ages: a repeater is a year older than usual for the grade, and some have repeated before.
    let mut extra = i64::from(repeats);
    extra += i64::from(extra < 1 && grade > 0 && dice.chance(0.015 + 0.008 * f64::from(grade)));
    extra += i64::from(grade > 2 && extra == 1 && dice.chance(0.06));
    // Graduates reached the grade a year ago.
    let years = 5 + i64::from(grade) + extra + gone as i64;
    let autumn = i32::from(plan.year.0) - 1;
    let birth = day_of(autumn - years as i32, 9, 1).plus(-dice.between(0, 364));

    let poverty = plan.schools[school as usize].poverty;
    let ethnicity = dice.weighted(&[
        (0u8, (46.0 * (1.95 - 1.8 * poverty)) as u32 + 1),
        (1, (28.0 * (0.3 + 1.35 * poverty)) as u32 + 1),
        (2, (15.0 * (0.3 + 1.35 * poverty)) as u32 + 1),
        (3, (5.5 * (1.6 - 1.1 * poverty)) as u32 + 1),
        (4, 5),
        (5, 1),
        (6, 1),
    ]);
    let hispanic = ethnicity == 1;
    let races = match ethnicity {
        0 => WHITE,
        1 => dice.weighted(&[(WHITE, 88), (BLACK, 4), (AMERICAN_INDIAN, 5), (WHITE | AMERICAN_INDIAN, 3)]),
        2 => BLACK,
        3 => ASIAN,
        4 => dice.pick(&[WHITE | BLACK, WHITE | ASIAN, WHITE | AMERICAN_INDIAN, WHITE | BLACK, BLACK | ASIAN]),
        5 => AMERICAN_INDIAN,
        _ => PACIFIC_ISLANDER,
    };
    let races = if !hispanic && dice.chance(0.006) { 0 } else { races };
    let female = dice.chance(0.487);
    let sex = if dice.chance(0.001) {
        "nonbinary"
    } else if female {
        "female"
    } else {
        "male"
    };
    let year9 = (grade > 8).then(|| plan.year.0 - gone as u16 - u16::from(grade - 9) - repeats);
    let enabled = enrollments.iter().any(|row| row.is_active(plan.day));
    Student {
        id: 1_000_001 + index,
        female,
        sex,
        first: names::first(dice),
        middle: dice.chance(0.7).then(|| names::first(dice)),
        last: names::last(hispanic, races == ASIAN, dice),
        suffix: if !female && dice.chance(0.02) { dice.pick(&["Jr", "III", "II"]) } else { "" },
        birth,
        hispanic,
        races,
        language: "en",
        first_us_date: None,
        grade,
        grade9: year9,
        enabled,
        ability: 0.68 * dice.normal(),
        circumstances: 0,
        spoil: RowFault::Nothing,
        missing: None,
        state_id_of: 1_000_001 + index,
    }
}
