//! The files of OneRoster as sheets of named columns: which there are, under which headers their columns are found, and
//! how a row of ours is put together from their fields without losing where each text stood.

use crate::model::finding::digest;
use crate::model::{Change, Fault, Reason, Rejected, RowName, Table, Text, Texts};
use crate::source::csv::{QUOTED_CHARS, Records, decoded};
use crate::source::{FileError, FileReport, RecordSink, flooded, most_alike, plain};
use std::borrow::Cow;

/// A kind of file that rows are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Sessions,
    Orgs,
    Classes,
    Courses,
    Users,
    Roles,
    Demographics,
    Enrollments,
}

/// A column that is read, and other headers seen for it.
struct Column {
    name: &'static str,
    required: bool,
    aliases: &'static [&'static str],
}

/// What is read of a kind of file. The first column is the one that rows are brought together by.
struct Sheet {
    stem: &'static str,
    /// The table that rows which cannot be read are told of.
    table: Table,
    columns: &'static [Column],
}

/// Required columns, with the other headers of each.
macro_rules! columns {
    ($($need:ident $name:literal $([$($alias:literal),+])?),+ $(,)?) => {
        &[$(Column { name: $name, required: columns!(@$need), aliases: &[$($($alias),+)?] }),+]
    };
    (@must) => { true };
    (@may) => { false };
}

impl Kind {
    pub(super) const ALL: [Kind; 8] = [
        Kind::Sessions,
        Kind::Orgs,
        Kind::Classes,
        Kind::Courses,
        Kind::Users,
        Kind::Roles,
        Kind::Demographics,
        Kind::Enrollments,
    ];

    const fn sheet(self) -> Sheet {
        let (stem, table, columns): (_, _, &'static [Column]) = match self {
            Kind::Sessions => (
                "academicSessions",
                Table::AcademicSession,
                columns![must "sourcedId", may "status", may "dateLastModified", must "title" ["name"],
                    must "type" ["sessionType"], must "startDate" ["beginDate"], must "endDate", may "parentSourcedId",
                    may "schoolYear" ["schoolYearId"]],
            ),
            Kind::Orgs => (
                "orgs",
                Table::Organization,
                columns![must "sourcedId", may "status", may "dateLastModified", must "name" ["title"], must "type" ["orgType"],
                    may "identifier", may "parentSourcedId" ["parent"]],
            ),
            Kind::Classes => (
                "classes",
                Table::Section,
                columns![must "sourcedId", may "status", may "dateLastModified", may "title", must "courseSourcedId",
                    may "classCode", may "classType", may "location", must "schoolSourcedId" ["orgSourcedId"],
                    must "termSourcedIds" ["termSourcedId", "terms"], may "subjects" ["subject"],
                    may "subjectCodes" ["subjectCode"], may "periods" ["period"]],
            ),
            Kind::Courses => (
                "courses",
                Table::Course,
                columns![must "sourcedId", may "status", may "dateLastModified",
                    may "schoolYearSourcedId" ["schoolYearId", "schoolYear"], must "title", may "courseCode",
                    may "grades" ["grade"], must "orgSourcedId" ["schoolSourcedId"], may "subjects" ["subject"],
                    may "subjectCodes" ["subjectCode"]],
            ),
            Kind::Users => (
                "users",
                Table::Student,
                columns![must "sourcedId" ["userSourcedId"], may "status", may "dateLastModified",
                    may "enabledUser" ["enabled"], may "orgSourcedIds" ["ordSourcedIds"], may "role", may "username",
                    may "userIds" ["userId"],
                    must "givenName" ["firstName"], must "familyName" ["lastName"], may "middleName", may "identifier",
                    may "email", may "grades" ["grade"], may "primaryOrgSourcedId"],
            ),
            Kind::Roles => (
                "roles",
                Table::SchoolEnrollment,
                columns![must "userSourcedId", must "sourcedId", may "status", may "dateLastModified", may "roleType",
                    must "role", may "beginDate" ["startDate"], may "endDate", must "orgSourcedId" ["schoolSourcedId"]],
            ),
            Kind::Demographics => (
                "demographics",
                Table::Student,
                columns![must "sourcedId" ["userSourcedId"], may "status", may "dateLastModified", may "birthDate", may "sex",
                    may "americanIndianOrAlaskaNative", may "asian", may "blackOrAfricanAmerican",
                    may "nativeHawaiianOrOtherPacificIslander", may "white", may "hispanicOrLatinoEthnicity"],
            ),
            Kind::Enrollments => (
                "enrollments",
                Table::SectionEnrollment,
                columns![must "sourcedId", may "status", may "dateLastModified", must "classSourcedId", may "schoolSourcedId",
                    must "userSourcedId", must "role", may "primary" ["isPrimary"], may "beginDate" ["startDate"],
                    may "endDate"],
            ),
        };
        Sheet { stem, table, columns }
    }

    /// Its name without ending.
    pub(super) const fn stem(self) -> &'static str {
        self.sheet().stem
    }

    /// The table that rows which cannot be read are told of.
    pub(super) const fn table(self) -> Table {
        self.sheet().table
    }

    /// The kind of a file by its name, in any case. Some systems export one file per role or school, with a suffix:
    /// `users_teachers.csv`.
    pub(super) fn of(file: &str) -> Option<Kind> {
        let (stem, extension) = file.rsplit_once('.')?;
        let is = |stem: &str| Kind::ALL.into_iter().find(|kind| plain(kind.stem()) == plain(stem));
        let part = || stem.split(['_', '-', ' ', '.', '(']).next().and_then(is);
        if extension.eq_ignore_ascii_case("csv") { is(stem).or_else(part) } else { None }
    }

    /// The position of a column.
    fn column(self, name: &str) -> usize {
        let place = self.sheet().columns.iter().position(|column| column.name == name);
        place.expect("invariant: only declared columns are asked for")
    }
}

/// Where a text stood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) file: Text,
    pub(super) line: u32,
    /// The first field being 1; 0 for what stood in no field.
    pub(super) position: u16,
}

/// A field: its text, trimmed, and where it stood.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) place: Place,
}

/// Where the columns of a kind stand in a file.
pub(super) struct Head {
    kind: Kind,
    file: Text,
    /// By column of the sheet.
    places: Vec<Option<usize>>,
    /// Fields up to the last header that has a name.
    width: usize,
}

/// A row of a file, its fields in the order of the sheet's columns.
pub(super) struct Row<'a> {
    head: &'a Head,
    pub(super) line: u32,
    /// Whether the source says that the record is gone.
    pub(super) deleted: bool,
    fields: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// A field; empty when the file lacks the column.
    pub(super) fn get(&self, name: &str) -> Cell<'a> {
        let column = self.head.kind.column(name);
        let position = self.head.places[column].map_or(0, |place| place as u16 + 1);
        Cell { text: self.fields[column], place: Place { position, ..self.place() } }
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.fields[self.head.kind.column(name)]
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.head.places[self.head.kind.column(name)].is_some()
    }

    /// An error for one that has so many of its id before it.
    pub(super) fn one_too_many(&self, most: usize, texts: &Texts) -> FileError {
        let (file, id) = (texts.text(self.head.file).to_owned(), self.fields[0].to_owned());
        FileError::TooManyAlike { file, line: self.line, id, most }
    }

    /// The row itself.
    pub(super) fn place(&self) -> Place {
        Place { file: self.head.file, line: self.line, position: 0 }
    }
}

/// Rows of a file that are kept until others are known that say more about the same.
#[derive(Default)]
pub(super) struct Kept {
    heads: Vec<Head>,
    rows: Vec<KeptRow>,
}

struct KeptRow {
    /// The fields, parted by `PART`: a row costs one allocation.
    fields: Box<str>,
    line: u32,
    head: u16,
    deleted: bool,
}

/// Parts kept fields; the control character of that purpose.
const PART: char = '\u{1f}';

impl KeptRow {
    fn key(&self) -> &str {
        self.fields.split(PART).next().unwrap_or("")
    }
}

impl Kept {
    fn push(&mut self, row: &Row<'_>) {
        let mut fields = String::with_capacity(row.fields.iter().map(|field| field.len() + 1).sum());
        for (place, field) in row.fields.iter().enumerate() {
            if place > 0 {
                fields.push(PART);
            }
            fields.extend(field.chars().map(|c| if c == PART { ' ' } else { c }));
        }
        let head = self.heads.len() as u16;
        self.rows.push(KeptRow { fields: fields.into_boxed_str(), line: row.line, head, deleted: row.deleted });
    }

    /// Brings rows of one key together, in the order of the times they state, else as they were stated.
    pub(super) fn sort(&mut self) {
        let stamp = |row: &KeptRow| {
            let column = self.heads.get(usize::from(row.head)).map_or(0, |head| head.kind.column("dateLastModified"));
            row.fields.split(PART).nth(column).filter(|text| is_stamp(text)).map(str::to_owned)
        };
        self.rows.sort_by(|a, b| a.key().cmp(b.key()).then_with(|| stamp(a).cmp(&stamp(b))));
    }

    /// The key of a row.
    pub(super) fn key(&self, row: usize) -> Option<&str> {
        self.rows.get(row).map(KeptRow::key)
    }

    /// The end of the rows that have the key of the first of them, if it is this one.
    pub(super) fn run(&self, begin: usize, key: &str) -> usize {
        begin + self.rows[begin..].iter().take_while(|row| row.key() == key).count()
    }

    /// The first row that has as many before it of the same key.
    pub(super) fn first_beyond(&self, most: usize) -> Option<Row<'_>> {
        let alike = self.rows.windows(most + 1).position(|rows| rows[0].key() == rows[most].key())?;
        self.rows(alike + most..alike + most + 1).next()
    }

    /// Rows.
    pub(super) fn rows(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = Row<'_>> {
        self.rows[range].iter().map(|row| Row {
            head: &self.heads[usize::from(row.head)],
            line: row.line,
            deleted: row.deleted,
            fields: row.fields.split(PART).collect(),
        })
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Taken,
    Rejected,
    Ignored,
}

/// What a file gives.
pub(super) enum Line<'a> {
    Row(&'a Row<'a>),
    Bad(Rejected),
}

/// A file and how it is to be read.
pub(super) struct Source<'a> {
    pub(super) kind: Kind,
    pub(super) file: &'a str,
    pub(super) bytes: &'a [u8],
    /// Whether it states changes: those of one record are then taken in the order of their times.
    pub(super) changes: bool,
    /// Columns that it must have besides those that all files of its kind must have.
    pub(super) needs: &'static [&'static str],
}

impl Source<'_> {
    /// Reads the rows of a file.
    pub(super) fn read(
        &self,
        taker: &mut dyn RecordSink,
        mut take: impl FnMut(Line<'_>, &mut dyn RecordSink) -> Outcome,
    ) -> Result<FileReport, FileError> {
        if !self.changes {
            return self.rows(taker, take).map(|(report, _)| report);
        }
        let mut kept = Kept::default();
        let mut stamps = Vec::new();
        let (mut report, head) = self.rows(taker, |line, taker| match line {
            Line::Row(row) => {
                stamps.push(row.text("dateLastModified").to_owned());
                kept.push(row);
                Outcome::Taken
            }
            line => take(line, taker),
        })?;
        kept.heads.push(head);
        // The times of one system are written alike, so that their texts are in the order of time.
        let mut order: Vec<usize> = (0..stamps.len()).collect();
        if stamps.iter().all(|stamp| is_stamp(stamp)) {
            order.sort_by(|&a, &b| stamps[a].cmp(&stamps[b]));
        }
        for row in order.into_iter().flat_map(|place| kept.rows(place..place + 1)) {
            report.count(take(Line::Row(&row), taker));
            flooded(self.file, row.line, report.rows, report.rejected)?;
        }
        Ok(report)
    }

    /// Keeps the rows of a file; gives those that are none.
    pub(super) fn keep(
        &self,
        taker: &mut dyn RecordSink,
        kept: &mut Kept,
    ) -> Result<(FileReport, Vec<Rejected>), FileError> {
        let mut bad = Vec::new();
        // A kept row names its head by number; the head itself comes when all rows are read.
        let (report, head) = self.rows(taker, |line, _| match line {
            Line::Row(row) => {
                kept.push(row);
                Outcome::Taken
            }
            Line::Bad(rejected) => {
                bad.push(rejected);
                Outcome::Rejected
            }
        })?;
        kept.heads.push(head);
        Ok((report, bad))
    }

    fn rows(
        &self,
        taker: &mut dyn RecordSink,
        mut take: impl FnMut(Line<'_>, &mut dyn RecordSink) -> Outcome,
    ) -> Result<(FileReport, Head), FileError> {
        let (text, encoding) = decoded(self.bytes);
        let mut records = Records::new(&text);
        let file = self.file.to_owned();
        let name: Text = taker.texts().id(self.file);
        taker.at(name, 0);
        let (head, ignored_columns) = match records.next().map(|record| record.fields) {
            None => return Err(FileError::Empty { file }),
            Some(Err(_)) => {
                let why = "it is longer than 16 KiB, or has a quote that does not end".to_owned();
                return Err(FileError::NoHeader { file, why });
            }
            Some(Ok(fields)) => self.head(name, &fields)?,
        };
        let columns = self.kind.sheet().columns.iter().zip(&head.places);
        let mut report = FileReport {
            file,
            table: self.kind.table().spec().name.into(),
            encoding: encoding.into(),
            digest: digest(self.bytes),
            ignored_columns,
            absent_columns: columns.filter(|(_, place)| place.is_none()).map(|(column, _)| column.name.into()).collect(),
            ..FileReport::default()
        };
        let width = head.width;
        // Spreadsheets leave empty fields behind the last.
        let fits = |fields: &[&str]| fields.len() >= width && fields[width..].iter().all(|field| field.trim().is_empty());
        records.rows(width, fits, |line, fields| {
            report.rows += 1;
            let outcome = match fields.and_then(|fields| head.row(line, fields)) {
                Ok(mut row) => match head.status(&row, taker.texts()) {
                    Ok(deleted) => {
                        row.deleted = deleted;
                        take(Line::Row(&row), taker)
                    }
                    Err(rejected) => take(Line::Bad(rejected), taker),
                },
                Err(reason) => {
                    let row = RowName::Place(name, line);
                    take(Line::Bad(Rejected { table: self.kind.table(), row, file: name, line, reason }), taker)
                }
            };
            report.count(outcome);
            flooded(self.file, line, report.rows, report.rejected)
        })?;
        Ok((report, head))
    }

    /// Finds the columns by the headers of a file; gives the headers that are no column, too.
    fn head(&self, name: Text, fields: &[&str]) -> Result<(Head, Vec<String>), FileError> {
        let (kind, file) = (self.kind, self.file.to_owned());
        let columns = kind.sheet().columns;
        let headers: Vec<String> = fields.iter().map(|field| header(field)).collect();
        let mut places: Vec<Option<usize>> = vec![None; columns.len()];
        for (column, place) in columns.iter().zip(&mut places) {
            let wanted = header(column.name);
            let mut same = (0..fields.len()).filter(|&place| headers[place] == wanted);
            *place = same.next();
            if let (Some(first), Some(second)) = (*place, same.next()) {
                let (first, second) = (fields[first].trim().to_owned(), fields[second].trim().to_owned());
                return Err(FileError::TwiceColumn { file, column: column.name, first, second });
            }
        }
        // Other headers stand for columns that none stands for by its name.
        for (place, name) in headers.iter().enumerate() {
            if !places.contains(&Some(place)) {
                let alias = |column: &Column| column.aliases.iter().any(|alias| header(alias) == *name);
                let column = (0..places.len()).find(|&at| places[at].is_none() && alias(&columns[at]));
                if let Some(column) = column {
                    places[column] = Some(place);
                }
            }
        }
        let named = |place: &usize| !fields[*place].trim().is_empty();
        let unread = (0..fields.len()).filter(|place| !places.contains(&Some(*place)));
        let ignored: Vec<String> = unread.filter(named).map(|place| fields[place].trim().to_owned()).collect();
        if places.iter().all(Option::is_none) {
            let why = format!("none of its {} fields is a column of {}.csv", fields.len(), kind.stem());
            return Err(FileError::NoHeader { file, why });
        }
        let required = |column: &Column| column.required || self.needs.contains(&column.name);
        let missing = columns.iter().zip(&places).find(|(column, place)| place.is_none() && required(column));
        if let Some((&Column { name: column, .. }, _)) = missing {
            let alike = most_alike(column, &ignored);
            return Err(FileError::MissingColumn { file, column, unknown: ignored, alike });
        }
        let width = (0..fields.len()).rev().find(named).map_or(0, |last| last + 1);
        Ok((Head { kind, file: name, places, width }, ignored))
    }
}

impl FileReport {
    /// Counts what became of a row, apart from the row itself.
    pub(super) fn count(&mut self, outcome: Outcome) {
        self.rejected += u64::from(outcome == Outcome::Rejected);
        self.ignored += u64::from(outcome == Outcome::Ignored);
    }
}

/// Whether a text begins like a time written by ISO 8601.
fn is_stamp(text: &str) -> bool {
    text.get(..10).is_some_and(|day| crate::model::Date::parse_iso(day.as_bytes()).is_some())
}

/// A header as it is compared: `sourcedId` is misspelt in every way.
fn header(name: &str) -> String {
    let name = plain(name);
    match name.find("resource") {
        Some(_) => name,
        None => name.replace("soucedid", "sourcedid").replace("sourceid", "sourcedid").replace("sourcedids", "sourcedid"),
    }
}

impl Head {
    fn row<'a>(&'a self, line: u32, fields: &[&'a str]) -> Result<Row<'a>, Reason> {
        if fields.iter().any(|field| field.contains('\0')) {
            return Err(Reason::Nul);
        }
        let fields = self.places.iter().map(|place| place.map_or("", |place| fields[place].trim())).collect();
        Ok(Row { head: self, line, deleted: false, fields })
    }

    /// Whether the source says that the record is gone. A row that lacks its id, or says something else of itself, is
    /// rejected.
    fn status(&self, row: &Row<'_>, texts: &mut Texts) -> Result<bool, Rejected> {
        let table = self.kind.table();
        let (id, status) = (row.get("sourcedId"), row.get("status"));
        let reject = |row: RowName, reason: Reason| Rejected { table, row, file: self.file, line: id.place.line, reason };
        if id.text.is_empty() {
            let key = table.spec().key.first().and_then(|key| table.spec().column(key)).unwrap_or(0);
            let (column, position) = (key as u8, id.place.position);
            let reason = Reason::Field { column, position, fault: Fault::Missing, value: None };
            return Err(reject(RowName::Place(self.file, id.place.line), reason));
        }
        match plain(status.text).as_str() {
            "" | "active" => Ok(false),
            "tobedeleted" => Ok(true),
            _ => {
                let value = Some(quoted(status.text, texts));
                let key = RowName::Key(texts.symbol(table.space(), id.text));
                Err(reject(key, Reason::Operation { position: status.place.position, value }))
            }
        }
    }
}

/// A text as it is quoted in what is said of a faulty field.
fn quoted(text: &str, texts: &mut Texts) -> Text {
    let cut: String = text.chars().take(QUOTED_CHARS).collect();
    texts.id(&cut)
}

/// A row of ours in the making: the text of each column, and where it stood.
pub(super) struct Draft<'a> {
    table: Table,
    cells: Vec<(Cow<'a, str>, Place)>,
    home: Place,
}

impl<'a> Draft<'a> {
    /// An empty row that is told of at this place.
    pub(super) fn new(table: Table, home: Place) -> Draft<'a> {
        Draft { table, cells: vec![(Cow::Borrowed(""), home); table.spec().columns.len()], home }
    }

    /// States a column.
    pub(super) fn set(&mut self, column: &str, text: impl Into<Cow<'a, str>>, place: Place) {
        let column = self.table.spec().column(column).expect("invariant: only declared columns are stated");
        self.cells[column] = (text.into(), place);
    }

    /// States a column as a field has it.
    pub(super) fn put(&mut self, column: &str, cell: Cell<'a>) {
        self.set(column, cell.text, cell.place);
    }

    /// States a column unless it is one that the table lacks.
    pub(super) fn offer(&mut self, column: &str, text: String) {
        if let Some(column) = self.table.spec().column(column) {
            self.cells[column] = (text.into(), self.home);
        }
    }

    /// The text of a column.
    pub(super) fn text(&self, column: &str) -> &str {
        self.table.spec().column(column).map_or("", |column| &self.cells[column].0)
    }

    /// Where the row is told of.
    pub(super) fn home(&self) -> Place {
        self.home
    }

    /// Gives the row as a change, or what is wrong with it.
    pub(super) fn give(self, texts: &mut Texts, mut change: impl FnMut(Change)) -> Outcome {
        let field = |column: usize| self.cells[column].0.as_ref();
        let mut faults: Vec<(usize, Fault)> = Vec::new();
        if let Some(row) = self.table.read(field, texts, |column, fault| faults.push((column, fault))) {
            change(Change::Upsert(row));
            return Outcome::Taken;
        }
        let row = match self.table.key_text(field) {
            Some(key) => RowName::Key(texts.symbol(self.table.space(), &key)),
            None => RowName::Place(self.home.file, self.home.line),
        };
        for (column, fault) in faults {
            let (text, Place { file, line, position }) = &self.cells[column];
            let value = (!text.is_empty()).then(|| quoted(text, texts));
            let reason = Reason::Field { column: column as u8, position: *position, fault, value };
            change(Change::Reject(Rejected { table: self.table, row, file: *file, line: *line, reason }));
        }
        Outcome::Rejected
    }

    /// Gives the row to a taker.
    pub(super) fn emit(self, taker: &mut dyn RecordSink) -> Outcome {
        let mut changes = Vec::with_capacity(1);
        taker.at(self.home.file, self.home.line);
        let outcome = self.give(taker.texts(), |change| changes.push(change));
        changes.into_iter().for_each(|change| taker.change(change));
        outcome
    }
}
