//! `reports/changes/`: what every batch and every day changed, one JSON object per line, one file per month. The lines of a
//! timestamp end with one that closes it, so readers, and a restart after a crash, know which timestamps are complete.
//!
//! Lines contain ids and evidence but no names. They depend only on the timestamp, so they are the same no matter how often
//! the process was stopped and restarted.

use crate::model::{Date, Texts, timestamp};
use crate::qa;
use crate::quality::{Event, History, Violation, Violations};
use crate::store::{self, Disk, Header};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;

/// A line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// A violation has opened.
    Opened(Changed),
    /// A violation has closed.
    Closed(Changed),
    /// The evidence of an open violation has changed.
    Changed(Changed),
    /// A KPI figure has changed.
    Moved(Moved),
    /// The timestamp is closed: all of its lines precede this one.
    #[serde(rename = "sealed")]
    TimestampClosed(ClosedTimestamp),
}

/// A violation that opened, closed or changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The day and the batch within it; batch 0 is the day close.
    pub batch: String,
    /// The rule.
    pub rule: String,
    /// Its severity before any configuration.
    pub severity: String,
    /// The kind of its subject.
    pub about: String,
    /// The key of its subject.
    pub subject: String,
    /// Its evidence, one entry per finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<BTreeMap<String, String>>,
    /// The day on which it was opened, unless that is this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// A figure that changed; suppressed figures are omitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The day and the batch within it.
    pub batch: String,
    /// The KPI.
    pub kpi: String,
    /// Its grain.
    pub of: BTreeMap<String, String>,
    /// The figures before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<BTreeMap<String, String>>,
    /// The figures now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<BTreeMap<String, String>>,
}

/// A summary of a closed timestamp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedTimestamp {
    /// The day and the batch within it.
    pub batch: String,
    /// The source system; empty for a day close.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The delivery.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The number of changes in it.
    pub changes: u64,
    /// Violations opened, closed and changed.
    pub opened: u64,
    /// See `opened`.
    pub closed: u64,
    /// See `opened`.
    pub changed: u64,
    /// The number of KPI figures that changed.
    #[serde(default)]
    pub moved: u64,
    /// The number of violations that are open after it.
    pub open: u64,
}

/// The published text of a timestamp.
pub fn batch(time: u64) -> String {
    timestamp::text(time)
}

/// The day of a published timestamp.
pub fn day(batch: &str) -> &str {
    batch.split('/').next().unwrap_or("")
}

/// Reads a published timestamp.
pub fn time(batch: &str) -> Option<u64> {
    let (day, sequence) = batch.split_once('/')?;
    Some(timestamp::at(Date::parse_iso(day.as_bytes())?, sequence.parse().ok()?))
}

/// What lines show about a timestamp, besides its violations.
pub struct Timestamp<'a> {
    /// When.
    pub time: u64,
    /// The batch; none for a day close or a change of settings.
    pub header: Option<&'a Header>,
    /// The texts of ids.
    pub texts: &'a Texts,
}

fn owned(seen: BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
    seen.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// The lines of a timestamp: `now` are the violations after it, `before` is the history until it.
pub fn lines(
    of: &Timestamp<'_>,
    events: &[(Violation, Event)],
    now: &Violations,
    before: &History,
) -> (Vec<Line>, ClosedTimestamp) {
    let name = batch(of.time);
    let mut closed = ClosedTimestamp { batch: name.clone(), open: now.len() as u64, ..ClosedTimestamp::default() };
    if let Some(header) = of.header {
        (closed.source, closed.label) = (header.source.clone(), header.label.clone());
        closed.changes = header.counts().all();
    }
    let mut lines: Vec<(u16, Line)> = Vec::with_capacity(events.len() + 1);
    for (violation, event) in events {
        let rule = qa::numbered(violation.0);
        let day = |time: u64| timestamp::day(time).to_string();
        let changed = Changed {
            batch: name.clone(),
            rule: rule.id.to_owned(),
            severity: rule.severity.name().to_owned(),
            about: violation.1.kind().to_owned(),
            subject: violation.1.key(of.texts),
            evidence: now.observed(violation, of.texts).into_iter().map(owned).collect(),
            since: before.opened(violation).map(day),
        };
        let line = match event {
            Event::Opened => (&mut closed.opened, Line::Opened(changed)),
            Event::Closed => (&mut closed.closed, Line::Closed(changed)),
            Event::Changed => (&mut closed.changed, Line::Changed(changed)),
        };
        *line.0 += 1;
        lines.push((violation.0.0, line.1));
    }
    // Events are in the order of symbols, which depends on arrival.
    lines.sort_by(|(a, one), (b, other)| (a, one.order()).cmp(&(b, other.order())));
    (lines.into_iter().map(|(_, line)| line).collect(), closed)
}

impl Line {
    fn order(&self) -> (u8, &str, &str) {
        match self {
            Line::Opened(of) => (0, &of.about, &of.subject),
            Line::Closed(of) => (1, &of.about, &of.subject),
            Line::Changed(of) => (2, &of.about, &of.subject),
            Line::Moved(of) => (3, &of.kpi, &of.batch),
            Line::TimestampClosed(of) => (4, "", &of.batch),
        }
    }

    /// Its timestamp.
    pub fn batch(&self) -> &str {
        match self {
            Line::Opened(of) | Line::Closed(of) | Line::Changed(of) => &of.batch,
            Line::Moved(of) => &of.batch,
            Line::TimestampClosed(of) => &of.batch,
        }
    }

    /// The published line, with its line break.
    pub fn text(&self) -> String {
        let text = serde_json::to_string(self).expect("invariant: a line has no keys but texts");
        text + "\n"
    }
}

/// The file of a timestamp.
fn file(time: u64) -> String {
    format!("{}.jsonl", &timestamp::day(time).to_string()[..7])
}

/// The published files on a disk.
pub struct Files<D> {
    disk: D,
    /// The last closed timestamp.
    published: Option<u64>,
    /// What is after it: the files, where it begins in them, and the number of bytes.
    cuts: Vec<(String, u64, u64)>,
    /// The last written file, unless it is synced.
    unsynced: Option<String>,
}

impl<D: Disk> Files<D> {
    /// Opens the files. Nothing is changed before [`Files::trim`].
    pub fn open(disk: D) -> Result<Files<D>, store::Error> {
        let mut files = Files { disk, published: None, cuts: Vec::new(), unsynced: None };
        files.find(|_| true)?;
        Ok(files)
    }

    /// Whether there are no files at all.
    pub(crate) fn is_empty(&self) -> Result<bool, store::Error> {
        Ok(self.names()?.is_empty())
    }

    /// Cuts off the lines after the last closed timestamp; returns the number of bytes removed.
    pub fn trim(&mut self) -> Result<u64, store::Error> {
        let mut cut = 0;
        for (name, good, more) in std::mem::take(&mut self.cuts) {
            self.disk.truncate(&name, good).map_err(|source| store::Error::Disk { what: "cut", file: name, source })?;
            cut += more;
        }
        Ok(cut)
    }

    /// Cuts off the lines of timestamps after this one; returns the number of bytes removed.
    pub fn cut_after(&mut self, last: Option<u64>) -> Result<u64, store::Error> {
        self.find(|time| Some(time) <= last)?;
        self.trim()
    }

    /// Finds the last closed timestamp that is retained, and what is after it.
    fn find(&mut self, keeps: impl Fn(u64) -> bool) -> Result<(), store::Error> {
        (self.published, self.cuts) = (None, Vec::new());
        for name in self.names()?.into_iter().rev() {
            let mut bytes = Vec::new();
            let error = |source| store::Error::Disk { what: "read", file: name.clone(), source };
            self.disk.read(&name, 0).map_err(error)?.read_to_end(&mut bytes).map_err(error)?;
            let (mut good, mut offset) = (0, 0);
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                offset += line.len();
                let read: Option<Line> = serde_json::from_slice(line).ok();
                // After a crash, unsynced lines on the disk need not be the first ones.
                let Some(read) = read.filter(|_| line.ends_with(b"\n")) else { break };
                if let Line::TimestampClosed(closed) = read {
                    let Some(time) = time(&closed.batch).filter(|time| keeps(*time)) else { break };
                    (good, self.published) = (offset, Some(time));
                }
            }
            if good < bytes.len() {
                self.cuts.push((name, good as u64, (bytes.len() - good) as u64));
            }
            if self.published.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<String>, store::Error> {
        let error = |source| store::Error::Disk { what: "list", file: "the changes".to_owned(), source };
        let mut names = self.disk.names().map_err(error)?;
        names.retain(|name| name.ends_with(".jsonl"));
        Ok(names)
    }

    /// The last closed timestamp.
    pub fn published(&self) -> Option<u64> {
        self.published
    }

    /// Writes the lines of a timestamp, including the one that closes it.
    pub fn publish(&mut self, time: u64, lines: &str) -> Result<(), store::Error> {
        let name = file(time);
        if self.unsynced.as_ref().is_some_and(|unsynced| *unsynced != name) {
            self.sync()?;
        }
        let error = |source| store::Error::Disk { what: "write", file: name.clone(), source };
        self.disk.append(&name, lines.as_bytes()).map_err(error)?;
        (self.published, self.unsynced) = (Some(time), Some(name));
        Ok(())
    }

    /// Says that what was published up to a timestamp is missing, so that later lines may follow. The violations that are
    /// open then are counted.
    pub(crate) fn skip_to(&mut self, time: u64, open: u64) -> Result<(), store::Error> {
        let label = "repair: what was published before is missing".to_owned();
        let closed = ClosedTimestamp { batch: batch(time), label, open, ..ClosedTimestamp::default() };
        self.publish(time, &Line::TimestampClosed(closed).text())
    }

    /// Makes everything published durable. This is needed only before a snapshot: until then the lines can be reproduced
    /// from the log.
    pub fn sync(&mut self) -> Result<(), store::Error> {
        if let Some(name) = self.unsynced.take() {
            self.disk.sync(&name).map_err(|source| store::Error::Disk { what: "sync", file: name, source })?;
        }
        Ok(())
    }
}
