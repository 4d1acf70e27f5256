//! The seal: how far the log was acknowledged. A frame that is not whole at the end of the log was torn by a crash if it
//! lies behind the seal; before it, it was damaged later, and what it held is missing.
//!
//! The seal is written after the log is synced and is not synced itself: it may be behind after a power loss, never
//! ahead. One that cannot be read proves nothing and is not missed.

use super::{Disk, Error, Position};
use std::io::Read;

/// Its file.
const FILE: &str = "sealed";

/// Writes it.
pub(super) fn write(disk: &mut impl Disk, end: Position) -> Result<(), Error> {
    let text = format!("log {:08} {:020}", end.segment, end.offset);
    let sum = crc32c::crc32c(text.as_bytes());
    disk.overwrite(FILE, format!("{text} {sum:08x}\n").as_bytes()).map_err(Error::disk("write", FILE))
}

/// Reads it.
pub(super) fn read(disk: &impl Disk) -> Result<Option<Position>, Error> {
    if !disk.names().map_err(Error::disk("list", "the log"))?.iter().any(|name| name == FILE) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut from = disk.read(FILE, 0).map_err(Error::disk("read", FILE))?;
    from.by_ref().take(1024).read_to_end(&mut bytes).map_err(Error::disk("read", FILE))?;
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Option<Position> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let (text, sum) = text.rsplit_once(' ')?;
    if u32::from_str_radix(sum, 16).ok()? != crc32c::crc32c(text.as_bytes()) {
        return None;
    }
    let (segment, offset) = text.strip_prefix("log ")?.split_once(' ')?;
    Some(Position { segment: segment.parse().ok()?, offset: offset.parse().ok()? })
}
