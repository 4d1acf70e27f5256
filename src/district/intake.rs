//! Intake: what becomes of a delivery. It is read into a [draft](super::draft), which goes on hold if it would delete
//! too much ([`Draft::note_arrival`]), differs from what was accepted under its name, or has other headers; otherwise it is
//! logged, and then it takes effect.

use super::draft::{Draft, Drafted};
use super::feed::Name;
use super::state::CurrentState;
use super::{District, Error, computed};
use crate::model::texts::Marks;
use crate::model::{Date, Note, Table, Texts};
use crate::source::csv::QUOTED_CHARS;
use crate::source::manifest::{self, Manifest};
use crate::source::{Delivery, FileError, FileReport, Format, Mode};
use crate::store::disk::Disk;
use crate::store::{Header, HoldReason, Item, Logged, Part, Quarantine, record};
use std::collections::{BTreeMap, BTreeSet};

/// The most files of a delivery. Real ones have a few dozen; a folder that was named by mistake may have any number.
const MOST_FILES: usize = 10_000;

/// A delivery to read.
pub struct Incoming<'a> {
    /// The source system of the records.
    pub source: &'a str,
    /// Its name; two deliveries of a source with the same name are the same delivery.
    pub label: &'a str,
    /// How to read it.
    pub format: &'a dyn Format,
    /// The MD5 of each of its files.
    pub digests: &'a BTreeMap<String, String>,
    /// For a piece of a stream, the position after it: the number of lines and their MD5. A repeated piece is not recognized
    /// as known; the reader of the stream keeps the position.
    pub piece: Option<(u64, &'a str)>,
}

/// The result of a delivery.
#[derive(Debug)]
pub enum Outcome {
    /// It was accepted.
    Accepted {
        /// Its files.
        files: Vec<FileReport>,
        /// Tables whose rows were not deleted, because a row of the full extract could not be identified.
        suspended: BTreeSet<Table>,
    },
    /// All of its files were accepted before.
    Known,
    /// It is on hold until [`Approval::approve`](super::Approval::approve); nothing of it has taken effect.
    OnHold(HoldReason),
}

impl<D: Disk> District<D> {
    /// Whether all files of a delivery were accepted with the same contents.
    pub fn is_known(&self, source: &str, label: &str, digests: &BTreeMap<String, String>) -> bool {
        let known = self.state.saved.feed.known(&(source.to_owned(), label.to_owned()));
        known.is_some_and(|known| digests.iter().all(|(file, digest)| known.get(file) == Some(digest)))
    }

    /// Reads a delivery on the current day. [`District::flush`] makes its effect durable and publishes it.
    pub fn take(&mut self, incoming: &Incoming<'_>, delivery: &mut Delivery<'_>) -> Result<Outcome, Error> {
        let name = (incoming.source.to_owned(), incoming.label.to_owned());
        let digests = incoming.digests;
        let unless_stated = delivery.unless_stated.clone();
        let feed = &self.state.saved.feed;
        let approved = feed.approved(&name, digests, unless_stated.as_ref()).cloned();
        let allows = |reason: &HoldReason| approved.as_ref().is_some_and(|held| held.allows(reason));
        let held = |reason: &HoldReason| {
            let lifted = approved.iter().flat_map(|held| held.lifted.iter().chain([&held.reason]));
            Quarantine {
                reason: reason.clone(),
                lifted: lifted.cloned().collect(),
                digests: digests.clone(),
                unless_stated: unless_stated.clone(),
            }
        };
        let mut fresh: BTreeMap<&String, &String> = digests.iter().collect();
        if let Some(known) = feed.known(&name) {
            let differs = |(file, digest): &(&String, &String)| known.get(*file).is_some_and(|before| before != *digest);
            if let Some((file, _)) = digests.iter().find(differs) {
                let reason = HoldReason::Changed { file: file.clone() };
                if !allows(&reason) {
                    return self.hold(name, held(&reason));
                }
            }
            fresh.retain(|file, digest| known.get(*file) != Some(*digest));
            // The manifest also describes the new files, so it is kept.
            delivery.files.retain(|file| fresh.contains_key(file) || manifest::is(file));
        }
        if fresh.is_empty() {
            return Ok(Outcome::Known);
        }
        if digests.len() > MOST_FILES {
            let what = format!("{} has {} files, more than {MOST_FILES}", incoming.label, digests.len());
            return Err(FileError::TooLarge { what }.into());
        }
        let marks = self.marks.clone();
        let read = self.state.draft(incoming, delivery, marks);
        let (drafted, reports, unread) = match read {
            Ok(read) => read,
            Err(error) => {
                // Nothing of the delivery is logged, so its texts must not be logged with the next one.
                self.state.engine.current.texts.forget_since(&self.marks);
                // The file will not fix itself, and later days wait for it, so a violation opens.
                return match error.of_headers() {
                    Some(file) => {
                        let reason =
                            HoldReason::Header { file: file.to_owned(), why: error.to_string(), hint: error.hint() };
                        self.hold(name, held(&reason))
                    }
                    None => Err(error.into()),
                };
            }
        };
        let Drafted { parts, marks, tables, doubtful, delivered, suspended, hold_reason: reason } = drafted;
        if let Some(reason) = reason.filter(|reason| !allows(reason)) {
            self.state.engine.current.texts.forget_since(&self.marks);
            return self.hold(name, held(&reason));
        }
        let files = match incoming.piece {
            Some((lines, digest)) => {
                let report = |report: &FileReport| FileReport { rows: lines, digest: digest.to_owned(), ..report.clone() };
                reports.iter().map(report).collect()
            }
            // Files without a report, such as a manifest, are also recognized by their contents.
            None => fresh
                .into_iter()
                .filter(|(file, _)| !unread.contains(file))
                .map(|(name, digest)| {
                    let report = reports.iter().find(|report| report.file == *name).cloned();
                    FileReport { file: name.clone(), digest: digest.clone(), ..report.unwrap_or_default() }
                })
                .collect(),
        };
        let mut fed = self.state.saved.fed.clone();
        fed.extend(tables.iter().map(|(table, _)| *table));
        let mut header = Header {
            time: 0,
            source: name.0,
            label: name.1,
            files,
            tables,
            doubtful,
            delivered,
            parts: parts.len() as u32,
            is_stream: incoming.piece.is_some(),
            is_ordered: incoming.format.is_ordered(),
            held: None,
        };
        if !record::is_readable(&Logged::Batch(header.clone())) {
            self.state.engine.current.texts.forget_since(&self.marks);
            let what =
                format!("the files of {} have too many columns or rows that cannot be read to be logged", incoming.label);
            return Err(FileError::TooLarge { what }.into());
        }
        let computed = computed::of(&self.plan, &fed);
        if self.is_new() {
            self.compute(computed.clone())?;
        }
        header.time = self.state.engine.next_time();
        self.append(header, parts, marks)?;
        // Rules that waited for a table start only after its rows are applied, so they never see it empty.
        self.compute(computed)?;
        Ok(Outcome::Accepted { files: reports, suspended })
    }

    /// Puts a delivery on hold whose day is far from the current one, unless it is approved: the days in between would be closed,
    /// and every later delivery would come too late. `horizon` is the last day that is not in the future.
    pub fn hold_if_far(
        &mut self,
        incoming: &Incoming<'_>,
        unless_stated: Option<&Mode>,
        day: Date,
        horizon: Date,
    ) -> Result<Option<HoldReason>, Error> {
        let last = self.day();
        if self.is_new() || (day <= horizon && day.since(last) <= HoldReason::MOST_DAYS) {
            return Ok(None);
        }
        let reason = HoldReason::Far { day, last };
        let name = (incoming.source.to_owned(), incoming.label.to_owned());
        let approved = self.state.saved.feed.approved(&name, incoming.digests, unless_stated);
        // Approved is the day; others may have come meanwhile.
        let is_approved = |held: &HoldReason| matches!(held, HoldReason::Far { day: of, .. } if *of == day);
        if approved.is_some_and(|held| held.lifted.iter().chain([&held.reason]).any(is_approved)) {
            return Ok(None);
        }
        let digests = incoming.digests.clone();
        let held = Quarantine { reason, lifted: Vec::new(), digests, unless_stated: unless_stated.cloned() };
        match self.hold(name, held)? {
            Outcome::OnHold(reason) => Ok(Some(reason)),
            Outcome::Accepted { .. } | Outcome::Known => Ok(None),
        }
    }

    /// Logs a batch and applies it.
    fn append(&mut self, header: Header, parts: Vec<Part>, marks: Marks) -> Result<(), Error> {
        let item = Item::Batch(header, parts);
        self.log.append(&item)?;
        self.marks = marks;
        match &item {
            Item::Batch(header, parts) => self.state.batch(header, parts, false),
            Item::Days(_) | Item::Computed(_) | Item::Approved(..) => Ok(()),
        }
    }

    /// Puts a delivery on hold. This is logged once, at a separate timestamp, and opens a violation.
    fn hold(&mut self, name: Name, held: Quarantine) -> Result<Outcome, Error> {
        let reason = held.reason.clone();
        if self.state.saved.feed.is_on_hold(&name, &held) {
            return Ok(Outcome::OnHold(reason));
        }
        let CurrentState { engine, saved, settings, .. } = &mut self.state;
        let mut draft = Draft::new(&mut engine.current, &saved.feed, settings, self.marks.clone(), &name.0);
        draft.note(None, |texts| note(&reason, &name.1, texts));
        let Drafted { parts, marks, .. } = draft.finish();
        let is_new = self.is_new();
        if is_new {
            self.compute(computed::of(&self.plan, &BTreeSet::new()))?;
        }
        let (time, parts_in_all) = (self.state.engine.next_time(), parts.len() as u32);
        let (source, label) = name;
        let header = Header {
            time,
            source,
            label,
            files: Vec::new(),
            tables: Vec::new(),
            doubtful: Vec::new(),
            delivered: Vec::new(),
            parts: parts_in_all,
            is_stream: false,
            is_ordered: false,
            held: Some(held),
        };
        self.append(header, parts, marks)?;
        Ok(Outcome::OnHold(reason))
    }
}

/// The differences between the files of a delivery and its manifest: announced files that are missing, and files that the
/// manifest lists as absent.
fn announced(
    delivery: &mut Delivery<'_>,
    digests: &BTreeMap<String, String>,
) -> Result<(Vec<String>, Vec<String>), FileError> {
    match digests.keys().find(|file| manifest::is(file)) {
        Some(manifest) => Manifest::read(&(delivery.read)(manifest)?)?.differences(digests.keys()),
        None => Ok(Default::default()),
    }
}

/// The beginning of a text, for quoting.
fn cut(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).collect()
}

/// The delivery note for a delivery on hold.
fn note(reason: &HoldReason, label: &str, texts: &mut Texts) -> Note {
    match reason {
        HoldReason::MassDelete { table, deletes, live } => {
            let (label, table) = (texts.id(label), texts.id(table));
            Note::OnHold { label, table, deletes: *deletes, live: *live }
        }
        HoldReason::Changed { file } => {
            Note::File { file: texts.id(&format!("{label}/{file}")), problem: texts.id("changed after it was accepted") }
        }
        HoldReason::Header { file, why, .. } => {
            Note::Header { file: texts.id(&format!("{label}/{file}")), unknown: 0, what: texts.id(&cut(why)) }
        }
        HoldReason::Far { .. } => {
            Note::File { file: texts.id(label), problem: texts.id("its day is far from the last one") }
        }
    }
}

impl CurrentState {
    /// Reads a delivery without applying it. Returns the reports of its files, and the files that were not read because the
    /// manifest lists them as absent.
    pub(super) fn draft(
        &mut self,
        incoming: &Incoming<'_>,
        delivery: &mut Delivery<'_>,
        marks: Marks,
    ) -> Result<(Drafted, Vec<FileReport>, Vec<String>), FileError> {
        let (missing, unread) = announced(delivery, incoming.digests)?;
        delivery.files.retain(|file| !unread.contains(file));
        let (day, is_stream) = (self.engine.day(), incoming.piece.is_some());
        let mut draft = Draft::new(&mut self.engine.current, &self.saved.feed, &self.settings, marks, incoming.source);
        let reports = incoming.format.read(delivery, &mut draft)?;
        let missing = missing.into_iter().map(|file| (file, "announced but missing"));
        let unexpected = unread.iter().map(|file| (file.clone(), "announced as absent but present"));
        // A text file beside the tables, such as a readme, is not an error; a CSV file that matches no table is.
        let is_read = |file: &&String| reports.iter().any(|report| report.file == **file) || manifest::is(file);
        let is_rows = |file: &&String| file.to_ascii_lowercase().ends_with(".csv");
        let unknown = delivery.files.iter().filter(|file| !is_read(file) && is_rows(file));
        let unknown: Vec<_> = unknown.map(|file| (file.clone(), "not named after a table; not read")).collect();
        for (file, problem) in missing.chain(unexpected).chain(unknown) {
            draft.note(None, |texts| Note::File { file: texts.id(&file), problem: texts.id(problem) });
        }
        for report in reports.iter().filter(|_| incoming.format.has_own_headers()) {
            if let Some(first) = report.ignored_columns.first() {
                let unknown = report.ignored_columns.len() as u32;
                draft.note(None, |texts| Note::Header {
                    file: texts.id(&report.file),
                    unknown,
                    what: texts.id(&cut(first)),
                });
            }
        }
        draft.note_arrival(incoming.source, day, is_stream);
        Ok((draft.finish(), reports, unread))
    }
}
