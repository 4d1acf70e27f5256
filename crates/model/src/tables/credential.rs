//! `credential`: a license, certificate, permit or endorsement.

use crate::codes::{CredentialLevel, CredentialStatus, CredentialType};
use crate::{CredentialId, Date, Flaws, Interval, Projection, StaffId, Text};

table! {
    /// A license, certificate, permit or endorsement of a staff member.
    Credential "credential" key(credential_id) of CredentialId natural(state, credential_number)
    watch(credential_id: Id)
    {
        /// The credential.
        credential_id: CredentialId,
        /// The holder.
        staff_id: StaffId,
        /// Number printed on it.
        credential_number: Option<Text>,
        /// Issuing state.
        state: Option<Text>,
        /// Kind of credential.
        credential_type: CredentialType,
        /// Its level.
        level: Option<CredentialLevel>,
        /// Its status; active by default.
        status: Option<CredentialStatus>,
        /// Day of issue.
        issue_date: Option<Date> ["issuance_date"],
        /// First day on which it is valid; without it the day of issue is.
        effective_date: Option<Date>,
        /// First day no longer valid (exclusive); empty means it does not expire.
        expiration_date: Option<Date>,
        /// First day on which it was revoked.
        revoked_date: Option<Date>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<Credential>,
    }
}

/// A credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct CredentialFacts {
    /// The credential.
    pub id: CredentialId,
    /// When it is valid; none when it is not active or no day says from when.
    pub valid: Option<Interval>,
    /// First day no longer valid.
    pub expiration_date: Option<Date>,
    /// Its level.
    pub level: Option<CredentialLevel>,
    /// Its status.
    pub status: Option<CredentialStatus>,
    /// First day on which it was revoked.
    pub revoked_date: Option<Date>,
}

impl CredentialFacts {
    /// Whether its level means full certification; a missing level counts as full.
    #[inline]
    pub fn is_full(&self) -> bool {
        use CredentialLevel::{Emergency, Intern, Provisional, Waiver};
        !matches!(self.level, Some(Emergency | Provisional | Waiver | Intern))
    }
}

/// A credential with its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct HeldCredential {
    /// The holder.
    pub staff: StaffId,
    /// Kind of credential.
    pub credential_type: CredentialType,
    /// As the view of its holder shows it.
    pub credential: CredentialFacts,
}

impl Projection<CredentialId, HeldCredential> for Credential {
    fn project(&self, out: &mut impl FnMut(CredentialId, HeldCredential)) {
        let credential = CredentialFacts {
            id: self.credential_id,
            valid: validity(self),
            expiration_date: self.expiration_date,
            level: self.level,
            status: self.status,
            revoked_date: self.revoked_date,
        };
        let held = HeldCredential { staff: self.staff_id, credential_type: self.credential_type, credential };
        out(self.credential_id, held);
    }
}

/// When a credential is valid: active, from the day it takes effect or else is issued, until it expires or is revoked.
#[inline]
pub fn validity(credential: &Credential) -> Option<Interval> {
    let active = matches!(credential.status, None | Some(CredentialStatus::Active));
    let begin = credential.effective_date.or(credential.issue_date)?;
    let end = [credential.expiration_date, credential.revoked_date].into_iter().flatten().min();
    let valid = Interval::new(begin, end);
    (active && !valid.is_empty()).then_some(valid)
}
