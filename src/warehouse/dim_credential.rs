//! `dim_credential`: what credentials authorize.

use super::columns::{date, int, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::{CredentialStatus, Population};
use crate::model::{Credential, CredentialAuthorization, CredentialId, Id};
use crate::model::{Date, Field, Value};
use std::collections::BTreeSet;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_credential",
    grain: "one row per credential and authorization; a credential without one has row 0",
    key: &["credential_id", "seq"],
    columns: &[
        text("credential_id", "the credential"),
        int("seq", "number of the authorization"),
        text("staff_id", "holder; empty if the credential is missing"),
        text("state", "issuing state"),
        text("credential_type", "kind of credential"),
        text("level", "level"),
        text("status", "status"),
        text("subject", "subject authorized"),
        text("grade_low", "lowest grade"),
        text("grade_high", "highest grade"),
        text("population", "population"),
        date("issue_date", "issue date of the authorization, or of the credential"),
        date("effective_date", "first day of validity"),
        date("expiration_date", "first day after validity of the authorization, or of the credential"),
        date("revoked_date", "date of revocation"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_credential_auth", &["credential_id", "seq"]), Surrogate::of("k_staff", &["staff_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    authorizations(current).into_iter().map(|(credential, authorization)| describe(credential, authorization)).collect()
}

/// A credential or its id, and one of its authorizations.
pub(super) type Authorized<'a> = (Result<&'a Credential, CredentialId>, Option<&'a CredentialAuthorization>);

/// Every authorization with its credential, and every credential without one.
pub(super) fn authorizations(current: &CurrentRows) -> Vec<Authorized<'_>> {
    let rows = current.rows();
    let mut with_any = BTreeSet::new();
    let mut all: Vec<Authorized<'_>> = Vec::new();
    for authorization in rows.credential_authorization.iter().flatten() {
        let id = authorization.credential_id;
        with_any.insert(id);
        all.push((rows.credential.get(id.index()).and_then(Option::as_ref).ok_or(id), Some(authorization)));
    }
    let without = rows.credential.iter().flatten().filter(|credential| !with_any.contains(&credential.credential_id));
    all.extend(without.map(|credential| (Ok(credential), None)));
    all
}

fn describe(credential: Result<&Credential, CredentialId>, own: Option<&CredentialAuthorization>) -> Vec<Value> {
    let id = credential.map_or_else(|id| id, |credential| credential.credential_id);
    let credential = credential.ok();
    let of = |value: fn(&Credential) -> Value| credential.map_or(Value::Null, value);
    vec![
        id.value(),
        Value::Int(own.map_or(0, |own| own.seq.into())),
        of(|credential| credential.staff_id.value()),
        of(|credential| credential.state.value()),
        of(|credential| credential.credential_type.value()),
        of(|credential| credential.level.value()),
        of(|credential| credential.status.unwrap_or(CredentialStatus::Active).value()),
        own.map(|own| own.subject).value(),
        own.map(|own| own.grade_low).value(),
        own.map(|own| own.grade_high).value(),
        own.map(|own| own.population.unwrap_or(Population::General)).value(),
        own.and_then(|own| own.issue_date).or(credential.and_then(|credential| credential.issue_date)).value(),
        of(|credential| credential.effective_date.value()),
        own.and_then(|own| own.expiration_date).or(credential.and_then(|credential| credential.expiration_date)).value(),
        of(|credential| credential.revoked_date.value()),
    ]
}
