//! OneRoster CSV 1.1 and 1.2: a set of files about organizations, sessions, courses, classes, people and who is in a
//! class, each in full (`bulk`) or as changes (`delta`), as `manifest.csv` says.
//!
//! Files and headers are found in any case and under the usual misspellings. Files of gradebooks and learning resources
//! are read over. Nothing here keeps passwords, telephone numbers or who is whose guardian.
//!
//! Ends are the first day after, by the standard; many systems send the last day. `rollcall.endDates,inclusive` in the
//! manifest says so. `rollcall.schoolYear,2026` names the year that users of 1.1 are enrolled in, where it is not the
//! last one that has a session; `rollcall.identifiers,local` says that the column `identifier` is no number of the state.

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
use sheet::{Kind, Line, Outcome, Place, Source};
use std::collections::{BTreeMap, BTreeSet};
use words::Stand;
use years::Years;

/// The format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneRoster {
    /// Whether ends are the last day, where the manifest does not say it.
    pub has_inclusive_ends: bool,
    /// The year that records without dates are of; without it, the last that has a session.
    pub school_year: Option<SchoolYear>,
    /// Whether the column `identifier` is the state's number.
    pub identifier_is_state: bool,
}

impl OneRoster {
    /// As the standard has it.
    pub const DEFAULT: OneRoster = OneRoster { has_inclusive_ends: false, school_year: None, identifier_is_state: true };

    /// With what the manifest says.
    fn stated(mut self, manifest: &Manifest) -> Result<OneRoster, FileError> {
        let one_of = |name: &str, words: [&str; 2]| match manifest.property(name) {
            None => Ok(None),
            Some(value) => match words.iter().position(|word| value.eq_ignore_ascii_case(word)) {
                Some(place) => Ok(Some(place == 0)),
                None => Err(manifest.wrong(name, format!("{value:?} is neither {} nor {}", words[0], words[1]))),
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
            let wrong = || manifest.wrong("rollcall.schoolYear", format!("{value:?} is no school year"));
            self.school_year = Some(SchoolYear(year.ok_or_else(wrong)?));
        }
        Ok(self)
    }
}

impl Format for OneRoster {
    fn name(&self) -> &'static str {
        "oneroster"
    }

    fn sniff(&self, files: &[String]) -> bool {
        // Names that are no plural of a table of ours; sessions are, but for the capital.
        let is_own = |file: &String| match Kind::of(file) {
            None | Some(Kind::Courses) => false,
            Some(Kind::Sessions) => file.starts_with("academicSessions"),
            Some(_) => true,
        };
        files.iter().any(is_own)
    }

    fn read(&self, delivery: &mut Delivery<'_>, taker: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError> {
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
        let mut reading = Reading { options, files, manifest, years, reports: Vec::new(), read: &mut *delivery.read, taker };
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
    /// Whether each kind is stated in full; of several files that feed a kind, only when all are.
    full: BTreeMap<Kind, bool>,
    /// Files of no table.
    others: Vec<String>,
    /// What files are complete for of which the delivery does not say it.
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
            // The manifest names files as the standard spells them.
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

    /// Whether a kind is stated in full.
    fn is_full(&self, kind: Kind) -> bool {
        self.full.get(&kind) == Some(&true)
    }

    /// Whether a kind is stated in full or not at all.
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
    taker: &'r mut dyn RecordSink,
}

impl Reading<'_> {
    fn begin(&mut self, table: Table, is_full: bool) -> Result<(), FileError> {
        let mode = match is_full {
            true => Mode::Full(self.manifest.scope(table.spec().name)?.unwrap_or_else(|| self.files.scope.clone())),
            false => Mode::Delta,
        };
        self.taker.begin(table, &mode);
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
            self.reports.push(source.read(self.taker, |line, taker| take(line, years, taker))?);
        }
        Ok(())
    }

    fn sessions(&mut self) -> Result<(), FileError> {
        let kind = Kind::Sessions;
        let (is_full, is_inclusive) = (self.files.is_full(kind), self.options.has_inclusive_ends);
        let mut said = BTreeSet::new();
        if self.files.has(kind) {
            self.begin(kind.table(), is_full)?;
            self.each(kind, |line, years, taker| {
                if let Line::Row(row) = &line {
                    said.insert(row.text("sourcedId").to_owned());
                }
                classes::take(kind.table(), is_full, line, taker, |row, _| {
                    let draft = classes::session(row, is_inclusive);
                    years.state(&draft);
                    draft
                })
            })?;
            self.taker.end(kind.table());
        }
        if !is_full {
            self.years.add_current(self.taker, &said);
        }
        Ok(())
    }

    /// Gives the types of organizations, too.
    fn organizations(&mut self) -> Result<hashbrown::HashMap<String, String>, FileError> {
        let kind = Kind::Orgs;
        let mut types = hashbrown::HashMap::new();
        if self.files.has(kind) {
            let is_full = self.files.is_full(kind);
            self.begin(kind.table(), is_full)?;
            self.each(kind, |line, _, taker| {
                classes::take(kind.table(), is_full, line, taker, |row, _| {
                    let draft = classes::organization(row);
                    types.insert(draft.text("org_id").to_owned(), draft.text("org_type").to_lowercase());
                    draft
                })
            })?;
            self.taker.end(kind.table());
        }
        Ok(types)
    }

    fn courses_and_classes(&mut self) -> Result<(), FileError> {
        let mut subjects = Subjects::default();
        let has_courses = self.files.has(Kind::Courses);
        if self.files.has(Kind::Classes) {
            let (table, is_full) = (Kind::Classes.table(), self.files.is_full(Kind::Classes));
            self.begin(table, is_full)?;
            self.each(Kind::Classes, |line, years, taker| {
                classes::take(table, is_full, line, taker, |row, _| {
                    if has_courses {
                        classes::note_subject(row, &mut subjects);
                    }
                    classes::section(row, years)
                })
            })?;
            self.taker.end(table);
        }
        if has_courses {
            let (table, is_full) = (Kind::Courses.table(), self.files.is_full(Kind::Courses));
            self.begin(table, is_full)?;
            self.each(Kind::Courses, |line, years, taker| {
                classes::take(table, is_full, line, taker, |row, taker| {
                    let before = if is_full { None } else { classes::course_before(row.text("sourcedId"), taker) };
                    classes::course(row, years, &subjects, before)
                })
            })?;
            self.taker.end(table);
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
                let kept = match kind {
                    Kind::Users => &mut people.users,
                    Kind::Roles => &mut people.roles,
                    _ => &mut people.demographics,
                };
                let (report, rejected) = source.keep(self.taker, kept)?;
                self.reports.push(report);
                bad.extend(rejected);
            }
        }
        people.all_memberships = match by_roles {
            true => self.files.is_full(Kind::Roles) && self.files.is_full_or_absent(Kind::Users),
            false => self.files.is_full(Kind::Users) && people.has_memberships(),
        };
        if let Some(row) = people.sort(self.taker) {
            return Err(row.one_too_many(people::MOST_ROWS, self.taker.texts()));
        }
        let mut counts = Counts::default();
        // A line that cannot be read may be of any of them, and of a user whose role is not known nobody knows it.
        let is_broken = !bad.is_empty();
        for side in Side::BOTH {
            self.begin(side.person(), people.is_full)?;
            self.doubt(side.person(), is_broken || counts.is_role_unknown);
            self.reject(&mut bad, side.person());
            people.give_persons(side, &mut counts, self.taker);
            self.flooded(first, &counts)?;
            self.leave_out(&[Kind::Users, Kind::Roles, Kind::Demographics]);
            self.taker.end(side.person());
        }
        if people.has_memberships() {
            for side in Side::BOTH {
                self.begin(side.membership(), people.all_memberships)?;
                self.doubt(side.membership(), is_broken || counts.is_role_unknown);
                self.reject(&mut bad, side.membership());
                people.give_memberships(side, &self.years, &mut counts, self.taker);
                self.flooded(first, &counts)?;
                self.leave_out(if by_roles { &[Kind::Roles] } else { &[Kind::Users] });
                self.taker.end(side.membership());
            }
        }
        self.count(first, counts);
        Ok(())
    }

    /// Says that what a table seems to lack may be there.
    fn doubt(&mut self, table: Table, is_doubtful: bool) {
        if is_doubtful {
            self.taker.doubt(table);
        }
    }

    /// Says that what is not stated is left out by the file of the first of these kinds that is there.
    fn leave_out(&mut self, kinds: &[Kind]) {
        if let Some(file) = kinds.iter().find_map(|kind| self.files.of.get(kind)?.first()) {
            let file = self.taker.texts().id(file);
            self.taker.at(file, 0);
        }
    }

    /// Gives the lines that are no rows of a table.
    fn reject(&mut self, bad: &mut Vec<Rejected>, table: Table) {
        for rejected in bad.extract_if(.., |rejected| rejected.table == table) {
            self.taker.at(rejected.file, rejected.line);
            self.taker.change(Change::Reject(rejected));
        }
    }

    /// Fails when too many rows of the files about people, whose reports begin with this one, cannot be taken.
    fn flooded(&mut self, first: usize, counts: &Counts) -> Result<(), FileError> {
        let Some(&(file, line)) = counts.rejected.last() else { return Ok(()) };
        let rows = self.reports[first..].iter().map(|report| report.rows).sum();
        flooded(self.taker.texts().text(file), line, rows, counts.rejected.len() as u64)
    }

    /// Counts rejected and ignored rows with the reports from this one on.
    fn count(&mut self, first: usize, counts: Counts) {
        let texts = self.taker.texts();
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
        // Those of staff are few, and are given when those of students are over.
        let mut later: Vec<(Place, Change)> = Vec::new();
        let mut is_broken = false;
        // Which rows of which table this delivery has stated.
        let mut given: BTreeSet<(Table, String)> = BTreeSet::new();
        self.each(kind, |line, _, taker| {
            let row = match line {
                Line::Row(row) => row,
                Line::Bad(rejected) => {
                    is_broken = true;
                    taker.at(rejected.file, rejected.line);
                    taker.change(Change::Reject(rejected));
                    return Outcome::Rejected;
                }
            };
            let place = row.place();
            taker.at(place.file, place.line);
            let of = if row.deleted { None } else { Some(Stand::of(row.text("role"))) };
            if !is_full {
                // A record that is gone does not say its role, and another role may have been its own before.
                let id = row.text("sourcedId");
                let is_there = [students, staff].map(|table| {
                    let key = taker.texts().find_symbol(table.space(), id);
                    key.is_some_and(|key| taker.current(table, key).is_some()) || given.contains(&(table, id.to_owned()))
                });
                taker.stamp(stamp::read(row.text("dateLastModified")));
                // Of a record that is nowhere the delete is told as one of a student's.
                let is_nowhere = row.deleted && is_there == [false; 2];
                if of != Some(Stand::Student) && (is_there[0] || is_nowhere) {
                    let key = taker.texts().symbol(students.space(), id);
                    taker.change(Change::Delete(students, key));
                }
                if of != Some(Stand::Staff) && is_there[1] {
                    let key = taker.texts().symbol(staff.space(), id);
                    later.push((place, Change::Delete(staff, key)));
                }
                match of {
                    Some(Stand::Student) => drop(given.insert((students, id.to_owned()))),
                    Some(Stand::Staff) => drop(given.insert((staff, id.to_owned()))),
                    _ => {}
                }
            }
            match of {
                None if !is_full => Outcome::Taken,
                None | Some(Stand::Contact) => Outcome::Ignored,
                Some(Stand::Student) => classes::section_enrollment(row, is_inclusive).emit(taker),
                Some(Stand::Staff) => {
                    classes::section_staff(row, is_inclusive).give(taker.texts(), |change| later.push((place, change)))
                }
            }
        })?;
        self.taker.end(students);
        self.begin(staff, is_full)?;
        self.doubt(staff, is_broken);
        for (place, change) in later {
            self.taker.at(place.file, place.line);
            self.taker.change(change);
        }
        self.taker.end(staff);
        Ok(())
    }

    /// Reads over the files of no table.
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
