//! The CSV files: their columns, and a writer that takes one cell after another.
//!
//! A district has millions of rows, so a row is put together in one reused record; cells are never collected
//! as strings of their own.

use crate::model::date::Date;
use csv::{ByteRecord, Writer, WriterBuilder};
use std::fmt::{Display, Write as _};
use std::io::{self, Write};

/// Every table with its columns, in the order of the canonical schema.
#[rustfmt::skip]
pub(super) const TABLES: [(&str, &[&str]); 15] = [
    ("organization", &["org_id", "org_type", "name", "parent_org_id", "state_org_id", "nces_id", "school_level",
        "grade_low", "grade_high", "status", "open_date", "close_date", "is_charter", "is_title1", "locale"]),
    ("student", &["student_id", "state_student_id", "first_name", "middle_name", "last_name", "suffix", "birth_date",
        "sex", "is_hispanic", "race", "race_declined", "home_language", "first_us_school_date", "grade9_entry_year",
        "grade_level", "is_enabled"]),
    ("school_enrollment", &["enrollment_id", "student_id", "school_id", "school_year", "grade_level", "entry_date",
        "entry_type", "exit_date", "exit_type", "exit_code_raw", "status", "membership_fte", "calendar_id",
        "residence_org_id", "is_no_show", "is_repeating", "class_of", "inferred"]),
    ("staff", &["staff_id", "state_staff_id", "first_name", "middle_name", "last_name", "suffix", "former_last_name",
        "birth_date", "sex", "is_hispanic", "race", "email", "username", "highest_education", "years_experience",
        "years_experience_district", "is_active"]),
    ("staff_assignment", &["assignment_id", "staff_id", "org_id", "school_year", "role", "position_title", "job_code",
        "subject", "grade_low", "grade_high", "begin_date", "end_date", "fte", "is_primary", "employment_id",
        "funding"]),
    ("credential", &["credential_id", "staff_id", "credential_number", "state", "credential_type", "level", "status",
        "issue_date", "effective_date", "expiration_date", "revoked_date"]),
    ("credential_authorization", &["credential_id", "seq", "subject", "grade_low", "grade_high", "population",
        "issue_date", "expiration_date"]),
    ("course", &["course_id", "org_id", "course_code", "title", "subject", "state_course_code", "credits", "level",
        "is_core", "grades", "school_year"]),
    ("section", &["section_id", "course_id", "school_id", "school_year", "session_ids", "title", "section_type",
        "periods", "room", "delivery", "population", "max_enrollment", "credits", "is_active"]),
    ("section_staff", &["section_staff_id", "staff_id", "section_id", "role", "is_primary", "begin_date", "end_date",
        "allocation"]),
    ("assessment", &["assessment_id", "family", "title", "subject", "category", "period", "school_year", "window_begin",
        "window_end", "grades", "score_min", "score_max", "score_type", "is_accountability"]),
    ("assessment_cut", &["assessment_id", "grade", "level_code", "level_rank", "min_score", "max_score",
        "is_proficient"]),
    ("assessment_result", &["result_id", "student_id", "assessment_id", "school_id", "school_year",
        "administration_date", "grade_level", "participation", "score", "score_type", "level_code", "is_proficient",
        "is_retest", "standard_error", "accommodations"]),
    ("student_status", &["status_id", "student_id", "org_id", "status_type", "status_value", "begin_date", "end_date",
        "primary_disability", "inferred"]),
    ("clock", &["clock_id", "school_year", "date"]),
];

/// One CSV file being written.
pub(super) struct Sheet<W: Write> {
    out: Writer<W>,
    record: ByteRecord,
    scratch: String,
    /// Data rows written.
    pub(super) rows: u64,
}

impl<W: Write> Sheet<W> {
    /// Opens the file of a table and writes its header.
    fn open(table: usize, open: &mut impl FnMut(&'static str) -> io::Result<W>) -> io::Result<Sheet<W>> {
        let (name, columns) = TABLES[table];
        let mut out = WriterBuilder::new().buffer_capacity(1 << 16).from_writer(open(name)?);
        out.write_record(columns)?;
        Ok(Sheet { out, record: ByteRecord::new(), scratch: String::new(), rows: 0 })
    }

    /// A cell of text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.record.push_field(text.as_bytes());
        self
    }

    /// A cell of anything that can be shown: numbers, ids put together by `format_args!`.
    pub(super) fn show(&mut self, value: impl Display) -> &mut Self {
        self.scratch.clear();
        // Writing to a string cannot fail.
        let _ = write!(self.scratch, "{value}");
        self.record.push_field(self.scratch.as_bytes());
        self
    }

    /// A number, or nothing.
    pub(super) fn maybe(&mut self, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.show(value),
            None => self.none(1),
        }
    }

    /// A day.
    pub(super) fn date(&mut self, date: Date) -> &mut Self {
        let (year, month, day) = date.to_ymd();
        let digit = |number: u32| b'0' + (number % 10) as u8;
        let year = year as u32;
        self.record.push_field(&[
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            b'-',
            digit(month / 10),
            digit(month),
            b'-',
            digit(day / 10),
            digit(day),
        ]);
        self
    }

    /// A day, or nothing.
    pub(super) fn maybe_date(&mut self, date: Option<Date>) -> &mut Self {
        match date {
            Some(date) => self.date(date),
            None => self.none(1),
        }
    }

    /// A decimal given in ten-thousandths, with its four digits.
    pub(super) fn fraction(&mut self, scaled: i32) -> &mut Self {
        let sign = if scaled < 0 { "-" } else { "" };
        self.show(format_args!("{sign}{}.{:04}", scaled.abs() / 10_000, scaled.abs() % 10_000))
    }

    /// True or false.
    pub(super) fn flag(&mut self, flag: bool) -> &mut Self {
        self.text(if flag { "true" } else { "false" })
    }

    /// So many empty cells.
    pub(super) fn none(&mut self, cells: usize) -> &mut Self {
        for _ in 0..cells {
            self.record.push_field(b"");
        }
        self
    }

    /// Ends the row; one with too few or too many cells is refused by the CSV writer.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.out.write_byte_record(&self.record)?;
        self.record.clear();
        self.rows += 1;
        Ok(())
    }
}

/// All files of a district.
pub(super) struct Sheets<W: Write> {
    pub(super) organization: Sheet<W>,
    pub(super) student: Sheet<W>,
    pub(super) school_enrollment: Sheet<W>,
    pub(super) staff: Sheet<W>,
    pub(super) staff_assignment: Sheet<W>,
    pub(super) credential: Sheet<W>,
    pub(super) credential_authorization: Sheet<W>,
    pub(super) course: Sheet<W>,
    pub(super) section: Sheet<W>,
    pub(super) section_staff: Sheet<W>,
    pub(super) assessment: Sheet<W>,
    pub(super) assessment_cut: Sheet<W>,
    pub(super) assessment_result: Sheet<W>,
    pub(super) student_status: Sheet<W>,
    pub(super) clock: Sheet<W>,
}

impl<W: Write> Sheets<W> {
    /// Opens every file, in the order of [`TABLES`].
    pub(super) fn open(mut open: impl FnMut(&'static str) -> io::Result<W>) -> io::Result<Sheets<W>> {
        let mut table = 0;
        let mut next = || {
            table += 1;
            Sheet::open(table - 1, &mut open)
        };
        Ok(Sheets {
            organization: next()?,
            student: next()?,
            school_enrollment: next()?,
            staff: next()?,
            staff_assignment: next()?,
            credential: next()?,
            credential_authorization: next()?,
            course: next()?,
            section: next()?,
            section_staff: next()?,
            assessment: next()?,
            assessment_cut: next()?,
            assessment_result: next()?,
            student_status: next()?,
            clock: next()?,
        })
    }

    /// Flushes every file; gives the rows of each.
    pub(super) fn close(mut self) -> io::Result<Vec<(&'static str, u64)>> {
        let sheets = [
            &mut self.organization,
            &mut self.student,
            &mut self.school_enrollment,
            &mut self.staff,
            &mut self.staff_assignment,
            &mut self.credential,
            &mut self.credential_authorization,
            &mut self.course,
            &mut self.section,
            &mut self.section_staff,
            &mut self.assessment,
            &mut self.assessment_cut,
            &mut self.assessment_result,
            &mut self.student_status,
            &mut self.clock,
        ];
        let mut rows = Vec::with_capacity(TABLES.len());
        for (sheet, (name, _)) in sheets.into_iter().zip(TABLES) {
            sheet.out.flush()?;
            rows.push((name, sheet.rows));
        }
        Ok(rows)
    }
}
