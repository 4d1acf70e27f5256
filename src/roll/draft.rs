//! A batch in the making: what a delivery says, with full extracts taken apart against the rows that are there. Nothing
//! takes effect before the draft is logged; a delivery that cannot be read to its end leaves no trace.

use super::Guard;
use crate::log::record::{Counts, Part};
use crate::model::texts::Marks;
use crate::model::{Change, Record, RowName, Table, Texts};
use crate::register::{Bits, Register};
use crate::source::{Mode, Scope, Taker};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// How large a part of a batch grows, in bytes.
const PART: usize = 4 << 20;
/// How often the size of texts is looked at: every so many changes.
const LOOK: u64 = 1024;

/// What a delivery says.
pub struct Draft<'a> {
    register: &'a mut Register,
    parts: Vec<Part>,
    part: Part,
    marks: Marks,
    /// What it states.
    pub counts: Counts,
    /// Tables of which it holds a full extract.
    pub delivered: Vec<Table>,
    /// Rows that it deletes, by table: stated as deleted, or missing in a full extract.
    deletes: BTreeMap<Table, u64>,
    /// Tables of which a full extract deletes nothing, because a row in it could not be told from others.
    pub suspended: BTreeSet<Table>,
    /// Tables that it has a file for, be it without a row.
    pub fed: BTreeSet<Table>,
    full: Option<(Table, Full)>,
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
    /// See [`Draft`].
    pub counts: Counts,
    /// See [`Draft`].
    pub delivered: Vec<Table>,
    /// See [`Draft`].
    pub suspended: BTreeSet<Table>,
    /// See [`Draft`].
    pub fed: BTreeSet<Table>,
    /// Why it must not take effect without a word of somebody's.
    pub held: Option<Guard>,
}

impl<'a> Draft<'a> {
    /// Begins a draft on what is there; `marks` are the texts that are logged.
    pub fn new(register: &'a mut Register, marks: Marks) -> Draft<'a> {
        Draft {
            register,
            parts: Vec::new(),
            part: Part::default(),
            marks,
            counts: Counts::default(),
            delivered: Vec::new(),
            deletes: BTreeMap::new(),
            suspended: BTreeSet::new(),
            fed: BTreeSet::new(),
            full: None,
        }
    }

    /// The draft, complete.
    pub fn finish(mut self) -> Drafted {
        self.cut();
        let held = self.deletes.iter().find_map(|(&table, &deletes)| {
            let live = self.register.rows().of(table).count() as u64;
            Guard::mass_delete(table, deletes, live)
        });
        let Draft { parts, marks, counts, delivered, suspended, fed, .. } = self;
        Drafted { parts, marks, counts, delivered, suspended, fed, held }
    }

    fn push(&mut self, change: Change) {
        if let Change::Delete(table, _) = change {
            *self.deletes.entry(table).or_default() += 1;
        }
        if let Change::Upsert(row) | Change::KeyChange(_, row) = &change {
            self.register.foresee(row);
        }
        self.counts.add(&change);
        self.part.push(&change);
        let is_large = self.part.changes.0.len() > PART;
        if is_large || self.part.count.is_multiple_of(LOOK) && self.register.texts.bytes_since(&self.marks) > PART {
            self.cut();
        }
    }

    /// Ends a part.
    fn cut(&mut self) {
        if self.part.count > 0 {
            self.part.words = self.register.texts.since(&self.marks);
            self.marks = self.register.texts.marks();
            self.parts.push(std::mem::take(&mut self.part));
        }
    }

    /// Takes a row of a full extract: one that says nothing new is left out.
    fn upsert(&mut self, row: Record) {
        let (table, key) = (row.table(), row.symbol());
        if let Some((of, full)) = &mut self.full
            && *of == table
        {
            let current = self.register.stated(table, key);
            let says_nothing = current == Some(row) && !self.register.is_faulty(table, key);
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

impl Taker for Draft<'_> {
    fn texts(&mut self) -> &mut Texts {
        &mut self.register.texts
    }

    fn change(&mut self, change: Change) {
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
                        RowName::Place(..) => full.is_doubtful = true,
                    }
                }
                self.push(change);
            }
            Change::Delete(..) | Change::KeyChange(..) => self.push(change),
        }
    }

    fn begin(&mut self, table: Table, mode: &Mode) {
        self.fed.insert(table);
        if let Mode::Full(scope) = mode {
            if scope.0.is_empty() && !self.delivered.contains(&table) {
                self.delivered.push(table);
            }
            let (stated, told) = (Bits::default(), Bits::default());
            let full = Full { scope: scope.clone(), stated, told, is_doubtful: false };
            self.full = Some((table, full));
        }
    }

    fn end(&mut self, table: Table) {
        let Some((_, full)) = self.full.take_if(|(of, _)| *of == table) else { return };
        if full.is_doubtful {
            // Which of the rows that are missing is the one that could not be read? A bad file deletes nothing.
            self.suspended.insert(table);
            return;
        }
        let gone = |row: &Record| !full.stated.contains(row.symbol()) && full.scope.holds(row, &self.register.texts);
        let mut gone: Vec<NonZeroU32> = self.register.rows().of(table).filter(gone).map(|row| row.symbol()).collect();
        gone.sort_unstable();
        gone.into_iter().for_each(|key| self.push(Change::Delete(table, key)));
    }

    fn doubt(&mut self, table: Table) {
        if let Some((_, full)) = self.full.as_mut().filter(|(of, _)| *of == table) {
            full.is_doubtful = true;
        }
    }

    fn current(&self, table: Table, key: NonZeroU32) -> Option<Record> {
        self.register.stated(table, key)
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
