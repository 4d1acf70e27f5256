//! Assessments, their cut scores and the results of a student.
//!
//! A score is a latent ability (a general and a subject part, both permanent) plus school effect, circumstances and
//! daily variation; the shares are chosen so that scores on two days correlate at about 0.85 and scores in two subjects
//! at about 0.75.

use super::dice::Dice;
use super::faults::RowFault;
use super::participation::Participation;
use super::programs::{self, Arms};
use super::schools::{GRADES, Plan, day_of, school_day, school_id};
use super::sheet::Sheets;
use super::students::{Enrollment, StatusKind, Student};
use rollcall_model::date::{Date, SchoolYear};
use std::io::{self, Write};

/// Mean and standard deviation of the state test's ELA score scale; grades 3 to 8 and 11 are tested.
const SUMMATIVE: [Option<(i32, i32)>; 13] = [
    None,
    None,
    None,
    Some((2426, 88)),
    Some((2463, 92)),
    Some((2495, 95)),
    Some((2519, 96)),
    Some((2540, 98)),
    Some((2556, 99)),
    None,
    None,
    Some((2587, 108)),
    None,
];
/// The same for the fall interim test, and the average gain until winter and until spring.
const INTERIM: [Option<(i32, i32, i32)>; 13] = [
    Some((140, 11, 9)),
    Some((158, 12, 9)),
    Some((174, 14, 8)),
    Some((187, 15, 7)),
    Some((197, 15, 5)),
    Some((205, 16, 4)),
    Some((211, 16, 3)),
    Some((215, 16, 3)),
    Some((219, 17, 2)),
    None,
    None,
    None,
    None,
];

/// An assessment.
pub(super) struct Assessment {
    id: String,
    family: &'static str,
    title: String,
    /// 0 for ELA, 1 for math, 2 for science.
    pub(super) subject: usize,
    /// Whether it is a state assessment with required participation.
    pub(super) summative: bool,
    period: &'static str,
    /// The year, as an index into [`Plan::terms`].
    pub(super) term: usize,
    year: SchoolYear,
    pub(super) window: (Date, Date),
    pub(super) score: (i32, i32),
    /// Mean and standard deviation by grade; `None` if the grade is not tested.
    pub(super) scale: [Option<(i32, i32)>; 13],
}

impl Assessment {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Whether it is this year's state assessment and its window is over, so that missing records are findings.
    pub(super) fn is_over(&self, plan: &Plan) -> bool {
        self.summative && self.year == plan.year && self.window.1 <= plan.day
    }

    /// The lowest score of levels 1 to 4 in a tested grade.
    pub(super) fn cuts(&self, grade: u8) -> Option<[i32; 4]> {
        let (mean, sd) = self.scale[grade as usize]?;
        Some([self.score.0, mean - sd * 60 / 100, mean + sd * 20 / 100, mean + sd * 110 / 100])
    }
}

/// One result.
#[derive(Clone)]
pub(super) struct TestResult {
    pub(super) assessment: usize,
    pub(super) school: u32,
    pub(super) year: SchoolYear,
    pub(super) grade: u8,
    pub(super) date: Date,
    pub(super) participation: &'static str,
    pub(super) score: Option<i32>,
    /// Level 1 to 4; 0 for none.
    pub(super) level: usize,
    pub(super) accommodations: &'static str,
    /// Whether it is entered again under another id.
    pub(super) again: bool,
    pub(super) spoil: RowFault,
}

/// The assessments given until the day of the extract, by year and then by window.
pub(super) fn assessments(plan: &Plan) -> Vec<Assessment> {
    let mut list = Vec::new();
    for (term, of) in plan.terms.iter().enumerate() {
        let year = of.year;
        let spring = i32::from(year.0);
        // Grade 3 also has a beginning-of-grade test, as in North Carolina.
        let third = |grade: usize| if grade == 3 { Some((2390, 86)) } else { None };
        list.push(Assessment {
            id: format!("BOG-{spring}-ELA"),
            family: "State Beginning of Grade",
            title: "State Summative Assessment, Reading, Beginning of Grade 3".to_owned(),
            subject: 0,
            summative: true,
            period: "fall",
            term,
            year,
            window: (day_of(spring - 1, 8, 27), day_of(spring - 1, 9, 12)),
            score: (2000, 3000),
            scale: std::array::from_fn(third),
        });
        let windows = [
            ("boy", "BOY", 0, (day_of(spring - 1, 8, 25), day_of(spring - 1, 9, 27))),
            ("moy", "MOY", 1, (day_of(spring, 1, 8), day_of(spring, 2, 7))),
            ("eoy", "EOY", 2, (day_of(spring, 4, 22), day_of(spring, 5, 22))),
        ];
        // Winter tests of earlier years are not kept, and none from two years ago.
        for (period, label, gained, window) in windows.into_iter().filter(|of| term == 2 || term == 1 && of.0 != "moy") {
            for (subject, code, name) in [(0, "ELA", "English Language Arts"), (1, "MATH", "Mathematics")] {
                list.push(Assessment {
                    id: format!("INT-{spring}-{code}-{label}"),
                    family: "District Interim",
                    title: format!("District Interim Assessment, {name}"),
                    subject,
                    summative: false,
                    period,
                    term,
                    year,
                    window,
                    score: (100, 320),
                    scale: INTERIM.map(|of| of.map(|(mean, sd, gain)| (mean + gain * gained + [0, 2][subject], sd))),
                });
            }
        }
        for (subject, code, name) in [(0, "ELA", "English Language Arts"), (1, "MATH", "Mathematics"), (2, "SCI", "Science")]
        {
            let tested = |grade: usize| subject < 2 || matches!(grade, 5 | 8 | 11);
            let scale = |grade: usize| SUMMATIVE[grade].map(|(mean, sd)| (mean - [0, 12, 8][subject], sd));
            list.push(Assessment {
                id: format!("SUM-{spring}-{code}"),
                family: "State Summative",
                title: format!("State Summative Assessment, {name}"),
                subject,
                summative: true,
                period: "spring",
                term,
                year,
                window: (day_of(spring, 4, 7), day_of(spring, 5, 17)),
                score: (2000, 3000),
                scale: std::array::from_fn(|grade| if tested(grade) { scale(grade) } else { None }),
            });
        }
    }
    list.retain(|assessment| assessment.window.0 <= plan.day);
    list
}

/// Writes the assessments and their cut scores.
pub(super) fn write_assessments<W: Write>(list: &[Assessment], sheets: &mut Sheets<W>) -> io::Result<()> {
    for assessment in list {
        let tested: Vec<u8> = (0..13).filter(|&grade| assessment.scale[grade as usize].is_some()).collect();
        let grades: Vec<&str> = tested.iter().map(|&grade| GRADES[grade as usize]).collect();
        let row = &mut sheets.assessment;
        row.text(&assessment.id).text(assessment.family);
        row.text(&assessment.title).text(["ela", "math", "science"][assessment.subject]);
        row.text(if assessment.summative { "state_summative" } else { "interim" })
            .text(assessment.period)
            .show(assessment.year.0);
        row.date(assessment.window.0).date(assessment.window.1).text(&grades.join(";"));
        row.show(assessment.score.0).show(assessment.score.1).text("scale").flag(assessment.summative).end()?;
        for grade in tested {
            let Some(cuts) = assessment.cuts(grade) else { continue };
            for (level, cut) in cuts.iter().enumerate() {
                let top = if level < 3 { cuts[level + 1] - 1 } else { assessment.score.1 };
                let row = &mut sheets.assessment_cut;
                row.text(&assessment.id).text(GRADES[grade as usize]).show(format_args!("L{}", level + 1)).show(level + 1);
                row.show(cut).show(top).flag(level >= 2).end()?;
            }
        }
    }
    Ok(())
}

/// Shared state for the results of all students.
pub(super) struct Testing<'a> {
    pub(super) plan: &'a Plan,
    pub(super) list: &'a [Assessment],
    pub(super) arms: Arms,
    /// Expected and tested students so far; absences must leave every group at 95%.
    pub(super) participation: Participation,
}

/// Generates the results of one student according to the enrollments, and the programs that follow from them. `groups`
/// returns the groups of the student on a day.
pub(super) fn results(
    testing: &mut Testing<'_>,
    student: &Student,
    enrollments: &[Enrollment],
    groups: impl Fn(Date) -> [u8; 12],
    dice: &mut Dice,
    results: &mut Vec<TestResult>,
) -> Vec<programs::Participation> {
    results.clear();
    let (plan, list) = (testing.plan, testing.list);
    let mut parts: Vec<programs::Participation> = Vec::new();
    let has = |kind: StatusKind| student.has(kind);
    // The effect of the circumstances; the constant brings the mean of all students back to about zero.
    let mut circumstances = 0.45;
    for (kind, gap) in
        [(StatusKind::Frl, 0.5), (StatusKind::EnglishLearner, 0.7), (StatusKind::Iep, 0.95), (StatusKind::Homeless, 0.2)]
    {
        if has(kind) {
            circumstances -= gap;
        }
    }
    let abilities = [0.30 * dice.normal(), 0.30 * dice.normal(), 0.30 * dice.normal()];
    let reading = if student.female { 0.1 } else { -0.1 };
    for (index, assessment) in list.iter().enumerate() {
        let window = assessment.window;
        // The school on the first day of the window administers the test; without one, the school entered next.
        let within = |row: &&Enrollment| {
            let over = window.1.min(plan.day.plus(1));
            row.year == assessment.year && row.entry < over && row.exit.is_none_or(|exit| exit > window.0.max(row.entry))
        };
        let Some(there) = enrollments.iter().find(within) else { continue };
        let Some((mean, sd)) = assessment.scale[there.grade as usize] else { continue };
        let first = window.0.max(there.entry);
        let over = window.1.min(plan.day.plus(1)).min(there.exit.unwrap_or(window.1));
        let date = school_day(first.plus(dice.between(0, over.since(first) - 1)), over.plus(-1)).max(first);
        let mut result = TestResult {
            assessment: index,
            school: there.school,
            year: assessment.year,
            grade: there.grade,
            date,
            participation: "tested",
            score: None,
            level: 0,
            accommodations: "",
            again: false,
            spoil: RowFault::Nothing,
        };
        let mut tested = dice.chance(if assessment.summative { 0.94 } else { 0.96 });
        if assessment.summative && first == window.0 {
            let groups = groups(window.0);
            tested |= !testing.participation.may_miss(index, there.school, &groups);
            testing.participation.count(index, there.school, &groups, tested);
        }
        if tested {
            let mut z =
                circumstances + plan.schools[there.school as usize].effect + student.ability + abilities[assessment.subject];
            z += 0.36 * dice.normal() + if assessment.subject == 0 { reading } else { 0.0 };
            let helped = parts.iter().any(|part| part.treated && part.subject == assessment.subject);
            if helped && assessment.term == 1 {
                z += programs::EFFECT;
            }
            let score = (mean + (f64::from(sd) * z).round() as i32).clamp(assessment.score.0, assessment.score.1);
            result.score = Some(score);
            result.level = assessment.cuts(there.grade).map_or(0, |cuts| cuts.iter().filter(|&&cut| cut <= score).count());
            result.accommodations = match (has(StatusKind::Iep), has(StatusKind::EnglishLearner)) {
                (true, _) => dice.pick(&["extended_time", "extended_time;small_group", "text_to_speech", ""]),
                (_, true) => dice.pick(&["word_to_word_dictionary", "", ""]),
                _ => "",
            };
            if assessment.period == "boy" {
                let who = (there.grade, there.school);
                let placed = testing.arms.place(plan, (assessment.subject, assessment.term), who, (score, z), dice);
                // No placement after the student has left the school.
                parts.extend(placed.filter(|part| there.exit.is_none_or(|exit| part.begin < exit)).map(|mut part| {
                    part.end = part.end.or(there.exit.filter(|_| part.term == 2));
                    part
                }));
            }
        } else {
            result.participation = dice.weighted(&[("absent", 60), ("medical", 15), ("refused_parent", 25)]);
        }
        results.push(result);
    }
    parts
}

/// The key of a result.
pub(super) fn result_key(list: &[Assessment], student: &Student, result: &TestResult) -> String {
    format!("{}-{}", student.id, list[result.assessment].id)
}

/// Writes one result.
pub(super) fn write_result<W: Write>(
    list: &[Assessment],
    student: &Student,
    result: &TestResult,
    sheets: &mut Sheets<W>,
) -> io::Result<()> {
    let assessment = &list[result.assessment];
    let spoil = result.spoil;
    for copy in 0..if spoil == RowFault::Twice || result.again { 2 } else { 1 } {
        let row = &mut sheets.assessment_result;
        let again = if result.again && copy == 1 { "-B" } else { "" };
        row.show(format_args!("{}-{}{again}", student.id, assessment.id));
        match spoil {
            // A key with one digit too many.
            RowFault::UnknownId => row.show(format_args!("{}9", student.id)),
            _ => row.show(student.id),
        };
        match spoil {
            RowFault::Orphan => row.show(format_args!("{}-X", assessment.id)),
            _ => row.text(&assessment.id),
        };
        row.show(school_id(result.school));
        match spoil {
            RowFault::Missing(1) => row.none(1),
            _ => row.show(result.year.0),
        };
        match spoil {
            RowFault::Unreadable => row.show(format_args!("{}-02-30", result.date.to_ymd().0)),
            _ => row.date(result.date),
        };
        row.text(GRADES[result.grade as usize]);
        match spoil {
            RowFault::Missing(0) => row.none(1),
            RowFault::UnknownCode => row.text("P77"),
            _ => row.text(result.participation),
        };
        match result.score {
            Some(score) => {
                row.show(score).text("scale");
                match result.level {
                    0 => row.none(1),
                    level => row.text(["L1", "L2", "L3", "L4"][level - 1]),
                };
                row.flag((result.level > 2) != (spoil == RowFault::Contradiction))
                    .flag(false)
                    .show(if assessment.summative { 24 + copy } else { 3 + copy });
            }
            None => {
                row.none(4).flag(false).maybe((copy > 0).then_some(copy));
            }
        }
        row.text(result.accommodations).end()?;
    }
    Ok(())
}
