//! `rollcall map`: tests how a profile reads an export, without writing anything.

use super::{Failure, terminal};
use crate::ingest;
use crate::model::codes::CodeSet;
use crate::model::fields::Visited;
use crate::model::{Change, Fault, FieldType, Reason, Rejected, Table, Texts, Unreadable};
use crate::qa::{self, Rule};
use crate::source::mapped::{self, Mapped, Profile, Survey};
use crate::source::{Delivery, FileError, Mode, RecordSink, Scope};
use clap::Subcommand;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Test the profile of an export: what maps, what is missing, which codes are unrecognized, which rules can run
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    command: What,
}

#[derive(Subcommand)]
enum What {
    /// Read an export with a profile and report the result; nothing is written
    Check {
        /// A profile from `rollcall map list`, or the path of a .toml file
        #[arg(value_name = "PROFILE")]
        profile: String,
        /// The folder of the export
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the built-in profiles
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a profile, as a start for a custom one
    Show {
        /// Its name
        #[arg(value_name = "PROFILE")]
        profile: String,
    },
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    match &arguments.command {
        What::Check { profile, folder, json } => check(profile, folder, *json),
        What::List { json } => list(*json),
        What::Show { profile } => show(profile),
    }
}

/// The profile with this name, or in this file.
pub fn profile(named: &str) -> Result<Profile, Failure> {
    let wrong = |error: mapped::ProfileError| Failure::input(&error, error.hint.clone());
    if let Some(shipped) = mapped::shipped(named) {
        return shipped.map_err(wrong);
    }
    let path = Path::new(named);
    if path.extension().is_none() {
        return Err(unknown(named));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display()), None))?;
    Profile::read(named, &text).map_err(wrong)
}

fn unknown(named: &str) -> Failure {
    let names = mapped::SHIPPED.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    Failure::input(
        format!("there is no profile {named}"),
        format!("the profiles are {names}; a file is named like ./{named}.toml"),
    )
}

fn list(as_json: bool) -> Result<(String, u8), Failure> {
    let profiles = mapped::SHIPPED.iter().map(|(name, _)| profile(name)).collect::<Result<Vec<_>, _>>()?;
    let tables = |profile: &Profile| profile.tables().iter().map(|table| table.spec().name).collect::<Vec<_>>();
    if as_json {
        let value = |profile: &Profile| json!({ "name": profile.name, "about": profile.about, "tables": tables(profile) });
        return Ok((format!("{:#}\n", json!(profiles.iter().map(value).collect::<Vec<_>>())), 0));
    }
    let mut table = terminal::table(&["profile", "what it reads", "tables"], 3);
    for profile in &profiles {
        table.add_row([profile.name.clone(), profile.about.clone(), tables(profile).join(", ")]);
    }
    Ok((format!("{table}\n\n`rollcall map show NAME` prints one to copy and change.\n"), 0))
}

fn show(named: &str) -> Result<(String, u8), Failure> {
    let text = mapped::SHIPPED.iter().find(|(name, _)| name.eq_ignore_ascii_case(named));
    text.map(|(_, text)| ((*text).to_owned(), 0)).ok_or_else(|| unknown(named))
}

fn check(named: &str, folder: &Path, as_json: bool) -> Result<(String, u8), Failure> {
    let format = Mapped { profile: profile(named)? };
    if !folder.is_dir() {
        let hint = "DIR is the folder of the export".to_owned();
        return Err(Failure::input(format!("there is no folder {}", folder.display()), hint));
    }
    let mut read = |file: &str| {
        let unreadable = |error: std::io::Error| FileError::Unreadable { file: file.to_owned(), why: error.to_string() };
        std::fs::read(folder.join(file)).map_err(unreadable)
    };
    let unless_stated = Some(Mode::Full(Scope::default()));
    let mut delivery = Delivery { files: ingest::files(folder)?, read: &mut read, unless_stated };
    let mut seen = Problems::default();
    let survey = format.survey(&mut delivery, &mut seen).map_err(|error| Failure::input(&error, error.hint()))?;
    let summary = Summary::new(&format.profile, &survey, &seen);
    let code = if survey.problems.is_empty() { 0 } else { 2 };
    Ok((if as_json { summary.json() } else { summary.text() }, code))
}

/// The maximum number of rejected rows listed.
const SHOWN: usize = 20;

/// Accepts rows and collects only their problems.
#[derive(Default)]
struct Problems {
    texts: Texts,
    rows: BTreeMap<Table, u64>,
    /// How often each unrecognized code occurs, by table, column and code.
    codes: BTreeMap<(Table, usize, CodeSet, String), u64>,
    rejected: u64,
    shown: Vec<Rejected>,
}

impl RecordSink for Problems {
    fn texts(&mut self) -> &mut Texts {
        &mut self.texts
    }
    fn change(&mut self, change: Change) {
        match change {
            Change::Upsert(row) | Change::KeyChange(_, row) => {
                let table = row.table();
                *self.rows.entry(table).or_default() += 1;
                let (codes, texts) = (&mut self.codes, &self.texts);
                row.visit(&mut |column, seen| {
                    if let Visited::UnrecognizedCode(set, odd) = seen {
                        let code = texts.unrecognized_text(set, odd).to_owned();
                        *codes.entry((table, column, set, code)).or_default() += 1;
                    }
                });
            }
            Change::Reject(rejected) => {
                self.rejected += 1;
                if self.shown.len() < SHOWN {
                    self.shown.push(rejected);
                }
            }
            Change::Delete(..) | Change::Accept(..) | Change::Note(_) => {}
        }
    }
}

/// An unmapped code.
struct Unmapped<'a> {
    table: Table,
    column: &'static str,
    code: &'a str,
    count: u64,
    /// The most similar standard code.
    alike: &'static str,
}

/// A rejected row.
struct Bad<'a> {
    place: String,
    table: Table,
    column: Option<&'static str>,
    value: &'a str,
    hint: String,
}

/// The content of the report.
struct Summary<'a> {
    profile: &'a Profile,
    survey: &'a Survey,
    rows: &'a BTreeMap<Table, u64>,
    codes: Vec<Unmapped<'a>>,
    rejected: u64,
    bad: Vec<Bad<'a>>,
    runs: Vec<&'static Rule>,
    /// Rules that cannot run, and the tables they are missing.
    idle: Vec<(&'static Rule, Vec<&'static str>)>,
}

/// The most similar code of a set.
fn alike(set: CodeSet, code: &str) -> &'static str {
    let code = code.to_lowercase();
    let likeness = |value: &&&'static str| strsim::jaro_winkler(&code, &value.to_lowercase());
    set.values().iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).copied().unwrap_or("")
}

impl<'a> Summary<'a> {
    fn new(profile: &'a Profile, survey: &'a Survey, seen: &'a Problems) -> Summary<'a> {
        let mut codes: Vec<Unmapped<'_>> = Vec::new();
        for ((table, column, set, code), &count) in &seen.codes {
            let column = table.spec().columns[*column].name;
            codes.push(Unmapped { table: *table, column, code, count, alike: alike(*set, code) });
        }
        let bad = |rejected: &Rejected| {
            let Rejected { table, file, line, reason, .. } = *rejected;
            let file = seen.texts.text(file);
            let (place, column, value) = match reason {
                Reason::Field { column, position, value, .. } => {
                    let column = &table.spec().columns[usize::from(column)];
                    (position, Some(column), value)
                }
                Reason::Operation { position, value } | Reason::Stamp { position, value } => (position, None, value),
                _ => (0, None, None),
            };
            let field = if place == 0 { String::new() } else { format!(", field {place}") };
            let hint = match (reason, column.map(|column| column.kind)) {
                (Reason::Field { fault: Fault::Unreadable(Unreadable::Date), .. }, Some(FieldType::Day)) => {
                    "add its format to dates, such as \"%m/%d/%Y\"".to_owned()
                }
                (reason, _) => reason.hint().to_owned(),
            };
            let value = value.map_or("", |value| seen.texts.text(value));
            Bad {
                place: format!("{file}, line {line}{field}"),
                table,
                column: column.map(|column| column.name),
                value,
                hint,
            }
        };
        let absent = |table: &&Table| !survey.modes.contains_key(table);
        let lacks = |rule: &'static Rule| rule.needs.iter().filter(absent).map(|table| table.spec().name).collect();
        let (runs, idle): (Vec<_>, Vec<_>) =
            qa::rules().map(|rule| (rule, lacks(rule))).partition(|(_, lacks): &(_, Vec<_>)| lacks.is_empty());
        Summary {
            profile,
            survey,
            rows: &seen.rows,
            codes,
            rejected: seen.rejected,
            bad: seen.shown.iter().map(bad).collect(),
            runs: runs.into_iter().map(|(rule, _)| rule).collect(),
            idle,
        }
    }

    /// Incomplete tables, and the files they are missing.
    fn in_part(&self) -> Vec<(Table, Vec<&'a str>)> {
        let part = self.survey.modes.iter().filter(|(_, mode)| **mode == Mode::Delta).map(|(table, _)| *table);
        let why = |table: Table| {
            let lacking = self.survey.missing.iter().filter(|(_, optional, tables)| !optional && tables.contains(&table));
            (table, lacking.map(|(file, ..)| file.as_str()).collect())
        };
        part.map(why).filter(|(_, why): &(_, Vec<_>)| !why.is_empty()).collect()
    }

    fn json(&self) -> String {
        let names = |tables: &[Table]| tables.iter().map(|table| table.spec().name).collect::<Vec<_>>();
        let file = |file: &mapped::FileSurvey| {
            let table = |table: &mapped::TableSurvey| {
                let absent = table.absent.iter().map(|(column, wanted)| json!({ "column": column, "wanted": wanted }));
                json!({
                    "table": table.table.spec().name,
                    "columns": table.columns,
                    "absent_columns": absent.collect::<Vec<_>>(),
                })
            };
            json!({
                "file": file.report.file,
                "rows": file.report.rows,
                "rejected": file.report.rejected,
                "ignored": file.report.ignored,
                "encoding": file.report.encoding,
                "looked_up": file.looked_up,
                "tables": file.tables.iter().map(table).collect::<Vec<_>>(),
                "unused_columns": file.report.ignored_columns,
            })
        };
        let missing = |(files, optional, tables): &(String, bool, Vec<Table>)| {
            let tables = names(tables);
            json!({ "files": files, "optional": optional, "tables": tables })
        };
        let code = |code: &Unmapped<'_>| {
            json!({
                "table": code.table.spec().name, "column": code.column, "code": code.code, "rows": code.count,
                "closest": code.alike,
            })
        };
        let bad = |bad: &Bad<'_>| {
            json!({
                "place": bad.place, "table": bad.table.spec().name, "column": bad.column, "value": bad.value,
                "hint": bad.hint,
            })
        };
        let problem = |error: &FileError| json!({ "problem": error.to_string(), "hint": error.hint() });
        let idle = |(rule, lacks): &(&Rule, Vec<&str>)| json!({ "rule": rule.id, "lacks": lacks });
        let in_part = |(table, why): (Table, Vec<&str>)| json!({ "table": table.spec().name, "lacks": why });
        let rows: BTreeMap<&str, u64> = self.rows.iter().map(|(table, rows)| (table.spec().name, *rows)).collect();
        let value = json!({
            "profile": self.profile.name,
            "files": self.survey.files.iter().map(file).collect::<Vec<_>>(),
            "tables": rows,
            "missing_files": self.survey.missing.iter().map(missing).collect::<Vec<_>>(),
            "changes_only": self.in_part().into_iter().map(in_part).collect::<Vec<_>>(),
            "problems": self.survey.problems.iter().map(problem).collect::<Vec<_>>(),
            "unmapped_codes": self.codes.iter().map(code).collect::<Vec<_>>(),
            "rejections": self.rejected,
            "rejected_rows": self.bad.iter().map(bad).collect::<Vec<_>>(),
            "rules_that_run": self.runs.iter().map(|rule| rule.id).collect::<Vec<_>>(),
            "rules_that_cannot": self.idle.iter().map(idle).collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }

    fn text(&self) -> String {
        let (bold, dim, bad) = (terminal::BOLD, terminal::DIM, terminal::ERROR);
        let mut text = format!("{bold}{}{bold:#}  {dim}{}{dim:#}\n\n", self.profile.name, self.profile.about);
        self.files(&mut text);
        for problem in &self.survey.problems {
            let _ = writeln!(text, "{bad}Problem{bad:#}   {problem}\n          {dim}{}{dim:#}", problem.hint());
        }
        for (files, optional, tables) in &self.survey.missing {
            let tables: Vec<&str> = tables.iter().map(|table| table.spec().name).collect();
            let of = if tables.is_empty() { "lookup".to_owned() } else { tables.join(", ") };
            let optional = if *optional { ", optional" } else { "" };
            text.push_str(&terminal::labeled(bold, "No file", &format!("{files} ({of}{optional})")));
        }
        for (table, why) in self.in_part() {
            let name = table.spec().name;
            let why = why.join(" and ");
            let part = format!("{name}, without {why}: missing rows are not deleted");
            text.push_str(&terminal::labeled(bold, "In part", &part));
        }
        for file in &self.survey.files {
            for table in &file.tables {
                for (column, wanted) in &table.absent {
                    let (name, wanted) = (table.table.spec().name, wanted.join(" or "));
                    let place = &file.report.file;
                    let absent = format!("{place}: {wanted} ({name}.{column})");
                    text.push_str(&terminal::labeled(bold, "No column", &absent));
                }
            }
            if !file.report.ignored_columns.is_empty() {
                let unused = file.report.ignored_columns.join(", ");
                text.push_str(&terminal::labeled(dim, "Unused", &format!("{}: {unused}", file.report.file)));
            }
        }
        self.unrecognized(&mut text);
        self.rules(&mut text);
        text
    }

    fn files(&self, text: &mut String) {
        let mut table = terminal::table(&["file", "tables", "columns", "rows", "rejected", "skipped"], 3);
        for file in &self.survey.files {
            let report = &file.report;
            let numbers = [report.rows, report.rejected, report.ignored].map(terminal::thousands);
            if file.tables.is_empty() {
                let makes = if file.looked_up { "lookup only" } else { "not mapped" };
                table.add_row([report.file.clone(), makes.to_owned(), String::new()].into_iter().chain(numbers.clone()));
            }
            for (place, made) in file.tables.iter().enumerate() {
                let (name, spec) = (if place == 0 { report.file.clone() } else { String::new() }, made.table.spec());
                let columns = format!("{} of {}", made.columns.len(), spec.columns.len());
                let numbers = if place == 0 { numbers.clone() } else { Default::default() };
                table.add_row([name, spec.name.to_owned(), columns].into_iter().chain(numbers));
            }
        }
        let _ = writeln!(text, "{table}\n");
    }

    fn unrecognized(&self, text: &mut String) {
        let (bold, dim) = (terminal::BOLD, terminal::DIM);
        if !self.codes.is_empty() {
            let mut table = terminal::table(&["unmapped code", "column", "similar code", "rows"], 3);
            for code in &self.codes {
                let column = format!("{}.{}", code.table.spec().name, code.column);
                table.add_row([code.code, &column, code.alike, &terminal::thousands(code.count)]);
            }
            let _ = writeln!(text, "\n{table}");
        }
        if self.rejected > 0 {
            let _ = writeln!(text, "\n{bold}Rejected{bold:#}");
        }
        for bad in &self.bad {
            let column = bad.column.map_or(String::new(), |column| format!(".{column}"));
            let value = if bad.value.is_empty() { String::new() } else { format!(" {:?}", bad.value) };
            let _ = writeln!(text, "  {}: {}{column}{value}: {dim}{}{dim:#}", bad.place, bad.table.spec().name, bad.hint);
        }
        let rest = self.rejected - self.bad.len() as u64;
        if rest > 0 {
            let _ = writeln!(text, "  {dim}and {} more{dim:#}", terminal::thousands(rest));
        }
    }

    fn rules(&self, text: &mut String) {
        let (bold, good) = (terminal::BOLD, terminal::GOOD);
        let all = self.runs.len() + self.idle.len();
        let _ = writeln!(text, "\n{good}Rules{good:#}     {} of {all} can run", self.runs.len());
        let mut by_tables: BTreeMap<&[&str], BTreeSet<&str>> = BTreeMap::new();
        for (rule, lacks) in &self.idle {
            by_tables.entry(lacks).or_default().insert(rule.id);
        }
        for (lacks, rules) in by_tables {
            let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
            let of = format!("{rules} without {}", lacks.join(", "));
            text.push_str(&terminal::labeled(bold, "Not", &of));
        }
    }
}
