//! A school year as a feed: a full extract on the first day, then the changes of each weekday.
//!
//! The district on the first day comes from [`super::district`]. Afterwards people come, move and leave (`students`,
//! `staff`), tests are taken in their windows (`windows`), and faults arrive and are repaired (`faults`). All of it
//! changes rows in memory (`rows`); a day's delivery is what differs in the evening. Apart from faults a year is valid:
//! no rule finds anything on any day.

mod faults;
mod rows;
mod staff;
mod students;
mod windows;

use super::calendar::calendar_id;
use super::dice::Dice;
use super::employees::People;
use super::participation::Participation;
use super::schools::{self, GRADES, Plan};
use super::testing::{self, Assessment};
use super::{Options, district};
use rollcall_model::Table;
use rollcall_model::date::Date;
use rows::{Rows, Wanted};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::rc::Rc;

/// The format of the days after the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extracts {
    /// Changes only.
    Delta,
    /// Full extracts.
    Full,
}

/// Options of a feed.
#[derive(Clone, Copy, Debug)]
pub struct FeedOptions {
    /// Students in the extract of the first day.
    pub students: u32,
    /// Another seed makes another district and another year.
    pub seed: u64,
    /// The day of the full extract. Schools must be in session then and on the last day: September 15 to May 31.
    pub first_day: Date,
    /// Weekdays after the first day.
    pub days: u32,
    /// Whether faults arrive. The first day has none.
    pub faults: bool,
    /// The format of the days after the first.
    pub extracts: Extracts,
}

/// A violation of the answer key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The rule that finds it.
    pub rule: &'static str,
    /// The subject, spelled as in [`super::Planted`].
    pub subject: String,
    /// The day it opens.
    pub opened: Date,
    /// The day it closes; `None` if it is open on the last day.
    pub closed: Option<Date>,
}

/// The violations that a correct engine reports for a feed, and the size of the feed.
#[derive(Clone, Debug, Default)]
pub struct FeedKey {
    /// Every violation of the year, by rule and subject.
    pub violations: Vec<Violation>,
    /// Rows of the extract on the first day.
    pub rows: u64,
    /// Changed rows of each day after the first.
    pub changes: Vec<(Date, u64)>,
}

impl FeedKey {
    /// Changed rows of all days.
    pub fn changed(&self) -> u64 {
        self.changes.iter().map(|(_, changes)| changes).sum()
    }

    /// Writes the answer key as CSV.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["rule_id", "subject", "opened", "closed"])?;
        for Violation { rule, subject, opened, closed } in &self.violations {
            let closed = closed.map_or_else(String::new, |closed| closed.to_string());
            out.write_record([*rule, subject, &opened.to_string(), &closed])?;
        }
        out.flush()
    }
}

/// The weekdays of a feed.
fn weekdays(options: &FeedOptions) -> Vec<Date> {
    let days = (0..).map(|day| options.first_day.plus(day));
    let later = days.skip(1).filter(|day| day.weekday() < 6).take(options.days as usize);
    std::iter::once(options.first_day).chain(later).collect()
}

/// Writes a folder for each weekday; `open` returns the writer for a file of a day. Returns the answer key.
pub fn feed<W: Write>(options: &FeedOptions, mut open: impl FnMut(Date, &str) -> io::Result<W>) -> io::Result<FeedKey> {
    let days = weekdays(options);
    let day = days[days.len() - 1];
    let plan = Plan::new(&Options { students: options.students, seed: options.seed, day, faults: false })?;
    if !plan.year.begin().plus(76).le(&options.first_day) {
        let message = format!("from {} to {day} is more than one school year", options.first_day);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let opening = Options { students: options.students, seed: options.seed, day: options.first_day, faults: false };
    let files = in_memory(|open| district(&opening, open).map(drop))?;
    let mut key = FeedKey::default();
    let mut rows = Rows::default();
    for (table, bytes) in &files {
        rows.read(*table, bytes)?;
        open(options.first_day, &format!("{}.csv", table.spec().name))?.write_all(bytes)?;
    }
    write_manifest(Table::ALL.iter().copied(), Extracts::Full, open(options.first_day, "manifest.csv")?)?;
    key.rows = Table::ALL.iter().map(|&table| rows.of(table, "").count() as u64).sum();

    let list = testing::assessments(&plan);
    let mut year = Year::new(options, &plan, &list, &days, rows)?;
    for (index, &day) in days.iter().enumerate().skip(1) {
        (year.index, year.day) = (index, day);
        year.pass();
        let changes = year.rows.changes();
        key.changes.push((day, changes.len() as u64));
        let by_table: Vec<_> = changes.chunk_by(|a, b| a.table == b.table).collect();
        match options.extracts {
            Extracts::Delta => {
                for changes in &by_table {
                    let table = changes[0].table;
                    rows::write_changes(table, changes, open(day, &format!("{}.csv", table.spec().name))?)?;
                }
                let tables = by_table.iter().map(|changes| changes[0].table);
                write_manifest(tables, Extracts::Delta, open(day, "manifest.csv")?)?;
            }
            Extracts::Full => {
                for &table in Table::ALL {
                    year.rows.write_full(table, open(day, &format!("{}.csv", table.spec().name))?)?;
                }
                write_manifest(Table::ALL.iter().copied(), Extracts::Full, open(day, "manifest.csv")?)?;
            }
        }
        year.rows.settle();
    }
    key.violations = year.violations;
    key.violations.sort();
    Ok(key)
}

/// The manifest of a folder.
fn write_manifest(tables: impl Iterator<Item = Table>, extracts: Extracts, out: impl Write) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let (mode, scope) = match extracts {
        Extracts::Full => ("bulk", Some(["scope", "all"])),
        Extracts::Delta => ("delta", None),
    };
    let about = [["propertyName", "value"], ["rollcall.version", "1"], ["source.systemName", "SYNTHETIC SIS"]];
    for line in about.into_iter().chain(scope) {
        out.write_record(line)?;
    }
    for table in tables {
        out.write_record([&format!("file.{}", table.spec().name), mode])?;
    }
    out.flush()
}

/// A file in memory that outlives its writer.
#[derive(Clone, Default)]
struct File(Rc<RefCell<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The files written by one part of the generator, by table.
fn in_memory(
    write: impl FnOnce(&mut dyn FnMut(&'static str) -> io::Result<File>) -> io::Result<()>,
) -> io::Result<BTreeMap<Table, Vec<u8>>> {
    let mut files: BTreeMap<Table, File> = BTreeMap::new();
    write(&mut |name| {
        let table = Table::named(name).expect("invariant: the generator writes tables of the model");
        Ok(files.entry(table).or_default().clone())
    })?;
    Ok(files.into_iter().map(|(table, file)| (table, file.0.take())).collect())
}

/// Something scheduled for a later day.
enum Task {
    /// Rows change as stated.
    Edit(Vec<Wanted>),
    /// A student's result is entered.
    Test(windows::Sitting),
    /// A student begins a program: 0 for reading, 1 for math.
    Program(String, usize),
    /// A person teaches in a section again, as that row says.
    Helps(String),
    /// A post is filled again, as that assignment says.
    Fill(String),
}

/// A district during its year.
struct Year<'a> {
    plan: &'a Plan,
    /// The assessments given until the last day.
    list: &'a [Assessment],
    days: &'a [Date],
    index: usize,
    day: Date,
    rows: Rows,
    dice: Dice,
    people: People,
    /// The next student id and the next staff id.
    next: (u32, u32),
    /// Current students by school, and the maximum that its counselors and nurses allow.
    heads: BTreeMap<String, (u32, u32)>,
    /// Current students of each section.
    seats: BTreeMap<String, u32>,
    /// Staff who help in another person's section, by their rows.
    helpers: Vec<String>,
    /// People who already changed today.
    touched: BTreeSet<String>,
    /// People with a fault, who do not change otherwise.
    reserved: BTreeSet<String>,
    /// Scheduled tasks, by day of the feed.
    due: BTreeMap<usize, Vec<Task>>,
    /// The remaining rows of this year's assessments.
    tests: Vec<(usize, Vec<Wanted>)>,
    /// Students who were invited to a test and have not taken it yet.
    invited: Participation,
    planter: Option<faults::Planter>,
    violations: Vec<Violation>,
}

impl<'a> Year<'a> {
    fn new(options: &FeedOptions, plan: &'a Plan, list: &'a [Assessment], days: &'a [Date], rows: Rows) -> io::Result<Self> {
        let last = |table: Table| rows.of(table, "").filter_map(|view| view.key.parse::<u32>().ok()).max().unwrap_or(0);
        let mut year = Year {
            plan,
            list,
            days,
            index: 0,
            day: options.first_day,
            dice: Dice::new(options.seed, 7),
            people: People::default(),
            next: (last(Table::Student) + 1, last(Table::Staff) + 1),
            heads: BTreeMap::new(),
            seats: BTreeMap::new(),
            helpers: Vec::new(),
            touched: BTreeSet::new(),
            reserved: BTreeSet::new(),
            due: BTreeMap::new(),
            tests: Vec::new(),
            invited: Participation::new(plan, list),
            planter: options.faults.then(|| faults::Planter::new(options, days.len())),
            violations: Vec::new(),
            rows,
        };
        year.count();
        year.prepare_tests()?;
        Ok(year)
    }

    /// Counts enrollment and staff on the first day.
    fn count(&mut self) {
        let day = self.day;
        for view in self.rows.of(Table::SchoolEnrollment, "") {
            if view.text("status") == "primary" && is_member(&view, day) {
                self.heads.entry(view.text("school_id").to_owned()).or_default().0 += 1;
            }
        }
        // FTE, in ten-thousandths, of the roles that are required by headcount.
        let mut shares: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for view in self.rows.of(Table::StaffAssignment, "") {
            let role = view.text("role");
            if ["counselor", "nurse"].contains(&role) && view.holds("begin_date", "end_date", day) {
                let share = view.text("fte").replace('.', "").parse().unwrap_or(0);
                *shares.entry((view.text("org_id"), role)).or_default() += share;
            }
        }
        for (school, (_, room)) in &mut self.heads {
            let allowed = |role, load: u32| shares.get(&(school.as_str(), role)).map_or(0, |share| share * load / 10_000);
            let most = allowed("counselor", schools::COUNSELOR_LOAD).min(allowed("nurse", schools::NURSE_LOAD));
            // Room for students who are only there because of a fault.
            *room = most.saturating_sub(most / 30 + 3);
        }
        for view in self.rows.of(Table::SectionEnrollment, "") {
            if view.holds("begin_date", "end_date", day) {
                *self.seats.entry(view.text("section_id").to_owned()).or_default() += 1;
            }
        }
        let staff = self.rows.of(Table::SectionStaff, "");
        let helpers = staff.filter(|view| view.text("role") == "co_teacher" && view.holds("begin_date", "end_date", day));
        self.helpers = helpers.map(|view| view.key.to_owned()).collect();
        for view in self.rows.of(Table::Staff, "") {
            if let Some(birth) = view.date("birth_date") {
                let [first, last, former] = ["first_name", "last_name", "former_last_name"].map(|name| view.text(name));
                self.people.know(first, last, former, birth);
            }
        }
    }

    /// Simulates a day.
    fn pass(&mut self) {
        self.touched.clear();
        self.rows.set(Table::Clock, "as_of", &[("date", &self.day.to_string())]);
        for task in self.due.remove(&self.index).unwrap_or_default() {
            match task {
                Task::Edit(rows) => rows.into_iter().for_each(|row| self.rows.put(row)),
                Task::Test(sitting) => self.sit(sitting),
                Task::Program(student, subject) => drop(self.begin_program(&student, subject)),
                Task::Helps(row) => self.help_again(&row),
                Task::Fill(assignment) => self.fill(&assignment),
            }
        }
        // On holidays the offices are closed.
        let calendar = format!("{}/{}", calendar_id(0, self.plan.year), self.day);
        let holiday = self.rows.get(Table::CalendarDay, &calendar).is_some_and(|view| view.text("day_type") == "holiday");
        if !holiday {
            self.move_students();
            self.move_staff();
        }
        if let Some(mut planter) = self.planter.take() {
            planter.plant(self);
            self.planter = Some(planter);
        }
        self.test();
    }

    /// Schedules a task a number of weekdays from today.
    fn later(&mut self, days: usize, task: Task) {
        self.due.entry(self.index + days.max(1)).or_default().push(task);
    }

    /// The index of the first day of the feed on or after this one, if the feed lasts that long.
    fn index_of(&self, day: Date) -> Option<usize> {
        let index = self.days.partition_point(|&other| other < day);
        (index < self.days.len()).then_some(index)
    }

    /// How often an event happens today that happens to a number of students per 1,000.
    fn times(&mut self, per_mille: f64) -> u32 {
        let heads: u32 = self.heads.values().map(|(heads, _)| heads).sum();
        let times = f64::from(heads) * per_mille / 1000.0;
        times as u32 + u32::from(self.dice.chance(times.fract()))
    }

    /// A key with the next unused number.
    fn fresh(&self, table: Table, start: &str) -> String {
        let many = self.rows.of(table, start).count();
        let keys = (many + 1..).map(|number| format!("{start}{number}"));
        let mut free = keys.filter(|key| self.rows.get(table, key).is_none() && !self.rows.is_touched(table, key));
        free.next().expect("invariant: numbers do not run out")
    }

    /// The school year, as in keys.
    fn short_year(&self) -> String {
        format!("{:02}", self.plan.year.0 % 100)
    }
}

/// The position of a grade in the list of grades.
fn rank(grade: &str) -> Option<usize> {
    GRADES.iter().position(|known| *known == grade)
}

/// Whether an enrollment counts on a day.
fn is_member(view: &rows::View<'_>, day: Date) -> bool {
    view.text("is_no_show") != "true" && view.holds("entry_date", "exit_date", day)
}
