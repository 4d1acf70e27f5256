//! Deliveries in one zip file. The archive may be careless or malicious, so paths that lead out of it, entries that
//! unpack to an absurd size and duplicate names are errors, and an entry is unpacked only when it is read.

use super::FileError;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::result::ZipError;

/// Most entries.
const MOST_ENTRIES: usize = 1_000;
/// Most bytes of an entry.
const MOST_BYTES: u64 = 2 << 30;
/// How many times its packed size an entry may unpack to, on top of `ANY_BYTES`. Deflate reaches 1,032 at most, for a
/// file that repeats one thing; tables reach 5 to 30, and 80 if only their ids differ.
const MOST_TIMES: u64 = 100;
/// The size that any entry may have, in bytes.
const ANY_BYTES: u64 = 16 << 20;

/// A zip file whose entries are unpacked on demand.
pub struct Zip<R> {
    archive: ZipArchive<R>,
    /// Bytes of the whole file; no entry can be packed into more.
    length: u64,
    /// Entries by name, without the folder that all of them are in.
    entries: BTreeMap<String, usize>,
}

fn wrong(why: impl Into<String>) -> FileError {
    FileError::Zip { why: why.into() }
}

fn broken(error: &ZipError) -> FileError {
    match error {
        ZipError::UnsupportedArchive(why) => wrong(format!("it uses an unsupported archive format: {why}")),
        ZipError::CompressionMethodNotSupported(number) => wrong(format!("it uses unsupported compression method {number}")),
        other => wrong(format!("it is damaged or not a zip file: {other}")),
    }
}

impl<R: Read + Seek> Zip<R> {
    /// Opens a zip file and reads its list of entries, but none of the entries.
    pub fn open(mut reader: R) -> Result<Zip<R>, FileError> {
        let length = reader.seek(SeekFrom::End(0)).map_err(|error| broken(&ZipError::Io(error)))?;
        let archive = ZipArchive::new(reader).map_err(|error| broken(&error))?;
        if archive.has_duplicate_names() {
            return Err(wrong("two of its entries have the same name"));
        }
        if archive.len() > MOST_ENTRIES {
            return Err(wrong(format!("it has {} entries; the limit is {MOST_ENTRIES}", archive.len())));
        }
        let mut paths: Vec<(Vec<String>, usize)> = Vec::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_data(index).map_err(|error| broken(&error))?;
            let name = entry.name().map_err(|error| broken(&error))?;
            let Some(path) = path(&name)? else { continue };
            if entry.is_dir() {
                continue;
            }
            if entry.is_symlink() {
                return Err(wrong(format!("{name:?} is a link, not a file")));
            }
            if entry.encrypted() {
                return Err(wrong(format!("{name:?} is encrypted")));
            }
            paths.push((path, index));
        }
        // Zipping the folder instead of its files puts everything one level deeper.
        let top = paths.first().map(|(path, _)| path[0].clone());
        let is_in_folder = paths.iter().all(|(path, _)| path.len() > 1 && Some(&path[0]) == top.as_ref());
        let mut entries: BTreeMap<String, usize> = BTreeMap::new();
        for (mut path, index) in paths {
            path.drain(..usize::from(is_in_folder));
            // Files in deeper folders are not part of the delivery.
            if let [name] = &path[..] {
                if let Some(other) = entries.keys().find(|other| other.eq_ignore_ascii_case(name)) {
                    return Err(wrong(format!("entries {other:?} and {name:?} have the same name")));
                }
                entries.insert(name.clone(), index);
            }
        }
        Ok(Zip { archive, length, entries })
    }

    /// The names of its files, sorted.
    pub fn files(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    /// Unpacks a file.
    pub fn read(&mut self, file: &str) -> Result<Vec<u8>, FileError> {
        let index = *self.entries.get(file).ok_or_else(|| wrong(format!("it does not contain {file:?}")))?;
        let entry = self.archive.by_index(index).map_err(|error| broken(&error))?;
        // Neither the stated sizes nor the content can be trusted.
        let (packed, stated) = (entry.compressed_size().min(self.length), entry.size());
        let most = MOST_BYTES.min(packed.saturating_mul(MOST_TIMES).saturating_add(ANY_BYTES));
        if stated > most {
            return Err(wrong(format!("{file:?} unpacks to {stated} bytes from {packed}; the limit is {most}")));
        }
        let mut bytes = Vec::new();
        entry.take(stated + 1).read_to_end(&mut bytes).map_err(|error| wrong(format!("{file:?} is damaged: {error}")))?;
        if bytes.len() as u64 != stated {
            return Err(wrong(format!("{file:?} is damaged: it does not have the {stated} bytes that it states")));
        }
        Ok(bytes)
    }
}

/// The parts of an entry's path; `None` for files that operating systems leave in archives.
fn path(name: &str) -> Result<Option<Vec<String>>, FileError> {
    // Old Windows programs separate folders by backslashes.
    let name = name.replace('\\', "/");
    let parts: Vec<&str> = name.trim_end_matches('/').split('/').collect();
    let leads_out = |part: &&str| part.is_empty() || *part == "." || *part == ".." || part.contains([':', '\0']);
    if parts.iter().any(leads_out) {
        return Err(wrong(format!("path {name:?} leads out of the archive")));
    }
    let is_left_over = parts.iter().any(|part| part.starts_with('.') || *part == "__MACOSX");
    // Two levels are enough to tell that a file is too deep.
    Ok((!is_left_over).then(|| parts.into_iter().take(3).map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{Cursor, Write};
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn open(bytes: Vec<u8>) -> Result<Zip<Cursor<Vec<u8>>>, FileError> {
        Zip::open(Cursor::new(bytes))
    }

    fn error(bytes: Vec<u8>) -> String {
        let error = open(bytes).err().unwrap();
        assert!(error.hint().contains("without a password"));
        error.to_string()
    }

    #[test]
    fn files_lie_at_the_root_or_in_one_folder() {
        for folder in ["", "export/", "export\\"] {
            let (first, second) = (format!("{folder}orgs.csv"), format!("{folder}users.csv"));
            let left_over = [("__MACOSX/._orgs.csv", &b"?"[..]), (".DS_Store", b"?")];
            let entries = [(first.as_str(), &b"a,b\n"[..]), (second.as_str(), b"c\n"), left_over[0], left_over[1]];
            let mut zip = open(packed(&entries)).unwrap();
            assert_eq!(zip.files(), ["orgs.csv", "users.csv"], "{folder:?}");
            assert_eq!(
                (zip.read("users.csv").unwrap(), zip.read("orgs.csv").unwrap()),
                (b"c\n".to_vec(), b"a,b\n".to_vec())
            );
            assert!(zip.read("classes.csv").is_err());
        }
        let zip = open(packed(&[("orgs.csv", b""), ("docs/readme.csv", b"")])).unwrap();
        assert_eq!(zip.files(), ["orgs.csv"]);
    }

    #[test]
    fn an_invalid_archive_is_an_error() {
        assert!(error(b"sourcedId,name\n".to_vec()).contains("not a zip file"));
        assert!(error(packed(&[("a/../../orgs.csv", b"")])).contains("leads out of the archive"));
        assert!(error(packed(&[("C:orgs.csv", b"")])).contains("leads out of the archive"));
        assert!(error(packed(&[("/etc/orgs.csv", b"")])).contains("leads out of the archive"));
        assert!(error(packed(&[("orgs.csv", b""), ("Orgs.csv", b"")])).contains("have the same name"));
        let names: Vec<String> = (0..1_001).map(|number| format!("{number}.csv")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert!(error(packed(&many)).contains("1001 entries"));
        // The lowest bit of an entry's flags marks it as encrypted; both of its headers have the flags.
        let mut encrypted = packed(&[("orgs.csv", b"a")]);
        let central = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        encrypted[6] |= 1;
        encrypted[central + 8] |= 1;
        assert!(error(encrypted).contains("is encrypted"));
    }

    #[test]
    fn an_entry_that_grows_out_of_proportion_is_refused() {
        let archive = packed(&[("zeros.csv", &vec![0; 16 << 20])]);
        assert!(open(archive).unwrap().read("zeros.csv").is_ok(), "small files are always accepted");
        let archive = packed(&[("zeros.csv", &vec![0; 64 << 20])]);
        assert!(archive.len() < 100_000);
        let error = open(archive.clone()).and_then(|mut zip| zip.read("zeros.csv")).unwrap_err();
        assert!(error.to_string().contains("unpacks to 67108864 bytes from 65"), "{error}");
        // Entries that understate their size, packed and unpacked.
        for place in [20, 24] {
            let mut lying = archive.clone();
            let central = lying.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
            lying[central + place..central + place + 4].copy_from_slice(&100u32.to_le_bytes());
            let error = open(lying).and_then(|mut zip| zip.read("zeros.csv")).unwrap_err();
            assert!(matches!(error, FileError::Zip { .. }), "{error}");
        }
    }

    proptest! {
        /// No bytes can cause a panic, neither random ones nor a damaged archive.
        #[test]
        fn any_bytes_are_read(
            any in prop::collection::vec(any::<u8>(), 0..200),
            changed in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        ) {
            let _ = open(any);
            let mut bytes = packed(&[("orgs.csv", &[b'a'; 100]), ("x/users.csv", b"sourcedId\n1\n")]);
            for (place, byte) in changed {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            if let Ok(mut zip) = open(bytes) {
                for file in zip.files() {
                    let _ = zip.read(&file);
                }
            }
        }
    }
}
