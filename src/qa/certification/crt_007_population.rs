//! Special-education or English-learner population not authorized.

use crate::model::codes::Population;
use crate::model::{Field, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The teacher of record of a section for special education or for English learners currently holds a valid
    /// authorization for that population. Only the stated population of a section counts: self-contained sections cannot
    /// be identified in the data, so students with an IEP in other sections are not checked.
    ///
    /// ## Why it matters
    /// The students have a right to a teacher with that authorization, and the state monitors it (CalSAAS exceptions).
    ///
    /// ## How to fix it
    /// Enter the authorization, assign an authorized teacher, or correct the population of the section.
    "CRT-007", "special-education or English-learner population not authorized", Error, ["population"],
    needs [Section, SectionStaff, Credential, CredentialAuthorization], among [SectionStaff], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for teaching in view.teaching.iter().filter(|teaching| teaching.is_of_record()) {
        let Some(population @ (Population::SpecialEducation | Population::EnglishLearner)) = teaching.population else {
            continue;
        };
        let authorized = view.authorized(|authorization| authorization.population == population);
        for gap in date::uncovered(teaching.interval, &authorized) {
            findings.during(Subject::SectionStaff(teaching.id), &[population.value()], gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_section_says_whom_it_is_for() {
        let changes = "
            section | section_id population school_year session_ids
            2025-09-02 + C1 special_education 2026 Y
            2025-09-02 + C2 gifted 2026 Y
            section_staff | section_staff_id section_id staff_id role
            2025-09-02 + X1 C1 T1 teacher_of_record
            2025-09-02 + X2 C2 T1 teacher_of_record
            2025-09-02 + X3 C1 T1 assistant
            credential | credential_id staff_id status effective_date expiration_date
            2025-09-02 + L1 T1 active 2020-01-01 2025-09-20
            credential_authorization | credential_id seq subject population
            2025-09-02 + L1 1 sped english_learner
            2025-09-03 + L1 1 sped special_education
        ";
        check_rule(
            "CRT-007",
            changes,
            expect![[r#"
            2025-09-02 + X1 population=special_education
            2025-09-03 - X1 population=special_education
        "#]],
        );
    }
}
