//! Hiring: a person for a post, with a past, and with a fault if one is due.

use super::posts::{Ailing, CLERK, FULL, Holder, Post};
use super::rows::{Assignment, Contract};
use super::{Office, august};
use crate::employees::{Person, state_staff_id};
use crate::faults::StaffFault;
use crate::schools::school_id;
use std::io::{self, Write};

/// A person who is hired, as a fault may change it before it is written.
struct Hire {
    staff: u32,
    person: Person,
    /// Years in the district.
    district: u32,
    post: Post,
    school: Option<u32>,
    assignment: Assignment,
    more: Vec<Assignment>,
    contract: Contract,
    contract_fte: Option<i32>,
    certified: bool,
    ailing: Ailing,
}

/// What decides which faults a hire can have.
struct Eligible {
    post: Post,
    /// In a full-time post at a school.
    full: bool,
    lessons: bool,
    returning: bool,
    /// There from the first day of the year.
    early: bool,
}

impl Eligible {
    fn can_have(&self, fault: StaffFault) -> bool {
        let Eligible { post, full, lessons, returning, early } = *self;
        let certificated = post.is_certificated();
        match fault {
            StaffFault::OutOfField | StaffFault::WrongGrades => certificated && lessons,
            StaffFault::WrongPopulation => lessons && post.population != "general",
            StaffFault::StillTeaching => lessons && full && early,
            StaffFault::OverAllocated
            | StaffFault::ThreeJobs
            | StaffFault::FteOutOfRange
            | StaffFault::NoFte
            | StaffFault::TwoPrimaries
            | StaffFault::AssignmentTwice
            | StaffFault::ContractShort
            | StaffFault::NoEmployment => full,
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
            | StaffFault::UnknownId
            | StaffFault::SharedNumber
            | StaffFault::IncompleteCard
            | StaffFault::Revoked
            | StaffFault::NoAuthorization
            | StaffFault::OrphanCredential
            | StaffFault::NaturalTwice => certificated,
        }
    }
}

impl<W: Write> Office<'_, W> {
    /// Hires a person for a post, with a fault if one is due.
    pub(super) fn hire(&mut self, post: Post, school: Option<u32>, lessons: bool, may_ail: bool) -> io::Result<Holder> {
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
        let eligible = Eligible { post, full: post.fte == FULL && school.is_some(), lessons, returning, early };
        let due = match &mut self.deal {
            Some(deal) if may_ail => deal.next(|fault| eligible.can_have(fault)),
            _ => None,
        };
        let fault = due.map(|(fault, _)| fault);
        let mut person = self.people.draw(plan.year, &mut self.dice);
        // Years in the district, at least those with assignments.
        let district = if returning { 1 + u32::from(longer) + person.experience.min(25).saturating_sub(2) / 2 } else { 0 };
        person.experience = person.experience.max(district);
        if fault == Some(StaffFault::SuffixInName) {
            person.last.push_str(" Jr");
        }
        let staff = self.enter(&person, district, true, None, None)?;
        let has_employment = !waits && fault != Some(StaffFault::NoEmployment);
        for (back, was) in [(2, longer), (1, returning)] {
            if was {
                let mut past = self.current(1, Post { fte: FULL, ..post }, before, august(year - back));
                (past.year, past.employment) = (year - back, has_employment.then_some(1));
                self.assign(staff, &past, true)?;
            }
        }
        let hired = if returning { august(year - district as u16).plus(-3) } else { begin };
        let mut hire = Hire {
            staff,
            person,
            district,
            post,
            school,
            assignment: self.current(1, post, school, begin),
            more: Vec::new(),
            contract: Contract { staff, hired, returning, end: None },
            contract_fte: Some(post.fte.min(FULL)),
            certified: true,
            ailing: Ailing::default(),
        };
        if post.fte > FULL {
            self.note_overwork(staff);
            self.answers.note("FTE-003", hire.assignment_id(year));
        }
        if let Some((fault, number)) = due {
            self.plant(fault, number, &mut hire)?;
        }
        let changed = returning && hire.contract_fte != Some(FULL);
        let employment = has_employment.then_some(if changed { 2 } else { 1 });
        for assignment in std::iter::once(hire.assignment).chain(hire.more) {
            self.assign(staff, &Assignment { employment, ..assignment }, hire.certified)?;
        }
        if has_employment {
            let again = due.is_some_and(|(fault, number)| fault == StaffFault::NaturalTwice && number.is_multiple_of(2));
            self.employ(&hire.contract, hire.contract_fte, again)?;
        }
        if post.is_certificated() {
            hire.ailing.revoked |= self.license(staff, &post, begin, due)?;
        }
        let holder = Holder { staff, post, begin, ailing: hire.ailing };
        if waits {
            self.halves.extend(school.map(|school| (holder, school, hire.contract)));
        }
        if self.dice.chance(0.07) {
            self.leaver(&post, school)?;
        }
        Ok(holder)
    }

    /// Plants a fault of a hire, except in its credential, and records the findings that follow.
    fn plant(&mut self, fault: StaffFault, number: u32, hire: &mut Hire) -> io::Result<()> {
        let (plan, day) = (self.plan, self.plan.day);
        let year = plan.year.0;
        let Hire { staff, district, post, school, .. } = *hire;
        let id = hire.assignment_id(year);
        let neighbour = self.neighbour(school);
        let mut note = |rule, subject: String| self.answers.note(rule, subject);
        match fault {
            StaffFault::NoCredential | StaffFault::NotValid => {
                (hire.ailing.subject, hire.ailing.population, hire.certified) = (true, true, false);
                note(if fault == StaffFault::NoCredential { "CRT-001" } else { "CRT-002" }, id);
            }
            StaffFault::OutOfField => (hire.ailing.subject, hire.ailing.population) = (true, !number.is_multiple_of(3)),
            StaffFault::WrongGrades => hire.ailing.grades = true,
            StaffFault::WrongPopulation => hire.ailing.population = true,
            StaffFault::Emergency => hire.certified = false,
            StaffFault::Revoked => {
                hire.ailing.revoked = true;
                note("CRT-012", id);
            }
            StaffFault::OverAllocated => {
                let extra = Post { fte: if number.is_multiple_of(2) { FULL / 2 } else { FULL / 5 }, ..post };
                hire.more.push(hire.assignment.also(2, extra, neighbour).secondary());
                note("FTE-001", staff.to_string());
                note("FTE-005", staff.to_string());
            }
            StaffFault::ThreeJobs => {
                let extra = Post { fte: 7 * FULL / 10, ..post };
                hire.more.push(hire.assignment.also(2, extra, neighbour).secondary());
                hire.more.push(hire.assignment.also(3, extra, None).secondary());
                self.note_overwork(staff);
            }
            StaffFault::FteOutOfRange => {
                // A wrong decimal point also exceeds what a person can do; a negative value could leave a school without
                // teachers, so teachers do not get it.
                let fte = match number % 3 {
                    0 => 10 * FULL,
                    1 if !post.teaches => -FULL / 2,
                    _ => FULL + 400,
                };
                hire.assignment.fte = Some(fte);
                note("FTE-003", id);
                if fte < 0 && hire.contract.hired.plus(30) <= day {
                    note("FTE-006", staff.to_string());
                }
                if fte > FULL + 400 {
                    self.note_overwork(staff);
                }
            }
            StaffFault::NoFte => {
                hire.assignment.fte = if number.is_multiple_of(2) { None } else { Some(0) };
                hire.contract_fte = None;
                note("FTE-004", id);
            }
            StaffFault::ContractShort => {
                hire.contract_fte = Some(FULL * 4 / 5);
                note("FTE-005", staff.to_string());
            }
            StaffFault::ContractLong => {
                hire.contract_fte = Some(FULL * 5 / 4);
                note("FTE-006", staff.to_string());
            }
            StaffFault::NoEmployment => note("FTE-007", id),
            StaffFault::StillTeaching => {
                let end = Some(day.plus(-5));
                (hire.assignment.end, hire.contract.end, hire.ailing.left) = (end, end, true);
            }
            StaffFault::TwoPrimaries => {
                hire.assignment.fte = Some(FULL / 2);
                hire.more.push(hire.assignment.also(2, post.half(), neighbour));
                note("FTE-019", staff.to_string());
            }
            StaffFault::AssignmentTwice | StaffFault::AssignmentOverlap => {
                hire.assignment.fte = Some(FULL / 2);
                let mut again = hire.assignment.also(2, post.half(), school).secondary();
                let subject = format!("{staff}|{}|{}", school.map_or(0, school_id), post.role);
                if fault == StaffFault::AssignmentTwice {
                    note("DUP-005", format!("staff_assignment|{subject}|{}", again.begin));
                } else {
                    again.begin = again.begin.plus(20);
                }
                note("DUP-006", subject);
                hire.more.push(again);
            }
            StaffFault::OrphanAssignment => {
                // Last year's and without a credential, so that no other rule fires.
                let (begin, year) = (august(year - 1), year - 1);
                let orphan = Assignment { employment: None, begin, year, ..hire.assignment.also(8, CLERK, school) };
                note("FTE-009", format!("{staff}9-{:02}-8", year % 100));
                self.assign(staff * 10 + 9, &orphan, true)?;
            }
            StaffFault::SharedStateId => {
                let other = self.people.draw(plan.year, &mut self.dice);
                self.enter(&other, 0, true, Some(staff), None)?;
                self.answers.note("DUP-001", state_staff_id(staff));
            }
            StaffFault::SamePersonTwice => {
                let again = match number % 2 {
                    0 => hire.person.clone(),
                    _ => hire.person.in_capitals(),
                };
                let again = self.enter(&again, district, true, None, None)?;
                self.answers.note("DUP-002", format!("dup:{staff}+{again}"));
            }
            StaffFault::AlmostSamePerson => {
                let almost = self.people.almost(&hire.person, number);
                let again = self.enter(&almost, district, true, None, None)?;
                self.answers.note("DUP-003", format!("{staff}|{again}"));
            }
            StaffFault::SharedLogin => {
                let other = self.people.draw(plan.year, &mut self.dice);
                let other = self.enter(&other, 0, true, None, Some(staff))?;
                self.answers.note("DUP-004", format!("dup:{staff}+{other}"));
            }
            StaffFault::SuffixInName => note("DUP-009", staff.to_string()),
            // In the credential, or in the employment as it is written.
            StaffFault::EndsSoon
            | StaffFault::ImpossibleDates
            | StaffFault::UnknownCode
            | StaffFault::UnknownId
            | StaffFault::RenewedLate
            | StaffFault::SharedNumber
            | StaffFault::IncompleteCard
            | StaffFault::NoAuthorization
            | StaffFault::OrphanCredential
            | StaffFault::NaturalTwice => {}
        }
        Ok(())
    }

    /// Records the findings about a person with more work than two people can do.
    fn note_overwork(&mut self, staff: u32) {
        for rule in ["FTE-001", "FTE-002", "FTE-005"] {
            self.answers.note(rule, staff.to_string());
        }
    }

    /// A person who held such a post last year and has left.
    fn leaver(&mut self, post: &Post, school: Option<u32>) -> io::Result<()> {
        let mut person = self.people.draw(self.plan.year, &mut self.dice);
        person.experience = person.experience.max(1);
        let staff = self.enter(&person, 1, false, None, None)?;
        let year = self.plan.year.0 - 1;
        let mut gone = self.current(1, Post { fte: FULL, ..*post }, school, august(year));
        (gone.year, gone.employment) = (year, Some(1));
        self.assign(staff, &gone, true)?;
        let end = Some(self.plan.year.begin());
        self.employ(&Contract { staff, hired: august(year).plus(-3), returning: false, end }, Some(FULL), false)?;
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
}

impl Hire {
    /// The id of the first assignment.
    fn assignment_id(&self, year: u16) -> String {
        format!("{}-{:02}-1", self.staff, year % 100)
    }
}
