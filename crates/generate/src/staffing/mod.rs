//! Staff with their employments, assignments and credentials.
//!
//! Schools are staffed after the students are known, by headcount, so that ratios are realistic by construction and a
//! school violates one only because of a fault.

mod credentials;
mod hiring;
mod posts;
mod rows;

pub(super) use posts::{FULL, HOMEROOM, Holder, KINDERGARTEN, Post};

use super::dice::Dice;
use super::employees::People;
use super::faults::{Answers, Deal, SectionFault, StaffFault};
use super::schools::{COUNSELOR_LOAD, LIBRARIAN_LEAST, Level, NURSE_LOAD, Plan, day_of, school_id};
use super::sections;
use super::sheet::Sheets;
use super::students::Tally;
use posts::{
    ASSISTANT_PRINCIPAL, CLERK, COUNSELOR, ENGLISH, LIBRARIAN, NURSE, OPERATIONAL, PARA, PRINCIPAL, PSYCHOLOGIST, SPED,
    SPEECH,
};
use rollcall_model::date::Date;
use rows::{Assignment, Contract};
use std::io::{self, Write};

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
        office.employ(&contract, Some(FULL / 2), false)?;
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
            let assignment = self.current(2, post, school, holder.begin);
            self.assign(holder.staff, &assignment, true)?;
            self.employ(&contract, Some(FULL), false)?;
            return Ok(holder);
        }
        self.hire(post, school, lessons, false)
    }

    /// An assignment of this year.
    fn current(&self, number: u32, post: Post, school: Option<u32>, begin: Date) -> Assignment {
        let (year, fte) = (self.plan.year.0, Some(post.fte));
        Assignment { number, post, school, begin, end: None, year, fte, primary: number == 1, employment: None }
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
