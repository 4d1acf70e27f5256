//! Subgroups: the categories in which students are counted, and the vector of a student's subgroups on a day.

use crate::model::codes::{Code, RaceFlag, Sex};
use crate::model::{Codes, Date, Interval, SchoolYear};

use crate::views::student::{Status, StudentFacts};
use serde::{Deserialize, Serialize};

pub use crate::model::subgroup::{GROUP_NAMES, Group, RACE_ETHNICITY, SEX, Subgroup};

/// The position in [`RACE_ETHNICITY`]: Hispanic ethnicity first; Middle Eastern or North African counts as white, as
/// in the seven federal categories.
pub fn race_ethnicity(is_hispanic: Option<bool>, race: Codes<RaceFlag>) -> u8 {
    if is_hispanic == Some(true) {
        return 0;
    }
    const WHITE: u32 = 4;
    const MENA: u32 = 5;
    let bits = (race.bits & !(1 << MENA)) | ((race.bits >> MENA & 1) << WHITE);
    match bits.count_ones() {
        0 => 7,
        1 => 1 + bits.trailing_zeros() as u8,
        _ => 6,
    }
}

/// The position in [`SEX`].
pub fn sex(sex: Option<Sex>) -> u8 {
    sex.and_then(Sex::rank).unwrap_or(4)
}

/// The groups whose statuses apply according to `held`.
pub fn groups(statuses: &[Status], held: impl Fn(&Status) -> bool) -> u16 {
    statuses.iter().filter(|status| held(status)).filter_map(|status| status.group).fold(0, |bits, group| bits | group.bit())
}

/// All subgroups of a student on one day, in 15 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Demographics(u16);

impl Demographics {
    /// On a day; without a day, no status applies.
    pub fn on(student: Option<&StudentFacts>, statuses: &[Status], day: Option<Date>) -> Demographics {
        let race = student.map_or(7, |student| race_ethnicity(student.is_hispanic, student.race));
        let sex = sex(student.and_then(|student| student.sex));
        let groups = groups(statuses, |status| day.is_some_and(|day| status.interval.contains(day)));
        Demographics(groups << 6 | u16::from(race) << 3 | u16::from(sex))
    }

    /// On any day of a school year: a status on any of its days counts.
    pub fn within(student: Option<&StudentFacts>, statuses: &[Status], year: SchoolYear) -> Demographics {
        let days = Interval::new(year.begin(), Some(year.end()));
        let held = groups(statuses, |status| !status.interval.is_empty() && !status.interval.intersect(days).is_empty());
        let today = Demographics::on(student, &[], None);
        Demographics(today.0 | held << 6)
    }

    /// Its subgroups, one per category.
    pub fn subgroups(self) -> impl Iterator<Item = Subgroup> {
        let race = 1 + (self.0 >> 3 & 7) as u8;
        let sex = 9 + (self.0 & 7) as u8;
        let groups = (0..9u8).map(move |group| 14 + 2 * group + (self.0 >> (6 + group) & 1) as u8);
        [0, race, sex].into_iter().chain(groups).map(Subgroup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn race_and_ethnicity_are_counted_in_seven_ways() {
        let mut texts = crate::model::Texts::default();
        let mut name =
            |hispanic, flags| RACE_ETHNICITY[usize::from(race_ethnicity(hispanic, Codes::read(flags, &mut texts)))];
        assert_eq!(name(Some(true), "white;asian"), "hispanic");
        assert_eq!(name(None, "white;asian"), "two_or_more");
        assert_eq!(name(Some(false), "white;mena"), "white");
        assert_eq!(name(None, "american_indian"), "american_indian");
        assert_eq!(name(None, "Klingon"), "unknown");
    }

    #[test]
    fn a_student_is_in_one_subgroup_of_each_category() {
        let facts = StudentFacts { sex: Some(Sex::Male), ..StudentFacts::default() };
        let named: Vec<_> = Demographics::on(Some(&facts), &[], None).subgroups().map(Subgroup::name).collect();
        assert_eq!(named[..3], [("all", "all"), ("race_ethnicity", "unknown"), ("sex", "male")]);
        assert!(named[3..].iter().all(|(_, value)| *value == "no") && named.len() == 12);
    }
}
