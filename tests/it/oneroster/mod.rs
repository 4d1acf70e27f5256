//! OneRoster round trip: a district written as OneRoster 1.1 and 1.2 is read as the rows it was written from, and changes
//! have the right effect on the rows.

mod changes;
mod files;
mod round_trip;

use rollcall::model::{Change, Record, Rejected, Table, Texts};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{Delivery, FileError, FileReport, Format, Mode, RecordSink};
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// Current rows, as in an engine.
#[derive(Default)]
struct Store {
    texts: Texts,
    rows: BTreeMap<(Table, NonZeroU32), Record>,
    /// Keys stated in the current delivery.
    changes: Vec<Change>,
    open: Vec<Table>,
    modes: BTreeMap<Table, Mode>,
}

impl RecordSink for Store {
    fn texts(&mut self) -> &mut Texts {
        &mut self.texts
    }
    fn change(&mut self, change: Change) {
        let table = match change {
            Change::Upsert(row) | Change::KeyChange(_, row) => row.table(),
            Change::Delete(table, _) | Change::Reject(Rejected { table, .. }) => table,
            Change::Accept(..) | Change::Note(_) => panic!("a format notes nothing"),
        };
        assert_eq!(self.open, [table], "a change belongs to the table that was begun");
        self.changes.push(change);
    }
    fn begin(&mut self, table: Table, mode: &Mode) {
        assert!(self.open.is_empty() && self.modes.insert(table, mode.clone()).is_none(), "a table is begun once");
        self.open.push(table);
    }
    fn end(&mut self, table: Table) {
        assert_eq!(self.open.pop(), Some(table));
    }
    fn current(&self, table: Table, key: NonZeroU32) -> Option<Record> {
        self.rows.get(&(table, key)).copied()
    }
}

type Files = BTreeMap<String, Vec<u8>>;

impl Store {
    /// Accepts a delivery; returns its reports and the rejected rows.
    fn take(&mut self, files: &Files, format: &OneRoster) -> Result<(Vec<FileReport>, Vec<Rejected>), FileError> {
        (self.changes, self.modes) = (Vec::new(), BTreeMap::new());
        let names = files.keys().cloned().collect();
        let mut read = |name: &str| Ok(files[name].clone());
        let mut delivery = Delivery { files: names, read: &mut read, unless_stated: None };
        let result = format.read(&mut delivery, self);
        self.open.clear();
        let reports = result?;
        let changes = std::mem::take(&mut self.changes);
        let full: Vec<Table> =
            self.modes.iter().filter(|(_, mode)| **mode != Mode::Delta).map(|(table, _)| *table).collect();
        self.rows.retain(|(table, _), _| !full.contains(table));
        let mut rejected = Vec::new();
        for change in changes {
            match change {
                Change::Upsert(row) => drop(self.rows.insert((row.table(), row.symbol()), row)),
                Change::Delete(table, key) => drop(self.rows.remove(&(table, key))),
                Change::KeyChange(..) | Change::Accept(..) | Change::Note(_) => panic!("OneRoster has no key changes"),
                Change::Reject(row) => rejected.push(row),
            }
        }
        Ok((reports, rejected))
    }

    /// The rows of a table, by key: the text of these columns.
    fn of(&self, table: Table, columns: &[&str]) -> BTreeMap<String, Vec<String>> {
        let spec = table.spec();
        let places: Vec<usize> = columns.iter().map(|column| spec.column(column).expect("a column")).collect();
        let rows = self.rows.iter().filter(|((of, _), _)| *of == table);
        rows.map(|((_, key), row)| {
            let values = row.values();
            let texts = places.iter().map(|&place| values[place].text(&self.texts)).collect();
            (self.texts.symbol_text(table.space(), *key).to_owned(), texts)
        })
        .collect()
    }

    /// All rows of these tables as lines, with stated values only.
    fn lines(&self, tables: &[Table]) -> Vec<String> {
        let mut lines = Vec::new();
        for &table in tables {
            for row in self.rows.values().filter(|row| row.table() == table) {
                let stated = table.spec().columns.iter().zip(row.values());
                let texts = stated.map(|(column, value)| (column.name, value.text(&self.texts)));
                let texts = texts.filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}={text}"));
                lines.push(format!("{} {}", table.spec().name, texts.collect::<Vec<_>>().join(" ")));
            }
        }
        lines.sort();
        lines
    }
}

/// A small school in OneRoster 1.1, as its files.
const BULK: &[(&str, &str)] = &[
    (
        "manifest.csv",
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.academicSessions,bulk\n\
         file.users,bulk\nfile.demographics,bulk\nfile.enrollments,bulk\nfile.results,bulk\n",
    ),
    ("orgs.csv", "sourcedId,name,type,identifier\nD,Riverbend,local,\nN,North,school,\nS,South,school,990000100002\n"),
    (
        "academicSessions.csv",
        "sourcedId,title,type,startDate,endDate,schoolYear\nY,Year,schoolYear,2025-08-18,2026-06-06,2026\n",
    ),
    (
        "Users.csv",
        "sourcedID,enabledUser,ordSourcedIds,role,username,userIds,givenName,familyName,identifier,grades,password\n\
         s1,true,\"D,N\",student,ada,{stateId:42},Ada,Lee,,\"3,4\",secret\n\
         s2,1,N,Student,bo,,Bo,Day,B2,KG,secret\n\
         t1,TRUE,N,teacher,cy,,Cy,Fox,,,secret\n\
         t1,TRUE,S,teacher,cy,,Cy,Fox,,,secret\n\
         g1,TRUE,N,guardian,dee,,Dee,Lee,,,secret\n",
    ),
    (
        "demographics.csv",
        "userSoucedId,birthdate,sex,asian,white,hispanicOrLatinoEthnicity\ns1,2016-05-04,other,true,true,false\n\
         t1,1980-01-02,male,false,true,\n",
    ),
    (
        "enrollments.csv",
        "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n\
         e1,c1,N,s1,student,,,\ne2,c1,N,t1,teacher,true,2025-08-18,\ne3,c1,N,s2,student,,,\n",
    ),
    ("results.csv", "sourcedId,score\nr1,5\n"),
];

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn school() -> Store {
    let mut store = Store::default();
    let (reports, rejected) = store.take(&files(BULK), &OneRoster::DEFAULT).expect("valid files");
    assert_eq!(rejected, []);
    let read_over: Vec<_> = reports.iter().filter(|report| report.ignored > 0).collect();
    let read_over: Vec<_> = read_over.iter().map(|report| (report.file.as_str(), &*report.table, report.ignored)).collect();
    assert_eq!(read_over, [("Users.csv", "student", 1), ("results.csv", "", 1)]);
    store
}

/// A delivery with changes of some files.
fn delta(version: &str, changed: &[(&str, &str)]) -> Files {
    let mut manifest = format!("propertyName,value\noneroster.version,{version}\n");
    for (name, _) in changed {
        manifest += &format!("file.{},delta\n", name.trim_end_matches(".csv"));
    }
    let mut all = files(changed);
    all.insert("manifest.csv".to_owned(), manifest.into_bytes());
    all
}

const PEOPLE: [Table; 4] = [Table::Student, Table::Staff, Table::SchoolEnrollment, Table::StaffAssignment];
const ROSTERS: [Table; 2] = [Table::SectionEnrollment, Table::SectionStaff];

const USER_HEADER: &str =
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,grades\n";
