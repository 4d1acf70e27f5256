//! Deliveries on hold: why, and what an approval covers.

use crate::model::Date;
use crate::source::Mode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A delivery on hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// The hold reason.
    pub reason: HoldReason,
    /// Hold reasons that were approved before.
    pub lifted: Vec<HoldReason>,
    /// The digest of each of its files. With `unless_stated`, it ensures that the delivery is accepted exactly as it was
    /// put on hold, or not at all.
    pub digests: BTreeMap<String, String>,
    /// The mode of files that state none.
    pub unless_stated: Option<Mode>,
}

impl Quarantine {
    /// Whether approving this delivery also covers another hold reason: nothing beyond what the approver was shown.
    pub(crate) fn allows(&self, reason: &HoldReason) -> bool {
        let is_covered = |approved: &HoldReason| match (approved, reason) {
            (HoldReason::MassDelete { table, deletes, .. }, HoldReason::MassDelete { table: of, deletes: more, .. }) => {
                table == of && more <= deletes
            }
            (approved, reason) => approved == reason,
        };
        is_covered(&self.reason) || self.lifted.iter().any(is_covered)
    }
}

/// Why a delivery is on hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldReason {
    /// It would delete too many rows of a table.
    MassDelete {
        /// The table.
        table: String,
        /// Rows that would be deleted.
        deletes: u64,
        /// Rows in the table.
        live: u64,
    },
    /// A file that was accepted before now has different contents.
    Changed {
        /// The file.
        file: String,
    },
    /// The headers of a file do not match its table.
    Header {
        /// The file.
        file: String,
        /// What is wrong with them.
        why: String,
        /// What to do about it.
        hint: String,
    },
    /// Its day is far from the last one, or in the future: every day in between would be closed.
    Far {
        /// Its day.
        day: Date,
        /// The last day before it.
        last: Date,
    },
}

impl HoldReason {
    /// The most days between two deliveries that nobody has to approve: a year and a month.
    pub(crate) const MOST_DAYS: i64 = 396;
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HoldReason::MassDelete { table, deletes, live } => {
                write!(f, "it would delete {deletes} of {live} rows of {table}")
            }
            HoldReason::Changed { file } => write!(f, "{file} was accepted before and now has different contents"),
            HoldReason::Header { why, hint, .. } => write!(f, "{why}; {hint}"),
            HoldReason::Far { day, last } if day.since(*last) > HoldReason::MOST_DAYS => {
                write!(f, "its day, {day}, is {} days after the last one, {last}", day.since(*last))
            }
            HoldReason::Far { day, .. } => write!(f, "its day, {day}, is in the future"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_releases_a_delivery_allows_what_he_was_told() {
        let mass = |table: &str, deletes| HoldReason::MassDelete { table: table.to_owned(), deletes, live: 1000 };
        let changed = |file: &str| HoldReason::Changed { file: file.to_owned() };
        let held = |reason, lifted| Quarantine { reason, lifted, digests: BTreeMap::new(), unless_stated: None };
        let of_courses = held(mass("course", 100), vec![changed("course.csv")]);
        for (reason, is_allowed) in [
            (mass("course", 99), true),
            (mass("course", 100), true),
            (mass("course", 101), false),
            (mass("section", 100), false),
            (changed("course.csv"), true),
            (changed("section.csv"), false),
        ] {
            assert_eq!(of_courses.allows(&reason), is_allowed, "{reason}");
            assert_eq!(held(changed("course.csv"), vec![mass("course", 100)]).allows(&reason), is_allowed, "{reason}");
        }
        assert!(!held(changed("course.csv"), Vec::new()).allows(&mass("course", 1)));
    }

    #[test]
    fn hold_reasons_say_why() {
        let (file, table) = ("course.csv".to_owned(), "course".to_owned());
        for (reason, text) in [
            (HoldReason::MassDelete { table, deletes: 9, live: 10 }, "it would delete 9 of 10 rows of course"),
            (HoldReason::Changed { file: file.clone() }, "course.csv was accepted before and now has different contents"),
            (HoldReason::Header { file, why: "no id".to_owned(), hint: "add it".to_owned() }, "no id; add it"),
        ] {
            assert_eq!(reason.to_string(), text);
        }
    }
}
