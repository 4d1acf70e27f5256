//! Debezium change events: one JSON object per line with the row before and after, the operation (`c` created, `u`
//! updated, `d` deleted, `r` read for a snapshot) and its table, with or without a schema envelope. Columns are those of
//! rollcall's tables; a view in the source system can give them these names.
//!
//! Databases send dates and times as days, milliseconds or microseconds since 1970. Exact decimals are read if the
//! connector writes them as text (`decimal.handling.mode=string`).

use super::csv::{QUOTED_CHARS, RECORD_BYTES};
use super::{Delivery, FileError, FileReport, Format, Mode, RecordSink, flooded, plain};
use crate::model::finding::digest;
use crate::model::{Change, Date, Fault, FieldType, Reason, Record, Rejected, RowName, Table, Text};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// The format.
pub struct Debezium;

/// Longest line, in bytes.
const LINE_BYTES: usize = 1 << 20;

impl Format for Debezium {
    fn name(&self) -> &'static str {
        "debezium"
    }

    /// Many systems deliver JSON. Files are change events only if one of them begins with one.
    fn sniff(&self, files: &[String], begin: &mut dyn FnMut(&str) -> Vec<u8>) -> bool {
        files.iter().filter(|file| is_json(file)).any(|file| looks_like_events(file, &begin(file)))
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn read(&self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError> {
        let files: Vec<String> = delivery.files.iter().filter(|file| is_json(file)).cloned().collect();
        if files.is_empty() {
            return Err(FileError::NoTables { found: delivery.files.clone() });
        }
        // One file holds events of several tables in order; a sink receives one table at a time.
        let mut changes: BTreeMap<Table, Vec<LocatedChange>> = BTreeMap::new();
        let mut reports = Vec::new();
        for file in files {
            let bytes = (delivery.read)(&file)?;
            reports.push(read(&file, &bytes, &mut changes, sink)?);
        }
        for (table, changes) in changes {
            sink.begin(table, &Mode::Delta);
            for LocatedChange { file, line, stamped: (stamp, change) } in changes {
                sink.at(file, line);
                sink.stamp(stamp);
                sink.change(change);
            }
            sink.end(table);
        }
        Ok(reports)
    }
}

fn is_json(file: &str) -> bool {
    let extension = file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| ["json", "jsonl", "ndjson"].contains(&extension.as_str()))
}

/// How many lines are looked at to tell whether a file holds change events.
const LOOKED_AT: usize = 100;

/// Whether a file begins with change events. One with the name of a file of lines in which nothing is JSON counts too, so
/// that its lines are rejected one by one.
fn looks_like_events(file: &str, bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default, rename = "op")]
        op: Option<serde::de::IgnoredAny>,
        #[serde(default, rename = "payload")]
        payload: Option<serde::de::IgnoredAny>,
        #[serde(default, rename = "before")]
        before: Option<serde::de::IgnoredAny>,
        #[serde(default, rename = "after")]
        after: Option<serde::de::IgnoredAny>,
    }
    // Serde would read an array as the fields in their order.
    let object = |line: &[u8]| line.starts_with(b"{").then(|| serde_json::from_slice(line).ok()).flatten();
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let parsed: Vec<Option<Envelope>> = lines.take(LOOKED_AT).map(object).collect();
    let is_event = |of: &Envelope| of.op.is_some() || of.payload.is_some() || of.before.is_some() || of.after.is_some();
    let is_of_lines = !file.to_ascii_lowercase().ends_with(".json");
    parsed.iter().flatten().any(is_event) || (is_of_lines && parsed.iter().all(Option::is_none))
}

/// The UTC day on which the source made the change of an event, if stated.
pub(crate) fn day_of(line: &[u8]) -> Option<Date> {
    #[derive(Deserialize)]
    struct Source<'a> {
        ts_ms: Option<i64>,
        #[serde(borrow)]
        table: Option<Cow<'a, str>>,
    }
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        source: Option<Source<'a>>,
        #[serde(borrow)]
        payload: Option<Box<Event<'a>>>,
    }
    let line = line.trim_ascii();
    if line.is_empty() || line.len() > LINE_BYTES {
        return None;
    }
    let mut event: Event = serde_json::from_slice(line).ok()?;
    if event.source.is_none()
        && let Some(payload) = event.payload
    {
        event = *payload;
    }
    let source = event.source?;
    // Other tables may have another clock.
    source.table.as_deref().and_then(|table| table.rsplit('.').next()).and_then(named)?;
    Date::of_unix(source.ts_ms?)
}

/// A change, and when the source made it.
type Stamped = (Option<i64>, Change);

/// A change, and its location.
struct LocatedChange {
    file: Text,
    line: u32,
    stamped: Stamped,
}

impl LocatedChange {
    fn bad(rejected: Rejected) -> LocatedChange {
        LocatedChange { file: rejected.file, line: rejected.line, stamped: (None, Change::Reject(rejected)) }
    }
}

/// The content of a line.
enum Event {
    /// Nothing about any of our tables.
    Other,
    /// A row change.
    Change(Table, Stamped),
    /// Why the line is rejected: one or more reasons.
    Bad(Option<Table>, Vec<(RowName, Reason)>),
}

fn read(
    file: &str,
    bytes: &[u8],
    changes: &mut BTreeMap<Table, Vec<LocatedChange>>,
    sink: &mut dyn RecordSink,
) -> Result<FileReport, FileError> {
    let name: Text = sink.texts().id(file);
    let (mut rows, mut ignored) = (0, 0);
    let mut tables: BTreeSet<Table> = BTreeSet::new();
    let mut bad: Vec<(u32, RowName, Reason)> = Vec::new();
    let mut rejected = 0;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line_number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            continue;
        }
        rows += 1;
        match event(line, RowName::Place(name, line_number), sink) {
            Event::Other => ignored += 1,
            Event::Change(table, stamped) => {
                tables.insert(table);
                let change = LocatedChange { file: name, line: line_number, stamped };
                changes.entry(table).or_default().push(change);
            }
            Event::Bad(table, faults) => {
                rejected += 1;
                tables.extend(table);
                for (row, reason) in faults {
                    match table {
                        // Keep the order: a later valid event for the row supersedes the rejection.
                        Some(table) => {
                            let rejected = Rejected { table, row, file: name, line: line_number, reason };
                            changes.entry(table).or_default().push(LocatedChange::bad(rejected));
                        }
                        None => bad.push((line_number, row, reason)),
                    }
                }
                flooded(file, line_number, rows, rejected)?;
            }
        }
    }
    // A line that does not identify its table is attributed to the table of its file.
    let of_file = tables.first().copied().or_else(|| file.split('.').rev().find_map(named)).unwrap_or(Table::Organization);
    for (line, row, reason) in bad {
        let rejected = Rejected { table: of_file, row, file: name, line, reason };
        changes.entry(of_file).or_default().push(LocatedChange::bad(rejected));
    }
    Ok(FileReport {
        file: file.to_owned(),
        table: of_file.spec().name.into(),
        rows,
        rejected,
        ignored,
        encoding: "UTF-8".into(),
        digest: digest(bytes),
        ..FileReport::default()
    })
}

/// The table that a name refers to, in the singular or plural.
fn named(name: &str) -> Option<Table> {
    let name = plain(name);
    let is = |table: &&Table| {
        let own = plain(table.spec().name);
        name.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest == "s")
    };
    Table::ALL.iter().find(is).copied()
}

fn event(line: &[u8], place: RowName, sink: &mut dyn RecordSink) -> Event {
    let not_an_event = |table| Event::Bad(table, vec![(place, Reason::NoEvent)]);
    if line.len() > LINE_BYTES {
        return not_an_event(None);
    }
    let Ok(value) = serde_json::from_slice::<Value>(line) else { return not_an_event(None) };
    let mut event = match value {
        // A tombstone tells a broker to forget a key; it is not a change.
        Value::Null => return Event::Other,
        Value::Object(object) => object,
        _ => return not_an_event(None),
    };
    if !event.contains_key("op")
        && let Some(payload) = event.remove("payload")
    {
        event = match payload {
            Value::Null => return Event::Other,
            Value::Object(object) => object,
            _ => return not_an_event(None),
        };
    }
    let Some(operation) = event.get("op").and_then(Value::as_str).map(str::to_owned) else { return not_an_event(None) };
    // Messages that an application wrote to its database log.
    if operation == "m" {
        return Event::Other;
    }
    let source = event.get("source");
    let stamp = source.and_then(|source| source.get("ts_ms")).and_then(Value::as_i64);
    let source = source.and_then(|source| source.get("table")).and_then(Value::as_str);
    let Some(source) = source else { return not_an_event(None) };
    let Some(table) = source.rsplit('.').next().and_then(named) else { return Event::Other };
    let mut row = |name: &str| match event.remove(name) {
        Some(Value::Object(object)) => Some(texts(table, &object)),
        _ => None,
    };
    let (before, after) = (row("before"), row("after"));
    // A row may not be longer than a CSV row, so that its log entry fits into a frame with others.
    let is_long = |row: &Option<Vec<String>>| row.iter().flatten().map(String::len).sum::<usize>() > RECORD_BYTES;
    if is_long(&before) || is_long(&after) {
        return not_an_event(Some(table));
    }
    let key = |row: &Vec<String>, sink: &mut dyn RecordSink| -> Option<NonZeroU32> {
        let key = table.key_text(|column| &row[column])?;
        Some(sink.texts().symbol(table.space(), &key))
    };
    match (operation.as_str(), before, after) {
        ("d", Some(before), _) => match key(&before, sink) {
            Some(key) => Event::Change(table, (stamp, Change::Delete(table, key))),
            None => Event::Bad(Some(table), vec![(place, Reason::NoEvent)]),
        },
        ("c" | "r" | "u", before, Some(after)) => {
            let old = before.and_then(|before| key(&before, sink));
            match record(table, &after, place, sink) {
                Ok(row) => match old.filter(|old| operation == "u" && *old != row.symbol()) {
                    Some(old) => Event::Change(table, (stamp, Change::KeyChange(old, row))),
                    None => Event::Change(table, (stamp, Change::Upsert(row))),
                },
                Err(faults) => Event::Bad(Some(table), faults),
            }
        }
        ("c" | "r" | "u" | "d", ..) => not_an_event(Some(table)),
        _ => {
            let cut: String = operation.chars().take(QUOTED_CHARS).collect();
            let value = Some(sink.texts().id(&cut));
            Event::Bad(Some(table), vec![(place, Reason::Operation { position: 0, value })])
        }
    }
}

/// The texts of a row by column, as a CSV file would have them.
fn texts(table: Table, object: &Map<String, Value>) -> Vec<String> {
    let columns = table.spec().columns.iter();
    // A line of 1 MiB may hold 100,000 names, and each is compared with each column: normalize them once.
    let names: Vec<(String, &Value)> = object.iter().map(|(name, value)| (plain(name), value)).collect();
    let text = |column: &crate::model::Column| {
        let own = object.get(column.name);
        let meant: Vec<String> = std::iter::once(&column.name).chain(column.aliases).map(|name| plain(name)).collect();
        let value = own.or_else(|| names.iter().find(|(name, _)| meant.contains(name)).map(|(_, value)| *value));
        value.map_or(String::new(), |value| value_text(column.kind, value).trim().to_owned())
    };
    columns.map(text).collect()
}

fn value_text(kind: FieldType, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => match kind {
            // A timestamp where rollcall keeps days.
            FieldType::Day if text.as_bytes().get(10) == Some(&b'T') => text.get(..10).unwrap_or(text).to_owned(),
            _ => text.clone(),
        },
        Value::Number(number) => match (kind, number.as_i64()) {
            (FieldType::Day, Some(number)) => day(number).map_or_else(|| number.to_string(), |day| day.to_string()),
            _ => number.to_string(),
        },
        Value::Array(items) => items.iter().map(|item| value_text(kind, item)).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// A day counted from 1970-01-01 in days, milliseconds or microseconds. The magnitude tells which, except for
/// microseconds in the first months of 1970.
fn day(number: i64) -> Option<Date> {
    const DAY_MS: i64 = 86_400_000;
    let days = match number.unsigned_abs() {
        0..1_000_000 => number,
        1_000_000..10_000_000_000_000 => number.div_euclid(DAY_MS),
        _ => number.div_euclid(DAY_MS * 1_000),
    };
    let first = Date::ymd(1970, 1, 1)?.number();
    Date::from_number(first.checked_add(days)?)
}

/// The row of a table, or what is wrong with it.
fn record(
    table: Table,
    fields: &[String],
    place: RowName,
    sink: &mut dyn RecordSink,
) -> Result<Record, Vec<(RowName, Reason)>> {
    let field = |column: usize| fields[column].as_str();
    if fields.iter().any(|field| field.contains('\0')) {
        return Err(vec![(place, Reason::Nul)]);
    }
    let mut faults: Vec<(usize, Fault)> = Vec::new();
    let row = table.read(field, sink.texts(), |column, fault| faults.push((column, fault)));
    row.ok_or_else(|| {
        let texts = sink.texts();
        let name = table.key_text(field).map_or(place, |key| RowName::Key(texts.symbol(table.space(), &key)));
        let reason = |(column, fault): (usize, Fault)| {
            let cut: String = field(column).chars().take(QUOTED_CHARS).collect();
            let value = (!cut.is_empty()).then(|| texts.id(&cut));
            (name, Reason::Field { column: column as u8, position: 0, fault, value })
        };
        faults.into_iter().map(reason).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Batch, Texts};
    use crate::source::Collected;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> (FileReport, Vec<String>) {
        let mut texts = Texts::default();
        let mut sink = Collected { texts: &mut texts, batch: Batch::default() };
        let mut read = |_: &str| Ok(text.to_vec());
        let mut delivery =
            Delivery { files: vec!["sis.public.course.jsonl".to_owned()], read: &mut read, unless_stated: None };
        let report = Debezium.read(&mut delivery, &mut sink).unwrap().remove(0);
        let batch = sink.batch;
        let changes = batch.changes.iter().map(|change| match change {
            Change::Upsert(row) => {
                let values = row.values().into_iter().map(|value| value.text(&texts));
                format!("+ {}", values.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "))
            }
            Change::Delete(table, key) => format!("- {}", texts.symbol_text(table.space(), *key)),
            Change::KeyChange(old, row) => {
                let space = row.table().space();
                format!("{} > {}", texts.symbol_text(space, *old), texts.symbol_text(space, row.symbol()))
            }
            Change::Accept(..) | Change::Note(_) => unreachable!("formats note nothing"),
            Change::Reject(rejected) => {
                format!("{}:{} {}", rejected.table.spec().name, rejected.line, rejected.reason.hint())
            }
        });
        (report, changes.collect())
    }

    fn event(before: &str, after: &str, operation: &str, table: &str) -> String {
        let (op, source) = (format!("\"op\":\"{operation}\""), format!("\"source\":{{\"table\":\"{table}\",\"ts_ms\":1}}"));
        format!("{{\"before\":{before},\"after\":{after},{op},{source}}}")
    }

    #[test]
    fn events_are_changes() {
        let bio = event("null", r#"{"courseId":7,"ORG_ID":"D","title":"Bio","is_core":true}"#, "r", "public.courses");
        let moved = event(r#"{"course_id":"A"}"#, r#"{"course_id":"B","org_id":"D","title":"Art"}"#, "u", "course");
        let lines = [
            event("null", r#"{"course_id":"A","org_id":"D","title":"Art","credits":"0.5"}"#, "c", "course"),
            format!("{{\"schema\":{{}},\"payload\":{bio}}}"),
            moved,
            String::new(),
            event(r#"{"course_id":"B"}"#, "null", "d", "course"),
            "null".to_owned(),
            "{\"schema\":null,\"payload\":null}".to_owned(),
            event("null", r#"{"id":1}"#, "c", "audit_log"),
        ];
        let (report, changes) = read(lines.join("\n").as_bytes());
        assert_eq!(changes, ["+ A D Art 0.5", "+ 7 D Bio true", "A > B", "- B"]);
        assert_eq!((report.rows, report.rejected, report.ignored, &*report.table), (7, 0, 3, "course"));
    }

    #[test]
    fn a_bad_line_is_rejected_alone() {
        let long = format!("{{\"op\":\"{}\"}}", "x".repeat(LINE_BYTES));
        let lines = format!(
            "{{\"op\":\"c\"\n{long}\n[]\n{}\n{}\n{}\n",
            r#"{"after":{"course_id":"A","org_id":"D"},"op":"c","source":{"table":"course"}}"#,
            r#"{"op":"t","source":{"table":"course"}}"#,
            r#"{"after":{"course_id":"A","org_id":"D","title":"Art"},"op":"u","source":{"table":"course"}}"#,
        );
        let (report, changes) = read(lines.as_bytes());
        let not_an_event = "write one change event per line, with before, after, op and source, in at most 1 MiB";
        assert_eq!((report.rows, report.rejected), (6, 5));
        // A valid event for the row follows the bad one; lines without a table come last.
        assert_eq!(changes[0], "course:4 this column must not be empty");
        assert!(changes[1].starts_with("course:5 write upsert, delete"));
        assert_eq!(changes[2], "+ A D Art");
        assert_eq!(changes[3..], [1, 2, 3].map(|line| format!("course:{line} {not_an_event}")));
    }

    #[test]
    fn days_are_counted_in_any_of_three_ways() {
        let expected = Date::ymd(2025, 9, 2);
        assert_eq!([20_333, 1_756_771_200_000, 1_756_771_200_000_000].map(day), [expected; 3]);
        assert_eq!(day(-1), Date::ymd(1969, 12, 31));
        assert_eq!((day(i64::MAX), day(i64::MIN)), (None, None));
    }

    proptest! {
        /// No bytes can cause a panic, and no line is lost.
        #[test]
        fn any_bytes_are_read(
            bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\n\\u0op beforeafter\xFF".to_vec()), 0..200),
            place in any::<prop::sample::Index>(),
        ) {
            let _ = read(&bytes);
            let after = r#"{"course_id":"B","org_id":"D","title":"Art"}"#;
            let mut event = event(r#"{"course_id":"A"}"#, after, "u", "course").into_bytes();
            let place = place.index(event.len());
            event.splice(place..place, bytes);
            let (report, changes) = read(&event);
            prop_assert!(report.rows <= changes.len() as u64 + report.ignored);
        }
    }

    #[test]
    fn only_files_with_events_are_claimed() {
        let claims = |file: &str, text: &str| {
            let text = text.as_bytes().to_vec();
            Debezium.sniff(&[file.to_owned()], &mut |_| text.clone())
        };
        let event = "{\"op\":\"c\",\"after\":{},\"source\":{\"table\":\"student\"}}\n";
        assert!(claims("events.jsonl", event) && claims("events.json", event));
        assert!(claims("events.jsonl", &format!("not JSON\n{event}")), "a bad line does not hide the others");
        assert!(claims("events.ndjson", "not JSON\n"), "its lines are to be rejected, not skipped");
        // Ed-Fi delivers resources: arrays, or an object a line.
        assert!(!claims("students.json", "[{\"studentUniqueId\": \"1\"}]"));
        assert!(!claims("students.jsonl", "{\"studentUniqueId\": \"1\"}\n"));
        assert!(!claims("students.csv", event));
    }
}
