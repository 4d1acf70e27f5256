//! The head of a file: its first frame, as JSON, so that any version can say what a file is and by which schema to read it.

use super::frame::{self, Found, Kind};
use super::schema::{Reading, Schema};
use super::{Disk, Error};
use serde::{Deserialize, Serialize};

/// The version that wrote files without heads.
pub const FIRST: &str = "0.1.0";

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The name of the file.
    pub file: String,
    /// The version of rollcall that began it.
    pub rollcall: String,
    /// In a segment, the checksum of the last frame of the segment before; 0 in the first.
    pub before: u32,
    /// What its content is.
    pub schema: Schema,
}

impl Head {
    /// The head of a file of this version.
    pub fn new(file: &str, before: u32) -> Head {
        let rollcall = env!("CARGO_PKG_VERSION").to_owned();
        Head { file: file.to_owned(), rollcall, before, schema: Schema::current().clone() }
    }

    /// The head that a file of the version before heads would have.
    pub fn first(file: &str) -> Head {
        Head { file: file.to_owned(), rollcall: FIRST.to_owned(), before: 0, schema: Schema::first().clone() }
    }

    /// The head of a file on a disk; none in a file of the formats before heads.
    ///
    /// # Errors
    ///
    /// A file that begins with neither a head nor a frame of an earlier format.
    pub fn of(disk: &impl Disk, file: &str) -> Result<Option<(Head, Reading)>, Error> {
        let mut payload = Vec::new();
        let mut from = disk.read(file, 0).map_err(Error::disk("read", file))?;
        let damaged = |why: &str| Error::Damaged { file: file.to_owned(), offset: 0, why: why.to_owned() };
        match frame::read(&mut *from, &mut payload).map_err(Error::disk("read", file))? {
            Found::Whole(frame) if frame.kind == Kind::Head => Head::read(file, &payload).map(Some),
            Found::Whole(frame) if frame.version < frame::LINKED => Ok(None),
            Found::Newer(version) => Err(Error::Newer { file: file.to_owned(), version }),
            Found::Whole(_) => Err(damaged("its head is missing")),
            Found::Bad(why) => Err(damaged(why)),
            Found::End => Err(damaged("it is empty")),
        }
    }

    /// Appends it as a frame and returns its checksum.
    pub fn write(&self, into: &mut Vec<u8>) -> u32 {
        let text = serde_json::to_vec(self).expect("invariant: names and numbers can be written as JSON");
        frame::write(Kind::Head, 0, &text, into)
    }

    /// Reads it from the payload of its frame.
    ///
    /// # Errors
    ///
    /// A head of another file, or one that is not valid.
    pub fn read(file: &str, payload: &[u8]) -> Result<(Head, Reading), Error> {
        let damaged = |why: String| Error::Damaged { file: file.to_owned(), offset: 0, why };
        let head: Head = serde_json::from_slice(payload).map_err(|error| damaged(format!("invalid head: {error}")))?;
        if head.file != file {
            return Err(damaged(format!("it is {}", head.file)));
        }
        let reading = Reading::of(&head.schema).map_err(damaged)?;
        Ok((head, reading))
    }
}

/// A file of this version with these payloads, for tests of what reads it.
pub fn file(name: &str, payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before = Head::new(name, 0).write(&mut bytes);
    for payload in payloads {
        before = frame::write(Kind::Content, before, payload, &mut bytes);
    }
    bytes
}
