//! The board: KPIs as last published, and which of them a timestamp changes. It follows the Deltas, adds base grains up to
//! cells as they change, and recomputes only the groups that a timestamp touches: an assessment and year, a program, or a
//! tally of today.
//!
//! A figure that changes with every record discloses a record: from the means of 30 and of 31 students the score of the
//! new one follows. So a figure of students is replaced only when the number of students behind it has changed by the
//! minimum n, or when it must no longer be shown. That leaves out many changes; the current figures are in
//! `reports/analysis_tables`.

use super::opening::Opening;
use crate::current::CurrentRows;
use crate::engine::Delta;
use crate::kpi::headlines::{Reported, WHOLE_DISTRICT};
use crate::kpi::{Figure, Headline, KPIS, Kpi, Published, Tallies, Violated, headlines, is_headline};
use crate::model::subgroup::Subgroup;
use crate::model::{AssessmentId, ProgramId, SchoolYear, Settings, timestamp};
use crate::plan::Output;
use crate::publish::changes::{self, Line, Moved};
use crate::tallies::scores::{BaseGrain, Cell, Measured, Scores};
use crate::tallies::{RunningSums, TallyKind};
use differential_dataflow::difference::{IsZero, Multiply, Semigroup};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// KPI rows that are recomputed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "BoardGroup")] // subgroups are of a Group
pub(super) enum Group {
    Test(AssessmentId, SchoolYear),
    Program(ProgramId),
    Today(TallyKind),
}

impl Group {
    fn of(measured: Measured) -> Group {
        match measured {
            Measured::Test(assessment, year) => Group::Test(assessment, year),
            Measured::Program(program, ..) => Group::Program(program),
        }
    }
}

/// Published rows, by the number of the KPI and their keys in one text: the figures, or none where they must not be shown.
/// Nothing depends on its order.
type Rows = HashMap<(u8, String), Figures>;
/// The figures of a row, or none where they must not be shown.
type Figures = Option<Vec<String>>;
/// A row: the number of the KPI, and its keys.
type RowKey = (u8, Vec<String>);
/// Separates the keys of a row; no id contains it.
const SEPARATOR: char = '\u{1f}';
/// A group is recomputed when one student of so many came or went.
const ONE_OF: i64 = 50;

/// KPIs as last published.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Board {
    published: BTreeMap<Group, Rows>,
    /// Follows from the records, so it is not stored.
    #[serde(skip)]
    cells: BTreeMap<Group, BTreeMap<Cell, Scores>>,
    /// How many students the whole district has in each grade of a group, and in all: those of `cells` that say how large
    /// the group is.
    #[serde(skip)]
    whole: BTreeMap<Group, BTreeMap<Cell, i64>>,
    #[serde(skip)]
    today: RunningSums,
    /// The published rows of the whole district.
    #[serde(skip)]
    headline_rows: BTreeMap<RowKey, Figures>,
    /// In a separate section of a snapshot.
    #[serde(skip)]
    pub opening: Opening,
    /// Groups that were touched since they were recomputed, each with how many students came and went at most.
    touched: BTreeMap<Group, i64>,
}

impl Board {
    /// Applies a Delta.
    pub(crate) fn apply(&mut self, delta: &Delta) {
        for (output, diff) in &delta.updates {
            match output {
                Output::Scores(grain, scores) => self.add(*grain, &scores.multiply(diff)),
                Output::Tally(tally) => {
                    let kind = self.today.apply(tally, *diff);
                    self.touched.insert(Group::Today(kind), i64::MAX);
                }
                Output::Finding(_) | Output::Row(_) => {}
            }
        }
    }

    fn add(&mut self, grain: BaseGrain, scores: &Scores) {
        let group = Group::of(grain.of);
        let touched = self.touched.entry(group).or_default();
        *touched = touched.saturating_add(i64::from(scores.n.abs().max(scores.expected.abs())));
        let cells = self.cells.entry(group).or_default();
        for cell in grain.cells() {
            let schools = if cell.school.is_some() { &[cell.school, None][..] } else { &[None][..] };
            let grades = if cell.grade.is_some() { &[cell.grade, None][..] } else { &[None][..] };
            for (&school, &grade) in schools.iter().flat_map(|school| grades.iter().map(move |grade| (school, grade))) {
                let cell = Cell { school, grade, ..cell };
                let sum = cells.entry(cell).or_default();
                sum.plus_equals(scores);
                if school.is_none() && cell.subgroup == Subgroup::ALL {
                    let students = i64::from(sum.n.max(sum.expected));
                    self.whole.entry(group).or_default().insert(cell, students);
                }
                if sum.is_zero() {
                    cells.remove(&cell);
                }
            }
        }
    }

    /// Loads the records after a restart. They were there before, so no figure changes.
    pub(crate) fn restore(&mut self, deltas: &[Delta]) {
        let rows = self.published.values().flatten();
        self.headline_rows = rows.filter_map(|(key, figures)| Some((headline(key)?, figures.clone()))).collect();
        let touched = std::mem::take(&mut self.touched);
        deltas.iter().for_each(|delta| self.apply(delta));
        self.touched = touched;
    }

    /// Forgets the records, because all of them are about to come again. Published figures stay.
    pub(crate) fn restart(&mut self) {
        let groups = self.cells.keys().copied().chain(TallyKind::ALL.iter().map(|kind| Group::Today(*kind)));
        self.touched.extend(groups.map(|group| (group, i64::MAX)));
        self.cells.clear();
        self.whole.clear();
        self.today = RunningSums::default();
    }

    /// The figures that leaders ask for first.
    pub(crate) fn headlines(&self) -> Vec<Headline> {
        headlines_of(self.headline_rows.iter())
    }

    /// The same of a school.
    pub(crate) fn headlines_at(&self, school: &str) -> Vec<Headline> {
        let mut rows: BTreeMap<RowKey, &Figures> = BTreeMap::new();
        for ((number, keys), figures) in self.published.values().flatten() {
            let kpi = kpi(*number);
            let Some(at) = kpi.keys.iter().position(|key| *key == "school_id" || *key == "org_id") else { continue };
            if keys.split(SEPARATOR).nth(at) == Some(school) {
                // As if the school were the district.
                let mut keys: Vec<String> = keys.split(SEPARATOR).map(str::to_owned).collect();
                keys[at].clear();
                if let (Some(name), true) = (kpi.keys.iter().position(|key| *key == "name"), kpi.keys[at] == "org_id") {
                    keys[name] = WHOLE_DISTRICT.to_owned();
                }
                if is_headline(kpi, &keys) {
                    rows.insert((*number, keys), figures);
                }
            }
        }
        headlines_of(rows.iter().map(|(row, figures)| (row, *figures)))
    }

    /// The figures that have changed since the last call, for publishing.
    pub(crate) fn moves(&mut self, time: u64, current: &CurrentRows, settings: &Settings) -> Vec<Line> {
        let mut lines = Vec::new();
        let (batch, day) = (&changes::batch(time), timestamp::day(time));
        // With fewer changes than the minimum no figure can be replaced; with few changes among many students, hardly any.
        let size =
            |group: &Group| self.whole.get(group).into_iter().flatten().map(|(_, students)| *students).max().unwrap_or(0);
        let is_due =
            |group: &Group, students: &mut i64| *students >= settings.minimum_n && *students >= size(group) / ONE_OF;
        let mut is_recomputed = false;
        for (group, _) in self.touched.extract_if(.., is_due) {
            is_recomputed = true;
            let mut tallies = Tallies::default();
            match group {
                Group::Today(kind) => tallies.today = self.today.of(kind),
                _ => {
                    tallies.scores = self.cells.get(&group).into_iter().flatten().map(|(cell, sum)| (*cell, *sum)).collect()
                }
            }
            tallies.sort(&current.texts);
            let published = Published::new(&tallies, current, settings, Violated::NOTHING);
            let mut now = Rows::new();
            for (number, kpi) in KPIS.iter().filter_map(|kpi| Some((kpi.stored_as?, kpi))) {
                for row in (kpi.rows)(&published) {
                    let figures = row.figures.map(|figures| figures.into_iter().map(Figure::text).collect());
                    now.insert((number, row.keys.join(&SEPARATOR.to_string())), figures);
                }
            }
            let before = self.published.entry(group).or_default();
            let is_first = before.is_empty();
            before.retain(|key, figures| {
                let stays = now.contains_key(key);
                if let (false, Some(head)) = (stays, headline(key)) {
                    self.headline_rows.remove(&head);
                }
                if !stays && figures.is_some() {
                    lines.push(moved(batch, key, figures.as_ref(), None));
                }
                stays
            });
            for (key, figures) in now {
                let known = before.get(&key);
                let is_published = match (known, &figures) {
                    (Some(None), None) => continue,
                    (Some(Some(then)), Some(now)) => then != now && enough(key.0, then, now, settings.minimum_n),
                    (None, None) => false,
                    (Some(_), _) | (None, Some(_)) => true,
                };
                if is_published && !is_first {
                    lines.push(moved(batch, &key, known.and_then(Option::as_ref), figures.as_ref()));
                }
                if is_published || known.is_none() {
                    if let Some(head) = headline(&key) {
                        self.headline_rows.insert(head, figures.clone());
                    }
                    before.insert(key, figures);
                }
            }
        }
        if is_recomputed || self.opening.turns(day) {
            let now = self.headlines();
            self.opening.follow(day, &now);
        }
        lines.sort_by_cached_key(Line::text);
        lines
    }
}

/// The headlines among some rows.
fn headlines_of<'a>(rows: impl Iterator<Item = (&'a RowKey, &'a Figures)>) -> Vec<Headline> {
    let row = |((number, keys), figures): (&'a RowKey, &'a Figures)| {
        let kpi = kpi(*number);
        Reported { kpi, keys, figures: figures.as_deref() }
    };
    headlines(&rows.map(row).collect::<Vec<_>>())
}

/// The key of a row that is of the whole district.
fn headline((number, keys): &(u8, String)) -> Option<RowKey> {
    let kpi = kpi(*number);
    let keys: Vec<String> = keys.split(SEPARATOR).map(str::to_owned).collect();
    is_headline(kpi, &keys).then_some((*number, keys))
}

/// A KPI whose moves are published.
fn kpi(number: u8) -> &'static Kpi {
    crate::kpi::by_stored_number(number).expect("invariant: what is kept of a KPI has its number")
}

/// Whether so many students came or went that the change of a figure discloses nothing about one of them.
fn enough(number: u8, then: &[String], now: &[String], minimum_n: i64) -> bool {
    // A few of those who are expected to be tested may come and go: the change would only say that they were tested.
    let students = |name: &str| name == "n" || name.starts_with("n_") || name == "tested" || name == "participations";
    let columns = kpi(number).columns.iter().enumerate().filter(|(_, (name, _))| students(name));
    let count = |figures: &[String], place: usize| figures.get(place).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    columns.map(|(place, _)| place).all(|place| (count(now, place) - count(then, place)).abs() >= minimum_n)
}

fn moved(batch: &str, (number, keys): &(u8, String), before: Option<&Vec<String>>, after: Option<&Vec<String>>) -> Line {
    let kpi = kpi(*number);
    let named = |figures: &Vec<String>| -> BTreeMap<String, String> {
        let columns = kpi.columns.iter().map(|(name, _)| (*name).to_owned());
        columns.zip(figures.iter().cloned()).filter(|(_, text)| !text.is_empty()).collect()
    };
    let keys = kpi.keys.iter().map(|name| (*name).to_owned()).zip(keys.split(SEPARATOR).map(str::to_owned));
    Line::Moved(Moved {
        batch: batch.to_owned(),
        kpi: kpi.id.to_owned(),
        of: keys.filter(|(_, text)| !text.is_empty()).collect(),
        before: before.map(named),
        after: after.map(named),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Date;
    use crate::plan::Plan;
    use crate::testing::run;
    use expect_test::expect;

    #[test]
    fn a_figure_is_published_again_when_the_minimum_n_of_students_came_or_went() {
        let number = |id: &str| crate::kpi::find(id).unwrap().stored_as.unwrap();
        let enough = |id: &str, then: &[&str], now: &[&str]| {
            let [then, now] = [then, now].map(|figures| figures.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
            enough(number(id), &then, &now, 10)
        };
        let mean = ["50.0", "5.0", "1.00", "48.0", "52.0"];
        let of = |n: &'static str| [&[n][..], &mean].concat();
        assert!(!enough("KPI-01", &of("30"), &of("30")) && !enough("KPI-01", &of("30"), &of("39")));
        assert!(enough("KPI-01", &of("30"), &of("40")) && enough("KPI-01", &of("40"), &of("30")));
        // Of two groups both, or the figure of one follows.
        let gap = |reference: &'static str, focal: &'static str| [reference, focal, "1.0", "0.0", "2.0", "1.00"];
        assert!(
            !enough("KPI-05", &gap("30", "30"), &gap("40", "39")) && enough("KPI-05", &gap("30", "30"), &gap("40", "40"))
        );
        let arms = |n: &'static str, m: &'static str| [n, m, "0.00", "comparable", "1.0", "0.0", "2.0", "0.10"];
        assert!(
            !enough("KPI-09", &arms("30", "30"), &arms("30", "40"))
                && enough("KPI-09", &arms("30", "30"), &arms("40", "20"))
        );
        // Those who were tested, not those who should be.
        let rate = |expected: &'static str, tested: &'static str| [expected, tested, "90.0", "80.0", "95.0"];
        assert!(
            !enough("KPI-04", &rate("30", "30"), &rate("60", "39"))
                && enough("KPI-04", &rate("60", "30"), &rate("60", "40"))
        );
        let gain =
            |all: &'static str, n: &'static str| [all, n, "90.0", "1.0", "1.0", "1.0", "1.0", "1.0", "1.0", "1.0", "1.0"];
        assert!(
            !enough("KPI-08", &gain("30", "30"), &gain("40", "39"))
                && !enough("KPI-08", &gain("30", "30"), &gain("39", "20"))
        );
        assert!(enough("KPI-08", &gain("30", "20"), &gain("40", "30")));
        // How many work at a school is no secret.
        assert!(enough("KPI-10", &["100", "5.00", "20.0"], &["101", "5.00", "20.2"]));
    }

    #[test]
    fn scores_that_are_corrected_move_nothing_until_enough_students_came() {
        let mut changes = "
            assessment | assessment_id subject is_accountability
            2026-03-02 + Star math true
            assessment_result | result_id student_id assessment_id participation score
        "
        .to_owned();
        let row = |day: u32, number: u32, score: u32| format!("2026-03-0{day} + R{number} S{number} Star tested {score}\n");
        changes.extend((0..20).map(|number| row(2, number, 100 + number % 2)));
        changes.extend((0..10).map(|number| row(3, number, 120)));
        changes.extend((20..30).map(|number| row(4, number, 120)));
        let (engine, deltas) = run(&changes, Plan::default());
        let (mut board, mut published) = (Board::default(), String::new());
        for day in 2..=4 {
            let day = Date::ymd(2026, 3, day).unwrap();
            deltas.iter().filter(|delta| delta.day() == day).for_each(|delta| board.apply(delta));
            published += &format!("{day}\n");
            for line in board.moves(timestamp::at(day, 1), &engine.current, &Settings::default()) {
                if let Line::Moved(Moved { kpi, of, before, after, .. }) = line
                    && of.get("value").is_some_and(|value| value == "all")
                {
                    let [then, now] = [before, after].map(|of| of.map(|of| ["n", "mean"].map(|name| of[name].clone())));
                    published += &format!("{kpi} {then:?} {now:?}\n");
                }
            }
        }
        expect![[r#"
            2026-03-02
            2026-03-03
            2026-03-04
            KPI-01 Some(["20", "100.5"]) Some(["30", "113.5"])
        "#]]
        .assert_eq(&published);
    }

    /// Two schools with two grades each, in which every third student is poor; scores and teachers come, change and go.
    fn of_two_schools() -> String {
        let mut changes = "
            organization | org_id org_type name
            2026-03-02 + D district Riverbend
            2026-03-02 + N school North
            2026-03-02 + S school South
            assessment | assessment_id subject is_accountability
            2026-03-02 + Star math true
            program | program_id name target_subject
            2026-03-02 + Tutoring Tutoring math
            assessment_result | result_id student_id assessment_id participation score grade_level is_proficient school_id
        "
        .to_owned();
        let school = |number: u32| if number < 12 { "N" } else { "S" };
        let result = |day: u32, number: u32, score: u32| {
            let (grade, is_proficient, at) = (3 + number % 2, !number.is_multiple_of(4), school(number));
            format!("2026-03-0{day} + R{number} S{number} Star tested {score} 0{grade} {is_proficient} {at}\n")
        };
        changes.extend((0..20).map(|number| result(2, number, 100 + number)));
        changes += "school_enrollment | enrollment_id student_id school_id entry_date grade_level\n";
        changes.extend(
            (0..24).map(|number| {
                format!("2026-03-02 + E{number} S{number} {} 2025-08-20 0{}\n", school(number), 3 + number % 2)
            }),
        );
        changes += "student_status | status_id student_id status_type status_value begin_date\n";
        changes.extend((0..24).step_by(3).map(|number| format!("2026-03-02 + F{number} S{number} frl free 2025-08-20\n")));
        changes += "program_participation | participation_id student_id program_id begin_date end_date arm\n";
        changes.extend((0..24).map(|number| {
            let arm = ["treatment", "comparison"][number % 2];
            format!("2026-03-02 + P{number} S{number} Tutoring 2025-09-02 2026-01-31 {arm}\n")
        }));
        changes += "staff_assignment | assignment_id staff_id org_id role begin_date fte\n";
        changes.extend((0..14).map(|number| {
            format!("2026-03-02 + A{number} T{number} {} teacher_elem 2025-08-20 1\n", if number < 7 { "N" } else { "S" })
        }));
        changes += "2026-03-03 - A3\n2026-03-03 + A14 C1 N counselor 2025-08-20 1\n";
        changes += "assessment_result | result_id student_id assessment_id participation score grade_level \
                    is_proficient school_id\n";
        changes.extend((20..24).map(|number| result(3, number, 150)));
        changes.extend((0..4).map(|number| result(4, number, 90)));
        // All of a school are gone.
        changes.extend((12..24).map(|number| format!("2026-03-05 - R{number}\n")));
        changes + "2026-03-06\n"
    }

    /// The rows of KPIs that have moves, as computed from all records.
    fn from_scratch(changes: &str, settings: &Settings) -> BTreeMap<(u8, String), Figures> {
        let (mut engine, _) = run(changes, Plan::default());
        let tallies = engine.tallies().unwrap();
        let published = Published::new(&tallies, &engine.current, settings, Violated::NOTHING);
        let mut rows = BTreeMap::new();
        for (number, kpi) in KPIS.iter().filter_map(|kpi| Some((kpi.stored_as?, kpi))) {
            rows.extend((kpi.rows)(&published).into_iter().map(|row| {
                let figures = row.figures.map(|figures| figures.into_iter().map(Figure::text).collect());
                ((number, row.keys.join(&SEPARATOR.to_string())), figures)
            }));
        }
        rows
    }

    #[test]
    fn without_a_minimum_the_board_shows_what_is_computed_from_scratch() {
        let changes = of_two_schools();
        let settings = Settings { minimum_n: 0, ..Settings::default() };
        let (engine, deltas) = run(&changes, Plan::default());
        let mut board = Board::default();
        let mut shown: BTreeMap<(u8, String), Figures> = BTreeMap::new();
        for number in 2..=6 {
            let day = Date::ymd(2026, 3, number).unwrap();
            deltas.iter().filter(|delta| delta.day() == day).for_each(|delta| board.apply(delta));
            if number == 5 {
                // All records come again, as when thresholds change.
                board.restart();
                deltas.iter().filter(|delta| delta.day() <= day).for_each(|delta| board.apply(delta));
            }
            let lines = board.moves(timestamp::at(day, 1), &engine.current, &settings);
            let until: String = changes
                .lines()
                .filter(|line| !line.starts_with("2026") || line[..10] <= *day.to_string())
                .map(|line| format!("{line}\n"))
                .collect();
            let expected = from_scratch(&until, &settings);
            let now: BTreeMap<_, _> =
                board.published.values().flatten().map(|(key, row)| (key.clone(), row.clone())).collect();
            assert_eq!(now, expected, "{day}");
            // A line for each row that differs, and no other, unless its group is new.
            let differs = |(key, row): &(&(u8, String), &Figures)| shown.get(*key) != Some(*row);
            let gone = shown.iter().filter(|(key, figures)| figures.is_some() && !now.contains_key(*key)).count();
            let moved = now.iter().filter(differs).count() + gone;
            assert_eq!(lines.len(), if number == 2 { 0 } else { moved }, "{day}");
            let heads = now.iter().filter_map(|(key, figures)| Some((headline(key)?, figures.clone())));
            assert_eq!(board.headline_rows, heads.collect(), "{day}");
            shown = now;
        }
    }

    #[test]
    fn a_school_has_the_headlines_of_its_own_rows() {
        let (engine, deltas) = run(&of_two_schools(), Plan::default());
        let mut board = Board::default();
        let day = Date::ymd(2026, 3, 2).unwrap();
        deltas.iter().filter(|delta| delta.day() == day).for_each(|delta| board.apply(delta));
        board.moves(timestamp::at(day, 1), &engine.current, &Settings { minimum_n: 1, ..Settings::default() });
        let told = |lines: Vec<Headline>| -> String {
            lines.iter().map(|line| format!("{} {} {:?} of {}\n", line.kpi.id, line.whom(), line.value, line.n)).collect()
        };
        let all = ["", "N", "S", "Z"].map(|school| {
            let lines = if school.is_empty() { board.headlines() } else { board.headlines_at(school) };
            format!("{school}\n{}", told(lines))
        });
        expect![[r#"

            KPI-10  Some("1.7") of 24
            KPI-13 fully certified, % of FTE Some("0.0") of 14.00
            N
            KPI-10  Some("1.7") of 12
            KPI-13 fully certified, % of FTE Some("0.0") of 7.00
            S
            KPI-10  Some("1.7") of 12
            KPI-13 fully certified, % of FTE Some("0.0") of 7.00
            Z
        "#]]
        .assert_eq(&all.concat());
        // When a school year begins, what is shown is the figure of its first day.
        let (line, first) = (board.headlines().swap_remove(0), Date::ymd(2026, 7, 1).unwrap());
        assert_eq!(board.opening.of(&line).map(|then| then.day), Some(day));
        board.moves(timestamp::at(first, 0), &engine.current, &Settings::default());
        assert_eq!(board.opening.of(&line).map(|then| then.day), Some(first));
        // After a restart they are those that were published.
        let mut again = Board { published: board.published.clone(), ..Board::default() };
        again.restore(&deltas);
        assert_eq!(told(again.headlines()), told(board.headlines()));
        assert!(again.touched.is_empty() && again.cells == board_of(&deltas).cells);
    }

    fn board_of(deltas: &[Delta]) -> Board {
        let mut board = Board::default();
        deltas.iter().for_each(|delta| board.apply(delta));
        board
    }

    #[test]
    fn a_large_group_does_not_move_for_few_students() {
        let mut changes = "
            assessment | assessment_id subject is_accountability
            2026-03-02 + Star math true
            assessment_result | result_id student_id assessment_id participation score grade_level
        "
        .to_owned();
        let row = |day: u32, number: u32, grade: u32| {
            format!("2026-03-0{day} + R{number} S{number} Star tested {} 0{grade}\n", 100 + number % 2)
        };
        // Of 611 students 11 are less than a fiftieth, though more than the minimum; with more of them it moves.
        changes.extend((0..600).map(|number| row(2, number, 3)));
        changes.extend((600..611).map(|number| row(3, number, 4)));
        changes.extend((611..615).map(|number| row(4, number, 4)));
        let (engine, deltas) = run(&changes, Plan::default());
        let mut board = Board::default();
        let moved = [2, 3, 4].map(|number| {
            let day = Date::ymd(2026, 3, number).unwrap();
            deltas.iter().filter(|delta| delta.day() == day).for_each(|delta| board.apply(delta));
            let lines = board.moves(timestamp::at(day, 1), &engine.current, &Settings::default());
            let of = |line: &Line| match line {
                Line::Moved(moved) => (moved.kpi == "KPI-01" && moved.of.contains_key("grade")).then(|| moved.after.clone()),
                _ => None,
            };
            let shown: Vec<String> = lines.iter().filter_map(of).flatten().map(|figures| figures["n"].clone()).collect();
            shown.contains(&"15".to_owned())
        });
        assert_eq!(moved, [false, false, true]);
        assert_eq!(board.touched, BTreeMap::new());
    }
}
