//! Tests during the year: assessments are announced when their window opens, every student is invited on a day in the
//! window, and results arrive some days later. Every student has a record for the state tests when the window closes,
//! and absences are rare enough that at least 95% of every group are tested.

use super::rows::View;
use super::{Rows, Task, Year, in_memory, is_member, rank};
use crate::faults::Answers;
use crate::participation::{self, Participation};
use crate::programs;
use crate::schools::{day_of, school_day, school_id};
use crate::sheet::Sheets;
use crate::students::StatusKind;
use crate::testing::{Assessment, write_assessments};
use rollcall_model::Table;
use rollcall_model::date::Date;
use std::io;

/// A test that a student is to take.
#[derive(Clone)]
pub(super) struct Sitting {
    student: String,
    assessment: usize,
    date: Date,
    tested: bool,
}

impl Year<'_> {
    /// Prepares the rows of this year's assessments, and determines who can still take a makeup test.
    pub(super) fn prepare_tests(&mut self) -> io::Result<()> {
        let mut rows = Rows::default();
        let files = in_memory(|open| {
            let mut sheets = Sheets::open(open)?;
            write_assessments(self.list, &mut sheets)?;
            sheets.close().map(drop)
        })?;
        for table in [Table::Assessment, Table::AssessmentCut] {
            rows.read(table, &files[&table])?;
        }
        for (index, assessment) in self.list.iter().enumerate() {
            if self.rows.get(Table::Assessment, assessment.id()).is_some() {
                continue;
            }
            let cuts = rows.of(Table::AssessmentCut, &format!("{}/", assessment.id())).map(|view| view.key.to_owned());
            let mut wanted = vec![rows.copy(Table::Assessment, assessment.id())];
            wanted.extend(cuts.map(|key| rows.copy(Table::AssessmentCut, &key)));
            self.tests.push((index, wanted));
        }
        let absent = |view: &View<'_>| view.text("participation") != "tested";
        let results: Vec<(String, String)> = self.rows.of(Table::AssessmentResult, "").filter(absent).map(pair).collect();
        for (student, test) in results {
            let Some(assessment) = self.list.iter().position(|assessment| assessment.id() == test) else { continue };
            let window = self.list[assessment].window;
            let left = window.1.since(self.day.plus(1));
            if !self.list[assessment].summative && left > 0 && self.dice.chance(0.6) {
                let date = school_day(self.day.plus(1 + self.dice.between(0, left - 1)), window.1.plus(-1));
                self.invite_on(Sitting { student, assessment, date, tested: true });
            }
        }
        Ok(())
    }

    /// Opens the windows that begin, and completes those that close.
    pub(super) fn test(&mut self) {
        let opens = |of: &(usize, _)| self.list[of.0].window.0 <= self.day;
        let (open, later) = std::mem::take(&mut self.tests).into_iter().partition(opens);
        self.tests = later;
        for (index, rows) in open {
            rows.into_iter().for_each(|row| self.rows.put(row));
            for student in 1_000_001..self.next.0 {
                self.invite(&student.to_string(), index);
            }
        }
        self.place();
    }

    /// Invites a new student to the ongoing tests.
    pub(super) fn invite_newcomer(&mut self, student: &str) {
        for (index, assessment) in self.list.iter().enumerate() {
            let (begin, end) = assessment.window;
            let announced = self.rows.get(Table::Assessment, assessment.id()).is_some();
            if announced && begin <= self.day && self.day.plus(1) < end {
                self.invite(student, index);
            }
        }
    }

    /// The primary enrollment that determines a student's test.
    fn expected(&self, student: &str, assessment: &Assessment) -> Option<View<'_>> {
        let view = self.enrollment(student, assessment.window.0)?;
        let grade = rank(view.text("grade_level"))?;
        assessment.scale[grade].map(|_| view)
    }

    fn invite(&mut self, student: &str, index: usize) -> Option<()> {
        let assessment = &self.list[index];
        let window = assessment.window;
        let expected = self.expected(student, assessment);
        let view = expected.or_else(|| self.enrollment(student, self.day))?;
        assessment.scale[rank(view.text("grade_level"))?]?;
        let due = expected.is_some() && assessment.summative;
        let school = view.text("school_id").parse::<u32>().ok()? - school_id(0);
        let first = window.0.max(view.date("entry_date")?);
        let drawn = first.plus(self.dice.between(0, window.1.since(first) - 1));
        let date = school_day(drawn, window.1.plus(-1)).max(first);
        let mut tested = self.dice.chance(if assessment.summative { 0.94 } else { 0.96 });
        let late =
            due && self.planter.as_mut().is_some_and(|planter| planter.is_late(index, window.1, &self.days[self.index..]));
        if due {
            let groups = self.groups(student, window.0);
            tested |= late || !self.invited.may_miss(index, school, &groups);
            self.invited.count(index, school, &groups, tested);
        }
        let sitting = Sitting { student: student.to_owned(), assessment: index, date, tested };
        match late {
            true => self.come_late(sitting),
            false => self.invite_on(sitting),
        }
        Some(())
    }

    /// A result arrives some days after the test, and before the window closes.
    fn invite_on(&mut self, sitting: Sitting) {
        let over = self.list[sitting.assessment].window.1;
        let last = (1..8).map(|back| over.plus(-back)).find(|day| day.weekday() < 6).unwrap_or(over);
        let arrives = sitting.date.max(self.day).plus(self.dice.between(1, 4)).min(last);
        if let Some(index) = self.index_of(arrives) {
            self.due.entry(index.max(self.index + 1)).or_default().push(Task::Test(sitting));
        }
    }

    /// A result arrives after the window has closed: a fault.
    fn come_late(&mut self, sitting: Sitting) {
        let over = self.list[sitting.assessment].window.1;
        let arrives = over.plus(self.dice.between(2, 9));
        let arrives = self.index_of(arrives);
        let subject = format!("{}|{}", sitting.student, self.list[sitting.assessment].id());
        let closed = arrives.map(|index| self.days[index]);
        self.reserved.insert(sitting.student.clone());
        self.note("ASM-009", subject, over, closed);
        if let Some(index) = arrives {
            self.due.entry(index).or_default().push(Task::Test(sitting));
        }
    }

    /// The groups that a student counts in on a day.
    fn groups(&self, student: &str, on: Date) -> [u8; 12] {
        let Some(view) = self.rows.get(Table::Student, student) else { return [0; 12] };
        let race = match view.text("race") {
            _ if view.text("is_hispanic") == "true" => "hispanic",
            "" => "unknown",
            races if races.contains(';') => "two_or_more",
            race => race,
        };
        let has = |kind: StatusKind| {
            let of = self.rows.of(Table::StudentStatus, &format!("{student}-{}-", kind.code()));
            let counts = |view: &View<'_>| {
                let value = view.text("status_value");
                let yes = match kind {
                    StatusKind::Frl => ["free", "reduced", "direct_cert"].contains(&value),
                    StatusKind::EnglishLearner => value == "el_current",
                    _ => value == "yes",
                };
                yes && view.holds("begin_date", "end_date", on)
            };
            of.into_iter().any(|view| counts(&view))
        };
        participation::groups(race, view.text("sex"), has)
    }

    /// Enters the result of a test.
    pub(super) fn sit(&mut self, sitting: Sitting) {
        // Nobody leaves on the day of a test.
        self.touched.insert(sitting.student.clone());
        let list = self.list;
        let assessment = &list[sitting.assessment];
        let student = &sitting.student;
        let there = self.enrollment(student, sitting.date).map(|view| (view, sitting.date));
        // A student who has left since was tested before.
        let before = || {
            let view = self.expected(student, assessment).filter(|_| assessment.summative)?;
            let exit = view.date("exit_date")?;
            Some((view, sitting.date.min(exit.plus(-1)).max(assessment.window.0)))
        };
        let Some((view, date)) = there.or_else(before) else { return };
        let (grade, school) = (view.text("grade_level").to_owned(), view.text("school_id").to_owned());
        let Some((mean, sd)) = rank(&grade).and_then(|grade| assessment.scale[grade]) else { return };
        let key = format!("{student}-{}", assessment.id());
        let known = self.ability(student, assessment.subject);
        let z = known.unwrap_or_else(|| self.dice.normal()) * 0.85 + 0.5 * self.dice.normal();
        let score = sitting.tested.then(|| mean + (f64::from(sd) * z).round() as i32);
        let reason = self.dice.weighted(&[("absent", 60), ("medical", 15), ("refused_parent", 25)]);
        let year = self.plan.year.0.to_string();
        let cells: [(&str, &str); 9] = [
            ("result_id", &key),
            ("student_id", student),
            ("assessment_id", assessment.id()),
            ("school_id", &school),
            ("school_year", &year),
            ("administration_date", &date.to_string()),
            ("grade_level", &grade),
            ("participation", if sitting.tested { "tested" } else { reason }),
            ("is_retest", "false"),
        ];
        let key = self.rows.set(Table::AssessmentResult, "", &cells);
        if let Some(score) = score {
            self.score(&key, score);
        }
        if let Some(planter) = &mut self.planter {
            planter.came(sitting.assessment);
        }
    }

    /// Enters a score with its level and proficiency.
    fn score(&mut self, result: &str, score: i32) -> Option<()> {
        let view = self.rows.get(Table::AssessmentResult, result)?;
        let assessment = self.list.iter().find(|assessment| assessment.id() == view.text("assessment_id"))?;
        let score = score.clamp(assessment.score.0, assessment.score.1);
        let level = assessment.cuts(rank(view.text("grade_level"))? as u8)?.iter().filter(|&&cut| cut <= score).count();
        let cells: [(&str, &str); 5] = [
            ("score", &score.to_string()),
            ("score_type", "scale"),
            ("level_code", &format!("L{level}")),
            ("is_proficient", if level > 2 { "true" } else { "false" }),
            ("standard_error", if assessment.summative { "24" } else { "3" }),
        ];
        self.rows.set(Table::AssessmentResult, result, &cells);
        Some(())
    }

    /// A small correction of a score.
    pub(super) fn correct_score(&mut self, student: &str) -> Option<()> {
        let of = self.rows.of(Table::AssessmentResult, &format!("{student}-"));
        let scored = of.filter_map(|view| Some((view.key.to_owned(), view.text("score").parse::<i32>().ok()?)));
        let scored: Vec<(String, i32)> = scored.collect();
        let (key, score) = scored.get(self.dice.below(scored.len() as u32) as usize)?;
        let off = self.dice.between(1, 6) as i32;
        self.score(key, score + off)
    }

    /// The last result of a student in a subject, in standard deviations.
    fn ability(&self, student: &str, subject: usize) -> Option<f64> {
        let of = self.rows.of(Table::AssessmentResult, &format!("{student}-"));
        let z = |view: View<'_>| {
            let assessment = self.list.iter().find(|assessment| assessment.id() == view.text("assessment_id"))?;
            let (mean, sd) = assessment.scale[rank(view.text("grade_level"))?].filter(|_| assessment.subject == subject)?;
            let score = view.text("score").parse::<f64>().ok()?;
            Some((view.date("administration_date"), (score - f64::from(mean)) / f64::from(sd)))
        };
        of.filter_map(z).max_by_key(|(date, _)| *date).map(|(_, z)| z)
    }

    /// Places students with low fall scores into the programs when these begin.
    fn place(&mut self) {
        let begin = day_of(i32::from(self.plan.year.0) - 1, 11, 17);
        if self.index_of(begin) != Some(self.index) {
            return;
        }
        for (subject, code, (low, high)) in [(0, "ELA", (3, 5)), (1, "MATH", (6, 8))] {
            let test = format!("INT-{}-{code}-BOY", self.plan.year.0);
            for student in 1_000_001..self.next.0 {
                let student = student.to_string();
                let view = self.rows.get(Table::AssessmentResult, &format!("{student}-{test}"));
                let grade = view.and_then(|view| rank(view.text("grade_level")));
                let is_low = self.ability(&student, subject).is_some_and(|z| z < -0.3);
                let placed = is_low && grade.is_some_and(|grade| (low..=high).contains(&grade)) && self.dice.chance(0.45);
                if placed {
                    let days = self.dice.between(1, 6) as usize;
                    self.later(days, Task::Program(student, subject));
                }
            }
        }
    }

    /// A student begins a program, as participant or in the comparison group.
    pub(super) fn begin_program(&mut self, student: &str, subject: usize) -> Option<()> {
        let school = self.enrollment(student, self.day)?.text("school_id").to_owned();
        if self.reserved.contains(student) {
            return None;
        }
        // Nobody leaves on the first day.
        self.touched.insert(student.to_owned());
        let key = self.fresh(Table::ProgramParticipation, &format!("{student}-P"));
        let treated = self.dice.chance(0.5);
        let cells: [(&str, &str); 7] = [
            ("participation_id", &key),
            ("student_id", student),
            ("program_id", &programs::id(subject, self.plan.year)),
            ("school_id", &school),
            ("begin_date", &self.day.to_string()),
            ("arm", if treated { "treatment" } else { "comparison" }),
            ("dosage_minutes", if treated { "0" } else { "" }),
        ];
        self.rows.add(Table::ProgramParticipation, &cells);
        Some(())
    }

    /// The groups of a state test with too few tested students so far.
    pub(super) fn failing(&self, index: usize) -> Vec<String> {
        let assessment = &self.list[index];
        let mut counted = Participation::new(self.plan, self.list);
        for student in 1_000_001..self.next.0 {
            let student = student.to_string();
            let Some(view) = self.expected(&student, assessment) else { continue };
            let Ok(school) = view.text("school_id").parse::<u32>() else { continue };
            let result = self.rows.get(Table::AssessmentResult, &format!("{student}-{}", assessment.id()));
            let tested = result.is_some_and(|view| view.text("participation") == "tested");
            counted.count(index, school - school_id(0), &self.groups(&student, assessment.window.0), tested);
        }
        let mut answers = Answers::default();
        counted.note(self.plan, self.list, &mut answers);
        answers.0.into_iter().map(|planted| planted.subject).collect()
    }
}

/// Student and assessment of a result.
fn pair(view: View<'_>) -> (String, String) {
    (view.text("student_id").to_owned(), view.text("assessment_id").to_owned())
}

/// Whether a student was enrolled at all on a day.
pub(super) fn was_there(year: &Year<'_>, student: &str, day: Date) -> bool {
    year.rows.of(Table::SchoolEnrollment, &format!("{student}-")).any(|view| is_member(&view, day))
}
