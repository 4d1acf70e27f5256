//! Snapshots: the accumulated inputs up to a timestamp, so that a restart need not read the log from its beginning. A
//! snapshot holds inputs only; everything derived is recomputed.
//!
//! A snapshot is a file of [frames](frame), one per section: the beginning, texts, rows and so on, and the end, without
//! which it is incomplete. It is written under a temporary name, synced, and renamed; the last two are retained.

use super::frame::{self, Found, Kind};
use super::head::Head;
use super::record::{self, Bytes, Undecodable};
use super::schema::{Dropped, Reading};
use super::{Disk, Error, Link, Position};
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
    /// The frame of the log that ends there.
    pub last: Option<Link>,
}

/// A section of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "SnapshotSection")] // a table is named Section
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

/// The oldest version of frames whose snapshots can be read: the first that states its schema. Everything in a snapshot
/// follows from the log, which is read instead of an older one.
const OLDEST: u8 = frame::LINKED;

/// Writes a snapshot and removes the oldest beyond the limit; returns its length in bytes.
pub(crate) fn write<D: Disk>(disk: &mut D, begin: Begin, sections: impl Iterator<Item = Section>) -> Result<u64, Error> {
    if disk.names().map_err(Error::disk("list", "the snapshots"))?.iter().any(|name| name == PART) {
        disk.remove(PART).map_err(Error::disk("remove", PART))?;
    }
    let time = begin.time;
    let mut head = Vec::new();
    let mut before = Head::new(&name(time), 0).write(&mut head);
    disk.append(PART, &head).map_err(Error::disk("write", PART))?;
    let (mut count, mut length) = (0, head.len() as u64);
    let mut put = |disk: &mut D, section: &Section| {
        let (mut payload, mut bytes) = (Vec::new(), Vec::new());
        record::encode(section, &mut payload);
        before = frame::write(Kind::Content, before, &payload, &mut bytes);
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

/// Reads a snapshot section by section, each with how the bytes in it are read, and returns its beginning. If it returns
/// an error, discard the sections already visited.
pub fn read(
    disk: &impl Disk,
    file: &str,
    mut visit: impl FnMut(Section, &Reading) -> Result<(), String>,
) -> Result<Begin, Error> {
    let mut from = disk.read(file, 0).map_err(Error::disk("read", file))?;
    let (mut payload, mut end, mut count, mut begun) = (Vec::new(), 0, 0, None);
    let (mut head, mut last) = (None, 0);
    loop {
        let offset = end;
        let damaged = |why: String| Error::Damaged { file: file.to_owned(), offset, why };
        let frame = match frame::read(&mut *from, &mut payload).map_err(Error::disk("read", file))? {
            Found::Whole(frame) if frame.version < OLDEST => {
                return Err(Error::Older { file: file.to_owned(), version: frame.version });
            }
            Found::Whole(frame) => frame,
            Found::End => return Err(damaged("it ends prematurely".to_owned())),
            Found::Bad(why) => return Err(damaged(why.to_owned())),
            Found::Newer(version) => return Err(Error::Newer { file: file.to_owned(), version }),
        };
        if frame.before.is_some_and(|before| before != last) {
            return Err(damaged("it does not follow what is before it".to_owned()));
        }
        (end, last) = (offset + frame.length as u64, frame.sum);
        let (head, reading) = match (&head, frame.kind) {
            (None, Kind::Head) => {
                head = Some(Head::read(file, &payload)?);
                continue;
            }
            (Some(head), Kind::Content) => head,
            (None, Kind::Content) | (Some(_), Kind::Head) => return Err(damaged("its head is missing".to_owned())),
        };
        let section =
            reading.decode("SnapshotSection", &mut &payload[..], &mut Dropped::new()).map_err(|error| match error {
                Undecodable::Unknown(_) => {
                    Error::Foreign { file: file.to_owned(), rollcall: head.rollcall.clone(), what: error.to_string() }
                }
                Undecodable::Invalid(_) => damaged(error.to_string()),
            })?;
        match (section, &begun) {
            (Section::Begin(begin), None) => begun = Some(begin),
            (Section::Begin(_), Some(_)) | (_, None) => return Err(damaged("its beginning is invalid".to_owned())),
            (Section::End(sections), Some(begin)) if sections == count => return Ok(begin.clone()),
            (Section::End(_), Some(_)) => return Err(damaged("sections are missing".to_owned())),
            (section, Some(_)) => visit(translated(section, reading), reading).map_err(damaged)?,
        }
        count += 1;
    }
}

/// Writes a snapshot again, as one that the log continues at another position.
///
/// # Errors
///
/// A snapshot of another schema, whose bytes would be taken for those of this one.
pub(crate) fn continue_at<D: Disk>(disk: &mut D, file: &str, log: Position) -> Result<(), Error> {
    let (mut sections, mut is_current) = (Vec::new(), true);
    let begin = read(disk, file, |section, reading| {
        is_current &= reading.is_current();
        sections.push(section);
        Ok(())
    })?;
    if !is_current {
        return Err(Error::Older { file: file.to_owned(), version: frame::VERSION });
    }
    write(disk, Begin { log, last: None, ..begin }, sections.into_iter()).map(drop)
}

/// The head of a snapshot.
pub fn head(disk: &impl Disk, file: &str) -> Result<Head, Error> {
    match Head::of(disk, file)? {
        Some((head, _)) => Ok(head),
        None => Err(Error::Older { file: file.to_owned(), version: OLDEST - 1 }),
    }
}

/// A section with the positions of columns as they are now.
fn translated(section: Section, reading: &Reading) -> Section {
    match section {
        Section::Rows(mut rows) if !reading.is_current() => {
            rows.iter_mut().for_each(|row| reading.row(row));
            Section::Rows(rows)
        }
        Section::Faults(mut rejected, superseded) => {
            rejected.iter_mut().for_each(|fault| reading.rejected(fault));
            Section::Faults(rejected, superseded)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::{Failing, Simulated};
    use super::*;

    fn begin(time: u64) -> Begin {
        let log = Position { segment: 1, offset: time };
        Begin { time, log, last: None }
    }

    fn sections(time: u64) -> Vec<Section> {
        (0..3).map(|n| Section::State(format!("{n}"), Bytes(vec![time as u8; 9]))).collect()
    }

    fn latest(disk: &Simulated) -> Option<(Begin, Vec<Section>)> {
        list(disk).unwrap().iter().find_map(|file| {
            let mut visited = Vec::new();
            let begin = read(disk, file, |section, _| {
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
        // The head is long.
        let bytes = disk.bytes(&name(4));
        let content = memchr::memmem::find_iter(&bytes, b"RCFR").nth(1).unwrap();
        for offset in (0..content).step_by(499).chain(content..bytes.len()) {
            let disk = disk.copy();
            disk.damage(&name(4), offset);
            assert_eq!(latest(&disk), Some((begin(3), sections(3))), "byte {offset}");
        }
        for cut in (0..content).step_by(499).chain(content..bytes.len()) {
            let cut = cut as u64;
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
        let (mut rest, mut payload, mut payloads) = (&bytes[..], Vec::new(), Vec::new());
        while let Found::Whole(frame) = frame::read(&mut rest, &mut payload).unwrap() {
            payloads.extend((frame.kind == Kind::Content).then(|| payload.clone()));
        }
        for missing in 1..payloads.len() - 1 {
            let mut fewer = payloads.clone();
            fewer.remove(missing);
            disk.truncate(&name(1), 0).unwrap();
            disk.append(&name(1), &super::super::head::file(&name(1), &fewer)).unwrap();
            let error = read(&disk, &name(1), |_, _| Ok(())).unwrap_err();
            assert!(error.to_string().ends_with("sections are missing"), "{error}");
        }
        // The frame itself is missing: the next one does not follow.
        disk.truncate(&name(1), 0).unwrap();
        let starts: Vec<usize> = memchr::memmem::find_iter(&bytes, b"RCFR").collect();
        disk.append(&name(1), &[&bytes[..starts[2]], &bytes[starts[3]..]].concat()).unwrap();
        let error = read(&disk, &name(1), |_, _| Ok(())).unwrap_err();
        assert!(error.to_string().ends_with("it does not follow what is before it"), "{error}");
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

    #[test]
    fn damage_is_located_and_other_files_are_no_snapshots() {
        let mut disk = Simulated::default();
        write(&mut disk, begin(1), sections(1).into_iter()).unwrap();
        let bytes = disk.bytes(&name(1));
        let starts: Vec<usize> = memchr::memmem::find_iter(&bytes, b"RCFR").collect();
        for start in &starts {
            let disk = disk.copy();
            disk.damage(&name(1), start + frame::HEAD);
            match read(&disk, &name(1), |_, _| Ok(())) {
                Err(Error::Damaged { offset, .. }) => assert_eq!(offset, *start as u64),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(starts.len(), 6);
        // What a visitor does not want is damage too, where it is.
        match read(&disk, &name(1), |_, _| Err("unwanted".to_owned())) {
            Err(Error::Damaged { offset, why, .. }) => assert_eq!((offset, &*why), (starts[2] as u64, "unwanted")),
            other => panic!("{other:?}"),
        }
        for other in ["snapshot-", "snapshot-day", "log-00000001", "snapshot.part"] {
            disk.append(other, b"x").unwrap();
        }
        assert_eq!(list(&disk).unwrap(), [name(1)]);
        let length = write(&mut disk, begin(2), sections(2).into_iter()).unwrap();
        assert_eq!((length, list(&disk).unwrap()), (disk.length(&name(2)).unwrap(), vec![name(2), name(1)]));
    }
}
