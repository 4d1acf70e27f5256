//! The library's side of the twins of KPIs: the sums behind a KPI in integers, or its published rows.

use crate::oracle::Sql;
use rollcall::kpi::{Figure, KPIS, Published, Row, Tallies};
use rollcall::model::codes::ProgramArm;
use rollcall::model::subgroup::{Subgroup, compared};
use rollcall::model::{Code, Texts};
use rollcall::tallies::scores::{Cell, Measured, Part, Scores};
use rollcall::tallies::staffing::{OrgScope, Role, Staffing};
use std::collections::BTreeMap;

/// The grain of a cell, with its category and value.
fn grain(cell: &Cell, texts: &Texts) -> Vec<Sql> {
    let school = cell.school.map_or(Sql::Null, |school| Sql::text(texts.text(school)));
    let (category, value) = cell.subgroup.name();
    let group = [Sql::text(category), Sql::text(value)];
    match cell.of {
        Measured::Test(assessment, year) => {
            let grade = cell.grade_code().map_or(Sql::Null, |grade| Sql::text(grade.text(texts)));
            let test = [Sql::text(texts.text(assessment)), Sql::Number(year.0.into()), school, grade];
            test.into_iter().chain(group).collect()
        }
        Measured::Program(program, arm, _) => {
            let arm = ProgramArm::from_rank(arm).map_or(Sql::Null, |arm| Sql::text(arm.text(texts)));
            [Sql::text(texts.text(program)), arm, school].into_iter().chain(group).collect()
        }
    }
}

fn number(number: impl Into<i128>) -> Sql {
    Sql::Number(number.into().try_into().expect("the sums of a small district fit"))
}

/// Count, sum and sum of squares.
fn sums(scores: &Scores) -> [Sql; 3] {
    [number(scores.n), number(scores.sum), number(scores.squares)]
}

/// The published rows of a KPI whose figures are counts.
pub fn as_published(id: &str, published: &Published<'_>) -> Vec<Vec<Sql>> {
    let kpi = KPIS.iter().find(|kpi| kpi.id == id).unwrap_or_else(|| panic!("{id} is a twin of no KPI"));
    let key = |text: &String| if text.is_empty() { Sql::Null } else { Sql::text(text) };
    let figure = |figure: Figure| match figure {
        Figure::None => Sql::Null,
        Figure::Count(count) => number(count),
        other => panic!("{id}: the twin of a KPI with {} is compared by its sums", other.text()),
    };
    let row = |row: Row| {
        let figures = row.figures.unwrap_or_else(|| vec![Figure::None; kpi.columns.len()]);
        row.keys.iter().map(key).chain(figures.into_iter().map(figure)).collect()
    };
    (kpi.rows)(published).into_iter().map(row).collect()
}

/// The library's sums behind a KPI, in integers; none for a KPI that is compared as it is published.
pub fn kpi(id: &str, tallies: &Tallies, texts: &Texts) -> Option<Vec<Vec<Sql>>> {
    let cells: BTreeMap<Cell, Scores> = tallies.scores.iter().copied().collect();
    let tests = || tallies.scores.iter().filter(|(cell, _)| cell.test().is_some());
    let with = |cell: &Cell, figures: Vec<Sql>| grain(cell, texts).into_iter().chain(figures).collect::<Vec<Sql>>();
    let place = |place: &OrgScope| match place {
        OrgScope::District => Sql::Null,
        OrgScope::Organization(org) => Sql::text(texts.text(*org)),
    };
    Some(match id {
        "KPI-01" => tests().filter(|(_, s)| s.n > 0).map(|(cell, s)| with(cell, sums(s).to_vec())).collect(),
        "KPI-02" => tests()
            .filter(|(_, s)| s.judged > 0)
            .map(|(cell, s)| with(cell, vec![number(s.judged), number(s.hits)]))
            .collect(),
        "KPI-03" => tests()
            .flat_map(|(cell, s)| (1..=8).zip(s.levels()).filter(|(_, count)| *count > 0).map(|level| (*cell, level)))
            .map(|(cell, (rank, count))| with(&cell, vec![number(rank), number(count)]))
            .collect(),
        "KPI-04" => tests()
            .filter(|(_, s)| s.expected > 0)
            .map(|(cell, s)| with(cell, vec![number(s.expected), number(s.tested)]))
            .collect(),
        "KPI-05" => gaps(&cells, texts, |s| s.judged > 0, |s| vec![number(s.judged), number(s.hits)]),
        "KPI-06" => gaps(&cells, texts, |s| s.n > 0, |s| sums(s).to_vec()),
        "KPI-08" => {
            let enrolled = cells.iter().filter(|(cell, _)| matches!(cell.of, Measured::Program(_, _, Part::Enrolled)));
            let row = |(cell, s): (&Cell, &Scores)| {
                let of = |part| cells.get(&cell.part(part)).copied().unwrap_or_default();
                let [pre, post, gain] = [Part::Pre, Part::Post, Part::Gain].map(of);
                let figures = [number(s.n), number(gain.n), number(pre.sum), number(post.sum), number(gain.sum)];
                let squares = [number(pre.squares), number(post.squares), number(gain.squares)];
                with(cell, figures.into_iter().chain(squares).collect())
            };
            enrolled.map(row).collect()
        }
        "KPI-09" => {
            let arm = |arm: ProgramArm| arm.rank().expect("a known arm");
            let mut rows = Vec::new();
            for cell in cells.keys().filter(|cell| cell.school.is_none() && cell.subgroup == Subgroup::ALL) {
                let Measured::Program(program, of, Part::Gain) = cell.of else { continue };
                if of != arm(ProgramArm::Treatment) {
                    continue;
                }
                let against = Cell { of: Measured::Program(program, arm(ProgramArm::Comparison), Part::Gain), ..*cell };
                if !cells.contains_key(&against) {
                    continue;
                }
                let arm = |cell: Cell| {
                    let of = |part| cells.get(&cell.part(part)).copied().unwrap_or_default();
                    let [pre, post, gain] = [Part::Pre, Part::Post, Part::Gain].map(of);
                    let sums = [number(gain.n), number(pre.sum), number(post.sum), number(gain.sum)];
                    sums.into_iter().chain([pre, post, gain].map(|s| number(s.squares)))
                };
                rows.push([Sql::text(texts.text(program))].into_iter().chain(arm(*cell)).chain(arm(against)).collect());
            }
            rows
        }
        "KPI-10" => tallies
            .today
            .staffing
            .iter()
            .filter(|(_, s)| s.headcount != 0 || s.teacher_fte != 0)
            .map(|(of, s)| vec![place(of), number(s.headcount), number(s.teacher_fte)])
            .collect(),
        "KPI-11" => {
            let staffed =
                tallies.today.staffing.iter().map(|(of, s)| (of, s.headcount, Role::ALL.map(|role| s.role_fte(role))));
            let used = staffed.filter(|(_, headcount, fte)| *headcount != 0 || *fte != [0; 6]);
            used.map(|(of, headcount, fte)| [vec![place(of), number(headcount)], fte.map(number).to_vec()].concat())
                .collect()
        }
        "KPI-13" => {
            let row = |(of, s): &(OrgScope, Staffing)| {
                let none = s.teacher_fte - s.certified_fte - s.emergency_fte;
                let fte = [s.teacher_fte, s.certified_fte, s.emergency_fte, none, s.out_of_field_fte, s.inexperienced_fte];
                [vec![place(of)], fte.map(number).to_vec(), vec![number(s.headcount), number(s.econ)]].concat()
            };
            tallies.today.staffing.iter().filter(|(_, s)| s.teacher_fte != 0).map(row).collect()
        }
        _ => return None,
    })
}

fn gaps(
    cells: &BTreeMap<Cell, Scores>,
    texts: &Texts,
    has: fn(&Scores) -> bool,
    figures: fn(&Scores) -> Vec<Sql>,
) -> Vec<Vec<Sql>> {
    let mut rows = Vec::new();
    for (reference, focal) in compared() {
        let of_reference = |(cell, s): &(&Cell, &Scores)| cell.subgroup == reference && cell.test().is_some() && has(s);
        for (cell, of_reference) in cells.iter().filter(of_reference) {
            if let Some(of_focal) = cells.get(&Cell { subgroup: focal, ..*cell }).filter(|s| has(s)) {
                let mut row = grain(cell, texts);
                row.push(Sql::text(focal.name().1));
                row.extend([figures(of_reference), figures(of_focal)].concat());
                rows.push(row);
            }
        }
    }
    rows
}
