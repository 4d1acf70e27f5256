//! What is known about earlier deliveries: accepted files, deliveries on hold, the numbers of changes, and when a source last
//! changed a row.

use crate::model::{Date, Note, RowName, Table, timestamp};
use crate::source::{FileReport, Mode, Scope};
use crate::store::{Counts, Header, Part, Quarantine};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;

/// The source and the name of a delivery.
pub(crate) type Name = (String, String);

/// The last accepted version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The delivery that it came with.
    pub label: String,
    /// The timestamp.
    pub time: u64,
    /// The file.
    pub file: FileReport,
}

/// What is known about earlier deliveries.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Feed {
    /// The number of accepted batches.
    batches: u64,
    /// The last accepted file by source and name.
    files: BTreeMap<(String, String), Accepted>,
    /// By delivery: the digest of each file.
    known: BTreeMap<Name, BTreeMap<String, String>>,
    /// Deliveries on hold.
    on_hold: BTreeMap<Name, Quarantine>,
    /// Approved deliveries that have not been accepted yet.
    approved: BTreeMap<Name, Quarantine>,
    /// By source and table: the number of changes in the last deliveries, except the very first, which states everything. At
    /// most as many as the setting allows are stored.
    volumes: BTreeMap<(String, Table), VecDeque<u64>>,
    /// By source, table and scope: the rows without a readable key in the last extract of a part of a table.
    doubtful: BTreeMap<(String, Table, Scope), Vec<RowName>>,
    /// By source and table: the last day on which rows were deleted, and how many.
    deleted: BTreeMap<(String, Table), (Date, u64)>,
    /// By table and key: when the source last changed the row, in milliseconds since 1970, if it says so.
    stamps: BTreeMap<(Table, NonZeroU32), i64>,
}

/// How many deliveries are remembered to know the usual volume.
const REMEMBERED: usize = 400;

impl Feed {
    /// Whether nothing has been accepted yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches == 0
    }

    /// Applies a batch.
    pub(crate) fn apply(&mut self, header: &Header, parts: &[Part]) {
        let name = (header.source.clone(), header.label.clone());
        if let Some(held) = &header.held {
            self.on_hold.insert(name, held.clone());
            return;
        }
        self.on_hold.remove(&name);
        self.approved.remove(&name);
        self.batches += 1;
        if !header.is_stream {
            let known = self.known.entry(name).or_default();
            known.extend(header.files.iter().map(|file| (file.file.clone(), file.digest.clone())));
        }
        for file in &header.files {
            let accepted = Accepted { label: header.label.clone(), time: header.time, file: file.clone() };
            self.files.insert((header.source.clone(), file.file.clone()), accepted);
        }
        let day = timestamp::day(header.time);
        for &(table, counts) in header.tables.iter().filter(|(_, counts)| counts.deletes > 0) {
            let known = self.deleted.entry((header.source.clone(), table)).or_insert((day, 0));
            let before = if known.0 == day { known.1 } else { 0 };
            *known = (day, before + counts.deletes);
        }
        // The size of a piece of a stream means nothing.
        for &(table, counts) in header.tables.iter().filter(|_| !header.is_stream) {
            match self.volumes.get_mut(&(header.source.clone(), table)) {
                None => drop(self.volumes.insert((header.source.clone(), table), VecDeque::new())),
                Some(volumes) => {
                    volumes.push_back(counts.changes());
                    if volumes.len() > REMEMBERED {
                        volumes.pop_front();
                    }
                }
            }
        }
        for (table, scope, rows) in &header.doubtful {
            let key = (header.source.clone(), *table, scope.clone());
            if rows.is_empty() { drop(self.doubtful.remove(&key)) } else { drop(self.doubtful.insert(key, rows.clone())) }
        }
        self.stamps.extend(parts.iter().flat_map(|part| &part.stamps).map(|&(table, key, stamp)| ((table, key), stamp)));
    }

    /// Approves a delivery on hold.
    pub(crate) fn approve(&mut self, source: &str, label: &str) {
        if let Some((name, held)) = self.on_hold.remove_entry(&(source.to_owned(), label.to_owned())) {
            self.approved.insert(name, held);
        }
    }

    /// The digests of the accepted files of a delivery.
    pub(crate) fn known(&self, name: &Name) -> Option<&BTreeMap<String, String>> {
        self.known.get(name)
    }

    /// The files accepted last, by source and name.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&(String, String), &Accepted)> {
        self.files.iter()
    }

    /// The deliveries on hold.
    pub(crate) fn on_hold(&self) -> impl Iterator<Item = (&Name, &Quarantine)> {
        self.on_hold.iter()
    }

    /// Whether a delivery is on hold for this reason.
    pub(crate) fn is_on_hold(&self, name: &Name, held: &Quarantine) -> bool {
        self.on_hold.get(name) == Some(held)
    }

    /// The quarantine that a delivery was approved out of, if its contents are the same.
    pub(crate) fn approved(
        &self,
        name: &Name,
        digests: &BTreeMap<String, String>,
        unless_stated: Option<&Mode>,
    ) -> Option<&Quarantine> {
        self.approved.get(name).filter(|held| held.digests == *digests && held.unless_stated.as_ref() == unless_stated)
    }

    /// How many rows of a table a source has deleted on a day.
    pub(crate) fn deleted(&self, source: &str, table: Table, day: Date) -> u64 {
        let known = self.deleted.get(&(source.to_owned(), table)).filter(|(of, _)| *of == day);
        known.map_or(0, |(_, deletes)| *deletes)
    }

    /// The rows without a readable key in the last extract of a part of a table.
    pub(crate) fn doubtful(&self, source: &str, table: Table, scope: &Scope) -> &[RowName] {
        self.doubtful.get(&(source.to_owned(), table, scope.clone())).map_or(&[], Vec::as_slice)
    }

    /// When the source last changed a row.
    pub(crate) fn stamp(&self, table: Table, key: NonZeroU32) -> Option<i64> {
        // Most sources do not say, and must not pay for those that do.
        if self.stamps.is_empty() { None } else { self.stamps.get(&(table, key)).copied() }
    }

    /// The volume note for a table of a delivery; none while too few deliveries are known.
    pub(crate) fn volume(&self, source: &str, table: Table, counts: Counts, deliveries: usize) -> Option<Note> {
        /// Larger numbers add no information, and their squares would overflow.
        const MOST: u64 = 1 << 26;
        let before = self.volumes.get(&(source.to_owned(), table))?;
        let before =
            before.range(before.len().checked_sub(deliveries.clamp(1, REMEMBERED))?..).map(|&changes| changes.min(MOST));
        let (sum, squares) = before.fold((0, 0), |(sum, squares), changes| (sum + changes, squares + changes * changes));
        let deliveries = deliveries.clamp(1, REMEMBERED) as u64;
        Some(Note::Volume { changes: counts.changes().min(MOST), deliveries, sum, squares })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(upserts: u64) -> Counts {
        Counts { upserts, ..Counts::default() }
    }

    fn take(feed: &mut Feed, upserts: u64, is_stream: bool) {
        let header = Header {
            time: 1,
            source: "sis".to_owned(),
            label: String::new(),
            files: Vec::new(),
            tables: vec![(Table::Course, counts(upserts))],
            doubtful: Vec::new(),
            delivered: Vec::new(),
            parts: 0,
            is_stream,
            is_ordered: false,
            held: None,
        };
        feed.apply(&header, &[]);
    }

    #[test]
    fn what_is_usual_is_told_by_the_last_deliveries_and_never_by_the_first() {
        let mut feed = Feed::default();
        let volume = |feed: &Feed, deliveries| feed.volume("sis", Table::Course, counts(9), deliveries);
        let told = |deliveries, sum, squares| Some(Note::Volume { changes: 9, deliveries, sum, squares });
        assert_eq!(volume(&feed, 1), None);
        take(&mut feed, 1000, false);
        assert_eq!(volume(&feed, 1), None);
        take(&mut feed, 1, false);
        take(&mut feed, 700, true);
        take(&mut feed, 2, false);
        assert_eq!((volume(&feed, 3), volume(&feed, 2)), (None, told(2, 3, 5)));
        take(&mut feed, 3, false);
        assert_eq!((volume(&feed, 3), volume(&feed, 2)), (told(3, 6, 14), told(2, 5, 13)));
        take(&mut feed, 4, false);
        assert_eq!((volume(&feed, 3), volume(&feed, 0)), (told(3, 9, 29), told(1, 4, 16)));
        assert_eq!(
            (feed.volume("sis", Table::Student, counts(9), 1), feed.volume("hr", Table::Course, counts(9), 1)),
            (None, None)
        );
    }

    #[test]
    fn four_hundred_deliveries_are_remembered() {
        let mut feed = Feed::default();
        (0..=399).for_each(|number| take(&mut feed, number, false));
        let volume = |feed: &Feed, deliveries| feed.volume("sis", Table::Course, counts(0), deliveries);
        let sum_of = |note: Option<Note>| {
            note.map(|note| if let Note::Volume { sum, deliveries, .. } = note { (deliveries, sum) } else { (0, 0) })
        };
        assert_eq!(sum_of(volume(&feed, 400)), None);
        take(&mut feed, 1 << 40, false);
        // Of 1 to 399 and one that is cut off; of more than are remembered as many as are.
        let sum = 399 * 400 / 2 + (1 << 26);
        assert_eq!(sum_of(volume(&feed, 400)), Some((400, sum)));
        assert_eq!(sum_of(volume(&feed, 500)), Some((400, sum)));
        take(&mut feed, 0, false);
        assert_eq!(sum_of(volume(&feed, 400)), Some((400, sum - 1)));
    }

    #[test]
    fn deletes_are_counted_by_day() {
        let mut feed = Feed::default();
        let mut delete = |time, deletes| {
            let header = Header {
                time,
                source: "sis".to_owned(),
                label: String::new(),
                files: Vec::new(),
                tables: vec![(Table::Course, Counts { deletes, ..Counts::default() }), (Table::Student, counts(9))],
                doubtful: Vec::new(),
                delivered: Vec::new(),
                parts: 0,
                is_stream: true,
                is_ordered: false,
                held: None,
            };
            feed.apply(&header, &[]);
            let day = timestamp::day(time);
            [
                ("sis", Table::Course, day),
                ("sis", Table::Student, day),
                ("hr", Table::Course, day),
                ("sis", Table::Course, day.plus(1)),
            ]
            .map(|(source, table, day)| feed.deleted(source, table, day))
        };
        let day = Date::ymd(2025, 9, 1).unwrap();
        assert_eq!(delete(timestamp::at(day, 1), 3), [3, 0, 0, 0]);
        assert_eq!(delete(timestamp::at(day, 2), 0), [3, 0, 0, 0]);
        assert_eq!(delete(timestamp::at(day, 3), 4), [7, 0, 0, 0]);
        assert_eq!(delete(timestamp::at(day.plus(1), 1), 5), [5, 0, 0, 0]);
    }
}
