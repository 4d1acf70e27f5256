//! The view of a credential with its authorizations. Both go to the view of the holder; the days of an authorization are
//! limited to those of the credential.

use super::rows;
use super::staff::StaffRow;
use crate::model::tables::credential::HeldCredential;
use crate::model::tables::credential_authorization::Authorization;
use crate::model::{CredentialId, StaffId};

rows! {
    /// A row of a credential's view.
    CredentialRow by CredentialId {
        /// The credential, at most one.
        Credential: HeldCredential, from Credential;
        /// An authorization, with its days.
        Authorization: Authorization, from CredentialAuthorization;
    }
}

/// The rows that a credential and its authorizations add to the holder's view.
pub fn credential_links(rows: &[CredentialRow], out: &mut impl FnMut(StaffId, StaffRow)) {
    let Some(CredentialRow::Credential(HeldCredential { staff, credential, .. })) = rows.first().copied() else { return };
    out(staff, StaffRow::Credential(credential));
    for row in rows {
        if let CredentialRow::Authorization(own) = *row {
            let both = credential.valid.zip(own.valid).map(|(valid, own)| valid.intersect(own));
            let valid = both.filter(|valid| !valid.is_empty());
            out(staff, StaffRow::Authorization(Authorization { valid, ..own }));
        }
    }
}
