//! Subgroups by name: the ways in which students are counted apart.

use super::codes::{Code, StatusValue, SubgroupCategory};
use super::{CodeSet, Field, Value};
use serde::{Deserialize, Serialize};

/// Race and ethnicity in seven ways and unknown, as federal reporting counts them.
pub const RACE_ETHNICITY: &[&str] = CodeSet::RaceEthnicity7.values();
/// Sex as counted.
pub const SEX: &[&str] = CodeSet::CountedSex.values();
/// The names of the groups.
pub const GROUP_NAMES: [&str; 9] = ["econ", "el", "iep", "s504", "homeless", "foster", "migrant", "military", "gifted"];

/// One value of one category: a row of `dim_subgroup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subgroup(pub u8);

impl Subgroup {
    /// All students.
    pub const ALL: Subgroup = Subgroup(0);
    /// How many there are.
    pub const COUNT: u8 = 32;

    /// The category and the value.
    pub fn name(self) -> (&'static str, &'static str) {
        match self.0 {
            0 => ("all", "all"),
            race @ 1..=8 => ("race_ethnicity", RACE_ETHNICITY[usize::from(race) - 1]),
            sex @ 9..=13 => ("sex", SEX[usize::from(sex) - 9]),
            group => (GROUP_NAMES[usize::from(group - 14) / 2], if group % 2 == 1 { "yes" } else { "no" }),
        }
    }

    /// The category and the value as codes.
    pub fn codes(self) -> (SubgroupCategory, Value) {
        let category = |rank| SubgroupCategory::from_rank(rank).unwrap_or(SubgroupCategory::All);
        match self.0 {
            0 => (SubgroupCategory::All, SubgroupCategory::All.value()),
            race @ 1..=8 => (category(1), Value::Code(CodeSet::RaceEthnicity7, race - 1)),
            sex @ 9..=13 => (category(2), Value::Code(CodeSet::CountedSex, sex - 9)),
            group => {
                let value = if group % 2 == 1 { StatusValue::Yes } else { StatusValue::No };
                (category(3 + (group - 14) / 2), value.value())
            }
        }
    }

    /// Whether others of its category are compared with it.
    pub fn is_reference(self) -> bool {
        matches!(self.name(), ("race_ethnicity", "white") | ("sex", "female") | (_, "no"))
    }

    /// The subgroup of a category and value.
    pub fn named(category: &str, value: &str) -> Option<Subgroup> {
        (0..Subgroup::COUNT).map(Subgroup).find(|subgroup| subgroup.name() == (category, value))
    }
}

/// The pairs of subgroups that are compared: reference, focal.
pub fn compared() -> Vec<(Subgroup, Subgroup)> {
    let named = |category, value| Subgroup::named(category, value).expect("invariant: the subgroups compared are named");
    let race = RACE_ETHNICITY.iter().filter(|race| !["white", "unknown"].contains(race));
    let race = race.map(|race| (named("race_ethnicity", "white"), named("race_ethnicity", race)));
    let sex = [(named("sex", "female"), named("sex", "male"))];
    let groups = GROUP_NAMES.iter().map(|group| (named(group, "no"), named(group, "yes")));
    race.chain(sex).chain(groups).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subgroups_are_named_once_and_found_again() {
        for number in 0..Subgroup::COUNT {
            let (category, value) = Subgroup(number).name();
            assert_eq!(Subgroup::named(category, value), Some(Subgroup(number)));
        }
    }
}
