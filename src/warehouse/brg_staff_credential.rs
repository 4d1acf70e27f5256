//! `brg_staff_credential`: what staff members are authorized for.

use super::columns::{Of, columns_of, int, rows_of, text};
use super::dim_credential::{Authorized, authorizations};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::Field;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_staff_credential",
    grain: "one row per staff member and credential authorization",
    key: &["credential_id", "seq"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_staff", &["staff_id"]), Surrogate::of("k_credential_auth", &["credential_id", "seq"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, rows(current))),
};

static COLUMNS: [Of<Authorized>; 3] = [
    text("staff_id", "the holder", |row| row.credential.map(|of| of.staff_id).value()),
    text("credential_id", "the credential", |row| row.id.value()),
    int("seq", "number of the authorization; 0 for a credential without one", |row| row.seq().value()),
];

fn rows(current: &CurrentRows) -> impl Iterator<Item = Authorized> {
    authorizations(current).into_iter().filter(|row| row.credential.is_some())
}
