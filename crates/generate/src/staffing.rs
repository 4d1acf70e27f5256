//! Staff with their employments, assignments and credentials.
//!
//! Schools are staffed after the students are known, by headcount, so that ratios are realistic by construction and a
//! school violates one only because of a fault.

use super::dice::Dice;
use super::employees::{People, Person, state_staff_id};
use super::faults::{Answers, Deal, SectionFault, StaffFault};
use super::people::Tally;
use super::schools::{COUNSELOR_LOAD, DISTRICT, GRADES, LIBRARIAN_LEAST, Level, NURSE_LOAD, Plan, day_of, school_id};
use super::sections;
use super::sheet::Sheets;
use rollcall_model::date::Date;
use std::io::{self, Write};

/// Full time, in ten-thousandths.
pub(super) const FULL: i32 = 10_000;

/// A position at a school or the district office.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Post {
    role: &'static str,
    title: &'static str,
    /// The required authorization; empty if the role requires no credential.
    pub(super) subject: &'static str,
    grades: (u8, u8),
    pub(super) population: &'static str,
    teaches: bool,
    fte: i32,
}

impl Post {
    const fn new(role: &'static str, title: &'static str, subject: &'static str) -> Post {
        Post { role, title, subject, grades: (0, 12), population: "general", teaches: false, fte: FULL }
    }

    pub(super) const fn teacher(role: &'static str, title: &'static str, subject: &'static str, low: u8, high: u8) -> Post {
        Post { grades: (low, high), teaches: true, ..Post::new(role, title, subject) }
    }

    pub(super) fn half(self) -> Post {
        Post { fte: FULL / 2, ..self }
    }

    /// Whether rule CRT-001 requires a credential.
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
pub(super) const KINDERGARTEN: Post = Post::teacher("teacher_k", "Teacher, Kindergarten", "elementary_generalist", 0, 6);
pub(super) const HOMEROOM: Post = Post::teacher("teacher_elem", "Teacher, Elementary", "elementary_generalist", 0, 6);

/// A person in a post.
#[derive(Clone, Copy)]
pub(super) struct Holder {
    pub(super) staff: u32,
    post: Post,
    /// First day in the post this year.
    pub(super) begin: Date,
    ailing: Ailing,
}

/// What a fault takes from the holder of a post, as far as it affects sections.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Ailing {
    /// No valid authorization for the subject.
    subject: bool,
    /// No valid authorization for the population.
    population: bool,
    /// No valid authorization for the grades.
    grades: bool,
    /// A credential that was revoked or suspended.
    revoked: bool,
    /// The assignment has ended.
    left: bool,
}

impl Holder {
    /// Whether no fault of the holder affects the sections.
    pub(super) fn is_sound(&self) -> bool {
        self.ailing == Ailing::default()
    }

    /// Records the findings about the teacher of record of a section.
    pub(super) fn note_section(&self, id: &str, subject: &str, population: &str, answers: &mut Answers) {
        let ailing = self.ailing;
        let authorized = subject != "none";
        for (rule, found) in [
            ("CRT-005", ailing.subject && authorized),
            ("CRT-006", ailing.grades && authorized),
            ("CRT-007", ailing.population && population != "general"),
            ("FTE-012", ailing.left),
        ] {
            if found {
                answers.note(rule, id.to_owned());
            }
        }
        self.note_help(id, answers);
    }

    /// Records the findings about any staff member in a section.
    pub(super) fn note_help(&self, id: &str, answers: &mut Answers) {
        if self.ailing.revoked {
            answers.note("CRT-012", id.to_owned());
        }
    }
}

/// Input of a school's ratios; FTE in ten-thousandths.
#[derive(Clone, Copy, Default)]
struct Staffing {
    staff: u32,
    teacher_fte: i64,
    /// FTE of teachers, and of those without full certification.
    counted: i64,
    uncertified: i64,
    counselor: i64,
    nurse: i64,
    librarian: i64,
}

/// An assignment as written.
#[derive(Clone, Copy)]
struct Assigned {
    number: u32,
    post: Post,
    /// `None` for the district.
    school: Option<u32>,
    begin: Date,
    /// `None` for the end of the school year.
    end: Option<Date>,
    year: u16,
    /// `None` if a fault omits it.
    fte: Option<i32>,
    primary: bool,
    /// The employment it belongs to, if stated.
    employment: Option<u32>,
}

/// An employment.
#[derive(Clone, Copy)]
struct Contract {
    staff: u32,
    hired: Date,
    /// Full time until this year began; people hired since then have one contract.
    returning: bool,
    end: Option<Date>,
}

/// State while schools are staffed.
pub(super) struct Office<'a, W: Write> {
    pub(super) plan: &'a Plan,
    pub(super) tally: &'a Tally,
    pub(super) sheets: &'a mut Sheets<W>,
    pub(super) answers: &'a mut Answers,
    pub(super) dice: Dice,
    fault_dice: Dice,
    deal: Option<Deal<StaffFault>>,
    pub(super) section_deal: Option<Deal<SectionFault>>,
    next_staff: u32,
    people: People,
    /// Holders of half a post who need the other half at another school, with their contracts.
    halves: Vec<(Holder, u32, Contract)>,
    understaffed: Vec<u32>,
    /// The totals of each school.
    staffing: Vec<Staffing>,
    /// Sections of each school this year.
    pub(super) sections: Vec<u32>,
    /// Teachers of each school last year.
    last_year: Vec<Vec<u32>>,
    /// The next unused credential number.
    card_number: Option<(u32, String)>,
}

/// Writes all staff and sections for the existing students.
pub(super) fn write<W: Write>(
    plan: &Plan,
    tally: &Tally,
    students: u32,
    seed: u64,
    sheets: &mut Sheets<W>,
    answers: &mut Answers,
) -> io::Result<()> {
    let schools = plan.schools.len();
    let least = if students < 1_000 { 1 } else { 2 };
    let mut office = Office {
        plan,
        tally,
        sheets,
        answers,
        dice: Dice::new(seed, 4),
        fault_dice: Dice::new(seed, 5),
        // There is about one staff member per eight students and one section per five.
        deal: plan.faults.then(|| Deal::new(&StaffFault::ALL, students / 8, 6, least)),
        section_deal: plan.faults.then(|| Deal::new(&SectionFault::ALL, students / 5, 30, least)),
        next_staff: 500_001,
        people: People::default(),
        halves: Vec::new(),
        understaffed: plan.understaffed(),
        staffing: vec![Staffing::default(); schools],
        sections: vec![0; schools],
        last_year: vec![Vec::new(); schools],
        card_number: None,
    };
    for school in 0..plan.unstaffed.start {
        office.staff_school(school, &tally.heads[school as usize])?;
    }
    office.staff_district(students)?;
    for (_, _, contract) in std::mem::take(&mut office.halves) {
        office.employ(&contract, Some(FULL / 2), 0)?;
    }
    for (school, teachers) in
        std::mem::take(&mut office.last_year).into_iter().enumerate().take(plan.unstaffed.start as usize)
    {
        office.write_last_year(school as u32, &teachers)?;
    }
    for school in 0..plan.closed {
        office.note_ratios(school, i64::from(tally.heads[school as usize].iter().sum::<u32>()));
    }
    Ok(())
}

/// The number of half posts for a caseload.
pub(super) fn halves(load: u32, per_post: u32) -> usize {
    (load * 2).div_ceil(per_post) as usize
}

/// August 4 of the fall before a spring, when the assignments of a school year begin.
fn august(spring: u16) -> Date {
    day_of(i32::from(spring) - 1, 8, 4)
}

impl<W: Write> Office<'_, W> {
    /// Records the findings about a school as a whole, which follow from everything that was written.
    fn note_ratios(&mut self, school: u32, heads: i64) {
        let of = self.staffing[school as usize];
        let id = school_id(school);
        let full = i64::from(FULL);
        let mut note = |rule, found: bool| {
            if found {
                self.answers.note(rule, id.to_string());
            }
        };
        note("RAT-003", heads > 0 && of.teacher_fte <= 0);
        note("RAT-001", of.teacher_fte > 0 && heads * full > 35 * of.teacher_fte);
        note("RAT-002", of.teacher_fte > 0 && heads >= 50 && heads * full < 5 * of.teacher_fte);
        note("RAT-012", heads == 0 || of.staff == 0 || self.sections[school as usize] == 0);
        note("CRT-013", of.counted > 0 && of.uncertified * 100 > 2 * of.counted);
        for (role, fte, most, least) in [
            ("counselor", of.counselor, Some(COUNSELOR_LOAD), 0),
            ("nurse", of.nurse, Some(NURSE_LOAD), 0),
            ("librarian", of.librarian, None, LIBRARIAN_LEAST),
        ] {
            let short = least > 0 && fte < i64::from(least);
            if heads > 0 && (short || most.is_some_and(|most| heads * full > i64::from(most) * fte)) {
                self.answers.note("RAT-006", format!("{id}|{role}"));
            }
        }
    }

    /// Fills the posts of one school and writes its sections.
    fn staff_school(&mut self, school: u32, heads: &[u32; 13]) -> io::Result<()> {
        let total: u32 = heads.iter().sum();
        let level = self.plan.schools[school as usize].level;
        let understaffed = self.understaffed.contains(&school);
        let mut posts: Vec<Post> = Vec::new();
        let mut lessons: Vec<sections::Lesson> = Vec::new();
        match level {
            Level::Elementary => sections::elementary(self, school, &mut posts, &mut lessons),
            _ => sections::secondary(self, school, level, &mut posts, &mut lessons),
        }
        let add = |posts: &mut Vec<Post>, post: Post, halves: usize| {
            posts.extend(std::iter::repeat_n(post, halves / 2));
            posts.extend((halves % 2 == 1).then(|| post.half()));
        };
        let sped = posts.len();
        add(&mut posts, SPED, halves(total, 130));
        let sped = sped..posts.len();
        add(&mut posts, ENGLISH, halves(total, if level == Level::Elementary { 300 } else { 500 }));
        sections::support(self, school, &posts, &mut lessons);
        add(&mut posts, PRINCIPAL, 2);
        add(&mut posts, ASSISTANT_PRINCIPAL, 2 * (total / if level == Level::Elementary { 650 } else { 450 }) as usize);
        // A fault leaves the counselor post vacant.
        add(&mut posts, COUNSELOR, if self.plan.afflicts(school, 3) { 0 } else { halves(total, 390) });
        add(&mut posts, NURSE, halves(total, 800));
        add(&mut posts, LIBRARIAN, halves(total, 700).clamp(1, 2));
        add(&mut posts, PARA, 2 * total.div_ceil(42) as usize);
        add(&mut posts, CLERK, 2 * total.div_ceil(160) as usize);
        add(&mut posts, OPERATIONAL, 2 * total.div_ceil(70) as usize);
        if understaffed {
            // One teacher per forty students, distributed evenly.
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
            // One teacher of a school has a percentage instead of a share.
            let percent = index == 0 && self.plan.afflicts(school, 0) && post.fte == FULL && post.teaches;
            let post = Post { fte: if percent { 100 * FULL } else { post.fte }, ..post };
            holders.push(self.fill(post, Some(school), teaching[index] > 0, !understaffed && !percent)?);
        }
        self.write_sections(level, &lessons, &holders, &holders[sped])
    }

    /// Fills a post with a person who has half a post elsewhere, or with a new person.
    fn fill(&mut self, post: Post, school: Option<u32>, lessons: bool, may_ail: bool) -> io::Result<Holder> {
        let at = school.filter(|_| post.fte == FULL / 2 && may_ail);
        let Some(at) = at else { return self.hire(post, school, lessons, may_ail) };
        let free = self.halves.iter().position(|(holder, other, _)| holder.post == post && *other != at);
        if let Some(index) = free {
            let (holder, _, contract) = self.halves.remove(index);
            let assigned = self.current(2, post, school, holder.begin);
            self.assign(holder.staff, &assigned, true)?;
            self.employ(&contract, Some(FULL), 0)?;
            return Ok(holder);
        }
        self.hire(post, school, lessons, false)
    }

    /// An assignment of this year.
    fn current(&self, number: u32, post: Post, school: Option<u32>, begin: Date) -> Assigned {
        let (year, fte) = (self.plan.year.0, Some(post.fte));
        Assigned { number, post, school, begin, end: None, year, fte, primary: number == 1, employment: None }
    }

    /// Hires a person for a post, with a fault if one is due.
    fn hire(&mut self, post: Post, school: Option<u32>, lessons: bool, may_ail: bool) -> io::Result<Holder> {
        let certificated = post.is_certificated();
        let (plan, day) = (self.plan, self.plan.day);
        let year = plan.year.0;
        // Half a post at a school waits for its other half.
        let waits =
            post.fte == FULL / 2 && school.is_some() && !may_ail && !self.understaffed.iter().any(|&at| Some(at) == school);

        // New, from another school, or staying: 7, 8 and 85 in 100.
        let past = self.dice.below(100);
        let (returning, early) = (past >= 7, past >= 2);
        let before = match school {
            Some(at) if (7..15).contains(&past) && post.fte == FULL => {
                Some(plan.any_school(plan.schools[at as usize].level, &mut self.dice))
            }
            _ => school,
        };
        let longer = returning && self.dice.chance(0.7);
        let begin = match early {
            true => august(year),
            false => plan.first_day.plus(self.dice.between(1, day.since(plan.first_day))),
        };
        let full = post.fte == FULL && school.is_some();
        let due = match &mut self.deal {
            Some(deal) if may_ail => deal.next(|fault| match fault {
                StaffFault::OutOfField | StaffFault::WrongGrades => certificated && lessons,
                StaffFault::WrongPopulation => lessons && post.population != "general",
                StaffFault::StillTeaching => lessons && full && early,
                StaffFault::OverAllocated
                | StaffFault::ThreeJobs
                | StaffFault::FteOutOfRange
                | StaffFault::NoFte
                | StaffFault::TwoPrimaries
                | StaffFault::AssignmentTwice => full,
                StaffFault::ContractShort | StaffFault::NoEmployment => full,
                StaffFault::ContractLong => full && returning,
                StaffFault::AssignmentOverlap => full && early,
                StaffFault::RenewedLate => certificated && early,
                StaffFault::Emergency => certificated && post.teaches && post.fte == FULL,
                StaffFault::OrphanAssignment
                | StaffFault::SharedStateId
                | StaffFault::SamePersonTwice
                | StaffFault::AlmostSamePerson
                | StaffFault::SharedLogin
                | StaffFault::SuffixInName => true,
                StaffFault::NoCredential
                | StaffFault::NotValid
                | StaffFault::EndsSoon
                | StaffFault::ImpossibleDates
                | StaffFault::UnknownCode
                | StaffFault::Dangling
                | StaffFault::SharedNumber
                | StaffFault::IncompleteCard
                | StaffFault::Revoked
                | StaffFault::NoAuthorization
                | StaffFault::OrphanCredential
                | StaffFault::NaturalTwice => certificated,
            }),
            _ => None,
        };
        let mut person = self.people.draw(plan.year, &mut self.dice);
        // Years in the district, at least those with assignments.
        let district = if returning { 1 + u32::from(longer) + person.experience.min(25).saturating_sub(2) / 2 } else { 0 };
        person.experience = person.experience.max(district);
        if let Some((StaffFault::SuffixInName, _)) = due {
            person.last.push_str(" Jr");
        }
        let staff = self.enter(&person, district, true, None, None, false)?;
        let (fault, number) = due.map_or((None, 0), |(fault, number)| (Some(fault), number));
        let mut contract = Contract {
            staff,
            hired: if returning { august(year - district as u16).plus(-3) } else { begin },
            returning,
            end: None,
        };
        let whole = Post { fte: FULL, ..post };
        let has_employment = !waits && fault != Some(StaffFault::NoEmployment);
        for (back, was) in [(2, longer), (1, returning)] {
            if was {
                let (year, fte) = (year - back, Some(FULL));
                let (number, end, employment) = (1, None, has_employment.then_some(1));
                let post = whole;
                let past = Assigned {
                    number,
                    post,
                    school: before,
                    begin: august(year),
                    end,
                    year,
                    fte,
                    primary: true,
                    employment,
                };
                self.assign(staff, &past, true)?;
            }
        }
        let mut now = self.current(1, post, school, begin);
        let assignment = format!("{staff}-{:02}-1", year % 100);
        let mut contracted = Some(if post.fte > FULL { FULL } else { post.fte });
        let mut more: Vec<Assigned> = Vec::new();
        let mut ailing = Ailing::default();
        let mut certified = true;
        let neighbour = self.neighbour(school);
        let mut note = |rule, subject: String| self.answers.note(rule, subject);
        if post.fte > FULL {
            for rule in ["FTE-001", "FTE-002", "FTE-005"] {
                note(rule, staff.to_string());
            }
            note("FTE-003", assignment.clone());
        }
        match fault {
            Some(StaffFault::NoCredential) => {
                (ailing.subject, ailing.population, certified) = (true, true, false);
                note("CRT-001", assignment.clone());
            }
            Some(StaffFault::NotValid) => {
                (ailing.subject, ailing.population, certified) = (true, true, false);
                note("CRT-002", assignment.clone());
            }
            Some(StaffFault::OutOfField) => (ailing.subject, ailing.population) = (true, number % 3 != 0),
            Some(StaffFault::WrongGrades) => ailing.grades = true,
            Some(StaffFault::WrongPopulation) => ailing.population = true,
            Some(StaffFault::Emergency) => certified = false,
            Some(StaffFault::Revoked) => {
                ailing.revoked = true;
                note("CRT-012", assignment.clone());
            }
            Some(StaffFault::OverAllocated) => {
                let extra = Post { fte: if number.is_multiple_of(2) { FULL / 2 } else { FULL / 5 }, ..post };
                more.push(Assigned { primary: false, ..now_at(&now, 2, extra, neighbour) });
                note("FTE-001", staff.to_string());
                note("FTE-005", staff.to_string());
            }
            Some(StaffFault::ThreeJobs) => {
                let extra = Post { fte: 7 * FULL / 10, ..post };
                more.push(Assigned { primary: false, ..now_at(&now, 2, extra, neighbour) });
                more.push(Assigned { primary: false, ..now_at(&now, 3, extra, None) });
                for rule in ["FTE-001", "FTE-002", "FTE-005"] {
                    note(rule, staff.to_string());
                }
            }
            Some(StaffFault::FteOutOfRange) => {
                // A wrong decimal point also exceeds what a person can do; a negative value could leave a school without
                // teachers, so teachers do not get it.
                let fte = match number % 3 {
                    0 => 10 * FULL,
                    1 if !post.teaches => -FULL / 2,
                    _ => FULL + 400,
                };
                now.fte = Some(fte);
                note("FTE-003", assignment.clone());
                if fte > FULL + 400 {
                    for rule in ["FTE-001", "FTE-002", "FTE-005"] {
                        note(rule, staff.to_string());
                    }
                }
                if fte < 0 && contract.hired.plus(30) <= day {
                    note("FTE-006", staff.to_string());
                }
            }
            Some(StaffFault::NoFte) => {
                (now.fte, contracted) = (if number.is_multiple_of(2) { None } else { Some(0) }, None);
                note("FTE-004", assignment.clone());
            }
            Some(StaffFault::ContractShort) => {
                contracted = Some(FULL * 4 / 5);
                note("FTE-005", staff.to_string());
            }
            Some(StaffFault::ContractLong) => {
                contracted = Some(FULL * 5 / 4);
                note("FTE-006", staff.to_string());
            }
            Some(StaffFault::NoEmployment) => note("FTE-007", assignment.clone()),
            Some(StaffFault::StillTeaching) => {
                let end = day.plus(-5);
                (now.end, contract.end, ailing.left) = (Some(end), Some(end), true);
            }
            Some(StaffFault::TwoPrimaries) => {
                now.fte = Some(FULL / 2);
                more.push(now_at(&now, 2, post.half(), neighbour));
                note("FTE-019", staff.to_string());
            }
            Some(fault @ (StaffFault::AssignmentTwice | StaffFault::AssignmentOverlap)) => {
                now.fte = Some(FULL / 2);
                let mut again = Assigned { primary: false, ..now_at(&now, 2, post.half(), school) };
                let subject = format!("{staff}|{}|{}", school.map_or(0, school_id), post.role);
                if fault == StaffFault::AssignmentTwice {
                    let (year, month, day) = begin.to_ymd();
                    note("DUP-005", format!("staff_assignment|{subject}|{year}-{month:02}-{day:02}"));
                } else {
                    again.begin = begin.plus(20);
                }
                note("DUP-006", subject);
                more.push(again);
            }
            Some(StaffFault::OrphanAssignment) => {
                // Last year's and without a credential, so that no other rule fires.
                let row = Assigned { employment: None, ..now_at(&now, 8, CLERK, school) };
                let row = Assigned { begin: august(year - 1), year: year - 1, ..row };
                note("FTE-009", format!("{staff}9-{:02}-8", (year - 1) % 100));
                self.assign(staff * 10 + 9, &row, true)?;
            }
            Some(StaffFault::SharedStateId) => {
                let other = self.people.draw(plan.year, &mut self.dice);
                self.enter(&other, 0, true, Some(staff), None, false)?;
                self.answers.note("DUP-001", state_staff_id(staff));
            }
            Some(StaffFault::SamePersonTwice) => {
                let again = self.enter(&person, district, true, None, None, number % 2 == 1)?;
                self.answers.note("DUP-002", format!("dup:{staff}+{again}"));
            }
            Some(StaffFault::AlmostSamePerson) => {
                let almost = self.people.almost(&person, number);
                let again = self.enter(&almost, district, true, None, None, false)?;
                self.answers.note("DUP-003", format!("{staff}|{again}"));
            }
            Some(StaffFault::SharedLogin) => {
                let other = self.people.draw(plan.year, &mut self.dice);
                let other = self.enter(&other, 0, true, None, Some(staff), false)?;
                self.answers.note("DUP-004", format!("dup:{staff}+{other}"));
            }
            Some(StaffFault::SuffixInName) => note("DUP-009", staff.to_string()),
            _ => {}
        }
        let changed = returning && contracted != Some(FULL);
        now.employment = has_employment.then_some(if changed { 2 } else { 1 });
        for assigned in std::iter::once(now).chain(more) {
            self.assign(staff, &Assigned { employment: now.employment, ..assigned }, certified)?;
        }
        if has_employment {
            let natural = due.is_some_and(|(fault, number)| fault == StaffFault::NaturalTwice && number.is_multiple_of(2));
            self.employ(&contract, contracted, u32::from(natural))?;
        }
        if certificated {
            let revoked = self.license(staff, &post, begin, due)?;
            ailing.revoked |= revoked;
        }
        let holder = Holder { staff, post, begin, ailing };
        if waits {
            self.halves.extend(school.map(|school| (holder, school, contract)));
        }
        if self.dice.chance(0.07) {
            self.leaver(&post, school)?;
        }
        Ok(holder)
    }

    /// A person who held such a post last year and has left.
    fn leaver(&mut self, post: &Post, school: Option<u32>) -> io::Result<()> {
        let mut person = self.people.draw(self.plan.year, &mut self.dice);
        person.experience = person.experience.max(1);
        let staff = self.enter(&person, 1, false, None, None, false)?;
        let year = self.plan.year.0 - 1;
        let mut gone = self.current(1, Post { fte: FULL, ..*post }, school, august(year));
        (gone.year, gone.employment) = (year, Some(1));
        self.assign(staff, &gone, true)?;
        let end = Some(self.plan.year.begin());
        self.employ(&Contract { staff, hired: august(year).plus(-3), returning: false, end }, Some(FULL), 0)?;
        if post.is_certificated() {
            self.license(staff, post, august(year), None)?;
        }
        Ok(())
    }

    /// The next staffed school whose teacher FTE no fault reduces.
    fn neighbour(&self, school: Option<u32>) -> Option<u32> {
        let many = self.plan.unstaffed.start;
        let school = school?;
        (1..many).map(|step| (school + step) % many).find(|other| !self.understaffed.contains(other))
    }

    /// Writes a staff row under a new id, which it returns; with `state_id_of` and `mail_of` it uses another person's
    /// data.
    fn enter(
        &mut self,
        person: &Person,
        district: u32,
        active: bool,
        state_id_of: Option<u32>,
        mail_of: Option<u32>,
        shouted: bool,
    ) -> io::Result<u32> {
        let staff = self.next_staff;
        self.next_staff += 1;
        let row = &mut self.sheets.staff;
        row.show(staff).text(&state_staff_id(state_id_of.unwrap_or(staff)));
        match shouted {
            true => row.text(&person.first.to_uppercase()),
            false => row.text(&person.first),
        };
        row.text(person.middle.unwrap_or_default());
        match shouted {
            true => row.text(&person.last.to_uppercase()),
            false => row.text(&person.last),
        };
        row.none(1).text(person.former.as_deref().unwrap_or_default()).date(person.birth);
        row.text(if person.female { "female" } else { "male" }).flag(person.hispanic).text(person.race);
        row.show(format_args!("staff{}@synthetic.example", mail_of.unwrap_or(staff))).show(format_args!("staff{staff}"));
        row.text(person.education).show(person.experience).show(district).flag(active).end()?;
        Ok(staff)
    }

    /// Writes the employment of a person: full time until this year began, and by the contract since. `again` is whether
    /// a fault enters it again.
    fn employ(&mut self, contract: &Contract, fte: Option<i32>, again: u32) -> io::Result<()> {
        let change = self.plan.year.begin();
        let changed = contract.returning && fte != Some(FULL);
        let now = (if changed { change } else { contract.hired }, contract.end, fte);
        let before = changed.then_some((contract.hired, Some(change), Some(FULL)));
        let mut rows: Vec<(Date, Option<Date>, Option<i32>)> = before.into_iter().chain([now]).collect();
        if again > 0 {
            // Without FTE, which would count twice.
            rows.push((rows[0].0, rows[0].1, None));
            let (year, month, day) = rows[0].0.to_ymd();
            let staff = contract.staff;
            self.answers.note("REF-008", format!("staff_employment|{staff}|{DISTRICT}|{year}-{month:02}-{day:02}"));
        }
        for (index, (hired, end, fte)) in rows.into_iter().enumerate() {
            let row = &mut self.sheets.staff_employment;
            row.show(format_args!("E{}-{}", contract.staff, index + 1)).show(contract.staff).text(DISTRICT);
            row.date(hired).maybe_date(end).text(if contract.returning { "tenured" } else { "probationary" });
            row.maybe_fraction(fte).show(190).text(if contract.end.is_some() { "resignation" } else { "" }).end()?;
        }
        Ok(())
    }

    /// Writes an assignment of a school year, and adds it to the totals of its school if it is current.
    fn assign(&mut self, staff: u32, assigned: &Assigned, certified: bool) -> io::Result<()> {
        let Assigned { number, post, school, begin, year, fte, .. } = *assigned;
        let end = assigned.end.unwrap_or(day_of(i32::from(year), 7, 1));
        let row = &mut self.sheets.staff_assignment;
        row.show(format_args!("{staff}-{:02}-{number}", year % 100)).show(staff);
        match school {
            Some(school) => row.show(school_id(school)),
            None => row.text(DISTRICT),
        };
        row.show(year).text(post.role).text(post.title).none(1).text(post.subject);
        row.text(GRADES[post.grades.0 as usize]).text(GRADES[post.grades.1 as usize]);
        row.date(begin).date(end).maybe_fraction(fte).flag(assigned.primary);
        match assigned.employment {
            Some(employment) => row.show(format_args!("E{staff}-{employment}")),
            None => row.none(1),
        };
        row.text(if post.population == "special_education" { "special_education" } else { "general" }).end()?;
        let Some(school) = school else { return Ok(()) };
        if post.teaches && fte == Some(FULL) && year + 1 == self.plan.year.0 {
            self.last_year[school as usize].push(staff);
        }
        if begin <= self.plan.day && self.plan.day < end {
            let (of, fte) = (&mut self.staffing[school as usize], i64::from(fte.unwrap_or(0)));
            of.staff += 1;
            match post.role {
                "counselor" => of.counselor += fte,
                "nurse" => of.nurse += fte,
                "librarian" => of.librarian += fte,
                _ if post.teaches => {
                    of.teacher_fte += fte;
                    of.counted += fte;
                    of.uncertified += if certified { 0 } else { fte };
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes the credential of a certificated person and its authorizations, with the fault if any. Returns whether it
    /// was revoked.
    fn license(&mut self, staff: u32, post: &Post, begin: Date, due: Option<(StaffFault, u32)>) -> io::Result<bool> {
        let (fault, number) = match due {
            Some((StaffFault::NoCredential, _)) => return Ok(false),
            Some((fault, number)) => (Some(fault), number),
            None => (None, 0),
        };
        let (year, day) = (i32::from(self.plan.year.0), self.plan.day);
        let july = |year: i32| day_of(year, 7, 1);
        let dice = &mut self.dice;
        // A five-year cycle that began one to four years ago, so it ends more than a year from now.
        let end = year + dice.between(1, 4) as i32;
        let issued = july(end - 5).plus(-dice.between(0, 60));
        // The state checks teachers without full certification by school and allows hardly any; other roles have some.
        let level = dice.weighted(&[("regular", 88), ("professional", 6), ("provisional", 4), ("intern", 2)]);
        let level = if post.teaches && matches!(level, "provisional" | "intern") { "regular" } else { level };
        let base = Card {
            kind: "license",
            number: Some(card_number(staff, 1)),
            level,
            status: "active",
            issued: Some(issued),
            effective: july(end - 5),
            expires: july(end),
            revoked: None,
        };
        let mut card = base.clone();
        // Earlier or additional credentials; a permit authorizes nothing by itself.
        let mut extra = dice.chance(0.25).then(|| {
            let since = card.effective.plus(-731);
            Card {
                level: "provisional",
                status: "expired",
                issued: Some(since),
                effective: since,
                expires: card.effective,
                ..base.permit(staff)
            }
        });
        extra = extra.filter(|_| fault.is_none());
        let mut revoked = false;
        let assignment = format!("{staff}-{:02}-1", year % 100);
        match (fault, number % 5) {
            (Some(StaffFault::NotValid), 0) => {
                let since = july(year - 6);
                (card.issued, card.effective, card.expires) = (Some(since), since, july(year - 1));
            }
            (Some(StaffFault::NotValid), 1) => {
                (card.status, revoked) = ("suspended", true);
                self.answers.note("CRT-012", assignment);
            }
            (Some(StaffFault::NotValid), 2) => {
                let since = day.plus(-self.fault_dice.between(0, 60));
                (card.revoked, revoked) = (Some(since), true);
                if since > begin {
                    self.answers.note("CRT-004", assignment.clone());
                }
                self.answers.note("CRT-012", assignment);
            }
            (Some(StaffFault::NotValid), 3) => card.status = "pending",
            (Some(StaffFault::NotValid), _) => {
                card.issued = Some(day.plus(-10));
                card.effective = day.plus(self.fault_dice.between(1, 60));
                card.expires = july(year + 5);
            }
            (Some(StaffFault::EndsSoon), _) => {
                // Every other one on the last day for which the rule warns.
                card.expires = day.plus(if number.is_multiple_of(2) { 90 } else { self.fault_dice.between(1, 90) });
                card.effective = card.expires.plus(-1826);
                card.issued = Some(card.effective);
                self.answers.note("CRT-003", format!("K{staff}-1"));
            }
            (Some(StaffFault::ImpossibleDates), 0 | 3) => {
                // An old credential whose dates were entered in the wrong order.
                let old = july(end - 5);
                let (issued, effective, expires) = (Some(old), old, july(end - 10));
                extra = Some(Card { status: "expired", issued, effective, expires, ..base.permit(staff) });
            }
            (Some(StaffFault::ImpossibleDates), 1 | 4) => {
                card.effective = issued.plus(-367 - self.fault_dice.between(0, 700));
            }
            (Some(StaffFault::ImpossibleDates), _) => {
                let far = day.plus(181 + self.fault_dice.between(0, 3000));
                let (issued, effective, expires) = (Some(far), far, far.plus(1826));
                extra = Some(Card { status: "pending", issued, effective, expires, ..base.permit(staff) });
            }
            (Some(StaffFault::UnknownCode), _) => {
                card.level = "L77";
                if number == 0 {
                    self.answers.note("REF-005", "CredentialLevel|L77".to_owned());
                }
            }
            (Some(StaffFault::RenewedLate), _) => {
                // It expired when the year began and was renewed some weeks later.
                let again = begin.plus(25);
                extra = Some(Card {
                    kind: "license",
                    number: Some(card_number(staff, 2)),
                    issued: Some(again),
                    effective: again,
                    expires: july(year + 4),
                    ..base.clone()
                });
                let since = july(year - 6);
                (card.issued, card.effective, card.expires) = (Some(since), since, begin.plus(5));
                self.answers.note("CRT-004", assignment);
            }
            (Some(StaffFault::SharedNumber), _) => {
                if let Some((_, number)) = self.card_number.take() {
                    self.answers.note("CRT-010", format!("credential|ZZ|{number}"));
                    card.number = Some(number);
                }
            }
            (Some(StaffFault::IncompleteCard), _) => {
                match number % 3 {
                    0 => card.number = None,
                    1 => card.issued = None,
                    _ => card.level = "",
                }
                self.answers.note("CRT-011", format!("K{staff}-1"));
            }
            (Some(StaffFault::Revoked), _) => {
                let since = card.effective.plus(-731);
                let status = if number.is_multiple_of(2) { "revoked" } else { "surrendered" };
                let (issued, effective, expires) = (Some(since), since, card.effective);
                extra = Some(Card { status, issued, effective, expires, ..base.permit(staff) });
            }
            (Some(StaffFault::Emergency), _) => {
                card.level = ["emergency", "provisional", "waiver", "intern"][number as usize % 4]
            }
            (Some(StaffFault::NoAuthorization), _) => {
                extra = Some(Card { number: Some(card_number(staff, 2)), ..base.clone() });
                self.answers.note("CRT-014", format!("K{staff}-2"));
            }
            (Some(StaffFault::NaturalTwice), _) if number % 2 == 1 => {
                extra = Some(Card { number: card.number.clone(), ..base.permit(staff) });
                self.answers.note("REF-008", format!("credential|ZZ|{}", card_number(staff, 1)));
            }
            (Some(StaffFault::OrphanCredential), _) => {
                let number = Some(card_number(staff, 9));
                self.card(&format!("K{staff}-9"), staff * 10 + 9, &Card { number, ..base.permit(staff) })?;
                self.answers.note("CRT-016", format!("K{staff}-9"));
            }
            _ => {}
        }
        if fault.is_none() {
            self.card_number = card.number.clone().map(|number| (staff, number));
        }
        self.card(&format!("K{staff}-1"), staff, &card)?;
        if let Some(extra) = &extra {
            self.card(&format!("K{staff}-2"), staff, extra)?;
        }
        match (fault, number % 5) {
            (Some(StaffFault::ImpossibleDates), 1 | 4) => self.answers.note("CRT-008", format!("K{staff}-1")),
            (Some(StaffFault::ImpossibleDates), _) => self.answers.note("CRT-008", format!("K{staff}-2")),
            _ => {}
        }

        let (mut subject, mut expires, mut population) = (post.subject, None, post.population);
        let (mut low, mut high) = (GRADES[post.grades.0 as usize], GRADES[post.grades.1 as usize]);
        match (fault, number % 3) {
            (Some(StaffFault::OutOfField), 0) => subject = if subject == "pe_health" { "arts" } else { "pe_health" },
            (Some(StaffFault::OutOfField), 1) => expires = Some(july(year - 1)),
            (Some(StaffFault::OutOfField), _) => {
                // No authorization at all.
                self.answers.note("CRT-014", format!("K{staff}-1"));
                return Ok(revoked);
            }
            // Before elementary school, where nobody here teaches.
            (Some(StaffFault::WrongGrades), _) => (low, high) = ("PR", "PK"),
            (Some(StaffFault::WrongPopulation), _) => population = "general",
            _ => {}
        }
        let row = &mut self.sheets.credential_authorization;
        let since = card.issued.map_or(card.effective, |issued| issued.min(card.effective));
        row.show(format_args!("K{staff}-1")).show(1).text(subject).text(low).text(high).text(population).date(since);
        row.maybe_date(expires).end()?;
        if fault == Some(StaffFault::RenewedLate) {
            row.show(format_args!("K{staff}-2"))
                .show(1)
                .text(subject)
                .text(low)
                .text(high)
                .text(population)
                .none(2)
                .end()?;
        }
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
        Ok(revoked)
    }

    /// Writes a credential.
    fn card(&mut self, id: &str, staff: u32, card: &Card) -> io::Result<()> {
        let row = &mut self.sheets.credential;
        row.text(id).show(staff).text(card.number.as_deref().unwrap_or_default()).text("ZZ").text(card.kind);
        row.text(card.level).text(card.status).maybe_date(card.issued).date(card.effective).date(card.expires);
        row.maybe_date(card.revoked).end()
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

/// The same assignment with another number and post, at another organization.
fn now_at(now: &Assigned, number: u32, post: Post, school: Option<u32>) -> Assigned {
    Assigned { number, post, school, fte: Some(post.fte), ..*now }
}

/// A credential as written.
#[derive(Clone)]
struct Card {
    kind: &'static str,
    number: Option<String>,
    level: &'static str,
    status: &'static str,
    issued: Option<Date>,
    effective: Date,
    expires: Date,
    revoked: Option<Date>,
}

impl Card {
    /// A permit of the same person.
    fn permit(&self, staff: u32) -> Card {
        Card { kind: "permit", number: Some(card_number(staff, 2)), ..self.clone() }
    }
}

/// The number printed on credential `number` of a person.
fn card_number(staff: u32, number: u32) -> String {
    format!("ZZ{}{number}", state_staff_id(staff))
}
