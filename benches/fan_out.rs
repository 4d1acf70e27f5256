//! The cost of a change that many entity views depend on: a school, the subject of a course, a cut of an assessment; and of a
//! day without changes.
//!
//! `cargo bench --bench fan_out -- [students ...] [--workers N]`

mod support;

use rollcall::engine::Engine;
use rollcall::model::codes::{SchoolLevel, Subject};
use rollcall::model::{Batch, Change, Fixed, Record, Table};
use rollcall::plan::Plan;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 10;

fn main() {
    rollcall::process::without_huge_pages();
    let arguments = support::Arguments::read(&[100_000, 1_000_000]);
    println!("| students | what changes | files touched | CPU ms p50 | CPU ms max | updates out |");
    println!("| --: | :-- | --: | --: | --: | --: |");
    for &students in &arguments.students {
        let mut loaded = support::load(students, Plan::default(), arguments.workers);
        let engine = &mut loaded.engine;
        // The largest of each kind: the school with the most enrollments, and so on.
        let school = most_referred(engine, |row| match row {
            Record::SchoolEnrollment(row) => Some(row.school_id.0),
            _ => None,
        });
        let course = most_referred(engine, |row| match row {
            Record::Section(row) => Some(row.course_id.0),
            _ => None,
        });
        let cut = |row: &Record| match row {
            Record::AssessmentResult(row) => Some((row.assessment_id, row.grade_level)),
            _ => None,
        };
        let (assessment, grade, results) = {
            let mut counts = std::collections::BTreeMap::new();
            let accountable = |id: rollcall::model::AssessmentId| match engine.current().rows().get(Table::Assessment, id.0)
            {
                Some(Record::Assessment(row)) => row.is_accountability == Some(true),
                _ => false,
            };
            for row in engine.current().rows().of(Table::AssessmentResult) {
                *counts.entry(cut(&row)).or_insert(0usize) += 1;
            }
            let most = counts.into_iter().filter_map(|(key, count)| key.map(|key| (key, count)));
            let most = most.filter(|((assessment, _), _)| accountable(*assessment)).max_by_key(|(_, count)| *count);
            let ((assessment, grade), count) = most.expect("the district has results");
            (assessment, grade, count)
        };
        report(engine, students, "a school's level", school.1, |engine, round| {
            let Some(Record::Organization(mut row)) = engine.current().rows().get(Table::Organization, school.0) else {
                return None;
            };
            row.school_level = Some(if round % 2 == 0 { SchoolLevel::Combined } else { SchoolLevel::Other });
            Some(row.into())
        });
        report(engine, students, "a course's subject", course.1, |engine, round| {
            let Some(Record::Course(mut row)) = engine.current().rows().get(Table::Course, course.0) else { return None };
            row.subject = Some(if round % 2 == 0 { Subject::WorldLanguage } else { Subject::Cte });
            Some(row.into())
        });
        report(engine, students, "a cut of one grade", results, |engine, round| {
            let cuts = engine.current().rows().of(Table::AssessmentCut).filter_map(|row| match row {
                Record::AssessmentCut(row) => Some(row),
                _ => None,
            });
            let proficient = |row: &rollcall::model::AssessmentCut| row.is_proficient;
            let mut row = cuts.filter(|row| row.assessment_id == assessment && Some(row.grade) == grade).find(proficient)?;
            row.min_score = Fixed(row.min_score.0 + if round % 2 == 0 { 5000 } else { -5000 });
            Some(row.into())
        });
        report(engine, students, "a day passes", 0, |_, _| None);
    }
}

/// The parent that most rows refer to, and their number.
fn most_referred(
    engine: &Engine,
    parent: impl Fn(&Record) -> Option<std::num::NonZeroU32>,
) -> (std::num::NonZeroU32, usize) {
    let mut counts = std::collections::BTreeMap::new();
    for row in [Table::SchoolEnrollment, Table::Section].into_iter().flat_map(|table| engine.current().rows().of(table)) {
        if let Some(parent) = parent(&row) {
            *counts.entry(parent).or_insert(0) += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).expect("the district has rows of each kind")
}

fn report(
    engine: &mut Engine,
    students: u32,
    what: &str,
    touched: usize,
    change: impl Fn(&Engine, usize) -> Option<Record>,
) {
    let clock = support::Cpu::new();
    let (mut spent, mut updates) = (Vec::new(), 0);
    for round in 0..ROUNDS + 2 {
        let row = change(engine, round);
        let begin = clock.seconds();
        match row {
            Some(row) => {
                let batch = Batch { changes: vec![Change::Upsert(row)], ..Batch::default() };
                engine.commit(&batch).expect("the batch is taken");
            }
            None => engine.advance_to(engine.day().plus(1)).expect("days pass"),
        }
        let deltas = engine.settle().expect("the workers work");
        if round >= 2 {
            spent.push(clock.seconds() - begin);
            updates += deltas.iter().map(|delta| delta.updates.len()).sum::<usize>();
        }
    }
    spent.sort_by(f64::total_cmp);
    let (median, most) = (1e3 * spent[ROUNDS / 2], 1e3 * spent[ROUNDS - 1]);
    println!("| {students} | {what} | {touched} | {median:.2} | {most:.2} | {} |", updates / ROUNDS);
}
