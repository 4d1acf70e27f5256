//! What KPIs are computed from at publication: the tallies, the set of suppressed cells, and the texts behind symbols.
//! Suppression is decided here, once for all KPIs.

use super::headlines::WHOLE_DISTRICT;
use super::suppress::hidden;
use super::{Figure, Row, Tallies};
use crate::current::CurrentRows;
use crate::model::codes::{Code, Grade, ProgramArm};
use crate::model::subgroup::{self, Subgroup};
use crate::model::{Date, Field, Id, OrgId, Settings, Texts};
use crate::tallies::Sums;
use crate::tallies::scores::{Cell, Measured, Part, Scores};
use crate::tallies::staffing::OrgScope;
use std::collections::{BTreeMap, BTreeSet};

/// The records of one rule group at one school, and how many of them have errors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cleanliness {
    /// The rule group.
    pub family: &'static str,
    /// The school; `None` is the whole district.
    pub school: Option<OrgId>,
    /// Records that the rule group is about.
    pub records: i64,
    /// Records with an open error or critical violation of the group.
    pub faulty: i64,
}

/// The period from the day a violation opened until the day it closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spell {
    /// The rule.
    pub rule: &'static str,
    /// The school or other organization it concerns.
    pub org: Option<OrgId>,
    /// The day it opened.
    pub opened: Date,
    /// The day it closed; `None` while it is open.
    pub closed: Option<Date>,
}

/// Input of the KPIs that are computed from violations.
#[derive(Clone, Debug)]
pub struct Violated {
    /// The last day.
    pub day: Date,
    /// Record cleanliness on that day.
    pub cleanliness: Vec<Cleanliness>,
    /// The periods in which violations were open.
    pub spells: Vec<Spell>,
}

impl Violated {
    /// No violations, for callers that do not use these KPIs.
    pub const NOTHING: &Violated = &Violated { day: Date::MIN, cleanliness: Vec::new(), spells: Vec::new() };
}

/// Tallies ready to be published.
pub struct Published<'a> {
    /// Settings.
    pub settings: &'a Settings,
    /// Rows and texts.
    pub current: &'a CurrentRows,
    /// The tallies of today, in the order of their texts.
    pub today: &'a Sums,
    /// Input of the KPIs about violations.
    pub violated: &'a Violated,
    /// The cells in the order of their texts, without schools that exist only as references.
    cells: Vec<(Cell, Scores)>,
    by_cell: BTreeMap<Cell, Scores>,
    hidden: BTreeSet<Cell>,
    hidden_expected: BTreeSet<Cell>,
}

/// The key columns of a cell of results.
pub(crate) const CELL: &[&str] = &["assessment_id", "subject", "school_year", "school_id", "grade", "category", "value"];
/// The key columns of a pair of cells.
pub(crate) const PAIR: &[&str] =
    &["assessment_id", "subject", "school_year", "school_id", "grade", "category", "reference", "focal"];

impl<'a> Published<'a> {
    /// Decides which cells are suppressed.
    pub fn new(
        tallies: &'a Tallies,
        current: &'a CurrentRows,
        settings: &'a Settings,
        violated: &'a Violated,
    ) -> Published<'a> {
        // A school that exists only as a reference (ENR-012) is not published; its few students count in the district
        // only.
        let is_known = |school: OrgId| current.rows().organization.get(school.index()).is_some_and(Option::is_some);
        let known = tallies.scores.iter().filter(|(cell, _)| cell.school.is_none_or(is_known));
        let cells: Vec<(Cell, Scores)> = known.copied().collect();
        let counted = |count: fn(&Scores) -> i32| -> BTreeMap<Cell, i64> {
            let counts = cells.iter().map(|(cell, scores)| (*cell, i64::from(count(scores))));
            counts.filter(|(_, n)| *n > 0).collect()
        };
        let minimum_n = settings.minimum_n;
        let scored = counted(|scores| scores.n);
        let judged = counted(|scores| if scores.judged > 0 { scores.judged } else { 0 });
        let same = scored.iter().filter(|(cell, _)| cell.test().is_some()).eq(judged.iter());
        let mut suppressed = hidden(scored, minimum_n);
        if !same {
            suppressed.extend(hidden(judged, minimum_n));
        }
        let hidden_expected = hidden(counted(|scores| scores.expected), minimum_n);
        let by_cell = cells.iter().copied().collect();
        let today = &tallies.today;
        Published { settings, current, today, violated, cells, by_cell, hidden: suppressed, hidden_expected }
    }

    /// Texts.
    pub(crate) fn texts(&self) -> &'a Texts {
        &self.current.texts
    }

    /// The cells of results for which `has` is true, in order.
    pub(crate) fn tests(&self, has: fn(&Scores) -> bool) -> impl Iterator<Item = &(Cell, Scores)> {
        self.cells.iter().filter(move |(cell, scores)| cell.test().is_some() && has(scores))
    }

    /// The cells of one part of programs, in order.
    pub(crate) fn programs(&self, part: Part) -> impl Iterator<Item = &(Cell, Scores)> {
        self.cells.iter().filter(move |(cell, _)| matches!(cell.of, Measured::Program(_, _, of) if of == part))
    }

    /// A cell.
    pub(crate) fn cell(&self, cell: &Cell) -> Option<&Scores> {
        self.by_cell.get(cell)
    }

    /// Whether the results of a cell may be published.
    pub(crate) fn shows(&self, cell: &Cell) -> bool {
        !self.hidden.contains(cell)
    }

    /// One row per cell of results.
    pub(crate) fn by_cell(&self, has: fn(&Scores) -> bool, figures: fn(&Scores) -> Vec<Figure>) -> Vec<Row> {
        let row = |(cell, scores): &(Cell, Scores)| Row {
            keys: self.cell_keys(cell),
            figures: self.shows(cell).then(|| figures(scores)),
        };
        self.tests(has).map(row).collect()
    }

    /// One row per cell of students expected to be tested.
    pub(crate) fn by_expected_cell(&self, figures: fn(&Scores) -> Vec<Figure>) -> Vec<Row> {
        let row = |(cell, scores): &(Cell, Scores)| Row {
            keys: self.cell_keys(cell),
            figures: (!self.hidden_expected.contains(cell)).then(|| figures(scores)),
        };
        self.tests(|scores| scores.expected > 0).map(row).collect()
    }

    /// One row per pair of subgroups in a cell, if both exist.
    pub(crate) fn by_pair(&self, has: fn(&Scores) -> bool, figures: fn(&Scores, &Scores) -> Vec<Figure>) -> Vec<Row> {
        let mut rows = Vec::new();
        let pairs = subgroup::compared();
        for (all, _) in self.tests(has).filter(|(cell, _)| cell.subgroup == Subgroup::ALL) {
            for &(reference, focal) in &pairs {
                let cells = [reference, focal].map(|subgroup| Cell { subgroup, ..*all });
                let [Some(a), Some(b)] = cells.map(|cell| self.by_cell.get(&cell).filter(|scores| has(scores))) else {
                    continue;
                };
                let ((category, reference), (_, focal)) = (reference.name(), focal.name());
                let mut keys = self.cell_keys(all);
                keys.truncate(5);
                keys.extend([category, reference, focal].map(str::to_owned));
                rows.push(Row { keys, figures: cells.iter().all(|cell| self.shows(cell)).then(|| figures(a, b)) });
            }
        }
        rows
    }

    /// The values of [`CELL`].
    pub(crate) fn cell_keys(&self, cell: &Cell) -> Vec<String> {
        let Some((assessment, school_year)) = cell.test() else { return Vec::new() };
        let texts = self.texts();
        let row = self.current.rows().assessment.get(assessment.index()).copied().flatten();
        let subject = row.map_or(String::new(), |row| row.subject.value().text(texts));
        let grade = cell.grade_code().map_or("", |grade: Grade| grade.text(texts));
        let (category, value) = cell.subgroup.name();
        let (assessment, year) = (texts.text(assessment), school_year.to_string());
        [assessment, &subject, &year, self.school_key(cell.school), grade, category, value].map(str::to_owned).to_vec()
    }

    /// Program, arm, school and subgroup of a program cell.
    pub(crate) fn program_keys(&self, cell: &Cell) -> Vec<String> {
        let Measured::Program(program, arm, _) = cell.of else { return Vec::new() };
        let arm = ProgramArm::from_rank(arm).map_or("", |arm| arm.text(self.texts()));
        let (category, value) = cell.subgroup.name();
        let school = self.school_key(cell.school);
        [self.texts().text(program), arm, school, category, value].map(str::to_owned).to_vec()
    }

    fn school_key(&self, school: Option<OrgId>) -> &'a str {
        school.map_or("", |school| self.texts().text(school))
    }

    /// Id and name of an organization; the district has no id.
    pub(crate) fn place_keys(&self, place: &OrgScope) -> Vec<String> {
        match place {
            OrgScope::District => vec![String::new(), WHOLE_DISTRICT.to_owned()],
            OrgScope::Organization(org) => {
                vec![self.texts().text(*org).to_owned(), self.current.name_of(*org).to_owned()]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_kpi;
    use expect_test::expect;

    #[test]
    fn a_school_that_is_only_referred_to_is_in_the_district_alone() {
        let mut changes = "
            organization | org_id org_type name
            2026-03-02 + N school North
            assessment | assessment_id subject is_accountability
            2026-03-02 + Star math true
            assessment_result | result_id student_id assessment_id school_id administration_date participation score
        "
        .to_owned();
        for (school, score) in [("N", 100), ("S", 200)] {
            let row = |number| format!("2026-03-02 + R{school}{number} S{school}{number} Star {school} . tested {score}\n");
            changes.extend((0..10).map(row));
        }
        check_kpi(
            "KPI-01",
            10,
            &changes,
            expect![[r#"
                Star math 2026   all all |
                  n=20 mean=150.0 sd=51.3 se=11.47 low=126.0 high=174.0
                Star math 2026 N  all all |
                  n=10 mean=100.0 sd=0.0 se=0.00 low=100.0 high=100.0
            "#]],
        );
        let known = changes.replace("+ N school North", "+ N school North\n2026-03-02 + S school South");
        check_kpi(
            "KPI-01",
            10,
            &known,
            expect![[r#"
                Star math 2026   all all |
                  n=20 mean=150.0 sd=51.3 se=11.47 low=126.0 high=174.0
                Star math 2026 N  all all |
                  n=10 mean=100.0 sd=0.0 se=0.00 low=100.0 high=100.0
                Star math 2026 S  all all |
                  n=10 mean=200.0 sd=0.0 se=0.00 low=200.0 high=200.0
            "#]],
        );
    }
}
