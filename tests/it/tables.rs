//! The warehouse as CSV, Parquet and SQLite: all three agree field by field, with the declared types, and writing again
//! gives the same bytes.

use crate::support::district_files;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rollcall::model::Date;
use rollcall::model::fields::decimal_text;
use rollcall::quality::relations::DQ_RELATIONS;
use rollcall::warehouse::RELATIONS;
use rollcall::warehouse::columns::{Column, Kind};
use rollcall_generate::Options;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The output of a run, removed after the test.
pub struct Written(PathBuf);

impl Written {
    /// Runs the command on an extract.
    pub fn by_run(name: &str, files: &BTreeMap<String, Vec<u8>>) -> Written {
        let folder = std::env::temp_dir().join(format!("rollcall-tables-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("in")).expect("the temporary folder is writable");
        for (name, bytes) in files {
            fs::write(folder.join("in").join(name), bytes).expect("the file can be written");
        }
        let written = Written(folder);
        written.run("out");
        written
    }

    fn run(&self, out: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        let output = command.args(["run", "--data", "in", "--out", out]).current_dir(&self.0).output();
        let output = output.expect("the command starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The folder of the warehouse.
    pub fn warehouse(&self) -> PathBuf {
        self.0.join("out/warehouse/out")
    }

    /// The SQLite file, read-only.
    pub fn database(&self) -> Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        Connection::open_with_flags(self.warehouse().join("warehouse.sqlite"), flags).expect("the file is a database")
    }

    /// The header and the rows of a CSV file of the warehouse.
    pub fn csv(&self, table: &str) -> (Vec<String>, Vec<Vec<String>>) {
        csv_rows(&self.warehouse().join(format!("{table}.csv")))
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The files of a generated district.
pub fn district(students: u32) -> BTreeMap<String, Vec<u8>> {
    let day = Date::ymd(2026, 3, 16).expect("a day of the calendar");
    let (files, _) = district_files(&Options { students, seed: 5, day, faults: true });
    files.into_iter().map(|(table, bytes)| (format!("{}.csv", table.spec().name), bytes)).collect()
}

fn csv_rows(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let fields = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = fields(reader.headers().expect("a table has a header"));
    (header, reader.records().map(|record| fields(&record.expect("the file is valid CSV"))).collect())
}

/// Every table of the warehouse with its columns.
fn tables() -> impl Iterator<Item = (&'static str, Vec<(&'static str, Kind)>)> {
    let columns = |columns: &'static [Column]| columns.iter().map(|column| (column.name, column.kind));
    let relations = RELATIONS.iter().map(move |relation| {
        let keys = relation.surrogates.iter().map(|key| (key.name, Kind::Text));
        (relation.name, keys.chain(relation.all_columns().map(|column| (column.name, column.kind))).collect())
    });
    relations.chain(DQ_RELATIONS.iter().map(move |relation| (relation.name, columns(relation.columns).collect())))
}

/// A Parquet file: its columns, and its rows as text.
fn parquet_rows(path: &Path) -> (SerializedFileReader<fs::File>, Vec<Vec<String>>) {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader = SerializedFileReader::new(file).expect("the file is Parquet");
    let epoch = Date::ymd(1970, 1, 1).expect("a day of the calendar");
    let text = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Long(number) => number.to_string(),
        Field::Bool(truth) => truth.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Date(days) => epoch.plus((*days).into()).to_string(),
        Field::Decimal(decimal) => {
            let bytes: [u8; 8] = decimal.data().try_into().expect("decimals have 64 bits");
            decimal_text(i64::from_be_bytes(bytes), decimal.scale() as u32)
        }
        other => panic!("{}: {other:?} is none of the types that are written", path.display()),
    };
    let rows = reader.get_row_iter(None).expect("the rows are there").map(|row| {
        let row = row.expect("a row is readable");
        row.get_column_iter().map(|(_, field)| text(field)).collect::<Vec<_>>()
    });
    let rows = rows.collect();
    (reader, rows)
}

/// A field as in CSV, without the guard against formulas.
fn plain(kind: Kind, text: &str) -> String {
    match kind {
        // Numbers lose their trailing zeros.
        Kind::Real if !text.is_empty() => text.parse::<f64>().expect("a number").to_string(),
        _ if text.starts_with(['\'']) => text[1..].to_owned(),
        _ => text.to_owned(),
    }
}

/// A district shared by the tests of this binary.
pub fn shared() -> &'static Written {
    static SHARED: OnceLock<Written> = OnceLock::new();
    SHARED.get_or_init(|| Written::by_run("shared", &district(1_000)))
}

#[test]
fn parquet_and_sqlite_agree_with_csv() {
    let written = shared();
    let database = written.database();
    for (name, columns) in tables() {
        let (header, csv) = written.csv(name);
        // A single extract has no feed; `derived_kpis` compares that table for a feed.
        assert!(csv.is_empty() == (name == "fct_dq_feed"), "{name} has rows, else nothing is compared");
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).chain(["origin"]).collect();
        assert_eq!(header, names, "{name}");
        let kinds: Vec<Kind> = columns.iter().map(|(_, kind)| *kind).chain([Kind::Text]).collect();
        let csv: Vec<Vec<String>> =
            csv.iter().map(|row| row.iter().zip(&kinds).map(|(text, kind)| plain(*kind, text)).collect()).collect();

        let (reader, rows) = parquet_rows(&written.warehouse().join(format!("{name}.parquet")));
        assert!(rows == csv, "{name}.parquet");
        let metadata = reader.metadata().file_metadata();
        assert_eq!(metadata.created_by(), Some(concat!("rollcall ", env!("CARGO_PKG_VERSION"))));
        let parquet_names: Vec<&str> = metadata.schema_descr().columns().iter().map(|column| column.name()).collect();
        assert_eq!(parquet_names, names, "{name}");

        let mut statement = database.prepare(&format!("SELECT * FROM {name} ORDER BY rowid")).expect("a table each");
        let mut sqlite = statement.query([]).expect("the table is readable");
        for expected in &csv {
            let row = sqlite.next().expect("the table is readable").expect("as many rows as the CSV has");
            for (place, (column, kind)) in columns.iter().enumerate() {
                let value = row.get_ref(place).expect("a column each");
                let text = match (kind, value) {
                    (_, ValueRef::Null) => String::new(),
                    (Kind::Text | Kind::Date, ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
                    (Kind::Int, ValueRef::Integer(number)) => number.to_string(),
                    (Kind::YesNo, ValueRef::Integer(truth)) => (truth == 1).to_string(),
                    (Kind::Decimal(_) | Kind::Real, ValueRef::Real(number)) => number.to_string(),
                    (kind, value) => panic!("{name}.{column}: {value:?} is no {kind:?}"),
                };
                assert_eq!(text, expected[place], "{name}.{column}");
            }
        }
        assert!(sqlite.next().expect("the table is readable").is_none(), "{name}: no more rows than the CSV has");
    }
}

#[test]
fn kpis_in_the_database_match_the_published_ones() {
    let written = shared();
    let database = written.database();
    let mut hidden = 0;
    for kpi in rollcall::kpi::KPIS {
        let path = written.0.join(format!("out/reports/analysis_tables/{}.csv", kpi.name));
        let (header, csv) = csv_rows(&path);
        let count: i64 =
            database.query_row(&format!("SELECT count(*) FROM {}", kpi.name), [], |row| row.get(0)).expect("a table each");
        assert_eq!(count, csv.len() as i64, "{}", kpi.name);
        let figures: Vec<String> = kpi.columns.iter().map(|(name, _)| format!("{name} IS NOT NULL")).collect();
        let shown = format!("SELECT count(*) FROM {} WHERE suppressed AND ({})", kpi.name, figures.join(" OR "));
        assert_eq!(database.query_row(&shown, [], |row| row.get::<_, i64>(0)), Ok(0), "{}", kpi.name);
        let suppressed = header.iter().position(|name| name == "suppressed").expect("KPIs say what they leave out");
        let expected = csv.iter().filter(|row| row[suppressed] == "true").count();
        let found = format!("SELECT count(*) FROM {} WHERE suppressed", kpi.name);
        assert_eq!(database.query_row(&found, [], |row| row.get::<_, i64>(0)), Ok(expected as i64), "{}", kpi.name);
        hidden += expected;
    }
    assert!(hidden > 0, "something is suppressed, else nothing is tested");
    let about: (String, String, String, i64) = database
        .query_row("SELECT * FROM about", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .expect("one row");
    assert_eq!(about, (env!("CARGO_PKG_VERSION").to_owned(), "2026-03-16".to_owned(), "SYNTHETIC".to_owned(), 10));
}

#[test]
fn equal_tables_give_equal_bytes() {
    let files = district(60);
    let written = Written::by_run("again", &files);
    written.run("second");
    let mut compared = 0;
    for entry in fs::read_dir(written.warehouse()).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        let name = path.file_name().expect("a file has a name").to_owned();
        let read = |path: &Path| fs::read(path).expect("the file is readable");
        assert!(read(&path) == read(&written.0.join("second/warehouse/out").join(&name)), "{}", path.display());
        compared += 1;
    }
    assert_eq!(compared, 2 * tables().count() + 1, "a CSV and a Parquet file each, and the database; nothing is left over");
}

#[test]
fn types_do_not_depend_on_the_data() {
    let files = BTreeMap::from([
        ("organization.csv".to_owned(), b"org_id,org_type,name\nD,district,Hill District\n".to_vec()),
        ("student.csv".to_owned(), b"student_id,first_name,last_name\n".to_vec()),
        (
            "school_enrollment.csv".to_owned(),
            b"enrollment_id,student_id,school_id,school_year,grade_level,entry_date\n".to_vec(),
        ),
        ("clock.csv".to_owned(), b"clock_id,school_year,date\nas_of,2026,2026-03-16\n".to_vec()),
    ]);
    let empty = Written::by_run("empty", &files);
    let full = shared();
    let mut without_rows = 0;
    for (name, _) in tables() {
        let schema = |written: &Written| {
            let (reader, rows) = parquet_rows(&written.warehouse().join(format!("{name}.parquet")));
            let columns = reader.metadata().file_metadata().schema_descr().columns().to_vec();
            let types =
                columns.iter().map(|column| (column.name().to_owned(), column.physical_type(), column.converted_type()));
            (types.collect::<Vec<_>>(), rows.len())
        };
        let ((here, rows), (there, _)) = (schema(&empty), schema(full));
        assert_eq!(here, there, "{name}");
        without_rows += usize::from(rows == 0);
    }
    assert!(without_rows > 15, "most tables are empty");
    let declared = |written: &Written| {
        let database = written.database();
        let mut statement = database.prepare("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name");
        let statement = statement.as_mut().expect("a database has a schema");
        let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).expect("the schema is readable");
        rows.map(|row| row.expect("the schema is readable")).collect::<Vec<_>>()
    };
    assert_eq!(declared(&empty), declared(full));
}

#[test]
fn z_scores_use_the_published_mean() {
    let written = shared();
    let (header, means) = csv_rows(&written.0.join("out/reports/analysis_tables/kpi_01_mean_score.csv"));
    let place = |header: &[String], name: &str| header.iter().position(|column| column == name).expect("a column");
    let of = |row: &[String], names: [&str; 3]| names.map(|name| row[place(&header, name)].clone());
    let of_district = |row: &&Vec<String>| {
        row[place(&header, "school_id")].is_empty()
            && row[place(&header, "category")] == "all"
            && row[place(&header, "suppressed")] == "false"
    };
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let means: BTreeMap<[String; 3], [f64; 2]> = means
        .iter()
        .filter(of_district)
        .filter(|row| !row[place(&header, "sd")].is_empty())
        .map(|row| {
            (of(row, ["assessment_id", "school_year", "grade"]), ["mean", "sd"].map(|of| number(&row[place(&header, of)])))
        })
        .collect();
    let (header, results) = written.csv("fct_assessment_result");
    let (mut placed, mut levels) = (0, 0);
    for row in &results {
        let field = |name: &str| row[place(&header, name)].as_str();
        let mean = means.get(&["assessment_id", "school_year", "grade_level"].map(|name| field(name).to_owned()));
        levels += usize::from(!field("level_code").is_empty());
        assert!(field("level_code").is_empty() || !field("level_rank").is_empty(), "a level has a rank");
        if field("z_score").is_empty() {
            let counts = field("participation") == "tested" && field("is_retest") == "false" && !field("score").is_empty();
            let in_its_terms = field("score_type").is_empty() || field("score_type") == "scale";
            assert!(mean.is_none() || !counts || !in_its_terms, "{row:?} has a mean to be compared with");
            continue;
        }
        placed += 1;
        let (&[mean, sd], z) = (mean.expect("a mean that is published"), number(field("z_score")));
        let expected = (number(field("score")) - mean) / sd;
        assert!((z - expected).abs() <= 0.06 * (1.0 + z.abs()) / sd + 0.0001, "{row:?}: {expected}");
    }
    assert!(placed > 1_000 && levels > 1_000, "{placed} scores are placed, {levels} have a level");
}
