//! Zip bombs are not unpacked.

use super::MIB;
use crate::memory::most_held;
use rollcall::source::FileError;
use rollcall::source::zip::Zip;
use std::io::{Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

pub(super) fn packed(entries: impl IntoIterator<Item = (String, usize)>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let zeros = vec![0; MIB];
    for (name, mebibytes) in entries {
        writer.start_file(name, SimpleFileOptions::default()).expect("an entry can be begun");
        (0..mebibytes).for_each(|_| writer.write_all(&zeros).expect("memory takes every byte"));
    }
    writer.finish().expect("memory takes every byte").into_inner()
}

/// Opens an archive and reads everything; returns the number of files read and the first error.
fn unpack(bytes: &[u8]) -> (usize, Option<String>) {
    let mut zip = match Zip::open(Cursor::new(bytes)) {
        Ok(zip) => zip,
        Err(error) => return (0, Some(error.to_string())),
    };
    let read: Vec<_> = zip.files().iter().map(|file| zip.read(file).map(|bytes| bytes.len())).collect();
    let error = read.iter().find_map(|read| read.as_ref().err().map(FileError::to_string));
    (read.iter().filter(|read| read.is_ok()).count(), error)
}

#[test]
fn zip_bombs_are_not_unpacked() {
    // Two MiB that unpack to two GiB, and a hundred such entries.
    let one = packed([("course.csv".to_owned(), 2_000)]);
    let ((read, error), most) = most_held(|| unpack(&one));
    assert!(one.len() < 3 * MIB && read == 0 && most < MIB, "{most} bytes held for {}", one.len());
    let expected = "cannot read the zip file: \"course.csv\" unpacks to 2097152000 bytes from 2";
    assert!(error.as_ref().is_some_and(|error| error.starts_with(expected)), "{error:?}");
    let mut archive = zip::ZipArchive::new(Cursor::new(&one)).expect("a valid archive");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..100 {
        let entry = archive.by_index_raw(0).expect("the entry");
        writer.raw_copy_file_rename(entry, format!("{number}.csv")).expect("memory takes every byte");
    }
    let hundred = writer.finish().expect("memory takes every byte").into_inner();
    let ((read, error), most) = most_held(|| unpack(&hundred));
    assert!(read == 0 && error.is_some() && most < MIB, "{most} bytes held for {}", hundred.len());

    // Entries that claim to be small, packed or unpacked.
    for place in [20, 24] {
        let mut lying = one.clone();
        let central = lying.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").expect("a list of entries");
        lying[central + place..central + place + 4].copy_from_slice(&1_000u32.to_le_bytes());
        let ((read, error), most) = most_held(|| unpack(&lying));
        assert!(read == 0 && error.is_some() && most < MIB, "{place}: {error:?}, {most} bytes");
    }
    // A list of entries with a wrong count.
    for count in [0u16, 2, 0xFFFE, 0xFFFF] {
        let mut lying = packed([("course.csv".to_owned(), 0)]);
        let end = lying.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").expect("an end");
        lying[end + 8..end + 10].copy_from_slice(&count.to_le_bytes());
        lying[end + 10..end + 12].copy_from_slice(&count.to_le_bytes());
        let (_, most) = most_held(|| unpack(&lying));
        assert!(most < MIB, "{count}: {most} bytes");
    }
}

#[test]
fn a_zip_file_may_have_any_number_of_names() {
    for count in [1_000, 100_000] {
        let many = packed((0..count).map(|number| (format!("{number}.csv"), 0)));
        let ((read, error), most) = most_held(|| unpack(&many));
        assert_eq!((read, error.is_some()), if count == 1_000 { (1_000, false) } else { (0, true) }, "{error:?}");
        assert!(most < 12 * many.len() + MIB, "{most} bytes held for {}", many.len());
    }
    // Folders within folders, as deep as a name allows.
    let deep = packed((0..100).map(|number| (format!("{}{number}.csv", "a/".repeat(32_000)), 0)));
    let ((read, error), most) = most_held(|| unpack(&deep));
    assert_eq!((read, error), (0, None));
    assert!(most < 6 * deep.len() + MIB, "{most} bytes held for {}", deep.len());
    let nested = packed([("a.zip".to_owned(), 1), ("x/../a.csv".to_owned(), 0)]);
    assert!(unpack(&nested).1.is_some_and(|error| error.contains("leads out of the archive")));
}
