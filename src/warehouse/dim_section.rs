//! `dim_section`: sections of courses.

use super::columns::{Of, columns_of, date, int, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::{Delivery, Population, SectionType, Subject};
use crate::model::{Date, Field, Id, Section, SessionId, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_section",
    grain: "one row per section",
    key: &["section_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_section", &["section_id"]),
        Surrogate::of("k_course", &["course_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, rows(current))),
};

static COLUMNS: [Of<DimSection>; 14] = [
    text("section_id", "id of the section", |row| row.section.section_id.value()),
    text("course_id", "the course", |row| row.section.course_id.value()),
    text("school_id", "the school", |row| row.section.school_id.value()),
    int("school_year", "school year, named by its spring", |row| row.section.school_year.value()),
    text("title", "title", |row| row.section.title.value()),
    text("section_type", "kind of section", |row| row.section.section_type.unwrap_or(SectionType::Scheduled).value()),
    text("subject", "subject of the course", |row| row.subject.value()),
    text("delivery", "mode of delivery", |row| row.section.delivery.unwrap_or(Delivery::InPerson).value()),
    text("population", "population it serves", |row| row.section.population.unwrap_or(Population::General).value()),
    text("room", "room", |row| row.section.room.value()),
    int("max_enrollment", "seats", |row| row.section.max_enrollment.value()),
    yes_no("is_active", "whether it is in use", |row| Value::Bool(row.section.is_active != Some(false))),
    date("begin_date", "first day of its first session, or of the school year", |row| row.begin.value()),
    date("end_date", "first day after its last session, or after the school year", |row| row.end.value()),
];

/// A section, with the subject of its course, and its days.
struct DimSection {
    section: Section,
    subject: Option<Subject>,
    begin: Date,
    end: Date,
}

fn rows(current: &CurrentRows) -> impl Iterator<Item = DimSection> {
    let rows = current.rows();
    let describe = |&section: &Section| {
        let course = rows.course.get(section.course_id.index()).and_then(Option::as_ref);
        let session = |id: SessionId| rows.academic_session.get(id.index()).and_then(Option::as_ref);
        let sessions = section.session_ids.iter().filter_map(session);
        let spans = sessions.map(|session| (session.begin_date, session.end_date)).filter(|(begin, end)| begin < end);
        let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let (begin, end) = span.unwrap_or((section.school_year.begin(), section.school_year.end()));
        DimSection { section, subject: course.and_then(|course| course.subject), begin, end }
    };
    rows.section.iter().flatten().map(describe)
}
