//! The CSV files: their columns, and a writer that takes one cell at a time.
//!
//! A district has millions of rows, so each row is assembled in one reused record, without a string per cell.

use csv::{ByteRecord, Writer, WriterBuilder};
use rollcall_model::Table;
use rollcall_model::date::Date;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};

/// One CSV file being written.
pub(super) struct Sheet<W: Write> {
    out: Writer<W>,
    record: ByteRecord,
    scratch: String,
    /// Data rows written.
    pub(super) rows: u64,
}

impl<W: Write> Sheet<W> {
    /// Opens the file of a table and writes its header, with the columns declared in the model.
    fn open(table: Table, open: &mut impl FnMut(&'static str) -> io::Result<W>) -> io::Result<Sheet<W>> {
        let spec = table.spec();
        let mut out = WriterBuilder::new().buffer_capacity(1 << 16).from_writer(open(spec.name)?);
        out.write_record(spec.columns.iter().map(|column| column.name))?;
        Ok(Sheet { out, record: ByteRecord::new(), scratch: String::new(), rows: 0 })
    }

    /// A cell of text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.record.push_field(text.as_bytes());
        self
    }

    /// A cell with any displayable value: numbers, or ids built with `format_args!`.
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

    /// A decimal in ten-thousandths, written with four digits.
    pub(super) fn fraction(&mut self, scaled: i32) -> &mut Self {
        let sign = if scaled < 0 { "-" } else { "" };
        self.show(format_args!("{sign}{}.{:04}", scaled.abs() / 10_000, scaled.abs() % 10_000))
    }

    /// A decimal in ten-thousandths, or nothing.
    pub(super) fn maybe_fraction(&mut self, scaled: Option<i32>) -> &mut Self {
        match scaled {
            Some(scaled) => self.fraction(scaled),
            None => self.none(1),
        }
    }

    /// True or false.
    pub(super) fn flag(&mut self, flag: bool) -> &mut Self {
        self.text(if flag { "true" } else { "false" })
    }

    /// A number of empty cells.
    pub(super) fn none(&mut self, cells: usize) -> &mut Self {
        for _ in 0..cells {
            self.record.push_field(b"");
        }
        self
    }

    /// Ends the row; the CSV writer rejects a row with too few or too many cells.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.out.write_byte_record(&self.record)?;
        self.record.clear();
        self.rows += 1;
        Ok(())
    }
}

/// All files of a district, one for each table of the model.
macro_rules! sheets {
    ($($sheet:ident: $table:ident),+ $(,)?) => {
        /// All files of a district.
        pub(super) struct Sheets<W: Write> { $(pub(super) $sheet: Sheet<W>),+ }

        impl<W: Write> Sheets<W> {
            /// Opens every file.
            pub(super) fn open(mut open: impl FnMut(&'static str) -> io::Result<W>) -> io::Result<Sheets<W>> {
                Ok(Sheets { $($sheet: Sheet::open(Table::$table, &mut open)?),+ })
            }

            /// Flushes every file; returns the number of rows of each.
            pub(super) fn close(mut self) -> io::Result<Vec<(&'static str, u64)>> {
                let mut rows = Vec::with_capacity(Table::ALL.len());
                $(
                    self.$sheet.out.flush()?;
                    rows.push((Table::$table.spec().name, self.$sheet.rows));
                )+
                Ok(rows)
            }
        }
    };
}

sheets! {
    organization: Organization,
    academic_session: AcademicSession,
    calendar_day: CalendarDay,
    student: Student,
    student_status: StudentStatus,
    school_enrollment: SchoolEnrollment,
    staff: Staff,
    staff_employment: StaffEmployment,
    staff_assignment: StaffAssignment,
    credential: Credential,
    credential_authorization: CredentialAuthorization,
    course: Course,
    section: Section,
    section_staff: SectionStaff,
    section_enrollment: SectionEnrollment,
    assessment: Assessment,
    assessment_cut: AssessmentCut,
    assessment_result: AssessmentResult,
    program: Program,
    program_participation: ProgramParticipation,
    staffing_standard: StaffingStandard,
    code_map: CodeMap,
    rule_config: RuleConfig,
    clock: Clock,
}
