//! States of released versions: each opens in this version, which finds the same violations and publishes the same figures, and
//! goes on from there. The schema of its log is that of the version that wrote it.

use crate::support::Folder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

/// A released version whose state is a fixture, and the last day in it.
const RELEASES: &[(&str, &str)] = &[("0.1.0", "2025-10-20")];

/// Words that were changed since: as they were published then, and as they are now.
fn words(version: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(version).join("words.tsv");
    let text = fs::read_to_string(path).expect("a fixture has its list of words");
    let words = text.lines().map(|line| line.split_once('\t').expect("two words"));
    words.map(|(then, now)| (then.to_owned(), now.to_owned())).collect()
}

/// The files of an archive among the fixtures.
fn archive(version: &str, name: &str) -> BTreeMap<String, Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(version).join(name);
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut archive = zip::ZipArchive::new(file).expect("a fixture is an archive");
    let mut files = BTreeMap::new();
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).expect("the archive is whole");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("the archive is whole");
        files.insert(entry.name().expect("a name in UTF-8").into_owned(), bytes);
    }
    files
}

/// The state of a version, with what it published, in a folder `out`.
fn with_state(name: &str, version: &str) -> Folder {
    let folder = Folder::new(name);
    let mut files = archive(version, "state.zip");
    let changes = archive(version, "published.zip").into_iter().filter(|(file, _)| file.starts_with("changes/"));
    files.extend(changes.map(|(file, bytes)| (format!("reports/{file}"), bytes)));
    for (file, bytes) in files {
        let path = folder.0.join("out").join(file);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("folders can be made");
        fs::write(path, bytes).expect("files can be written");
    }
    folder
}

/// The rows of a table, in the columns of another.
fn rows(bytes: &[u8], columns: &[String]) -> BTreeSet<Vec<String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let headers: Vec<String> = reader.headers().expect("a table has headers").iter().map(str::to_owned).collect();
    let places = columns.iter().map(|column| headers.iter().position(|header| header == column));
    let places: Vec<usize> = places.map(|place| place.expect("a published column stays")).collect();
    let rows = reader.records().map(|row| row.expect("a row has all columns"));
    rows.map(|row| places.iter().map(|&place| row[place].to_owned()).collect()).collect()
}

#[test]
fn a_state_of_every_released_version_opens_and_publishes_the_same() {
    for (version, day) in RELEASES {
        let folder = with_state(&format!("upgrade-{version}"), version);
        let log = fs::read(folder.0.join("out/state/log-00000001")).expect("the log is there");
        folder.run(&["run", "--known-at", day, "--state", "out/state", "--out", "now"]);
        let mut compared = 0;
        for (file, bytes) in archive(version, "published.zip") {
            let now = match file.split_once('/') {
                Some(("changes", _)) => continue,
                Some(("warehouse", name)) => folder.0.join("now/warehouse/out").join(name),
                _ => folder.0.join("now/reports").join(&file),
            };
            let then = String::from_utf8(bytes).expect("tables are UTF-8");
            let then = words(version).iter().fold(then, |text, (then, now)| text.replace(then, now));
            let now = fs::read(&now).unwrap_or_else(|error| panic!("{}: {error}", now.display()));
            let columns: Vec<String> =
                csv::Reader::from_reader(then.as_bytes()).headers().expect("headers").iter().map(str::to_owned).collect();
            let (then, now) = (rows(then.as_bytes(), &columns), rows(&now, &columns));
            let only = |rows: &BTreeSet<Vec<String>>, others| rows.difference(others).take(3).cloned().collect::<Vec<_>>();
            assert_eq!((only(&then, &now), only(&now, &then)), (Vec::new(), Vec::new()), "{file} of version {version}");
            compared += 1;
        }
        assert!(compared > 30, "{compared} tables");

        // The state goes on: nothing of what was logged is written again, and a new segment has the new schema.
        folder.write("feed/2025-10-21/course.csv", "_op,course_id,org_id,title\nupsert,NEW,9000,Pottery\n");
        let text = folder.run(&["replay", "feed", "--out", "out"]);
        assert!(fs::read(folder.0.join("out/state/log-00000001")).expect("the log is there") == log, "{text}");
        let verified: serde_json::Value =
            serde_json::from_str(&folder.run(&["log", "verify", "--json", "--out", "out"])).expect("JSON");
        let segments = verified["segments"].as_array().expect("a list");
        assert_eq!(segments.len(), 2, "{verified:#}");
        assert_eq!(segments[0]["rollcall"], *version);
        assert_eq!(segments[1]["rollcall"], env!("CARGO_PKG_VERSION"));
        folder.run(&["replay", "feed", "--out", "out"]);
    }
}
