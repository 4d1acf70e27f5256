//! The board as users see it: without a terminal, in one, ended by a key and by a signal; and `explain`.

use crate::support::Folder;
use serde_json::Value;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The published changes, file by file.
fn changes(folder: &Folder, out: &str) -> Vec<(String, String)> {
    let path = folder.0.join(out).join("reports/changes");
    let entries = std::fs::read_dir(path).expect("changes are published").flatten();
    let mut files: Vec<(String, String)> = entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(entry.path()).expect("lines are UTF-8"))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn without_a_terminal_there_is_one_line_per_day_and_the_state_is_the_same() {
    let folder = Folder::new("watch-plain").with_feed(200, 12);
    folder.run(&["replay", "feed", "--out", "replayed"]);
    let text = folder.run(&["watch", "feed", "--out", "watched"]);
    assert_eq!(changes(&folder, "watched"), changes(&folder, "replayed"));
    let sealed: Vec<Value> = changes(&folder, "replayed")
        .iter()
        .flat_map(|(_, text)| text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON")))
        .filter(|line| line["event"] == "sealed")
        .collect();
    let day = |line: &Value| line["batch"].as_str().expect("a batch is a text").split('/').next().map(str::to_owned);
    let days: std::collections::BTreeSet<_> = sealed.iter().map(day).collect();
    assert_eq!(text.lines().count(), days.len(), "{text}");
    for line in text.lines() {
        let name = line.split_whitespace().next().map(str::to_owned);
        let of_day = || sealed.iter().filter(|sealed| day(sealed) == name);
        let sum = |field: &str| of_day().map(|sealed| sealed[field].as_u64().expect("a number")).sum::<u64>();
        let numbers: Vec<u64> = line
            .split_whitespace()
            .skip(1)
            .filter_map(|word| word.trim_start_matches(['+', '-']).replace(',', "").parse().ok())
            .collect();
        let batches = of_day().filter(|sealed| !sealed["batch"].as_str().unwrap().ends_with("/0")).count() as u64;
        let open = of_day().next_back().and_then(|sealed| sealed["open"].as_u64()).expect("a day ends");
        assert_eq!(numbers, [batches, sum("changes"), sum("opened"), sum("closed"), open, sum("moved")], "{line}");
    }
    let json = folder.run(&["watch", "feed", "--out", "watched-json", "--json"]);
    let replayed: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(replayed, sealed);
}

#[test]
fn a_violation_is_explained_down_to_the_line() {
    let folder = Folder::new("explain").with_feed(400, 30);
    folder.run(&["replay", "feed", "--out", "out"]);
    let key = folder.read("feed/answer_key.csv");
    let (mut explained, mut persons) = (0, 0);
    for line in key.lines().skip(1) {
        let rule = line.split(',').next().expect("a row has fields");
        let listed: Value = serde_json::from_str(&folder.run(&["explain", rule, "--out", "out", "--json"])).unwrap();
        let Some(first) = listed.as_array().expect("a list").first() else { continue };
        let subject = first["subject"].as_str().expect("a key").to_owned();
        let page: Value = serde_json::from_str(&folder.run(&["explain", rule, &subject, "--out", "out", "--json"])).unwrap();
        assert_eq!((&page["rule"], &page["is_open"]), (&Value::from(rule), &Value::from(true)));
        assert!(page["text"]["fix"].as_str().is_some_and(|text| text.len() > 10), "{rule} says how to fix it");
        let text = folder.run(&["explain", rule, &subject, "--out", "out"]);
        for row in page["rows"].as_array().expect("rows") {
            let (place, key) = (&row["place"], row["key"].as_str().expect("a key"));
            let field = |name: &str| place[name].as_str().unwrap_or_else(|| panic!("{rule} {subject}: {row}")).to_owned();
            let file = format!("{}/{}", field("delivery"), field("file"));
            let number = place["line"].as_u64().expect("a line") as usize;
            let file_text = folder.read(&format!("feed/{file}"));
            let stated = file_text.lines().nth(number - 1).unwrap_or_else(|| panic!("{file} has no line {number}"));
            // A key of several columns is their texts, separated by `/`.
            assert!(key.split('/').all(|part| stated.contains(part)), "{file}:{number} is not {key}: {stated}");
            assert!(text.contains(&format!("{file}:{number}")), "{text}");
            explained += 1;
        }
        for row in page["rows"].as_array().expect("rows") {
            let shown = row["fields"].as_array().expect("fields").iter().map(|field| field[0].as_str().expect("a name"));
            let withheld: Vec<&str> = ["first_name", "last_name", "birth_date", "email", "race", "sex"].into();
            assert!(shown.into_iter().all(|name| !withheld.contains(&name)), "{row}");
            if ["student", "staff"].contains(&row["table"].as_str().expect("a table")) {
                let file = format!(
                    "feed/{}/{}",
                    row["place"]["delivery"].as_str().unwrap(),
                    row["place"]["file"].as_str().unwrap()
                );
                let lines = folder.read(&file);
                let number = row["place"]["line"].as_u64().expect("a line") as usize;
                let [header, line] = [0, number - 1].map(|at| lines.lines().nth(at).expect("the line is there"));
                for name in ["first_name", "last_name", "birth_date"] {
                    let at = header.split(',').position(|column| column == name).expect("a column");
                    let private = line.split(',').nth(at).expect("a field");
                    let is_said = text.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| word == private);
                    assert!(private.is_empty() || !is_said, "{name} {private} is told: {text}");
                    persons += 1;
                }
            }
        }
    }
    assert!(persons > 0, "somebody is on a page");
    assert!(explained > 10, "{explained} rows are explained");
    let asked = |words: &[&str]| {
        let output = folder.output(words);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, error) = asked(&["explain", "ENR-999", "--out", "out"]);
    assert!(code == Some(2) && error.contains("there is no rule ENR-999") && error.contains("hint"), "{error}");
    let (code, error) = asked(&["explain", "ENR-001", "nobody", "--out", "out"]);
    assert!(code == Some(2) && error.contains("was never open"), "{error}");
    let (code, error) = asked(&["explain", "ENR-001"]);
    assert!(code == Some(2) && error.contains("there is no log in"), "{error}");
}

#[test]
fn a_violation_of_an_extract_is_explained_too() {
    let folder = Folder::new("explain-extract");
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tiny");
    let text = folder.run(&["explain", "ENR-001", "1000015", "--data", tiny]);
    assert!(text.contains("enrollments 2, from 2026-02-16"), "{text}");
    let rows = std::fs::read_to_string(format!("{tiny}/school_enrollment.csv")).expect("the extract has enrollments");
    let of_student = rows.lines().zip(1..).filter(|(line, _)| line.contains(",1000015,"));
    let mut found = 0;
    for (_, number) in of_student {
        assert!(text.contains(&format!("{tiny}/school_enrollment.csv:{number}")), "line {number}: {text}");
        found += 1;
    }
    assert!(found >= 2, "both enrollments are shown");
    assert!(std::fs::read_dir(&folder.0).expect("the folder is there").next().is_none(), "nothing is left behind");
}

/// The program in its own terminal, made by `script`.
struct InTerminal {
    script: Child,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl InTerminal {
    fn start(folder: &Folder, arguments: &str) -> InTerminal {
        let program = env!("CARGO_BIN_EXE_rollcall");
        let command = format!("stty cols 100 rows 30; echo $$ > pid; exec '{program}' {arguments}");
        let mut script = Command::new("script")
            .args(["-qefc", &command, "/dev/null"])
            .env("TERM", "xterm-256color")
            .current_dir(&folder.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` of util-linux is there");
        let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (mut output, writes) = (script.stdout.take().expect("it is piped"), seen.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                writes.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        InTerminal { script, seen }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    /// The text on the screen: a frame contains only differences from the last one.
    fn screen(&self) -> String {
        let [rows, columns] = [30, 100].map(|size| std::num::NonZeroU16::new(size).expect("not zero"));
        let mut terminal = vt100::Parser::new(rows, columns, 0);
        terminal.process(&self.seen.lock().unwrap());
        terminal.screen().contents()
    }

    /// Waits until a text is on the screen; with a long timeout for slow machines.
    fn wait(&self, wanted: &str) {
        let begin = Instant::now();
        while !self.screen().contains(wanted) {
            assert!(begin.elapsed() < Duration::from_secs(60), "{wanted:?} does not come: {}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        let input = self.script.stdin.as_mut().expect("it is piped");
        input.write_all(keys.as_bytes()).and_then(|()| input.flush()).expect("keys are heard");
    }

    /// Waits for its end; returns the exit code and all output.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.script.wait().expect("it ends");
        std::thread::sleep(Duration::from_millis(200));
        (status.code(), self.text())
    }
}

impl Drop for InTerminal {
    fn drop(&mut self) {
        // A failed test leaves no process behind.
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// The sequences that leave the board's screen and show the cursor again.
const LEFT: &str = "\u{1b}[?1049l";
const CURSOR: &str = "\u{1b}[?25h";

#[test]
fn the_board_handles_keys_and_restores_the_terminal() {
    let folder = Folder::new("watch-keys").with_feed(200, 12);
    folder.run(&["replay", "feed", "--out", "replayed"]);
    let mut terminal = InTerminal::start(&folder, "watch feed --out watched --pace 0.25/s");
    terminal.wait("Violations");
    terminal.press(" ");
    terminal.wait("paused");
    terminal.press("n");
    terminal.press("?");
    terminal.wait("one day forward");
    terminal.press("?");
    terminal.press("e");
    terminal.wait("finished");
    terminal.press("v");
    terminal.wait("most severe first");
    terminal.press("q");
    let (code, text) = terminal.end();
    assert_eq!(code, Some(0), "{text}");
    let after = text.rsplit(LEFT).next().expect("a text has a last part");
    assert!(text.contains(LEFT) && text.contains(CURSOR), "{text:?}");
    assert!(after.contains("Seen up to"), "{after:?}");
    assert_eq!(changes(&folder, "watched"), changes(&folder, "replayed"), "however fast it went, it is the same");
}

#[test]
fn a_signal_ends_the_board_and_restores_the_terminal() {
    let folder = Folder::new("watch-signal").with_feed(200, 12);
    let terminal = InTerminal::start(&folder, "watch feed --out watched --pace 0.25/s");
    terminal.wait("Violations");
    let pid = folder.read("pid");
    let kill = format!("kill -TERM {}", pid.trim());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("there is a shell").success());
    let (code, text) = terminal.end();
    assert_eq!(code, Some(128 + 15), "it ends by the signal: {text}");
    assert!(text.contains(LEFT) && text.contains(CURSOR), "{text:?}");
    // Everything accepted is there when it continues.
    folder.run(&["replay", "feed", "--out", "watched"]);
    folder.run(&["replay", "feed", "--out", "replayed"]);
    assert_eq!(changes(&folder, "watched"), changes(&folder, "replayed"));
}

/// The window is closed or the connection lost: the program must not continue alone.
#[test]
fn the_board_ends_when_its_terminal_is_gone() {
    let folder = Folder::new("watch-gone").with_feed(200, 12);
    let mut terminal = InTerminal::start(&folder, "watch feed --out watched --pace 0.25/s");
    terminal.wait("Violations");
    let pid = folder.read("pid");
    terminal.script.kill().expect("script is there");
    let _ = terminal.script.wait();
    let process = std::path::PathBuf::from(format!("/proc/{}", pid.trim()));
    let begin = Instant::now();
    while process.exists() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it goes on without a terminal");
        std::thread::sleep(Duration::from_millis(50));
    }
    folder.run(&["replay", "feed", "--out", "watched"]);
}

#[test]
fn events_can_be_watched_and_quitting_closes_no_day() {
    let folder = Folder::new("watch-events");
    let event = |day: i64, id: &str| {
        let source = format!("{{\"table\":\"course\",\"ts_ms\":{}}}", day * 86_400_000);
        format!("{{\"op\":\"c\",\"after\":{{\"course_id\":\"{id}\",\"title\":\"{id}\"}},\"source\":{source}}}\n")
    };
    folder.write("events.jsonl", &(event(20_330, "A") + &event(20_331, "B")));
    let mut terminal = InTerminal::start(&folder, "watch events.jsonl --out watched --until 2025-12-31");
    terminal.wait("finished");
    terminal.press("q");
    let (code, text) = terminal.end();
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("Seen up to 2025-12-31"), "{text}");
    // A stream that continues, and a user who quits.
    let made = Command::new("mkfifo").arg(folder.0.join("stream")).status().expect("mkfifo is there");
    assert!(made.success());
    let mut terminal = InTerminal::start(&folder, "watch - --out left --until 2025-12-31 < stream");
    let mut stream = std::fs::OpenOptions::new().write(true).open(folder.0.join("stream")).expect("somebody reads");
    stream.write_all((event(20_330, "A") + &event(20_331, "B")).as_bytes()).expect("events are heard");
    terminal.wait("2025-08-31");
    terminal.press("q");
    terminal.wait("Seen up to 2025-08-31");
    drop(stream);
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_day_being_copied_is_accepted_once_complete() {
    let folder = Folder::new("watch-follow").with_feed(200, 4);
    let last = std::fs::read_dir(folder.0.join("feed")).expect("the feed is there").flatten();
    let mut days: Vec<_> = last.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    days.sort();
    let last = days.pop().expect("a feed has days");
    let away = folder.0.join("away");
    std::fs::rename(&last, &away).expect("a day can be moved");
    let mut terminal = InTerminal::start(&folder, "watch feed --out followed --follow --pace max");
    terminal.wait("waiting");
    std::fs::create_dir(&last).expect("a day can be made");
    let mut files: Vec<_> =
        std::fs::read_dir(&away).expect("the day is there").flatten().map(|entry| entry.path()).collect();
    files.sort();
    // The manifest comes last, as in some alphabetical orders.
    files.sort_by_key(|path| path.ends_with("manifest.csv"));
    for file in files {
        std::fs::copy(&file, last.join(file.file_name().expect("a file has a name"))).expect("a file can be copied");
        std::thread::sleep(Duration::from_millis(150));
    }
    terminal.wait(&last.file_name().expect("a day has a name").to_string_lossy());
    terminal.press("q");
    assert_eq!(terminal.end().0, Some(0));
    folder.run(&["replay", "feed", "--out", "replayed"]);
    assert_eq!(changes(&folder, "followed"), changes(&folder, "replayed"));
}
