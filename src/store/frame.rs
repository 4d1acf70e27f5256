//! Frames: units that are written at once and read completely or not at all. A frame states its length and has a
//! checksum over header and payload, which detects torn and damaged frames.
//!
//! ```text
//! "RCFR"  version u8  kind u8  2 bytes 0  length u32  CRC32C u32   payload
//! ```
//! Numbers are little-endian; the checksum covers everything before it and the payload. Later versions keep this layout,
//! so that a frame of a later version can be told from damage.

use std::io::{self, Read};

/// The longest payload; a greater length is damage.
pub const LONGEST: usize = 64 << 20;
/// The version written, and the latest that can be read.
///
/// Version 2 added records of places. Version 3 changed snapshots. Version 4 added the [head](super::head), and every frame
/// after it begins with the checksum of the one before.
pub const VERSION: u8 = 4;
/// The first version with heads and linked frames.
pub const LINKED: u8 = 4;
/// Bytes before the payload.
pub const HEAD: usize = 16;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Records, or a section of a snapshot.
    Content,
    /// The head of a file.
    Head,
}
const MAGIC: &[u8; 4] = b"RCFR";

/// Appends a payload as a frame and returns its checksum. A frame of content is linked to the one before by its checksum.
///
/// # Panics
///
/// If the payload is longer than [`LONGEST`]: callers must not let it come to that.
pub fn write(kind: Kind, before: u32, payload: &[u8], into: &mut Vec<u8>) -> u32 {
    let link = match kind {
        Kind::Content => &before.to_le_bytes()[..],
        Kind::Head => &[],
    };
    let length = u32::try_from(link.len() + payload.len()).ok().filter(|&length| length as usize <= LONGEST);
    let length = length.expect("invariant: callers keep payloads below the longest");
    let begin = into.len();
    into.extend_from_slice(MAGIC);
    into.extend_from_slice(&[VERSION, kind as u8, 0, 0]);
    into.extend_from_slice(&length.to_le_bytes());
    let sum = crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(&into[begin..]), link), payload);
    into.extend_from_slice(&sum.to_le_bytes());
    into.extend_from_slice(link);
    into.extend_from_slice(payload);
    sum
}

/// Appends a payload as a frame of one of the formats before links, which tests read and nobody else writes.
pub fn write_unlinked(version: u8, payload: &[u8], into: &mut Vec<u8>) {
    let begin = into.len();
    into.extend_from_slice(MAGIC);
    into.extend_from_slice(&[version, 0, 0, 0]);
    into.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    let sum = crc32c::crc32c_append(crc32c::crc32c(&into[begin..]), payload);
    into.extend_from_slice(&sum.to_le_bytes());
    into.extend_from_slice(payload);
}

/// The result of reading at the position of a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A frame; its payload is in the buffer.
    Whole(Frame),
    /// The end of the input.
    End,
    /// Bytes that are not a valid frame, and why.
    Bad(&'static str),
    /// A frame of a later version.
    Newer(u8),
}

/// A frame that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The version of its format.
    pub version: u8,
    /// What it holds.
    pub kind: Kind,
    /// Its checksum.
    pub sum: u32,
    /// Its length in bytes.
    pub length: usize,
    /// The checksum of the frame before; none in a head and in formats without links.
    pub before: Option<u32>,
}

/// Reads the next frame's payload into a buffer. Uses no more memory than there are bytes to read.
pub fn read(from: &mut dyn Read, payload: &mut Vec<u8>) -> io::Result<Found> {
    let mut head = [0; HEAD];
    let read = fill(from, &mut head)?;
    if read == 0 {
        return Ok(Found::End);
    }
    if read < HEAD {
        return Ok(Found::Bad("the frame header is cut off"));
    }
    if &head[..4] != MAGIC {
        return Ok(Found::Bad("there is no frame here"));
    }
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (length, sum) = (number(8) as usize, number(12));
    if length > LONGEST {
        return Ok(Found::Bad("the frame length is invalid"));
    }
    payload.clear();
    from.take(length as u64).read_to_end(payload)?;
    if payload.len() < length {
        return Ok(Found::Bad("the frame is cut off"));
    }
    if crc32c::crc32c_append(crc32c::crc32c(&head[..12]), payload) != sum {
        return Ok(Found::Bad("the checksum does not match"));
    }
    let version = head[4];
    let kind = match head[5] {
        0 => Kind::Content,
        1 if version >= LINKED => Kind::Head,
        _ => return Ok(Found::Newer(version)),
    };
    let mut before = None;
    if version >= LINKED && kind == Kind::Content {
        let Some((link, _)) = payload.split_first_chunk() else { return Ok(Found::Bad("the frame is not linked")) };
        before = Some(u32::from_le_bytes(*link));
        payload.drain(..link.len());
    }
    let frame = Frame { version, kind, sum, length: HEAD + length, before };
    Ok(if version > VERSION { Found::Newer(version) } else { Found::Whole(frame) })
}

/// Whether a valid frame begins anywhere in these bytes: then what comes before it was damaged, not torn.
pub(crate) fn any_in(bytes: &[u8]) -> bool {
    let mut payload = Vec::new();
    memchr::memmem::find_iter(bytes, MAGIC)
        .any(|at| matches!(read(&mut &bytes[at..], &mut payload), Ok(Found::Whole(_) | Found::Newer(_))))
}

fn fill(from: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match from.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_change_to_a_frame_is_detected() {
        let mut bytes = Vec::new();
        let first = write(Kind::Content, 7, b"attendance", &mut bytes);
        let length = bytes.len();
        let second = write(Kind::Content, first, b"", &mut bytes);
        let mut payload = Vec::new();
        let mut from = &bytes[..];
        let whole = |sum, length, before| {
            Found::Whole(Frame { version: VERSION, kind: Kind::Content, sum, length, before: Some(before) })
        };
        assert_eq!(read(&mut from, &mut payload).unwrap(), whole(first, HEAD + 14, 7));
        assert_eq!(payload, b"attendance");
        assert_eq!(read(&mut from, &mut payload).unwrap(), whole(second, HEAD + 4, first));
        assert_eq!(payload, b"");
        assert_eq!(read(&mut from, &mut payload).unwrap(), Found::End);
        for bit in 0..8 * length {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(read(&mut &damaged[..], &mut payload).unwrap(), Found::Bad(_)), "bit {bit}");
            assert!(any_in(&damaged), "the next frame is valid");
        }
        for length in 1..length {
            let why = if length < HEAD { "the frame header is cut off" } else { "the frame is cut off" };
            assert_eq!(read(&mut &bytes[..length], &mut payload).unwrap(), Found::Bad(why), "{length} bytes");
            assert!(!any_in(&bytes[..length]));
        }
    }

    #[test]
    fn a_head_is_not_linked_and_other_versions_are_told_apart() {
        let mut payload = Vec::new();
        let mut bytes = Vec::new();
        let sum = write(Kind::Head, 7, b"{}", &mut bytes);
        let head = Frame { version: VERSION, kind: Kind::Head, sum, length: HEAD + 2, before: None };
        assert_eq!(read(&mut &bytes[..], &mut payload).unwrap(), Found::Whole(head));
        for version in [1, LINKED - 1, VERSION + 1] {
            let mut bytes = Vec::new();
            write_unlinked(version, b"attendance", &mut bytes);
            match read(&mut &bytes[..], &mut payload).unwrap() {
                Found::Whole(frame) => {
                    assert_eq!((frame.version, frame.before, &payload[..]), (version, None, &b"attendance"[..]))
                }
                found => assert_eq!((found, version), (Found::Newer(version), VERSION + 1)),
            }
        }
        // Content that is not long enough for a link, or of an unknown kind.
        let mut bytes = Vec::new();
        write_unlinked(VERSION, b"abc", &mut bytes);
        assert_eq!(read(&mut &bytes[..], &mut payload).unwrap(), Found::Bad("the frame is not linked"));
        bytes[5] = 9;
        let sum = crc32c::crc32c_append(crc32c::crc32c(&bytes[..12]), b"abc");
        bytes[12..HEAD].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(read(&mut &bytes[..], &mut payload).unwrap(), Found::Newer(VERSION));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), framed in any::<bool>()) {
            let mut bytes = bytes;
            if framed {
                bytes.splice(0..0, *b"RCFR\x01\0\0\0");
            }
            let mut payload = Vec::new();
            prop_assert!(read(&mut &bytes[..], &mut payload).is_ok());
            prop_assert!(payload.capacity() <= 2 * bytes.len() + 64);
            any_in(&bytes);
        }
    }

    #[test]
    fn a_frame_may_be_as_long_as_the_longest_and_no_longer() {
        let (mut bytes, mut payload) = (Vec::new(), Vec::new());
        write(Kind::Head, 0, &vec![7; LONGEST], &mut bytes);
        assert!(matches!(read(&mut &bytes[..], &mut payload).unwrap(), Found::Whole(_)));
        assert_eq!(payload.len(), LONGEST);
        bytes[8..12].copy_from_slice(&(LONGEST as u32 + 1).to_le_bytes());
        bytes.push(7);
        assert_eq!(read(&mut &bytes[..], &mut payload).unwrap(), Found::Bad("the frame length is invalid"));
    }

    #[test]
    #[should_panic(expected = "callers keep payloads below the longest")]
    fn a_longer_frame_is_not_written() {
        write(Kind::Head, 0, &vec![7; LONGEST + 1], &mut Vec::new());
    }

    /// Gives a byte at a time, each after an interruption, and in the end an error.
    struct Slow<'a> {
        rest: &'a [u8],
        is_interrupted: bool,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.is_interrupted = !self.is_interrupted;
            if self.is_interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let Some((first, rest)) = self.rest.split_first() else { return Err(io::ErrorKind::TimedOut.into()) };
            (into[0], self.rest) = (*first, rest);
            Ok(1)
        }
    }

    #[test]
    fn a_slow_disk_is_waited_for_and_a_broken_one_is_not() {
        let (mut bytes, mut payload) = (Vec::new(), Vec::new());
        write(Kind::Content, 0, b"attendance", &mut bytes);
        let mut slow = Slow { rest: &bytes, is_interrupted: false };
        assert!(matches!(read(&mut slow, &mut payload).unwrap(), Found::Whole(_)));
        assert_eq!(payload, b"attendance");
        assert_eq!(read(&mut slow, &mut payload).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
