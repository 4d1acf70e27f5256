//! `staff`: educator or other staff person.

use super::Row;
use super::codes::{RaceFlag, Sex};
use super::{Codes, Date, Fte, MatchKey, StaffId, StateStaffId, Text, Texts};
use unicode_normalization::UnicodeNormalization;

table! {
    /// An educator or other member of staff as a person.
    Staff "staff" key(staff_id) of StaffId
    {
        /// The member of staff.
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
        /// Normalised last name, first name and birth date; none without a birth date.
        match_key: Option<MatchKey> = match_key,
    }
}

/// Staff are compared by last name, first name and birth date, without case, accents, punctuation, blanks and
/// generation suffix.
fn match_key<'a>(field: &impl Fn(usize) -> &'a str, texts: &mut Texts) -> Option<MatchKey> {
    let column = |name| Staff::SPEC.column(name).map_or("", field);
    let born = Date::parse_iso(column("birth_date").as_bytes())?;
    let name = format!("{} {} {born}", normalised(column("last_name")), normalised(column("first_name")));
    Some(texts.id(&name))
}

/// A name as it is compared: letters and digits in lower case without accents, generation suffixes left out.
fn normalised(name: &str) -> String {
    let plain: String = name.nfd().filter(|c| c.is_alphanumeric() || c.is_whitespace() || "-.,'’".contains(*c)).collect();
    let lower = plain.to_lowercase();
    let words = lower.split(|c: char| c.is_whitespace() || c == ',').map(|word| word.trim_end_matches('.'));
    let kept = words.filter(|word| !["jr", "sr", "ii", "iii", "iv"].contains(word));
    kept.flat_map(str::chars).filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn names_are_compared_without_what_clerks_vary() {
        for name in ["Núñez-Ortega", "nunez ortega", "NUNEZ ORTEGA, JR.", "Nunez-Ortega III"] {
            assert_eq!(normalised(name), "nunezortega", "{name}");
        }
        assert_eq!(normalised("O’Brien"), normalised("O'Brien"));
        assert_eq!(normalised("Ivan"), "ivan");
    }
}
