//! Maps OneRoster vocabulary to ours: codes, dates, lists and ids. An unknown word stays as it is and becomes an
//! unrecognized code, which is reported and can be mapped.

use crate::model::codes::CodeSet;
use crate::model::{Date, fields::items};
use crate::source::plain;
use std::borrow::Cow;

/// OneRoster words that are not a spelling of the code they mean.
const WORDS: &[(CodeSet, &str, &str)] = &[
    (CodeSet::SessionType, "gradingPeriod", "grading_period"),
    (CodeSet::SessionType, "schoolYear", "school_year"),
    (CodeSet::OrgType, "local", "district"),
    (CodeSet::OrgType, "national", "other"),
    (CodeSet::Sex, "other", "nonbinary"),
    (CodeSet::StaffRole, "teacher", "teacher_ungraded"),
    (CodeSet::StaffRole, "aide", "para_instructional"),
    (CodeSet::StaffRole, "administrator", "principal"),
    (CodeSet::StaffRole, "siteAdministrator", "principal"),
    (CodeSet::StaffRole, "districtAdministrator", "lea_admin"),
    (CodeSet::StaffRole, "systemAdministrator", "lea_admin"),
    (CodeSet::StaffRole, "proctor", "other"),
    (CodeSet::ClassroomRole, "aide", "assistant"),
    (CodeSet::ClassroomRole, "administrator", "support"),
    (CodeSet::ClassroomRole, "proctor", "support"),
];

/// The code for a word.
pub(super) fn code(set: CodeSet, word: &str) -> Cow<'_, str> {
    let meant = |word: &str| {
        let same = |(of, other, _): &&(CodeSet, &str, &str)| *of == set && plain(other) == plain(word);
        WORDS.iter().find(same).map(|(_, _, code)| *code)
    };
    // Extensions of the standard vocabulary have a prefix.
    let bare = word.strip_prefix("ext:").unwrap_or(word);
    match meant(bare) {
        Some(code) => Cow::Borrowed(code),
        None if set.find(bare).is_some() => Cow::Borrowed(bare),
        None => Cow::Borrowed(word),
    }
}

/// What a role makes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PersonKind {
    Student,
    Staff,
    /// Guardians and relatives, about whom nothing is stored.
    Contact,
}

impl PersonKind {
    pub(super) fn of(role: &str) -> PersonKind {
        match plain(role).as_str() {
            "student" => PersonKind::Student,
            "guardian" | "parent" | "relative" => PersonKind::Contact,
            // A role that the standard does not define counts as staff and becomes an unrecognized code.
            _ => PersonKind::Staff,
        }
    }
}

/// The date part of a date or timestamp.
pub(super) fn day(text: &str) -> &str {
    match text.as_bytes().get(10) {
        Some(b'T' | b't' | b' ') => text.get(..10).unwrap_or(text),
        _ => text,
    }
}

/// The first day after an end date.
pub(super) fn end(text: &str, is_inclusive: bool) -> Cow<'_, str> {
    let text = day(text);
    match Date::parse_iso(text.as_bytes()) {
        Some(last) if is_inclusive => Cow::Owned(last.plus(1).to_string()),
        _ => Cow::Borrowed(text),
    }
}

/// A list in our format.
pub(super) fn list(text: &str) -> String {
    items(text).collect::<Vec<_>>().join(";")
}

/// The highest grade in a list; if none is known, the first item.
pub(super) fn highest_grade(text: &str) -> &str {
    let known = items(text).filter_map(|item| Some((CodeSet::Grade.find(item)?, item)));
    known.max_by_key(|(rank, _)| *rank).map(|(_, item)| item).or_else(|| items(text).next()).unwrap_or("")
}

/// The state id in a list of ids like `{LDAP:12},{stateId:42}`.
pub(super) fn state_id(user_ids: &str) -> Option<&str> {
    let pairs = user_ids.split(['{', '}']).filter_map(|part| part.split_once(':'));
    let is_state = |kind: &str| {
        let kind = plain(kind);
        kind.contains("state") || kind == "ssid" || kind == "seid"
    };
    pairs.filter(|(kind, _)| is_state(kind)).map(|(_, id)| id.trim()).find(|id| !id.is_empty())
}

/// Races by column.
pub(super) const RACES: [(&str, &str); 5] = [
    ("americanIndianOrAlaskaNative", "american_indian"),
    ("asian", "asian"),
    ("blackOrAfricanAmerican", "black"),
    ("nativeHawaiianOrOtherPacificIslander", "pacific_islander"),
    ("white", "white"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_codes() {
        assert_eq!(code(CodeSet::SessionType, "GradingPeriod"), "grading_period");
        assert_eq!(code(CodeSet::SessionType, "ext:summer"), "summer");
        assert_eq!(code(CodeSet::StaffRole, "ext:janitor"), "ext:janitor");
        assert_eq!(code(CodeSet::OrgType, "Local"), "district");
        assert_eq!(code(CodeSet::Sex, "male"), "male");
    }

    #[test]
    fn lists_days_and_ids_are_parsed() {
        assert_eq!((highest_grade("09,10, 11"), highest_grade("KG"), highest_grade("?,!")), ("11", "KG", "?"));
        assert_eq!(end("2026-06-05", true), "2026-06-06");
        assert_eq!(end("2026-06-05T00:00:00.000Z", false), "2026-06-05");
        assert_eq!(end("5/6/2026", true), "5/6/2026");
        assert_eq!(state_id("{LDAP:12},{stateId: 42}"), Some("42"));
        assert_eq!(state_id("12"), None);
        assert_eq!(list("a, b|c"), "a;b;c");
    }
}
