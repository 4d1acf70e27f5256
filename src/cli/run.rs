//! `rollcall run`: an extract in, the quality report, analysis tables and warehouse out.

use super::{Failure, settings, terminal};
use crate::engine::Engine;
use crate::generate;
use crate::kpi::{Published, ZScores};
use crate::model::{Batch, Change, Date, Record, Settings, Table, Texts};
use crate::qa::{self, Severity};
use crate::quality::{self, Event, Standing, Violations, Whereabouts};
use crate::sink::quality_report::{Inputs, Made, Report, Upcoming, report};
use crate::sink::{Origin, Sheet, analysis_tables, warehouse_files};
use crate::source::{Collected, csv::Csv, folder};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Read an extract, check it, and write report, analysis tables and warehouse
///
/// An extract is a folder with one CSV file per table (reports/tables.md lists tables and columns). Without --data it is
/// data/raw; when that is absent or empty, a small synthetic district is made there first.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// The folder of the extract [default: data/raw]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder that reports/ and warehouse/ are written in
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The day that rules mean by today [default: `as_of` of the clock table]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    day: Option<Date>,
    /// Worker threads of the dataflow
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Exit with 3 when violations are at least so severe
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Thresholds and switches [default: rollcall.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FailOn {
    Error,
    Critical,
}

pub(super) fn day(text: &str) -> Result<Date, String> {
    Date::parse_iso(text.as_bytes()).ok_or_else(|| "not a day in the form YYYY-MM-DD".to_owned())
}

/// Where an extract is looked for when none is named.
const DATA: &str = "data/raw";
/// How large a made-up district is.
const STUDENTS: u32 = 10_000;

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let begin = Instant::now();
    let (extract, made) = extract(arguments)?;
    let folder = extract.as_path();
    let folder::Assigned { tables, unknown: ignored_files } =
        folder::assign(&files(folder)?).map_err(|error| Failure::input(&error, error.hint()))?;
    let today = match arguments.day {
        Some(day) => day,
        None => as_of(folder, &tables)?,
    };

    let mut plan = settings::plan(arguments.settings.as_deref())?;
    let present = |table: &Table| tables.iter().any(|(of, _)| of == table);
    plan.settings.absent_tables = Table::ALL.iter().copied().filter(|table| !present(table)).collect();
    let mut engine = Engine::start(plan.clone(), usize::from(arguments.workers), today).map_err(Failure::work)?;
    let inputs = load(&mut engine, folder, &tables, ignored_files)?;
    let mut violations = Violations::default();
    while let Some(delta) = engine.next_delta().map_err(Failure::work)? {
        violations.apply(&delta);
    }

    let origin = origin(&engine);
    let tallies = engine.tallies().map_err(Failure::work)?;
    let (open, standing, sheets, z_scores) = {
        let whereabouts = Whereabouts::on(today, &engine.register);
        let standing = Standing::on(today, &engine.register);
        let open = quality::open(&violations, &whereabouts, &standing, &engine.register.texts);
        let cleanliness = whereabouts.cleanliness(&violations, |rule| plan.runs(rule));
        let published = Published::new(&tallies, &engine.register, &plan.settings, &cleanliness);
        (open, standing, analysis_tables::sheets(&published), ZScores::new(&published))
    };
    let tables_path = arguments.out.join("reports/analysis_tables");
    analysis_tables::write(&sheets, &tables_path, origin).map_err(Failure::work)?;
    let warehouse_path = arguments.out.join("warehouse/out");
    let bar = terminal::progress("writing the warehouse", crate::warehouse::RELATIONS.len() as u64);
    let besides = warehouse_files::Besides { open: &open, plan: &plan, kpis: &sheets, z_scores: &z_scores };
    let relations =
        warehouse_files::write(&mut engine, &besides, &warehouse_path, origin, |_| bar.inc(1)).map_err(Failure::work)?;
    bar.finish_and_clear();
    let upcoming = upcoming(&mut engine, violations)?;
    let (day, register) = (today, &engine.register);
    let (plan, open, standing) = (&plan, &open[..], &standing);
    let quality = report(Made { day, origin, inputs, plan, register, open, standing, upcoming });
    let quality_path = arguments.out.join("reports/data_quality_report.json");
    quality.write(&quality_path).map_err(Failure::work)?;
    let brief_path = brief(arguments, &engine, &quality, &sheets, &plan.settings)?;

    let severe = match arguments.fail_on {
        Some(FailOn::Error) => quality.at_least(Severity::Error),
        Some(FailOn::Critical) => quality.at_least(Severity::Critical),
        None => 0,
    };
    let mut written = vec![(quality_path, "every violation, with evidence"), (tables_path, "KPIs for dashboards")];
    written.extend(brief_path.map(|path| (path, "two or three pages for leaders")));
    let database_path = warehouse_path.join(warehouse_files::DATABASE);
    written.push((warehouse_path, "facts and dimensions, as CSV and Parquet"));
    written.push((database_path, "all of it, for SQL"));
    let summary = Summary {
        made: made.then_some(folder),
        report: &quality,
        sheets: &sheets,
        rows: relations,
        written: &written,
        seconds: begin.elapsed().as_secs_f64(),
        settings: &plan.settings,
    };
    let text = if arguments.json { summary.json() } else { summary.text() };
    Ok((text, if severe > 0 { 3 } else { 0 }))
}

/// Writes the policy brief, and says where.
#[cfg(feature = "brief")]
fn brief(
    arguments: &Arguments,
    engine: &Engine,
    report: &Report,
    sheets: &[Sheet],
    settings: &Settings,
) -> Result<Option<PathBuf>, Failure> {
    use crate::model::codes::OrgType;
    let texts = &engine.register.texts;
    let districts = engine.register.rows().organization.iter().flatten().filter(|org| org.org_type == OrgType::District);
    // Of several the first by id, whatever order they came in.
    let district = districts.min_by_key(|org| texts.text(org.org_id)).map_or("The district", |org| texts.text(org.name));
    let path = arguments.out.join("reports/policy_brief.pdf");
    let input = crate::sink::brief::Input { district, report, sheets, settings };
    crate::sink::brief::write(&input, &path).map_err(Failure::work)?;
    Ok(Some(path))
}

/// Typst is left out of this build, and with it the policy brief.
#[cfg(not(feature = "brief"))]
fn brief(_: &Arguments, _: &Engine, _: &Report, _: &[Sheet], _: &Settings) -> Result<Option<PathBuf>, Failure> {
    Ok(None)
}

/// The folder of the extract, and whether it was just made up.
fn extract(arguments: &Arguments) -> Result<(PathBuf, bool), Failure> {
    if let Some(folder) = &arguments.data {
        return match folder.is_dir() {
            true => Ok((folder.clone(), false)),
            false => Err(Failure::input(
                format!("there is no folder {}", folder.display()),
                "--data names a folder with one CSV file per table".to_owned(),
            )),
        };
    }
    let folder = PathBuf::from(DATA);
    // Hidden files, such as a .gitkeep, are nobody's extract.
    let hidden = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
    let empty = !folder.exists() || fs::read_dir(&folder).is_ok_and(|entries| entries.flatten().all(|entry| hidden(&entry)));
    if empty {
        make(&folder).map_err(|error| Failure::work(format!("cannot write {}: {error}", folder.display())))?;
    }
    Ok((folder, empty))
}

/// Makes a synthetic district.
fn make(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let day = Date::ymd(2026, 3, 16).expect("invariant: a day of the calendar");
    let options = generate::Options { students: STUDENTS, seed: 1, day, faults: true };
    let bar = terminal::progress("making a district", Table::ALL.len() as u64);
    generate::district(&options, |table| {
        bar.inc(1);
        fs::File::create(folder.join(format!("{table}.csv"))).map(std::io::BufWriter::new)
    })?;
    bar.finish_and_clear();
    let note = "# SYNTHETIC\n\nThe records in this folder are made up by rollcall's generator, with faults planted in them. \
                No person, school\nor district in them is real. Put the files of an extract here instead to check that, \
                or name its folder with\n`rollcall run --data DIR`.\n";
    fs::write(folder.join("SYNTHETIC.md"), note)
}

/// The names of the files in a folder, sorted.
fn files(folder: &Path) -> Result<Vec<String>, Failure> {
    let unreadable = |error| Failure::input(format!("cannot read {}: {error}", folder.display()), None);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_file = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file());
        if let (true, Some(name)) = (is_file, entry.file_name().to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn read(folder: &Path, file: &str) -> Result<Vec<u8>, Failure> {
    let path = folder.join(file);
    fs::read(&path).map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display()), None))
}

/// The day that the clock table of the extract states.
fn as_of(folder: &Path, tables: &[(Table, String)]) -> Result<Date, Failure> {
    let hint = "name the day with --day, or state it in clock.csv as the date of clock_id `as_of`".to_owned();
    let Some((_, file)) = tables.iter().find(|(table, _)| *table == Table::Clock) else {
        return Err(Failure::input("which day is today? the extract has no clock.csv", hint));
    };
    let mut texts = Texts::default();
    let mut taker = Collected { texts: &mut texts, batch: Batch::default() };
    Csv.decode(Table::Clock, file, &read(folder, file)?, &mut taker)
        .map_err(|error| Failure::input(&error, error.hint()))?;
    let batch = taker.batch;
    let mut days = batch.changes.iter().rev().filter_map(|change| match change {
        Change::Upsert(Record::Clock(row)) if texts.text(row.clock_id) == "as_of" => Some(row.date),
        _ => None,
    });
    days.next().ok_or_else(|| Failure::input(format!("which day is today? {file} has no `as_of`"), hint))
}

/// Takes every file as one batch.
fn load(
    engine: &mut Engine,
    folder: &Path,
    tables: &[(Table, String)],
    ignored_files: Vec<String>,
) -> Result<Inputs, Failure> {
    let size = |file: &str| fs::metadata(folder.join(file)).map_or(0, |metadata| metadata.len());
    let bar = terminal::progress("reading the extract", tables.iter().map(|(_, file)| size(file)).sum());
    let present = |table: &Table| tables.iter().any(|(of, _)| of == table);
    let absent = Table::ALL.iter().filter(|table| !present(table)).map(|table| table.spec().name);
    let mut inputs = Inputs { files: Vec::new(), absent_tables: absent.collect(), ignored_files };
    let mut commit = engine.begin();
    commit.deliver(&tables.iter().map(|(table, _)| *table).collect::<Vec<_>>());
    for (table, file) in tables {
        let bytes = read(folder, file)?;
        let report = Csv.decode(*table, file, &bytes, &mut commit).map_err(|error| Failure::input(&error, error.hint()))?;
        inputs.files.push(report);
        bar.inc(bytes.len() as u64);
    }
    bar.set_message("computing");
    commit.finish().map_err(Failure::work)?;
    bar.finish_and_clear();
    Ok(inputs)
}

/// How many days ahead a run looks.
const AHEAD: i64 = 30;

/// What will open if no record changes. Days pass for it, so nothing else is asked of the engine afterwards.
fn upcoming(engine: &mut Engine, mut violations: Violations) -> Result<Vec<Upcoming>, Failure> {
    engine.advance_to(engine.day().plus(AHEAD)).map_err(Failure::work)?;
    let mut upcoming = Vec::new();
    for delta in engine.settle().map_err(Failure::work)? {
        for ((rule, subject), event) in violations.apply(&delta) {
            if event == Event::Opened {
                let texts = &engine.register.texts;
                let (day, subject, about) = (delta.day().to_string(), subject.key(texts), subject.kind());
                upcoming.push(Upcoming { day, rule: qa::numbered(rule).id, about, subject });
            }
        }
    }
    upcoming.sort();
    Ok(upcoming)
}

/// Generated organizations are named SYNTHETIC, so that their records tell wherever they are carried.
fn origin(engine: &Engine) -> Origin {
    let texts = &engine.register.texts;
    let synthetic =
        engine.register.rows().organization.iter().flatten().any(|org| texts.text(org.name).starts_with("SYNTHETIC"));
    if synthetic { Origin::Synthetic } else { Origin::Extract }
}

/// What a run has to tell.
struct Summary<'a> {
    made: Option<&'a Path>,
    report: &'a Report,
    sheets: &'a [Sheet],
    rows: Vec<(&'static str, usize)>,
    written: &'a [(PathBuf, &'static str)],
    seconds: f64,
    settings: &'a Settings,
}

impl Summary<'_> {
    fn json(&self) -> String {
        let report = self.report;
        let rules = report.rules.iter().map(|rule| json!({"id": rule.id, "severity": rule.severity, "open": rule.open}));
        let kpis = self.sheets.iter().map(|sheet| {
            let rows = sheet.rows.iter().filter(|row| is_headline(sheet, row));
            let named = |row: &Vec<String>| -> serde_json::Map<String, serde_json::Value> {
                sheet.columns.iter().zip(row).map(|(column, field)| ((*column).to_owned(), json!(field))).collect()
            };
            json!({"name": sheet.name, "rows": sheet.rows.len(), "district": rows.map(named).collect::<Vec<_>>()})
        });
        let value = json!({
            "rollcall": report.rollcall,
            "day": report.day,
            "origin": report.origin,
            "files": report.files,
            "absent_tables": report.absent_tables,
            "ignored_files": report.ignored_files,
            "totals": report.totals,
            "rules": rules.collect::<Vec<_>>(),
            "kpis": kpis.collect::<Vec<_>>(),
            "relations": self.rows.iter().map(|(name, rows)| json!({"name": name, "rows": rows})).collect::<Vec<_>>(),
            "written": self.written.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>(),
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
        });
        format!("{value:#}\n")
    }

    fn text(&self) -> String {
        let (bold, dim, bad, good) = (terminal::BOLD, terminal::DIM, terminal::ERROR, terminal::GOOD);
        let report = self.report;
        let mut text = String::new();
        if let Some(folder) = self.made {
            let _ = writeln!(text, "{dim}There was no extract, so {} now holds a synthetic one.{dim:#}\n", folder.display());
        }
        let origin = if report.origin == Origin::Synthetic.name() { " · SYNTHETIC records, no real people" } else { "" };
        let _ = writeln!(text, "{bold}rollcall {} · as of {}{origin}{bold:#}\n", report.rollcall, report.day);
        let rows = terminal::thousands(report.totals.rows);
        let _ = write!(text, "Read      {rows} rows from {} files", report.files.len());
        let rejected = report.totals.rejected_rows;
        let _ = if rejected == 0 {
            writeln!(text, ", {good}none rejected{good:#}")
        } else {
            writeln!(text, ", {bad}{} rejected{bad:#}", terminal::thousands(rejected))
        };
        if !report.absent_tables.is_empty() {
            let _ = writeln!(text, "Absent    {}", report.absent_tables.join(", "));
        }
        for file in &report.ignored_files {
            if !file.starts_with("SYNTHETIC") {
                let _ = writeln!(text, "Note      {file} is not named after a table and was not read");
            }
        }
        for file in &report.files {
            if file.encoding != "UTF-8" {
                let _ = writeln!(text, "Note      {} is not UTF-8; it was read as {}", file.file, file.encoding);
            }
            if !file.ignored_columns.is_empty() {
                let _ = writeln!(text, "Note      {}: columns not read: {}", file.file, file.ignored_columns.join(", "));
            }
        }
        // One of each file first, so that a bad file is seen behind another.
        let is_first = |place: usize| place == 0 || report.rejected[place - 1].file != report.rejected[place].file;
        let (firsts, rest): (Vec<usize>, Vec<usize>) = (0..report.rejected.len()).partition(|&place| is_first(place));
        for rejected in firsts.into_iter().chain(rest).take(3).map(|place| &report.rejected[place]) {
            let place = rejected.position.map_or(String::new(), |position| format!(", field {position}"));
            let value = rejected.value.as_ref().map_or(String::new(), |value| format!(": {value:?}"));
            let _ = writeln!(text, "  {bad}✗{bad:#} {}:{}{place}: {}{value}", rejected.file, rejected.line, rejected.reason);
            let _ = writeln!(text, "    {dim}{}{dim:#}", rejected.hint);
        }
        if rejected > 3 {
            let _ = writeln!(text, "    {dim}… all of them stand in the report{dim:#}");
        }
        if !report.did_not_run.is_empty() {
            let _ = writeln!(
                text,
                "Not run   {} of {} rules: tables are absent or switches off",
                report.did_not_run.len(),
                report.did_not_run.len() + report.totals.rules_run
            );
        }
        let _ = writeln!(text, "\n{}", self.violations());
        let _ = writeln!(text, "\n{}", self.worst());
        let _ = writeln!(text, "\n{}", self.kpis());
        let upcoming = report.upcoming.len();
        if upcoming > 0 {
            let _ = writeln!(
                text,
                "{upcoming} violations will open within the next {AHEAD} days if nothing changes; the report lists them."
            );
        }
        let minimum = self.settings.minimum_n;
        let _ = writeln!(
            text,
            "{dim}95 % intervals; rates and gaps that rest on fewer than {minimum} students are not published.{dim:#}\n"
        );
        for (path, what) in self.written {
            let path = path.strip_prefix(".").unwrap_or(path).display().to_string();
            let _ = writeln!(text, "Wrote     {path:<36} {dim}{what}{dim:#}");
        }
        let _ = writeln!(text, "Took      {:.1} s", self.seconds);
        text
    }

    /// Violations by family and severity.
    fn violations(&self) -> comfy_table::Table {
        let names = Severity::ALL.map(Severity::name);
        let mut table = terminal::table(&[&["open violations"], &names[..], &["all", "clean records"]].concat(), 1);
        let clean = |family: &str| {
            let sheet = self.sheets.iter().find(|sheet| sheet.name == "kpi_23_record_cleanliness");
            let row = sheet.and_then(|sheet| {
                let of =
                    |row: &&Vec<String>| field(sheet, row, "family") == family && field(sheet, row, "org_id").is_empty();
                sheet.rows.iter().find(of).map(|row| field(sheet, row, "clean"))
            });
            row.filter(|clean| !clean.is_empty()).map_or(String::new(), |clean| format!("{clean} %"))
        };
        let of = |family: &str, severity: Severity| -> usize {
            let rules = self.report.rules.iter().filter(|rule| rule.family == family && rule.severity == severity);
            rules.map(|rule| rule.open).sum()
        };
        for (family, total) in &self.report.totals.by_family {
            let counts = Severity::ALL.map(|severity| terminal::count(of(family, severity), severity));
            let name = comfy_table::Cell::new(family.replace('_', " "));
            let all = comfy_table::Cell::new(terminal::thousands(*total as u64));
            table.add_row([name].into_iter().chain(counts).chain([all, clean(family).into()]));
        }
        let counts = self.report.totals.by_severity.iter().map(|(severity, count)| terminal::count(*count, *severity));
        let all = comfy_table::Cell::new(terminal::thousands(self.report.totals.violations as u64));
        table.add_row([comfy_table::Cell::new("all")].into_iter().chain(counts).chain([all]));
        table
    }

    /// The rules that most violates, the worst first.
    fn worst(&self) -> comfy_table::Table {
        let mut rules: Vec<_> = self.report.rules.iter().filter(|rule| rule.open > 0).collect();
        rules.sort_by_key(|rule| (std::cmp::Reverse((rule.severity, rule.open)), rule.id));
        let mut table = terminal::table(&["worst first", "severity", "what is wrong", "open"], 3);
        for rule in rules.iter().take(8) {
            let open = terminal::count(rule.open, rule.severity);
            table.add_row([rule.id.into(), rule.severity.name().into(), rule.title.into(), open]);
        }
        table
    }

    /// KPIs of the district: of each subject the latest year of its largest assessment.
    fn kpis(&self) -> comfy_table::Table {
        let mut table = terminal::table(&["district KPIs", "", "value", "95 % interval", "n"], 2);
        for [title, whom, value, interval, n] in headlines(self.sheets) {
            table.add_row([title, whom, value, interval, n]);
        }
        table
    }
}

/// A field of a row, by its column.
fn field<'a>(sheet: &'a Sheet, row: &'a [String], column: &str) -> &'a str {
    sheet.columns.iter().position(|name| *name == column).map_or("", |place| row[place].as_str())
}

/// The figures that leaders ask for first: what is measured, of whom, value, interval and number.
fn headlines(sheets: &[Sheet]) -> Vec<[String; 5]> {
    let rows = |id: &str| {
        let name = crate::kpi::find(id).map_or("", |kpi| kpi.name);
        let sheet = sheets.iter().find(|sheet| sheet.name == name);
        sheet
            .into_iter()
            .flat_map(|sheet| sheet.rows.iter().filter(|row| is_headline(sheet, row)).map(move |row| (sheet, row)))
    };
    let title = |id: &str| crate::kpi::find(id).map_or("", |kpi| kpi.title).to_owned();
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    // By subject: the assessment and year with the most students of the latest year in which the subject was tested widely.
    let mut latest: BTreeMap<String, (String, f64, String)> = BTreeMap::new();
    for (sheet, row) in rows("KPI-02").filter(|(sheet, row)| field(sheet, row, "category") == "all") {
        let [subject, year, assessment, n] =
            ["subject", "school_year", "assessment_id", "n"].map(|name| field(sheet, row, name));
        let known = latest.entry(subject.to_owned()).or_insert_with(|| (year.to_owned(), 0.0, assessment.to_owned()));
        // A small group tested later does not stand for the subject.
        let is_wide = number(n) * 2.0 >= known.1;
        if is_wide && (year, number(n)) > (known.0.as_str(), known.1) || number(n) > 2.0 * known.1 {
            *known = (year.to_owned(), number(n), assessment.to_owned());
        }
    }
    let mut lines: Vec<[String; 5]> = Vec::new();
    for (id, value) in [("KPI-02", "rate"), ("KPI-04", "rate"), ("KPI-05", "gap")] {
        for (sheet, row) in rows(id) {
            let of = |name: &str| field(sheet, row, name);
            let is_latest = latest
                .get(of("subject"))
                .is_some_and(|(year, _, test)| (of("school_year"), of("assessment_id")) == (year, test));
            if !is_latest || (id == "KPI-05") == (of("category") == "all") {
                continue;
            }
            let whom = match id {
                "KPI-05" => format!("{}: not {} minus {}", of("subject"), of("category"), of("category")),
                _ => format!("{} {}", of("subject"), of("school_year")),
            };
            let (value, interval) = match of("suppressed") {
                "true" => ("not published".to_owned(), String::new()),
                _ => (of(value).to_owned(), format!("{} to {}", of("low"), of("high"))),
            };
            lines.push([title(id), whom, value, interval, ["n", "expected", "n_focal"].map(of).concat()]);
        }
    }
    for (sheet, row) in rows("KPI-09") {
        let of = |name: &str| field(sheet, row, name);
        if !of("effect").is_empty() {
            let interval = format!("{} to {}", of("low"), of("high"));
            lines.push([
                "Program effect".to_owned(),
                of("name").trim_start_matches("SYNTHETIC ").to_owned(),
                of("effect").to_owned(),
                interval,
                of("n_treatment").to_owned(),
            ]);
        }
    }
    for (id, what, value, n) in [
        ("KPI-10", "", "ratio", "headcount"),
        ("KPI-11", "counselor", "ratio", "headcount"),
        ("KPI-13", "fully certified, % of FTE", "certified", "teacher_fte"),
    ] {
        let district = rows(id).find(|(sheet, row)| {
            field(sheet, row, "name") == "(whole district)" && ["", what].contains(&field(sheet, row, "role"))
        });
        if let Some((sheet, row)) = district.filter(|(sheet, row)| !field(sheet, row, value).is_empty()) {
            let [value, n] = [value, n].map(|name| field(sheet, row, name).to_owned());
            lines.push([title(id), what.to_owned(), value, String::new(), n]);
        }
    }
    lines
}

/// Rows of the whole district: all grades and all students, and the gaps that leaders ask for first.
fn is_headline(sheet: &Sheet, row: &[String]) -> bool {
    let field = |name: &str| sheet.columns.iter().position(|column| *column == name).map(|place| row[place].as_str());
    let empty = |name: &str| field(name).is_none_or(str::is_empty);
    let everybody = matches!(field("category"), None | Some("all" | "econ" | "el" | "iep"));
    let not_split = field("value").is_none_or(|value| value == "all");
    empty("school_id") && empty("grade") && empty("org_id") && everybody && not_split
}
