//! The code map at work: rows are stated with the codes that a source sends; what flows, and what the register holds, has
//! the standard codes that the `code_map` table knows. The rows as they were stated are kept beside those that a map
//! changed, so that a changed map changes them back.

use crate::model::{CodeMap, CodeMaps, CodeSet, Entry, Id, Odd, Record, Row, Rows, Seen, Table, Texts};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// The maps of the current rows of `code_map`, and the rows that they changed.
#[derive(Default)]
pub struct Maps {
    current: CodeMaps,
    /// What each row of `code_map` says.
    said: BTreeMap<NonZeroU32, ((CodeSet, Odd), u8)>,
    /// The rows as stated, where a map changed them.
    stated: BTreeMap<(Table, NonZeroU32), Record>,
    /// Codes whose meaning may have changed since the rows were last gone through.
    changed: BTreeSet<(CodeSet, Odd)>,
}

impl Maps {
    /// What a row of `code_map` says, if it says something.
    pub fn said(map: &CodeMap, texts: &mut Texts) -> Option<((CodeSet, Odd), u8)> {
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
                self.said.insert(symbol, (code, rank));
                self.changed.insert(code);
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
        self.stated.remove(&(table, key));
    }

    fn forget(&mut self, symbol: NonZeroU32) {
        if let Some((code, _)) = self.said.remove(&symbol) {
            self.changed.insert(code);
        }
    }

    fn keep(&mut self, stated: Record, mapped: Record) {
        let key = (stated.table(), stated.symbol());
        if mapped == stated {
            self.stated.remove(&key);
        } else {
            self.stated.insert(key, stated);
        }
    }

    /// Goes through the rows when the meaning of codes has changed; costs a look at every row, for something that happens
    /// a few times a year.
    pub fn settle(&mut self, rows: &mut Rows, out: &mut impl FnMut(Entry, i32)) {
        let changed = std::mem::take(&mut self.changed);
        let mut maps = CodeMaps::new();
        for &(code, rank) in self.said.values() {
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
            row.visit(&mut |_, seen| holds |= matches!(seen, Seen::Odd(set, odd) if changed.contains(&(set, odd))));
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

impl CodeSet {
    /// The set with this name, in any case.
    fn named(name: &str) -> Option<CodeSet> {
        CodeSet::ALL.iter().copied().find(|set| set.name().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::codes::Sex;
    use crate::model::{Batch, Change, Code};
    use crate::register::Register;

    fn read(register: &mut Register, table: Table, fields: &[(&str, &str)]) -> Change {
        let text = |column: usize| {
            let name = table.spec().columns[column].name;
            fields.iter().find(|(of, _)| *of == name).map_or("", |(_, text)| *text)
        };
        let row = table.read(text, &mut register.texts, |column, fault| panic!("{column} {fault:?}"));
        Change::Upsert(row.unwrap())
    }

    fn apply(register: &mut Register, changes: Vec<Change>) -> Vec<(Option<Sex>, i32)> {
        let mut out = Vec::new();
        register.apply(&Batch { changes, ..Batch::default() }, &mut |entry, diff| {
            if let Entry::Row(Record::Student(row)) = entry {
                out.push((row.sex, diff));
            }
        });
        differential_dataflow::consolidation::consolidate(&mut out);
        out
    }

    #[test]
    fn a_map_changes_rows_that_came_before_and_after_and_changes_them_back() {
        let mut register = Register::default();
        let student = |register: &mut Register, id| {
            let fields = [("student_id", id), ("first_name", "A"), ("last_name", "B"), ("sex", "weiblich")];
            read(register, Table::Student, &fields)
        };
        let map = |register: &mut Register, source, code| {
            let fields = [("source", source), ("code_set", "sex"), ("source_code", "weiblich"), ("canonical_code", code)];
            read(register, Table::CodeMap, &fields)
        };
        let odd = Sex::of("weiblich", &mut register.texts);
        let first = student(&mut register, "S1");
        assert_eq!(apply(&mut register, vec![first]), [(Some(odd), 1)]);
        let female = map(&mut register, "sis", "female");
        assert_eq!(apply(&mut register, vec![female]), [(Some(Sex::Female), 1), (Some(odd), -1)]);
        let second = student(&mut register, "S2");
        assert_eq!(apply(&mut register, vec![second]), [(Some(Sex::Female), 1)]);
        assert_eq!(apply(&mut register, vec![second]), [], "the same row again changes nothing");
        // Another system means something else by it: the code that stands first in the set is taken, whichever came first.
        let male = map(&mut register, "hr", "male");
        assert_eq!(apply(&mut register, vec![male]), []);
        let Change::Upsert(gone) = female else { unreachable!() };
        let delete = |row: Record| Change::Delete(Table::CodeMap, row.symbol());
        assert_eq!(apply(&mut register, vec![delete(gone)]), [(Some(Sex::Female), -2), (Some(Sex::Male), 2)]);
        let Change::Upsert(gone) = male else { unreachable!() };
        assert_eq!(apply(&mut register, vec![delete(gone)]), [(Some(Sex::Male), -2), (Some(odd), 2)]);
        // In one batch, the map after the row.
        let mut register = Register::default();
        let changes = vec![student(&mut register, "S1"), map(&mut register, "sis", "female")];
        assert_eq!(apply(&mut register, changes), [(Some(Sex::Female), 1)]);
    }
}
