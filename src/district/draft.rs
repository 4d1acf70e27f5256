//! A batch while a delivery is read. Full extracts are compared with the current rows. Nothing takes effect before the draft
//! is logged, and a delivery that cannot be read to its end has no effect.

use super::feed::Feed;
use crate::current::{Bits, CurrentRows};
use crate::model::texts::Marks;
use crate::model::{Change, Date, DeliveryNote, Note, Record, Rejected, RowName, Settings, Table, Text, Texts};
use crate::source::{Mode, RecordSink, Scope};
use crate::store::HoldReason;
use crate::store::record::{Counts, Part, Placing};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU32;

/// The size at which a part of a batch is closed, in bytes.
const PART: usize = 4 << 20;
/// The size of texts is checked once every so many changes.
const LOOK: u64 = 16;

/// The draft of a delivery.
pub(crate) struct Draft<'a> {
    current: &'a mut CurrentRows,
    /// What is known about earlier deliveries.
    feed: &'a Feed,
    settings: &'a Settings,
    /// The source system.
    source: Text,
    parts: Vec<Part>,
    part: Part,
    marks: Marks,
    /// The changes stated for each table that has a file, even an empty one.
    tables: BTreeMap<Table, Counts>,
    /// Tables with a full extract.
    delivered: Vec<Table>,
    /// Rows without a readable key in full extracts of a part of a table.
    doubtful: Vec<(Table, Scope, Vec<RowName>)>,
    /// Tables whose rows are not deleted, because a row of the full extract could not be identified.
    suspended: BTreeSet<Table>,
    full: Option<(Table, Full)>,
    /// Keys stated or deleted so far, by table.
    touched: [Bits; Table::ALL.len()],
    /// The file and line of the current change.
    at: Option<(Text, u32)>,
    /// The files and lines of the current part.
    placing: Placing,
    /// The numbers of the files; there may be a file for each school.
    files: HashMap<Option<Text>, u32>,
    /// The last file.
    file: Option<(Option<Text>, u32)>,
    /// When the source made the current change.
    stamp: Option<i64>,
    /// When the source last changed each key.
    stamps: HashMap<(Table, NonZeroU32), i64>,
    /// Why the delivery must be approved first.
    hold_reason: Option<HoldReason>,
}

/// A full extract being read.
struct Full {
    scope: Scope,
    /// Stated keys, including those of rejected rows.
    stated: Bits,
    /// Keys with a row that differs from the current one; the rows of the other stated keys were skipped.
    changed: Bits,
    /// Whether a row could not be identified.
    is_doubtful: bool,
}

/// A complete draft.
pub(crate) struct Drafted {
    /// The changes, with the new texts.
    pub parts: Vec<Part>,
    /// The texts known after it.
    pub marks: Marks,
    /// The changes stated for each table that has a file.
    pub tables: Vec<(Table, Counts)>,
    /// Rows without a readable key in full extracts of a part of a table.
    pub doubtful: Vec<(Table, Scope, Vec<RowName>)>,
    /// Tables with a full extract.
    pub delivered: Vec<Table>,
    /// Tables whose rows are not deleted, because a row of the full extract could not be identified.
    pub suspended: BTreeSet<Table>,
    /// Why the delivery must be approved first.
    pub hold_reason: Option<HoldReason>,
}

impl<'a> Draft<'a> {
    /// Begins a draft on the current rows; `marks` are the logged texts.
    pub(crate) fn new(
        current: &'a mut CurrentRows,
        feed: &'a Feed,
        settings: &'a Settings,
        marks: Marks,
        source: &str,
    ) -> Draft<'a> {
        let source = current.texts.id(source);
        Draft {
            current,
            feed,
            settings,
            source,
            parts: Vec::new(),
            part: Part::default(),
            marks,
            tables: BTreeMap::new(),
            doubtful: Vec::new(),
            delivered: Vec::new(),
            suspended: BTreeSet::new(),
            full: None,
            touched: Default::default(),
            at: None,
            placing: Placing::default(),
            files: HashMap::new(),
            file: None,
            stamp: None,
            stamps: HashMap::new(),
            hold_reason: None,
        }
    }

    /// Completes the draft.
    pub(crate) fn finish(mut self) -> Drafted {
        self.cut();
        let Draft { parts, marks, tables, doubtful, delivered, suspended, hold_reason, .. } = self;
        Drafted { parts, marks, tables: tables.into_iter().collect(), doubtful, delivered, suspended, hold_reason }
    }

    /// Adds a delivery note.
    pub(crate) fn note(&mut self, table: Option<Table>, note: impl FnOnce(&mut Texts) -> Note) {
        let note = note(&mut self.current.texts);
        self.put(Change::Note(DeliveryNote { source: self.source, table, note }));
    }

    /// Notes that the delivery arrived, with the number of changes of each table, and holds mass deletes. All pieces of a
    /// stream on one day count as one delivery.
    pub(crate) fn note_arrival(&mut self, source: &str, day: Date, is_stream: bool) {
        let mut changed: BTreeMap<Table, i64> = BTreeMap::new();
        for (&(table, _), &stamp) in &self.stamps {
            changed.entry(table).and_modify(|last| *last = stamp.max(*last)).or_insert(stamp);
        }
        let tables: Vec<(Option<Table>, Counts)> = std::iter::once((None, Counts::default()))
            .chain(self.tables.iter().map(|(table, counts)| (Some(*table), *counts)))
            .collect();
        for (table, counts) in tables {
            let before = self.current.delivery_notes_of(self.source, table).find_map(|note| match note.note {
                Note::Came { day, changed } => Some((day, changed)),
                _ => None,
            });
            if !(is_stream && before.is_some_and(|(last, _)| last == day)) {
                let now = table.and_then(|table| changed.get(&table).copied());
                let changed = now.max(before.and_then(|(_, changed)| changed));
                self.note(table, |_| Note::Came { day, changed });
            }
            let Some(table) = table else { continue };
            if let (Some(volume), false) =
                (self.feed.volume(source, table, counts, self.settings.volume_deliveries), is_stream)
            {
                self.note(Some(table), |_| volume);
            }
            let before = if is_stream { self.feed.deleted(source, table, day) } else { 0 };
            let live = self.current.rows().of(table).count() as u64;
            self.hold_if_mass_delete(table, counts.deletes + before, live + before);
        }
    }

    /// Sets the hold reason if too many of the rows are deleted (REF-012).
    fn hold_if_mass_delete(&mut self, table: Table, deletes: u64, live: u64) {
        let share = i128::from(self.settings.mass_delete_share.0);
        let is_large = i128::from(deletes) * 10_000 > share * i128::from(live);
        if self.hold_reason.is_none() && is_large && i128::from(deletes) > i128::from(self.settings.mass_delete_rows) {
            self.hold_reason = Some(HoldReason::MassDelete { table: table.spec().name.to_owned(), deletes, live });
        }
    }

    /// Adds a change and counts it.
    fn push(&mut self, change: Change) {
        let (table, key, is_gone) = match change {
            Change::Upsert(row) => (row.table(), Some(row.symbol()), None),
            Change::KeyChange(old, row) => (row.table(), Some(row.symbol()), Some(old)),
            Change::Delete(table, key) => (table, None, Some(key)),
            Change::Reject(Rejected { table, .. }) => (table, None, None),
            Change::Accept(..) | Change::Note(_) => return self.put(change),
        };
        self.tables.entry(table).or_default().add(&change);
        let touched = &mut self.touched[table as usize];
        if let Some(key) = key {
            touched.insert(key);
        }
        if let Some(key) = is_gone
            && touched.insert(key)
            && self.current.stated(table, key).is_none()
            && !self.current.is_faulty(table, key)
        {
            self.note(Some(table), |_| Note::UnknownDelete(key));
        }
        if let Change::Upsert(row) | Change::KeyChange(_, row) = &change {
            self.current.foresee(row);
        }
        self.place(&change);
        self.put(change);
    }

    /// Records the file and line of a change.
    fn place(&mut self, change: &Change) {
        let (file, line) = match *change {
            // Of a row made of several lines, the rejected line counts.
            Change::Reject(Rejected { file, line, .. }) => (Some(file), line),
            _ => (self.at.map(|(file, _)| file), self.at.map_or(0, |(_, line)| line)),
        };
        let number = match self.file {
            Some((last, number)) if last == file => number,
            _ => {
                let name = file.map_or("", |file| self.current.texts.text(file));
                *self.files.entry(file).or_insert_with(|| self.placing.file(name))
            }
        };
        self.file = Some((file, number));
        self.placing.push(number, line);
    }

    fn put(&mut self, change: Change) {
        self.part.push(&change);
        let is_large = self.part.changes.0.len() > PART;
        if is_large || self.part.count.is_multiple_of(LOOK) && self.current.texts.bytes_since(&self.marks) > PART {
            self.cut();
        }
    }

    /// Whether the source made this change before the last known one of its key; if so, adds a note.
    fn is_stale(&mut self, table: Table, key: NonZeroU32) -> bool {
        let Some(stamp) = self.stamp else { return false };
        let known = self.stamps.get(&(table, key)).copied().or_else(|| self.feed.stamp(table, key));
        if let Some(older) = known.map(|known| known.saturating_sub(stamp)).filter(|older| *older > 0) {
            self.note(Some(table), |_| Note::Stale { key, older });
            return true;
        }
        if known != Some(stamp) {
            self.stamps.insert((table, key), stamp);
            self.part.stamps.push((table, key, stamp));
        }
        false
    }

    /// Closes a part.
    fn cut(&mut self) {
        if self.part.count > 0 {
            // A format may intern many texts before it states the first row.
            while self.current.texts.bytes_since(&self.marks) > PART {
                let words = self.current.texts.some_since(&mut self.marks, PART);
                self.parts.push(Part { words, ..Part::default() });
            }
            self.part.words = self.current.texts.since(&self.marks);
            self.marks = self.current.texts.marks();
            self.part.places = self.placing.finish();
            self.files.clear();
            self.file = None;
            self.parts.push(std::mem::take(&mut self.part));
        }
    }

    /// Adds a row; in a full extract, a row equal to the current one is skipped.
    fn upsert(&mut self, row: Record) {
        let (table, key) = (row.table(), row.symbol());
        if let Some((of, full)) = &mut self.full
            && *of == table
        {
            let current = self.current.stated(table, key);
            let is_unchanged = current == Some(row) && !self.current.is_faulty(table, key);
            let is_first = full.stated.insert(key);
            if is_unchanged && !full.changed.contains(key) {
                return;
            }
            let was_skipped = full.changed.insert(key) && !is_first;
            // Stated twice with different contents: both must be added, or the duplicate would not be noticed.
            if let Some(current) = current.filter(|_| was_skipped) {
                self.push(Change::Upsert(current));
            }
        }
        self.push(Change::Upsert(row));
    }
}

impl RecordSink for Draft<'_> {
    fn texts(&mut self) -> &mut Texts {
        &mut self.current.texts
    }

    fn change(&mut self, change: Change) {
        let stated = match change {
            Change::Upsert(row) => Some((row.table(), row.symbol(), None)),
            Change::KeyChange(old, row) => Some((row.table(), row.symbol(), Some(old))),
            Change::Delete(table, key) => Some((table, key, None)),
            Change::Reject(_) | Change::Accept(..) | Change::Note(_) => None,
        };
        if let Some((table, key, old)) = stated
            && (old.is_some_and(|old| self.is_stale(table, old)) || self.is_stale(table, key))
        {
            if let Some((_, full)) = self.full.as_mut().filter(|(of, _)| *of == table) {
                full.stated.insert(key);
            }
            return;
        }
        match change {
            Change::Upsert(row) => self.upsert(row),
            Change::Reject(rejected) => {
                if let Some((table, full)) = &mut self.full
                    && *table == rejected.table
                {
                    match rejected.row {
                        // The current row stays.
                        RowName::Key(key) => {
                            full.stated.insert(key);
                            // A valid row of the key resolves the rejection, even one equal to the current row.
                            full.changed.insert(key);
                        }
                        RowName::Place(..) => {
                            full.is_doubtful = true;
                            if let Some((.., rows)) = self.doubtful.last_mut().filter(|_| !full.scope.0.is_empty()) {
                                rows.push(rejected.row);
                            }
                        }
                    }
                }
                self.push(change);
            }
            Change::Delete(..) | Change::KeyChange(..) | Change::Accept(..) | Change::Note(_) => self.push(change),
        }
    }

    fn begin(&mut self, table: Table, mode: &Mode) {
        self.tables.entry(table).or_default();
        if let Mode::Full(scope) = mode {
            if !scope.0.is_empty() {
                // Resolve the rejections from the last extract of the same scope only.
                let source = self.current.texts.text(self.source).to_owned();
                for &row in self.feed.doubtful(&source, table, scope) {
                    self.put(Change::Accept(table, row));
                }
                self.doubtful.push((table, scope.clone(), Vec::new()));
            } else if !self.delivered.contains(&table) {
                self.delivered.push(table);
            }
            let (stated, changed) = (Bits::default(), Bits::default());
            let full = Full { scope: scope.clone(), stated, changed, is_doubtful: false };
            self.full = Some((table, full));
        }
    }

    fn stamp(&mut self, milliseconds: Option<i64>) {
        self.stamp = milliseconds;
    }

    fn at(&mut self, file: Text, line: u32) {
        self.at = Some((file, line));
    }

    fn end(&mut self, table: Table) {
        self.stamp = None;
        // A row deleted because the file omits it has no line.
        let at = self.at.take().map(|(file, _)| (file, 0));
        let Some((_, full)) = self.full.take_if(|(of, _)| *of == table) else { return };
        if full.is_doubtful {
            // Any missing row could be the one that could not be read, so nothing is deleted.
            self.suspended.insert(table);
            return;
        }
        let within = |row: &Record| full.scope.holds(row, &self.current.texts);
        let live = self.current.rows().of(table).filter(within).map(|row| row.symbol());
        let (stays, mut gone): (Vec<NonZeroU32>, Vec<NonZeroU32>) = live.partition(|key| full.stated.contains(*key));
        // A truncated extract shows in its own scope, even if that is a small part of the table.
        self.hold_if_mass_delete(table, gone.len() as u64, (stays.len() + gone.len()) as u64);
        gone.sort_unstable();
        self.at = at;
        gone.into_iter().for_each(|key| self.push(Change::Delete(table, key)));
        self.at = None;
    }

    fn doubt(&mut self, table: Table) {
        if let Some((_, full)) = self.full.as_mut().filter(|(of, _)| *of == table) {
            full.is_doubtful = true;
        }
    }

    fn current(&self, table: Table, key: NonZeroU32) -> Option<Record> {
        self.current.stated(table, key)
    }
}

impl Scope {
    /// Whether a row is in the scope. A row whose table lacks a column of the scope is not.
    fn holds(&self, row: &Record, texts: &Texts) -> bool {
        let spec = row.table().spec();
        let values = if self.0.is_empty() { Vec::new() } else { row.values() };
        self.0.iter().all(|(column, value)| spec.column(column).is_some_and(|place| values[place].text(texts) == *value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a draft made of some changes.
    fn drafted(take: impl FnOnce(&mut Draft<'_>)) -> Vec<Part> {
        let (mut current, feed, settings) = (CurrentRows::default(), Feed::default(), Settings::default());
        let marks = current.texts.marks();
        let mut draft = Draft::new(&mut current, &feed, &settings, marks, "sis");
        take(&mut draft);
        draft.finish().parts
    }

    #[test]
    fn parts_are_cut_by_their_changes_and_by_their_texts() {
        let note = Note::Volume { changes: u64::MAX, deliveries: u64::MAX, sum: u64::MAX, squares: u64::MAX };
        let parts = drafted(|draft| (0..150_000).for_each(|_| draft.note(None, |_| note)));
        let [first, last] = &parts[..] else { panic!("{} parts", parts.len()) };
        let of_one = first.changes.0.len() / first.count as usize;
        // The change that makes it too large is its last.
        assert!((PART + 1..=PART + of_one).contains(&first.changes.0.len()), "{} of {PART}", first.changes.0.len());
        assert!(last.changes.0.len() < PART && first.count + last.count == 150_000);
        // Texts are looked at every so many changes.
        let texts = |of: &Part| of.words.bytes();
        let long = "x".repeat(PART / 20);
        let parts = drafted(|draft| {
            for number in 0..100 {
                let text = format!("{number:03}{long}");
                draft.note(None, |texts| Note::Header { file: texts.id(&text), unknown: 0, what: texts.id("") });
            }
        });
        let counts: Vec<u64> = parts.iter().map(|part| part.count).collect();
        assert!(parts.iter().all(|part| texts(part) < PART + 2 * LOOK as usize * long.len()), "{counts:?}");
        assert_eq!((counts.iter().sum::<u64>(), counts.iter().filter(|count| **count > 0).count()), (100, 4), "{counts:?}");
        assert!(
            counts.iter().filter(|count| **count > 0).all(|count| count.is_multiple_of(LOOK) || *count == 4),
            "{counts:?}"
        );
        // More than a part of texts before the first row are in parts of their own.
        let parts = drafted(|draft| {
            for number in 0..50 {
                draft.texts().id::<Text>(&format!("{number:03}{long}"));
            }
            draft.note(None, |_| note);
        });
        let (of_texts, with_changes): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| part.count == 0);
        assert_eq!((of_texts.len(), with_changes.len()), (2, 1));
        assert_eq!(parts.iter().map(texts).sum::<usize>() / long.len(), 50, "no text is left out");
        assert!(parts.iter().all(|part| texts(part) < PART + 2 * long.len()));
        assert!(drafted(|_| {}).is_empty(), "nothing is no part");
    }
}
