//! Staff, their assignments and credentials, and the sections they teach.
//!
//! Schools are staffed after the students are known, by headcount, so that the ratios are those of a real
//! district by construction and a school that breaks one does so because a fault says so.

use super::dice::Dice;
use super::faults::{Answers, Deal, StaffFault};
use super::names;
use super::people::Tally;
use super::schools::{DISTRICT, GRADES, Level, Plan, day_of, school_id};
use super::sheet::Sheets;
use crate::model::date::Date;
use std::collections::HashSet;
use std::io::{self, Write};

/// Full time, in ten-thousandths.
const FULL: i32 = 10_000;

/// A position that a school or the district has to fill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Post {
    role: &'static str,
    title: &'static str,
    /// What the holder is authorized for; empty where the role takes no credential.
    subject: &'static str,
    grades: (u8, u8),
    population: &'static str,
    teaches: bool,
    fte: i32,
}

impl Post {
    const fn new(role: &'static str, title: &'static str, subject: &'static str) -> Post {
        Post { role, title, subject, grades: (0, 12), population: "general", teaches: false, fte: FULL }
    }

    const fn teacher(role: &'static str, title: &'static str, subject: &'static str, low: u8, high: u8) -> Post {
        Post { grades: (low, high), teaches: true, ..Post::new(role, title, subject) }
    }

    fn half(self) -> Post {
        Post { fte: FULL / 2, ..self }
    }

    /// Whether rule CRT-001 asks for a credential.
    fn is_certificated(self) -> bool {
        !self.subject.is_empty()
    }
}

const PRINCIPAL: Post = Post::new("principal", "Principal", "administration");
const ASSISTANT_PRINCIPAL: Post = Post::new("assistant_principal", "Assistant Principal", "administration");
const COUNSELOR: Post = Post::new("counselor", "Counselor", "counseling");
const NURSE: Post = Post::new("nurse", "School Nurse", "other");
const LIBRARIAN: Post = Post::new("librarian", "Librarian", "library");
const PSYCHOLOGIST: Post = Post::new("psychologist", "School Psychologist", "other");
const SPEECH: Post = Post::new("speech_therapist", "Speech-Language Pathologist", "other");
const PARA: Post = Post::new("para_instructional", "Instructional Aide", "");
const CLERK: Post = Post::new("school_admin_support", "School Secretary", "");
const OPERATIONAL: Post = Post::new("operational", "Custodian", "");
const SPED: Post =
    Post { population: "special_education", ..Post::teacher("teacher_sped", "Teacher, Special Education", "sped", 0, 12) };
const ENGLISH: Post = Post {
    population: "english_learner",
    ..Post::teacher("teacher_el", "Teacher, English Language Development", "esl_bilingual", 0, 12)
};
const KINDERGARTEN: Post = Post::teacher("teacher_k", "Teacher, Kindergarten", "elementary_generalist", 0, 6);
const HOMEROOM: Post = Post::teacher("teacher_elem", "Teacher, Elementary", "elementary_generalist", 0, 6);

/// Somebody in a post.
#[derive(Clone, Copy)]
struct Holder {
    staff: u32,
    post: Post,
    /// First day in the post this year.
    begin: Date,
    /// False when a fault left the holder without a valid authorization for the subject.
    covered: bool,
}

/// A section to be held: its course, its period (0 for none) and who teaches it, by index into the holders.
struct Lesson {
    course: usize,
    period: usize,
    teacher: usize,
}

/// What is put together while schools are staffed.
struct Office<'a, W: Write> {
    plan: &'a Plan,
    sheets: &'a mut Sheets<W>,
    answers: &'a mut Answers,
    dice: Dice,
    fault_dice: Dice,
    deal: Option<Deal<StaffFault>>,
    next_staff: u32,
    /// Names and birth dates taken: no two people may share both unless a fault says so.
    taken: HashSet<(bool, u8, u8, Date)>,
    /// Holders of half a post who look for the other half at another school.
    halves: Vec<(Holder, u32)>,
    understaffed: Vec<u32>,
    /// Teacher FTE by school, in ten-thousandths.
    teacher_fte: Vec<i64>,
}

/// Writes all staff and sections for the students that there are.
pub(super) fn write<W: Write>(
    plan: &Plan,
    tally: &Tally,
    students: u32,
    seed: u64,
    sheets: &mut Sheets<W>,
    answers: &mut Answers,
) -> io::Result<()> {
    let mut office = Office {
        plan,
        sheets,
        answers,
        dice: Dice::new(seed, 4),
        fault_dice: Dice::new(seed, 5),
        // Staff come to about one for eight students.
        deal: (!plan.unstaffed.is_empty()).then(|| Deal::new(&StaffFault::ALL, students / 8, 8)),
        next_staff: 500_001,
        taken: HashSet::new(),
        halves: Vec::new(),
        understaffed: plan.understaffed(),
        teacher_fte: vec![0; plan.schools.len()],
    };
    for school in 0..plan.unstaffed.start {
        office.staff_school(school, &tally.heads[school as usize])?;
    }
    office.staff_district(students)?;
    // The ratios follow from everything above, so they are taken from what was written.
    for (school, heads) in tally.heads.iter().enumerate() {
        let heads: i64 = heads.iter().map(|&count| i64::from(count)).sum();
        let fte = office.teacher_fte[school];
        if heads > 0 && fte <= 0 {
            office.answers.note("RAT-003", school_id(school as u32).to_string());
        } else if heads * 10_000 > 35 * fte {
            office.answers.note("RAT-001", school_id(school as u32).to_string());
        }
    }
    Ok(())
}

/// A post's number of halves for a caseload.
fn halves(load: u32, per_post: u32) -> usize {
    (load * 2).div_ceil(per_post) as usize
}

impl<W: Write> Office<'_, W> {
    /// Fills the posts of one school and writes its sections.
    fn staff_school(&mut self, school: u32, heads: &[u32; 13]) -> io::Result<()> {
        let total: u32 = heads.iter().sum();
        let level = self.plan.schools[school as usize].level;
        let understaffed = self.understaffed.contains(&school);
        let mut posts: Vec<Post> = Vec::new();
        let mut lessons: Vec<Lesson> = Vec::new();
        match level {
            Level::Elementary => self.elementary(heads, &mut posts, &mut lessons),
            _ => self.secondary(level, heads, &mut posts, &mut lessons),
        }
        let add = |posts: &mut Vec<Post>, post: Post, halves: usize| {
            posts.extend(std::iter::repeat_n(post, halves / 2));
            posts.extend((halves % 2 == 1).then(|| post.half()));
        };
        let sped = posts.len();
        add(&mut posts, SPED, halves(total, 130));
        let sped = sped..posts.len();
        add(&mut posts, ENGLISH, halves(total, if level == Level::Elementary { 300 } else { 500 }));
        add(&mut posts, PRINCIPAL, 2);
        add(&mut posts, ASSISTANT_PRINCIPAL, 2 * (total / if level == Level::Elementary { 650 } else { 450 }) as usize);
        add(&mut posts, COUNSELOR, halves(total, 390));
        add(&mut posts, NURSE, halves(total, 800));
        add(&mut posts, LIBRARIAN, halves(total, 700).min(2));
        add(&mut posts, PARA, 2 * total.div_ceil(42) as usize);
        add(&mut posts, CLERK, 2 * total.div_ceil(160) as usize);
        add(&mut posts, OPERATIONAL, 2 * total.div_ceil(70) as usize);
        if understaffed {
            // One teacher to forty students, shared out evenly.
            let teachers = posts.iter().filter(|post| post.teaches).count() as i32;
            let fte = (total as i32 * FULL / 40 / teachers.max(1) / 100 * 100).max(100);
            for post in posts.iter_mut().filter(|post| post.teaches) {
                post.fte = fte;
            }
        }
        let mut teaching = vec![0; posts.len()];
        for lesson in &lessons {
            teaching[lesson.teacher] += 1;
        }
        let mut holders = Vec::with_capacity(posts.len());
        for (index, &post) in posts.iter().enumerate() {
            holders.push(self.fill(post, Some(school), teaching[index] > 0, understaffed)?);
        }
        self.write_sections(school, level, &lessons, &holders, &holders[sped])
    }

    /// Homerooms of up to 24, each with a teacher for the core subjects; art and sport are taught by others.
    fn elementary(&self, heads: &[u32; 13], posts: &mut Vec<Post>, lessons: &mut Vec<Lesson>) {
        let mut rooms = 0;
        for grade in 0..6u8 {
            for _ in 0..heads[grade as usize].div_ceil(24) {
                let teacher = posts.len();
                posts.push(if grade == 0 { KINDERGARTEN } else { HOMEROOM });
                for subject in ["ela", "math", "science", "social_studies"] {
                    lessons.push(Lesson { course: self.course(subject, grade), period: 0, teacher });
                }
                rooms += 1;
            }
        }
        for (subject, title) in [("arts", "Teacher, Art"), ("pe_health", "Teacher, Physical Education")] {
            let course = self.course(subject, 0);
            let whole = Post::teacher("teacher_elem", title, subject, 0, 12);
            let first = posts.len();
            let halves = halves(rooms, 24);
            posts.extend(std::iter::repeat_n(whole, halves / 2));
            posts.extend((halves % 2 == 1).then(|| whole.half()));
            for room in 0..rooms as usize {
                // Twelve rooms to half a post.
                let teacher = first + room / 24;
                lessons.push(Lesson { course, period: 0, teacher });
            }
        }
    }

    /// Six lessons a student in classes of up to 25; a teacher has five, of one subject.
    fn secondary(&self, level: Level, heads: &[u32; 13], posts: &mut Vec<Post>, lessons: &mut Vec<Lesson>) {
        let (low, high) = level.grades();
        let electives: &[&str] = match level {
            Level::High => &["world_language", "arts", "computer_science", "cte"],
            _ => &["world_language", "arts", "computer_science"],
        };
        let subjects = [
            ("ela", "Teacher, English"),
            ("math", "Teacher, Mathematics"),
            ("science", "Teacher, Science"),
            ("social_studies", "Teacher, Social Studies"),
            ("pe_health", "Teacher, Physical Education"),
            ("world_language", "Teacher, World Languages"),
            ("arts", "Teacher, Art"),
            ("computer_science", "Teacher, Computer Science"),
            ("cte", "Teacher, Career and Technical Education"),
        ];
        let mut elective = 0;
        let mut chosen: Vec<&str> = Vec::new();
        for grade in low..=high {
            for _ in 0..heads[grade as usize].div_ceil(25) {
                chosen.push(electives[elective % electives.len()]);
                elective += 1;
            }
        }
        for (subject, title) in subjects {
            let mut courses = Vec::new();
            let core = matches!(subject, "ela" | "math" | "science" | "social_studies");
            for grade in low..=high {
                let classes = heads[grade as usize].div_ceil(25) as usize;
                let course = self.course(subject, grade);
                if core {
                    // Every fourth class of the two last years is an advanced one, which follows its course.
                    let advanced = |class: usize| usize::from(grade > 10 && class % 4 == 3);
                    courses.extend((0..classes).map(|class| course + advanced(class)));
                } else if subject == "pe_health" {
                    courses.extend(std::iter::repeat_n(course, classes));
                }
            }
            if courses.is_empty() {
                let classes = chosen.iter().filter(|&&elective| elective == subject).count();
                courses.extend(std::iter::repeat_n(self.course(subject, low), classes));
            }
            for classes in courses.chunks(5) {
                let teacher = posts.len();
                let post = Post::teacher("teacher_sec", title, subject, 6, 12);
                posts.push(if classes.len() < 3 { post.half() } else { post });
                for (index, &course) in classes.iter().enumerate() {
                    lessons.push(Lesson { course, period: index + 1, teacher });
                }
            }
        }
    }

    /// The first course of a subject in a grade.
    fn course(&self, subject: &str, grade: u8) -> usize {
        let fits = |course: &super::schools::Course| {
            course.subject == subject && (course.grades.0..=course.grades.1).contains(&grade)
        };
        self.plan.courses.iter().position(fits).unwrap_or_default()
    }

    /// Fills a post: with somebody who has half a post elsewhere, or with somebody new.
    fn fill(&mut self, post: Post, school: Option<u32>, lessons: bool, understaffed: bool) -> io::Result<Holder> {
        if post.fte != FULL / 2 || understaffed {
            return self.hire(post, school, lessons, !understaffed);
        }
        let free = self.halves.iter().position(|(holder, at)| holder.post == post && Some(*at) != school);
        if let Some(index) = free {
            let (holder, _) = self.halves.remove(index);
            self.assign(holder.staff, 2, &holder.post, school, (holder.begin, self.plan.year.0))?;
            return Ok(holder);
        }
        let holder = self.hire(post, school, lessons, false)?;
        self.halves.extend(school.map(|school| (holder, school)));
        Ok(holder)
    }

    /// Hires somebody for a post, who carries a fault if one is due.
    fn hire(&mut self, post: Post, school: Option<u32>, lessons: bool, may_ail: bool) -> io::Result<Holder> {
        let certificated = post.is_certificated();
        let due = match &mut self.deal {
            Some(deal) if may_ail => deal.next(|fault| match fault {
                StaffFault::OutOfField => certificated && lessons,
                StaffFault::OverAllocated => post.fte == FULL && school.is_some(),
                StaffFault::FteOutOfRange => post.fte == FULL && school.is_some(),
                StaffFault::SharedStateId | StaffFault::SamePersonTwice => true,
                _ => certificated,
            }),
            _ => None,
        };
        let (year, day) = (self.plan.year.0, self.plan.day);
        let person = self.person();
        let staff = self.enter(&person, true, None, false)?;

        // Who is new, came from another school or stays: 7, 8 and 85 in 100.
        let past = self.dice.below(100);
        let before = match school {
            Some(at) if (7..15).contains(&past) && post.fte == FULL => {
                Some(self.plan.any_school(self.plan.schools[at as usize].level, &mut self.dice))
            }
            _ => school,
        };
        let august = |spring: u16, day: u32| day_of(i32::from(spring) - 1, 8, day);
        if past >= 7 {
            let post = if post.fte < FULL / 2 { Post { fte: FULL, ..post } } else { post };
            self.assign(staff, 1, &post, before, (august(year - 1, 4), year - 1))?;
        }
        let begin = if past < 2 {
            self.plan.first_day.plus(self.dice.between(1, day.since(self.plan.first_day)))
        } else {
            august(year, 3)
        };
        let mut current = post;
        let assignment = format!("{staff}-{:02}-1", year % 100);
        let mut covered = true;
        if let Some((fault, number)) = due {
            match fault {
                StaffFault::NoCredential => {
                    covered = false;
                    self.answers.note("CRT-001", assignment);
                }
                StaffFault::NotValid => {
                    covered = false;
                    self.answers.note("CRT-002", assignment);
                }
                StaffFault::OutOfField => covered = false,
                StaffFault::OverAllocated => {
                    let extra = Post { fte: if number.is_multiple_of(2) { FULL / 2 } else { FULL / 5 }, ..post };
                    self.assign(staff, 2, &extra, self.neighbour(school), (begin, year))?;
                    self.answers.note("FTE-001", staff.to_string());
                }
                StaffFault::FteOutOfRange => {
                    // A slipped decimal point is also more than a person can do; a negative one could leave
                    // a school without teachers, so teachers do not get it.
                    current.fte = match number % 3 {
                        0 => 10 * FULL,
                        1 if !post.teaches => -FULL / 2,
                        _ => FULL + 400,
                    };
                    self.answers.note("FTE-003", assignment);
                    if current.fte > FULL + 500 {
                        self.answers.note("FTE-001", staff.to_string());
                    }
                }
                StaffFault::SharedStateId => {
                    let other = self.person();
                    self.enter(&other, true, Some(staff), false)?;
                    self.answers.note("DUP-001", state_number(staff));
                }
                StaffFault::SamePersonTwice => {
                    let again = self.enter(&person, true, None, number % 2 == 1)?;
                    self.answers.note("DUP-002", format!("dup:{staff}+{again}"));
                }
                StaffFault::EndsSoon | StaffFault::ImpossibleDates | StaffFault::UnknownCode | StaffFault::Dangling => {}
            }
        }
        self.assign(staff, 1, &current, school, (begin, year))?;
        if certificated {
            self.license(staff, &post, due)?;
        }
        if self.dice.chance(0.07) {
            self.leaver(&post, school)?;
        }
        Ok(Holder { staff, post, begin, covered })
    }

    /// Somebody who held such a post last year and is gone.
    fn leaver(&mut self, post: &Post, school: Option<u32>) -> io::Result<()> {
        let person = self.person();
        let staff = self.enter(&person, false, None, false)?;
        let year = self.plan.year.0 - 1;
        let full = Post { fte: FULL, ..*post };
        self.assign(staff, 1, &full, school, (day_of(i32::from(year) - 1, 8, 4), year))?;
        if post.is_certificated() { self.license(staff, post, None) } else { Ok(()) }
    }

    /// The next staffed school that no fault keeps short of teachers.
    fn neighbour(&self, school: Option<u32>) -> Option<u32> {
        let many = self.plan.unstaffed.start;
        let school = school?;
        (1..many).map(|step| (school + step) % many).find(|other| !self.understaffed.contains(other))
    }

    /// Draws a person; no two share both names and the birth date.
    fn person(&mut self) -> Person {
        let dice = &mut self.dice;
        let ethnicity =
            dice.weighted(&[("white", 790), ("hispanic", 95), ("black", 65), ("asian", 30), ("american_indian", 20)]);
        let hispanic = ethnicity == "hispanic";
        let female = dice.chance(0.76);
        let age = 25 + dice.below(40).min(dice.below(60));
        let today = self.plan.year.first_of_september();
        loop {
            let person = Person {
                female,
                first: names::first(dice),
                middle: dice.chance(0.6).then(|| names::first(dice)),
                last: names::last(hispanic, ethnicity == "asian", dice),
                birth: today.plus(-i64::from(age) * 1461 / 4 - dice.between(1, 365)),
                hispanic,
                race: if hispanic { "white" } else { ethnicity },
                experience: dice.below(age - 21),
                education: dice.weighted(&[("Bachelors", 39), ("Masters", 51), ("Specialist", 8), ("Doctorate", 2)]),
            };
            if self.taken.insert((female, person.first, person.last, person.birth)) {
                return person;
            }
        }
    }

    /// Writes a staff row under a new id, which it gives; `state_id_of` lends the state id of somebody else.
    fn enter(&mut self, person: &Person, active: bool, state_id_of: Option<u32>, shouted: bool) -> io::Result<u32> {
        let staff = self.next_staff;
        self.next_staff += 1;
        let (first, last) = (names::first_name(person.female, person.first), names::LAST[person.last as usize]);
        let row = &mut self.sheets.staff;
        row.show(staff).text(&state_number(state_id_of.unwrap_or(staff)));
        match shouted {
            true => row.text(&first.to_uppercase()),
            false => row.text(first),
        };
        match person.middle {
            Some(middle) => row.text(names::first_name(person.female, middle)),
            None => row.none(1),
        };
        match shouted {
            true => row.text(&last.to_uppercase()),
            false => row.text(last),
        };
        row.none(2)
            .date(person.birth)
            .text(if person.female { "female" } else { "male" })
            .flag(person.hispanic)
            .text(person.race);
        row.show(format_args!("staff{staff}@synthetic.example")).show(format_args!("staff{staff}")).text(person.education);
        row.show(person.experience).show(person.experience.min(12)).flag(active).end()?;
        Ok(staff)
    }

    /// Writes an assignment of a school year, from a day to the end of that year.
    fn assign(&mut self, staff: u32, number: u32, post: &Post, school: Option<u32>, when: (Date, u16)) -> io::Result<()> {
        let (begin, year) = when;
        let row = &mut self.sheets.staff_assignment;
        row.show(format_args!("{staff}-{:02}-{number}", year % 100)).show(staff);
        match school {
            Some(school) => row.show(school_id(school)),
            None => row.text(DISTRICT),
        };
        row.show(year).text(post.role).text(post.title).none(1).text(post.subject);
        row.text(GRADES[post.grades.0 as usize]).text(GRADES[post.grades.1 as usize]);
        row.date(begin).date(day_of(i32::from(year), 7, 1)).fraction(post.fte).flag(number == 1).none(1);
        row.text(if post.population == "special_education" { "special_education" } else { "general" }).end()?;
        if let (Some(school), true, true) = (school, post.teaches, year == self.plan.year.0) {
            self.teacher_fte[school as usize] += i64::from(post.fte);
        }
        Ok(())
    }

    /// Writes the licence of a certificated person and what it authorizes for, with the fault there is.
    fn license(&mut self, staff: u32, post: &Post, due: Option<(StaffFault, u32)>) -> io::Result<()> {
        let (fault, number) = match due {
            Some((StaffFault::NoCredential, _)) => return Ok(()),
            Some((fault, number)) => (Some(fault), number),
            None => (None, 0),
        };
        let (year, day) = (i32::from(self.plan.year.0), self.plan.day);
        let july = |year: i32| day_of(year, 7, 1);
        let dice = &mut self.dice;
        // A cycle of five years that has run for one to four: it ends more than a year from now.
        let end = year + dice.between(1, 4) as i32;
        let issued = july(end - 5).plus(-dice.between(0, 60));
        let level = dice.weighted(&[("regular", 88), ("professional", 6), ("provisional", 4), ("intern", 2)]);
        let mut card = Card { level, status: "active", issued, effective: july(end - 5), expires: july(end), revoked: None };
        let old = fault.is_none() && dice.chance(0.25);
        let mut extra = None;
        match (fault, number % 5) {
            (Some(StaffFault::NotValid), 0) => {
                let lapsed = Card { issued: july(year - 6), effective: july(year - 6), expires: july(year - 1), ..card };
                card = lapsed;
            }
            (Some(StaffFault::NotValid), 1) => card.status = "suspended",
            (Some(StaffFault::NotValid), 2) => card.revoked = Some(day.plus(-self.fault_dice.between(0, 60))),
            (Some(StaffFault::NotValid), 3) => card.status = "pending",
            (Some(StaffFault::NotValid), _) => {
                card.issued = day.plus(-10);
                card.effective = day.plus(self.fault_dice.between(1, 60));
                card.expires = july(year + 5);
            }
            (Some(StaffFault::EndsSoon), _) => {
                // Every other one on the very last day that the rule warns of.
                card.expires = day.plus(if number.is_multiple_of(2) { 90 } else { self.fault_dice.between(1, 90) });
                card.issued = card.expires.plus(-1826);
                card.effective = card.issued;
            }
            (Some(StaffFault::ImpossibleDates), 0 | 3) => {
                // An old card whose dates were entered the wrong way round.
                let old = july(end - 5);
                extra = Some(Card { status: "expired", issued: old, effective: old, expires: july(end - 10), ..card });
            }
            (Some(StaffFault::ImpossibleDates), 1 | 4) => {
                card.effective = card.issued.plus(-367 - self.fault_dice.between(0, 700))
            }
            (Some(StaffFault::ImpossibleDates), _) => {
                let far = day.plus(181 + self.fault_dice.between(0, 3000));
                extra = Some(Card { status: "pending", issued: far, effective: far, expires: far.plus(1826), ..card });
            }
            (Some(StaffFault::UnknownCode), _) => {
                card.level = "L77";
                if number == 0 {
                    self.answers.note("REF-005", "CredentialLevel|L77".to_owned());
                }
            }
            _ => {}
        }
        self.card(staff, 1, &card)?;
        if old {
            let before = card.effective;
            let expired = Card {
                level: "provisional",
                status: "expired",
                issued: before.plus(-731),
                effective: before.plus(-731),
                expires: before,
                ..card
            };
            self.card(staff, 2, &expired)?;
        }
        if let Some(extra) = extra {
            self.card(staff, 2, &extra)?;
        }
        match (fault, number % 5) {
            (Some(StaffFault::EndsSoon), _) => self.answers.note("CRT-003", format!("K{staff}-1")),
            (Some(StaffFault::ImpossibleDates), 1 | 4) => self.answers.note("CRT-008", format!("K{staff}-1")),
            (Some(StaffFault::ImpossibleDates), _) => self.answers.note("CRT-008", format!("K{staff}-2")),
            _ => {}
        }

        let (mut subject, mut expires) = (post.subject, None);
        if fault == Some(StaffFault::OutOfField) {
            match number % 3 {
                0 => subject = if subject == "pe_health" { "arts" } else { "pe_health" },
                1 => expires = Some(july(year - 1)),
                // No authorization at all.
                _ => return Ok(()),
            }
        }
        let row = &mut self.sheets.credential_authorization;
        row.show(format_args!("K{staff}-1")).show(1).text(subject).text(GRADES[post.grades.0 as usize]);
        row.text(GRADES[post.grades.1 as usize])
            .text(post.population)
            .date(card.effective.min(card.issued))
            .maybe_date(expires)
            .end()?;
        if post.teaches && self.dice.chance(0.12) && fault.is_none() {
            row.show(format_args!("K{staff}-1")).show(2).text("esl_bilingual").text("KG").text("12").text("english_learner");
            row.none(2).end()?;
        }
        if fault == Some(StaffFault::Dangling) {
            row.show(format_args!("K{staff}-X"))
                .show(1)
                .text(subject)
                .text("KG")
                .text("12")
                .text("general")
                .none(2)
                .end()?;
            self.answers.note("REF-007", format!("credential_authorization|credential_id|K{staff}-X"));
        }
        Ok(())
    }

    /// Writes a credential.
    fn card(&mut self, staff: u32, number: u32, card: &Card) -> io::Result<()> {
        let row = &mut self.sheets.credential;
        row.show(format_args!("K{staff}-{number}"))
            .show(staff)
            .show(format_args!("ZZ{}{number}", state_number(staff)))
            .text("ZZ");
        row.text("license").text(card.level).text(card.status).date(card.issued).date(card.effective).date(card.expires);
        row.maybe_date(card.revoked).end()
    }

    /// Writes the sections of a school and who teaches them.
    fn write_sections(
        &mut self,
        school: u32,
        level: Level,
        lessons: &[Lesson],
        holders: &[Holder],
        helpers: &[Holder],
    ) -> io::Result<()> {
        let (plan, year) = (self.plan, self.plan.year.0);
        for (number, lesson) in lessons.iter().enumerate() {
            let course = &plan.courses[lesson.course];
            let holder = &holders[lesson.teacher];
            let section = format!("{}-{:02}-{}", school_id(school), year % 100, number + 1);
            let row = &mut self.sheets.section;
            row.text(&section).show(format_args!("C-{}", course.code)).show(school_id(school)).show(year);
            if matches!(course.subject, "ela" | "math" | "science" | "social_studies") {
                row.show(format_args!("{year}-FY"));
            } else {
                row.show(format_args!("{year}-S1;{year}-S2"));
            }
            row.text(&course.title).text("scheduled");
            match lesson.period {
                0 => row.none(1),
                period => row.show(period),
            };
            row.show(format_args!("{}{:02}", ["A", "B", "C"][number % 3], lesson.teacher + 1))
                .text("in_person")
                .text("general");
            row.show(if level == Level::Elementary { 26 } else { 30 }).none(1).flag(true).end()?;

            let begin = holder.begin.max(plan.first_day);
            let row = &mut self.sheets.section_staff;
            row.show(format_args!("{section}-1")).show(holder.staff).text(&section).text("teacher_of_record").flag(true);
            row.date(begin).date(plan.last_day).fraction(FULL).end()?;
            if !holder.covered {
                self.answers.note("CRT-005", format!("{section}-1"));
            }
            if !helpers.is_empty() && self.dice.chance(0.1) {
                let helper = &helpers[number % helpers.len()];
                row.show(format_args!("{section}-2")).show(helper.staff).text(&section).text("co_teacher").flag(false);
                row.date(helper.begin.max(plan.first_day)).date(plan.last_day).fraction(FULL / 2).end()?;
            }
        }
        Ok(())
    }

    /// Fills the posts of the district office.
    fn staff_district(&mut self, students: u32) -> io::Result<()> {
        let posts = [
            (Post::new("superintendent", "Superintendent", ""), 1),
            (Post::new("assistant_superintendent", "Assistant Superintendent", ""), students.div_ceil(10_000)),
            (Post::new("lea_admin", "Director", ""), students.div_ceil(1_200)),
            (Post::new("lea_admin_support", "Office Assistant", ""), students.div_ceil(700)),
            (Post::new("instructional_coordinator", "Instructional Coordinator", ""), students.div_ceil(900)),
            (Post::new("social_worker", "Social Worker", ""), students.div_ceil(1_500)),
            (PSYCHOLOGIST, students.div_ceil(1_100)),
            (SPEECH, students.div_ceil(1_000)),
        ];
        for (post, number) in posts {
            for _ in 0..number {
                self.fill(post, None, false, false)?;
            }
        }
        Ok(())
    }
}

/// A member of staff as drawn.
struct Person {
    female: bool,
    first: u8,
    middle: Option<u8>,
    last: u8,
    birth: Date,
    hispanic: bool,
    race: &'static str,
    experience: u32,
    education: &'static str,
}

/// A credential as written.
struct Card {
    level: &'static str,
    status: &'static str,
    issued: Date,
    effective: Date,
    expires: Date,
    revoked: Option<Date>,
}

/// A nine-digit state id that no two people share: multiplication modulo a prime.
fn state_number(staff: u32) -> String {
    format!("7{:09}", u64::from(staff) * 69_621 % 999_999_937)
}
