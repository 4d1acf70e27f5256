//! The files whose rows map one to one to tables: organizations, sessions, courses, classes and class enrollments.

use super::sheet::{Draft, Line, Outcome, Row};
use super::words::{code, day, end, list};
use super::years::Years;
use crate::model::codes::CodeSet;
use crate::model::{Change, Date, Field, Record, SchoolYear, Table, fields::items};
use crate::source::{RecordSink, stamp};
use hashbrown::HashMap;

/// Reads a line of a file that feeds one table. In a full extract, a deleted record counts as missing.
pub(super) fn take(
    table: Table,
    is_full: bool,
    line: Line<'_>,
    sink: &mut dyn RecordSink,
    draft: impl for<'a> FnOnce(&Row<'a>, &mut dyn RecordSink) -> Draft<'a>,
) -> Outcome {
    match line {
        Line::Bad(rejected) => {
            sink.at(rejected.file, rejected.line);
            sink.change(Change::Reject(rejected));
            Outcome::Rejected
        }
        Line::Row(row) if row.deleted && is_full => Outcome::Ignored,
        Line::Row(row) if row.deleted => {
            sink.stamp(stamp::read(row.text("dateLastModified")));
            let key = sink.texts().symbol(table.space(), row.text("sourcedId"));
            sink.at(row.provenance().file, row.line);
            sink.change(Change::Delete(table, key));
            Outcome::Accepted
        }
        Line::Row(row) => {
            // A full extract is authoritative, whatever timestamps it has.
            sink.stamp(stamp::read(row.text("dateLastModified")).filter(|_| !is_full));
            draft(row, sink).emit(sink)
        }
    }
}

/// An organization.
pub(super) fn organization<'a>(row: &Row<'a>) -> Draft<'a> {
    let mut draft = Draft::new(Table::Organization, row.provenance());
    draft.put("org_id", row.get("sourcedId"));
    draft.put("name", row.get("name"));
    draft.put("parent_org_id", row.get("parentSourcedId"));
    let kind = row.get("type");
    draft.set("org_type", code(CodeSet::OrgType, kind.text), kind.provenance);
    // The NCES id of a district has seven digits, that of a school twelve.
    let id = row.get("identifier");
    let is_federal = matches!(id.text.len(), 7 | 12) && id.text.bytes().all(|byte| byte.is_ascii_digit());
    draft.put(if is_federal { "nces_id" } else { "state_org_id" }, id);
    draft
}

/// A session.
pub(super) fn session<'a>(row: &Row<'a>, is_inclusive: bool) -> Draft<'a> {
    let mut draft = Draft::new(Table::AcademicSession, row.provenance());
    draft.put("session_id", row.get("sourcedId"));
    draft.put("title", row.get("title"));
    draft.put("parent_session_id", row.get("parentSourcedId"));
    let (kind, first, last, year) = (row.get("type"), row.get("startDate"), row.get("endDate"), row.get("schoolYear"));
    draft.set("session_type", code(CodeSet::SessionType, kind.text), kind.provenance);
    draft.set("begin_date", day(first.text), first.provenance);
    let after = end(last.text, is_inclusive);
    // A session belongs to the school year of its last day.
    let of_last = Date::parse_iso(after.as_bytes()).map(|after| SchoolYear::of(after.plus(-1)).to_string());
    draft.set("end_date", after, last.provenance);
    match of_last {
        Some(of_last) if year.text.is_empty() => draft.set("school_year", of_last, last.provenance),
        _ => draft.put("school_year", year),
    }
    draft
}

/// Subject and subject code by course, as classes state them; the first of each.
pub(super) type Subjects = HashMap<String, [String; 2]>;

/// Records what a class states about its course.
pub(super) fn record_subject(row: &Row<'_>, subjects: &mut Subjects) {
    let first = ["subjects", "subjectCodes"].map(|column| items(row.text(column)).next().unwrap_or(""));
    if first != ["", ""] {
        subjects.entry_ref(row.text("courseSourcedId")).or_insert_with(|| first.map(str::to_owned));
    }
}

/// A course.
pub(super) fn course<'a>(row: &Row<'a>, years: &Years, subjects: &Subjects, previous: Option<[String; 2]>) -> Draft<'a> {
    let mut draft = Draft::new(Table::Course, row.provenance());
    let id = row.get("sourcedId");
    draft.put("course_id", id);
    draft.put("org_id", row.get("orgSourcedId"));
    draft.put("course_code", row.get("courseCode"));
    draft.put("title", row.get("title"));
    let grades = row.get("grades");
    draft.set("grades", list(grades.text), grades.provenance);
    let year = row.get("schoolYearSourcedId");
    let is_year = |text: &&str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year_text = years.of_session(year.text).map(|year| year.to_string());
    draft.set(
        "school_year",
        year_text.or(Some(year.text).filter(is_year).map(str::to_owned)).unwrap_or_default(),
        year.provenance,
    );
    // If the course has none, use those of its classes, now or when they were last delivered.
    let other = subjects.get(id.text).or(previous.as_ref());
    for (place, (source, column)) in [("subjects", "subject"), ("subjectCodes", "state_course_code")].into_iter().enumerate()
    {
        let cell = row.get(source);
        let own = items(cell.text).next();
        let text = own.map(str::to_owned).or_else(|| other.map(|other| other[place].clone())).unwrap_or_default();
        let text = if column == "subject" { code(CodeSet::Subject, &text).into_owned() } else { text };
        draft.set(column, text, cell.provenance);
    }
    draft
}

/// A class.
pub(super) fn section<'a>(row: &Row<'a>, years: &Years) -> Draft<'a> {
    let mut draft = Draft::new(Table::Section, row.provenance());
    draft.put("section_id", row.get("sourcedId"));
    draft.put("course_id", row.get("courseSourcedId"));
    draft.put("school_id", row.get("schoolSourcedId"));
    let terms = row.get("termSourcedIds");
    let year = items(terms.text).find_map(|term| years.of_session(term)).or(years.current());
    draft.set("school_year", year.map(|year| year.to_string()).unwrap_or_default(), terms.provenance);
    draft.set("session_ids", list(terms.text), terms.provenance);
    let title = row.get("title");
    draft.put("title", if title.text.is_empty() { row.get("classCode") } else { title });
    let kind = row.get("classType");
    draft.set("section_type", code(CodeSet::SectionType, kind.text), kind.provenance);
    let periods = row.get("periods");
    draft.set("periods", list(periods.text), periods.provenance);
    draft.put("room", row.get("location"));
    draft
}

/// A student in a class.
pub(super) fn section_enrollment<'a>(row: &Row<'a>, is_inclusive: bool) -> Draft<'a> {
    let mut draft = Draft::new(Table::SectionEnrollment, row.provenance());
    draft.put("section_enrollment_id", row.get("sourcedId"));
    draft.put("student_id", row.get("userSourcedId"));
    draft.put("section_id", row.get("classSourcedId"));
    draft.put("school_id", row.get("schoolSourcedId"));
    dates(&mut draft, row, is_inclusive);
    draft
}

/// A staff member in a class.
pub(super) fn section_staff<'a>(row: &Row<'a>, is_inclusive: bool) -> Draft<'a> {
    let mut draft = Draft::new(Table::SectionStaff, row.provenance());
    draft.put("section_staff_id", row.get("sourcedId"));
    draft.put("staff_id", row.get("userSourcedId"));
    draft.put("section_id", row.get("classSourcedId"));
    let (role, primary) = (row.get("role"), row.get("primary"));
    draft.put("is_primary", primary);
    // A teacher is the teacher of record unless the row says that the teacher is not primary.
    let is_second = ["false", "0", "no", "n", "f"].iter().any(|word| primary.text.eq_ignore_ascii_case(word));
    let text = match () {
        () if !role.text.eq_ignore_ascii_case("teacher") => code(CodeSet::ClassroomRole, role.text),
        () if is_second => "co_teacher".into(),
        () => "teacher_of_record".into(),
    };
    draft.set("role", text, role.provenance);
    dates(&mut draft, row, is_inclusive);
    draft
}

fn dates<'a>(draft: &mut Draft<'a>, row: &Row<'a>, is_inclusive: bool) {
    let (first, last) = (row.get("beginDate"), row.get("endDate"));
    draft.set("begin_date", day(first.text), first.provenance);
    draft.set("end_date", end(last.text, is_inclusive), last.provenance);
}

/// The subject and state code that a course had previous.
pub(super) fn course_before(id: &str, sink: &mut dyn RecordSink) -> Option<[String; 2]> {
    let symbol = sink.texts().find_symbol(Table::Course.space(), id)?;
    let Some(Record::Course(row)) = sink.current(Table::Course, symbol) else { return None };
    let texts = sink.texts();
    Some([row.subject.value().text(texts), row.state_course_code.value().text(texts)])
}
