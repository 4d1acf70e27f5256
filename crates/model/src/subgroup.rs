//! Subgroups by name: the categories in which students are counted.

use super::codes::{Code, StatusType, StatusValue, SubgroupCategory};
use super::{CodeSet, Field, Value};
use serde::{Deserialize, Serialize};

/// Race and ethnicity in the seven federal categories, and unknown.
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
    /// The number of subgroups.
    pub const COUNT: u8 = 32;

    /// The category and the value.
    #[inline]
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

    /// Whether it is the reference group of its category.
    #[inline]
    pub fn is_reference(self) -> bool {
        matches!(self.name(), ("race_ethnicity", "white") | ("sex", "female") | (_, "no"))
    }

    /// The subgroup of a category and value.
    #[inline]
    pub fn named(category: &str, value: &str) -> Option<Subgroup> {
        (0..Subgroup::COUNT).map(Subgroup).find(|subgroup| subgroup.name() == (category, value))
    }
}

/// A characteristic that a student may have on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Group {
    /// Economically disadvantaged: by status or by free or reduced lunch.
    Econ,
    /// English learner.
    El,
    /// Individualized education program.
    Iep,
    /// Section 504 plan.
    S504,
    /// Homeless.
    Homeless,
    /// In foster care.
    Foster,
    /// Migrant.
    Migrant,
    /// Parent in the military.
    Military,
    /// Gifted.
    Gifted,
}

impl Group {
    /// Every group, in the order of [`GROUP_NAMES`].
    pub const ALL: [Group; 9] = [
        Group::Econ,
        Group::El,
        Group::Iep,
        Group::S504,
        Group::Homeless,
        Group::Foster,
        Group::Migrant,
        Group::Military,
        Group::Gifted,
    ];

    /// The group of a student with this status.
    pub fn of(status: StatusType, value: StatusValue) -> Option<Group> {
        use StatusValue::{DirectCert, ElCurrent, Free, Reduced, Yes};
        match (status, value) {
            (StatusType::EconDisadvantaged | StatusType::Frl, Yes | Free | Reduced | DirectCert) => Some(Group::Econ),
            (StatusType::EnglishLearner, ElCurrent | Yes) => Some(Group::El),
            (StatusType::Iep, Yes) => Some(Group::Iep),
            (StatusType::Section504, Yes) => Some(Group::S504),
            (StatusType::Homeless, Yes) => Some(Group::Homeless),
            (StatusType::Foster, Yes) => Some(Group::Foster),
            (StatusType::Migrant, Yes) => Some(Group::Migrant),
            (StatusType::Military, Yes) => Some(Group::Military),
            (StatusType::Gifted, Yes) => Some(Group::Gifted),
            _ => None,
        }
    }

    /// Its bit in a set of groups.
    #[inline]
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The pairs of subgroups that are compared: reference, focal.
#[inline]
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
