//! Expected and actual participation in state assessments, by school and group.
//!
//! The state requires 95% of every group of ten. Students are written before the groups are complete, so a student may
//! be absent only if all of the student's groups are already large enough; effects of faults on the groups are counted
//! here too.

use super::faults::Answers;
use super::schools::{Plan, school_id};
use super::students::StatusKind;
use super::testing::Assessment;

/// The published groups: one for all, eight for race and ethnicity, five for sex, two for each status.
pub(super) const GROUPS: usize = 32;
const RACES: [&str; 8] =
    ["hispanic", "american_indian", "asian", "black", "pacific_islander", "white", "two_or_more", "unknown"];
const SEXES: [&str; 5] = ["female", "male", "nonbinary", "unspecified", "unknown"];
/// The statuses that define a category, with its name.
pub(super) const STATUSES: [(StatusKind, &str); 9] = [
    (StatusKind::Frl, "econ"),
    (StatusKind::EnglishLearner, "el"),
    (StatusKind::Iep, "iep"),
    (StatusKind::S504, "s504"),
    (StatusKind::Homeless, "homeless"),
    (StatusKind::Foster, "foster"),
    (StatusKind::Migrant, "migrant"),
    (StatusKind::Military, "military"),
    (StatusKind::Gifted, "gifted"),
];

/// The groups of a student with this race and sex; `has` returns whether the student has a status.
pub(super) fn groups(race: &str, sex: &str, has: impl Fn(StatusKind) -> bool) -> [u8; 12] {
    let mut groups = [0; 12];
    groups[1] = 1 + RACES.iter().position(|known| *known == race).unwrap_or(7) as u8;
    groups[2] = 9 + SEXES.iter().position(|known| *known == sex).unwrap_or(4) as u8;
    for (index, (kind, _)) in STATUSES.into_iter().enumerate() {
        groups[3 + index] = 14 + 2 * index as u8 + u8::from(!has(kind));
    }
    groups
}

/// The category and value of a group.
fn name(group: usize) -> (&'static str, &'static str) {
    match group {
        0 => ("all", "all"),
        1..=8 => ("race_ethnicity", RACES[group - 1]),
        9..=13 => ("sex", SEXES[group - 9]),
        _ => (STATUSES[(group - 14) / 2].1, ["yes", "no"][group % 2]),
    }
}

/// Expected and tested students by assessment, school and group.
pub(super) struct Participation {
    schools: usize,
    cells: Vec<[[u32; 2]; GROUPS]>,
}

impl Participation {
    pub(super) fn new(plan: &Plan, list: &[Assessment]) -> Participation {
        let schools = plan.schools.len();
        Participation { schools, cells: vec![[[0; 2]; GROUPS]; schools * list.len()] }
    }

    /// Counts a student who was expected to be tested.
    pub(super) fn count(&mut self, assessment: usize, school: u32, groups: &[u8; 12], tested: bool) {
        let cell = &mut self.cells[assessment * self.schools + school as usize];
        for &group in groups {
            let [expected, tested_count] = &mut cell[group as usize];
            *expected += 1;
            *tested_count += u32::from(tested);
        }
    }

    /// Whether every group keeps its 95% without this student, even if no more students follow.
    pub(super) fn may_miss(&self, assessment: usize, school: u32, groups: &[u8; 12]) -> bool {
        let cell = &self.cells[assessment * self.schools + school as usize];
        groups.iter().all(|&group| {
            let [expected, tested_count] = cell[group as usize];
            tested_count * 100 >= 95 * (expected + 1)
        })
    }

    /// Records this year's groups with too few tested students: rule ASM-010.
    pub(super) fn note(&self, plan: &Plan, list: &[Assessment], answers: &mut Answers) {
        for (index, assessment) in list.iter().enumerate() {
            if !assessment.is_over(plan) {
                continue;
            }
            for school in 0..self.schools {
                for (group, &[expected, tested_count]) in self.cells[index * self.schools + school].iter().enumerate() {
                    if expected >= 10 && tested_count * 100 < 95 * expected {
                        let (category, value) = name(group);
                        let (id, school) = (assessment.id(), school_id(school as u32));
                        answers.note("ASM-010", format!("{id}|{school}|{category}|{value}"));
                    }
                }
            }
        }
    }
}
