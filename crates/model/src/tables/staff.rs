//! `staff`: educator or other staff person.

use crate::codes::{RaceFlag, Sex};
use crate::names::{Names, ends_with_suffix, normalized, soundex};
use crate::{Codes, Date, Flaws, Fte, LoginKey, MatchKey, Projection, Row, StaffId, StateStaffId, Text, Texts};

table! {
    /// An educator or other staff member as a person.
    Staff "staff" key(staff_id) of StaffId
    watch(
        staff_id: Id, state_staff_id: StateId, first_name: PersonName, middle_name: PersonName,
        last_name: PersonName, suffix: Name, former_last_name: PersonName
    )
    {
        /// The staff member.
        staff_id: StaffId ["staff_number", "staff_unique_id"],
        /// The state's number for the educator.
        state_staff_id: Option<StateStaffId> ["seid", "state_educator_id"],
        /// First name.
        first_name: Text ["given_name"],
        /// Middle name.
        middle_name: Option<Text>,
        /// Last name.
        last_name: Text ["family_name", "last_surname"],
        /// Generation suffix, such as Jr.
        suffix: Option<Text>,
        /// Former last name: maiden name or alias.
        former_last_name: Option<Text> ["maiden_name"],
        /// Birth date.
        birth_date: Option<Date> ["dob", "date_of_birth"],
        /// Sex as recorded.
        sex: Option<Sex>,
        /// Hispanic or Latino ethnicity, asked apart from race; empty when not reported.
        is_hispanic: Option<bool>,
        /// Races reported; empty when none was.
        race: Codes<RaceFlag>,
        /// Work e-mail address.
        email: Option<Text>,
        /// Name to log in with.
        username: Option<Text>,
        /// Highest education reached (Ed-Fi LevelOfEducation).
        highest_education: Option<Text>,
        /// Prior professional experience, in years.
        years_experience: Option<Fte>,
        /// Experience in this district, in years.
        years_experience_district: Option<Fte>,
        /// Whether it is in use; true by default.
        is_active: Option<bool>,
    }
    derived {
        /// Birth date and how the last name sounds.
        birth_sound: Option<MatchKey> = birth_sound,
        /// Birth date and how the former last name sounds.
        former_sound: Option<MatchKey> = former_sound,
        /// How the last name sounds, and how the first name begins.
        name_sound: Option<MatchKey> = name_sound,
        /// Names as they are compared.
        names: Names = names,
        /// E-mail address as it is compared.
        email_key: Option<LoginKey> = email_key,
        /// User name as it is compared.
        username_key: Option<LoginKey> = username_key,
        /// Flaws of its names and ids.
        flaws: Flaws = flaws,
    }
}

fn column<'a>(field: &impl Fn(usize) -> &'a str, name: &str) -> &'a str {
    Staff::SPEC.column(name).map_or("", field)
}

fn birth_sound<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Option<MatchKey> {
    birth_and_sound(field, "last_name", texts)
}

fn former_sound<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Option<MatchKey> {
    birth_and_sound(field, "former_last_name", texts)
}

fn birth_and_sound<'a>(field: &impl Fn(usize) -> &'a str, name: &str, texts: &mut Texts) -> Option<MatchKey> {
    let born = Date::parse_iso(column(field, "birth_date").as_bytes())?;
    let sound = soundex(&normalized(column(field, name)))?;
    Some(texts.id(&format!("{born} {sound}")))
}

fn name_sound<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Option<MatchKey> {
    let sound = soundex(&normalized(column(field, "last_name")))?;
    let first: String = normalized(column(field, "first_name")).chars().take(3).collect();
    Some(texts.id(&format!("{sound} {first}")))
}

fn names<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Names {
    let born = Date::parse_iso(column(field, "birth_date").as_bytes());
    let [first, last, former] = ["first_name", "last_name", "former_last_name"].map(|name| column(field, name));
    Names::of(first, last, former, born, texts)
}

fn email_key<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Option<LoginKey> {
    let email = column(field, "email");
    (!email.is_empty()).then(|| texts.id(&format!("email {}", email.to_lowercase())))
}

fn username_key<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Option<LoginKey> {
    let username = column(field, "username");
    (!username.is_empty()).then(|| texts.id(&format!("username {}", username.to_lowercase())))
}

fn flaws<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Flaws {
    let suffix = ["last_name", "first_name", "middle_name"].iter().any(|name| ends_with_suffix(column(field, name)));
    Flaws::of::<Staff>(field, texts).and_suffix(suffix)
}

/// The columns of a staff record that views read: the years of experience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StaffFacts {
    /// Years of experience.
    pub years_experience: Option<Fte>,
}

impl Projection<StaffId, StaffFacts> for Staff {
    fn project(&self, out: &mut impl FnMut(StaffId, StaffFacts)) {
        out(self.staff_id, StaffFacts { years_experience: self.years_experience });
    }
}
