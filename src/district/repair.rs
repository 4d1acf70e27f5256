//! Repair: makes a state that contradicts itself one that opens, from what is intact in it. Whoever calls it has put a
//! copy aside.
//!
//! The latest intact moment counts: the end of the log up to the first damage behind the latest snapshot that it
//! continues; or a snapshot behind that end, with nothing of the log before it.

use super::{District, Error, Recovery};
use crate::model::{Date, timestamp};
use crate::plan::Plan;
use crate::publish::changes::Files;
use crate::store::disk::Disk;
use crate::store::snapshot::{self, Begin};
use crate::store::{self, Log, Position};

/// Repairs a state and the published changes, and returns what it did, in words.
///
/// # Errors
///
/// Files of a later version, a snapshot of an earlier one that would be needed, and a disk that fails.
pub fn repair<D: Disk>(state: D, published: D, workers: usize) -> Result<Vec<String>, Error> {
    let mut done = Vec::new();
    let files = Files::open(published)?;
    let mut log = Log::open_as_found(state)?;
    let mut snapshots: Vec<(String, Begin)> = Vec::new();
    for file in snapshot::list(log.read_only())? {
        match snapshot::read(log.read_only(), &file, |_, _| Ok(())) {
            Ok(begin) => snapshots.push((file, begin)),
            Err(error @ (store::Error::Newer { .. } | store::Error::Foreign { .. })) => return Err(error.into()),
            // The log is read instead.
            Err(store::Error::Older { .. }) => {}
            Err(error @ store::Error::Disk { .. }) => return Err(error.into()),
            Err(error) => {
                log.disk().remove(&file).map_err(store::Error::disk("remove", &file))?;
                done.push(format!("{error}; it is no longer used"));
            }
        }
    }
    for file in log.restore_heads()? {
        done.push(format!("the head of {file} was damaged and is restored"));
    }
    let (base, others): (Vec<_>, Vec<_>) = snapshots.into_iter().partition(|(_, begin)| log.has(begin.log, begin.last));
    let from = base.first().map(|(_, begin)| (begin.log, begin.last));
    let found = log.intact(from)?;
    let time = |begin: &Begin| timestamp::text(begin.time);
    if let Some((file, begin)) = others.iter().find(|(_, begin)| begin.log > found.tail.end) {
        let segment = begin.log.segment.max(log.begin().segment) + 1;
        let removed = log.begin_again(file, segment)?;
        done.push(format!(
            "the state as of {} is taken from {file}, since the log before it is not complete; {} no longer used: earlier days \
             cannot be rebuilt, and {} is the next file of the log",
            time(begin),
            match &removed[..] {
                [] => "snapshots before it are".to_owned(),
                files => format!("{} and earlier snapshots are", files.join(", ")),
            },
            store::name(segment),
        ));
    } else {
        for (file, begin) in &others {
            log.disk().remove(file).map_err(store::Error::disk("remove", file))?;
            done.push(format!("{file} of {} is not of this log and is no longer used", time(begin)));
        }
        let Position { segment, offset } = found.tail.end;
        let (file, cut) = (store::name(segment.max(1)), found.tail.cut);
        if let Some(why) = &found.why {
            done.push(format!(
                "{why}; the log now ends at byte {offset} of {file}, and {cut} bytes after it are no longer used"
            ));
        } else if cut > 0 {
            done.push(format!("the last {cut} bytes of the log were never complete and are no longer used"));
        }
        log.resume(&found.tail)?;
        log.seal()?;
        // Lines before a snapshot are made again from the log, if it goes back to its beginning.
        let is_missing = base.first().is_some_and(|(_, begin)| files.published() < Some(begin.time));
        let is_whole = || Ok::<_, Error>(log.origin().is_ok() && log.intact(Some((log.begin(), None)))?.why.is_none());
        if is_missing && !files.is_empty()? && is_whole()? {
            for (file, _) in &base {
                log.disk().remove(file).map_err(store::Error::disk("remove", file))?;
            }
            done.push("missing lines of reports/changes were made again from the log".to_owned());
        }
    }
    let state = log.into_disk();
    let (district, recovery) = District::recover(state, files, Plan::default(), workers, Date::MIN, true, &mut |_, _| {})?;
    let Recovery { unclosed, is_gone, .. } = recovery;
    let end = timestamp::text(district.time());
    if unclosed > 0 {
        done.push(format!(
            "{unclosed} bytes of reports/changes after {end} are no longer used: the log does not have what they say"
        ));
    }
    if is_gone {
        done.push("earlier lines of reports/changes are missing; new lines follow a gap".to_owned());
    }
    if !done.is_empty() {
        done.push(format!("the district is as it was at {end}"));
    }
    district.close()?;
    Ok(done)
}
