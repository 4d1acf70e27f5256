//! CSV as districts actually export it: headers in any order and case and under several names; UTF-8 with or without a
//! BOM, UTF-16, or else Windows-1252; lines ending in LF, CRLF or CR; line breaks inside quotes; commas, semicolons or
//! tabs.
//!
//! A column `_op` makes a file a change file: `upsert` (or empty) states a row, `delete` deletes the row with its key,
//! and `key_change` states a row whose key used to be `_old_key` (parts of a key separated by `/`). A column
//! `_source_ts` says when the source made the change; a change older than the current row is not applied.
//!
//! A malformed line is rejected by itself. If a record spans several lines and does not have as many fields as the
//! header, a quote was left open somewhere: reading resumes at the line after the one where the record began.

use super::{FileError, FileReport, RecordSink, flooded, most_alike, plain, stamp};
use crate::model::finding::digest;
use crate::model::{Change, Fault, Reason, Rejected, RowName, Spec, Table, Text, Texts};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::borrow::Cow;

/// The format.
pub struct Csv;

/// Longest record, in bytes; a longer one is treated as an unclosed quote.
pub(super) const RECORD_BYTES: usize = 16 * 1024;
/// Most fields of a record.
const RECORD_FIELDS: usize = 2048;
/// Longest value quoted in a rejection.
pub(crate) const QUOTED_CHARS: usize = 120;

/// Headers that say what to do with a row.
const OPERATION: &str = "_op";
const OLD_KEY: &str = "_old_key";
const STAMP: &str = "_source_ts";

impl Csv {
    /// Whether a file states changes, that is, has a column `_op`.
    pub(crate) fn states_changes(bytes: &[u8]) -> bool {
        // The header line is near the beginning, however long the file is.
        let (text, _) = decoded(&bytes[..bytes.len().min(2 * RECORD_BYTES) / 2 * 2]);
        let mut records = Records::new(&text);
        let header = records.next().and_then(|record| record.fields.ok());
        header.is_some_and(|fields| fields.iter().any(|field| field.trim().eq_ignore_ascii_case(OPERATION)))
    }

    /// Reads a file of rows of one table.
    pub fn decode(
        &self,
        table: Table,
        file: &str,
        bytes: &[u8],
        sink: &mut dyn RecordSink,
    ) -> Result<FileReport, FileError> {
        let (text, encoding) = decoded(bytes);
        let mut records = Records::new(&text);
        let spec = table.spec();
        let header = match records.next() {
            None => return Err(FileError::Empty { file: file.to_owned() }),
            Some(Record { fields: Err(_), .. }) => {
                let why = "it is longer than 16 KiB or has an unclosed quote".to_owned();
                return Err(FileError::NoHeader { file: file.to_owned(), why });
            }
            Some(Record { fields: Ok(fields), .. }) => Header::read(file, spec, &fields)?,
        };
        let mut report = FileReport {
            file: file.to_owned(),
            table: spec.name.into(),
            encoding: encoding.into(),
            digest: digest(bytes),
            ignored_columns: header.ignored.clone(),
            absent_columns: header.absent(spec),
            ..FileReport::default()
        };
        let name: Text = sink.texts().id(file);
        sink.at(name, 0);
        let fits = |fields: &[&str]| fields.len() == header.width;
        records.rows(header.width, fits, |line, fields| {
            report.rows += 1;
            sink.at(name, line);
            let accepted = match fields {
                Ok(fields) => take(table, &header, fields, name, line, sink),
                Err(reason) => {
                    let row = RowName::Place(name, line);
                    sink.change(Change::Reject(Rejected { table, row, file: name, line, reason }));
                    false
                }
            };
            report.rejected += u64::from(!accepted);
            flooded(file, line, report.rows, report.rejected)
        })?;
        Ok(report)
    }
}

/// Reads a record with the right number of fields; returns false if it was rejected.
fn take(table: Table, header: &Header, fields: &[&str], file: Text, line: u32, sink: &mut dyn RecordSink) -> bool {
    let field = |column: usize| header.places[column].map_or("", |place| fields[place].trim());
    let key = |texts: &mut Texts| match table.key_text(field) {
        Some(key) => RowName::Key(texts.symbol(table.space(), &key)),
        None => RowName::Place(file, line),
    };
    if fields.iter().any(|field| field.contains('\0')) {
        let row = RowName::Place(file, line);
        sink.change(Change::Reject(Rejected { table, row, file, line, reason: Reason::Nul }));
        return false;
    }
    let reject = |sink: &mut dyn RecordSink, reason| {
        let row = key(sink.texts());
        sink.change(Change::Reject(Rejected { table, row, file, line, reason }));
        false
    };
    let unrecognized_operation = |sink: &mut dyn RecordSink, place: usize| {
        let text: String = fields[place].trim().chars().take(QUOTED_CHARS).collect();
        let value = Some(sink.texts().id(&text));
        reject(sink, Reason::Operation { position: place as u16 + 1, value })
    };
    if let Some(place) = header.stamp {
        let text = fields[place].trim();
        let stamp = stamp::read(text);
        if stamp.is_none() && !text.is_empty() {
            let text: String = text.chars().take(QUOTED_CHARS).collect();
            let value = Some(sink.texts().id(&text));
            return reject(sink, Reason::Stamp { position: place as u16 + 1, value });
        }
        sink.stamp(stamp);
    }
    let mut old_key = None;
    if let Some(place) = header.operation {
        match fields[place].trim() {
            operation if operation.is_empty() || operation.eq_ignore_ascii_case("upsert") => {}
            operation if operation.eq_ignore_ascii_case("delete") => {
                return match key(sink.texts()) {
                    RowName::Key(key) => {
                        sink.change(Change::Delete(table, key));
                        true
                    }
                    RowName::Place(..) => {
                        let column = table
                            .spec()
                            .key
                            .iter()
                            .find_map(|name| table.spec().column(name).filter(|&column| field(column).is_empty()));
                        let column = column.unwrap_or(0);
                        let position = header.places[column].map_or(0, |place| place as u16 + 1);
                        let column = column as u8;
                        reject(sink, Reason::Field { column, position, fault: Fault::Missing, value: None })
                    }
                };
            }
            operation if operation.eq_ignore_ascii_case("key_change") => {
                let old = header.old_key.map(|place| fields[place].trim()).filter(|old| !old.is_empty());
                let Some(old) = old else { return unrecognized_operation(sink, place) };
                old_key = Some(sink.texts().symbol(table.space(), old));
            }
            _ => return unrecognized_operation(sink, place),
        }
    }
    let mut faults: Vec<(usize, Fault)> = Vec::new();
    if let Some(row) = table.read(field, sink.texts(), |column, fault| faults.push((column, fault))) {
        sink.change(old_key.map_or(Change::Upsert(row), |old| Change::KeyChange(old, row)));
        return true;
    }
    let row = key(sink.texts());
    for (column, fault) in faults {
        let text: String = field(column).chars().take(QUOTED_CHARS).collect();
        let value = (!text.is_empty()).then(|| sink.texts().id(&text));
        let position = header.places[column].map_or(0, |place| place as u16 + 1);
        let reason = Reason::Field { column: column as u8, position, fault, value };
        sink.change(Change::Reject(Rejected { table, row, file, line, reason }));
    }
    false
}

/// Where the columns of a table are in a file.
struct Header {
    /// By column of the table: its index in the file.
    places: Vec<Option<usize>>,
    /// Number of fields.
    width: usize,
    /// Headers that match no column.
    ignored: Vec<String>,
    /// Index of `_op`.
    operation: Option<usize>,
    /// Index of `_old_key`.
    old_key: Option<usize>,
    /// Index of `_source_ts`.
    stamp: Option<usize>,
}

impl Header {
    fn read(file: &str, spec: &'static Spec, fields: &[&str]) -> Result<Header, FileError> {
        let mut places: Vec<Option<usize>> = vec![None; spec.columns.len()];
        let mut ignored = Vec::new();
        let at = |name: &str| fields.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        let (operation, old_key, stamp) = (at(OPERATION), at(OLD_KEY), at(STAMP));
        for (place, header) in fields.iter().map(|field| field.trim()).enumerate() {
            let named = |name: &&str| plain(name) == plain(header);
            let by_name = spec.columns.iter().position(|column| named(&column.name));
            let by_alias = || spec.columns.iter().position(|column| column.aliases.iter().any(&named));
            match by_name.or_else(by_alias) {
                None if [operation, old_key, stamp].contains(&Some(place)) => {}
                None => ignored.push(header.to_owned()),
                Some(column) => {
                    if let Some(first) = places[column].replace(place) {
                        let (first, second) = (fields[first].trim().to_owned(), header.to_owned());
                        let column = spec.columns[column].name;
                        return Err(FileError::TwiceColumn { file: file.to_owned(), column, first, second });
                    }
                }
            }
        }
        if places.iter().all(Option::is_none) {
            let why = format!("none of its {} fields matches a column of `{}`", fields.len(), spec.name);
            return Err(FileError::NoHeader { file: file.to_owned(), why });
        }
        if let Some(missing) = spec.columns.iter().zip(&places).find(|(column, place)| column.required && place.is_none()) {
            let column = missing.0.name;
            let alike = most_alike(column, &ignored);
            return Err(FileError::MissingColumn { file: file.to_owned(), column, unknown: ignored, alike });
        }
        Ok(Header { places, width: fields.len(), ignored, operation, old_key, stamp })
    }

    fn absent(&self, spec: &'static Spec) -> Vec<Cow<'static, str>> {
        let absent = spec.columns.iter().zip(&self.places).filter(|(_, place)| place.is_none());
        absent.map(|(column, _)| column.name.into()).collect()
    }
}

/// The text of a file and its encoding.
pub(super) fn decoded(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes)
        && encoding != encoding_rs::UTF_8
    {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return (text, encoding.name());
    }
    let unmarked = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(unmarked) {
        Ok(text) => (Cow::Borrowed(text), "UTF-8"),
        Err(_) => (encoding_rs::WINDOWS_1252.decode_without_bom_handling(unmarked).0, "windows-1252"),
    }
}

/// A record of a file.
pub(super) struct Record<'a> {
    /// The line it begins on.
    line: u32,
    /// Whether it spans several lines.
    spans_lines: bool,
    /// Its fields, or why it is malformed.
    pub(super) fields: Result<Vec<&'a str>, Reason>,
}

/// The records of a text in order.
pub(super) struct Records<'t> {
    text: &'t str,
    reader: Reader,
    delimiter: u8,
    /// Where the next record is looked for, and the line there.
    position: usize,
    line: u32,
    /// Where the last record began, after blank lines, and the line there.
    begin: (usize, u32),
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str) -> Records<'t> {
        let delimiter = delimiter(text);
        Records {
            text,
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            position: 0,
            line: 1,
            begin: (0, 1),
            output: vec![0; RECORD_BYTES],
            ends: vec![0; RECORD_FIELDS],
        }
    }

    pub(super) fn next(&mut self) -> Option<Record<'_>> {
        let bytes = self.text.as_bytes();
        // Line ends before the record: blank lines, and the LF of a CRLF.
        let blank = bytes[self.position..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line += lines(bytes, self.position, self.position + blank);
        self.position += blank;
        self.begin = (self.position, self.line);
        if self.position == bytes.len() {
            return None;
        }
        let (mut written, mut fields) = (0, 0);
        let problem = loop {
            let input = &bytes[self.position..];
            let output = &mut self.output[written..];
            let (result, read, wrote, ended) = self.reader.read_record(input, output, &mut self.ends[fields..]);
            self.position += read;
            written += wrote;
            fields += ended;
            match result {
                // Called again with no input left, the reader ends the last record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => break None,
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => break Some(Reason::Unclosed),
            }
        };
        let (begin, line) = self.begin;
        let inside = bytes[begin..self.position].trim_ascii_end().len();
        let spans_lines = bytes[begin..begin + inside].iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        self.line += lines(bytes, begin, self.position);
        let is_well_formed = !spans_lines || well_quoted(&bytes[begin..begin + inside], self.delimiter);
        let fields = match (problem, std::str::from_utf8(&self.output[..written])) {
            (None, Ok(text)) if is_well_formed => {
                let begins = std::iter::once(0).chain(self.ends[..fields].iter().copied());
                let slices = begins.zip(&self.ends[..fields]).map(|(begin, &end)| text.get(begin..end).unwrap_or(""));
                Ok(slices.collect())
            }
            _ => Err(Reason::Unclosed),
        };
        Some(Record { line, spans_lines, fields })
    }

    /// Passes each row, or why it is malformed, to `take` until that fails. Skips blank rows.
    pub(super) fn rows(
        &mut self,
        width: usize,
        fits: impl Fn(&[&str]) -> bool,
        mut take: impl FnMut(u32, Result<&[&str], Reason>) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        while let Some(Record { line, spans_lines, fields }) = self.next() {
            let problem = match fields {
                Err(reason) => reason,
                Ok(fields) if fields.iter().all(|field| field.trim().is_empty()) => continue,
                Ok(fields) if fits(&fields) => {
                    take(line, Ok(&fields))?;
                    continue;
                }
                Ok(_) if spans_lines => Reason::Unclosed,
                Ok(fields) => Reason::FieldCount { found: fields.len() as u32, expected: width as u32 },
            };
            take(line, Err(problem))?;
            if spans_lines || problem == Reason::Unclosed {
                self.resume_after_line();
            }
        }
        Ok(())
    }

    /// Treats the last record as a single line and resumes after it.
    fn resume_after_line(&mut self) {
        let bytes = self.text.as_bytes();
        let (begin, line) = self.begin;
        let length = bytes[begin..].iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len() - begin);
        (self.position, self.line) = (begin + length, line);
        self.reader = ReaderBuilder::new().delimiter(self.delimiter).build();
    }
}

/// Whether every quoted field of a record begins right after a delimiter and ends right before one. The CSV reader does
/// not require this; in a record that spans lines, a stray quote would swallow rows up to the next quote.
fn well_quoted(record: &[u8], delimiter: u8) -> bool {
    let mut quoted = false;
    let mut position = 0;
    while position < record.len() {
        let after = record.get(position + 1).copied();
        match (record[position], quoted) {
            (b'"', true) if after == Some(b'"') => position += 1,
            (b'"', true) if after.is_some_and(|byte| byte != delimiter) => return false,
            (b'"', true) => quoted = false,
            (b'"', false) if position > 0 && record[position - 1] != delimiter => return false,
            (b'"', false) => quoted = true,
            _ => {}
        }
        position += 1;
    }
    !quoted
}

/// Line ends between two positions; CRLF is one.
fn lines(bytes: &[u8], from: usize, to: usize) -> u32 {
    let ends = memchr::memchr2_iter(b'\n', b'\r', &bytes[from..to]);
    ends.filter(|&at| bytes[from + at] == b'\n' || bytes.get(from + at + 1) != Some(&b'\n')).count() as u32
}

/// The delimiter: comma, semicolon or tab, whichever is most frequent in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let first = first.split('\r').next().unwrap_or("");
    let count = |byte: &u8| first.bytes().filter(|other| other == byte).count();
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Batch;
    use crate::source::Collected;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> (Result<FileReport, FileError>, Batch, Texts) {
        let mut texts = Texts::default();
        let mut sink = Collected { texts: &mut texts, batch: Batch::default() };
        let report = Csv.decode(Table::Course, "course.csv", bytes, &mut sink);
        let batch = sink.batch;
        (report, batch, texts)
    }

    /// Ids and titles of the accepted courses.
    fn courses(bytes: &[u8]) -> Vec<(String, String)> {
        let (report, batch, texts) = read(bytes);
        report.unwrap();
        let row = |change: &Change| match change {
            Change::Upsert(row) => {
                let values = row.values();
                Some((values[0].text(&texts), values[3].text(&texts)))
            }
            _ => None,
        };
        batch.changes.iter().filter_map(row).collect()
    }

    fn rejected_of(batch: &Batch) -> Vec<Rejected> {
        let rejected = batch.changes.iter().filter_map(|change| match change {
            Change::Reject(rejected) => Some(*rejected),
            _ => None,
        });
        rejected.collect()
    }

    fn rejected(bytes: &[u8]) -> Vec<(u32, Reason)> {
        let (report, batch, _) = read(bytes);
        let rejected: Vec<_> = rejected_of(&batch).iter().map(|rejected| (rejected.line, rejected.reason)).collect();
        let rows: std::collections::BTreeSet<u32> = rejected.iter().map(|(line, _)| *line).collect();
        assert_eq!(report.unwrap().rejected, rows.len() as u64);
        rejected
    }

    fn two() -> Vec<(String, String)> {
        [("A", "Art"), ("M", "Math")].map(|(id, title)| (id.to_owned(), title.to_owned())).to_vec()
    }

    #[test]
    fn an_op_column_makes_a_change_file() {
        let bytes = b"_op,_old_key,course_id,org_id,title\nupsert,,A,D,Art\ndelete,,M,,\nkey_change,B,C,D,Bio\n,,E,D,Ed\n\
                      Delete,,,,\nkey_change,,F,D,Fr\nremove,,G,D,Ge\n";
        assert!(Csv::states_changes(bytes) && !Csv::states_changes(b"course_id,org_id,title\nA,D,Art\n"));
        let (report, batch, texts) = read(bytes);
        let report = report.unwrap();
        assert_eq!((report.rows, report.rejected, report.ignored_columns.len()), (7, 3, 0));
        let emitted = batch.changes.iter().map(|change| match change {
            Change::Upsert(row) => format!("+ {}", row.values()[0].text(&texts)),
            Change::Delete(table, key) => format!("- {}", texts.symbol_text(table.space(), *key)),
            Change::KeyChange(old, row) => {
                let (old, new) = (texts.symbol_text(row.table().space(), *old), row.values()[0]);
                format!("{old} > {}", new.text(&texts))
            }
            Change::Reject(rejected) => format!("{} {:?}", rejected.line, rejected.reason.hint()),
            Change::Accept(..) | Change::Note(_) => unreachable!("formats note nothing"),
        });
        let operation = Reason::Operation { position: 0, value: None }.hint();
        let expected = [
            "+ A".to_owned(),
            "- M".to_owned(),
            "B > C".to_owned(),
            "+ E".to_owned(),
            "6 \"this column must not be empty\"".to_owned(),
            format!("7 {operation:?}"),
            format!("8 {operation:?}"),
        ];
        assert_eq!(emitted.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn headers_come_in_any_order_case_and_spelling() {
        assert_eq!(courses(b"course_id,org_id,title\nA,D,Art\nM,D,Math\n"), two());
        assert_eq!(courses(b"Title;extra;ORG-ID;\"Course ID\"\nArt;1;D;A\nMath;2;D;M"), two());
        assert_eq!(courses(b"course_id\torg_id\ttitle\nA\tD\tArt\nM\tD\tMath\n"), two());
        let (report, ..) = read(b"course_id,org_id,title,colour\n");
        assert_eq!(report.unwrap().ignored_columns, ["colour"]);
    }

    #[test]
    fn lines_end_in_any_of_three_ways() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["course_id,org_id,title", "A,D, Art ", "", "M,D,Math", ",,", ""].join(end);
            assert_eq!(courses(text.as_bytes()), two(), "{end:?}");
            let text = ["course_id,org_id,title,credits", "A,D,Art,x", "", "\"M\",D,\"Ma\nth\",y", "Z,D,Z,z"].join(end);
            let lines: Vec<u32> = rejected(text.as_bytes()).iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [2, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn quoted_fields_hold_delimiters_quotes_and_line_breaks() {
        let text = "course_id,org_id,title\nA,D,\"Art, \"\"applied\"\"\r\nand fine\"\n";
        assert_eq!(courses(text.as_bytes())[0].1, "Art, \"applied\"\r\nand fine");
    }

    #[test]
    fn encodings_are_detected() {
        let expected = [("A".to_owned(), "Ärt – “x”".to_owned())];
        let text = "course_id,org_id,title\nA,D,Ärt – “x”\n";
        let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
        let wide: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let (narrow, ..) = encoding_rs::WINDOWS_1252.encode(text);
        for (bytes, encoding) in [(&marked[..], "UTF-8"), (&wide[..], "UTF-16LE"), (&narrow[..], "windows-1252")] {
            assert_eq!(courses(bytes), expected, "{encoding}");
            assert_eq!(read(bytes).0.unwrap().encoding, encoding);
        }
    }

    #[test]
    fn a_bad_line_is_rejected_alone() {
        let text = b"course_id,org_id,title\nA,D,\"Art\nB,D,Bio\nM,D,Math\nX,D\nY,D,Y,1\nZ,D,\"Zoo\"\n";
        let reasons = rejected(text);
        assert_eq!(reasons[0], (2, Reason::Unclosed));
        assert_eq!(reasons[1], (5, Reason::FieldCount { found: 2, expected: 3 }));
        assert_eq!(reasons[2], (6, Reason::FieldCount { found: 4, expected: 3 }));
        let accepted: Vec<String> = courses(text).into_iter().map(|(id, _)| id).collect();
        assert_eq!(accepted, ["B", "M", "Z"]);
        assert_eq!(rejected(b"course_id,org_id,title\nA,D,A\0rt\n"), [(2, Reason::Nul)]);
    }

    #[test]
    fn a_quote_that_never_ends_costs_one_line() {
        let rows: String = (0..20_000).map(|n| format!("C{n},D,Course {n}\n")).collect();
        let text = format!("course_id,org_id,title\nA,D,\"Art\n{rows}");
        assert_eq!(rejected(text.as_bytes()), [(2, Reason::Unclosed)]);
        assert_eq!(courses(text.as_bytes()).len(), 20_000);
    }

    #[test]
    fn invalid_fields_are_reported() {
        let (_, batch, texts) = read(b"title,course_id,org_id,credits,is_core\nArt,A,,one,maybe\n");
        let rejected = rejected_of(&batch);
        let reported = rejected.iter().map(|rejected| match rejected.reason {
            Reason::Field { column, position, fault, value } => {
                let column = Table::Course.spec().columns[usize::from(column)].name;
                (rejected.line, column, position, fault, value.map(|value| texts.text(value).to_owned()))
            }
            other => panic!("{other:?}"),
        });
        use crate::model::Unreadable;
        let expected = [
            (2, "org_id", 3, Fault::Missing, None),
            (2, "credits", 4, Fault::Unreadable(Unreadable::Decimal), Some("one".to_owned())),
            (2, "is_core", 5, Fault::Unreadable(Unreadable::Bool), Some("maybe".to_owned())),
        ];
        assert_eq!(reported.collect::<Vec<_>>(), expected);
        assert!(
            rejected
                .iter()
                .all(|rejected| rejected.row == RowName::Key(texts.find::<crate::model::CourseId>("A").unwrap().0))
        );
    }

    #[test]
    fn unreadable_files_are_errors() {
        let error = |bytes: &[u8]| read(bytes).0.unwrap_err();
        assert_eq!(error(b""), FileError::Empty { file: "course.csv".to_owned() });
        assert_eq!(error(b"\r\n\n"), FileError::Empty { file: "course.csv".to_owned() });
        assert!(matches!(error(b"A,D,Art\n"), FileError::NoHeader { .. }));
        assert!(matches!(error(b"course_id,org_id,title,Course Id\n"), FileError::TwiceColumn { .. }));
        let missing = error(b"course_id,orgg_id,title\n");
        assert_eq!(missing.to_string(), "course.csv, line 1: required column `org_id` is missing");
        assert_eq!(missing.hint(), "did you mean `orgg_id`? rename the header");
    }

    proptest! {
        /// No bytes can cause a panic, and no row is lost: each is accepted or rejected.
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(prop::sample::select(b"A,\"\n\r;\t\0\xC3\xFF1".to_vec()), 0..300)) {
            let text = [b"course_id,org_id,title\n".as_slice(), &bytes].concat();
            let (report, batch, _) = read(&text);
            let report = report.unwrap();
            let accepted = batch.changes.iter().filter(|change| matches!(change, Change::Upsert(_))).count();
            prop_assert_eq!(report.rows, report.rejected + accepted as u64);
            let _ = read(&bytes);
        }
    }
}
