//! Header of a file does not match its table.

use crate::model::{Entry, Field, Note, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// Every header of a file is a column of its table, by its name or an alias, in any case and order. Headers that are
    /// none are read over and counted here. A file that lacks a required column, or has one twice, cannot be read: its
    /// delivery is held, with all of its files. The violation ends with the next delivery of the source. Exports that are
    /// read by a profile may have any columns besides.
    ///
    /// ## Why it matters
    /// A header that is misspelt is a column that is empty from now on. A file without a key cannot say what is gone.
    ///
    /// ## How to fix it
    /// `reports/tables.md` lists the columns. Correct the header and deliver the file again under the same name.
    "REF-002", "header does not match", Error, ["unknown_headers", "what"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(noted) = entry
        && let Note::Header { file, unknown, what } = noted.note
    {
        findings.open(Subject::File(noted.source, file), &[Value::Int(unknown.into()), what.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_header_that_is_no_column() {
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
