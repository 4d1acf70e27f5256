//! A copy of a district's state, made while rollcall may be writing to it. What is copied first is never ahead of what is
//! copied later: the published changes, then the snapshots, then the log, of which the last complete item is the end of
//! the copy.

use super::{Disk, Error, Log, name, snapshot};
use std::io::{self, Read, Write};

/// What a backup has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
    /// The timestamp of the last item, if there is any; see [`crate::model::timestamp`].
    pub time: Option<u64>,
}

/// Copies state and published changes to empty disks, and reads the copy.
///
/// # Errors
///
/// A disk that fails, and a state that is damaged: then the copy is of no use.
pub fn copy<D: Disk, T: Disk>(state: D, published: &D, mut to: T, to_published: &mut T) -> Result<Copied, Error> {
    let mut copied = Copied { files: 0, bytes: 0, time: None };
    for file in published.names().map_err(Error::disk("list", "reports/changes"))? {
        if file.ends_with(".jsonl") {
            copied.file(published, to_published, &file)?;
        }
    }
    for file in snapshot::list(&state)? {
        match copied.file(&state, &mut to, &file) {
            // Another one has taken its place, and the log that it needs is copied below.
            Err(Error::Disk { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    let log = Log::open(state)?;
    for &segment in &log.segments {
        copied.file(&log.disk, &mut to, &name(segment))?;
    }
    let sealed = log.sealed;
    drop(log);
    let mut log = Log::open(to)?;
    // What was acknowledged before the log was copied must be in the copy.
    log.sealed = sealed;
    let mut base = None;
    for file in snapshot::list(log.read_only())? {
        let begin = snapshot::read(log.read_only(), &file, |_, _| Ok(()))?;
        if let Some(last) = begin.last {
            log.check(begin.log, last)?;
        }
        base = base.or(Some(begin));
    }
    if base.is_none() {
        log.origin()?;
    }
    let first = log.first_item()?;
    let found = log.intact(Some((first, None)))?;
    if let Some(why) = found.why {
        return Err(Error::Contradiction(why));
    }
    copied.time = found.time.or(base.map(|begin| begin.time));
    log.resume(&found.tail)?;
    log.seal()?;
    Ok(copied)
}

impl Copied {
    fn file(&mut self, from: &impl Disk, to: &mut impl Disk, file: &str) -> Result<(), Error> {
        struct Into<'a, T> {
            disk: &'a mut T,
            file: &'a str,
        }
        impl<T: Disk> Write for Into<'_, T> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.disk.append(self.file, bytes)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                self.disk.sync(self.file)
            }
        }
        // As long as it is now: it may grow meanwhile.
        let length = from.length(file).map_err(Error::disk("look at", file))?;
        let mut read = from.read(file, 0).map_err(Error::disk("read", file))?.take(length);
        let mut into = io::BufWriter::with_capacity(1 << 20, Into { disk: to, file });
        self.bytes += io::copy(&mut read, &mut into).map_err(Error::disk("copy", file))?;
        into.flush().map_err(Error::disk("write", file))?;
        self.files += 1;
        Ok(())
    }
}
