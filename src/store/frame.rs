//! Frames: units that are written at once and read completely or not at all. A frame states its length and has a
//! checksum over header and payload, which detects torn and damaged frames.
//!
//! ```text
//! "RCFR"  version u8, 3 bytes 0  length u32  CRC32C u32   payload
//! ```
//! Numbers are little-endian; the checksum covers everything before it and the payload. Later versions keep this layout,
//! so that a frame of a later version can be told from damage.

use std::io::{self, Read};

/// The longest payload; a greater length is damage.
pub const LONGEST: usize = 64 << 20;
/// The version written, and the latest that can be read.
///
/// Version 2 added records of places.
pub const VERSION: u8 = 3;
/// Bytes before the payload.
pub const HEAD: usize = 16;
const MAGIC: &[u8; 4] = b"RCFR";

/// Appends a payload as a frame.
pub fn write(payload: &[u8], into: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= LONGEST);
    let length = length.expect("invariant: callers keep payloads below the longest");
    let begin = into.len();
    into.extend_from_slice(MAGIC);
    into.extend_from_slice(&[VERSION, 0, 0, 0]);
    into.extend_from_slice(&length.to_le_bytes());
    let sum = crc32c::crc32c_append(crc32c::crc32c(&into[begin..]), payload);
    into.extend_from_slice(&sum.to_le_bytes());
    into.extend_from_slice(payload);
}

/// The result of reading at the position of a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A frame, and its version; its payload is in the buffer.
    Whole(u8),
    /// The end of the input.
    End,
    /// Bytes that are not a valid frame, and why.
    Bad(&'static str),
    /// A frame of a later version.
    Newer(u8),
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
    Ok(if head[4] > VERSION { Found::Newer(head[4]) } else { Found::Whole(head[4]) })
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
        write(b"attendance", &mut bytes);
        write(b"", &mut bytes);
        let mut payload = Vec::new();
        let mut from = &bytes[..];
        assert_eq!(read(&mut from, &mut payload).unwrap(), Found::Whole(VERSION));
        assert_eq!(payload, b"attendance");
        assert_eq!(read(&mut from, &mut payload).unwrap(), Found::Whole(VERSION));
        assert_eq!(payload, b"");
        assert_eq!(read(&mut from, &mut payload).unwrap(), Found::End);
        for bit in 0..8 * (HEAD + 10) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(read(&mut &damaged[..], &mut payload).unwrap(), Found::Bad(_)), "bit {bit}");
            assert!(any_in(&damaged), "the next frame is valid");
        }
        let mut newer = bytes.clone();
        newer[4] = VERSION + 1;
        let sum = crc32c::crc32c_append(crc32c::crc32c(&newer[..12]), b"attendance");
        newer[12..HEAD].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(read(&mut &newer[..], &mut payload).unwrap(), Found::Newer(VERSION + 1));
        for length in 1..HEAD + 10 {
            assert!(matches!(read(&mut &bytes[..length], &mut payload).unwrap(), Found::Bad(_)), "{length} bytes");
            assert!(!any_in(&bytes[..length]));
        }
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
}
