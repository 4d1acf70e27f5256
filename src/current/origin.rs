//! Where the records of a district come from: every published file states it, because made-up records must not be taken for
//! real ones.

use super::CurrentRows;
use crate::model::Organization;

/// Where published records come from; every file says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made up by the generator.
    Synthetic,
    /// Given by a district.
    Extract,
}

impl Origin {
    /// The word that files carry.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Synthetic => "SYNTHETIC",
            Origin::Extract => "extract",
        }
    }

    /// The origin of current rows. Generated organizations have names that begin with SYNTHETIC.
    pub fn of(current: &CurrentRows) -> Origin {
        let is_marked = |row: &Organization| current.texts.text(row.name).starts_with("SYNTHETIC");
        if current.rows().organization.iter().flatten().any(is_marked) { Origin::Synthetic } else { Origin::Extract }
    }
}
