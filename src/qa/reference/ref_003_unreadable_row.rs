//! Row cannot be read.

use crate::model::{Entry, Reason, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// Every line of a delivery is a row: as many fields as the header, quotes closed, dates, numbers and truth
    /// values in a form that can be read. Quoted fields may contain line breaks, lines may end in LF, CRLF or CR,
    /// and files may be UTF-8, UTF-16 or Windows-1252.
    ///
    /// ## Why it matters
    /// A row that cannot be read is left out and the last good row of its key stays, so what is published is older
    /// than it looks.
    ///
    /// ## How to fix it
    /// The report names file, line and field, and says what would have been read. Correct the export and deliver it
    /// again.
    "REF-003", "row cannot be read", Error, ["line", "position"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Rejected(rejected) = entry else { return };
    if rejected.reason.is_missing() {
        return;
    }
    // What stood in the field is listed with the rejected rows; in a shifted line it may be a name, and names do not
    // leave in violations.
    let position = match rejected.reason {
        Reason::Field { position, .. } | Reason::Operation { position, .. } | Reason::Stamp { position, .. } => {
            Value::Int(position.into())
        }
        _ => Value::Null,
    };
    findings.open(Subject::Row(rejected.table, rejected.row), &[Value::Int(rejected.line.into()), position]);
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_date_that_is_none() {
        let changes = "
            course | course_id credits
            2025-09-02 + Algebra ten
            2025-09-02 + Art 1.0
            2025-09-03 + Algebra 10
            2025-09-04 + Algebra 1o
            2025-09-05 - Algebra
        ";
        check_rule(
            "REF-003",
            changes,
            expect![[r#"
            2025-09-02 + course|Algebra line=2 position=7
            2025-09-03 - course|Algebra line=2 position=7
            2025-09-04 + course|Algebra line=5 position=7
            2025-09-05 - course|Algebra line=5 position=7
        "#]],
        );
    }
}
