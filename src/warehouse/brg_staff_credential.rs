//! `brg_staff_credential`: what staff members are authorized for.

use super::columns::{int, text};
use super::dim_credential::authorizations;
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_staff_credential",
    grain: "one row per staff member and credential authorization",
    key: &["credential_id", "seq"],
    columns: &[
        text("staff_id", "the holder"),
        text("credential_id", "the credential"),
        int("seq", "number of the authorization; 0 for a credential without one"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_staff", &["staff_id"]), Surrogate::of("k_credential_auth", &["credential_id", "seq"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let held = authorizations(current).into_iter().filter_map(|(credential, own)| Some((credential.ok()?, own)));
    let describe = |(credential, own): (&crate::model::Credential, Option<&crate::model::CredentialAuthorization>)| {
        let seq = Value::Int(own.map_or(0, |own| own.seq.into()));
        vec![credential.staff_id.value(), credential.credential_id.value(), seq]
    };
    held.map(describe).collect()
}
