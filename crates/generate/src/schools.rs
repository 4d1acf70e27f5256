//! The plan of the district: calendar, schools and courses.
//!
//! Everything else depends on it, so it is generated first and kept in memory; it is small even for a district of a
//! million students.

use super::Options;
use super::calendar::Term;
use super::dice::Dice;
use super::faults::Answers;
use super::sheet::Sheets;
use rollcall_model::date::{Date, SchoolYear};
use std::io::{self, Write};
use std::ops::Range;

/// Grade codes, KG to 12; a grade is an index into them.
pub(super) const GRADES: [&str; 13] = ["KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];

/// The id of the district.
pub(super) const DISTRICT: &str = "1000";

/// The number of students in a grade, of last year's graduates and of those of the year before.
#[rustfmt::skip]
pub(super) const COHORTS: [(u8, u32); 15] = [
    (0, 70), (1, 72), (2, 72), (3, 72), (4, 72), (5, 72), (6, 72), (7, 72), (8, 72), (9, 80), (10, 75), (11, 70), (12, 68),
    (13, 61), (14, 56),
];

/// The three school levels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    Elementary,
    Middle,
    High,
}

impl Level {
    /// The level of a grade.
    pub(super) fn of(grade: u8) -> Level {
        match grade {
            0..=5 => Level::Elementary,
            6..=8 => Level::Middle,
            _ => Level::High,
        }
    }

    /// Lowest and highest grade.
    pub(super) fn grades(self) -> (u8, u8) {
        match self {
            Level::Elementary => (0, 5),
            Level::Middle => (6, 8),
            Level::High => (9, 12),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Level::Elementary => "elementary",
            Level::Middle => "middle",
            Level::High => "high",
        }
    }
}

/// A school.
pub(super) struct School {
    pub(super) level: Level,
    /// Share of students in poverty.
    pub(super) poverty: f64,
    /// The effect of the school on scores, in standard deviations.
    pub(super) effect: f64,
}

/// A course in the catalog.
pub(super) struct Course {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) subject: &'static str,
    pub(super) grades: (u8, u8),
    level: &'static str,
    credits: i32,
}

/// Calendar, schools and courses.
pub(super) struct Plan {
    /// The day of the extract.
    pub(super) day: Date,
    /// Its school year.
    pub(super) year: SchoolYear,
    /// The two previous school years and this one.
    pub(super) terms: [Term; 3],
    /// First school day of this year.
    pub(super) first_day: Date,
    /// The day after this year's last school day.
    pub(super) last_day: Date,
    pub(super) schools: Vec<School>,
    elementary: u32,
    middle: u32,
    high: u32,
    /// Schools that have students only because of faults; they have no staff.
    pub(super) unstaffed: Range<u32>,
    /// A school that closed before the first of the years; only its organization row exists.
    pub(super) closed: u32,
    /// Classes per grade at each school, as planned before the students are known.
    pub(super) classes: [u32; 13],
    pub(super) faults: bool,
    pub(super) courses: Vec<Course>,
}

/// The day of this month in this year; callers only use days that every year has.
pub(super) fn day_of(year: i32, month: u32, day: u32) -> Date {
    Date::ymd(year, month, day).expect("invariant: the plan refuses years beyond the calendar, and every year has this day")
}

/// The first day on or after `date` with this weekday.
pub(super) fn on_weekday(date: Date, weekday: u32) -> Date {
    date.plus(i64::from((weekday + 7 - date.weekday()) % 7))
}

/// The school day closest to `date` that is not after `limit`.
pub(super) fn school_day(date: Date, limit: Date) -> Date {
    let after = if date.weekday() > 5 { date.plus(i64::from(8 - date.weekday())) } else { date };
    if after <= limit { after } else { date.plus(-i64::from(date.weekday().saturating_sub(5))) }
}

impl Plan {
    /// Plans a district for a number of students. Rejects days on which schools are not in session, because a district
    /// without students at school is useless.
    pub(super) fn new(options: &Options) -> io::Result<Plan> {
        let day = options.day;
        let year = SchoolYear::of(day);
        let in_session = |year: i32| (day_of(year - 1, 9, 15)..=day_of(year, 5, 31)).contains(&day);
        if !(1950..=2150).contains(&year.0) || !in_session(i32::from(year.0)) {
            let message = format!("the day of the extract must lie between 15 September and 31 May, and {day} does not");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let terms = [2, 1, 0].map(|back| Term::new(SchoolYear(year.0 - back)));
        let (first_day, last_day) = (terms[2].first_day, terms[2].last_day);
        // Shares of the grades among all students, and students per school. A small district rounds up: it has small
        // schools rather than few, and two elementary schools, so that students can move between them.
        let count = |share: f64, size: f64, round: f64| ((f64::from(options.students) * share / size + round) as u32).max(1);
        let elementary = count(0.41, 430.0, 1.0).max(2);
        let middle = count(0.205, 470.0, 0.7);
        let high = count(0.275, 650.0, 0.7);
        let staffed = elementary + middle + high;
        let unstaffed = if options.faults { 1 + options.students / 200_000 } else { 0 };

        let mut dice = Dice::new(options.seed, 1);
        let mut schools = Vec::new();
        for (level, number) in [(Level::Elementary, elementary), (Level::Middle, middle), (Level::High, high)] {
            // Poverty is spread evenly over the schools of a level, in random order: about a quarter of the schools are
            // poor and a quarter rich, as in the nation, however few schools there are.
            let mut ranks: Vec<u32> = (0..number).collect();
            for index in (1..number).rev() {
                ranks.swap(index as usize, dice.below(index + 1) as usize);
            }
            for rank in ranks {
                let poverty = 0.10 + 0.84 * (f64::from(rank) + 0.5) / f64::from(number);
                schools.push(School { level, poverty, effect: -0.5 * (poverty - 0.52) + 0.18 * dice.normal() });
            }
        }
        for _ in 0..unstaffed {
            schools.push(School { level: Level::Elementary, poverty: 0.52, effect: 0.0 });
        }
        schools.push(School { level: Level::Elementary, poverty: 0.52, effect: 0.0 });
        let everybody: u32 = COHORTS.iter().map(|&(_, weight)| weight).sum();
        let classes = std::array::from_fn(|grade| {
            let schools = match Level::of(grade as u8) {
                Level::Elementary => elementary,
                Level::Middle => middle,
                Level::High => high,
            };
            let expected = u64::from(options.students) * u64::from(COHORTS[grade].1);
            // Twenty-three students per class, rounded.
            let (per_class, half) =
                (u64::from(everybody) * u64::from(schools) * 23, u64::from(everybody * schools) * 23 / 2);
            ((expected + half) / per_class).max(1) as u32
        });
        Ok(Plan {
            day,
            year,
            terms,
            first_day,
            last_day,
            schools,
            elementary,
            middle,
            high,
            unstaffed: staffed..staffed + unstaffed,
            closed: staffed + unstaffed,
            classes,
            faults: options.faults,
            courses: catalogue(),
        })
    }

    /// The session of a school year.
    pub(super) fn term(&self, year: SchoolYear) -> &Term {
        let back = usize::from(self.year.0.saturating_sub(year.0)).min(2);
        &self.terms[2 - back]
    }

    /// Whether a staffed school has the school fault with this number: one school in fifty, and one in a small district.
    pub(super) fn afflicts(&self, school: u32, number: u32) -> bool {
        let staffed = self.unstaffed.start;
        self.faults && school < staffed && school % 50 == number % staffed.min(50)
    }

    /// The staffed schools of a level.
    pub(super) fn of_level(&self, level: Level) -> Range<u32> {
        match level {
            Level::Elementary => 0..self.elementary,
            Level::Middle => self.elementary..self.elementary + self.middle,
            Level::High => self.elementary + self.middle..self.elementary + self.middle + self.high,
        }
    }

    /// A staffed school of a level.
    pub(super) fn any_school(&self, level: Level, dice: &mut Dice) -> u32 {
        let schools = self.of_level(level);
        schools.start + dice.below(schools.end - schools.start)
    }

    /// Another staffed school, of the same level if there is one.
    pub(super) fn other_school(&self, school: u32, dice: &mut Dice) -> u32 {
        let same = self.of_level(self.schools[school as usize].level);
        let choice = if same.end - same.start > 1 { same } else { 0..self.unstaffed.start };
        let drawn = choice.start + dice.below(choice.end - choice.start - 1);
        if drawn >= school { drawn + 1 } else { drawn }
    }

    /// A school of the level below whose students continue at this one.
    pub(super) fn feeder(&self, school: u32, dice: &mut Dice) -> u32 {
        let (below, here) = match self.schools[school as usize].level {
            Level::High => (self.of_level(Level::Middle), self.of_level(Level::High)),
            _ => (self.of_level(Level::Elementary), self.of_level(Level::Middle)),
        };
        let (many, few) = (below.end - below.start, here.end - here.start);
        let place = school - here.start;
        let low = (place * many).div_ceil(few).min(many - 1);
        let high = ((place + 1) * many).div_ceil(few).max(low + 1);
        below.start + low + dice.below(high - low)
    }

    /// Schools where a fault reduces the teachers' FTE; a few at most, and none in a small district.
    pub(super) fn understaffed(&self) -> Vec<u32> {
        let staffed = self.unstaffed.start;
        if self.unstaffed.is_empty() || self.classes[0] < 3 {
            return Vec::new();
        }
        let number = (staffed / 100).max(1);
        (0..number).map(|index| (2 * index + 1) * self.elementary / (2 * number)).collect()
    }
}

/// The id of a school.
pub(super) fn school_id(school: u32) -> u32 {
    1001 + school
}

#[rustfmt::skip]
const PLACES: [&str; 40] = [
    "Cedar", "Maple", "Willow", "Juniper", "Aspen", "Hawthorn", "Alder", "Sycamore", "Laurel", "Magnolia", "Granite",
    "Copper", "Silver", "Amber", "Falcon", "Heron", "Osprey", "Otter", "Bison", "Larkspur", "Prairie", "Canyon",
    "Harbor", "Summit", "Orchard", "Meadow", "Lantern", "Beacon", "Windmill", "Foundry", "Quarry", "Pioneer", "Garnet",
    "Saltmarsh", "Northfield", "Eastgate", "Westbrook", "Southport", "Midvale", "Stonewall",
];
#[rustfmt::skip]
const FEATURES: [&str; 24] = [
    "Ridge", "Creek", "Hill", "Bend", "Grove", "Valley", "Park", "Lake", "Crossing", "Heights", "Springs", "Point",
    "Glen", "Hollow", "Landing", "Terrace", "View", "Field", "Bridge", "Falls", "Knoll", "Pass", "Run", "Woods",
];

/// Writes the district, its schools, courses and standards, and the clock.
pub(super) fn write<W: Write>(
    plan: &Plan,
    sheets: &mut Sheets<W>,
    dice: &mut Dice,
    answers: &mut Answers,
) -> io::Result<()> {
    let row = &mut sheets.organization;
    row.text(DISTRICT).text("district").text("SYNTHETIC Riverbend Unified School District").none(1);
    row.text("99-0000").text("9900001").none(1).text("KG").text("12").text("active").text("1952-07-01").none(1);
    row.flag(false).none(1).text("21").end()?;
    for (index, school) in plan.schools.iter().enumerate() {
        let number = index as u32;
        let (low, high) = school.level.grades();
        let kind = match school.level {
            Level::Elementary => "Elementary School",
            Level::Middle => "Middle School",
            Level::High => "High School",
        };
        // The stride is coprime to the number of names, so that neighbors differ in both words.
        let name = index * 41 % (PLACES.len() * FEATURES.len());
        let (place, feature) = (PLACES[name % PLACES.len()], FEATURES[name / PLACES.len()]);
        let again = index / (PLACES.len() * FEATURES.len());
        row.show(school_id(number)).text("school");
        match again {
            0 => row.show(format_args!("SYNTHETIC {place} {feature} {kind}")),
            _ => row.show(format_args!("SYNTHETIC {place} {feature} {kind} No. {}", again + 1)),
        };
        row.text(DISTRICT).show(format_args!("99-0000-{:05}", number + 1)).show(format_args!("9900001{:05}", number + 1));
        let closed = number == plan.closed;
        row.text(school.level.code()).text(GRADES[low as usize]).text(GRADES[high as usize]);
        row.text(if closed { "closed" } else { "active" });
        row.date(day_of(1953 + (index * 7 % 45) as i32, 7, 1).min(plan.terms[0].year.begin()));
        row.maybe_date(closed.then(|| plan.terms[0].year.begin()));
        row.flag(dice.chance(0.04)).flag(school.poverty > 0.4).text(dice.pick(&["11", "21", "21", "41"])).end()?;
    }
    for course in &plan.courses {
        write_course(plan, course, "", sheets)?;
    }
    if plan.faults {
        // The same code twice in the catalog, under two ids.
        let course = &plan.courses[0];
        write_course(plan, course, "-B", sheets)?;
        answers.note("REF-008", format!("course|{DISTRICT}|{}", course.code));
    }
    let row = &mut sheets.clock;
    row.text("as_of").show(plan.year.0).date(plan.day).end()?;
    for term in &plan.terms {
        let year = term.year.0;
        match year == plan.year.0 {
            true => row.text("census_fall"),
            false => row.show(format_args!("census_fall:{year}")),
        };
        row.show(year).date(day_of(i32::from(year) - 1, 10, 1)).end()?;
    }
    write_policies(plan, sheets)
}

fn write_course<W: Write>(plan: &Plan, course: &Course, again: &str, sheets: &mut Sheets<W>) -> io::Result<()> {
    let row = &mut sheets.course;
    let (low, high) = (course.grades.0 as usize, course.grades.1 as usize);
    row.show(format_args!("C-{}{again}", course.code)).text(DISTRICT).text(&course.code).text(&course.title);
    row.text(course.subject).none(1).fraction(course.credits).text(course.level);
    row.flag(matches!(course.subject, "ela" | "math" | "science" | "social_studies" | "elementary_generalist"));
    row.text(&GRADES[low..=high].join(";")).show(plan.year.0).end()
}

/// Maximum students per full-time counselor and nurse, and minimum librarian FTE of a school. The American School
/// Counselor Association recommends 250 students per counselor; districts require what they can afford.
pub(super) const COUNSELOR_LOAD: u32 = 450;
pub(super) const NURSE_LOAD: u32 = 1_000;
pub(super) const LIBRARIAN_LEAST: i32 = 5_000;
/// Maximum students in a section, by level.
pub(super) const SECTION_SIZE: [(Level, u32); 3] = [(Level::Elementary, 30), (Level::Middle, 34), (Level::High, 34)];

/// Writes staffing standards, local codes, and rule configuration.
fn write_policies<W: Write>(plan: &Plan, sheets: &mut Sheets<W>) -> io::Result<()> {
    let row = &mut sheets.staffing_standard;
    let since = plan.terms[0].year.begin();
    for (id, role, most, least) in [
        ("STD-COUNSELOR", "counselor", Some(COUNSELOR_LOAD), None),
        ("STD-NURSE", "nurse", Some(NURSE_LOAD), None),
        ("STD-LIBRARIAN", "librarian", None, Some(LIBRARIAN_LEAST)),
    ] {
        row.text(id).text(DISTRICT).none(3).text(role).maybe(most).maybe_fraction(least).none(1).date(since).end()?;
    }
    for (level, size) in SECTION_SIZE {
        let role = if level == Level::Elementary { "teacher_elem" } else { "teacher_sec" };
        row.show(format_args!("STD-SECTION-{}", level.code())).text(DISTRICT).text(level.code()).none(2).text(role);
        row.none(2).show(size).date(since).end()?;
    }
    let row = &mut sheets.code_map;
    for (code, standard) in LOCAL_EXITS {
        row.text("sis").text("ExitType").text(code).text(standard).date(since).none(1).end()?;
    }
    for code in LAPSED_EXITS {
        row.text("sis").text("ExitType").text(code).text("end_of_year").date(since).date(plan.year.begin()).end()?;
    }
    let row = &mut sheets.rule_config;
    row.text("CRT-003").show(school_id(0)).flag(false).none(2).date(plan.year.begin()).date(plan.year.end());
    row.text("renewals of this school are handled by the county").end()?;
    row.text("ENR-011").text("*").flag(true).text("info").none(1).date(plan.year.begin()).none(1);
    row.text("ages are looked into in spring").end()
}

/// Local exit codes that the code map maps.
pub(super) const LOCAL_EXITS: [(&str, &str); 3] =
    [("W-OUT", "transfer_out_public"), ("W-PRIV", "transfer_private"), ("W-HOME", "homeschool")];

/// Local exit codes that were retired at the beginning of the year; the code map still maps them.
pub(super) const LAPSED_EXITS: [&str; 2] = ["W-EOY", "W-SUMMER"];

/// The courses, by level and grade. The titles contain commas on purpose, to require quoting.
fn catalogue() -> Vec<Course> {
    const CORE: [(&str, &str, &str); 4] = [
        ("ELA", "English Language Arts", "ela"),
        ("MTH", "Mathematics", "math"),
        ("SCI", "Science", "science"),
        ("SOC", "Social Studies", "social_studies"),
    ];
    const HIGH: [[&str; 4]; 4] = [
        ["English 9", "Algebra I", "Biology", "World History"],
        ["English 10", "Geometry", "Chemistry", "Geography"],
        ["English 11", "Algebra II", "Physics", "U.S. History"],
        ["English 12", "Precalculus", "Environmental Science", "U.S. Government"],
    ];
    const ADVANCED: [[&str; 4]; 2] = [
        ["AP English Language", "AP Statistics", "AP Biology", "AP U.S. History"],
        ["AP English Literature", "AP Calculus AB", "AP Chemistry", "AP Government"],
    ];
    let mut courses = Vec::new();
    let mut add =
        |code: String, title: String, subject: &'static str, grades: (u8, u8), level: &'static str, credits: i32| {
            courses.push(Course { code, title, subject, grades, level, credits });
        };
    for grade in 0..=8u8 {
        for (code, title, subject) in CORE {
            let name = if grade == 0 { "Kindergarten".to_owned() } else { format!("Grade {grade}") };
            add(
                format!("{code}-{}", GRADES[grade as usize]),
                format!("{title}, {name}"),
                subject,
                (grade, grade),
                "general",
                0,
            );
        }
    }
    for grade in 9..=12u8 {
        for (index, (code, _, subject)) in CORE.into_iter().enumerate() {
            let title = HIGH[grade as usize - 9][index].to_owned();
            add(format!("{code}-{grade:02}"), title, subject, (grade, grade), "general", 10_000);
            if grade > 10 {
                let title = ADVANCED[grade as usize - 11][index].to_owned();
                add(format!("{code}-{grade:02}-AP"), title, subject, (grade, grade), "ap", 10_000);
            }
        }
    }
    for (code, title, low, high, credits) in
        [("E", "Elementary", 0, 5, 0), ("M", "Middle", 6, 8, 0), ("H", "High", 9, 12, 5_000)]
    {
        add(format!("ART-{code}"), format!("Art, {title}"), "arts", (low, high), "general", credits);
        add(
            format!("PED-{code}"),
            format!("Physical Education and Health, {title}"),
            "pe_health",
            (low, high),
            "general",
            credits,
        );
        if low > 0 {
            add(format!("SPA-{code}"), format!("Spanish, {title}"), "world_language", (low, high), "general", credits);
            add(
                format!("CSC-{code}"),
                format!("Computer Science, {title}"),
                "computer_science",
                (low, high),
                "general",
                credits,
            );
        }
    }
    for grade in 0..=5u8 {
        let name = if grade == 0 { "Kindergarten".to_owned() } else { format!("Grade {grade}") };
        let code = format!("HR-{}", GRADES[grade as usize]);
        add(code, format!("Homeroom, {name}"), "elementary_generalist", (grade, grade), "general", 0);
    }
    for (code, name, low, high) in [("M", "Middle", 6, 8), ("H", "High", 9, 12)] {
        add(format!("ADV-{code}"), format!("Advisory, {name}"), "none", (low, high), "general", 0);
    }
    add("RES".to_owned(), "Resource Support".to_owned(), "sped", (0, 12), "special_ed", 0);
    add("ELD".to_owned(), "English Language Development".to_owned(), "esl_bilingual", (0, 12), "general", 0);
    add("CTE-H".to_owned(), "Career and Technical Education, High".to_owned(), "cte", (9, 12), "general", 10_000);
    courses
}
