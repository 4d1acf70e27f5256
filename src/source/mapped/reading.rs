//! Reads a delivery with a profile: which file is which, what each table is made from, row by row. Tables are read one
//! after the other, parents first, so a file that feeds several tables is read once for each.

use super::cell::{Found, Line, one_of};
use super::profile::{FileMap, Lookup, Makes, Operation, Profile};
use crate::model::finding::digest;
use crate::model::{Change, Fault, Reason, Rejected, RowName, Table, Text};
use crate::source::csv::{QUOTED_CHARS, Records, decoded};
use crate::source::manifest::{self, Manifest, Stated};
use crate::source::{Delivery, FileError, FileReport, Mode, RecordSink, flooded, most_alike, plain};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Most rows that a lookup joins for one key.
const MOST_JOINED: usize = 32;

/// The result of reading a delivery.
#[derive(Debug, Default)]
pub struct Survey {
    /// Its files.
    pub files: Vec<FileSurvey>,
    /// Missing files, by their patterns in the profile; whether tables can be complete without them; and the tables that
    /// they feed.
    pub missing: Vec<(String, bool, Vec<Table>)>,
    /// The mode of each table that files feed.
    pub modes: BTreeMap<Table, Mode>,
    /// Errors that would stop a delivery.
    pub problems: Vec<FileError>,
}

/// The result of reading a file.
#[derive(Clone, Debug)]
pub struct FileSurvey {
    /// Rows, encoding, columns.
    pub report: FileReport,
    /// The tables that it feeds.
    pub tables: Vec<TableSurvey>,
    /// Whether lookups read it.
    pub looked_up: bool,
}

/// What a file provides for a table.
#[derive(Clone, Debug)]
pub struct TableSurvey {
    /// The table.
    pub table: Table,
    /// Rows made.
    pub rows: u64,
    /// Columns that the file fills.
    pub columns: Vec<&'static str>,
    /// Mapped columns that the file cannot fill, with the headers that they need.
    pub absent: Vec<(&'static str, Vec<String>)>,
}

/// The list of patterns that matches a file best: the one with the most literal characters.
pub(super) fn best<'a>(lists: impl Iterator<Item = &'a [String]>, file: &str) -> Option<usize> {
    let letters = |pattern: &String| pattern.chars().filter(|c| !matches!(c, '*' | '?')).count();
    let fit = |list: &[String]| list.iter().filter(|pattern| fits(pattern, file)).map(letters).max();
    let fitting = lists.enumerate().filter_map(|(place, list)| Some((fit(list)?, std::cmp::Reverse(place))));
    fitting.max().map(|(_, place)| place.0)
}

/// Whether a name matches a pattern with `*` and `?`, in any case.
fn fits(pattern: &str, name: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<char>>();
    let (pattern, name) = (lower(pattern), lower(name));
    // Backtracking to the last star is enough; remember it and how much of the name it covers.
    let (mut at, mut in_name, mut star) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(&c) if c == '?' || c == name[in_name] => (at, in_name) = (at + 1, in_name + 1),
            _ => match star {
                Some((of, from)) => {
                    star = Some((of, from + 1));
                    (at, in_name) = (of + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// A header normalized for comparison, without the prefix up to its last dot or bracket.
fn last(header: &str) -> String {
    plain(header.rsplit(['.', ']']).next().unwrap_or(header))
}

/// Where columns are in a file.
struct Head {
    headers: Vec<String>,
    places: Vec<Option<usize>>,
    /// Number of fields up to the last non-empty header.
    width: usize,
}

impl Head {
    /// Finds columns by the headers of a file. `students.dcid` also matches `dcid` unless another header does.
    fn read(file: &str, text: &str, names: &[String]) -> Result<Head, FileError> {
        let file = || file.to_owned();
        let headers: Vec<String> = match Records::new(text).next().map(|record| record.fields) {
            None => return Err(FileError::Empty { file: file() }),
            Some(Err(_)) => {
                let why = "it is longer than 16 KiB or has an unclosed quote".to_owned();
                return Err(FileError::NoHeader { file: file(), why });
            }
            Some(Ok(fields)) => fields.iter().map(|field| field.trim().to_owned()).collect(),
        };
        let whole: Vec<String> = headers.iter().map(|header| plain(header)).collect();
        let last: Vec<String> = headers.iter().map(|header| last(header)).collect();
        let find = |name: &String| {
            let wanted = plain(name);
            let at = |of: &[String]| (0..of.len()).filter(|&place| of[place] == wanted).collect::<Vec<_>>();
            let found = match at(&whole) {
                found if found.is_empty() => at(&last),
                found => found,
            };
            match found[..] {
                [] => Ok(None),
                [place] => Ok(Some(place)),
                [first, second, ..] => {
                    let (first, second) = (headers[first].clone(), headers[second].clone());
                    Err(FileError::TwiceSource { file: file(), column: name.clone(), first, second })
                }
            }
        };
        let places = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let width = headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
        Ok(Head { headers, places, width })
    }

    /// An error about a missing column.
    fn missing(&self, file: &str, feeds: String, wanted: &[String]) -> FileError {
        let used: BTreeSet<usize> = self.places.iter().flatten().copied().collect();
        let unused =
            |(place, header): (usize, &String)| (!used.contains(&place) && !header.is_empty()).then(|| header.clone());
        let unknown: Vec<String> = self.headers.iter().enumerate().filter_map(unused).collect();
        let alike = wanted.iter().find_map(|wanted| most_alike(wanted, &unknown));
        FileError::MissingSource { file: file.to_owned(), column: wanted.join(" or "), feeds, unknown, alike }
    }
}

/// A file of the delivery and its mapping.
struct File<'p> {
    name: String,
    map: Option<&'p FileMap>,
    /// The lookups that read it.
    lookups: Vec<usize>,
    modes: BTreeMap<Table, Mode>,
    state: Option<State>,
}

/// The state of a file that was read.
struct State {
    report: FileReport,
    used: BTreeSet<usize>,
    headers: Vec<String>,
    tables: Vec<TableSurvey>,
    /// By row: whether it made anything, and whether it was rejected.
    rows: Vec<u8>,
}

const MADE: u8 = 1;
const REJECTED: u8 = 2;

/// A delivery being read.
pub(super) struct Reading<'p> {
    profile: &'p Profile,
    /// Whether to collect the errors of files instead of failing.
    lenient: bool,
    found: Found,
    survey: Survey,
}

impl<'p> Reading<'p> {
    pub(super) fn new(profile: &'p Profile, lenient: bool) -> Reading<'p> {
        let found = profile.lookups.iter().map(|_| HashMap::default()).collect();
        Reading { profile, lenient, found, survey: Survey::default() }
    }

    /// Collects an error, or fails with it.
    fn problem(&mut self, error: FileError) -> Result<(), FileError> {
        if self.lenient {
            if !self.survey.problems.contains(&error) {
                self.survey.problems.push(error);
            }
            return Ok(());
        }
        Err(error)
    }

    pub(super) fn read(mut self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Survey, FileError> {
        let manifest = match delivery.files.iter().find(|file| manifest::is(file)) {
            Some(file) => Manifest::read(&(delivery.read)(file)?)?,
            None => Manifest::default(),
        };
        let mut files = self.files(delivery, &manifest)?;
        if files.iter().all(|file| file.map.is_none()) {
            let stated = manifest.files().next().is_some();
            // On a day without changes, the manifest may be all there is.
            if !stated || files.iter().any(|file| file.lookups.is_empty()) {
                self.problem(FileError::NoMapped { profile: self.profile.name.clone(), found: delivery.files.clone() })?;
            }
        }
        self.lookups(delivery, &manifest, &mut files)?;
        for table in self.profile.tables() {
            let of = |file: &File<'_>| file.map.is_some_and(|map| map.makes.iter().any(|makes| makes.table == table));
            let is_always = self.profile.always.iter().any(|(of, _)| *of == table);
            let is_made = files.iter().any(of) || is_always && files.iter().any(|file| file.map.is_some());
            if !is_made {
                continue;
            }
            let mode = self.mode(table, &files);
            sink.begin(table, &mode);
            self.survey.modes.insert(table, mode.clone());
            for (_, texts) in self.profile.always.iter().filter(|(of, _)| *of == table) {
                let row = table.read(|column| texts[column].as_str(), sink.texts(), |_, _| {});
                row.into_iter().for_each(|row| sink.change(Change::Upsert(row)));
            }
            // Full extracts come first, so that changes are applied on top of them.
            for full in [true, false] {
                for file in files.iter_mut().filter(|file| of(file)) {
                    if (file.modes.get(&table) != Some(&Mode::Delta)) == full {
                        let bytes = (delivery.read)(&file.name)?;
                        if let Err(error) = self.take(table, mode == Mode::Delta, file, &bytes, sink) {
                            self.problem(error)?;
                        }
                    }
                }
            }
            sink.end(table);
        }
        self.close(delivery, files)
    }

    /// Determines which file is which.
    fn files(&mut self, delivery: &mut Delivery<'_>, manifest: &Manifest) -> Result<Vec<File<'p>>, FileError> {
        let profile = self.profile;
        let mut files = Vec::new();
        for name in &delivery.files.clone() {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
            let is_table = ["csv", "txt", "text", "tsv", "tab"].contains(&ending.as_str());
            if !is_table || manifest::is(name) {
                continue;
            }
            let map = best(profile.files.iter().map(|map| &map.patterns[..]), name).map(|place| &profile.files[place]);
            let reads = |(place, lookup): (usize, &Lookup)| {
                lookup.patterns.iter().any(|pattern| fits(pattern, name)).then_some(place)
            };
            let lookups = profile.lookups.iter().enumerate().filter_map(reads).collect();
            let mut modes = BTreeMap::new();
            let tables: BTreeSet<Table> = map.iter().flat_map(|map| &map.makes).map(|makes| makes.table).collect();
            for table in tables {
                let mode = match stated(manifest, name, table)? {
                    Some(mode) => mode,
                    None => match self.unstated(delivery, name, map)? {
                        Some(mode) => mode,
                        None => {
                            self.problem(FileError::NoMode { file: name.clone() })?;
                            Mode::Delta
                        }
                    },
                };
                modes.insert(table, mode);
            }
            files.push(File { name: name.clone(), map, lookups, modes, state: None });
        }
        Ok(files)
    }

    /// The mode of a file that the manifest does not list.
    fn unstated(&self, delivery: &mut Delivery<'_>, name: &str, map: Option<&FileMap>) -> Result<Option<Mode>, FileError> {
        if let Some((map, operation)) = map.and_then(|map| Some((map, map.operation.as_ref()?))) {
            let bytes = (delivery.read)(name)?;
            let column = &map.names[operation.column];
            let head = Head::read(name, &decoded(&bytes).0, std::slice::from_ref(column));
            if head.is_ok_and(|head| head.places.iter().any(Option::is_some)) {
                return Ok(Some(Mode::Delta));
            }
        }
        Ok(delivery.unless_stated.clone())
    }

    /// The mode of a table: a full extract if everything that feeds it is there in full.
    fn mode(&self, table: Table, files: &[File<'_>]) -> Mode {
        let makes = |map: &&FileMap| map.makes.iter().any(|makes| makes.table == table);
        let is_there = |map: &&FileMap| files.iter().any(|file| file.map.is_some_and(|of| std::ptr::eq(of, *map)));
        if !self.profile.files.iter().filter(makes).filter(|map| !map.optional).all(|map| is_there(&map)) {
            return Mode::Delta;
        }
        let mut modes = files.iter().filter_map(|file| file.modes.get(&table));
        let first = modes.next().cloned().unwrap_or(Mode::Delta);
        if modes.all(|mode| *mode == first) { first } else { Mode::Delta }
    }

    /// Reads the lookup files that a file of this delivery uses.
    fn lookups(
        &mut self,
        delivery: &mut Delivery<'_>,
        manifest: &Manifest,
        files: &mut [File<'p>],
    ) -> Result<(), FileError> {
        for (place, lookup) in self.profile.lookups.iter().enumerate() {
            let is_used = |of: &usize| *of == place || self.profile.lookups[*of].through == Some(place);
            let uses = |file: &&File<'_>| {
                let makes = file.map.iter().flat_map(|map| &map.makes);
                makes.flat_map(|makes| makes.columns.iter().flatten()).any(|source| source.lookups().iter().any(is_used))
            };
            let Some(user) = files.iter().filter(uses).max_by_key(|file| file.is_delta()) else { continue };
            let (user, is_delta) = (user.name.clone(), user.is_delta());
            let of: Vec<String> =
                files.iter().filter(|file| file.lookups.contains(&place)).map(|file| file.name.clone()).collect();
            let needed = || FileError::MissingLookup {
                asking: user.clone(),
                lookup: lookup.name.clone(),
                files: lookup.patterns.join(" or "),
            };
            // A changed row is stated in full, so a missing lookup would erase what it provides: with changes, no lookup
            // file may be missing.
            if of.is_empty() && (is_delta || !lookup.optional) {
                self.problem(needed())?;
            }
            for name in of {
                let is_part = match stated_file(manifest, &name)? {
                    Some(stated) => stated == Stated::Delta,
                    None => delivery.unless_stated == Some(Mode::Delta),
                };
                if is_part {
                    self.problem(needed())?;
                }
                let bytes = (delivery.read)(&name)?;
                if let Err(error) = look_up(lookup, &name, &bytes, &mut self.found[place]) {
                    self.problem(error)?;
                }
            }
        }
        // What was found may be the key of another lookup.
        for (place, lookup) in self.profile.lookups.iter().enumerate() {
            if let Some(through) = lookup.through.filter(|through| *through != place) {
                let mut texts = std::mem::take(&mut self.found[place]);
                texts.retain(|_, text| match self.found[through].get(&**text) {
                    Some(wanted) => {
                        text.clone_from(wanted);
                        true
                    }
                    None => false,
                });
                self.found[place] = texts;
            }
        }
        Ok(())
    }

    /// Reads the rows of a table from a file.
    fn take(
        &mut self,
        table: Table,
        is_delta: bool,
        file: &mut File<'p>,
        bytes: &[u8],
        sink: &mut dyn RecordSink,
    ) -> Result<(), FileError> {
        let Some(map) = file.map else { return Ok(()) };
        let (text, encoding) = decoded(bytes);
        let head = Head::read(&file.name, &text, &map.names)?;
        let state = file.state.get_or_insert_with(|| State::new(&file.name, map, &head, encoding, bytes));
        let conditions = map.filter.iter().filter(|condition| !condition.optional).map(|condition| condition.column);
        if let Some(column) = conditions.into_iter().find(|column| head.places[*column].is_none()) {
            let feeds = format!("the rows of `{}`", table.spec().name);
            return Err(head.missing(&file.name, feeds, std::slice::from_ref(&map.names[column])));
        }
        let mut makes = Vec::new();
        for of in map.makes.iter().filter(|makes| makes.table == table) {
            let made = state.bind(of, map, &head);
            if let Some((column, wanted)) = made.absent.iter().find(|(column, _)| is_required(table, column)) {
                let error = head.missing(&file.name, format!("`{}.{column}`", table.spec().name), wanted);
                self.problem(error)?;
                state.survey(made);
                continue;
            }
            let filter = of.filter.iter().filter(|condition| !condition.optional).map(|condition| condition.column);
            if let Some(column) = filter.into_iter().find(|column| head.places[*column].is_none()) {
                let feeds = format!("the rows of `{}`", table.spec().name);
                let error = head.missing(&file.name, feeds, std::slice::from_ref(&map.names[column]));
                self.problem(error)?;
                continue;
            }
            state.survey(made);
            makes.push(of);
        }
        let name: Text = sink.texts().id(&file.name);
        sink.at(name, 0);
        let mut rows = Rows { table, is_delta, map, makes: &makes, name, found: &self.found, state, number: 0, rejected: 0 };
        let mut records = Records::new(&text);
        drop(records.next());
        // Spreadsheets leave empty fields after the last.
        let width = head.width;
        let fit = |fields: &[&str]| fields.len() >= width && fields[width..].iter().all(|field| field.trim().is_empty());
        records.rows(width, fit, |line, fields| {
            rows.row(line, fields, &head, sink);
            flooded(&file.name, line, rows.number as u64, rows.rejected)
        })
    }

    /// Completes the survey.
    fn close(mut self, delivery: &mut Delivery<'_>, files: Vec<File<'p>>) -> Result<Survey, FileError> {
        for map in &self.profile.files {
            if !files.iter().any(|file| file.map.is_some_and(|of| std::ptr::eq(of, map))) {
                let tables: BTreeSet<Table> = map.makes.iter().map(|makes| makes.table).collect();
                self.survey.missing.push((map.patterns.join(" or "), map.optional, tables.into_iter().collect()));
            }
        }
        for lookup in &self.profile.lookups {
            let is_there = files.iter().any(|file| lookup.patterns.iter().any(|pattern| fits(pattern, &file.name)));
            let pattern = lookup.patterns.join(" or ");
            if !is_there && !self.survey.missing.iter().any(|(of, ..)| *of == pattern) {
                self.survey.missing.push((pattern, lookup.optional, Vec::new()));
            }
        }
        for file in files {
            let looked_up = !file.lookups.is_empty();
            let lookups = file.lookups.iter().map(|place| &self.profile.lookups[*place]);
            let names: Vec<String> = lookups.flat_map(|lookup| lookup.names.iter().cloned()).collect();
            let state = match file.state {
                Some(state) => state,
                None => {
                    let bytes = (delivery.read)(&file.name)?;
                    State::unread(&file.name, &bytes, looked_up)
                }
            };
            self.survey.files.push(state.close(looked_up, &names));
        }
        Ok(self.survey)
    }
}

impl File<'_> {
    fn is_delta(&self) -> bool {
        self.modes.values().any(|mode| *mode == Mode::Delta)
    }
}

fn is_required(table: Table, name: &str) -> bool {
    let spec = table.spec();
    spec.column(name).is_some_and(|column| spec.columns[column].required)
}

/// What the manifest states about a file, in any case.
fn stated_file(manifest: &Manifest, file: &str) -> Result<Option<Stated>, FileError> {
    match stem(manifest, file) {
        Some(stem) => manifest.file(&stem),
        None => Ok(None),
    }
}

fn stated(manifest: &Manifest, file: &str, table: Table) -> Result<Option<Mode>, FileError> {
    match stem(manifest, file) {
        Some(stem) => manifest.mode(&stem, table.spec().name),
        None => Ok(None),
    }
}

fn stem(manifest: &Manifest, file: &str) -> Option<String> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    manifest.files().find(|named| named.eq_ignore_ascii_case(stem)).map(str::to_owned)
}

/// Reads a lookup file.
fn look_up(lookup: &Lookup, file: &str, bytes: &[u8], found: &mut HashMap<String, Rc<str>>) -> Result<(), FileError> {
    let (text, _) = decoded(bytes);
    let head = Head::read(file, &text, &lookup.names)?;
    let missing = |column: &usize| head.places[*column].is_none();
    let column = match lookup.key.columns().find(missing) {
        None if !lookup.value.is_fed(&head.places) => lookup.value.columns().into_iter().find(missing),
        of_key => of_key,
    };
    let filter = lookup.filter.iter().filter(|condition| !condition.optional).map(|condition| condition.column);
    if let Some(column) = column.or_else(|| filter.into_iter().find(missing)) {
        let name = &lookup.names[column];
        return Err(head.missing(file, format!("[lookup.{}]", lookup.name), std::slice::from_ref(name)));
    }
    let mut records = Records::new(&text);
    drop(records.next());
    let nothing = Found::new();
    let mut joined: HashMap<String, usize> = HashMap::default();
    // Malformed lines are reported where the rows of the file are made, so skip them here.
    records.rows(
        head.width,
        |fields| fields.len() >= head.width,
        |_, fields| {
            let Ok(fields) = fields else { return Ok(()) };
            let line = Line { places: &head.places, fields };
            let (key, (value, _)) = (lookup.key.text(&line), lookup.value.text(&line, &nothing));
            if key.is_empty() || value.is_empty() || !line.holds(&lookup.filter) {
                return Ok(());
            }
            match (found.get_mut(key.as_ref()), &lookup.join) {
                (None, _) => drop(found.insert(key.into_owned(), value.into())),
                (Some(before), Some(join)) => {
                    let count = joined.entry(key.into_owned()).or_insert(1);
                    *count += 1;
                    if *count <= MOST_JOINED {
                        *before = [before, join.as_str(), &value].concat().into();
                    }
                }
                // The first row of a key wins.
                (Some(_), None) => {}
            }
            Ok(())
        },
    )
}

impl State {
    fn new(name: &str, map: &FileMap, head: &Head, encoding: &'static str, bytes: &[u8]) -> State {
        let table = map.makes.iter().map(|makes| makes.table).min().map_or("", |table| table.spec().name);
        let report = FileReport {
            file: name.to_owned(),
            table: table.into(),
            encoding: encoding.into(),
            digest: digest(bytes),
            ..FileReport::default()
        };
        let used = head.places.iter().flatten().copied().collect();
        State { report, used, headers: head.headers.clone(), tables: Vec::new(), rows: Vec::new() }
    }

    /// A file that feeds no table.
    fn unread(name: &str, bytes: &[u8], looked_up: bool) -> State {
        let (text, encoding) = decoded(bytes);
        let rows = text.lines().filter(|line| !line.trim().is_empty()).count().saturating_sub(1) as u64;
        let headers = Head::read(name, &text, &[]).map_or(Vec::new(), |head| head.headers);
        let report = FileReport {
            file: name.to_owned(),
            rows,
            ignored: if looked_up { 0 } else { rows },
            encoding: encoding.into(),
            digest: digest(bytes),
            ..FileReport::default()
        };
        State { report, used: BTreeSet::new(), headers, tables: Vec::new(), rows: Vec::new() }
    }

    /// Which columns of a table the file fills.
    fn bind(&self, makes: &Makes, map: &FileMap, head: &Head) -> TableSurvey {
        let mut made = TableSurvey { table: makes.table, rows: 0, columns: Vec::new(), absent: Vec::new() };
        for (column, source) in makes.table.spec().columns.iter().zip(&makes.columns) {
            match source {
                Some(source) if source.is_fed(&head.places) => made.columns.push(column.name),
                Some(source) => {
                    let wanted = source.columns().into_iter().filter(|column| head.places[*column].is_none());
                    made.absent.push((column.name, wanted.map(|column| map.names[column].clone()).collect()));
                }
                None => {}
            }
        }
        made
    }

    /// Adds what a file provides for a table; several `makes` of one table are merged.
    fn survey(&mut self, made: TableSurvey) {
        match self.tables.iter_mut().find(|table| table.table == made.table) {
            Some(table) => {
                let new = made.columns.into_iter().filter(|column| !table.columns.contains(column)).collect::<Vec<_>>();
                table.columns.extend(new);
                table.absent.extend(made.absent);
            }
            None => self.tables.push(made),
        }
    }

    fn close(mut self, looked_up: bool, names: &[String]) -> FileSurvey {
        let count = |flag: u8| self.rows.iter().filter(|row| **row & flag != 0).count() as u64;
        if !self.rows.is_empty() {
            self.report.rejected = count(REJECTED);
            self.report.ignored = self.rows.iter().filter(|row| **row == 0).count() as u64;
            self.report.rows = self.rows.len() as u64;
        }
        let looked = |header: &String| names.iter().any(|name| [plain(header), last(header)].contains(&plain(name)));
        let unused = self
            .headers
            .iter()
            .enumerate()
            .filter(|(place, header)| !self.used.contains(place) && !header.is_empty() && !looked(header));
        self.report.ignored_columns = unused.map(|(_, header)| header.clone()).collect();
        let absent: BTreeSet<&'static str> =
            self.tables.iter().flat_map(|table| table.absent.iter().map(|(column, _)| *column)).collect();
        self.report.absent_columns = absent.into_iter().map(Into::into).collect();
        FileSurvey { report: self.report, tables: self.tables, looked_up }
    }
}

/// The rows of a file for one table.
struct Rows<'a> {
    table: Table,
    is_delta: bool,
    map: &'a FileMap,
    makes: &'a [&'a Makes],
    name: Text,
    found: &'a Found,
    state: &'a mut State,
    /// Rows read, and how many of them were rejected.
    number: usize,
    rejected: u64,
}

/// What to do with a row.
enum RowAction {
    Upsert,
    Delete,
}

impl Rows<'_> {
    fn row(&mut self, line: u32, fields: Result<&[&str], Reason>, head: &Head, sink: &mut dyn RecordSink) {
        sink.at(self.name, line);
        let number = self.number;
        self.number += 1;
        if self.state.rows.len() <= number {
            self.state.rows.push(0);
        }
        let fields = match fields {
            Ok(fields) if fields.iter().any(|field| field.contains('\0')) => Err(Reason::Nul),
            fields => fields,
        };
        let flag = match fields {
            Ok(fields) => self.good(line, Line { places: &head.places, fields }, sink),
            Err(reason) => {
                self.reject(line, None, reason, sink);
                REJECTED
            }
        };
        self.state.rows[number] |= flag;
        self.rejected += u64::from(flag & REJECTED != 0);
    }

    fn reject(&self, line: u32, key: Option<&str>, reason: Reason, sink: &mut dyn RecordSink) {
        let row = match key {
            Some(key) => RowName::Key(sink.texts().symbol(self.table.space(), key)),
            None => RowName::Place(self.name, line),
        };
        sink.change(Change::Reject(Rejected { table: self.table, row, file: self.name, line, reason }));
    }

    fn good(&mut self, number: u32, line: Line<'_>, sink: &mut dyn RecordSink) -> u8 {
        if !line.holds(&self.map.filter) {
            return 0;
        }
        let is_gone = !self.map.delete.is_empty() && line.holds(&self.map.delete);
        let action = match &self.map.operation {
            _ if is_gone => RowAction::Delete,
            None => RowAction::Upsert,
            Some(Operation { column, upsert, delete }) => match line.get(*column) {
                text if one_of(text, delete) => RowAction::Delete,
                text if text.is_empty() || upsert.is_empty() || one_of(text, upsert) => RowAction::Upsert,
                text => {
                    let value = Some(quoted(text, sink));
                    let reason = Reason::Operation { position: line.position(*column), value };
                    self.reject(number, None, reason, sink);
                    return REJECTED;
                }
            },
        };
        let makes = self.makes.iter().filter(|makes| line.holds(&makes.filter));
        let flags: Vec<u8> = makes.map(|makes| self.make(makes, &action, number, &line, sink)).collect();
        flags.into_iter().fold(0, |all, flag| all | flag)
    }

    fn make(&self, makes: &Makes, action: &RowAction, number: u32, line: &Line<'_>, sink: &mut dyn RecordSink) -> u8 {
        let cells = makes.columns.iter().map(|source| match source {
            Some(source) => {
                let (text, position) = source.text(line, self.found);
                (trimmed(text), position)
            }
            None => (Cow::Borrowed(""), 0),
        });
        let cells: Vec<(Cow<'_, str>, u16)> = cells.collect();
        let field = |column: usize| cells[column].0.as_ref();
        let key = self.table.key_text(field);
        if let RowAction::Delete = action {
            return match &key {
                // In a full extract, a deleted record counts as missing.
                Some(_) if !self.is_delta => 0,
                Some(key) => {
                    let key = sink.texts().symbol(self.table.space(), key);
                    sink.change(Change::Delete(self.table, key));
                    MADE
                }
                None => {
                    let spec = self.table.spec();
                    let empty = |name: &&str| spec.column(name).filter(|&column| field(column).is_empty());
                    let column = spec.key.iter().find_map(empty).unwrap_or(0);
                    let position = cells[column].1;
                    let column = column as u8;
                    let reason = Reason::Field { column, position, fault: Fault::Missing, value: None };
                    self.reject(number, None, reason, sink);
                    REJECTED
                }
            };
        }
        let mut faults: Vec<(usize, Fault)> = Vec::new();
        if let Some(row) = self.table.read(field, sink.texts(), |column, fault| faults.push((column, fault))) {
            sink.change(Change::Upsert(row));
            return MADE;
        }
        for (column, fault) in faults {
            let (text, position) = &cells[column];
            let value = (!text.is_empty()).then(|| quoted(text, sink));
            let reason = Reason::Field { column: column as u8, position: *position, fault, value };
            self.reject(number, key.as_deref(), reason, sink);
        }
        REJECTED
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// The text of an invalid field as quoted in a rejection.
fn quoted(text: &str, sink: &mut dyn RecordSink) -> Text {
    let cut: String = text.chars().take(QUOTED_CHARS).collect();
    sink.texts().id(&cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns_in_any_case() {
        for (pattern, name) in [
            ("students.csv", "Students.CSV"),
            ("students*.csv", "students.csv"),
            ("students*.csv", "Students_2025-09-02.csv"),
            ("*stu?.csv", "ps_stuX.csv"),
            ("*a*b*", "xaxxbx"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("students.csv", "students2.csv"), ("stu?.csv", "stu.csv"), ("*.csv", "x.txt"), ("", "x")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        let lists: Vec<Vec<String>> = [&["schools*.csv"][..], &["schoolstaff*.csv"]]
            .iter()
            .map(|list| list.iter().map(|&p| p.to_owned()).collect())
            .collect();
        let of = |name: &str| best(lists.iter().map(|list| &list[..]), name);
        assert_eq!((of("schools.csv"), of("SchoolStaff_1.csv"), of("x.csv")), (Some(0), Some(1), None));
    }
}
