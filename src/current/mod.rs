//! The current rows: the current row of every key, and the texts behind the symbols. Owned by the single ingesting
//! thread; it turns the upserts of a source into the differences that differential dataflow needs.
//!
//! It is outside the dataflow on purpose. Differential's own upsert operator measured 2 to 6 times slower on small
//! batches, and within one timestamp it keeps the largest value of a key, while a source means the last.

mod bits;
mod code_maps;
mod origin;

use crate::model::codes::OrgType;
use crate::model::{
    Change, DeliveryNote, Entry, Id, Note, OrgId, Record, Rejected, RowName, Rows, Superseded, Table, Text, Texts,
};
pub(crate) use bits::Bits;
use code_maps::Maps;
pub(crate) use origin::Origin;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// The current rows, the open faults of deliveries, and all texts.
#[derive(Default)]
pub struct CurrentRows {
    /// The texts behind the symbols.
    pub texts: Texts,
    rows: Rows,
    /// Rejections of each row, with the batch that caused them.
    rejected: BTreeMap<(Table, RowName), Vec<(u64, Rejected)>>,
    superseded: BTreeMap<(Table, NonZeroU32), Superseded>,
    /// Notes about deliveries, by source and table.
    notes: BTreeMap<(Text, Option<Table>), BTreeSet<DeliveryNote>>,
    stated: Stated,
    maps: Maps,
    /// The number of the current batch.
    batch: u64,
}

/// The keys that the current batch has upserted, and the rows that it displaced.
#[derive(Default)]
struct Stated {
    /// By table.
    keys: [Bits; Table::ALL.len()],
    displaced: BTreeMap<(Table, NonZeroU32), Vec<Record>>,
    /// Notes of the batch.
    notes: Vec<DeliveryNote>,
    /// Whether it may state a key more than once.
    is_ordered: bool,
}

impl CurrentRows {
    /// Applies a whole batch and emits the differences.
    #[cfg(test)]
    pub(crate) fn apply(&mut self, batch: &crate::model::Batch, out: &mut impl FnMut(Entry, i32)) {
        self.deliver(&batch.delivered, out);
        for &change in &batch.changes {
            self.change(change, out);
        }
        self.finish(out);
    }

    /// Begins a new delivery of tables, which resolves their earlier rejected and superseded rows.
    pub(crate) fn deliver(&mut self, tables: &[Table], out: &mut impl FnMut(Entry, i32)) {
        // Most batches deliver no table and must not pay for the scan of open faults.
        if tables.is_empty() {
            return;
        }
        let delivered = |table: &Table| tables.contains(table);
        for (_, gone) in self.rejected.extract_if(.., |(table, _), _| delivered(table)) {
            gone.into_iter().for_each(|(_, rejected)| out(Entry::Rejected(rejected), -1));
        }
        for (_, gone) in self.superseded.extract_if(.., |(table, _), _| delivered(table)) {
            out(Entry::Superseded(gone), -1);
        }
    }

    /// Marks the changes of the current batch as events in order, so that a row may change more than once.
    pub(crate) fn order(&mut self) {
        self.stated.is_ordered = true;
    }

    /// Applies one change of the current batch. A row equal to the current one makes no difference.
    pub(crate) fn change(&mut self, change: Change, out: &mut impl FnMut(Entry, i32)) {
        match change {
            Change::Upsert(row) => self.upsert(row, out),
            Change::Delete(table, key) => self.delete(table, key, out),
            Change::KeyChange(old, row) => {
                if old != row.symbol() {
                    self.delete(row.table(), old, out);
                }
                self.upsert(row, out);
            }
            Change::Reject(rejected) => self.reject(rejected, out),
            Change::Accept(table, row) => self.accept(table, row, out),
            Change::Note(note) => self.stated.notes.push(note),
        }
    }

    /// Records a row that could not be read. The last valid row of its key stays. Rejections of the row by earlier
    /// batches are resolved; those by another line of this batch are not.
    fn reject(&mut self, rejected: Rejected, out: &mut impl FnMut(Entry, i32)) {
        let reasons = self.rejected.entry((rejected.table, rejected.row)).or_default();
        for (_, gone) in reasons.extract_if(.., |(batch, _)| *batch != self.batch) {
            out(Entry::Rejected(gone), -1);
        }
        let rejection = (self.batch, rejected);
        if !reasons.contains(&rejection) {
            reasons.push(rejection);
            out(Entry::Rejected(rejected), 1);
        }
    }

    /// Ends the current batch: now it is known which keys were stated more than once.
    pub(crate) fn finish(&mut self, out: &mut impl FnMut(Entry, i32)) {
        for ((table, key), rows) in std::mem::take(&mut self.stated.displaced) {
            let winner = self.rows.get(table, key);
            let displaced = rows.iter().filter(|&&row| Some(row) != winner).count() as u32;
            if winner.is_some() && displaced > 0 {
                let superseded = Superseded { table, key, displaced };
                self.superseded.insert((table, key), superseded);
                out(Entry::Superseded(superseded), 1);
            }
        }
        self.stated.keys.iter_mut().for_each(Bits::clear);
        self.stated.is_ordered = false;
        self.note(out);
        self.maps.settle(&mut self.rows, out);
        self.maps.report_unmapped_periods(out);
        self.batch += 1;
    }

    /// Replaces the notes of earlier deliveries by those of the current batch.
    fn note(&mut self, out: &mut impl FnMut(Entry, i32)) {
        let noted = std::mem::take(&mut self.stated.notes);
        let came = noted.iter().filter(|noted| matches!(noted.note, Note::Came { .. }));
        let mut outdated: BTreeSet<DeliveryNote> =
            came.filter_map(|noted| self.notes.remove(&(noted.source, noted.table))).flatten().collect();
        for noted in noted {
            let is_new = self.notes.entry((noted.source, noted.table)).or_default().insert(noted);
            if is_new && !outdated.remove(&noted) {
                out(Entry::DeliveryNote(noted), 1);
            }
        }
        outdated.into_iter().for_each(|noted| out(Entry::DeliveryNote(noted), -1));
    }

    fn upsert(&mut self, row: Record, out: &mut impl FnMut(Entry, i32)) {
        let (table, key) = (row.table(), row.symbol());
        let first = self.stated.keys[table as usize].insert(key);
        if first {
            self.settle(table, key, out);
        } else if !self.rejected.is_empty() {
            self.accept(table, RowName::Key(key), out);
        }
        let row = self.maps.upsert(row, &mut self.texts);
        let old = self.rows.put(row);
        if old == Some(row) {
            return;
        }
        if let Some(old) = old {
            if !first && !self.stated.is_ordered {
                self.stated.displaced.entry((table, key)).or_default().push(old);
            }
            out(Entry::Row(old), -1);
        }
        out(Entry::Row(row), 1);
    }

    fn delete(&mut self, table: Table, key: NonZeroU32, out: &mut impl FnMut(Entry, i32)) {
        self.settle(table, key, out);
        self.stated.displaced.remove(&(table, key));
        if let Some(old) = self.rows.take(table, key) {
            self.maps.delete(table, key);
            out(Entry::Row(old), -1);
        }
    }

    /// A valid row or a delete resolves the faults of its key.
    fn settle(&mut self, table: Table, key: NonZeroU32, out: &mut impl FnMut(Entry, i32)) {
        self.accept(table, RowName::Key(key), out);
        if !self.superseded.is_empty()
            && let Some(gone) = self.superseded.remove(&(table, key))
        {
            out(Entry::Superseded(gone), -1);
        }
    }

    fn accept(&mut self, table: Table, row: RowName, out: &mut impl FnMut(Entry, i32)) {
        if !self.rejected.is_empty()
            && let Some(gone) = self.rejected.remove(&(table, row))
        {
            gone.into_iter().for_each(|(_, rejected)| out(Entry::Rejected(rejected), -1));
        }
    }

    /// Restores a row of a snapshot, as stated. The key must not have a row yet.
    pub(crate) fn restore_row(&mut self, row: Record, out: &mut impl FnMut(Entry, i32)) {
        let row = self.maps.upsert(row, &mut self.texts);
        self.rows.put(row);
        out(Entry::Row(row), 1);
    }

    /// Restores a rejection of a snapshot.
    pub(crate) fn restore_rejected(&mut self, rejected: Rejected, out: &mut impl FnMut(Entry, i32)) {
        self.rejected.entry((rejected.table, rejected.row)).or_default().push((self.batch, rejected));
        out(Entry::Rejected(rejected), 1);
    }

    /// Restores a superseded row of a snapshot.
    pub(crate) fn restore_superseded(&mut self, superseded: Superseded, out: &mut impl FnMut(Entry, i32)) {
        self.superseded.insert((superseded.table, superseded.key), superseded);
        out(Entry::Superseded(superseded), 1);
    }

    /// Restores a note of a snapshot.
    pub(crate) fn restore_delivery_note(&mut self, noted: DeliveryNote, out: &mut impl FnMut(Entry, i32)) {
        self.notes.entry((noted.source, noted.table)).or_default().insert(noted);
        out(Entry::DeliveryNote(noted), 1);
    }

    /// Interns the texts that applying a row will need in addition to its own, so that they are logged with it.
    pub(crate) fn foresee(&mut self, row: &Record) {
        if let Record::CodeMap(map) = row {
            Maps::meaning(map, &mut self.texts);
        }
    }

    /// All current entries, as emitted.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        let rows = Table::ALL.iter().flat_map(|&table| self.rows.of(table)).map(Entry::Row);
        let faults = self.rejected().copied().map(Entry::Rejected);
        let faults = faults.chain(self.superseded().copied().map(Entry::Superseded));
        rows.chain(faults)
            .chain(self.maps.unmapped_periods().map(Entry::UnmappedCodePeriod))
            .chain(self.delivery_notes().copied().map(Entry::DeliveryNote))
    }

    /// The row of a key as stated, before codes were mapped.
    pub fn stated(&self, table: Table, key: NonZeroU32) -> Option<Record> {
        self.maps.stated(table, key).or_else(|| self.rows.get(table, key))
    }

    /// The rows of a table as stated.
    pub fn all_stated(&self, table: Table) -> impl Iterator<Item = Record> {
        self.rows.of(table).map(move |row| self.maps.stated(table, row.symbol()).unwrap_or(row))
    }

    /// Whether the row of a key has faults that a valid row would resolve.
    pub fn is_faulty(&self, table: Table, key: NonZeroU32) -> bool {
        self.superseded.contains_key(&(table, key)) || self.rejected.contains_key(&(table, RowName::Key(key)))
    }

    /// The current rows with mapped codes.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The name of an organization; empty if it has no row.
    pub fn name_of(&self, org: OrgId) -> &str {
        let row = self.rows.organization.get(org.index()).and_then(Option::as_ref);
        row.map_or("", |row| self.texts.text(row.name))
    }

    /// The name of the district; if there are several, the first by id, regardless of their order of arrival.
    pub fn district(&self) -> Option<&str> {
        let districts = self.rows.organization.iter().flatten().filter(|row| row.org_type == OrgType::District);
        districts.min_by_key(|row| self.texts.text(row.org_id)).map(|row| self.texts.text(row.name))
    }

    /// Unresolved rejections, by table and row.
    pub fn rejected(&self) -> impl Iterator<Item = &Rejected> {
        self.rejected.values().flatten().map(|(_, rejected)| rejected)
    }

    /// Keys that one batch stated more than once, unless resolved by a later one.
    pub fn superseded(&self) -> impl Iterator<Item = &Superseded> {
        self.superseded.values()
    }

    /// The notes of a source's last delivery of a table, or of its last delivery of anything.
    pub fn delivery_notes_of(&self, source: Text, table: Option<Table>) -> impl Iterator<Item = &DeliveryNote> {
        self.notes.get(&(source, table)).into_iter().flatten()
    }

    /// All notes about deliveries.
    pub fn delivery_notes(&self) -> impl Iterator<Item = &DeliveryNote> {
        self.notes.values().flatten()
    }

    /// Heap bytes of the rows and of the texts.
    pub fn heap_bytes(&self) -> (usize, usize) {
        (self.rows.heap_bytes(), self.texts.heap_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Batch;
    use crate::model::{Fault, Reason};

    fn course(current: &mut CurrentRows, id: &str, title: &str) -> Record {
        let text = |column| match column {
            0 => id.to_owned(),
            1 => "district".to_owned(),
            3 => title.to_owned(),
            _ => String::new(),
        };
        let fields: Vec<String> = (0..11).map(text).collect();
        let row = Table::Course.read(|column| &fields[column], &mut current.texts, |column, _| panic!("column {column}"));
        row.unwrap()
    }

    fn apply(current: &mut CurrentRows, batch: Batch) -> Vec<(Entry, i32)> {
        let mut out: Vec<(Entry, i32)> = Vec::new();
        current.apply(&batch, &mut |entry, diff| out.push((entry, diff)));
        differential_dataflow::consolidation::consolidate(&mut out);
        out
    }

    #[test]
    fn the_last_row_of_a_key_wins_and_the_displaced_are_reported_once() {
        let mut current = CurrentRows::default();
        let [art, arts] = ["Art", "Arts"].map(|title| course(&mut current, "C1", title));
        let twice = Batch { changes: vec![Change::Upsert(art), Change::Upsert(arts)], ..Batch::default() };
        let superseded = Superseded { table: Table::Course, key: art.symbol(), displaced: 1 };
        assert_eq!(apply(&mut current, twice.clone()), [(Entry::Row(arts), 1), (Entry::Superseded(superseded), 1)]);
        assert_eq!(apply(&mut current, twice), [], "the same batch again changes nothing");
        let once = Batch { changes: vec![Change::Upsert(arts)], ..Batch::default() };
        assert_eq!(apply(&mut current, once), [(Entry::Superseded(superseded), -1)]);
        let and_back = [art, arts].map(Change::Upsert).to_vec();
        let gone = vec![Change::Upsert(art), Change::Delete(Table::Course, art.symbol())];
        assert_eq!(apply(&mut current, Batch { changes: gone, ..Batch::default() }), [(Entry::Row(arts), -1)]);
        assert_eq!(apply(&mut current, Batch { changes: and_back, ..Batch::default() }).len(), 2);
    }

    #[test]
    fn a_key_change_moves_the_row() {
        let mut current = CurrentRows::default();
        let [old, new] = ["C1", "C2"].map(|id| course(&mut current, id, "Art"));
        apply(&mut current, Batch { changes: vec![Change::Upsert(old)], ..Batch::default() });
        let change = Batch { changes: vec![Change::KeyChange(old.symbol(), new)], ..Batch::default() };
        assert_eq!(apply(&mut current, change), [(Entry::Row(old), -1), (Entry::Row(new), 1)]);
    }

    #[test]
    fn a_rejection_is_open_until_a_valid_row_or_a_delivery() {
        let mut current = CurrentRows::default();
        let good = course(&mut current, "C1", "Art");
        let file = current.texts.id("course.csv");
        let reason = Reason::Field { column: 3, position: 4, fault: Fault::Missing, value: None };
        let bad = |row, line| Rejected { table: Table::Course, row, file, line, reason };
        let keyed = bad(RowName::Key(good.symbol()), 2);
        let without_key = bad(RowName::Place(file, 3), 3);
        let twice = bad(RowName::Key(good.symbol()), 5);
        let batch = Batch { changes: [keyed, without_key, twice].map(Change::Reject).to_vec(), ..Batch::default() };
        assert_eq!(apply(&mut current, batch).len(), 3, "two bad lines of one key are two");
        let batch = Batch { changes: vec![Change::Reject(keyed)], ..Batch::default() };
        assert_eq!(apply(&mut current, batch), [(Entry::Rejected(twice), -1)]);
        let batch = Batch { changes: vec![Change::Upsert(good)], ..Batch::default() };
        assert_eq!(apply(&mut current, batch), [(Entry::Row(good), 1), (Entry::Rejected(keyed), -1)]);
        let batch = Batch { delivered: vec![Table::Course], ..Batch::default() };
        assert_eq!(apply(&mut current, batch), [(Entry::Rejected(without_key), -1)]);
        assert_eq!(current.rejected().count(), 0);
    }

    #[test]
    fn events_in_order_displace_nothing_in_their_batch() {
        let mut current = CurrentRows::default();
        let [art, arts] = ["Art", "Arts"].map(|title| Change::Upsert(course(&mut current, "C1", title)));
        let mut superseded = |is_ordered: bool| {
            let mut out = Vec::new();
            let mut emit = |entry: Entry, diff| out.extend(matches!(entry, Entry::Superseded(_)).then_some(diff));
            if is_ordered {
                current.order();
            }
            [art, arts].into_iter().for_each(|change| current.change(change, &mut emit));
            current.finish(&mut emit);
            out
        };
        assert_eq!([true, false, true].map(&mut superseded), [vec![], vec![1], vec![-1]]);
    }

    #[test]
    fn a_note_is_open_until_the_next_delivery_and_counts_once() {
        let mut current = CurrentRows::default();
        let [sis, hr] = ["sis", "hr"].map(|source| current.texts.id(source));
        let noted = |source, note| DeliveryNote { source, table: None, note };
        let came = |number| Note::Came { day: crate::model::Date::MIN.plus(number), changed: None };
        let unknown = |number| Note::UnknownDelete(NonZeroU32::MIN.saturating_add(number));
        let batch = |notes: &[DeliveryNote]| Batch {
            changes: notes.iter().copied().map(Change::Note).collect(),
            ..Batch::default()
        };
        let [first, second] = [1, 2].map(|number| noted(sis, came(number)));
        let [one, two] = [1, 2].map(|number| noted(sis, unknown(number)));
        let entry = |noted, diff| (Entry::DeliveryNote(noted), diff);
        assert_eq!(apply(&mut current, batch(&[first, one, one])), [entry(first, 1), entry(one, 1)]);
        assert_eq!(
            apply(&mut current, batch(&[noted(hr, came(1))])),
            [entry(noted(hr, came(1)), 1)],
            "it is of another source"
        );
        assert_eq!(apply(&mut current, batch(&[two])), [entry(two, 1)], "without a delivery they add up");
        assert_eq!(apply(&mut current, batch(&[second, two])), [entry(first, -1), entry(second, 1), entry(one, -1)]);
        assert_eq!(current.delivery_notes_of(sis, None).collect::<Vec<_>>(), [&second, &two]);
        assert_eq!(current.delivery_notes_of(sis, Some(Table::Course)).count(), 0);
        assert_eq!(current.delivery_notes().count(), 3);
    }

    #[test]
    fn what_is_restored_is_what_was_there() {
        let mut current = CurrentRows::default();
        let [art, arts, bio] =
            [("C1", "Art"), ("C1", "Arts"), ("C2", "Bio")].map(|(id, title)| course(&mut current, id, title));
        let (file, source) = (current.texts.id("course.csv"), current.texts.id("sis"));
        let reason = Reason::Field { column: 3, position: 4, fault: Fault::Missing, value: None };
        let rejected = Rejected { table: Table::Course, row: RowName::Key(bio.symbol()), file, line: 2, reason };
        let note = Note::UnknownDelete(NonZeroU32::MIN);
        let changes = vec![
            Change::Upsert(art),
            Change::Upsert(arts),
            Change::Upsert(bio),
            Change::Reject(rejected),
            Change::Note(DeliveryNote { source, table: None, note }),
        ];
        apply(&mut current, Batch { changes, ..Batch::default() });
        let mut restored = CurrentRows::default();
        assert!(restored.texts.take(&current.texts.since(&restored.texts.marks())));
        let mut out = Vec::new();
        let mut put = |entry, diff| out.push((entry, diff));
        current.all_stated(Table::Course).for_each(|row| restored.restore_row(row, &mut put));
        current.rejected().for_each(|rejected| restored.restore_rejected(*rejected, &mut put));
        current.superseded().for_each(|superseded| restored.restore_superseded(*superseded, &mut put));
        current.delivery_notes().for_each(|noted| restored.restore_delivery_note(*noted, &mut put));
        let entries = |current: &CurrentRows| current.entries().map(|entry| (entry, 1)).collect::<Vec<_>>();
        assert_eq!((out.len(), &out), (5, &entries(&current)));
        assert_eq!(entries(&restored), entries(&current));
        let (rows, texts) = current.heap_bytes();
        assert!(rows >= size_of_val(&art.values()) && texts >= "C1C2ArtArtsBio".len(), "{rows} {texts}");
        // The restored faults are resolved as those that were found are.
        for row in [arts, bio] {
            assert!(restored.is_faulty(Table::Course, row.symbol()));
            let fixed = Batch { changes: vec![Change::Upsert(row)], ..Batch::default() };
            assert_eq!(apply(&mut restored, fixed).into_iter().map(|(_, diff)| diff).collect::<Vec<_>>(), [-1]);
            assert!(!restored.is_faulty(Table::Course, row.symbol()));
        }
    }

    #[test]
    fn organizations_have_names_and_the_first_district_by_id_is_the_district() {
        let organizations = "
            organization | org_id name org_type
            2025-09-02 + B Brook district
            2025-09-02 + A North school
            2025-09-02 + C Cedar district
        ";
        let (mut engine, _) = crate::testing::run(organizations, crate::plan::Plan::default());
        let current = &mut engine.current;
        assert_eq!(current.district(), Some("Brook"));
        let [north, nowhere] = ["A", "Z"].map(|id| current.texts.id(id));
        assert_eq!((current.name_of(north), current.name_of(nowhere)), ("North", ""));
        assert_eq!(CurrentRows::default().district(), None);
    }
}
