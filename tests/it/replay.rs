//! `rollcall replay` as users run it: the real program on real files, killed at any time, and queried about past days.

use crate::support::Folder;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// How often the program is killed.
const KILLS: u64 = 100;

#[test]
fn killed_at_any_time_it_continues_as_if_it_had_not_been() {
    let folder = Folder::new("replay-kill").with_feed(300, 60);
    folder.run(&["replay", "feed", "--out", "whole"]);
    // One run takes many processes; each is killed a little later than the one before, until one finishes.
    let mut survived = 0;
    let mut chance = 11u64;
    let mut round = 0;
    while survived < KILLS {
        round += 1;
        let out = format!("killed-{round}");
        for life in 0.. {
            let mut child = folder.command(&["replay", "feed", "--out", &out]);
            let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            std::thread::sleep(Duration::from_micros((chance >> 33) % 40_000 + 2_000 * life));
            child.kill().expect("the program can be killed");
            let ended = child.wait().expect("it can be waited for");
            if ended.success() {
                break;
            }
            survived += 1;
        }
        folder.assert_same("whole", &out, &["reports", "warehouse"], &format!("after round {round}"));
        fs::remove_dir_all(folder.0.join(&out)).expect("the folder can be removed");
    }
    println!("{survived} lives ended by SIGKILL, in {round} rounds");
}

#[test]
fn a_past_day_is_rebuilt_as_it_was_published() {
    let folder = Folder::new("replay-past").with_feed(300, 40);
    folder.run(&["replay", "feed", "--out", "then", "--until", "2025-10-12"]);
    folder.run(&["replay", "feed", "--out", "now"]);
    folder.run(&["run", "--known-at", "2025-10-12", "--state", "now/state", "--out", "rebuilt"]);
    let reports = ["reports/analysis_tables", "warehouse"];
    folder.assert_same("then", "rebuilt", &reports, "from what is rebuilt");
    for file in ["data_quality_report.json", "policy_brief.pdf"] {
        let [then, rebuilt] = ["then", "rebuilt"].map(|out| fs::read(folder.0.join(out).join("reports").join(file)).ok());
        assert!(then == rebuilt && (then.is_some() || file.ends_with("pdf")), "{file}");
    }
    let output = folder.output(&["run", "--known-at", "2024-01-01", "--state", "now/state", "--out", "rebuilt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not cover 2024-01-01"));
}

#[test]
fn a_folder_of_a_day_in_the_future_is_on_hold_and_no_day_passes() {
    let folder = Folder::new("replay-future").with_feed(200, 5);
    fs::create_dir(folder.0.join("feed/2225-09-17")).expect("the folder can be made");
    folder.write("feed/2225-09-17/course.csv", "_op,course_id,org_id,title\nupsert,NEW,9000,Pottery\n");
    let output = folder.output(&["replay", "feed", "--out", "out"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    let held = "2225-09-17 is on hold: its day, 2225-09-17, is 73043 days after the last one, 2025-09-22";
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(held), "{said}");
    assert!(said.contains("as of 2025-09-22"), "{said}");
    // A district is not begun in the future.
    fs::create_dir_all(folder.0.join("only")).expect("the folder can be made");
    fs::rename(folder.0.join("feed/2225-09-17"), folder.0.join("only/2225-09-17")).expect("the folder can be moved");
    let output = folder.output(&["replay", "only", "--out", "new"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("2225-09-17 is in the future"));
}

#[test]
fn a_feed_is_followed_day_by_day() {
    let folder = Folder::new("replay-daily").with_feed(300, 20);
    folder.run(&["replay", "feed", "--out", "whole"]);
    // Days arrive one by one.
    fs::create_dir(folder.0.join("arriving")).expect("the folder is writable");
    let mut days: Vec<_> = fs::read_dir(folder.0.join("feed")).expect("the feed is there").flatten().collect();
    days.sort_by_key(|entry| entry.file_name());
    for day in days.iter().filter(|day| day.path().is_dir()) {
        fs::rename(day.path(), folder.0.join("arriving").join(day.file_name())).expect("a day can be moved");
        folder.run(&["replay", "arriving", "--out", "daily"]);
    }
    folder.assert_same("whole", "daily", &["reports", "warehouse"], "from days that come one by one");
    let again = folder.run(&["replay", "arriving", "--out", "daily"]);
    assert!(again.starts_with("The feed has nothing new."), "{again}");

    // An accepted day changes under its name.
    let file = fs::read_dir(folder.0.join("arriving/2025-09-17")).expect("the day is there").flatten();
    let file = file.map(|entry| entry.path()).find(|path| path.ends_with("clock.csv")).expect("every day has a clock");
    fs::write(&file, "_op,clock_id,school_year,date\nupsert,as_of,2026,2025-09-30\n").expect("the file is writable");
    let held = folder.output(&["replay", "arriving", "--out", "daily"]);
    assert_eq!(held.status.code(), Some(4));
    let text = String::from_utf8_lossy(&held.stdout).into_owned();
    assert!(text.contains("2025-09-17 is on hold: clock.csv was accepted before and now has different contents"), "{text}");

    let log = folder.run(&["log", "--out", "daily", "--json"]);
    assert_eq!(log.lines().count(), 22, "21 days, and one on hold: {log}");
    assert!(folder.run(&["log", "verify", "--out", "daily"]).contains("22 batches"));
    let diff = folder.run(&["diff", "2025-09-15", "2025-10-13", "--out", "daily", "--json"]);
    let diff: serde_json::Value = serde_json::from_str(&diff).expect("it is JSON");
    let opened: usize = diff["rules"]
        .as_object()
        .expect("rules by id")
        .values()
        .map(|rule| rule["opened"].as_array().map_or(0, Vec::len))
        .sum();
    let report = fs::read_to_string(folder.0.join("daily/reports/data_quality_report.json")).expect("there is a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    let total = |name: &str| report["totals"][name].as_u64().expect("a number");
    let open = total("violations") + total("waived");
    // The opening extract has no faults, so all open violations have opened since.
    assert_eq!(opened as u64, open);

    // It stays on hold, without another entry in the log, until it is approved.
    let status = |arguments: &[&str]| folder.output(arguments).status.code();
    assert_eq!(status(&["replay", "arriving", "--out", "daily"]), Some(4));
    assert!(folder.run(&["approve", "--out", "daily"]).contains("clock.csv was accepted before"));
    assert_eq!(status(&["approve", "2025-09-18", "--out", "daily"]), Some(2));
    folder.run(&["approve", "2025-09-17", "--out", "daily"]);
    assert_eq!(folder.run(&["approve", "--out", "daily"]), "No delivery is on hold.\n");
    assert_eq!(status(&["replay", "arriving", "--out", "daily"]), Some(0));
    let month = fs::read_to_string(folder.0.join("daily/reports/changes/2025-10.jsonl")).expect("changes are published");
    let of_hold: Vec<&str> = month.lines().filter(|line| line.contains("REF-001")).map(|line| &line[..17]).collect();
    assert_eq!(of_hold, ["{\"event\":\"opened\"", "{\"event\":\"closed\""]);
    assert_eq!(folder.run(&["log", "--out", "daily", "--json"]).lines().count(), 23);
}

#[test]
fn new_days_are_seen_while_it_runs_and_may_be_zip_files() {
    let folder = Folder::new("replay-follow").with_feed(300, 6);
    folder.run(&["replay", "feed", "--out", "whole"]);
    fs::create_dir(folder.0.join("arriving")).expect("the folder is writable");
    let arguments = ["replay", "arriving", "--out", "followed", "--follow", "--until", "2025-09-23", "--json"];
    let child = folder.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program starts");
    let mut days: Vec<_> = fs::read_dir(folder.0.join("feed")).expect("the feed is there").flatten().collect();
    days.sort_by_key(|entry| entry.file_name());
    for (number, day) in days.iter().filter(|day| day.path().is_dir()).enumerate() {
        let name = day.file_name().into_string().expect("names are UTF-8");
        if number % 2 == 0 {
            fs::rename(day.path(), folder.0.join("arriving").join(&name)).expect("a day can be moved");
        } else {
            zip_up(&day.path(), &folder.0.join(format!("arriving/{name}.part")));
            let [part, whole] = ["part", "zip"].map(|ending| folder.0.join(format!("arriving/{name}.{ending}")));
            fs::rename(part, whole).expect("a file can be renamed");
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    let output = child.wait_with_output().expect("it can be waited for");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("text is UTF-8");
    assert_eq!(lines.lines().filter(|line| line.contains("\"source\":\"SYNTHETIC SIS\"")).count(), 7, "{lines}");
    folder.assert_same("whole", "followed", &["reports", "warehouse"], "from days that were followed");
}

/// Packs the files of a folder.
fn zip_up(folder: &Path, into: &Path) {
    let mut zip = zip::ZipWriter::new(fs::File::create(into).expect("the file is writable"));
    for file in fs::read_dir(folder).expect("the folder is readable").flatten() {
        let name = file.file_name().into_string().expect("names are UTF-8");
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry can be begun");
        let bytes = fs::read(file.path()).expect("the file is readable");
        std::io::Write::write_all(&mut zip, &bytes).expect("an entry can be written");
    }
    zip.finish().expect("the zip file is whole");
}
