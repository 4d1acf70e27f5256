//! `dim_credential`: what credentials authorize.

use super::columns::{Of, columns_of, date, int, rows_of, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::{CredentialStatus, Population};
use crate::model::{Credential, CredentialAuthorization, CredentialId, Field, Id};
use std::collections::BTreeSet;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_credential",
    grain: "one row per credential and authorization; a credential without one has row 0",
    key: &["credential_id", "seq"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_credential_auth", &["credential_id", "seq"]), Surrogate::of("k_staff", &["staff_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, authorizations(current))),
};

static COLUMNS: [Of<Authorized>; 15] = [
    text("credential_id", "the credential", |row| row.id.value()),
    int("seq", "number of the authorization", |row| row.seq().value()),
    text("staff_id", "holder; empty if the credential is missing", |row| row.credential.map(|of| of.staff_id).value()),
    text("state", "issuing state", |row| row.credential.map(|of| of.state).value()),
    text("credential_type", "kind of credential", |row| row.credential.map(|of| of.credential_type).value()),
    text("level", "level", |row| row.credential.map(|of| of.level).value()),
    text("status", "status", |row| row.credential.map(|of| of.status.unwrap_or(CredentialStatus::Active)).value()),
    text("subject", "subject authorized", |row| row.own.map(|own| own.subject).value()),
    text("grade_low", "lowest grade", |row| row.own.map(|own| own.grade_low).value()),
    text("grade_high", "highest grade", |row| row.own.map(|own| own.grade_high).value()),
    text("population", "population", |row| row.own.map(|own| own.population.unwrap_or(Population::General)).value()),
    date("issue_date", "issue date of the authorization, or of the credential", |row| {
        row.own.and_then(|own| own.issue_date).or(row.credential.and_then(|of| of.issue_date)).value()
    }),
    date("effective_date", "first day of validity", |row| row.credential.map(|of| of.effective_date).value()),
    date("expiration_date", "first day after validity of the authorization, or of the credential", |row| {
        row.own.and_then(|own| own.expiration_date).or(row.credential.and_then(|of| of.expiration_date)).value()
    }),
    date("revoked_date", "date of revocation", |row| row.credential.map(|of| of.revoked_date).value()),
];

/// An authorization with its credential, or either of them alone.
pub(super) struct Authorized {
    pub(super) id: CredentialId,
    pub(super) credential: Option<Credential>,
    own: Option<CredentialAuthorization>,
}

impl Authorized {
    /// The number of the authorization; 0 for a credential without one.
    pub(super) fn seq(&self) -> i32 {
        self.own.map_or(0, |own| own.seq)
    }
}

/// Every authorization with its credential, and every credential without one.
pub(super) fn authorizations(current: &CurrentRows) -> Vec<Authorized> {
    let rows = current.rows();
    let mut with_any = BTreeSet::new();
    let mut all = Vec::new();
    for &own in rows.credential_authorization.iter().flatten() {
        let id = own.credential_id;
        with_any.insert(id);
        all.push(Authorized { id, credential: rows.credential.get(id.index()).copied().flatten(), own: Some(own) });
    }
    let without = rows.credential.iter().flatten().filter(|credential| !with_any.contains(&credential.credential_id));
    all.extend(without.map(|&credential| Authorized {
        id: credential.credential_id,
        credential: Some(credential),
        own: None,
    }));
    all
}
