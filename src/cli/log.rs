//! `rollcall log`: lists the logged batches, verifies the log, prunes it, or repairs the state.

use super::kept::{self, cannot};
use super::{Failure, terminal};
use crate::model::timestamp;
use crate::publish::changes;
use crate::store::disk::Folder;
use crate::store::head::Head;
use crate::store::{self, Item, Log, Position, record, snapshot};
use comfy_table::{ColumnConstraint, Table, Width};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// List the logged batches, verify the log, prune it, or repair the state
///
/// `rollcall replay` stores the log in OUT/state. It contains every batch in the order of arrival.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// The folder that contains state/
    #[arg(long, value_name = "DIR", default_value = ".", global = true)]
    out: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Clone, Copy, clap::Subcommand)]
enum Action {
    /// List every batch: when, from where, what it stated [default]
    List,
    /// Read everything and check the checksums
    Verify,
    /// Remove segments that end before the older of the two snapshots; the state on the days in them can no longer be
    /// rebuilt
    Prune,
    /// Go on from what is intact, if files are damaged, missing, or not of one copy. A copy of everything as it was stays in
    /// OUT/set-aside-1 or the next free number
    Repair,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let open = |disk| Log::open(disk).map_err(failure);
    // Reading does not wait for a writer: what is being written is behind the end of what is read.
    match arguments.action.unwrap_or(Action::List) {
        Action::List => list(&mut open(kept::shared(&arguments.out)?)?, arguments.json),
        Action::Verify => verify(&mut open(kept::shared(&arguments.out)?)?, arguments.json),
        Action::Prune => prune(&mut open(kept::locked(&arguments.out)?)?, arguments.json),
        Action::Repair => repair(&arguments.out, arguments.json),
    }
}

fn failure(error: store::Error) -> Failure {
    Failure::from(crate::district::Error::from(error))
}

/// Reads a log item by item; returns the number of incomplete bytes at its end.
fn read(log: &Log<Folder>, mut visit: impl FnMut(Item, u64)) -> Result<u64, Failure> {
    let mut reader = log.reader(log.first_item().map_err(failure)?, None).map_err(failure)?;
    while let Some((item, _)) = reader.next_item().map_err(failure)? {
        let mut bytes = Vec::new();
        match &item {
            Item::Days(day) => record::encode(day, &mut bytes),
            Item::Batch(header, parts) => {
                record::encode(&(header, parts), &mut bytes);
                parts.iter().for_each(|part| record::encode(&part.places, &mut bytes));
            }
            Item::Computed(computed) => record::encode(computed, &mut bytes),
            Item::Approved(source, label) => record::encode(&(source, label), &mut bytes),
        }
        visit(item, bytes.len() as u64);
    }
    Ok(reader.tail().map_err(failure)?.cut)
}

fn list(log: &mut Log<Folder>, as_json: bool) -> Result<(String, u8), Failure> {
    let mut lines = String::new();
    let (mut rows, mut sources) = (Vec::new(), BTreeSet::new());
    let (mut batches, mut changes, mut bytes) = (0, 0, 0);
    let torn = read(log, |item, length| {
        let Item::Batch(header, _) = item else { return };
        let counts = header.counts();
        let name = changes::batch(header.time);
        let (files, numbers) =
            (header.files.len() as u64, [counts.upserts, counts.deletes, counts.key_changes, counts.rejected]);
        batches += 1;
        changes += counts.all();
        bytes += length;
        if as_json {
            let line = json!({
                "batch": name, "source": header.source, "delivery": header.label, "files": files,
                "upserts": counts.upserts, "deletes": counts.deletes, "key_changes": counts.key_changes,
                "rejected": counts.rejected, "bytes": length, "held": header.held.map(|held| held.reason.to_string()),
            });
            let _ = writeln!(lines, "{line}");
        } else {
            let numbers = [files].into_iter().chain(numbers).chain([length]).map(terminal::thousands);
            let label = if header.held.is_some() { format!("{} (on hold)", header.label) } else { header.label };
            sources.insert(header.source.clone());
            rows.push((name, header.source, label, numbers));
        }
    })?;
    if as_json {
        return Ok((lines, 0));
    }
    let table = table(rows, sources.len() > 1);
    let mut text = format!("{table}\n");
    let [all, each] = [changes, bytes / changes.max(1)].map(terminal::thousands);
    let total = terminal::thousands(bytes);
    let _ = writeln!(text, "{batches} batches, {all} changes, {total} bytes, {each} per change");
    if let (Some(source), 1) = (sources.first(), sources.len()) {
        let _ = writeln!(text, "All from {}", terminal::safe(source));
    }
    if torn > 0 {
        let _ = writeln!(text, "The last {torn} bytes are incomplete; the next start removes them.");
    }
    Ok((text, 0))
}

/// A batch as a line of the list: its name, source and delivery, and numbers.
type Row<N> = (String, String, String, N);

/// The batches as a table that fits 80 columns; only what a district names itself, its deliveries, is broken into lines.
fn table<N: Iterator<Item = String>>(rows: Vec<Row<N>>, with_source: bool) -> Table {
    let headers = ["batch", "delivery", "files", "upserts", "deletes", "renamed\nkeys", "rejected", "bytes"];
    let mut table = terminal::table(&headers, 2);
    for (name, source, label, numbers) in rows {
        let delivery = if with_source { format!("{source} {label}") } else { label };
        table.add_row([name, terminal::safe(&delivery).into_owned()].into_iter().chain(numbers));
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        column.set_constraint(match place {
            1 => ColumnConstraint::LowerBoundary(Width::Fixed(11)),
            _ => ColumnConstraint::ContentWidth,
        });
    }
    table
}

/// A file of the state, as it was verified.
struct Verified {
    file: String,
    /// The version of rollcall that wrote it, and how its schema differs from that of this version; unknown of a damaged
    /// one.
    head: Option<(String, Vec<String>)>,
    error: Option<store::Error>,
}

impl Verified {
    /// A snapshot of an earlier version is not damaged; the log is read instead.
    fn is_damaged(&self) -> bool {
        self.error.as_ref().is_some_and(|error| !matches!(error, store::Error::Older { .. }))
    }

    fn of(file: String, head: Result<Head, store::Error>) -> Verified {
        let (head, error) = match head {
            Ok(head) => (Some((head.rollcall, head.schema.differences())), None),
            Err(error) => (None, Some(error)),
        };
        Verified { file, head, error }
    }

    fn json(&self) -> serde_json::Value {
        let error = |wanted: bool| self.error.as_ref().filter(|_| self.is_damaged() == wanted).map(ToString::to_string);
        let (rollcall, differences) = self.head.clone().unzip();
        json!({
            "file": self.file, "rollcall": rollcall, "schema_differences": differences,
            "damage": error(true), "unused": error(false),
        })
    }

    fn line(&self) -> String {
        let (good, bad) = (terminal::GOOD, terminal::ERROR);
        match (&self.error, &self.head) {
            (Some(error), _) if self.is_damaged() => format!("{bad}damage{bad:#}  {error}"),
            (Some(error), _) => format!("unused  {error}"),
            (None, Some((rollcall, differences))) => {
                let schema = match differences.len() {
                    0 => "the schema of this version".to_owned(),
                    1 => format!("another schema: {}", differences[0]),
                    more => format!("another schema, {more} differences: see --json"),
                };
                format!("{good}OK{good:#}      {} from rollcall {}, {schema}", self.file, terminal::safe(rollcall))
            }
            (None, None) => format!("{good}OK{good:#}      {}", self.file),
        }
    }
}

fn verify(log: &mut Log<Folder>, as_json: bool) -> Result<(String, u8), Failure> {
    let (mut batches, mut broken) = (0, 0);
    let torn = read(log, |item, _| match item {
        Item::Days(_) | Item::Computed(_) | Item::Approved(..) => {}
        Item::Batch(_, parts) => {
            batches += 1;
            broken += parts.iter().flat_map(|part| part.changes()).filter(Result::is_err).count();
            broken += parts.iter().flat_map(|part| part.places.iter()).filter(Result::is_err).count();
        }
    })?;
    let segments: Vec<Verified> =
        log.heads().map_err(failure)?.into_iter().map(|(file, head)| Verified::of(file, Ok(head))).collect();
    let mut snapshots = Vec::new();
    for file in snapshot::list(log.disk()).map_err(failure)? {
        let read = snapshot::read(log.disk(), &file, |_, _| Ok(()));
        let head = read.and_then(|_| snapshot::head(log.disk(), &file));
        snapshots.push(Verified::of(file, head));
    }
    let damaged = snapshots.iter().filter(|snapshot| snapshot.is_damaged()).count();
    let code = u8::from(broken > 0 || damaged > 0);
    if as_json {
        let [segments, snapshots] = [&segments, &snapshots].map(|of| of.iter().map(Verified::json).collect::<Vec<_>>());
        let value = json!({
            "batches": batches, "torn_bytes": torn, "unreadable_changes": broken, "segments": segments,
            "snapshots": snapshots,
        });
        return Ok((format!("{value:#}\n"), code));
    }
    let mut text = String::new();
    let (good, bad) = (terminal::GOOD, terminal::ERROR);
    let _ = writeln!(text, "{good}OK{good:#}      {batches} batches");
    if broken > 0 {
        let _ = writeln!(text, "{bad}damage{bad:#}  {broken} changes cannot be read although their checksums match");
    }
    for file in segments.iter().chain(&snapshots) {
        let _ = writeln!(text, "{}", file.line());
    }
    if torn > 0 {
        let _ = writeln!(text, "torn    the last {torn} bytes are incomplete; the next start removes them");
    }
    Ok((text, code))
}

fn prune(log: &mut Log<Folder>, as_json: bool) -> Result<(String, u8), Failure> {
    // The log after the older of the two snapshots is needed as long as that snapshot is.
    let mut oldest: Option<(Position, u64)> = None;
    let mut count = 0;
    for file in snapshot::list(log.disk()).map_err(failure)? {
        match snapshot::read(log.disk(), &file, |_, _| Ok(())) {
            Ok(begin) => {
                oldest = Some((begin.log, begin.time));
                count += 1;
            }
            // This version starts without it, from the whole log.
            Err(store::Error::Older { .. }) => {}
            Err(error) => return Err(failure(error)),
        }
    }
    let Some((position, time)) = oldest.filter(|_| count > 1) else {
        let hint = "they are written as the log grows".to_owned();
        return Err(Failure::input("nothing can be pruned until there are two snapshots", hint));
    };
    let before: u64 = log.bytes_between(log.begin(), position).map_err(failure)?;
    let removed = log.prune(position).map_err(failure)?;
    let freed = before - log.bytes_between(log.begin(), position).map_err(failure)?;
    let day = timestamp::day(time);
    if as_json {
        return Ok((format!("{:#}\n", json!({"segments": removed, "bytes": freed, "kept_since": day.to_string()})), 0));
    }
    let (freed, of) = (terminal::thousands(freed), if removed == 1 { "segment" } else { "segments" });
    Ok((format!("{removed} {of} removed, {freed} bytes; snapshots go back to {day}\n"), 0))
}

fn repair(out: &Path, as_json: bool) -> Result<(String, u8), Failure> {
    let state = kept::locked(out)?;
    let changes = out.join("reports/changes");
    let published = Folder::shared(&changes).map_err(cannot(&changes))?;
    let aside = (1..).map(|number: u32| out.join(format!("set-aside-{number}"))).find(|path| !path.exists());
    let aside = aside.unwrap_or_else(|| out.join("set-aside"));
    for (from, name) in [(&out.join("state"), "state"), (&changes, "reports/changes")] {
        let to = aside.join(name);
        Folder::private(&to).and_then(|mut folder| folder.copy_from(from)).map_err(cannot(&to))?;
    }
    let done = crate::district::repair(state, published, 1)?;
    if done.is_empty() {
        fs::remove_dir_all(&aside).map_err(cannot(&aside))?;
    }
    if as_json {
        let aside = (!done.is_empty()).then(|| aside.display().to_string());
        return Ok((format!("{:#}\n", json!({"done": done, "set_aside": aside})), 0));
    }
    if done.is_empty() {
        return Ok(("Nothing contradicts; nothing was changed.\n".to_owned(), 0));
    }
    let mut text = String::new();
    for line in done {
        let _ = writeln!(text, "{}", terminal::safe(&line));
    }
    let _ = writeln!(text, "Everything as it was before: {}", aside.display());
    Ok((text, 0))
}
