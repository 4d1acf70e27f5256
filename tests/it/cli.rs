//! The command as its user runs it: in folders of its own, by exit code and by what it prints and writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rollcall-cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Folder(path)
    }

    fn rollcall(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(arguments).current_dir(&self.0).output().expect("the command starts")
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    /// Every file below the folder, with its contents.
    fn files(&self, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.0.join(below)];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("the folder is readable") {
                let path = entry.expect("the folder is readable").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).expect("the file is readable");
                    files.push((path.strip_prefix(&self.0).expect("a path below").to_owned(), bytes));
                }
            }
        }
        files.sort();
        files
    }

    /// A minimal extract of one school and one student.
    fn with_extract(self) -> Folder {
        self.write("in/organization.csv", "org_id,org_type,name\nD,district,Hill District\nN,school,North\n");
        self.write("in/student.csv", "student_id,first_name,last_name\nS1,Ada,Lind\n");
        let enrollment =
            "enrollment_id,student_id,school_id,school_year,grade_level,entry_date\nE1,S1,N,2026,03,2025-08-20\n";
        self.write("in/school_enrollment.csv", enrollment);
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("what is printed is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("what is printed is UTF-8")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("it was killed: {}", stderr(output)))
}

#[test]
fn a_fresh_folder_gets_a_district_and_every_output_says_synthetic() {
    let folder = Folder::new("fresh");
    let first = folder.rollcall(&["run"]);
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    let text = stdout(&first);
    for words in ["data/raw now holds a synthetic one", "SYNTHETIC records", "open violations", "Proficiency rate", "Wrote"]
    {
        assert!(text.contains(words), "the summary lacks {words:?}:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours when piped");
    assert_eq!(stderr(&first), "", "no progress when piped");
    let outputs = [folder.files("reports"), folder.files("warehouse")].concat();
    let tables = rollcall::warehouse::RELATIONS.len() + rollcall::quality::relations::DQ_RELATIONS.len();
    assert_eq!(outputs.len(), 1 + rollcall::kpi::KPIS.len() + 2 * tables + 1, "the report, KPIs, CSV and Parquet, SQLite");
    for (path, bytes) in &outputs {
        assert!(String::from_utf8_lossy(bytes).contains("SYNTHETIC"), "{} says it", path.display());
    }
    // The district is there now; a second run reads it and writes the same bytes.
    let second = folder.rollcall(&["run", "--workers", "2"]);
    assert!(!stdout(&second).contains("now holds"));
    assert_eq!([folder.files("reports"), folder.files("warehouse")].concat(), outputs);
}

#[test]
fn the_summary_is_machine_readable_on_request() {
    let folder = Folder::new("json");
    let output = folder.rollcall(&["run", "--json", "--out", "elsewhere"]);
    let summary: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(summary["origin"], "SYNTHETIC");
    assert_eq!(summary["day"], "2026-03-16");
    let report: serde_json::Value =
        serde_json::from_str(&folder.read("elsewhere/reports/data_quality_report.json")).expect("JSON");
    assert_eq!(summary["totals"], report["totals"]);
    let listed: usize = report["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .map(|rule| rule["violations"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(report["totals"]["violations"], listed, "every violation of a small district is listed");
    assert!(report["rejected"].as_array().is_some_and(|rejected| rejected.len() >= 20));
}

#[test]
fn severe_violations_fail_when_asked_to() {
    let folder = Folder::new("fail-on").with_extract();
    let run = |more: &[&str]| code(&folder.rollcall(&[&["run", "--data", "in", "--day", "2025-09-02"], more].concat()));
    // A school without any teacher is critical.
    assert_eq!(run(&[]), 0);
    assert_eq!(run(&["--fail-on", "critical"]), 3);
    assert_eq!(run(&["--fail-on", "error"]), 3);
    folder.write("in/staff.csv", "staff_id,first_name,last_name\nT1,Bo,Berg\n");
    let assignment =
        "assignment_id,staff_id,org_id,school_year,role,begin_date,fte\nA1,T1,N,2026,teacher_elem,2025-08-20,1\n";
    folder.write("in/staff_assignment.csv", assignment);
    assert_eq!(run(&["--fail-on", "critical"]), 0);
    assert_eq!(run(&["--fail-on", "error"]), 3, "the teacher has no credential");
    let credential = "credential_id,staff_id,credential_type,issue_date\nC1,T1,license,2020-01-01\n";
    folder.write("in/credential.csv", credential);
    assert_eq!(run(&["--fail-on", "error"]), 0);
}

#[test]
fn a_folder_that_is_named_is_never_made_up() {
    let folder = Folder::new("no-folder");
    let output = folder.rollcall(&["run", "--data", "nowhere"]);
    assert_eq!((code(&output), stdout(&output)), (2, String::new()));
    assert!(stderr(&output).contains("there is no folder nowhere") && stderr(&output).contains("hint"));
    fs::create_dir(folder.0.join("empty")).expect("the folder can be made");
    let output = folder.rollcall(&["run", "--data", "empty"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("no extract"), "{}", stderr(&output));
    folder.write("photos/beach.jpg", "no table");
    let output = folder.rollcall(&["run", "--data", "photos"]);
    assert!(code(&output) == 2 && stderr(&output).contains("found here: beach.jpg"), "{}", stderr(&output));
    assert_eq!(folder.files(".").len(), 1, "nothing was written");
}

#[test]
fn the_day_is_named_and_never_guessed() {
    let folder = Folder::new("day").with_extract();
    let output = folder.rollcall(&["run", "--data", "in"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("which day is today?") && stderr(&output).contains("--day"), "{}", stderr(&output));
    folder.write("in/clock.csv", "clock_id,school_year,date\ncensus_fall,2026,2025-10-01\n");
    assert!(stderr(&folder.rollcall(&["run", "--data", "in"])).contains("has no `as_of`"));
    folder.write("in/clock.csv", "clock_id,school_year,date\nas_of,2026,2025-10-02\n");
    assert!(stdout(&folder.rollcall(&["run", "--data", "in"])).contains("as of 2025-10-02"));
    let output = folder.rollcall(&["run", "--data", "in", "--day", "2025-13-01"]);
    assert!(code(&output) == 2 && stderr(&output).contains("YYYY-MM-DD"));
}

#[test]
fn broken_files_say_where_and_what_to_do() {
    let cases = [
        ("student.csv", "", "student.csv is empty", "export the file again"),
        ("student.csv", "S1,Ada,Lind\n", "no line of headers", "name the columns"),
        ("student.csv", "student_id,first_name\nS1,Ada\n", "required column `last_name` is missing", "not understood"),
        ("student.csv", "student_id,first_name,lastname2\nS1,Ada,L\n", "`last_name` is missing", "is `lastname2` meant?"),
        ("student.csv", "student_id,Student ID,first_name,last_name\n", "both are column `student_id`", "remove or rename"),
        ("Students.csv", "student_id\n", "both hold table `student`", "keep one"),
    ];
    for (file, text, message, hint) in cases {
        let folder = Folder::new("broken").with_extract();
        folder.write(&format!("in/{file}"), text);
        let output = folder.rollcall(&["run", "--data", "in", "--day", "2025-09-02"]);
        let said = stderr(&output);
        assert!(code(&output) == 2 && said.contains(message) && said.contains(hint), "{file}: {said}");
        assert!(!folder.0.join("reports").exists(), "nothing is published from a broken extract");
    }
    let folder = Folder::new("missing").with_extract();
    fs::remove_file(folder.0.join("in/school_enrollment.csv")).expect("the file is there");
    folder.write("in/enrollments.csv", "a,b\n");
    let said = stderr(&folder.rollcall(&["run", "--data", "in", "--day", "2025-09-02"]));
    assert!(said.contains("lacks school_enrollment.csv") && said.contains("enrollments.csv"), "{said}");
}

#[test]
fn rejected_rows_are_shown_with_file_line_field_value_and_hint() {
    let folder = Folder::new("rejected").with_extract();
    folder.write("in/student.csv", "student_id,first_name,last_name,birth_date\nS1,Ada,Lind,13/05/2014\nS2,,Berg,\n");
    let output = folder.rollcall(&["run", "--data", "in", "--day", "2025-09-02"]);
    let text = stdout(&output);
    for words in [
        "student.csv:2, field 4: birth_date is no date: \"13/05/2014\"",
        "dates are written YYYY-MM-DD",
        "student.csv:3, field 2: first_name is required and empty",
        "2 rejected",
    ] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = Folder::new("rules");
    let list = stdout(&folder.rollcall(&["rules"]));
    assert!(rollcall::qa::rules().all(|rule| list.contains(rule.id)));
    let one = stdout(&folder.rollcall(&["rules", "enr-003"]));
    for words in ["ENR-003: exit before entry", "What it checks", "Why it matters", "How to fix it"] {
        assert!(one.contains(words), "{one}");
    }
    let unknown = folder.rollcall(&["rules", "enr003"]);
    assert!(code(&unknown) == 2 && stderr(&unknown).contains("is ENR-003 meant?"), "{}", stderr(&unknown));
    let all: serde_json::Value = serde_json::from_str(&stdout(&folder.rollcall(&["rules", "--json"]))).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(rollcall::qa::rules().count()));
}

#[test]
fn help_tells_the_exit_codes() {
    let folder = Folder::new("help");
    for arguments in [&["--help"][..], &["run", "--help"]] {
        let help = stdout(&folder.rollcall(arguments));
        assert!(help.contains("Exit codes:") && help.contains("violations are at least as severe"), "{help}");
    }
    assert_eq!(code(&folder.rollcall(&["walk"])), 2);
}

/// Every command of the README, as it stands there; the tests themselves are what runs now.
#[test]
fn the_commands_of_the_readme_work() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("there is a README");
    let folder = Folder::new("readme");
    let mut run = 0;
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    for line in blocks.flat_map(str::lines) {
        let command = line.split('#').next().unwrap_or(line).trim();
        if command.is_empty() || command == "cargo test --release" || command.starts_with("cargo bench") {
            continue;
        }
        let arguments =
            command.strip_prefix("cargo run --release -- ").unwrap_or_else(|| panic!("not a command of ours: {command}"));
        let output = folder.rollcall(&arguments.split_whitespace().collect::<Vec<_>>());
        assert_eq!(code(&output), 0, "{command}: {}", stderr(&output));
        run += 1;
    }
    assert!(run >= 2, "the README has commands");
}
