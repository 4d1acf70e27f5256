//! A batch in the making: what a delivery says, with full extracts taken apart against the rows that are there. Nothing
//! takes effect before the draft is logged; a delivery that cannot be read to its end leaves no trace.

use super::feed::Feed;
use crate::current::{Bits, CurrentRows};
use crate::model::texts::Marks;
use crate::model::{Change, Date, DeliveryNote, Note, Record, Rejected, RowName, Settings, Table, Text, Texts};
use crate::source::{Mode, RecordSink, Scope};
use crate::store::record::{Counts, HoldReason, Part, Placing};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU32;

/// How large a part of a batch grows, in bytes.
const PART: usize = 4 << 20;
/// How often the size of texts is looked at: every so many changes.
const LOOK: u64 = 16;

/// What a delivery says.
pub struct Draft<'a> {
    current: &'a mut CurrentRows,
    /// What is known of how deliveries come.
    feed: &'a Feed,
    settings: &'a Settings,
    /// The system that the records come from.
    source: Text,
    parts: Vec<Part>,
    part: Part,
    marks: Marks,
    /// What it states of each table that it has a file for, be it without a row.
    tables: BTreeMap<Table, Counts>,
    /// Tables of which it holds a full extract.
    delivered: Vec<Table>,
    /// Rows without a readable key in full extracts of a part of a table.
    doubtful: Vec<(Table, Scope, Vec<RowName>)>,
    /// Tables of which a full extract deletes nothing, because a row in it could not be told from others.
    suspended: BTreeSet<Table>,
    full: Option<(Table, Full)>,
    /// Keys that it has stated or deleted so far, by table.
    touched: [Bits; Table::ALL.len()],
    /// Where the change in hand stands.
    at: Option<(Text, u32)>,
    /// Where those of the part in hand stand.
    placing: Placing,
    /// The numbers of the files in it, of which there may be one for each school.
    files: HashMap<Option<Text>, u32>,
    /// The last one.
    file: Option<(Option<Text>, u32)>,
    /// When the source made the change in hand.
    stamp: Option<i64>,
    /// When it made the last one of a key.
    stamps: HashMap<(Table, NonZeroU32), i64>,
    /// Why it must not take effect without a word of somebody's.
    held: Option<HoldReason>,
}

/// A full extract being read.
struct Full {
    scope: Scope,
    /// Keys that it states, be it in a row that could not be taken.
    stated: Bits,
    /// Keys of which a row says something new; of the other stated ones all that was said was left out.
    told: Bits,
    /// Whether a row could not be told from others.
    is_doubtful: bool,
}

/// A draft that is complete.
pub struct Drafted {
    /// The changes with the texts that are new in them.
    pub parts: Vec<Part>,
    /// The texts that are known after it.
    pub marks: Marks,
    /// What it states of each table that it has a file for.
    pub tables: Vec<(Table, Counts)>,
    /// Rows without a readable key in full extracts of a part of a table.
    pub doubtful: Vec<(Table, Scope, Vec<RowName>)>,
    /// Tables of which it holds a full extract.
    pub delivered: Vec<Table>,
    /// Tables of which a full extract deletes nothing, because a row in it could not be told from others.
    pub suspended: BTreeSet<Table>,
    /// Why it must not take effect without a word of somebody's.
    pub held: Option<HoldReason>,
}

impl<'a> Draft<'a> {
    /// Begins a draft on what is there; `marks` are the texts that are logged.
    pub fn new(
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
            held: None,
        }
    }

    /// The draft, complete.
    pub fn finish(mut self) -> Drafted {
        self.cut();
        let Draft { parts, marks, tables, doubtful, delivered, suspended, held, .. } = self;
        Drafted { parts, marks, tables: tables.into_iter().collect(), doubtful, delivered, suspended, held }
    }

    /// Notes something of it.
    pub fn note(&mut self, table: Option<Table>, note: impl FnOnce(&mut Texts) -> Note) {
        let note = note(&mut self.current.texts);
        self.put(Change::Note(DeliveryNote { source: self.source, table, note }));
    }

    /// Notes that it came, and how many changes of each table it states; looks whether it deletes too much. Pieces of a
    /// stream are one delivery a day, however they are cut.
    pub fn came(&mut self, source: &str, day: Date, is_stream: bool) {
        let mut changed: BTreeMap<Table, i64> = BTreeMap::new();
        for (&(table, _), &stamp) in &self.stamps {
            changed.entry(table).and_modify(|last| *last = stamp.max(*last)).or_insert(stamp);
        }
        let tables: Vec<(Option<Table>, Counts)> = std::iter::once((None, Counts::default()))
            .chain(self.tables.iter().map(|(table, counts)| (Some(*table), *counts)))
            .collect();
        for (table, counts) in tables {
            let before = self.current.noted_of(self.source, table).find_map(|noted| match noted.note {
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
            self.reason(table, counts.deletes + before, live + before);
        }
    }

    /// Holds it if it deletes too many of so many rows (REF-012).
    fn reason(&mut self, table: Table, deletes: u64, live: u64) {
        let share = i128::from(self.settings.mass_delete_share.0);
        let is_large = i128::from(deletes) * 10_000 > share * i128::from(live);
        if self.held.is_none() && is_large && i128::from(deletes) > i128::from(self.settings.mass_delete_rows) {
            self.held = Some(HoldReason::MassDelete { table: table.spec().name.to_owned(), deletes, live });
        }
    }

    /// Puts a change down, and counts it.
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

    /// Puts down where a change stands.
    fn place(&mut self, change: &Change) {
        let (file, line) = match *change {
            // A row that is made of several lines is wrong on one of them.
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

    /// Whether the source made a change before the last one of its key that is known; that is noted.
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

    /// Ends a part.
    fn cut(&mut self) {
        if self.part.count > 0 {
            // A format may have seen many texts before it states the first row.
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

    /// Takes a row of a full extract: one that says nothing new is left out.
    fn upsert(&mut self, row: Record) {
        let (table, key) = (row.table(), row.symbol());
        if let Some((of, full)) = &mut self.full
            && *of == table
        {
            let current = self.current.stated(table, key);
            let says_nothing = current == Some(row) && !self.current.is_faulty(table, key);
            let is_first = full.stated.insert(key);
            if says_nothing && !full.told.contains(key) {
                return;
            }
            let was_left_out = full.told.insert(key) && !is_first;
            // Stated the second time, and not the same: both count, or a key stated twice would not be seen.
            if let Some(current) = current.filter(|_| was_left_out) {
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
                        // The row that is there stays.
                        RowName::Key(key) => {
                            full.stated.insert(key);
                            // A good row of it makes this good, be it the one that is there.
                            full.told.insert(key);
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
                // The extract of another part has said nothing of what could not be read in this one.
                let source = self.current.texts.text(self.source).to_owned();
                for &row in self.feed.doubtful(&source, table, scope) {
                    self.put(Change::Accept(table, row));
                }
                self.doubtful.push((table, scope.clone(), Vec::new()));
            } else if !self.delivered.contains(&table) {
                self.delivered.push(table);
            }
            let (stated, told) = (Bits::default(), Bits::default());
            let full = Full { scope: scope.clone(), stated, told, is_doubtful: false };
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
        // What it does not state stands on no line of the file that does not state it.
        let at = self.at.take().map(|(file, _)| (file, 0));
        let Some((_, full)) = self.full.take_if(|(of, _)| *of == table) else { return };
        if full.is_doubtful {
            // Which of the rows that are missing is the one that could not be read? A bad file deletes nothing.
            self.suspended.insert(table);
            return;
        }
        let within = |row: &Record| full.scope.holds(row, &self.current.texts);
        let live = self.current.rows().of(table).filter(within).map(|row| row.symbol());
        let (stays, mut gone): (Vec<NonZeroU32>, Vec<NonZeroU32>) = live.partition(|key| full.stated.contains(*key));
        // An extract that broke off is seen by what it is complete for, be that a small part of the table.
        self.reason(table, gone.len() as u64, (stays.len() + gone.len()) as u64);
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
    /// Whether a row is within it. A row whose table lacks a column of the scope is not: it may belong to others.
    fn holds(&self, row: &Record, texts: &Texts) -> bool {
        let spec = row.table().spec();
        let values = if self.0.is_empty() { Vec::new() } else { row.values() };
        self.0.iter().all(|(column, value)| spec.column(column).is_some_and(|place| values[place].text(texts) == *value))
    }
}
