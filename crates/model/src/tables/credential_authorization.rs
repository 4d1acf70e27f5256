//! `credential_authorization`: a subject, grade span and population authorized by a credential.

use crate::codes::{Grade, Population, Subject};
use crate::{AuthorizationId, CredentialId, Date, Interval, Projection};

table! {
    /// An authorization of a credential: a subject, a grade span and a population.
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
        /// First day after it ends (exclusive).
        expiration_date: Option<Date>,
    }
}

/// An authorization of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Authorization {
    /// When both it and its credential are valid; none when never.
    pub valid: Option<Interval>,
    /// Tells apart two that say the same.
    pub id: AuthorizationId,
    /// The subject.
    pub subject: Subject,
    /// Lowest grade.
    pub grade_low: Grade,
    /// Highest grade.
    pub grade_high: Grade,
    /// The population.
    pub population: Population,
}

impl Projection<CredentialId, Authorization> for CredentialAuthorization {
    fn project(&self, out: &mut impl FnMut(CredentialId, Authorization)) {
        let authorization = Authorization {
            valid: Some(Interval::new(self.issue_date.unwrap_or(Date::MIN), self.expiration_date)),
            id: self.key,
            subject: self.subject,
            grade_low: self.grade_low,
            grade_high: self.grade_high,
            population: self.population.unwrap_or(Population::General),
        };
        out(self.credential_id, authorization);
    }
}
