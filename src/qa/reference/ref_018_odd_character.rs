//! Illegal character or whitespace in a name or id.

use crate::model::{Entry, Flaws, RowName, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// Names of people, organizations and programs, state ids, and row ids that other rows refer to have no control
    /// characters, no spaces other than the plain one, no invisible characters such as a zero-width space or a byte
    /// order mark, and no replacement characters. Ids have no spaces, and names of people no digits, except in the
    /// suffix. Leading and trailing spaces are removed when a row is read. References are not checked: they match an id
    /// or are reported by another rule.
    ///
    /// ## Why it matters
    /// Such values look alike but are different: the same person or school does not match between files and systems.
    ///
    /// ## How to fix it
    /// Retype the value in the source; copying it copies the character.
    "REF-018", "illegal character or whitespace in a name or id", Warning, [], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(row) = entry else { return };
    if row.flaws() == Flaws::default() {
        return;
    }
    for column in row.flaws().odd_characters(row.table()) {
        findings.open(Subject::Column(row.table(), RowName::Key(row.symbol()), column), &[]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    #[allow(clippy::invisible_characters, reason = "the subject that is expected has one in its id")]
    fn digits_and_invisible_characters() {
        let changes = "
            student | student_id state_student_id first_name last_name suffix
            2025-09-02 + S1 4123456789 Ana Ru1z 3rd
            2025-09-02 + S2 4123\u{200b}456788 Núñez\u{feff} O’Brien-王 .
            organization | org_id name
            2025-09-02 + North\u{2060} School-12
            2025-09-02 + South School\u{fffd}12
            student | student_id state_student_id first_name last_name suffix
            2025-09-03 + S1 4123456789 Ana Ruiz 3rd
            2025-09-04 - S2
        ";
        check_rule(
            "REF-018",
            changes,
            expect![[r#"
            2025-09-02 + organization|North⁠|org_id
            2025-09-02 + organization|South|name
            2025-09-02 + student|S1|last_name
            2025-09-02 + student|S2|first_name
            2025-09-02 + student|S2|state_student_id
            2025-09-03 - student|S1|last_name
            2025-09-04 - student|S2|first_name
            2025-09-04 - student|S2|state_student_id
        "#]],
        );
    }
}
