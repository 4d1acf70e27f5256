//! The sections of a school and who teaches them.

use super::faults::{Deal, SectionFault};
use super::rosters::{COURSES, Class, SUPPORT, special};
use super::schools::{Course, GRADES, Level, Plan};
use super::staffing::{FULL, HOMEROOM, Holder, KINDERGARTEN, Office, Post, halves};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A section: its class, its course, its period and its teacher, by index into the posts.
pub(super) struct Lesson {
    class: Class,
    course: usize,
    period: Period,
    pub(super) teacher: usize,
    population: &'static str,
}

/// When a section meets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Period {
    AllDay,
    /// Each day in this one.
    Daily(u32),
    /// Once a week, in the specials hour with this index.
    Weekly(usize),
}

/// The first course of a subject in a grade.
fn course(plan: &Plan, subject: &str, grade: u8) -> usize {
    let fits = |course: &Course| course.subject == subject && (course.grades.0..=course.grades.1).contains(&grade);
    plan.courses.iter().position(fits).unwrap_or_default()
}

/// The classes of the grades of a school.
fn classes<W: Write>(office: &Office<'_, W>, school: u32, level: Level, current: bool) -> Vec<(u8, u32)> {
    let (low, high) = level.grades();
    let number = |grade| office.tally.classes.number(office.plan, school, grade, current);
    (low..=high).flat_map(|grade| (0..number(grade)).map(move |class| (grade, class))).collect()
}

/// Homerooms, each with one teacher for all core subjects; art and physical education have other teachers.
pub(super) fn elementary<W: Write>(office: &Office<'_, W>, school: u32, posts: &mut Vec<Post>, lessons: &mut Vec<Lesson>) {
    let (plan, year) = (office.plan, office.plan.year);
    let rooms = classes(office, school, Level::Elementary, true);
    for &(grade, number) in &rooms {
        let teacher = posts.len();
        posts.push(if grade == 0 { KINDERGARTEN } else { HOMEROOM });
        let class = Class { school, year, grade: Some(grade), number, code: "HR" };
        let course = course(plan, "elementary_generalist", grade);
        lessons.push(Lesson { class, course, period: Period::AllDay, teacher, population: "general" });
    }
    for (code, subject, title) in [("ART", "arts", "Teacher, Art"), ("PED", "pe_health", "Teacher, Physical Education")] {
        let rooms: Vec<_> = rooms.iter().filter(|&&(grade, number)| special(grade, number) == code).collect();
        let whole = Post::teacher("teacher_elem", title, subject, 0, 12);
        let first = posts.len();
        let halves = halves(rooms.len() as u32, 24);
        posts.extend(std::iter::repeat_n(whole, halves / 2));
        posts.extend((halves % 2 == 1).then(|| whole.half()));
        for (index, &&(grade, number)) in rooms.iter().enumerate() {
            let class = Class { school, year, grade: Some(grade), number, code };
            let (course, period) = (course(plan, subject, grade), Period::Weekly(index % 24));
            lessons.push(Lesson { class, course, period, teacher: first + index / 24, population: "general" });
        }
    }
}

/// Six lessons per class; a teacher has up to five, in one subject and in different periods.
pub(super) fn secondary<W: Write>(
    office: &Office<'_, W>,
    school: u32,
    level: Level,
    posts: &mut Vec<Post>,
    lessons: &mut Vec<Lesson>,
) {
    let (plan, year) = (office.plan, office.plan.year);
    let electives: &[&str] = match level {
        Level::High => &["world_language", "arts", "computer_science", "cte"],
        _ => &["world_language", "arts", "computer_science"],
    };
    let titles = [
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
    let classes = classes(office, school, level, true);
    for (subject, title) in titles {
        // The teachers of the subject: post, used periods, and number of lessons.
        let mut teachers: Vec<(usize, u32, u32)> = Vec::new();
        for (index, &(grade, number)) in classes.iter().enumerate() {
            let taken =
                [titles[0].0, titles[1].0, titles[2].0, titles[3].0, titles[4].0, electives[index / 3 % electives.len()]];
            let Some(place) = taken.iter().position(|taken| *taken == subject) else { continue };
            // Classes have their courses in rotation, so that no class and no teacher is needed twice at one time.
            let period = ((index + place) % 6) as u32 + 1;
            let free = teachers.iter().position(|&(_, taken, many)| many < 5 && taken >> period & 1 == 0);
            let free = free.unwrap_or_else(|| {
                teachers.push((posts.len(), 0, 0));
                posts.push(Post::teacher("teacher_sec", title, subject, 6, 12));
                teachers.len() - 1
            });
            let (teacher, taken, many) = &mut teachers[free];
            *taken |= 1 << period;
            *many += 1;
            // Every fourth class of the last two years is advanced in the core subjects; its course is the next one in
            // the list.
            let advanced = usize::from(grade > 10 && number % 4 == 3 && place < 4);
            let class = Class { school, year, grade: Some(grade), number, code: COURSES[place] };
            let (course, period) = (course(plan, subject, grade) + advanced, Period::Daily(period));
            lessons.push(Lesson { class, course, period, teacher: *teacher, population: "general" });
        }
        for (teacher, _, many) in teachers {
            if many < 3 {
                posts[teacher] = posts[teacher].half();
            }
        }
    }
}

/// Support classes for students with an IEP and for English learners, by their posts.
pub(super) fn support<W: Write>(office: &Office<'_, W>, school: u32, posts: &[Post], lessons: &mut Vec<Lesson>) {
    let of = [("sped", "special_education"), ("esl_bilingual", "english_learner")];
    for (kind, (subject, population)) in of.into_iter().enumerate() {
        let teachers: Vec<usize> = (0..posts.len()).filter(|&post| posts[post].population == population).collect();
        let course = course(office.plan, subject, 0);
        for number in 0..office.tally.classes.support(school, kind) {
            let class = Class { school, year: office.plan.year, grade: None, number, code: SUPPORT[kind].0 };
            let Some(&teacher) = teachers.get(number as usize % teachers.len().max(1)) else { continue };
            // After the periods in which their teachers help in other classes.
            let period = Period::Daily(7 + number / teachers.len() as u32);
            lessons.push(Lesson { class, course, period, teacher, population });
        }
    }
}

impl<W: Write> Office<'_, W> {
    /// Writes the sections of a school and their teachers.
    pub(super) fn write_sections(
        &mut self,
        level: Level,
        lessons: &[Lesson],
        holders: &[Holder],
        helpers: &[Holder],
    ) -> io::Result<()> {
        let plan = self.plan;
        let mut helping = vec![0u32; helpers.len()];
        // The period of each teacher's first section that no fault affects.
        let mut first: BTreeMap<usize, Option<u32>> = BTreeMap::new();
        for (number, lesson) in lessons.iter().enumerate() {
            let holder = &holders[lesson.teacher];
            let seated = lesson
                .class
                .grade
                .map_or(0, |grade| self.tally.classes.today(lesson.class.school, grade, lesson.class.number));
            let daily = if let Period::Daily(period) = lesson.period { Some(period) } else { None };
            let earlier = first.get(&lesson.teacher).copied().flatten();
            first.entry(lesson.teacher).or_insert(daily);
            let steady = holder.is_sound() && holder.begin < plan.first_day;
            let due = self.section_deal.as_mut().and_then(|deal: &mut Deal<SectionFault>| {
                deal.next(|fault| match fault {
                    SectionFault::SameHour => earlier.is_some() && daily.is_some() && lesson.class.grade.is_some(),
                    SectionFault::NoTeacher => steady && seated >= 3,
                    SectionFault::TooFull => seated >= 8,
                    SectionFault::TeacherTwice => steady,
                })
            });
            let due = due.map(|(fault, _)| fault);
            let section = lesson.class.to_string();
            let course = &plan.courses[lesson.course];
            let mut room = format!("{}{:02}", ["A", "B", "C"][number % 3], lesson.teacher + 1);
            let mut period = lesson.period;
            let mut seats = (number % 2 == 0).then_some(if level == Level::Elementary { 30 } else { 34 });
            match due {
                Some(SectionFault::SameHour) => {
                    let hour = earlier.unwrap_or_default();
                    period = Period::Daily(hour);
                    // Two courses in one room at one time may be combined; in two rooms they cannot.
                    room = "GYM".to_owned();
                    // One finding for all sections of this teacher in that period.
                    first.insert(lesson.teacher, None);
                    let school = super::schools::school_id(lesson.class.school);
                    self.answers.note("FTE-014", format!("{}|{school}|{hour}", holder.staff));
                }
                // A section that is over by now is not at the same time as anything.
                Some(SectionFault::NoTeacher) => drop(first.insert(lesson.teacher, None)),
                Some(SectionFault::TooFull) => {
                    seats = Some(seated / 4);
                    self.answers.note("RAT-004", section.clone());
                }
                _ => {}
            }
            self.write_section(&lesson.class, course, period, &room, lesson.population, seats)?;
            self.sections[lesson.class.school as usize] += 1;

            let begin = holder.begin.max(plan.first_day);
            let gone = due == Some(SectionFault::NoTeacher);
            let end = if gone { plan.day.plus(-3) } else { plan.last_day };
            let row = &mut self.sheets.section_staff;
            let mut teacher = |id: &str, staff: u32, role: &str, begin, end, share| {
                row.show(id).show(staff).text(&section).text(role).flag(role == "teacher_of_record");
                row.date(begin).date(end).fraction(share).end()
            };
            let id = format!("{section}-1");
            teacher(&id, holder.staff, "teacher_of_record", begin, end, FULL)?;
            if gone {
                self.answers.note("ENR-018", section.clone());
            } else {
                holder.note_section(&id, course.subject, lesson.population, self.answers);
            }
            if due == Some(SectionFault::TeacherTwice) {
                teacher(&format!("{section}-3"), holder.staff, "teacher_of_record", begin.plus(14), end, FULL)?;
                self.answers.note("DUP-007", format!("{section}|{}", holder.staff));
            }
            let helped = self.dice.chance(0.1) && lesson.class.grade.is_some();
            let place = number % helpers.len().max(1);
            let Some((helper, helping)) = helpers.get(place).zip(helping.get_mut(place)) else { continue };
            let free = match lesson.period {
                Period::AllDay => true,
                Period::Daily(period) => *helping >> period & 1 == 0,
                Period::Weekly(_) => false,
            };
            if helped && free && due.is_none() && helper.staff != holder.staff {
                *helping |= daily.map_or(0, |period| 1 << period);
                let id = format!("{section}-2");
                teacher(&id, helper.staff, "co_teacher", helper.begin.max(plan.first_day), plan.last_day, FULL / 2)?;
                helper.note_help(&id, self.answers);
            }
        }
        Ok(())
    }

    /// Writes last year's homerooms of a school, with their teachers.
    pub(super) fn write_last_year(&mut self, school: u32, teachers: &[u32]) -> io::Result<()> {
        let (plan, term) = (self.plan, &self.plan.terms[1]);
        let level = plan.schools[school as usize].level;
        for (index, (grade, number)) in classes(self, school, level, false).into_iter().enumerate() {
            let class = Class { school, year: term.year, grade: Some(grade), number, code: "HR" };
            let subject = if level == Level::Elementary { "elementary_generalist" } else { "none" };
            let room = format!("A{:02}", index + 1);
            self.write_section(&class, &plan.courses[course(plan, subject, grade)], Period::AllDay, &room, "general", None)?;
            if !teachers.is_empty() {
                let row = &mut self.sheets.section_staff;
                row.show(format_args!("{class}-1")).show(teachers[index % teachers.len()]).show(class);
                row.text("teacher_of_record").flag(true).date(term.first_day).date(term.last_day).fraction(FULL).end()?;
            }
        }
        Ok(())
    }

    fn write_section(
        &mut self,
        class: &Class,
        course: &Course,
        period: Period,
        room: &str,
        population: &str,
        seats: Option<u32>,
    ) -> io::Result<()> {
        let (year, school) = (class.year.0, super::schools::school_id(class.school));
        let row = &mut self.sheets.section;
        row.show(class).show(format_args!("C-{}", course.code)).show(school).show(year);
        match class.code {
            "ART" | "PED" | "ELC" => row.show(format_args!("{school}-{year}-S1;{school}-{year}-S2")),
            _ => row.show(format_args!("{school}-{year}-FY")),
        };
        match class.grade {
            Some(grade) => row.show(format_args!("{} ({}-{})", course.title, GRADES[grade as usize], class.number + 1)),
            None => row.text(&course.title),
        };
        row.text(match (class.code, class.grade) {
            ("HR", _) => "homeroom",
            (_, None) => "support",
            _ => "scheduled",
        });
        match period {
            Period::AllDay => row.none(1),
            Period::Daily(period) => row.show(period),
            Period::Weekly(hour) => {
                row.show(format_args!("{}{}", ["Mon", "Tue", "Wed", "Thu", "Fri"][hour % 5], hour / 5 + 1))
            }
        };
        row.text(room).text("in_person").text(population).maybe(seats).none(1).flag(true).end()
    }
}
