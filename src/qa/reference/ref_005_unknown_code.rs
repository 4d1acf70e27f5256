//! Code not in the code set.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::references::{Counted, References};

rule! {
    /// ## What it checks
    /// Every coded column has a code of its code set. An unrecognized code is one violation, however many rows use it.
    ///
    /// ## Why it matters
    /// Rows with the code are kept, but figures that depend on the code exclude them.
    ///
    /// ## How to fix it
    /// Map the local code to a standard code, or correct it in the source.
    "REF-005", "code not in the code set", Error, ["uses"], needs [], among [], Counted(check)
}

fn check(counted: &Counted, references: &References, _: &Settings, findings: &mut Findings<'_>) {
    let &Counted::Code(set, unrecognized) = counted else { return };
    let uses: i64 = references.by_column.iter().map(|&count| i64::from(count)).sum();
    if uses > 0 {
        findings.open(Subject::Code(set, unrecognized), &[Value::Int(uses)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn one_code_in_two_rows() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id grade_level exit_date exit_type
            2025-09-02 + E1 S1 North 03 2025-09-01 W11
            2025-09-02 + E2 S2 North 77 2025-09-01 W11
            2025-09-03 + E1 S1 North 03 2025-09-01 other
            course | course_id grades
            2025-09-04 + Art 77;K9;01
            school_enrollment | enrollment_id student_id school_id grade_level exit_date exit_type
            2025-09-05 - E2
        ";
        check_rule(
            "REF-005",
            changes,
            expect![[r#"
            2025-09-02 + ExitType|W11 uses=2
            2025-09-02 + Grade|77 uses=1
            2025-09-03 + ExitType|W11 uses=1
            2025-09-03 - ExitType|W11 uses=2
            2025-09-04 + Grade|77 uses=2
            2025-09-04 + Grade|K9 uses=1
            2025-09-04 - Grade|77 uses=1
            2025-09-05 + Grade|77 uses=1
            2025-09-05 - ExitType|W11 uses=1
            2025-09-05 - Grade|77 uses=2
        "#]],
        );
    }
}
