//! Header of a file does not match its table.

use crate::model::{Entry, Field, Note, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// Every header of a file is a column of its table, by name or alias, in any case and order. Other headers are
    /// skipped and counted here. A file with a missing or duplicate required column cannot be read: its delivery is put
    /// on hold with all of its files. The violation closes with the next delivery of the source. Exports that are read
    /// with a profile may have additional columns.
    ///
    /// ## Why it matters
    /// A misspelled header means that the column is empty from now on. A file without a key cannot be used to find
    /// deleted rows.
    ///
    /// ## How to fix it
    /// `reports/tables.md` lists the columns. Correct the header and deliver the file again under the same name.
    "REF-002", "header does not match", Error, ["unknown_headers", "what"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(note) = entry
        && let Note::Header { file, unknown, what } = note.note
    {
        findings.open(Subject::File(note.source, file), &[Value::Int(unknown.into()), what.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_header_that_matches_no_column() {
        let changes = "
            2025-09-02 * sis . came
            2025-09-02 * sis . header students.csv 2 brithdate
            2025-09-03 * sis . came
            2025-09-03 * sis . header students.csv 1 brithdate
            2025-09-04 * sis . came
        ";
        check_rule(
            "REF-002",
            changes,
            expect![[r#"
            2025-09-02 + sis|students.csv unknown_headers=2 what=brithdate
            2025-09-03 + sis|students.csv unknown_headers=1 what=brithdate
            2025-09-03 - sis|students.csv unknown_headers=2 what=brithdate
            2025-09-04 - sis|students.csv unknown_headers=1 what=brithdate
        "#]],
        );
    }
}
