//! The command as users run it: in separate folders, checked by exit code, output and files.

use crate::support::Folder;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

impl Folder {
    /// A minimal extract of one school and one student.
    fn with_extract(self) -> Folder {
        self.write("in/organization.csv", "org_id,org_type,name\nD,district,Hill District\nN,school,North\n");
        let student = "student_id,first_name,last_name,state_student_id,birth_date,sex,is_hispanic\n\
                       S1,Ada,Lind,901,2017-03-04,female,false\n";
        self.write("in/student.csv", student);
        let enrollment =
            "enrollment_id,student_id,school_id,school_year,grade_level,entry_date\nE1,S1,N,2026,03,2025-08-20\n";
        self.write("in/school_enrollment.csv", enrollment);
        self
    }

    /// All files that a run has written.
    fn outputs(&self) -> Vec<(PathBuf, Vec<u8>)> {
        ["reports", "warehouse"].into_iter().flat_map(|below| self.files(below)).collect()
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
    let folder = Folder::new("cli-fresh");
    let first = folder.output(&["run"]);
    assert_eq!(code(&first), 0, "{}", stderr(&first));
    let text = stdout(&first);
    for words in
        ["data/raw now contains a synthetic one", "SYNTHETIC records", "open violations", "Proficiency rate", "Wrote"]
    {
        assert!(text.contains(words), "the summary is missing {words:?}:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colors when piped");
    assert_eq!(stderr(&first), "", "no progress when piped");
    let outputs = folder.outputs();
    let name = |path: &Path| path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let written: Vec<String> = outputs.iter().map(|(path, _)| name(path)).collect();
    let relations = rollcall::warehouse::RELATIONS.iter().map(|relation| relation.name);
    let dq = rollcall::quality::relations::DQ_RELATIONS.iter().map(|relation| relation.name);
    let kpis = rollcall::kpi::KPIS.iter().map(|kpi| kpi.name);
    for table in relations.chain(dq).chain(kpis) {
        assert!(written.contains(&format!("{table}.csv")), "{table} is written");
    }
    assert!(written.contains(&"data_quality_report.json".to_owned()));
    let is_text = |path: &Path| path.extension().is_some_and(|of| of == "csv" || of == "json");
    for (path, bytes) in outputs.iter().filter(|(path, _)| is_text(path)) {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("SYNTHETIC") || text.lines().count() == 1, "{} says it", path.display());
    }
    // The district exists now; a second run reads it and writes the same bytes.
    let second = folder.output(&["run", "--workers", "2"]);
    assert!(!stdout(&second).contains("now contains"));
    assert_eq!(folder.outputs(), outputs);
}

#[test]
fn the_summary_is_machine_readable_on_request() {
    let folder = Folder::new("cli-json");
    let output = folder.output(&["run", "--json", "--out", "elsewhere"]);
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
        .flat_map(|rule| rule["violations"].as_array().expect("violations"))
        .filter(|violation| violation["waived"] != true)
        .count();
    assert_eq!(report["totals"]["violations"], listed, "every violation of a small district is listed");
    assert!(report["rejected"].as_array().is_some_and(|rejected| rejected.len() >= 6));
}

#[test]
fn severe_violations_fail_when_asked_to() {
    let folder = Folder::new("cli-fail-on").with_extract();
    let run = |more: &[&str]| code(&folder.output(&[&["run", "--data", "in", "--day", "2025-09-02"], more].concat()));
    // Without a table of assignments it is unknown whether a school has teachers; with an empty one it has none.
    assert_eq!(run(&["--fail-on", "critical"]), 0);
    folder.write("in/staff_assignment.csv", "assignment_id,staff_id,org_id,school_year,role,begin_date,fte\n");
    assert_eq!(run(&[]), 0);
    assert_eq!(run(&["--fail-on", "critical"]), 3);
    assert_eq!(run(&["--fail-on", "error"]), 3);
    folder.write("in/staff.csv", "staff_id,first_name,last_name\nT1,Bo,Berg\n");
    let assignment =
        "assignment_id,staff_id,org_id,school_year,role,begin_date,fte\nA1,T1,N,2026,teacher_elem,2025-08-20,1\n";
    folder.write("in/staff_assignment.csv", assignment);
    assert_eq!(run(&["--fail-on", "critical"]), 0);
    assert_eq!(run(&["--fail-on", "error"]), 0, "there is no table of credentials");
    folder.write("in/credential.csv", "credential_id,staff_id,credential_type\n");
    assert_eq!(run(&["--fail-on", "error"]), 3, "the teacher has no credential");
    let credential =
        "credential_id,staff_id,credential_type,credential_number,level,issue_date\nC1,T1,license,7,regular,2020-01-01\n";
    folder.write("in/credential.csv", credential);
    assert_eq!(run(&["--fail-on", "error"]), 0);
}

#[test]
fn a_named_folder_is_never_generated() {
    let folder = Folder::new("cli-no-folder");
    let output = folder.output(&["run", "--data", "nowhere"]);
    assert_eq!((code(&output), stdout(&output)), (2, String::new()));
    assert!(stderr(&output).contains("there is no folder nowhere") && stderr(&output).contains("hint"));
    fs::create_dir(folder.0.join("empty")).expect("the folder can be made");
    let output = folder.output(&["run", "--data", "empty"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("not an extract"), "{}", stderr(&output));
    folder.write("photos/beach.jpg", "no table");
    let output = folder.output(&["run", "--data", "photos"]);
    assert!(code(&output) == 2 && stderr(&output).contains("found: beach.jpg"), "{}", stderr(&output));
    assert_eq!(folder.files(".").len(), 1, "nothing was written");
}

#[test]
fn the_day_is_stated_and_never_guessed() {
    let folder = Folder::new("cli-day").with_extract();
    let output = folder.output(&["run", "--data", "in"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("the as-of date is unknown") && stderr(&output).contains("--day"),
        "{}",
        stderr(&output)
    );
    folder.write("in/clock.csv", "clock_id,school_year,date\ncensus_fall,2026,2025-10-01\n");
    assert!(stderr(&folder.output(&["run", "--data", "in"])).contains("has no row `as_of`"));
    folder.write("in/clock.csv", "clock_id,school_year,date\nas_of,2026,2025-10-02\n");
    assert!(stdout(&folder.output(&["run", "--data", "in"])).contains("as of 2025-10-02"));
    let output = folder.output(&["run", "--data", "in", "--day", "2025-13-01"]);
    assert!(code(&output) == 2 && stderr(&output).contains("YYYY-MM-DD"));
}

#[test]
fn broken_files_say_where_and_what_to_do() {
    let cases = [
        ("student.csv", "", "student.csv is empty", "export the file again"),
        ("student.csv", "S1,Ada,Lind\n", "not a header line", "name the columns"),
        ("student.csv", "student_id,first_name\nS1,Ada\n", "required column `last_name` is missing", "unrecognized headers"),
        (
            "student.csv",
            "student_id,first_name,lastname2\nS1,Ada,L\n",
            "`last_name` is missing",
            "did you mean `lastname2`?",
        ),
        (
            "student.csv",
            "student_id,Student ID,first_name,last_name\n",
            "both match column `student_id`",
            "remove or rename",
        ),
        ("Students.csv", "student_id\n", "both hold table `student`", "keep one"),
    ];
    for (file, text, message, hint) in cases {
        let folder = Folder::new("cli-broken").with_extract();
        folder.write(&format!("in/{file}"), text);
        let output = folder.output(&["run", "--data", "in", "--day", "2025-09-02"]);
        let said = stderr(&output);
        assert!(code(&output) == 2 && said.contains(message) && said.contains(hint), "{file}: {said}");
        assert!(!folder.0.join("reports").exists(), "nothing is published from a broken extract");
    }
    let folder = Folder::new("cli-missing").with_extract();
    fs::remove_file(folder.0.join("in/school_enrollment.csv")).expect("the file is there");
    folder.write("in/enrollments.csv", "a,b\n");
    let said = stderr(&folder.output(&["run", "--data", "in", "--day", "2025-09-02"]));
    assert!(said.contains("school_enrollment.csv is required") && said.contains("enrollments.csv"), "{said}");
}

#[test]
fn rejected_rows_are_shown_with_file_line_field_value_and_hint() {
    let folder = Folder::new("cli-rejected").with_extract();
    folder.write("in/student.csv", "student_id,first_name,last_name,birth_date\nS1,Ada,Lind,13/05/2014\nS2,,Berg,\n");
    let output = folder.output(&["run", "--data", "in", "--day", "2025-09-02"]);
    let text = stdout(&output);
    for words in [
        "student.csv:2, field 4: birth_date is not a date: \"13/05/2014\"",
        "dates are written YYYY-MM-DD",
        "student.csv:3, field 2: first_name is required and empty",
        "2 rejected",
    ] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = Folder::new("cli-rules");
    let list = stdout(&folder.output(&["rules"]));
    assert!(rollcall::qa::rules().all(|rule| list.contains(rule.id)));
    let one = stdout(&folder.output(&["rules", "enr-003"]));
    for words in ["ENR-003: exit before entry", "What it checks", "Why it matters", "How to fix it"] {
        assert!(one.contains(words), "{one}");
    }
    let unknown = folder.output(&["rules", "enr003"]);
    assert!(code(&unknown) == 2 && stderr(&unknown).contains("did you mean ENR-003?"), "{}", stderr(&unknown));
    let all: serde_json::Value = serde_json::from_str(&stdout(&folder.output(&["rules", "--json"]))).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(rollcall::qa::rules().count()));
}

#[test]
fn help_lists_the_exit_codes() {
    let folder = Folder::new("cli-help");
    for arguments in [&["--help"][..], &["run", "--help"]] {
        let help = stdout(&folder.output(arguments));
        assert!(help.contains("Exit codes:") && help.contains("violations are at least as severe"), "{help}");
    }
    assert_eq!(code(&folder.output(&["walk"])), 2);
}

/// Where the width of a terminal is unknown, lines have 80 columns. Names of files and texts of rows are not broken.
fn assert_fits(command: &str, text: &str) {
    let is_free = |line: &&str| line.contains(['/', '\\', '"', '✗']) || line.contains(".csv");
    for line in text.lines().filter(|line| !is_free(line)) {
        assert!(line.chars().count() <= 80, "{command} prints a line of {} columns: {line}", line.chars().count());
    }
}

#[test]
fn help_and_pages_fit_80_columns() {
    let folder = Folder::new("cli-width");
    let help = stdout(&folder.output(&["--help"]));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let names: Vec<&str> = names.collect();
    assert!(names.contains(&"replay") && names.len() > 12, "{names:?}");
    assert_fits("--help", &help);
    for name in names.into_iter().filter(|name| *name != "help") {
        assert_fits(name, &stdout(&folder.output(&[name, "--help"])));
    }
    for rule in rollcall::qa::rules() {
        assert_fits(rule.id, &stdout(&folder.output(&["rules", rule.id])));
    }
    for kpi in rollcall::kpi::KPIS {
        assert_fits(kpi.id, &stdout(&folder.output(&["kpis", kpi.id])));
    }
}

/// Every command of the README, run with the binary under test.
#[test]
fn the_commands_of_the_readme_work() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("there is a README");
    let folder = Folder::new("cli-readme");
    let mut run = 0;
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    for line in blocks.flat_map(str::lines) {
        let command = line.split('#').next().unwrap_or(line).trim();
        if command.is_empty() || command == "cargo test --release" || command.starts_with("cargo bench") {
            continue;
        }
        let arguments =
            command.strip_prefix("cargo run --release -- ").unwrap_or_else(|| panic!("not a command of ours: {command}"));
        let output = folder.output(&arguments.split_whitespace().collect::<Vec<_>>());
        assert_eq!(code(&output), 0, "{command}: {}", stderr(&output));
        if !command.contains("--json") {
            assert_fits(command, &stdout(&output));
        }
        run += 1;
    }
    assert!(run >= 2, "the README has commands");
}

/// The report of an extract with faults of every kind matches its schema, and a wrong report does not.
#[test]
fn the_report_matches_its_schema() {
    let folder = Folder::new("cli-schema");
    folder.write("rollcall.toml", "[rules]\noff = [\"DUP-003\"]\n");
    assert_eq!(code(&folder.output(&["run"])), 0);
    folder.write("data/raw/rule_config.csv", "rule_id,scope_org_id,enabled,reason\nenr-001,*,false,known since May\n");
    assert_eq!(code(&folder.output(&["run"])), 0);
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/data_quality_report.schema.json");
    let schema =
        jsonschema::validator_for(&read(&fs::read_to_string(schema).expect("there is a schema"))).expect("a schema");
    let check = |report: &serde_json::Value| {
        let errors: Vec<String> =
            schema.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    };
    let report = read(&folder.read("reports/data_quality_report.json"));
    check(&report);
    let filled = |list: &str| report[list].as_array().is_some_and(|list| !list.is_empty());
    assert!(["files", "rules", "did_not_run", "upcoming", "rejected", "superseded"].iter().all(|list| filled(list)));
    assert_eq!(report["did_not_run"][0]["id"], "DUP-003");
    let waived = report["rules"].as_array().expect("rules").iter().find(|rule| rule["id"] == "ENR-001").expect("it ran");
    assert_eq!((&waived["open"], &waived["passes"]), (&serde_json::json!(0), &serde_json::json!(true)));
    assert!(waived["waived"].as_u64() > Some(0) && report["totals"]["waived"] == waived["waived"]);
    let of_schools =
        report["rules"].as_array().expect("rules").iter().filter(|rule| rule["by_school"] != serde_json::json!({}));
    assert!(of_schools.count() > 30, "violations are told by school");
    // Also for a minimal extract.
    let folder = Folder::new("cli-schema-small").with_extract();
    assert_eq!(code(&folder.output(&["run", "--data", "in", "--day", "2025-09-02"])), 0);
    let report = read(&folder.read("reports/data_quality_report.json"));
    check(&report);
    assert!(report["did_not_run"].as_array().is_some_and(|rules| rules.len() > 40), "many tables are absent");
    let mut wrong = report.clone();
    wrong["totals"]["violations"] = serde_json::json!(-1);
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn settings_are_written_read_and_checked() {
    let folder = Folder::new("cli-settings").with_extract();
    let run = || folder.output(&["run", "--data", "in", "--day", "2025-09-02"]);
    assert_eq!(code(&folder.output(&["init"])), 0);
    assert_eq!(code(&folder.output(&["init"])), 2, "a file that is there is not overwritten");
    assert_eq!(code(&folder.output(&["init", "--force"])), 0);
    assert_eq!(code(&run()), 0, "{}", stderr(&run()));
    folder.write("rollcall.toml", "[thresholds]\nage_for_grade_min_half_year = 40\n");
    let output = run();
    assert_eq!(code(&output), 2);
    let said = stderr(&output);
    assert!(said.contains("rollcall.toml, line 2, column 1: there is no threshold age_for_grade_min_half_year"), "{said}");
    assert!(said.contains("age_for_grade_min_half_years"), "{said}");
    folder.write("rollcall.toml", "[thresholds]\nage_for_grade_min_half_years = 16\n");
    assert_eq!(code(&run()), 0);
    assert!(folder.read("reports/data_quality_report.json").contains("\"age_months\""), "the threshold holds");
}

#[test]
fn kpis_are_listed_and_explained() {
    let folder = Folder::new("cli-kpis");
    let list = stdout(&folder.output(&["kpis"]));
    assert!(rollcall::kpi::KPIS.iter().all(|kpi| list.contains(kpi.id)), "{list}");
    let one = stdout(&folder.output(&["kpis", "kpi-09"]));
    assert!(one.contains("Program effect") && one.contains("baseline_g"), "{one}");
    let output = folder.output(&["kpis", "KPI-99"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("there is no KPI KPI-99"));
    let all: serde_json::Value = serde_json::from_str(&stdout(&folder.output(&["kpis", "--json"]))).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(rollcall::kpi::KPIS.len()));
}

#[test]
fn an_export_is_checked_and_replayed_with_a_profile() {
    let folder = Folder::new("cli-map");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples/powerschool");
    let export = folder.0.join("feed/2026-03-16");
    fs::create_dir_all(&export).expect("the folder can be made");
    for entry in fs::read_dir(&samples).expect("the sample is readable") {
        let path = entry.expect("the sample is readable").path();
        fs::copy(&path, export.join(path.file_name().expect("a file has a name"))).expect("the file can be copied");
    }
    let cc = folder.read("feed/2026-03-16/CC.csv");
    folder.write("feed/2026-03-16/CC.csv", cc.replace("8/18/2025,11/22/2025", "18 Aug,11/22/2025"));
    let students = folder.read("feed/2026-03-16/STUDENTS.csv");
    folder.write("feed/2026-03-16/STUDENTS.csv", students.replace(",T,2,", ",TX,2,"));

    let checked = folder.output(&["map", "check", "powerschool", "feed/2026-03-16"]);
    assert_eq!(code(&checked), 0, "{}", stderr(&checked));
    let text = stdout(&checked);
    for part in ["STUDENTS.csv", "school_enrollment.exit_type", "CC.csv, line 4, field 6", "can run", "Not       "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = stdout(&folder.output(&["map", "check", "powerschool", "feed/2026-03-16", "--json"]));
    let value: serde_json::Value = serde_json::from_str(&json).expect("it prints JSON");
    let unmapped = &value["unmapped_codes"][0];
    assert_eq!((unmapped["code"].as_str(), unmapped["rows"].as_u64()), (Some("TX"), Some(1)));
    assert_eq!((value["tables"]["student"].as_u64(), value["rejections"].as_u64()), (Some(6), Some(1)));
    let lacks = value["rules_that_cannot"].as_array().expect("a list");
    assert!(lacks.iter().any(|rule| rule["lacks"][0] == "credential"), "{lacks:?}");

    fs::remove_file(export.join("TERMS.csv")).expect("the file can be removed");
    folder.write("feed/2026-03-16/SCHOOLS.csv", "SCHOOL_NUMBR,NAME\n101,North\n");
    let checked = folder.output(&["map", "check", "powerschool", "feed/2026-03-16"]);
    let text = stdout(&checked);
    assert_eq!(code(&checked), 2);
    assert!(text.contains("did you mean `SCHOOL_NUMBR`?") && text.contains("terms*.csv"), "{text}");
    fs::copy(samples.join("SCHOOLS.csv"), export.join("SCHOOLS.csv")).expect("the file can be copied");

    let replay = ["replay", "feed", "--out", "out", "--json"];
    let done = folder.output(&[&replay[..], &["--format", "mapped", "--profile", "powerschool"]].concat());
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    assert!(folder.read("out/warehouse/out/fct_school_enrollment.csv").contains("2025-08-18"));
    for (arguments, expected) in [
        (&["--format", "mapped"][..], "needs a profile"),
        (&["--format", "csv", "--profile", "powerschool"], "does not use a profile"),
        (&["--profile", "powerscool"], "there is no profile powerscool"),
    ] {
        let failed = folder.output(&[&replay[..], arguments].concat());
        assert!(code(&failed) == 2 && stderr(&failed).contains(expected), "{}", stderr(&failed));
    }
    let listed = stdout(&folder.output(&["map", "list"]));
    assert!(["powerschool", "infinite_campus", "skyward", "aeries"].iter().all(|name| listed.contains(name)), "{listed}");
    folder.write("mine.toml", stdout(&folder.output(&["map", "show", "aeries"])));
    let checked = folder.output(&["map", "check", "mine.toml", "feed/2026-03-16"]);
    assert!(code(&checked) == 2 && stdout(&checked).contains("none of the files"), "{}", stdout(&checked));
}
