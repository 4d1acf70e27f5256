//! OneRoster CSV 1.1 and 1.2: a set of files about organizations, sessions, courses, classes, people and class
//! enrollments, each in full (`bulk`) or as changes (`delta`), as `manifest.csv` says.
//!
//! Files and headers match in any case and with common misspellings. Gradebook and learning-resource files are skipped.
//! Passwords, phone numbers and guardianship are never stored.
//!
//! By the standard, an end date is the first day after; many systems send the last day, which
//! `rollcall.endDates,inclusive` in the manifest declares. `rollcall.schoolYear,2026` sets the year in which users of
//! 1.1 are enrolled if it is not the last one with a session. `rollcall.identifiers,local` declares that the column
//! `identifier` is not a state id.

mod classes;
mod people;
mod sheet;
mod words;
mod years;

use super::manifest::{self, Manifest, Stated};
use super::{Delivery, FileError, FileReport, Format, Mode, RecordSink, Scope, flooded, plain, stamp};
use crate::model::finding::digest;
use crate::model::{Change, Rejected, SchoolYear, Table, Text};
use classes::Subjects;
use people::{Counts, People, Side};
use sheet::{Kind, Line, Outcome, Provenance, Source};
use std::collections::{BTreeMap, BTreeSet};
use words::PersonKind;
use years::Years;

/// The format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneRoster {
    /// Whether end dates are the last day, unless the manifest says otherwise.
    pub has_inclusive_ends: bool,
    /// The school year of records without dates; by default the last one with a session.
    pub school_year: Option<SchoolYear>,
    /// Whether the column `identifier` is the state id.
    pub identifier_is_state: bool,
}

impl OneRoster {
    /// The defaults of the standard.
    pub const DEFAULT: OneRoster = OneRoster { has_inclusive_ends: false, school_year: None, identifier_is_state: true };

    /// Applies the options of the manifest.
    fn stated(mut self, manifest: &Manifest) -> Result<OneRoster, FileError> {
        let one_of = |name: &str, words: [&str; 2]| match manifest.property(name) {
            None => Ok(None),
            Some(value) => match words.iter().position(|word| value.eq_ignore_ascii_case(word)) {
                Some(place) => Ok(Some(place == 0)),
                None => Err(manifest.wrong(name, format!("{value:?} is not {} or {}", words[0], words[1]))),
            },
        };
        if let Some(is_inclusive) = one_of("rollcall.endDates", ["inclusive", "exclusive"])? {
            self.has_inclusive_ends = is_inclusive;
        }
        if let Some(is_state) = one_of("rollcall.identifiers", ["state", "local"])? {
            self.identifier_is_state = is_state;
        }
        if let Some(value) = manifest.property("rollcall.schoolYear") {
            let year = value.parse().ok().filter(|year| (1900..=2200).contains(year));
            let wrong = || manifest.wrong("rollcall.schoolYear", format!("{value:?} is not a school year"));
            self.school_year = Some(SchoolYear(year.ok_or_else(wrong)?));
        }
        Ok(self)
    }
}

impl Format for OneRoster {
    fn name(&self) -> &'static str {
        "oneroster"
    }

    fn sniff(&self, files: &[String], _: &mut dyn FnMut(&str) -> Vec<u8>) -> bool {
        // Names that are not a plural of one of our tables; sessions differ by capitalization only.
        let is_own = |file: &String| match Kind::of(file) {
            None | Some(Kind::Courses) => false,
            Some(Kind::Sessions) => file.starts_with("academicSessions"),
            Some(_) => true,
        };
        files.iter().any(is_own)
    }

    fn read(&self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError> {
        let manifest = match delivery.files.iter().find(|file| manifest::is(file)) {
            Some(file) => Some(Manifest::read(&(delivery.read)(file)?)?),
            None => None,
        };
        let manifest = manifest.unwrap_or_default();
        let options = self.stated(&manifest)?;
        let files = Files::of(delivery, &manifest)?;
        if files.of.is_empty() {
            return Err(FileError::NoTables { found: delivery.files.clone() });
        }
        let years = Years::new(options.school_year);
        let mut reading = Reading { options, files, manifest, years, reports: Vec::new(), read: &mut *delivery.read, sink };
        reading.sessions()?;
        let org_types = reading.organizations()?;
        reading.courses_and_classes()?;
        reading.people(org_types)?;
        reading.enrollments()?;
        reading.others()?;
        Ok(reading.reports)
    }
}

/// The files of a delivery.
struct Files {
    of: BTreeMap<Kind, Vec<String>>,
    /// Whether each kind is delivered in full; if several files feed a kind, only if all are.
    full: BTreeMap<Kind, bool>,
    /// Files of no table.
    others: Vec<String>,
    /// The scope of files for which the delivery itself states none.
    scope: Scope,
}

impl Files {
    fn of(delivery: &Delivery<'_>, manifest: &Manifest) -> Result<Files, FileError> {
        let scope = match &delivery.unless_stated {
            Some(Mode::Full(scope)) => scope.clone(),
            _ => Scope::default(),
        };
        let mut files = Files { of: BTreeMap::new(), full: BTreeMap::new(), others: Vec::new(), scope };
        for file in &delivery.files {
            let Some((stem, extension)) = file.rsplit_once('.') else { continue };
            if !extension.eq_ignore_ascii_case("csv") || manifest::is(file) {
                continue;
            }
            let Some(kind) = Kind::of(file) else {
                files.others.push(file.clone());
                continue;
            };
            // The manifest uses the file names of the standard.
            let same = |stem: &str| manifest.files().find(|name| plain(name) == plain(stem)).map(str::to_owned);
            let stated = match same(stem).or_else(|| same(kind.stem())) {
                Some(name) => manifest.file(&name)?,
                None => None,
            };
            let is_full = match (stated, &delivery.unless_stated) {
                (Some(Stated::Bulk), _) => true,
                (Some(Stated::Delta), _) => false,
                (_, Some(mode)) => *mode != Mode::Delta,
                (_, None) => return Err(FileError::NoMode { file: file.clone() }),
            };
            *files.full.entry(kind).or_insert(true) &= is_full;
            files.of.entry(kind).or_default().push(file.clone());
        }
        Ok(files)
    }

    fn has(&self, kind: Kind) -> bool {
        self.of.contains_key(&kind)
    }

    /// Whether a kind is delivered in full.
    fn is_full(&self, kind: Kind) -> bool {
        self.full.get(&kind) == Some(&true)
    }

    /// Whether a kind is delivered in full or not at all.
    fn is_full_or_absent(&self, kind: Kind) -> bool {
        self.full.get(&kind) != Some(&false)
    }
}

/// A delivery that is being read.
struct Reading<'r> {
    options: OneRoster,
    files: Files,
    manifest: Manifest,
    years: Years,
    reports: Vec<FileReport>,
    read: &'r mut dyn FnMut(&str) -> Result<Vec<u8>, FileError>,
    sink: &'r mut dyn RecordSink,
}

impl Reading<'_> {
    fn begin(&mut self, table: Table, is_full: bool) -> Result<(), FileError> {
        let mode = match is_full {
            true => Mode::Full(self.manifest.scope(table.spec().name)?.unwrap_or_else(|| self.files.scope.clone())),
            false => Mode::Delta,
        };
        self.sink.begin(table, &mode);
        Ok(())
    }

    /// Reads the files of a kind, line by line.
    fn each(
        &mut self,
        kind: Kind,
        mut take: impl FnMut(Line<'_>, &mut Years, &mut dyn RecordSink) -> Outcome,
    ) -> Result<(), FileError> {
        for file in self.files.of.get(&kind).into_iter().flatten() {
            let bytes = (self.read)(file)?;
            let source = Source { kind, file, bytes: &bytes, changes: !self.files.is_full(kind), needs: &[] };
            let years = &mut self.years;
            self.reports.push(source.read(self.sink, |line, sink| take(line, years, sink))?);
        }
        Ok(())
    }

    fn sessions(&mut self) -> Result<(), FileError> {
        let kind = Kind::Sessions;
        let (is_full, is_inclusive) = (self.files.is_full(kind), self.options.has_inclusive_ends);
        let mut stated_ids = BTreeSet::new();
        if self.files.has(kind) {
            self.begin(kind.table(), is_full)?;
            self.each(kind, |line, years, sink| {
                if let Line::Row(row) = &line {
                    stated_ids.insert(row.text("sourcedId").to_owned());
                }
                classes::take(kind.table(), is_full, line, sink, |row, _| {
                    let draft = classes::session(row, is_inclusive);
                    years.add_session(&draft);
                    draft
                })
            })?;
            self.sink.end(kind.table());
        }
        if !is_full {
            self.years.add_current(self.sink, &stated_ids);
        }
        Ok(())
    }

    /// Also returns the types of the organizations.
    fn organizations(&mut self) -> Result<hashbrown::HashMap<String, String>, FileError> {
        let kind = Kind::Orgs;
        let mut types = hashbrown::HashMap::new();
        if self.files.has(kind) {
            let is_full = self.files.is_full(kind);
            self.begin(kind.table(), is_full)?;
            self.each(kind, |line, _, sink| {
                classes::take(kind.table(), is_full, line, sink, |row, _| {
                    let draft = classes::organization(row);
                    types.insert(draft.text("org_id").to_owned(), draft.text("org_type").to_lowercase());
                    draft
                })
            })?;
            self.sink.end(kind.table());
        }
        Ok(types)
    }

    fn courses_and_classes(&mut self) -> Result<(), FileError> {
        let mut subjects = Subjects::default();
        let has_courses = self.files.has(Kind::Courses);
        if self.files.has(Kind::Classes) {
            let (table, is_full) = (Kind::Classes.table(), self.files.is_full(Kind::Classes));
            self.begin(table, is_full)?;
            self.each(Kind::Classes, |line, years, sink| {
                classes::take(table, is_full, line, sink, |row, _| {
                    if has_courses {
                        classes::record_subject(row, &mut subjects);
                    }
                    classes::section(row, years)
                })
            })?;
            self.sink.end(table);
        }
        if has_courses {
            let (table, is_full) = (Kind::Courses.table(), self.files.is_full(Kind::Courses));
            self.begin(table, is_full)?;
            self.each(Kind::Courses, |line, years, sink| {
                classes::take(table, is_full, line, sink, |row, sink| {
                    let before = if is_full { None } else { classes::course_before(row.text("sourcedId"), sink) };
                    classes::course(row, years, &subjects, before)
                })
            })?;
            self.sink.end(table);
        }
        Ok(())
    }

    fn people(&mut self, org_types: hashbrown::HashMap<String, String>) -> Result<(), FileError> {
        if ![Kind::Users, Kind::Roles, Kind::Demographics].into_iter().any(|kind| self.files.has(kind)) {
            return Ok(());
        }
        let files = &self.files;
        let by_roles = files.has(Kind::Roles);
        let full = [Kind::Roles, Kind::Demographics].into_iter().all(|kind| files.is_full_or_absent(kind));
        let mut people = People {
            by_roles,
            all_roles: files.is_full(Kind::Roles),
            has_demographics: files.has(Kind::Demographics),
            all_demographics: files.is_full(Kind::Demographics),
            is_full: files.is_full(Kind::Users) && full,
            is_inclusive: self.options.has_inclusive_ends,
            identifier_is_state: self.options.identifier_is_state,
            org_types,
            ..People::default()
        };
        let first = self.reports.len();
        let mut bad: Vec<Rejected> = Vec::new();
        let is_later = self.manifest.property("oneroster.version").is_some_and(|version| version.starts_with("1.2"));
        for kind in [Kind::Users, Kind::Roles, Kind::Demographics] {
            let needs: &[&str] =
                if kind == Kind::Users && !by_roles && !is_later { &["role", "orgSourcedIds"] } else { &[] };
            for file in self.files.of.get(&kind).into_iter().flatten() {
                let bytes = (self.read)(file)?;
                let source = Source { kind, file, bytes: &bytes, changes: !self.files.is_full(kind), needs };
                let rows = match kind {
                    Kind::Users => &mut people.users,
                    Kind::Roles => &mut people.roles,
                    _ => &mut people.demographics,
                };
                let (report, rejected) = source.buffer_rows(self.sink, rows)?;
                self.reports.push(report);
                bad.extend(rejected);
            }
        }
        people.all_memberships = match by_roles {
            true => self.files.is_full(Kind::Roles) && self.files.is_full_or_absent(Kind::Users),
            false => self.files.is_full(Kind::Users) && people.has_memberships(),
        };
        if let Some(row) = people.sort(self.sink) {
            return Err(row.one_too_many(people::MOST_ROWS, self.sink.texts()));
        }
        let mut counts = Counts::default();
        // An unreadable line may belong to any of these tables, and so may a user whose role is unknown.
        let is_broken = !bad.is_empty();
        for side in Side::BOTH {
            self.begin(side.person(), people.is_full)?;
            self.doubt(side.person(), is_broken || counts.is_role_unknown);
            self.reject(&mut bad, side.person());
            people.emit_persons(side, &mut counts, self.sink);
            self.flooded(first, &counts)?;
            self.locate_deletes(&[Kind::Users, Kind::Roles, Kind::Demographics]);
            self.sink.end(side.person());
        }
        if people.has_memberships() {
            for side in Side::BOTH {
                self.begin(side.membership(), people.all_memberships)?;
                self.doubt(side.membership(), is_broken || counts.is_role_unknown);
                self.reject(&mut bad, side.membership());
                people.emit_memberships(side, &self.years, &mut counts, self.sink);
                self.flooded(first, &counts)?;
                self.locate_deletes(if by_roles { &[Kind::Roles] } else { &[Kind::Users] });
                self.sink.end(side.membership());
            }
        }
        self.count(first, counts);
        Ok(())
    }

    /// Marks a table as possibly incomplete.
    fn doubt(&mut self, table: Table, is_doubtful: bool) {
        if is_doubtful {
            self.sink.doubt(table);
        }
    }

    /// Makes the first file of these kinds the location of deletes for missing rows.
    fn locate_deletes(&mut self, kinds: &[Kind]) {
        if let Some(file) = kinds.iter().find_map(|kind| self.files.of.get(kind)?.first()) {
            let file = self.sink.texts().id(file);
            self.sink.at(file, 0);
        }
    }

    /// Reports the malformed lines of a table.
    fn reject(&mut self, bad: &mut Vec<Rejected>, table: Table) {
        for rejected in bad.extract_if(.., |rejected| rejected.table == table) {
            self.sink.at(rejected.file, rejected.line);
            self.sink.change(Change::Reject(rejected));
        }
    }

    /// Fails if too many rows of the files about people are rejected; their reports begin at `first`.
    fn flooded(&mut self, first: usize, counts: &Counts) -> Result<(), FileError> {
        let Some(&(file, line)) = counts.rejected.last() else { return Ok(()) };
        let rows = self.reports[first..].iter().map(|report| report.rows).sum();
        flooded(self.sink.texts().text(file), line, rows, counts.rejected.len() as u64)
    }

    /// Adds rejected and ignored rows to the reports from `first` on.
    fn count(&mut self, first: usize, counts: Counts) {
        let texts = self.sink.texts();
        for report in &mut self.reports[first..] {
            let file: Text = texts.id(&report.file);
            report.rejected += counts.rejected.iter().filter(|(of, _)| *of == file).count() as u64;
            report.ignored += counts.ignored.iter().filter(|of| **of == file).count() as u64;
        }
    }

    fn enrollments(&mut self) -> Result<(), FileError> {
        let kind = Kind::Enrollments;
        if !self.files.has(kind) {
            return Ok(());
        }
        let (is_full, is_inclusive) = (self.files.is_full(kind), self.options.has_inclusive_ends);
        let (students, staff) = (Table::SectionEnrollment, Table::SectionStaff);
        self.begin(students, is_full)?;
        // Staff rows are few; they are emitted after those of students.
        let mut later: Vec<(Provenance, Change)> = Vec::new();
        let mut is_broken = false;
        // Rows of each table that this delivery has stated.
        let mut stated: BTreeSet<(Table, String)> = BTreeSet::new();
        self.each(kind, |line, _, sink| {
            let row = match line {
                Line::Row(row) => row,
                Line::Bad(rejected) => {
                    is_broken = true;
                    sink.at(rejected.file, rejected.line);
                    sink.change(Change::Reject(rejected));
                    return Outcome::Rejected;
                }
            };
            let provenance = row.provenance();
            sink.at(provenance.file, provenance.line);
            let of = if row.deleted { None } else { Some(PersonKind::of(row.text("role"))) };
            if !is_full {
                // A deleted record does not state its role, and a changed one may have had the other role before.
                let id = row.text("sourcedId");
                let is_there = [students, staff].map(|table| {
                    let key = sink.texts().find_symbol(table.space(), id);
                    key.is_some_and(|key| sink.current(table, key).is_some()) || stated.contains(&(table, id.to_owned()))
                });
                sink.stamp(stamp::read(row.text("dateLastModified")));
                // If the record exists nowhere, report the delete for the student table.
                let is_nowhere = row.deleted && is_there == [false; 2];
                if of != Some(PersonKind::Student) && (is_there[0] || is_nowhere) {
                    let key = sink.texts().symbol(students.space(), id);
                    sink.change(Change::Delete(students, key));
                }
                if of != Some(PersonKind::Staff) && is_there[1] {
                    let key = sink.texts().symbol(staff.space(), id);
                    later.push((provenance, Change::Delete(staff, key)));
                }
                match of {
                    Some(PersonKind::Student) => drop(stated.insert((students, id.to_owned()))),
                    Some(PersonKind::Staff) => drop(stated.insert((staff, id.to_owned()))),
                    _ => {}
                }
            }
            match of {
                None if !is_full => Outcome::Accepted,
                None | Some(PersonKind::Contact) => Outcome::Ignored,
                Some(PersonKind::Student) => classes::section_enrollment(row, is_inclusive).emit(sink),
                Some(PersonKind::Staff) => classes::section_staff(row, is_inclusive)
                    .emit_to(sink.texts(), |change| later.push((provenance, change))),
            }
        })?;
        self.sink.end(students);
        self.begin(staff, is_full)?;
        self.doubt(staff, is_broken);
        for (provenance, change) in later {
            self.sink.at(provenance.file, provenance.line);
            self.sink.change(change);
        }
        self.sink.end(staff);
        Ok(())
    }

    /// Skips the files of no table.
    fn others(&mut self) -> Result<(), FileError> {
        for file in &self.files.others {
            let bytes = (self.read)(file)?;
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count() as u64;
            self.reports.push(FileReport {
                file: file.clone(),
                rows: lines.saturating_sub(1),
                ignored: lines.saturating_sub(1),
                encoding: super::csv::decoded(&bytes).1.into(),
                digest: digest(&bytes),
                ..FileReport::default()
            });
        }
        Ok(())
    }
}
