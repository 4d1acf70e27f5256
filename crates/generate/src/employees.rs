//! Staff identities: names, birth dates, and what distinguishes people.
//!
//! No two people may look alike unless a fault makes them, but in a large district chance would. So the keys used to
//! find duplicates are remembered, and a person who would share one is drawn again.

use super::dice::Dice;
use super::names;
use rollcall_model::date::{Date, SchoolYear};
use rollcall_model::names::{normalized, soundex};
use std::collections::HashSet;

/// A generated staff member.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) female: bool,
    pub(super) first: String,
    pub(super) middle: Option<&'static str>,
    pub(super) last: String,
    pub(super) former: Option<String>,
    pub(super) birth: Date,
    pub(super) hispanic: bool,
    pub(super) race: &'static str,
    pub(super) experience: u32,
    pub(super) education: &'static str,
}

/// A duplicate-detection key as a number: birth date and sound of the last name; or sound, beginning of the first name,
/// and two of year, month and day. A hash collision only costs another draw.
type Key = u64;

/// The number of a key: FNV-1a, which is the same on every platform.
fn key(sound: &str, start: &str, date: [u32; 3]) -> Key {
    let numbers = date.into_iter().flat_map(u32::to_le_bytes);
    let bytes = sound.bytes().chain([0]).chain(start.bytes()).chain([0]).chain(numbers);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Keys of everybody drawn so far.
#[derive(Default)]
pub(super) struct People(HashSet<Key>);

impl Person {
    /// The same person as typed in capitals.
    pub(super) fn in_capitals(&self) -> Person {
        Person { first: self.first.to_uppercase(), last: self.last.to_uppercase(), ..self.clone() }
    }

    fn keys(&self) -> Vec<Key> {
        keys(&self.first, &self.last, self.former.as_deref(), self.birth)
    }
}

fn keys(first: &str, last: &str, former: Option<&str>, birth: Date) -> Vec<Key> {
    let start: String = normalized(first).chars().take(3).collect();
    let sound = soundex(&normalized(last)).unwrap_or_default();
    let (year, month, day) = birth.to_ymd();
    let year = year as u32;
    let mut keys = vec![key(&sound, "", [year, month, day])];
    keys.extend([[year, month, 0], [year, 0, day], [0, month, day]].map(|two| key(&sound, &start, two)));
    if let Some(former) = former {
        keys.push(key(&soundex(&normalized(former)).unwrap_or_default(), "", [year, month, day]));
    }
    keys
}

impl People {
    /// Remembers an existing person; a former last name may be empty.
    pub(super) fn know(&mut self, first: &str, last: &str, former: &str, birth: Date) {
        self.0.extend(keys(first, last, Some(former).filter(|former| !former.is_empty()), birth));
    }

    /// Draws a person who is not similar to anybody before.
    pub(super) fn draw(&mut self, year: SchoolYear, dice: &mut Dice) -> Person {
        let ethnicity =
            dice.weighted(&[("white", 790), ("hispanic", 95), ("black", 65), ("asian", 30), ("american_indian", 20)]);
        let hispanic = ethnicity == "hispanic";
        let female = dice.chance(0.76);
        let age = 25 + dice.below(40).min(dice.below(60));
        let today = year.first_of_september();
        loop {
            let person = Person {
                female,
                first: names::first_name(female, names::first(dice)).to_owned(),
                middle: dice.chance(0.6).then(|| names::first_name(female, names::first(dice))),
                last: names::LAST[names::last(hispanic, ethnicity == "asian", dice) as usize].to_owned(),
                former: None,
                birth: today.plus(-i64::from(age) * 1461 / 4 - dice.between(1, 365)),
                hispanic,
                race: if hispanic { "white" } else { ethnicity },
                experience: dice.below(age - 21),
                education: dice.weighted(&[("Bachelors", 39), ("Masters", 51), ("Specialist", 8), ("Doctorate", 2)]),
            };
            let keys = person.keys();
            if !keys.iter().any(|key| self.0.contains(key)) {
                self.0.extend(keys);
                return person;
            }
        }
    }

    /// The same person as another clerk would have entered them: an extra letter in the first name, another last name
    /// with the former one recorded, or a birthday a few days off.
    pub(super) fn almost(&mut self, person: &Person, way: u32) -> Person {
        let own: HashSet<Key> = person.keys().into_iter().collect();
        let variants = (0..60u32).map(|step| {
            let mut like = person.clone();
            if way % 3 == 1 {
                like.former = Some(person.last.clone());
                like.last = names::LAST[(7 + 3 * step as usize) % 80].to_owned();
            } else {
                let (year, month, day) = person.birth.to_ymd();
                like.birth = Date::ymd(year, month, 1 + (day + step) % 28).unwrap_or(person.birth);
            }
            like
        });
        // Different from the person, and not similar to anybody else.
        let fresh = |like: &Person| {
            let other = like.birth != person.birth || normalized(&like.last) != normalized(&person.last);
            other && like.keys().iter().all(|key| own.contains(key) || !self.0.contains(key))
        };
        let found = variants.filter(|_| !way.is_multiple_of(3)).find(fresh);
        let like = found.unwrap_or_else(|| {
            let doubled = person.first.chars().chain(person.first.chars().last()).collect();
            Person { first: doubled, ..person.clone() }
        });
        self.0.extend(like.keys());
        like
    }
}

/// A unique nine-digit state id: multiplication modulo a prime.
pub(super) fn state_staff_id(staff: u32) -> String {
    format!("7{:09}", u64::from(staff) * 69_621 % 999_999_937)
}
