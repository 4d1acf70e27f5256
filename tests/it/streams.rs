//! Change events as they happen: a file, standard input and a connection give the same result, and events out of order or
//! deletes of missing rows are reported.

use crate::support::Folder;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Stdio};

/// Noon of a day in September 2025, in milliseconds since 1970.
fn noon(day: i64) -> i64 {
    1_756_728_000_000 + (day - 1) * 86_400_000
}

fn event(table: &str, op: &str, before: &str, after: &str, ts_ms: i64) -> String {
    let source = format!("{{\"table\":\"sis.public.{table}\",\"ts_ms\":{ts_ms}}}");
    format!("{{\"before\":{before},\"after\":{after},\"op\":\"{op}\",\"source\":{source}}}\n")
}

/// Events of three days: a student at a school; a change, an older one, and a delete of a missing row; nothing relevant.
fn events() -> [String; 3] {
    let create = |table, after: &str| event(table, "c", "null", after, noon(2));
    let student = |born: &str| {
        format!("{{\"student_id\":\"S1\",\"first_name\":\"Ana\",\"last_name\":\"Example\",\"birth_date\":\"{born}\"}}")
    };
    let enrollment = "{\"enrollment_id\":\"E1\",\"student_id\":\"S1\",\"school_id\":\"A\",\"school_year\":2026,\
                      \"grade_level\":\"03\",\"entry_date\":\"2025-08-20\"}";
    let first = [
        create("organization", "{\"org_id\":\"D\",\"org_type\":\"district\",\"name\":\"SYNTHETIC District\"}"),
        create(
            "organization",
            "{\"org_id\":\"A\",\"org_type\":\"school\",\"name\":\"SYNTHETIC A\",\"parent_org_id\":\"D\"}",
        ),
        create("student", &student("2016-01-01")),
        create("school_enrollment", enrollment),
    ];
    let second = [
        event("student", "u", "null", &student("2016-02-02"), noon(3)),
        event("student", "u", "null", &student("2015-01-01"), noon(3) - 90_500),
        event("student", "d", "{\"student_id\":\"S9\"}", "null", noon(3)),
    ];
    [first.concat(), second.concat(), event("student", "u", "null", &student("2016-03-03"), noon(8))]
}

/// The published changes of a rule's violations: event and subject.
fn told(folder: &Folder, out: &str, rule: &str) -> Vec<String> {
    let lines = folder.read(&format!("{out}/reports/changes/2025-09.jsonl"));
    let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("it is JSON"));
    let of_rule = lines.filter(|line| line["rule"] == rule);
    of_rule.map(|line| format!("{} {} {}", line["event"], line["batch"], line["subject"]).replace('"', "")).collect()
}

#[test]
fn a_file_and_standard_input_give_the_same_result() {
    let folder = Folder::new("events");
    folder.write("events.jsonl", events().concat());
    folder.run(&["replay", "events.jsonl", "--out", "file"]);
    let mut child = folder.command(&["replay", "-", "--out", "piped"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("it is piped").write_all(events().concat().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it can be waited for");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder.assert_same("file", "piped", &["warehouse", "reports/analysis_tables"], "from standard input");
    for out in ["file", "piped"] {
        let student = folder.read(&format!("{out}/warehouse/out/dim_student.csv"));
        assert!(student.contains(",2016-03-03,"), "the last change counts: {student}");
        assert_eq!(
            told(&folder, out, "REF-010"),
            ["opened 2025-09-03/1 student|S1", "closed 2025-09-08/1 student|S1"],
            "{out}"
        );
        assert_eq!(told(&folder, out, "REF-011"), ["opened 2025-09-03/1 student|S9", "closed 2025-09-08/1 student|S9"]);
        // Friday is the third weekday after Tuesday's delivery: nothing is late before Monday, when five days have passed.
        assert_eq!(told(&folder, out, "REF-013"), ["opened 2025-09-08/0 sis", "closed 2025-09-08/1 sis"]);
    }
    // Nothing in a file is accepted twice; new lines at its end are.
    let again = folder.run(&["replay", "events.jsonl", "--out", "file"]);
    assert!(again.starts_with("The feed has nothing new."), "{again}");
    let bad = "{\"op\":\"c\"}\n";
    folder.write("events.jsonl", events().concat() + bad);
    let summary = folder.run(&["replay", "events.jsonl", "--out", "file"]);
    assert!(summary.contains("events.jsonl:9"), "the line is told by its number in the file: {summary}");
    assert_eq!(told(&folder, "file", "REF-009"), [""; 0], "a row may change twice a day");
    folder.write("events.jsonl", events().concat().replace("2016-01-01", "2016-01-02") + bad);
    let other = folder.output(&["replay", "events.jsonl", "--out", "file"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("its first 9 lines have changed since they were accepted"));
    let no_mode = folder.output(&["replay", "events.jsonl", "--out", "file", "--mode", "full"]);
    assert!(String::from_utf8_lossy(&no_mode.stderr).contains("--mode does not apply to a stream"));
}

/// Sends bytes over a new connection, and returns all answers until it is closed.
fn send(address: &str, bytes: &[u8]) -> String {
    let mut connection = TcpStream::connect(address).expect("it listens");
    let mut answers = String::new();
    // A sender that is disconnected while sending may not receive the reason.
    if connection.write_all(bytes).is_ok() && connection.shutdown(Shutdown::Write).is_ok() {
        let _ = connection.read_to_string(&mut answers);
    }
    answers
}

/// A listening program, and its address.
fn listening(folder: &Folder, out: &str) -> (Child, String) {
    let mut child = folder.command(&["replay", "tcp:0", "--out", out, "--until", "2025-09-07", "--json"]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("it is piped")).read_line(&mut line).expect("it says where it listens");
    let address = line.trim().rsplit(' ').next().expect("it names an address").to_owned();
    assert!(address.starts_with("127.0.0.1:"), "nobody else may connect: {line}");
    (child, address)
}

/// Sends events, and waits until this many of the connection are durable.
fn send_until(connection: &mut TcpStream, events: &str, taken: u64, day: &str) {
    connection.write_all(events.as_bytes()).expect("it reads");
    let mut answers = BufReader::new(connection.try_clone().expect("it can be read and written"));
    loop {
        let mut answer = String::new();
        assert!(answers.read_line(&mut answer).expect("it answers") > 0, "the connection stays");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("it is JSON");
        assert!(answer["batch"].as_str().is_some_and(|batch| batch.starts_with(day)), "{answer}");
        if answer["taken"] == taken {
            return;
        }
    }
}

#[test]
fn senders_are_told_what_is_durable() {
    let folder = Folder::new("connected");
    folder.write("events.jsonl", events().concat());
    folder.run(&["replay", "events.jsonl", "--out", "file", "--until", "2025-09-07"]);
    let (child, address) = listening(&folder, "connected");
    let [first, second, last] = events();
    // Data sent by a tricked browser is ignored, and a new district begins only on the day of an event.
    assert_eq!(send(&address, format!("POST / HTTP/1.1\r\n\r\n{last}").as_bytes()), "");
    let why = send(&address, b"{}\n");
    assert!(why.contains("no event states its day"), "{why}");
    let mut connection = TcpStream::connect(&address).expect("it listens");
    send_until(&mut connection, &first, 4, "2025-09-02");
    send_until(&mut connection, &second, 7, "2025-09-03");
    connection.write_all(last.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it can be waited for");
    assert!(output.status.success());
    folder.assert_same("file", "connected", &["warehouse", "reports/analysis_tables"], "from a connection");
}

#[test]
fn a_sender_of_garbage_is_disconnected_alone() {
    let folder = Folder::new("rubbish");
    let (child, address) = listening(&folder, "out");
    let [first, second, last] = events();
    let mut connection = TcpStream::connect(&address).expect("it listens");
    send_until(&mut connection, &first, 4, "2025-09-02");
    send(&address, ("{\n".to_owned() + &"1\n".repeat(2_000_000)).as_bytes());
    send_until(&mut connection, &second, 7, "2025-09-03");
    connection.write_all(last.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it can be waited for");
    assert!(output.status.success());
    assert_eq!(told(&folder, "out", "REF-011"), ["opened 2025-09-03/1 student|S9"], "what others send is taken");
}
