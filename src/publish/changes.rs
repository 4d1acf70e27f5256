//! `reports/changes/`: what every batch and every day changed, one JSON object a line, one file a month. The lines of a
//! moment end with one that seals them, so that whoever reads, and whoever goes on after a crash, knows what is whole.
//!
//! Lines hold ids and evidence, no names. They are made of what the moment itself says, so they are the same however the
//! process that wrote them was started or stopped.

use crate::model::{Date, Texts, moment};
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
    /// A violation is there that was not.
    Opened(Changed),
    /// A violation is there no more.
    Closed(Changed),
    /// A violation stays, with other evidence.
    Changed(Changed),
    /// A figure of a KPI is another one.
    Moved(Moved),
    /// All that the moment changed stands before.
    Sealed(Sealed),
}

/// A violation that opened, closed or changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The day and the batch within it; batch 0 is the day passing.
    pub batch: String,
    /// The rule.
    pub rule: String,
    /// How bad it is, where nothing is configured.
    pub severity: String,
    /// What kind of thing it is about.
    pub about: String,
    /// Its key.
    pub subject: String,
    /// What is seen, one entry per finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<BTreeMap<String, String>>,
    /// The day on which it was opened, when it is not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// A figure that moved; it is not shown where there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The day and the batch within it.
    pub batch: String,
    /// The KPI.
    pub kpi: String,
    /// What it is about.
    pub of: BTreeMap<String, String>,
    /// The figures stated before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<BTreeMap<String, String>>,
    /// The figures now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<BTreeMap<String, String>>,
}

/// What a moment was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The day and the batch within it.
    pub batch: String,
    /// The system that the records came from; empty when only the day passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What the delivery is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Changes that it stated.
    pub changes: u64,
    /// Violations opened, closed and changed.
    pub opened: u64,
    /// See `opened`.
    pub closed: u64,
    /// See `opened`.
    pub changed: u64,
    /// Figures of KPIs that moved.
    #[serde(default)]
    pub moved: u64,
    /// Violations that are open after it.
    pub open: u64,
}

/// A moment as lines name it.
pub fn batch(time: u64) -> String {
    moment::text(time)
}

/// The day that a line names.
pub fn day(batch: &str) -> &str {
    batch.split('/').next().unwrap_or("")
}

/// The moment that a line names.
pub fn time(batch: &str) -> Option<u64> {
    let (day, sequence) = batch.split_once('/')?;
    Some(moment::at(Date::parse_iso(day.as_bytes())?, sequence.parse().ok()?))
}

/// What is known of a moment besides what became of violations.
pub struct Moment<'a> {
    /// When.
    pub time: u64,
    /// The batch; none when the day passed, or what is computed with changed.
    pub header: Option<&'a Header>,
    /// The texts of ids.
    pub texts: &'a Texts,
}

fn owned(seen: BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
    seen.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// The lines of a moment, with `now` the violations after it and `before` the history until it.
pub fn lines(of: &Moment<'_>, events: &[(Violation, Event)], now: &Violations, before: &History) -> (Vec<Line>, Sealed) {
    let name = batch(of.time);
    let mut sealed = Sealed { batch: name.clone(), open: now.len() as u64, ..Sealed::default() };
    if let Some(header) = of.header {
        (sealed.source, sealed.label) = (header.source.clone(), header.label.clone());
        sealed.changes = header.counts().all();
    }
    let mut lines: Vec<(u16, Line)> = Vec::with_capacity(events.len() + 1);
    for (violation, event) in events {
        let rule = qa::numbered(violation.0);
        let day = |time: u64| moment::day(time).to_string();
        let changed = Changed {
            batch: name.clone(),
            rule: rule.id.to_owned(),
            severity: rule.severity.name().to_owned(),
            about: violation.1.kind().to_owned(),
            subject: violation.1.key(of.texts),
            evidence: now.seen(violation, of.texts).into_iter().map(owned).collect(),
            since: before.opened(violation).map(day),
        };
        let line = match event {
            Event::Opened => (&mut sealed.opened, Line::Opened(changed)),
            Event::Closed => (&mut sealed.closed, Line::Closed(changed)),
            Event::Changed => (&mut sealed.changed, Line::Changed(changed)),
        };
        *line.0 += 1;
        lines.push((violation.0.0, line.1));
    }
    // Events come in the order of symbols, which are numbered by arrival.
    lines.sort_by(|(a, one), (b, other)| (a, one.order()).cmp(&(b, other.order())));
    (lines.into_iter().map(|(_, line)| line).collect(), sealed)
}

impl Line {
    fn order(&self) -> (u8, &str, &str) {
        match self {
            Line::Opened(of) => (0, &of.about, &of.subject),
            Line::Closed(of) => (1, &of.about, &of.subject),
            Line::Changed(of) => (2, &of.about, &of.subject),
            Line::Moved(of) => (3, &of.kpi, &of.batch),
            Line::Sealed(of) => (4, "", &of.batch),
        }
    }

    /// The moment that it names.
    pub fn batch(&self) -> &str {
        match self {
            Line::Opened(of) | Line::Closed(of) | Line::Changed(of) => &of.batch,
            Line::Moved(of) => &of.batch,
            Line::Sealed(of) => &of.batch,
        }
    }

    /// As it is written, with the end of the line.
    pub fn text(&self) -> String {
        let text = serde_json::to_string(self).expect("invariant: a line has no keys but texts");
        text + "\n"
    }
}

/// The file of a moment.
fn file(time: u64) -> String {
    format!("{}.jsonl", &moment::day(time).to_string()[..7])
}

/// The files on a disk.
pub struct Files<D> {
    disk: D,
    /// The last moment that is sealed.
    published: Option<u64>,
    /// The file that was written last, as far as it was not synced since.
    unsynced: Option<String>,
}

impl<D: Disk> Files<D> {
    /// Opens the files and cuts off what stands after the last seal; gives how many bytes that were.
    pub fn open(disk: D) -> Result<(Files<D>, u64), store::Error> {
        let mut files = Files { disk, published: None, unsynced: None };
        let cut = files.cut(|_| true)?;
        Ok((files, cut))
    }

    /// Cuts off what was said of moments after this one; gives how many bytes that were.
    pub fn cut_after(&mut self, last: Option<u64>) -> Result<u64, store::Error> {
        if self.published <= last { Ok(0) } else { self.cut(|time| Some(time) <= last) }
    }

    /// Cuts off what stands after the last seal of a moment that is kept.
    fn cut(&mut self, keeps: impl Fn(u64) -> bool) -> Result<u64, store::Error> {
        let mut cut = 0;
        self.published = None;
        for name in self.names()?.into_iter().rev() {
            let mut bytes = Vec::new();
            let error = |source| store::Error::Disk { what: "read", file: name.clone(), source };
            self.disk.read(&name, 0).map_err(error)?.read_to_end(&mut bytes).map_err(error)?;
            let (mut good, mut offset) = (0, 0);
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                offset += line.len();
                let read: Option<Line> = serde_json::from_slice(line).ok();
                // What reached the disk of lines that were not synced need not be their beginning.
                let Some(read) = read.filter(|_| line.ends_with(b"\n")) else { break };
                if let Line::Sealed(sealed) = read {
                    let Some(time) = time(&sealed.batch).filter(|time| keeps(*time)) else { break };
                    (good, self.published) = (offset, Some(time));
                }
            }
            if good < bytes.len() {
                cut += (bytes.len() - good) as u64;
                let error = |source| store::Error::Disk { what: "cut", file: name.clone(), source };
                self.disk.truncate(&name, good as u64).map_err(error)?;
            }
            if self.published.is_some() {
                break;
            }
        }
        Ok(cut)
    }

    fn names(&self) -> Result<Vec<String>, store::Error> {
        let error = |source| store::Error::Disk { what: "list", file: "the changes".to_owned(), source };
        let mut names = self.disk.names().map_err(error)?;
        names.retain(|name| name.ends_with(".jsonl"));
        Ok(names)
    }

    /// The last moment that is sealed.
    pub fn published(&self) -> Option<u64> {
        self.published
    }

    /// Writes the lines of a moment, and the seal.
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

    /// Returns when all that was published is durable. That is asked for before a snapshot only: until then the lines can
    /// be made again from the log.
    pub fn sync(&mut self) -> Result<(), store::Error> {
        if let Some(name) = self.unsynced.take() {
            self.disk.sync(&name).map_err(|source| store::Error::Disk { what: "sync", file: name, source })?;
        }
        Ok(())
    }
}
