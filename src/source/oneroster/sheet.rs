//! The schema of OneRoster files: which files there are, the headers of their columns, and how a row of a rollcall table
//! is assembled from their fields while keeping track of where each text came from.

use crate::model::finding::digest;
use crate::model::{Change, Fault, Reason, Rejected, RowName, Table, Text, Texts};
use crate::source::csv::{QUOTED_CHARS, Records, decoded};
use crate::source::{FileError, FileReport, RecordSink, flooded, most_alike, plain};
use std::borrow::Cow;

/// A kind of file.
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

/// A column that is read, and its alternative headers.
struct Column {
    name: &'static str,
    required: bool,
    aliases: &'static [&'static str],
}

/// The columns of a kind of file. The first one is the key for joining rows.
struct FileSchema {
    stem: &'static str,
    /// The table for which unreadable rows are reported.
    table: Table,
    columns: &'static [Column],
}

/// Columns, required (`must`) or optional (`may`), with alternative headers.
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

    const fn schema(self) -> FileSchema {
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
        FileSchema { stem, table, columns }
    }

    /// Its name without extension.
    pub(super) const fn stem(self) -> &'static str {
        self.schema().stem
    }

    /// The table for which unreadable rows are reported.
    pub(super) const fn table(self) -> Table {
        self.schema().table
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
        let place = self.schema().columns.iter().position(|column| column.name == name);
        place.expect("invariant: only declared columns are asked for")
    }
}

/// Where a text came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Provenance {
    pub(super) file: Text,
    pub(super) line: u32,
    /// The field, from 1; 0 if not a field.
    pub(super) position: u16,
}

/// A field: its trimmed text and where it came from.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) provenance: Provenance,
}

/// Where the columns of a kind are in a file.
pub(super) struct Head {
    kind: Kind,
    file: Text,
    /// By column of the schema.
    places: Vec<Option<usize>>,
    /// Number of fields up to the last non-empty header.
    width: usize,
}

/// A row of a file with its fields in the order of the schema.
pub(super) struct Row<'a> {
    head: &'a Head,
    pub(super) line: u32,
    /// Whether the source marked the record as deleted.
    pub(super) deleted: bool,
    fields: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// A field; empty if the column is missing.
    pub(super) fn get(&self, name: &str) -> Cell<'a> {
        let column = self.head.kind.column(name);
        let position = self.head.places[column].map_or(0, |place| place as u16 + 1);
        Cell { text: self.fields[column], provenance: Provenance { position, ..self.provenance() } }
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.fields[self.head.kind.column(name)]
    }

    /// Whether the file has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.head.places[self.head.kind.column(name)].is_some()
    }

    /// An error for a row with too many others of the same id.
    pub(super) fn one_too_many(&self, most: usize, texts: &Texts) -> FileError {
        let (file, id) = (texts.text(self.head.file).to_owned(), self.fields[0].to_owned());
        FileError::TooManyAlike { file, line: self.line, id, most }
    }

    /// The location of the row itself.
    pub(super) fn provenance(&self) -> Provenance {
        Provenance { file: self.head.file, line: self.line, position: 0 }
    }
}

/// Rows that are buffered until the other rows of the same person are known.
#[derive(Default)]
pub(super) struct RowBuffer {
    heads: Vec<Head>,
    rows: Vec<BufferedRow>,
}

struct BufferedRow {
    /// The fields, separated by `SEPARATOR`: one allocation per row.
    fields: Box<str>,
    line: u32,
    head: u16,
    deleted: bool,
}

/// The ASCII unit separator.
const SEPARATOR: char = '\u{1f}';

impl BufferedRow {
    fn key(&self) -> &str {
        self.fields.split(SEPARATOR).next().unwrap_or("")
    }
}

impl RowBuffer {
    fn push(&mut self, row: &Row<'_>) {
        let mut fields = String::with_capacity(row.fields.iter().map(|field| field.len() + 1).sum());
        for (place, field) in row.fields.iter().enumerate() {
            if place > 0 {
                fields.push(SEPARATOR);
            }
            fields.extend(field.chars().map(|c| if c == SEPARATOR { ' ' } else { c }));
        }
        let head = self.heads.len() as u16;
        self.rows.push(BufferedRow { fields: fields.into_boxed_str(), line: row.line, head, deleted: row.deleted });
    }

    /// Groups rows by key, in the order of their timestamps or else of the file.
    pub(super) fn sort(&mut self) {
        let stamp = |row: &BufferedRow| {
            let column = self.heads.get(usize::from(row.head)).map_or(0, |head| head.kind.column("dateLastModified"));
            row.fields.split(SEPARATOR).nth(column).filter(|text| is_stamp(text)).map(str::to_owned)
        };
        self.rows.sort_by(|a, b| a.key().cmp(b.key()).then_with(|| stamp(a).cmp(&stamp(b))));
    }

    /// The key of a row.
    pub(super) fn key(&self, row: usize) -> Option<&str> {
        self.rows.get(row).map(BufferedRow::key)
    }

    /// The end of the run of rows, starting at `begin`, that have this key.
    pub(super) fn run(&self, begin: usize, key: &str) -> usize {
        begin + self.rows[begin..].iter().take_while(|row| row.key() == key).count()
    }

    /// The first row with more than `most` rows of the same key.
    pub(super) fn first_beyond(&self, most: usize) -> Option<Row<'_>> {
        let alike = self.rows.windows(most + 1).position(|rows| rows[0].key() == rows[most].key())?;
        self.rows(alike + most..alike + most + 1).next()
    }

    /// Rows in a range.
    pub(super) fn rows(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = Row<'_>> {
        self.rows[range].iter().map(|row| Row {
            head: &self.heads[usize::from(row.head)],
            line: row.line,
            deleted: row.deleted,
            fields: row.fields.split(SEPARATOR).collect(),
        })
    }
}

/// The result of reading a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted,
    Rejected,
    Ignored,
}

/// A line of a file.
pub(super) enum Line<'a> {
    Row(&'a Row<'a>),
    Bad(Rejected),
}

/// A file and how to read it.
pub(super) struct Source<'a> {
    pub(super) kind: Kind,
    pub(super) file: &'a str,
    pub(super) bytes: &'a [u8],
    /// Whether it states changes: then those of one record are applied in the order of their timestamps.
    pub(super) changes: bool,
    /// Columns that it needs besides the required ones of its kind.
    pub(super) needs: &'static [&'static str],
}

impl Source<'_> {
    /// Reads the rows of a file.
    pub(super) fn read(
        &self,
        sink: &mut dyn RecordSink,
        mut take: impl FnMut(Line<'_>, &mut dyn RecordSink) -> Outcome,
    ) -> Result<FileReport, FileError> {
        if !self.changes {
            return self.rows(sink, take).map(|(report, _)| report);
        }
        let mut buffer = RowBuffer::default();
        let mut stamps = Vec::new();
        let (mut report, head) = self.rows(sink, |line, sink| match line {
            Line::Row(row) => {
                stamps.push(row.text("dateLastModified").to_owned());
                buffer.push(row);
                Outcome::Accepted
            }
            line => take(line, sink),
        })?;
        buffer.heads.push(head);
        // Timestamps of one system have one format, so their texts sort in order of time.
        let mut order: Vec<usize> = (0..stamps.len()).collect();
        if stamps.iter().all(|stamp| is_stamp(stamp)) {
            order.sort_by(|&a, &b| stamps[a].cmp(&stamps[b]));
        }
        for row in order.into_iter().flat_map(|place| buffer.rows(place..place + 1)) {
            report.count(take(Line::Row(&row), sink));
            flooded(self.file, row.line, report.rows, report.rejected)?;
        }
        Ok(report)
    }

    /// Buffers the rows of a file; returns the malformed ones.
    pub(super) fn buffer_rows(
        &self,
        sink: &mut dyn RecordSink,
        buffer: &mut RowBuffer,
    ) -> Result<(FileReport, Vec<Rejected>), FileError> {
        let mut bad = Vec::new();
        // A buffered row refers to its head by index; the head is added when all rows are read.
        let (report, head) = self.rows(sink, |line, _| match line {
            Line::Row(row) => {
                buffer.push(row);
                Outcome::Accepted
            }
            Line::Bad(rejected) => {
                bad.push(rejected);
                Outcome::Rejected
            }
        })?;
        buffer.heads.push(head);
        Ok((report, bad))
    }

    fn rows(
        &self,
        sink: &mut dyn RecordSink,
        mut take: impl FnMut(Line<'_>, &mut dyn RecordSink) -> Outcome,
    ) -> Result<(FileReport, Head), FileError> {
        let (text, encoding) = decoded(self.bytes);
        let mut records = Records::new(&text);
        let file = self.file.to_owned();
        let name: Text = sink.texts().id(self.file);
        sink.at(name, 0);
        let (head, ignored_columns) = match records.next().map(|record| record.fields) {
            None => return Err(FileError::Empty { file }),
            Some(Err(_)) => {
                let why = "it is longer than 16 KiB or has an unclosed quote".to_owned();
                return Err(FileError::NoHeader { file, why });
            }
            Some(Ok(fields)) => self.head(name, &fields)?,
        };
        let columns = self.kind.schema().columns.iter().zip(&head.places);
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
        // Spreadsheets leave empty fields after the last.
        let fits = |fields: &[&str]| fields.len() >= width && fields[width..].iter().all(|field| field.trim().is_empty());
        records.rows(width, fits, |line, fields| {
            report.rows += 1;
            let outcome = match fields.and_then(|fields| head.row(line, fields)) {
                Ok(mut row) => match head.status(&row, sink.texts()) {
                    Ok(deleted) => {
                        row.deleted = deleted;
                        take(Line::Row(&row), sink)
                    }
                    Err(rejected) => take(Line::Bad(rejected), sink),
                },
                Err(reason) => {
                    let row = RowName::Place(name, line);
                    take(Line::Bad(Rejected { table: self.kind.table(), row, file: name, line, reason }), sink)
                }
            };
            report.count(outcome);
            flooded(self.file, line, report.rows, report.rejected)
        })?;
        Ok((report, head))
    }

    /// Finds the columns by the headers of a file; also returns the headers that match no column.
    fn head(&self, name: Text, fields: &[&str]) -> Result<(Head, Vec<String>), FileError> {
        let (kind, file) = (self.kind, self.file.to_owned());
        let columns = kind.schema().columns;
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
        // Alternative headers count for columns that were not found by name.
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
            let why = format!("none of its {} fields matches a column of {}.csv", fields.len(), kind.stem());
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
    /// Counts the outcome of a row, apart from the row itself.
    pub(super) fn count(&mut self, outcome: Outcome) {
        self.rejected += u64::from(outcome == Outcome::Rejected);
        self.ignored += u64::from(outcome == Outcome::Ignored);
    }
}

/// Whether a text begins like an ISO 8601 timestamp.
fn is_stamp(text: &str) -> bool {
    text.get(..10).is_some_and(|day| crate::model::Date::parse_iso(day.as_bytes()).is_some())
}

/// Normalizes a header for comparison; `sourcedId` is misspelled in every way.
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

    /// Whether the source marked the record as deleted. A row without an id or with another status is rejected.
    fn status(&self, row: &Row<'_>, texts: &mut Texts) -> Result<bool, Rejected> {
        let table = self.kind.table();
        let (id, status) = (row.get("sourcedId"), row.get("status"));
        let reject =
            |row: RowName, reason: Reason| Rejected { table, row, file: self.file, line: id.provenance.line, reason };
        if id.text.is_empty() {
            let key = table.spec().key.first().and_then(|key| table.spec().column(key)).unwrap_or(0);
            let (column, position) = (key as u8, id.provenance.position);
            let reason = Reason::Field { column, position, fault: Fault::Missing, value: None };
            return Err(reject(RowName::Place(self.file, id.provenance.line), reason));
        }
        match plain(status.text).as_str() {
            "" | "active" => Ok(false),
            "tobedeleted" => Ok(true),
            _ => {
                let value = Some(quoted(status.text, texts));
                let key = RowName::Key(texts.symbol(table.space(), id.text));
                Err(reject(key, Reason::Operation { position: status.provenance.position, value }))
            }
        }
    }
}

/// The text of an invalid field as quoted in a rejection.
fn quoted(text: &str, texts: &mut Texts) -> Text {
    let cut: String = text.chars().take(QUOTED_CHARS).collect();
    texts.id(&cut)
}

/// A row being assembled: the text of each column and where it came from.
pub(super) struct Draft<'a> {
    table: Table,
    cells: Vec<(Cow<'a, str>, Provenance)>,
    home: Provenance,
}

impl<'a> Draft<'a> {
    /// An empty row that is reported at this location.
    pub(super) fn new(table: Table, home: Provenance) -> Draft<'a> {
        Draft { table, cells: vec![(Cow::Borrowed(""), home); table.spec().columns.len()], home }
    }

    /// Sets a column.
    pub(super) fn set(&mut self, column: &str, text: impl Into<Cow<'a, str>>, provenance: Provenance) {
        let column = self.table.spec().column(column).expect("invariant: only declared columns are stated");
        self.cells[column] = (text.into(), provenance);
    }

    /// Sets a column from a field.
    pub(super) fn put(&mut self, column: &str, cell: Cell<'a>) {
        self.set(column, cell.text, cell.provenance);
    }

    /// Sets a column if the table has it.
    pub(super) fn offer(&mut self, column: &str, text: String) {
        if let Some(column) = self.table.spec().column(column) {
            self.cells[column] = (text.into(), self.home);
        }
    }

    /// The text of a column.
    pub(super) fn text(&self, column: &str) -> &str {
        self.table.spec().column(column).map_or("", |column| &self.cells[column].0)
    }

    /// The location at which the row is reported.
    pub(super) fn home(&self) -> Provenance {
        self.home
    }

    /// Emits the row as a change, or what is wrong with it.
    pub(super) fn emit_to(self, texts: &mut Texts, mut change: impl FnMut(Change)) -> Outcome {
        let field = |column: usize| self.cells[column].0.as_ref();
        let mut faults: Vec<(usize, Fault)> = Vec::new();
        if let Some(row) = self.table.read(field, texts, |column, fault| faults.push((column, fault))) {
            change(Change::Upsert(row));
            return Outcome::Accepted;
        }
        let row = match self.table.key_text(field) {
            Some(key) => RowName::Key(texts.symbol(self.table.space(), &key)),
            None => RowName::Place(self.home.file, self.home.line),
        };
        for (column, fault) in faults {
            let (text, Provenance { file, line, position }) = &self.cells[column];
            let value = (!text.is_empty()).then(|| quoted(text, texts));
            let reason = Reason::Field { column: column as u8, position: *position, fault, value };
            change(Change::Reject(Rejected { table: self.table, row, file: *file, line: *line, reason }));
        }
        Outcome::Rejected
    }

    /// Emits the row to a sink.
    pub(super) fn emit(self, sink: &mut dyn RecordSink) -> Outcome {
        let mut changes = Vec::with_capacity(1);
        sink.at(self.home.file, self.home.line);
        let outcome = self.emit_to(sink.texts(), |change| changes.push(change));
        changes.into_iter().for_each(|change| sink.change(change));
        outcome
    }
}
