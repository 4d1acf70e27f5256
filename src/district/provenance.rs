//! The provenance of rows: the delivery, file and line that last stated a current row, read from the log.

use super::Error;
use crate::current::Bits;
use crate::model::{Change, RowName, Table, timestamp};
use crate::store::disk::Disk;
use crate::store::record::Undecodable;
use crate::store::{Header, Item, Log, Part};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// The provenance of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// The timestamp of the delivery; see [`crate::model::timestamp`].
    pub time: u64,
    /// The source system.
    pub source: String,
    /// The delivery.
    pub label: String,
    /// The file of the delivery.
    pub file: String,
    /// The line, counted from 1; 0 if the file states it by omitting the row.
    pub line: u32,
}

/// What is found for a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The provenance of the current row. A full extract that repeats an unchanged row does not change it.
    pub stated: Option<Provenance>,
    /// The rejected lines of the row that are still open.
    pub rejected: Vec<Provenance>,
}

/// Looks rows up in the whole log. There is no provenance for rows stated before a pruned log begins, by a version that
/// logged no provenance, or in batches that are not durable yet, nor for rows that a profile adds by itself. The log may be
/// open for writing meanwhile.
pub fn find<D: Disk>(state: D, wanted: &BTreeSet<(Table, RowName)>) -> Result<BTreeMap<(Table, RowName), Found>, Error> {
    let log = Log::open(state)?;
    let mut reader = log.reader(log.first_item()?, None)?;
    let mut search = Search::new(wanted);
    loop {
        let mut steps = Ok(Vec::new());
        let next = reader.next_by_parts(&mut |part| {
            if let Ok(so_far) = &mut steps
                && let Err(error) = search.steps(&part, so_far)
            {
                steps = Err(error);
            }
        })?;
        match next {
            None => return Ok(search.finish()),
            Some((Item::Batch(header, _), _)) => {
                let cannot = |why| Error::Inconsistent(format!("batch {}: {why}", timestamp::text(header.time)));
                search.batch(&header, steps.map_err(cannot)?);
            }
            Some((Item::Days(_) | Item::Computed(_) | Item::Approved(..), _)) => {}
        }
    }
}

/// A name of a row.
type Name = (Table, RowName);

/// An effect of a part on a wanted row. It applies when its batch does.
struct Step {
    name: Name,
    does: Does,
    /// File and line, if known.
    at: Option<(String, u32)>,
}

enum Does {
    State,
    Delete,
    Reject,
    Accept,
}

/// What is known about a row so far, by the same logic as the current rows.
#[derive(Default)]
struct Known {
    stated: Option<Provenance>,
    /// Rejections, each with the number of its batch.
    rejected: Vec<(u64, Option<Provenance>)>,
}

struct Search {
    /// The wanted keys by table; changes of other keys are skipped.
    keys: [Bits; Table::ALL.len()],
    known: BTreeMap<Name, Known>,
    batches: u64,
}

impl Search {
    fn new(wanted: &BTreeSet<Name>) -> Search {
        let mut keys: [Bits; Table::ALL.len()] = Default::default();
        for (table, name) in wanted {
            if let RowName::Key(key) = name {
                keys[*table as usize].insert(*key);
            }
        }
        Search { keys, known: wanted.iter().map(|name| (*name, Known::default())).collect(), batches: 0 }
    }

    /// Collects the effects of a part on wanted rows.
    fn steps(&self, part: &Part, steps: &mut Vec<Step>) -> Result<(), String> {
        let undecodable = |error: Undecodable| error.to_string();
        let has_lines = !part.places.is_empty();
        let mut places = part.places.iter();
        for change in part.changes() {
            let change = change.map_err(undecodable)?;
            let is_of_delivery = !matches!(change, Change::Accept(..) | Change::Note(_));
            let place = match has_lines && is_of_delivery {
                true => Some(places.next().ok_or("it has fewer line numbers than changes")?.map_err(undecodable)?),
                false => None,
            };
            let at = || place.filter(|(file, _)| !file.is_empty()).map(|(file, line)| (file.to_owned(), line));
            let mut step = |name, does| steps.push(Step { name, does, at: at() });
            let is_wanted = |table: Table, key: NonZeroU32| self.keys[table as usize].contains(key);
            let key = |table: Table, key: NonZeroU32| is_wanted(table, key).then_some((table, RowName::Key(key)));
            match change {
                Change::Upsert(row) => {
                    if let Some(name) = key(row.table(), row.symbol()) {
                        step(name, Does::State);
                    }
                }
                Change::Delete(table, old) => {
                    if let Some(name) = key(table, old) {
                        step(name, Does::Delete);
                    }
                }
                Change::KeyChange(old, row) => {
                    if let Some(name) = key(row.table(), old) {
                        step(name, Does::Delete);
                    }
                    if let Some(name) = key(row.table(), row.symbol()) {
                        step(name, Does::State);
                    }
                }
                Change::Reject(rejected) => {
                    let name = (rejected.table, rejected.row);
                    if self.known.contains_key(&name) {
                        step(name, Does::Reject);
                    }
                }
                Change::Accept(table, row) => {
                    if self.known.contains_key(&(table, row)) {
                        step((table, row), Does::Accept);
                    }
                }
                Change::Note(_) => {}
            }
        }
        match places.next() {
            None => Ok(()),
            Some(_) => Err("it has more line numbers than changes".to_owned()),
        }
    }

    /// Applies a batch, as the current rows do.
    fn batch(&mut self, header: &Header, steps: Vec<Step>) {
        self.batches += 1;
        if !header.delivered.is_empty() {
            let delivered = self.known.iter_mut().filter(|((table, _), _)| header.delivered.contains(table));
            delivered.for_each(|(_, known)| known.rejected.clear());
        }
        for Step { name, does, at } in steps {
            let Some(known) = self.known.get_mut(&name) else { continue };
            let (source, label) = (&header.source, &header.label);
            let place = at.map(|(file, line)| {
                let (source, label) = (source.clone(), label.clone());
                Provenance { time: header.time, source, label, file, line }
            });
            match does {
                Does::State => *known = Known { stated: place, rejected: Vec::new() },
                Does::Delete => *known = Known::default(),
                Does::Reject => {
                    known.rejected.retain(|(batch, _)| *batch == self.batches);
                    known.rejected.push((self.batches, place));
                }
                Does::Accept => known.rejected.clear(),
            }
        }
    }

    fn finish(self) -> BTreeMap<Name, Found> {
        let found = self.known.into_iter().map(|(name, Known { stated, rejected })| {
            let mut found = Found { stated, rejected: Vec::new() };
            for place in rejected.into_iter().filter_map(|(_, place)| place) {
                // A line may have several faults.
                if !found.rejected.contains(&place) {
                    found.rejected.push(place);
                }
            }
            (name, found)
        });
        found.filter(|(_, found)| *found != Found::default()).collect()
    }
}
