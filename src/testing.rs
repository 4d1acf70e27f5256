//! Change tables, the tests of rules and KPIs. A table states what arrives on which day; the expectation states what opens
//! and closes.
//!
//! ```text
//! school_enrollment | enrollment_id student_id school_id entry_date exit_date
//! 2025-09-02 + E1 S1 North 2025-09-02 2025-09-01
//! 2025-09-03 - E1
//! 2025-10-01
//! ```
//!
//! A header names a table and its columns. `+` states a row, `-` deletes a key; `.` is empty. Rows of one day are one
//! batch; a day alone closes that day. Required columns that a table omits get a filler, so that it shows only what
//! matters; `!` is empty even though required. `*` adds a delivery note: the source, the table or `.`, the kind of
//! note (see [`Note`]), and its values.

use crate::engine::{Delta, Engine};
use crate::kpi::{self, Figure, Published, Violated};
use crate::model::{
    Batch, Change, Date, DeliveryNote, Fault, FieldType, Note, Reason, Rejected, RowName, Settings, Table, Texts,
};
use crate::plan::{Output, Plan};
use crate::qa;
use expect_test::Expect;
use std::collections::{BTreeMap, BTreeSet};

/// Runs a change table and compares the findings of one rule with the expectation.
pub fn check_rule(id: &str, changes: &str, expected: Expect) {
    let rule = qa::find(id).unwrap_or_else(|| panic!("no rule {id}"));
    let (engine, deltas) = run(changes, Plan::default());
    let texts = &engine.current.texts;
    let mut lines = Vec::new();
    for delta in &deltas {
        let mut of_day = Vec::new();
        for (output, diff) in &delta.updates {
            if let Output::Finding(finding) = output
                && qa::numbered(finding.rule).id == rule.id
            {
                let evidence = rule.evidence.iter().zip(finding.evidence).map(|(name, value)| {
                    let text = value.text(texts);
                    format!(" {name}={}", if text.is_empty() { "." } else { &text })
                });
                let sign = if *diff > 0 { '+' } else { '-' };
                assert_eq!(diff.abs(), 1, "a finding is either open or not");
                of_day.push(format!(
                    "{} {sign} {}{}",
                    delta.day(),
                    finding.subject.key(texts),
                    evidence.collect::<String>()
                ));
            }
        }
        of_day.sort();
        lines.extend(of_day);
    }
    expected.assert_eq(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
}

/// Runs a change table and gives the subjects that violate a rule in the end.
pub fn violated(id: &str, changes: &str) -> BTreeSet<String> {
    let (engine, deltas) = run(changes, Plan::default());
    let mut open: BTreeMap<String, i32> = BTreeMap::new();
    for (output, diff) in deltas.iter().flat_map(|delta| &delta.updates) {
        if let Output::Finding(finding) = output
            && qa::numbered(finding.rule).id == id
        {
            *open.entry(finding.subject.key(&engine.current.texts)).or_default() += diff;
        }
    }
    open.into_iter().filter(|(_, count)| *count != 0).map(|(subject, _)| subject).collect()
}

/// Runs a change table and compares what one KPI publishes in the end with what is expected: the keys of a row, a bar, and
/// below them its figures. Rows of one subgroup, which most tests do not look at, are left out.
pub fn check_kpi(id: &str, minimum_n: i64, changes: &str, expected: Expect) {
    let kpi = kpi::find(id).unwrap_or_else(|| panic!("no KPI {id}"));
    let (mut engine, _) = run(changes, Plan::default());
    let tallies = engine.tallies().expect("the workers work");
    let settings = Settings { minimum_n, ..Settings::default() };
    let published = Published::new(&tallies, &engine.current, &settings, Violated::NOTHING);
    let of_all = |keys: &[String]| kpi.keys.iter().zip(keys).all(|(name, key)| *name != "value" || key == "all");
    let rows = (kpi.rows)(&published).into_iter().filter(|row| of_all(&row.keys)).map(|row| {
        let figures = row.figures.map(|figures| {
            let named = kpi.columns.iter().zip(figures).map(|((name, _), figure)| (*name, Figure::text(figure)));
            let figure = |(name, text): (&str, String)| format!(" {name}={}", if text.is_empty() { "." } else { &text });
            format!("\n {}", named.map(figure).collect::<String>())
        });
        format!("{} |{}\n", row.keys.join(" "), figures.unwrap_or_else(|| " suppressed".to_owned()))
    });
    expected.assert_eq(&rows.collect::<String>());
}

/// Runs a change table and returns the engine and its Deltas.
pub fn run(changes: &str, plan: Plan) -> (Engine, Vec<Delta>) {
    let mut header: Option<(Table, Vec<usize>)> = None;
    let mut engine: Option<Engine> = None;
    let mut batch = Batch::default();
    for (number, line) in changes.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let fail = |what: &str| -> ! { panic!("change table, line {}: {what}: {line}", number + 1) };
        match words.as_slice() {
            [] => {}
            [table, "|", columns @ ..] => {
                let table = Table::named(table).unwrap_or_else(|| fail("no such table"));
                let column = |name: &&str| table.spec().column(name).unwrap_or_else(|| fail("no such column"));
                header = Some((table, columns.iter().map(column).collect()));
            }
            [day, rest @ ..] => {
                let day = Date::parse_iso(day.as_bytes()).unwrap_or_else(|| fail("no date"));
                let engine = engine.get_or_insert_with(|| Engine::start(plan.clone(), 1, day).expect("the engine starts"));
                if day > engine.day() {
                    engine.commit(&std::mem::take(&mut batch)).expect("the batch is applied");
                    engine.advance_to(day).expect("the day is later");
                }
                let texts = &mut engine.current.texts;
                if let ["*", source, table, note @ ..] = rest {
                    let (source, table) = (texts.id(source), Table::named(table));
                    let note = self::note(table, day, note, texts).unwrap_or_else(|| fail("no such note"));
                    batch.changes.push(Change::Note(DeliveryNote { source, table, note }));
                    continue;
                }
                let Some((table, columns)) = &header else { continue };
                match rest {
                    [] => {}
                    ["+", fields @ ..] if fields.len() == columns.len() => {
                        state(*table, columns, fields, number, texts, &mut batch);
                    }
                    ["-", key] => {
                        let symbol = symbol(*table, key, texts);
                        batch.changes.push(Change::Delete(*table, symbol));
                    }
                    _ => fail("neither a row of the header's columns nor a key"),
                }
            }
        }
    }
    let mut engine = engine.expect("a change table has rows");
    engine.commit(&batch).expect("the batch is applied");
    let deltas = engine.settle().expect("the workers work");
    (engine, deltas)
}

fn note(table: Option<Table>, day: Date, words: &[&str], texts: &mut Texts) -> Option<Note> {
    let number = |text: &str| text.parse::<u64>().ok();
    Some(match (words, table) {
        (["came"], _) => Note::Came { day, changed: None },
        (["file", file, problem], _) => Note::File { file: texts.id(file), problem: texts.id(problem) },
        (["header", file, unknown, what], _) => {
            Note::Header { file: texts.id(file), unknown: number(unknown)? as u32, what: texts.id(what) }
        }
        (["stale", key, older], Some(table)) => Note::Stale { key: symbol(table, key, texts), older: number(older)? as i64 },
        (["unknown", key], Some(table)) => Note::UnknownDelete(symbol(table, key, texts)),
        (["held", label, table, deletes, live], _) => {
            let (label, table) = (texts.id(label), texts.id(table));
            Note::OnHold { label, table, deletes: number(deletes)?, live: number(live)? }
        }
        (["volume", changes, deliveries, sum, squares], _) => {
            let [changes, deliveries, sum, squares] =
                [number(changes)?, number(deliveries)?, number(sum)?, number(squares)?];
            Note::Volume { changes, deliveries, sum, squares }
        }
        _ => return None,
    })
}

fn state(table: Table, columns: &[usize], fields: &[&str], line: usize, texts: &mut Texts, batch: &mut Batch) {
    let text = |column: usize| match columns.iter().position(|&shown| shown == column).map(|place| fields[place]) {
        Some("." | "!") => "",
        Some(text) => text,
        None if table.spec().columns[column].required => filler(table, column),
        None => "",
    };
    let mut faults = Vec::new();
    match table.read(text, texts, |column, fault| faults.push((column, fault))) {
        Some(record) => batch.changes.push(Change::Upsert(record)),
        None => {
            let key = table.spec().key.iter().map(|name| text(table.spec().column(name).unwrap_or(0)));
            let row = RowName::Key(symbol(table, &key.collect::<Vec<_>>().join("/"), texts));
            let file = texts.id("table");
            for (column, fault) in faults {
                let value = (fault != Fault::Missing).then(|| texts.id(text(column)));
                let reason = Reason::Field { column: column as u8, position: column as u16 + 1, fault, value };
                batch.changes.push(Change::Reject(Rejected { table, row, file, line: line as u32, reason }));
            }
        }
    }
}

fn symbol(table: Table, key: &str, texts: &mut Texts) -> std::num::NonZeroU32 {
    texts.symbol(table.space(), key)
}

fn filler(table: Table, column: usize) -> &'static str {
    let column = &table.spec().columns[column];
    match (column.name, column.kind) {
        ("grade_level" | "grade" | "grade_low" | "grade_high", _) => "03",
        ("school_year", _) => "2026",
        (_, FieldType::Code(set) | FieldType::Codes(set)) => set.values()[0],
        (_, FieldType::Day) => "2025-08-20",
        (_, FieldType::Decimal(_) | FieldType::Int | FieldType::Year) => "1",
        (_, FieldType::Bool) => "true",
        (_, FieldType::Text | FieldType::Id(_) | FieldType::List | FieldType::Ids(_)) => "filler",
    }
}

#[test]
fn change_tables_work_for_every_table() {
    for &table in Table::ALL {
        let spec = table.spec();
        let key = |name: &&str| if *name == "date" { "2025-09-02" } else { "1" };
        let keys: Vec<&str> = spec.key.iter().map(key).collect();
        let changes = format!("{} | {}\n2025-09-02 + {}", spec.name, spec.key.join(" "), keys.join(" "));
        let (mut engine, _) = run(&changes, Plan::default());
        assert_eq!(engine.counted().unwrap()[table as usize], 1, "{}", spec.name);
    }
}
