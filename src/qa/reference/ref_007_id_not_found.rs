//! ID not found in the referenced table.

use crate::model::{CredentialId, Id, Settings, Subject, Table, Value};
use crate::qa::{Findings, rule};
use crate::views::credential::CredentialRow;
use crate::views::references::{Counted, References, column_referring, referring};
use crate::views::section::SectionView;
use crate::views::staff::StaffView;
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// Every id that a row refers to exists in the referenced table. A missing id is one violation per referring column,
    /// however many rows refer to it. References to missing tables are ignored, and so are those that have a separate
    /// rule: enrollments (ENR-012), results (ASM-005), assignments (FTE-009) and credentials (CRT-016) that refer to
    /// people, schools and assessments.
    ///
    /// ## Why it matters
    /// Such rows are kept, but belong to no school, student or course and are missing from counts.
    ///
    /// ## How to fix it
    /// Deliver the missing row, or correct the id; start with organizations, then people, then their records.
    "REF-007", "ID not found in the referenced table", Error, ["rows"],
    needs [], among [], Counted(counted), Student(student), Staff(staff), Section(section), Credential(credential)
}

fn counted(counted: &Counted, references: &References, settings: &Settings, findings: &mut Findings<'_>) {
    let &Counted::Parent(parent, symbol) = counted else { return };
    if !references.is_missing() || settings.absent_tables.contains(&parent) {
        return;
    }
    for (&(table, column), &rows) in referring(parent).iter().zip(&references.by_column) {
        if rows > 0 && !has_own_rule(table, column) {
            findings.open(Subject::Reference(table, column, symbol), &[Value::Int(rows.into())]);
        }
    }
}

/// Columns whose missing parents another rule reports row by row.
fn has_own_rule(table: Table, column: u8) -> bool {
    let name = table.spec().columns[usize::from(column)].name;
    matches!(
        (table, name),
        (Table::SchoolEnrollment, "student_id" | "school_id")
            | (Table::AssessmentResult, "student_id" | "assessment_id")
            | (Table::StaffAssignment | Table::Credential, "staff_id")
    )
}

/// The parent of a view is missing: every row in the view has an unknown reference.
fn missing(parent: Table, id: impl Id, rows: &[(Table, usize)], settings: &Settings, findings: &mut Findings<'_>) {
    if settings.absent_tables.contains(&parent) {
        return;
    }
    for &(table, rows) in rows.iter().filter(|(_, rows)| *rows > 0) {
        let column = column_referring(table, parent);
        let column = column.expect("invariant: rows are in a view by the one column that refers to the parent");
        findings.open(Subject::Reference(table, column, id.symbol()), &[Value::Int(rows as i64)]);
    }
}

fn student(view: &StudentView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if view.student.is_none() {
        let rows = [
            (Table::StudentStatus, view.statuses.len()),
            (Table::SectionEnrollment, view.rosters.len()),
            (Table::ProgramParticipation, view.participations.len()),
        ];
        missing(Table::Student, view.id, &rows, settings, findings);
    }
}

fn staff(view: &StaffView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if !view.exists() {
        let rows = [(Table::StaffEmployment, view.employments.len()), (Table::SectionStaff, view.teaching.len())];
        missing(Table::Staff, view.id, &rows, settings, findings);
    }
}

fn section(view: &SectionView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if view.section.is_none() {
        let rows = [(Table::SectionStaff, view.staff.len()), (Table::SectionEnrollment, view.students.len())];
        missing(Table::Section, view.id, &rows, settings, findings);
    }
}

fn credential(id: CredentialId, rows: &[CredentialRow], settings: &Settings, findings: &mut Findings<'_>) {
    if !rows.iter().any(|row| matches!(row, CredentialRow::Credential(_))) {
        missing(Table::Credential, id, &[(Table::CredentialAuthorization, rows.len())], settings, findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Output, Plan};
    use crate::qa;
    use crate::testing::{check_rule, run};
    use expect_test::expect;

    #[test]
    fn the_school_comes_late() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id residence_org_id
            2025-09-02 + E1 S1 North .
            2025-09-02 + E2 S1 North North
            student | student_id
            2025-09-03 + S1
            organization | org_id
            2025-09-04 + North
            2025-09-05 - North
        ";
        check_rule(
            "REF-007",
            changes,
            expect![[r#"
            2025-09-02 + school_enrollment|residence_org_id|North rows=1
            2025-09-04 - school_enrollment|residence_org_id|North rows=1
            2025-09-05 + school_enrollment|residence_org_id|North rows=1
        "#]],
        );
    }

    #[test]
    fn every_kind_of_parent() {
        let changes = "
            section_staff | section_staff_id staff_id section_id
            2025-09-02 + XS1 T1 X1
            credential_authorization | credential_id seq
            2025-09-02 + C1 1
            assessment_result | result_id student_id assessment_id
            2025-09-02 + R1 S1 M3
            assessment_cut | assessment_id grade level_code
            2025-09-02 + M3 03 L1
            section | section_id course_id school_id
            2025-09-03 + X1 Algebra North
        ";
        check_rule(
            "REF-007",
            changes,
            expect![[r#"
            2025-09-02 + assessment_cut|assessment_id|M3 rows=1
            2025-09-02 + credential_authorization|credential_id|C1 rows=1
            2025-09-02 + section_staff|section_id|X1 rows=1
            2025-09-02 + section_staff|staff_id|T1 rows=1
            2025-09-03 + section|course_id|Algebra rows=1
            2025-09-03 + section|school_id|North rows=1
            2025-09-03 + section|session_ids|filler rows=1
            2025-09-03 - section_staff|section_id|X1 rows=1
        "#]],
        );
    }

    /// A table or column that is added and forgotten here, in a view or in `is_counted` would have missing parents that
    /// nothing reports.
    #[test]
    fn every_reference_of_every_table_is_checked() {
        let own = ["ENR-012", "ASM-005", "FTE-009", "CRT-016"];
        for &table in Table::ALL {
            let spec = table.spec();
            for (position, column) in spec.columns.iter().enumerate().filter(|(_, of)| table.referred(of).is_some()) {
                let mut columns: Vec<&str> = spec.key.to_vec();
                columns.extend((!spec.key.contains(&column.name)).then_some(column.name));
                let text = |name: &&str| match *name {
                    name if name == column.name => "unknown-id",
                    "date" => "2025-09-02",
                    "grade" => "03",
                    _ => "1",
                };
                let fields: Vec<&str> = columns.iter().map(text).collect();
                let changes = format!("{} | {}\n2025-09-02 + {}", spec.name, columns.join(" "), fields.join(" "));
                let (engine, deltas) = run(&changes, Plan::default());
                let parent = table.referred(column).unwrap();
                let unknown = engine.current.texts.find_symbol(parent.space(), "unknown-id").unwrap();
                let reported = deltas.iter().flat_map(|delta| &delta.updates).any(|(output, _)| match output {
                    Output::Finding(finding) => {
                        let of = Subject::Reference(table, position as u8, unknown);
                        finding.subject == of || own.contains(&qa::numbered(finding.rule).id)
                    }
                    _ => false,
                });
                assert!(reported, "{}.{}", spec.name, column.name);
            }
        }
    }
}
