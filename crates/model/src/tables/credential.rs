//! `credential`: licence, certificate, permit or endorsement held.

use crate::codes::{CredentialLevel, CredentialStatus, CredentialType};
use crate::{CredentialId, Date, Flaws, StaffId, Text};

table! {
    /// A licence, certificate, permit or endorsement that somebody holds.
    Credential "credential" key(credential_id) of CredentialId natural(state, credential_number)
    {
        /// The credential.
        credential_id: CredentialId,
        /// Who holds it.
        staff_id: StaffId,
        /// Number printed on it.
        credential_number: Option<Text>,
        /// Issuing state.
        state: Option<Text>,
        /// Kind of credential.
        credential_type: CredentialType,
        /// Its level.
        level: Option<CredentialLevel>,
        /// Its standing; active by default.
        status: Option<CredentialStatus>,
        /// Day of issue.
        issue_date: Option<Date> ["issuance_date"],
        /// First day on which it is valid; without it the day of issue is.
        effective_date: Option<Date>,
        /// Exclusive first day not valid; null = does not expire.
        expiration_date: Option<Date>,
        /// First day on which it was revoked.
        revoked_date: Option<Date>,
    }
    derived {
        /// What is wrong with its names and ids.
        flaws: Flaws = Flaws::of::<Credential>,
    }
}
