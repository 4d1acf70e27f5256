//! Row cannot be read.

use crate::model::{Entry, Reason, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// Every line of a delivery is a valid row: as many fields as the header, closed quotes, and valid dates, numbers
    /// and true/false values. Quoted fields may contain line breaks, lines may end in LF, CRLF or CR, and files may be
    /// UTF-8, UTF-16 or Windows-1252.
    ///
    /// ## Why it matters
    /// A rejected row is skipped and the last valid row with its key remains, so published data is older than it looks.
    ///
    /// ## How to fix it
    /// The report lists the file, line and field, and the expected format. Correct the export and deliver it again.
    "REF-003", "row cannot be read", Error, ["line", "position"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Rejected(rejected) = entry else { return };
    if rejected.reason.is_missing() {
        return;
    }
    // The text of the field is listed with the rejected rows only: in a shifted line it may be a name, and violations
    // never contain names.
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
    fn an_invalid_date() {
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
