//! The program itself: days of a feed that are bombs, and its memory while it reads them.

use super::MIB;
use super::archives::packed;
use crate::support::Folder;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

/// Runs the program; returns its exit code, its output, and its peak memory in bytes.
fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, u64) {
    let path = folder.0.join("printed");
    let print = || Stdio::from(fs::File::options().create(true).append(true).open(&path).expect("the file is writable"));
    let _ = fs::remove_file(&path);
    let child = folder.command(arguments).stdout(print()).stderr(print()).spawn();
    let mut child = child.expect("the program starts");
    let mut most = 0;
    let status = loop {
        // The peak so far, on Linux; elsewhere unknown.
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = line.and_then(|line| line.parse::<u64>().ok()).map_or(most, |kibibytes| kibibytes << 10);
        match child.try_wait().expect("it can be waited for") {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    (status.code(), fs::read_to_string(&path).expect("text is UTF-8"), most)
}

/// Moves the second day of a feed aside to make room for another.
fn without_second_day(folder: &Folder) {
    fs::rename(folder.0.join("feed/2025-09-16"), folder.0.join("good")).expect("a day can be moved");
}

/// Restores the second day of a feed.
fn with_second_day(folder: &Folder) {
    fs::rename(folder.0.join("good"), folder.0.join("feed/2025-09-16")).expect("a day can be moved");
}

/// Replays a feed whose second day is a bomb; returns the output.
fn replayed(folder: &Folder, more: &[&str], code: i32, expected: &str) -> String {
    let (ended, printed, most) = run(folder, &[&["replay", "feed", "--out", "out"], more].concat());
    assert_eq!(ended, Some(code), "{expected}: {printed}");
    assert!(printed.contains("2025-09-16") && printed.contains(expected), "{expected}: {printed}");
    assert!(!printed.contains("panicked"), "{printed}");
    assert!(most < 320 << 20, "{expected}: {most} bytes");
    println!("{:>4} MiB at most: {expected}", most >> 20);
    printed
}

#[test]
fn a_day_that_is_a_bomb_is_refused_whole() {
    let folder = Folder::new("hostile").with_feed(300, 1);
    folder.run(&["replay", "feed", "--out", "whole"]);
    without_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    let before = folder.files("out");
    let refuse = |more: &[&str], expected: &str| {
        let printed = replayed(&folder, more, 2, expected);
        assert!(printed.len() < 2_000, "{printed}");
        assert!(folder.files("out") == before, "{expected}: something was taken");
    };
    for (file, bytes, more, expected) in [
        (
            "course.csv",
            format!("course_id,org_id,title\n{}", "x\n".repeat(2_000_000)),
            &["--mode", "full"][..],
            "course.csv, line 100002: 100001 rows rejected so far, too many to continue",
        ),
        ("manifest.csv", "file.x,bulk\n".repeat(1_000_000), &[], "manifest.csv, line 87382: it is longer than 1 MiB"),
        (
            "users.csv",
            format!("sourcedId,givenName,familyName,role,orgSourcedIds\n{}", "1,,,,\n".repeat(1_000_000)),
            &["--mode", "full"],
            "users.csv, line 1002: \"1\" has more than 1000 rows",
        ),
        ("course.jsonl", "[\n".repeat(1_000_000), &[], "course.jsonl, line 100001: 100001 rows rejected so far"),
    ] {
        folder.write(&format!("feed/2025-09-16/{file}"), bytes);
        refuse(more, expected);
        fs::remove_dir_all(folder.0.join("feed/2025-09-16")).expect("a day can be removed");
    }
    folder.write("feed/2025-09-16.zip", packed([("course.csv".to_owned(), 2_000)]));
    refuse(&["--mode", "full"], "\"course.csv\" unpacks to 2097152000 bytes");
    fs::remove_file(folder.0.join("feed/2025-09-16.zip")).expect("a day can be removed");
    // The next day is accepted as if the bomb had never been there.
    with_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    folder.assert_same("whole", "out", &["reports", "warehouse"], "after days that were refused");
}

#[test]
fn a_day_whose_header_is_a_bomb_goes_on_hold() {
    let folder = Folder::new("hostile-header").with_feed(300, 1);
    folder.run(&["replay", "feed", "--out", "whole"]);
    without_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    let full = &["--mode", "full"][..];
    let mapped = &["--format", "mapped", "--profile", "powerschool", "--mode", "full"][..];
    for (file, bytes, more) in [
        ("course.csv", vec![b'a'; 64 * MIB], full),
        ("course.csv", vec![b','; 64 * MIB], full),
        ("course.csv", vec![0; 64 * MIB], full),
        ("orgs.csv", vec![b'"'; 64 * MIB], full),
        ("students.csv", vec![b'\t'; 64 * MIB], mapped),
        ("course.csv", (0..2_000).map(|n| format!("c{n},")).collect::<String>().into(), full),
        ("course.csv", Vec::new(), full),
    ] {
        folder.write(&format!("feed/2025-09-16/{file}"), &bytes);
        replayed(&folder, more, 4, if bytes.is_empty() { "course.csv is empty" } else { ", line 1: " });
        fs::remove_dir_all(folder.0.join("feed/2025-09-16")).expect("a day can be removed");
    }
    with_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    // The hold is reported; no row was accepted.
    let tables = |out: &str| {
        let mut files = folder.files(&format!("{out}/warehouse"));
        files.retain(|name, _| {
            name.extension().is_some_and(|ending| ending == "csv") && !name.to_string_lossy().contains("_dq_")
        });
        files
    };
    assert!(tables("whole") == tables("out") && tables("out").len() > 20);
}

#[test]
fn a_day_with_some_bad_lines_is_accepted_without_them() {
    let folder = Folder::new("hostile-lines").with_feed(300, 1);
    let day = folder.0.join("feed/2025-09-16");
    fs::rename(&day, folder.0.join("good")).expect("a day can be moved");
    let deep = "[".repeat(1_000_000);
    let long = "x".repeat(32 * MIB);
    let event = "{\"op\":\"d\",\"before\":{\"course_id\":\"none\"},\"source\":{\"table\":\"course\"}}";
    folder.write("feed/2025-09-16/course.jsonl", format!("{deep}\n{event}\n\0\n{long}"));
    let (code, printed, most) = run(&folder, &["replay", "feed", "--out", "out"]);
    assert!(code == Some(0) && !printed.contains("panicked"), "{printed}");
    assert!(printed.contains("3 rejected") && most < 320 << 20, "{most} bytes: {printed}");
    let report = folder.read("out/reports/data_quality_report.json");
    assert!(report.contains("course.jsonl:1\"") && report.contains("course.jsonl:4\""), "lines are named by their places");
    // A whole day in place of the bad one; unreadable rows stay open until their table is delivered again.
    folder.write("feed/2025-09-17/student.csv", fs::read(folder.0.join("good/student.csv")).expect("students change"));
    let printed = folder.run(&["replay", "feed", "--out", "out"]);
    assert!(printed.contains("REF-003"), "{printed}");
}
