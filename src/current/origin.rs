//! The origin of a district's records: every published file states it, so that generated records are not mistaken for
//! real ones.

use super::CurrentRows;
use crate::model::Organization;

/// The origin of published records; every file states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made by the generator.
    Synthetic,
    /// Delivered by a district.
    Extract,
}

impl Origin {
    /// The origin as written in files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Origin::Synthetic => "SYNTHETIC",
            Origin::Extract => "extract",
        }
    }

    /// The origin of current rows. Generated organizations have names that begin with SYNTHETIC.
    pub(crate) fn of(current: &CurrentRows) -> Origin {
        let is_marked = |row: &Organization| current.texts.text(row.name).starts_with("SYNTHETIC");
        if current.rows().organization.iter().flatten().any(is_marked) { Origin::Synthetic } else { Origin::Extract }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    #[test]
    fn records_are_synthetic_if_any_organization_says_so() {
        for (names, origin) in [
            ("Riverbend", Origin::Extract),
            ("SYNTHETIC-Riverbend", Origin::Synthetic),
            ("Riverbend-SYNTHETIC", Origin::Extract),
            ("Riverbend SYNTHETIC-North", Origin::Synthetic),
        ] {
            let rows = names.split(' ').enumerate().map(|(number, name)| format!("2025-09-02 + O{number} {name} school\n"));
            let table = "organization | org_id name org_type\n".to_owned() + &rows.collect::<String>();
            let (engine, _) = run(&table, crate::plan::Plan::default());
            assert_eq!(Origin::of(&engine.current), origin, "{names}");
        }
        assert_eq!([Origin::Synthetic, Origin::Extract].map(Origin::name), ["SYNTHETIC", "extract"]);
    }
}
