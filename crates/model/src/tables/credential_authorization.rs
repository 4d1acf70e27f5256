//! `credential_authorization`: what a credential authorizes: subject x grade span x population.

use crate::codes::{Grade, Population, Subject};
use crate::{CredentialId, Date};

table! {
    /// What a credential authorizes: a subject, a grade span and a population.
    CredentialAuthorization "credential_authorization" key(credential_id, seq) of AuthorizationId as key
    {
        /// The credential.
        credential_id: CredentialId,
        /// Counts the authorizations of a credential.
        seq: i32,
        /// The subject.
        subject: Subject,
        /// Lowest grade covered.
        grade_low: Grade,
        /// Highest grade covered.
        grade_high: Grade,
        /// Population it covers; general by default.
        population: Option<Population>,
        /// Day of issue.
        issue_date: Option<Date>,
        /// First day no longer inside (exclusive).
        expiration_date: Option<Date>,
    }
}
