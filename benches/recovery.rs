//! Recovery: the time until a stored district can be queried after a restart, from its snapshot and from its log alone. It is
//! open when every violation is known. And the time to find the provenance of rows in the log.
//!
//! `cargo bench --bench recovery -- [students ...] [--workers N]`
//!
//! Each row is a separate process, like a restart, so their memory is independent.

mod support;

use rollcall::district::{District, Incoming, Outcome, provenance};
use rollcall::model::finding::digest;
use rollcall::model::{RowName, Table};
use rollcall::plan::Plan;
use rollcall::source::folder::Tables;
use rollcall::source::{Delivery, Mode, Scope};
use rollcall::store::disk::Folder;
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument that makes a process one of those measured.
const STEP: &str = "--step";

fn main() {
    rollcall::process::without_huge_pages();
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == STEP) {
        let [what, path, number, workers] = &words[at + 1..at + 5] else { unreachable!("a step has four words") };
        let workers = workers.parse().expect("a number of workers");
        return match what.as_str() {
            "take" => take(Path::new(path), number.parse().expect("a number of students"), workers),
            "places" => find(Path::new(path), number.parse().expect("a number of rows")),
            _ => open(Path::new(path), number.parse().expect("a number of rows"), workers),
        };
    }
    let arguments = support::Arguments::read(&[10_000]);
    println!("| students | rows | from | bytes | seconds | CPU s | rows per CPU s | peak MiB | violations |");
    println!("| --: | --: | --- | --: | --: | --: | --: | --: | --: |");
    for &students in &arguments.students {
        let path = std::env::temp_dir().join(format!("rollcall-recovery-{}-{students}", std::process::id()));
        let workers = arguments.workers.to_string();
        let step = |what: &str, number: &str| {
            let step = [STEP, what, path.to_str().expect("a path in UTF-8"), number, &workers];
            let this = std::env::current_exe().expect("the bench knows itself");
            let output = Command::new(this).args(step).output().expect("the bench starts itself");
            assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text is UTF-8").trim().to_owned()
        };
        let told = step("take", &students.to_string());
        let rows = told.split(' ').next().expect("a row begins with its number of rows").to_owned();
        println!("| {students} | {}", told.replacen(' ', " | ", 1));
        println!("| {students} | {rows} | {}", step("snapshot", &rows));
        let state = path.join("state");
        let entries = fs::read_dir(&state).expect("the state is there").flatten();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("snapshot")) {
            fs::remove_file(entry.path()).expect("a snapshot can be removed");
        }
        println!("| {students} | {rows} | {}", step("log", &rows));
        println!("| {students} | {rows} | {}", step("places", &rows));
        fs::remove_dir_all(&path).expect("the temporary folder goes away");
    }
}

fn opened(path: &Path, workers: usize) -> District<Folder> {
    let state = Folder::locked(&path.join("state")).expect("the temporary folder is writable");
    let changes = Folder::shared(&path.join("changes")).expect("the temporary folder is writable");
    let opened = District::open(state, changes, Plan::default(), workers, support::day(), &mut |_, _| {});
    let (district, recovery) = opened.expect("the log is intact");
    assert!(recovery.unused.is_empty() && recovery.torn == 0);
    district
}

/// Accepts a generated district in full, and closes it.
fn take(path: &Path, students: u32, workers: usize) {
    let generated = support::District::generate(students);
    let mut district = opened(path, workers);
    // The contents of files do not matter here, only their names.
    let files: BTreeMap<String, String> = Table::ALL
        .iter()
        .map(|table| (format!("{}.csv", table.spec().name), digest(table.spec().name.as_bytes())))
        .collect();
    let clock = (Instant::now(), support::process_cpu_seconds());
    let mut read = |file: &str| Ok(generated.bytes(file.trim_end_matches(".csv")));
    let unless_stated = Some(Mode::Full(Scope::default()));
    let mut delivery = Delivery { files: files.keys().cloned().collect(), read: &mut read, unless_stated };
    let incoming = Incoming { source: "bench", label: "all", format: &Tables, digests: &files, piece: None };
    let rows = match district.take(&incoming, &mut delivery).expect("a generated district is valid") {
        Outcome::Accepted { files, .. } => files.iter().map(|file| file.rows).sum::<u64>(),
        outcome => panic!("{outcome:?}"),
    };
    let violations = district.violations().len();
    district.close().expect("the temporary folder has room");
    print!("{rows} ");
    tell("its files, taken", generated.length(), rows, clock, &violations.to_string());
}

/// The total size of the state files whose names begin with this.
fn bytes(path: &Path, name: &str) -> u64 {
    let entries = fs::read_dir(path.join("state")).expect("the state is there").flatten();
    let of = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(name));
    of.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// Opens the stored district.
fn open(path: &Path, rows: u64, workers: usize) {
    let (from, bytes) = match bytes(path, "snapshot") {
        0 => ("the log alone", bytes(path, "log-")),
        bytes => ("a snapshot", bytes),
    };
    let clock = (Instant::now(), support::process_cpu_seconds());
    let district = opened(path, workers);
    tell(from, bytes, rows, clock, &district.violations().len().to_string());
}

/// Looks up the provenance of a hundred enrollments.
fn find(path: &Path, rows: u64) {
    let state = Folder::shared(&path.join("state")).expect("the state is there");
    let keys = (1..=100).filter_map(NonZeroU32::new).map(|key| (Table::SchoolEnrollment, RowName::Key(key)));
    let clock = (Instant::now(), support::process_cpu_seconds());
    let found = provenance::find(state, &keys.collect()).expect("the log is intact");
    assert_eq!(found.len(), 100);
    tell("where 100 rows stand, from the log", bytes(path, "log-"), rows, clock, "");
}

fn tell(from: &str, bytes: u64, rows: u64, (begin, cpu): (Instant, f64), violations: &str) {
    let cpu = support::process_cpu_seconds() - cpu;
    println!(
        "{from} | {bytes} | {:.1} | {cpu:.1} | {:.0} | {} | {violations} |",
        begin.elapsed().as_secs_f64(),
        rows as f64 / cpu,
        support::peak_bytes() >> 20,
    );
}
