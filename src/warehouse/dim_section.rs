//! `dim_section`: sections of courses.

use super::columns::{date, int, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::{Delivery, Population, SectionType};
use crate::model::{Date, Field, Value};
use crate::model::{Id, Section};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_section",
    grain: "one row per section",
    key: &["section_id"],
    columns: &[
        text("section_id", "id of the section"),
        text("course_id", "the course"),
        text("school_id", "the school"),
        int("school_year", "school year, named by its spring"),
        text("title", "title"),
        text("section_type", "kind of section"),
        text("subject", "subject of the course"),
        text("delivery", "mode of delivery"),
        text("population", "population it serves"),
        text("room", "room"),
        int("max_enrollment", "seats"),
        yes_no("is_active", "whether it is in use"),
        date("begin_date", "first day of its first session, or of the school year"),
        date("end_date", "first day after its last session, or after the school year"),
    ],
    added: &[],
    surrogates: &[
        Surrogate::of("k_section", &["section_id"]),
        Surrogate::of("k_course", &["course_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let rows = current.rows();
    let describe = |row: &Section| {
        let course = rows.course.get(row.course_id.index()).and_then(Option::as_ref);
        let sessions =
            row.session_ids.iter().filter_map(|id| rows.academic_session.get(id.index()).and_then(Option::as_ref));
        let spans = sessions.map(|session| (session.begin_date, session.end_date)).filter(|(begin, end)| begin < end);
        let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let (begin, end) = span.unwrap_or((row.school_year.begin(), row.school_year.end()));
        vec![
            row.section_id.value(),
            row.course_id.value(),
            row.school_id.value(),
            row.school_year.value(),
            row.title.value(),
            row.section_type.unwrap_or(SectionType::Scheduled).value(),
            course.and_then(|course| course.subject).value(),
            row.delivery.unwrap_or(Delivery::InPerson).value(),
            row.population.unwrap_or(Population::General).value(),
            row.room.value(),
            row.max_enrollment.value(),
            Value::Bool(row.is_active != Some(false)),
            begin.value(),
            end.value(),
        ]
    };
    rows.section.iter().flatten().map(describe).collect()
}
