//! Assessments, their cut scores and the results of a student.
//!
//! A score is a latent ability (a general and a subject part, which stay with the student) plus the school,
//! plus the student's circumstances, plus what the day brought; the shares are chosen so that scores of two
//! days correlate at about 0.85 and scores of two subjects at about 0.75.

use super::dice::Dice;
use super::faults::Spoil;
use super::people::{Enrollment, StatusKind, Student};
use super::schools::{GRADES, Plan, day_of, school_day, school_id};
use super::sheet::Sheets;
use crate::model::date::{Date, SchoolYear};
use std::io::{self, Write};

/// Mean and standard deviation of the state test's ELA scale; grades 03 to 08 and 11 are tested.
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
/// The same of the interim test in autumn, and what a student gains until winter.
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
    Some((221, 17, 1)),
    Some((224, 18, 1)),
    None,
    None,
];

/// An assessment.
pub(super) struct Assessment {
    id: String,
    title: String,
    /// 0 for ELA, 1 for math.
    subject: usize,
    summative: bool,
    period: &'static str,
    year: SchoolYear,
    window: (Date, Date),
    pub(super) score: (i32, i32),
    /// Mean and standard deviation by grade; none where the grade is not tested.
    scale: [Option<(i32, i32)>; 13],
}

impl Assessment {
    /// The lowest score of levels 1 to 4 in a tested grade.
    fn cuts(&self, grade: u8) -> Option<[i32; 4]> {
        let (mean, sd) = self.scale[grade as usize]?;
        Some([self.score.0, mean - sd * 60 / 100, mean + sd * 20 / 100, mean + sd * 110 / 100])
    }
}

/// One result.
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
    pub(super) spoil: Spoil,
}

/// The assessments given until the day of the extract.
pub(super) fn assessments(plan: &Plan) -> Vec<Assessment> {
    let mut list = Vec::new();
    let (year, before) = (plan.year, plan.previous());
    let autumn = i32::from(before.0);
    for (subject, code, name) in [(0, "ELA", "English Language Arts"), (1, "MATH", "Mathematics")] {
        let shift = |summative: i32| if subject == 0 { 0 } else { summative };
        list.push(Assessment {
            id: format!("SUM-{}-{code}", before.0),
            title: format!("State Summative Assessment, {name}"),
            subject,
            summative: true,
            period: "spring",
            year: before,
            window: (day_of(autumn, 4, 7), day_of(autumn, 5, 17)),
            score: (2000, 3000),
            scale: SUMMATIVE.map(|grade| grade.map(|(mean, sd)| (mean + shift(-12), sd))),
        });
        for (period, label, gained, window) in [
            ("boy", "BOY", 0, (day_of(autumn, 8, 25), day_of(autumn, 9, 27))),
            ("moy", "MOY", 1, (day_of(autumn + 1, 1, 8), day_of(autumn + 1, 2, 7))),
        ] {
            list.push(Assessment {
                id: format!("INT-{}-{code}-{label}", year.0),
                title: format!("District Interim Assessment, {name}"),
                subject,
                summative: false,
                period,
                year,
                window,
                score: (100, 320),
                scale: INTERIM.map(|grade| grade.map(|(mean, sd, gain)| (mean + gain * gained + shift(2), sd))),
            });
        }
    }
    list.retain(|assessment| assessment.window.0 <= plan.day);
    list
}

/// Writes the assessments and their cuts.
pub(super) fn write_assessments<W: Write>(list: &[Assessment], sheets: &mut Sheets<W>) -> io::Result<()> {
    for assessment in list {
        let tested: Vec<u8> = (0..13).filter(|&grade| assessment.scale[grade as usize].is_some()).collect();
        let grades: Vec<&str> = tested.iter().map(|&grade| GRADES[grade as usize]).collect();
        let row = &mut sheets.assessment;
        row.text(&assessment.id).text(if assessment.summative { "State Summative" } else { "District Interim" });
        row.text(&assessment.title).text(["ela", "math"][assessment.subject]);
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

/// The results of one student, who was where the enrollments say.
pub(super) fn results(
    plan: &Plan,
    list: &[Assessment],
    student: &Student,
    enrollments: &[Enrollment],
    dice: &mut Dice,
    results: &mut Vec<TestResult>,
) {
    results.clear();
    let has = |kind: StatusKind| student.has(kind);
    // What the circumstances take away; the constant brings the mean of all students back to about zero.
    let mut circumstances = 0.45;
    for (kind, gap) in
        [(StatusKind::Frl, 0.5), (StatusKind::EnglishLearner, 0.7), (StatusKind::Iep, 0.95), (StatusKind::Homeless, 0.2)]
    {
        if has(kind) {
            circumstances -= gap;
        }
    }
    let abilities = [0.30 * dice.normal(), 0.30 * dice.normal()];
    let reading = if student.female { 0.1 } else { -0.1 };
    for (index, assessment) in list.iter().enumerate() {
        let span = assessment.window.1.min(plan.day.plus(1)).since(assessment.window.0);
        let last = assessment.window.1.plus(-1).min(plan.day);
        let date = school_day(assessment.window.0.plus(dice.between(0, span - 1)), last);
        let there = enrollments
            .iter()
            .find(|row| row.year == assessment.year && row.entry <= date && row.exit.is_none_or(|exit| date < exit));
        let Some(there) = there else { continue };
        let Some((mean, sd)) = assessment.scale[there.grade as usize] else { continue };
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
            spoil: Spoil::Nothing,
        };
        if dice.chance(0.96) {
            let mut z =
                circumstances + plan.schools[there.school as usize].effect + student.ability + abilities[assessment.subject];
            z += 0.36 * dice.normal() + if assessment.subject == 0 { reading } else { 0.0 };
            let score = (mean + (f64::from(sd) * z).round() as i32).clamp(assessment.score.0, assessment.score.1);
            result.score = Some(score);
            result.level = assessment.cuts(there.grade).map_or(0, |cuts| cuts.iter().filter(|&&cut| cut <= score).count());
            result.accommodations = match (has(StatusKind::Iep), has(StatusKind::EnglishLearner)) {
                (true, _) => dice.pick(&["extended_time", "extended_time;small_group", "text_to_speech", ""]),
                (_, true) => dice.pick(&["word_to_word_dictionary", "", ""]),
                _ => "",
            };
        } else {
            result.participation = dice.weighted(&[("absent", 60), ("medical", 15), ("refused_parent", 25)]);
        }
        results.push(result);
    }
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
    for copy in 0..if spoil == Spoil::Twice { 2 } else { 1 } {
        let row = &mut sheets.assessment_result;
        row.show(format_args!("{}-{}", student.id, assessment.id));
        match spoil {
            // A key typed with one digit too many.
            Spoil::Dangling => row.show(format_args!("{}9", student.id)),
            _ => row.show(student.id),
        };
        row.text(&assessment.id).show(school_id(result.school));
        match spoil {
            Spoil::Missing(1) => row.none(1),
            _ => row.show(result.year.0),
        };
        match spoil {
            Spoil::Unreadable => row.show(format_args!("{}-02-30", result.date.to_ymd().0)),
            _ => row.date(result.date),
        };
        row.text(GRADES[result.grade as usize]);
        match spoil {
            Spoil::Missing(0) => row.none(1),
            Spoil::UnknownCode => row.text("P77"),
            _ => row.text(result.participation),
        };
        match result.score {
            Some(score) => {
                row.show(score).text("scale");
                match result.level {
                    0 => row.none(1),
                    level => row.text(["L1", "L2", "L3", "L4"][level - 1]),
                };
                row.flag(result.level > 2).flag(false).show(if assessment.summative { 24 + copy } else { 3 + copy });
            }
            None => {
                row.none(4).flag(false).maybe((copy > 0).then_some(copy));
            }
        }
        row.text(result.accommodations).end()?;
    }
    Ok(())
}
