//! The code map at work: rows are stated with the codes that a source sends; what flows, and what the register holds, has
//! the standard codes that the `code_map` table knows. The rows as they were stated are kept beside those that a map
//! changed, so that a changed map changes them back. They also tell which mapped codes are in use, and with the days of the
//! maps on which days they should not be: nothing that flows holds the code as it was stated.

use crate::model::date::{uncovered, union};
use crate::model::{
    CodeMap, CodeMaps, CodeSet, Date, Entry, Id, Interval, Record, Row, Rows, Table, Texts, UnmappedCodePeriod,
    UnrecognizedCode, Visited,
};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// The maps of the current rows of `code_map`, and the rows that they changed.
#[derive(Default)]
pub struct Maps {
    current: CodeMaps,
    /// What each row of `code_map` says.
    said: BTreeMap<NonZeroU32, ((CodeSet, UnrecognizedCode), u8, Interval)>,
    /// The rows as stated, where a map changed them.
    stated: BTreeMap<(Table, NonZeroU32), Record>,
    /// Codes whose meaning may have changed since the rows were last gone through.
    changed: BTreeSet<(CodeSet, UnrecognizedCode)>,
    /// How often the rows that a map changed use a code.
    uses: BTreeMap<(CodeSet, UnrecognizedCode), u32>,
    /// Codes whose uses or maps have changed since it was last told when they lapse.
    touched: BTreeSet<(CodeSet, UnrecognizedCode)>,
    /// What was told.
    lapsed: BTreeMap<(CodeSet, UnrecognizedCode), Vec<UnmappedCodePeriod>>,
}

impl Maps {
    /// What a row of `code_map` says, if it says something.
    pub fn said(map: &CodeMap, texts: &mut Texts) -> Option<((CodeSet, UnrecognizedCode), u8)> {
        let set = CodeSet::named(texts.text(map.code_set))?;
        let rank = set.find(texts.text(map.canonical_code))?;
        let source_code = texts.text(map.source_code).to_owned();
        Some(((set, texts.odd(set, &source_code)), rank))
    }

    /// Takes a stated row and gives the one to hold.
    pub fn upsert(&mut self, row: Record, texts: &mut Texts) -> Record {
        if let Record::CodeMap(map) = row {
            let symbol = map.key().symbol();
            self.forget(symbol);
            if let Some((code, rank)) = Maps::said(&map, texts) {
                let during = Interval::new(map.begin_date.unwrap_or(Date::MIN), map.end_date);
                self.said.insert(symbol, (code, rank, during));
                self.changed.insert(code);
                self.touched.insert(code);
            }
        }
        if self.current.is_empty() {
            return row;
        }
        let mapped = row.map_codes(&self.current);
        self.keep(row, mapped);
        mapped
    }

    /// A row as it was stated, if a map has changed it.
    pub fn stated(&self, table: Table, key: NonZeroU32) -> Option<Record> {
        self.stated.get(&(table, key)).copied()
    }

    /// Forgets a row that is gone.
    pub fn delete(&mut self, table: Table, key: NonZeroU32) {
        if table == Table::CodeMap {
            self.forget(key);
        }
        if let Some(gone) = self.stated.remove(&(table, key)) {
            self.count(&gone, false);
        }
    }

    fn forget(&mut self, symbol: NonZeroU32) {
        if let Some((code, ..)) = self.said.remove(&symbol) {
            self.changed.insert(code);
            self.touched.insert(code);
        }
    }

    fn keep(&mut self, stated: Record, mapped: Record) {
        let key = (stated.table(), stated.symbol());
        let before = if mapped == stated { self.stated.remove(&key) } else { self.stated.insert(key, stated) };
        if let Some(before) = before {
            self.count(&before, false);
        }
        if mapped != stated {
            self.count(&stated, true);
        }
    }

    /// Counts the unknown codes of a row that a map changes, or no longer does.
    fn count(&mut self, stated: &Record, more: bool) {
        stated.visit(&mut |_, seen| {
            if let Visited::UnrecognizedCode(set, odd) = seen {
                let uses = self.uses.entry((set, odd)).or_default();
                *uses = if more { *uses + 1 } else { *uses - 1 };
                self.touched.insert((set, odd));
            }
        });
    }

    /// What was told of mapped codes that are used.
    pub fn lapsed(&self) -> impl Iterator<Item = UnmappedCodePeriod> {
        self.lapsed.values().flatten().copied()
    }

    /// Tells on which days none of the maps of a code in use is in effect, as far as that has changed.
    pub fn lapse(&mut self, out: &mut impl FnMut(Entry, i32)) {
        for code in std::mem::take(&mut self.touched) {
            let uses = self.uses.get(&code).copied().unwrap_or(0);
            if uses == 0 {
                self.uses.remove(&code);
            }
            let maps = self.said.values().filter(|(of, ..)| *of == code);
            let mut effective: Vec<Interval> = maps.map(|(.., during)| *during).collect();
            let mut now = Vec::new();
            if uses > 0 && !effective.is_empty() {
                union(&mut effective);
                let gaps = uncovered(Interval::ALWAYS, &effective).into_iter();
                now.extend(gaps.map(|during| UnmappedCodePeriod { set: code.0, code: code.1, uses, during }));
            }
            let before = if now.is_empty() { self.lapsed.remove(&code) } else { self.lapsed.insert(code, now.clone()) };
            let before = before.unwrap_or_default();
            before
                .iter()
                .filter(|lapsed| !now.contains(lapsed))
                .for_each(|lapsed| out(Entry::UnmappedCodePeriod(*lapsed), -1));
            now.iter()
                .filter(|lapsed| !before.contains(lapsed))
                .for_each(|lapsed| out(Entry::UnmappedCodePeriod(*lapsed), 1));
        }
    }

    /// Goes through the rows when the meaning of codes has changed; costs a look at every row, for something that happens
    /// a few times a year.
    pub fn settle(&mut self, rows: &mut Rows, out: &mut impl FnMut(Entry, i32)) {
        let changed = std::mem::take(&mut self.changed);
        let mut maps = CodeMaps::new();
        for &(code, rank, _) in self.said.values() {
            // Two systems may disagree about a code; the order of arrival must not decide.
            maps.entry(code).and_modify(|known| *known = rank.min(*known)).or_insert(rank);
        }
        let changed: BTreeSet<_> = changed.into_iter().filter(|code| maps.get(code) != self.current.get(code)).collect();
        if changed.is_empty() {
            return;
        }
        self.current = maps;
        let holds = |row: &Record| {
            let mut holds = false;
            row.visit(&mut |_, seen| {
                holds |= matches!(seen, Visited::UnrecognizedCode(set, odd) if changed.contains(&(set, odd)))
            });
            holds
        };
        let mut stated: Vec<Record> = self.stated.values().filter(|row| holds(row)).copied().collect();
        for &table in Table::ALL {
            stated.extend(rows.of(table).filter(|row| holds(row) && !self.stated.contains_key(&(table, row.symbol()))));
        }
        for row in stated {
            let mapped = row.map_codes(&self.current);
            self.keep(row, mapped);
            let old = rows.put(mapped);
            if let Some(old) = old.filter(|old| *old != mapped) {
                out(Entry::Row(old), -1);
                out(Entry::Row(mapped), 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::current::CurrentRows;
    use crate::model::codes::Sex;
    use crate::model::{Batch, Change, Code};

    fn read(current: &mut CurrentRows, table: Table, fields: &[(&str, &str)]) -> Change {
        let text = |column: usize| {
            let name = table.spec().columns[column].name;
            fields.iter().find(|(of, _)| *of == name).map_or("", |(_, text)| *text)
        };
        let row = table.read(text, &mut current.texts, |column, fault| panic!("{column} {fault:?}"));
        Change::Upsert(row.unwrap())
    }

    fn apply(current: &mut CurrentRows, changes: Vec<Change>) -> Vec<(Option<Sex>, i32)> {
        let mut out = Vec::new();
        current.apply(&Batch { changes, ..Batch::default() }, &mut |entry, diff| {
            if let Entry::Row(Record::Student(row)) = entry {
                out.push((row.sex, diff));
            }
        });
        differential_dataflow::consolidation::consolidate(&mut out);
        out
    }

    #[test]
    fn a_map_changes_rows_that_came_before_and_after_and_changes_them_back() {
        let mut current = CurrentRows::default();
        let student = |current: &mut CurrentRows, id| {
            let fields = [("student_id", id), ("first_name", "A"), ("last_name", "B"), ("sex", "weiblich")];
            read(current, Table::Student, &fields)
        };
        let map = |current: &mut CurrentRows, source, code| {
            let fields = [("source", source), ("code_set", "sex"), ("source_code", "weiblich"), ("canonical_code", code)];
            read(current, Table::CodeMap, &fields)
        };
        let odd = Sex::of("weiblich", &mut current.texts);
        let first = student(&mut current, "S1");
        assert_eq!(apply(&mut current, vec![first]), [(Some(odd), 1)]);
        let female = map(&mut current, "sis", "female");
        assert_eq!(apply(&mut current, vec![female]), [(Some(Sex::Female), 1), (Some(odd), -1)]);
        let second = student(&mut current, "S2");
        assert_eq!(apply(&mut current, vec![second]), [(Some(Sex::Female), 1)]);
        assert_eq!(apply(&mut current, vec![second]), [], "the same row again changes nothing");
        // Another system means something else by it: the code that stands first in the set is taken, whichever came first.
        let male = map(&mut current, "hr", "male");
        assert_eq!(apply(&mut current, vec![male]), []);
        let Change::Upsert(gone) = female else { unreachable!() };
        let delete = |row: Record| Change::Delete(Table::CodeMap, row.symbol());
        assert_eq!(apply(&mut current, vec![delete(gone)]), [(Some(Sex::Female), -2), (Some(Sex::Male), 2)]);
        let Change::Upsert(gone) = male else { unreachable!() };
        assert_eq!(apply(&mut current, vec![delete(gone)]), [(Some(Sex::Male), -2), (Some(odd), 2)]);
        // In one batch, the map after the row.
        let mut current = CurrentRows::default();
        let changes = vec![student(&mut current, "S1"), map(&mut current, "sis", "female")];
        assert_eq!(apply(&mut current, changes), [(Some(Sex::Female), 1)]);
    }
}
