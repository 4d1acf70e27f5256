//! Applies the code map: sources state rows with their own codes; entries and current rows have the standard codes that
//! the `code_map` table maps them to. Rows that a map changed are also stored as stated, so that a later change of the
//! map can be applied to them. The stored rows also show which mapped codes are in use and, with the dates of the maps,
//! when they should not be; no entry has the code as stated.

use crate::model::date::{uncovered, union};
use crate::model::{
    CodeMap, CodeMaps, CodeSet, Date, Entry, Id, Interval, Record, Row, Rows, Table, Texts, UnmappedCodePeriod,
    UnrecognizedCode, Visited,
};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// The maps in the current rows of `code_map`, and the rows that they changed.
#[derive(Default)]
pub(crate) struct Maps {
    current: CodeMaps,
    /// The meaning of each row of `code_map`.
    meanings: BTreeMap<NonZeroU32, ((CodeSet, UnrecognizedCode), u8, Interval)>,
    /// The rows as stated, if a map changed them.
    stated: BTreeMap<(Table, NonZeroU32), Record>,
    /// Codes whose mapping may have changed since the last `settle`.
    changed: BTreeSet<(CodeSet, UnrecognizedCode)>,
    /// How often each code is used in the rows that a map changed.
    uses: BTreeMap<(CodeSet, UnrecognizedCode), u32>,
    /// Codes whose uses or maps have changed since unmapped periods were last reported.
    touched: BTreeSet<(CodeSet, UnrecognizedCode)>,
    /// The reported unmapped periods.
    unmapped_periods: BTreeMap<(CodeSet, UnrecognizedCode), Vec<UnmappedCodePeriod>>,
}

impl Maps {
    /// The meaning of a row of `code_map`, if it is valid.
    pub(crate) fn meaning(map: &CodeMap, texts: &mut Texts) -> Option<((CodeSet, UnrecognizedCode), u8)> {
        let set = CodeSet::named(texts.text(map.code_set))?;
        let rank = set.find(texts.text(map.canonical_code))?;
        let source_code = texts.text(map.source_code).to_owned();
        Some(((set, texts.unrecognized(set, &source_code)), rank))
    }

    /// Accepts a stated row and returns the mapped one.
    pub(crate) fn upsert(&mut self, row: Record, texts: &mut Texts) -> Record {
        if let Record::CodeMap(map) = row {
            let symbol = map.key().symbol();
            self.forget(symbol);
            if let Some((code, rank)) = Maps::meaning(&map, texts) {
                let interval = Interval::new(map.begin_date.unwrap_or(Date::MIN), map.end_date);
                self.meanings.insert(symbol, (code, rank, interval));
                self.changed.insert(code);
                self.touched.insert(code);
            }
        }
        if self.current.is_empty() {
            return row;
        }
        let mapped = row.map_codes(&self.current);
        self.store(row, mapped);
        mapped
    }

    /// A row as stated, if a map has changed it.
    pub(crate) fn stated(&self, table: Table, key: NonZeroU32) -> Option<Record> {
        self.stated.get(&(table, key)).copied()
    }

    /// Forgets a deleted row.
    pub(crate) fn delete(&mut self, table: Table, key: NonZeroU32) {
        if table == Table::CodeMap {
            self.forget(key);
        }
        if let Some(gone) = self.stated.remove(&(table, key)) {
            self.count(&gone, false);
        }
    }

    fn forget(&mut self, symbol: NonZeroU32) {
        if let Some((code, ..)) = self.meanings.remove(&symbol) {
            self.changed.insert(code);
            self.touched.insert(code);
        }
    }

    fn store(&mut self, stated: Record, mapped: Record) {
        let key = (stated.table(), stated.symbol());
        let previous = if mapped == stated { self.stated.remove(&key) } else { self.stated.insert(key, stated) };
        if let Some(previous) = previous {
            self.count(&previous, false);
        }
        if mapped != stated {
            self.count(&stated, true);
        }
    }

    /// Counts the unrecognized codes of a row that a map changes, or no longer changes.
    fn count(&mut self, stated: &Record, more: bool) {
        stated.visit(&mut |_, visited| {
            if let Visited::UnrecognizedCode(set, unrecognized) = visited {
                let uses = self.uses.entry((set, unrecognized)).or_default();
                *uses = if more { *uses + 1 } else { *uses - 1 };
                self.touched.insert((set, unrecognized));
            }
        });
    }

    /// The reported unmapped periods of codes in use.
    pub(crate) fn unmapped_periods(&self) -> impl Iterator<Item = UnmappedCodePeriod> {
        self.unmapped_periods.values().flatten().copied()
    }

    /// Emits changes to the periods in which a code in use has no map in effect.
    pub(crate) fn report_unmapped_periods(&mut self, out: &mut impl FnMut(Entry, i32)) {
        for code in std::mem::take(&mut self.touched) {
            let uses = self.uses.get(&code).copied().unwrap_or(0);
            if uses == 0 {
                self.uses.remove(&code);
            }
            let maps = self.meanings.values().filter(|(of, ..)| *of == code);
            let mut effective: Vec<Interval> = maps.map(|(.., interval)| *interval).collect();
            let mut current_periods = Vec::new();
            if uses > 0 && !effective.is_empty() {
                union(&mut effective);
                let gaps = uncovered(Interval::ALWAYS, &effective).into_iter();
                current_periods.extend(gaps.map(|during| UnmappedCodePeriod { set: code.0, code: code.1, uses, during }));
            }
            let previous = if current_periods.is_empty() {
                self.unmapped_periods.remove(&code)
            } else {
                self.unmapped_periods.insert(code, current_periods.clone())
            };
            let previous = previous.unwrap_or_default();
            previous
                .iter()
                .filter(|unmapped| !current_periods.contains(unmapped))
                .for_each(|unmapped| out(Entry::UnmappedCodePeriod(*unmapped), -1));
            current_periods
                .iter()
                .filter(|unmapped| !previous.contains(unmapped))
                .for_each(|unmapped| out(Entry::UnmappedCodePeriod(*unmapped), 1));
        }
    }

    /// Updates the rows after the mapping of codes has changed. It visits every row, but this happens only a few times a
    /// year.
    pub(crate) fn settle(&mut self, rows: &mut Rows, out: &mut impl FnMut(Entry, i32)) {
        let changed = std::mem::take(&mut self.changed);
        let mut maps = CodeMaps::new();
        for &(code, rank, _) in self.meanings.values() {
            // Two sources may map a code differently; the result must not depend on the order of arrival.
            maps.entry(code).and_modify(|known| *known = rank.min(*known)).or_insert(rank);
        }
        let changed: BTreeSet<_> = changed.into_iter().filter(|code| maps.get(code) != self.current.get(code)).collect();
        if changed.is_empty() {
            return;
        }
        self.current = maps;
        let holds = |row: &Record| {
            let mut holds = false;
            row.visit(&mut |_, visited| {
                holds |=
                    matches!(visited, Visited::UnrecognizedCode(set, unrecognized) if changed.contains(&(set, unrecognized)))
            });
            holds
        };
        let mut stated: Vec<Record> = self.stated.values().filter(|row| holds(row)).copied().collect();
        for &table in Table::ALL {
            stated.extend(rows.of(table).filter(|row| holds(row) && !self.stated.contains_key(&(table, row.symbol()))));
        }
        for row in stated {
            let mapped = row.map_codes(&self.current);
            self.store(row, mapped);
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
    fn a_map_changes_earlier_and_later_rows_and_can_be_undone() {
        let mut current = CurrentRows::default();
        let student = |current: &mut CurrentRows, id| {
            let fields = [("student_id", id), ("first_name", "A"), ("last_name", "B"), ("sex", "weiblich")];
            read(current, Table::Student, &fields)
        };
        let map = |current: &mut CurrentRows, source, code| {
            let fields = [("source", source), ("code_set", "sex"), ("source_code", "weiblich"), ("canonical_code", code)];
            read(current, Table::CodeMap, &fields)
        };
        let unrecognized = Sex::of("weiblich", &mut current.texts);
        let first = student(&mut current, "S1");
        assert_eq!(apply(&mut current, vec![first]), [(Some(unrecognized), 1)]);
        let female = map(&mut current, "sis", "female");
        assert_eq!(apply(&mut current, vec![female]), [(Some(Sex::Female), 1), (Some(unrecognized), -1)]);
        let second = student(&mut current, "S2");
        assert_eq!(apply(&mut current, vec![second]), [(Some(Sex::Female), 1)]);
        assert_eq!(apply(&mut current, vec![second]), [], "the same row again changes nothing");
        // Another source maps the code differently: the code that is first in the set wins, whichever came first.
        let male = map(&mut current, "hr", "male");
        assert_eq!(apply(&mut current, vec![male]), []);
        let Change::Upsert(gone) = female else { unreachable!() };
        let delete = |row: Record| Change::Delete(Table::CodeMap, row.symbol());
        assert_eq!(apply(&mut current, vec![delete(gone)]), [(Some(Sex::Female), -2), (Some(Sex::Male), 2)]);
        let Change::Upsert(gone) = male else { unreachable!() };
        assert_eq!(apply(&mut current, vec![delete(gone)]), [(Some(Sex::Male), -2), (Some(unrecognized), 2)]);
        // In one batch, with the map after the row.
        let mut current = CurrentRows::default();
        let changes = vec![student(&mut current, "S1"), map(&mut current, "sis", "female")];
        assert_eq!(apply(&mut current, changes), [(Some(Sex::Female), 1)]);
    }

    #[test]
    fn a_row_stays_as_stated_however_many_of_its_codes_are_mapped() {
        let mut current = CurrentRows::default();
        let fields = [("student_id", "S1"), ("first_name", "A"), ("last_name", "B"), ("sex", "w"), ("grade_level", "III")];
        let student = read(&mut current, Table::Student, &fields);
        let Change::Upsert(stated) = student else { unreachable!() };
        let mut map = |set, source, code| {
            let fields = [("source", "sis"), ("code_set", set), ("source_code", source), ("canonical_code", code)];
            let change = read(&mut current, Table::CodeMap, &fields);
            let Change::Upsert(row) = change else { unreachable!() };
            (change, Change::Delete(Table::CodeMap, row.symbol()))
        };
        let (sex, grade) = (map("sex", "w", "female"), map("grade", "III", "03"));
        let (mut rows, mut first) = (Vec::new(), None);
        for change in [student, sex.0, grade.0, student, sex.1, grade.1] {
            apply(&mut current, vec![change]);
            let key = stated.symbol();
            assert_eq!(current.stated(Table::Student, key), Some(stated));
            assert_eq!(current.all_stated(Table::Student).collect::<Vec<_>>(), [stated]);
            let row = current.rows().get(Table::Student, key);
            let first = *first.get_or_insert(row);
            rows.push((row == first, row.map(|row| row.values()[7].text(&current.texts))));
        }
        let shown = |text: &str| Some(text.to_owned());
        let [w, female] = [shown("w"), shown("female")];
        let expected = [(true, &w), (false, &female), (false, &female), (false, &female), (false, &w), (true, &w)];
        assert_eq!(rows.iter().map(|(is_first, sex)| (*is_first, sex)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_period_without_a_map_is_among_the_entries() {
        let mut current = CurrentRows::default();
        let map = [("source", "sis"), ("code_set", "sex"), ("source_code", "w"), ("canonical_code", "female")];
        let map = read(&mut current, Table::CodeMap, &[&map[..], &[("end_date", "2025-09-10")]].concat());
        let fields = [("student_id", "S1"), ("first_name", "A"), ("last_name", "B"), ("sex", "w")];
        let student = read(&mut current, Table::Student, &fields);
        apply(&mut current, vec![map, student]);
        let period = |entry| match entry {
            Entry::UnmappedCodePeriod(period) => Some((period.uses, period.during)),
            _ => None,
        };
        let from = Date::ymd(2025, 9, 10).unwrap();
        assert_eq!(current.entries().filter_map(period).collect::<Vec<_>>(), [(1, Interval::new(from, None))]);
    }
}
