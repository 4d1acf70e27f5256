//! Snapshots: the accumulated inputs up to a timestamp, so that a restart need not read the log from its beginning. A
//! snapshot holds inputs only; everything derived is recomputed.
//!
//! A snapshot is a file of [frames](frame), one per section: the beginning, texts, rows and so on, and the end, without
//! which it is incomplete. It is written under a temporary name, synced, and renamed; the last two are retained.

use super::frame::{self, Found};
use super::record::{self, Bytes};
use super::{Disk, Error, Position};
use crate::model::texts::Words;
use crate::model::{DeliveryNote, Record, Rejected, Superseded};
use serde::{Deserialize, Serialize};

/// How many snapshots are retained.
const RETAINED: usize = 2;
/// The name of an incomplete snapshot.
const PART: &str = "snapshot.part";

/// The beginning of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The timestamp; see [`crate::model::timestamp`].
    pub time: u64,
    /// Where the log continues.
    pub log: Position,
    /// The version of rollcall that wrote it.
    pub rollcall: String,
}

/// A section of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// The first.
    Begin(Begin),
    /// Texts, in the order of their symbols.
    Words(Words),
    /// Rows as stated by the source.
    Rows(Vec<Record>),
    /// Open faults of deliveries.
    Faults(Vec<Rejected>, Vec<Superseded>),
    /// Notes about deliveries.
    Notes(Vec<DeliveryNote>),
    /// Opaque state of other components, by name.
    State(String, Bytes),
    /// The last section; the number of sections before it.
    End(u32),
}

fn name(time: u64) -> String {
    format!("snapshot-{time:016x}")
}

/// The snapshots on a disk, the latest first.
pub fn list(disk: &impl Disk) -> Result<Vec<String>, Error> {
    let mut names = disk.names().map_err(Error::disk("list", "the snapshots"))?;
    names.retain(|name| name.strip_prefix("snapshot-").is_some_and(|time| u64::from_str_radix(time, 16).is_ok()));
    names.reverse();
    Ok(names)
}

/// The oldest version of frames whose snapshots can be read. Everything in a snapshot follows from the log, so an older one is
/// not converted: the log is read instead.
const OLDEST: u8 = 3;

/// Writes a snapshot and removes the oldest beyond the limit; returns its length in bytes.
pub(crate) fn write<D: Disk>(disk: &mut D, begin: Begin, sections: impl Iterator<Item = Section>) -> Result<u64, Error> {
    if disk.names().map_err(Error::disk("list", "the snapshots"))?.iter().any(|name| name == PART) {
        disk.remove(PART).map_err(Error::disk("remove", PART))?;
    }
    let time = begin.time;
    let (mut count, mut length) = (0, 0);
    let mut put = |disk: &mut D, section: &Section| {
        let (mut payload, mut bytes) = (Vec::new(), Vec::new());
        record::encode(section, &mut payload);
        frame::write(&payload, &mut bytes);
        length += bytes.len() as u64;
        disk.append(PART, &bytes).map_err(Error::disk("write", PART))
    };
    for section in std::iter::once(Section::Begin(begin)).chain(sections) {
        put(disk, &section)?;
        count += 1;
    }
    put(disk, &Section::End(count))?;
    disk.sync(PART).map_err(Error::disk("sync", PART))?;
    disk.rename(PART, &name(time)).map_err(Error::disk("rename", PART))?;
    for old in list(disk)?.into_iter().skip(RETAINED) {
        disk.remove(&old).map_err(Error::disk("remove", &old))?;
    }
    Ok(length)
}

/// Reads a snapshot section by section and returns its beginning. If it returns an error, discard the sections already
/// visited.
pub fn read(disk: &impl Disk, file: &str, mut visit: impl FnMut(Section) -> Result<(), String>) -> Result<Begin, Error> {
    let mut from = disk.read(file, 0).map_err(Error::disk("read", file))?;
    let (mut payload, mut offset, mut count, mut begun) = (Vec::new(), 0, 0, None);
    loop {
        let damaged = |why: String| Error::Damaged { file: file.to_owned(), offset, why };
        match frame::read(&mut *from, &mut payload).map_err(Error::disk("read", file))? {
            Found::Whole(version) if version < OLDEST => return Err(Error::Older { file: file.to_owned(), version }),
            Found::Whole(_) => {}
            Found::End => return Err(damaged("it ends prematurely".to_owned())),
            Found::Bad(why) => return Err(damaged(why.to_owned())),
            Found::Newer(version) => return Err(Error::Newer { file: file.to_owned(), version }),
        }
        match (record::decode(&mut &payload[..]).map_err(|error| damaged(error.to_string()))?, &begun) {
            (Section::Begin(begin), None) => begun = Some(begin),
            (Section::Begin(_), Some(_)) | (_, None) => return Err(damaged("its beginning is invalid".to_owned())),
            (Section::End(sections), Some(begin)) if sections == count => return Ok(begin.clone()),
            (Section::End(_), Some(_)) => return Err(damaged("sections are missing".to_owned())),
            (section, Some(_)) => visit(section).map_err(damaged)?,
        }
        offset += (frame::HEAD + payload.len()) as u64;
        count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::{Failing, Simulated};
    use super::*;

    fn begin(time: u64) -> Begin {
        let log = Position { segment: 1, offset: time };
        Begin { time, log, rollcall: "0".to_owned() }
    }

    fn sections(time: u64) -> Vec<Section> {
        (0..3).map(|n| Section::State(format!("{n}"), Bytes(vec![time as u8; 9]))).collect()
    }

    fn latest(disk: &Simulated) -> Option<(Begin, Vec<Section>)> {
        list(disk).unwrap().iter().find_map(|file| {
            let mut visited = Vec::new();
            let begin = read(disk, file, |section| {
                visited.push(section);
                Ok(())
            });
            begin.ok().map(|begin| (begin, visited))
        })
    }

    #[test]
    fn the_last_two_are_retained_and_damage_is_detected() {
        let mut disk = Simulated::default();
        for time in 1..5 {
            write(&mut disk, begin(time), sections(time).into_iter()).unwrap();
        }
        assert_eq!(list(&disk).unwrap(), [name(4), name(3)]);
        assert_eq!(latest(&disk), Some((begin(4), sections(4))));
        for offset in 0..disk.bytes(&name(4)).len() {
            let disk = disk.copy();
            disk.damage(&name(4), offset);
            assert_eq!(latest(&disk), Some((begin(3), sections(3))), "byte {offset}");
        }
        let length = disk.bytes(&name(4)).len() as u64;
        for cut in 0..length {
            let mut disk = disk.copy();
            disk.truncate(&name(4), cut).unwrap();
            assert_eq!(latest(&disk), Some((begin(3), sections(3))), "{cut} bytes");
        }
    }

    #[test]
    fn a_section_that_is_missing_is_noticed() {
        let mut disk = Simulated::default();
        write(&mut disk, begin(1), sections(1).into_iter()).unwrap();
        let bytes = disk.bytes(&name(1));
        let (mut rest, mut payload, mut ends) = (&bytes[..], Vec::new(), Vec::new());
        while frame::read(&mut rest, &mut payload).unwrap() == Found::Whole(frame::VERSION) {
            ends.push(bytes.len() - rest.len());
        }
        disk.truncate(&name(1), 0).unwrap();
        disk.append(&name(1), &[&bytes[..ends[0]], &bytes[ends[1]..]].concat()).unwrap();
        let error = read(&disk, &name(1), |_| Ok(())).unwrap_err();
        assert!(error.to_string().ends_with("sections are missing"), "{error}");
    }

    #[test]
    fn a_crash_during_a_write_keeps_the_previous_snapshot() {
        let mut whole = Simulated::default();
        write(&mut whole, begin(1), sections(1).into_iter()).unwrap();
        let from = whole.operations();
        write(&mut whole, begin(2), sections(2).into_iter()).unwrap();
        for operation in from..whole.operations() {
            for failing in [Failing::Crash, Failing::Full, Failing::Sync] {
                for chance in 0..6 {
                    let mut disk = Simulated::default();
                    write(&mut disk, begin(1), sections(1).into_iter()).unwrap();
                    disk.fail_at(operation, failing);
                    let written = write(&mut disk, begin(2), sections(2).into_iter());
                    disk.restart(chance);
                    let (latest, visited) = latest(&disk).unwrap();
                    assert!(latest.time == 2 || written.is_err());
                    assert_eq!(visited, sections(latest.time));
                    write(&mut disk, begin(3), sections(3).into_iter()).unwrap();
                    assert_eq!(self::latest(&disk), Some((begin(3), sections(3))));
                }
            }
        }
    }
}
