//! Suppression: which cells of counts may be published. A cell that rests on fewer students than the minimum is hidden,
//! and so are as many others as it takes that no hidden one follows from published ones by subtraction.
//!
//! Cells add up along lines: the values of a category to all students, grades to all grades, schools to the district.
//! In a line, what is not published must be more than one cell and rest on enough students together, because the
//! difference of the total and what is published is a figure too. Hiding a cell for one line can expose another, so
//! lines are gone through until none changes.

use crate::kpi::scores::{Cell, Scores};
use crate::warehouse::demographics::Subgroup;
use std::collections::{BTreeMap, BTreeSet};

/// The cells that must not be published.
pub fn hidden(cells: &[(Cell, Scores)], minimum_n: i64) -> BTreeSet<Cell> {
    let counts: BTreeMap<Cell, i64> = cells.iter().map(|(cell, scores)| (*cell, scores.n)).filter(|(_, n)| *n > 0).collect();
    let mut hidden: BTreeSet<Cell> = counts.iter().filter(|(_, n)| **n < minimum_n).map(|(cell, _)| *cell).collect();
    let lines = lines(&counts);
    let mut changed = true;
    while changed {
        changed = false;
        for (total, parts) in &lines {
            changed |= protect(*total, parts, &counts, minimum_n, &mut hidden);
        }
    }
    hidden
}

/// Each total with the cells that add up to it.
fn lines(counts: &BTreeMap<Cell, i64>) -> Vec<(Cell, Vec<Cell>)> {
    let mut lines: BTreeMap<(Cell, &str), Vec<Cell>> = BTreeMap::new();
    for cell in counts.keys() {
        let (category, _) = cell.subgroup.name();
        if cell.subgroup != Subgroup::ALL {
            lines.entry((Cell { subgroup: Subgroup::ALL, ..*cell }, category)).or_default().push(*cell);
        }
        if cell.grade.is_some() {
            lines.entry((Cell { grade: None, ..*cell }, "grade")).or_default().push(*cell);
        }
        if cell.school.is_some() {
            lines.entry((Cell { school: None, ..*cell }, "school")).or_default().push(*cell);
        }
    }
    lines.into_iter().map(|((total, _), parts)| (total, parts)).collect()
}

/// Hides further cells of a line until nothing follows from what it shows; true when it hid any.
fn protect(total: Cell, parts: &[Cell], counts: &BTreeMap<Cell, i64>, minimum_n: i64, hidden: &mut BTreeSet<Cell>) -> bool {
    let count = |cell: &Cell| counts.get(cell).copied().unwrap_or(0);
    // Rows that have no grade or school of their own are in the total alone.
    let rest = count(&total) - parts.iter().map(count).sum::<i64>();
    let mut changed = false;
    loop {
        let out_of_sight: Vec<&Cell> = parts.iter().filter(|part| hidden.contains(part)).collect();
        let total_hidden = hidden.contains(&total);
        if out_of_sight.is_empty() {
            // The parts add up to the total, so a hidden total with every part shown is no secret, unless some rows
            // are in the total alone.
            if total_hidden && rest < minimum_n {
                let Some(smallest) = parts.iter().min_by_key(|part| (count(part), **part)) else { return changed };
                changed |= hidden.insert(*smallest);
                continue;
            }
            return changed;
        }
        if total_hidden {
            return changed;
        }
        let together = out_of_sight.iter().map(|part| count(part)).sum::<i64>() + rest;
        let members = out_of_sight.len() + usize::from(rest > 0);
        if members > 1 && together >= minimum_n {
            return changed;
        }
        let next = parts.iter().filter(|part| !hidden.contains(part)).min_by_key(|part| (count(part), **part)).copied();
        changed |= hidden.insert(next.unwrap_or(total));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AssessmentId, OrgId, SchoolYear};
    use proptest::prelude::*;
    use std::num::NonZeroU32;

    fn cell(school: Option<u32>, grade: Option<u8>, subgroup: &str) -> Cell {
        let subgroup = match subgroup {
            "all" => Subgroup::ALL,
            value => Subgroup::named("econ", value).unwrap(),
        };
        let symbol = |number| NonZeroU32::new(number).unwrap();
        let school = school.map(|number| OrgId(symbol(number)));
        Cell { assessment: AssessmentId(symbol(1)), school_year: SchoolYear(2026), school, grade, subgroup }
    }

    /// Cells of every roll-up, from counts by school, grade and economic disadvantage.
    fn cells(counts: &[(u32, u8, &str, i64)]) -> Vec<(Cell, Scores)> {
        let mut sums: BTreeMap<Cell, i64> = BTreeMap::new();
        for &(school, grade, value, n) in counts {
            for school in [Some(school), None] {
                for grade in [Some(grade), None] {
                    for subgroup in [value, "all"] {
                        *sums.entry(cell(school, grade, subgroup)).or_default() += n;
                    }
                }
            }
        }
        sums.into_iter().map(|(cell, n)| (cell, Scores { n, hits: 0 })).collect()
    }

    #[test]
    fn a_small_group_takes_its_complement_with_it() {
        let cells = cells(&[(1, 3, "yes", 4), (1, 3, "no", 40), (2, 3, "yes", 30), (2, 3, "no", 30)]);
        let hidden = hidden(&cells, 10);
        assert!(hidden.contains(&cell(Some(1), Some(3), "yes")), "it is small");
        assert!(hidden.contains(&cell(Some(1), Some(3), "no")), "all less the others gives it away");
        assert!(hidden.contains(&cell(Some(2), Some(3), "yes")), "the district less the other school gives it away");
        assert!(!hidden.contains(&cell(Some(1), Some(3), "all")));
        assert!(!hidden.contains(&cell(None, None, "yes")));
    }

    #[test]
    fn nothing_is_hidden_where_every_group_is_large() {
        let cells = cells(&[(1, 3, "yes", 40), (1, 3, "no", 40), (2, 4, "yes", 30), (2, 4, "no", 10)]);
        assert_eq!(hidden(&cells, 10), BTreeSet::new());
    }

    proptest! {
        /// No line shows a figure of fewer students than the minimum, by itself or by subtraction.
        #[test]
        fn no_line_gives_a_small_group_away(
            counts in prop::collection::vec((1u32..4, 0u8..3, prop::sample::select(vec!["yes", "no"]), 0i64..40), 1..14),
            minimum_n in 2i64..15,
        ) {
            let cells = cells(&counts);
            let hidden = hidden(&cells, minimum_n);
            let known: BTreeMap<Cell, i64> = cells.iter().map(|(cell, scores)| (*cell, scores.n)).collect();
            let shown = |cell: &Cell| known[cell] > 0 && !hidden.contains(cell);
            for (cell, n) in known.iter().filter(|(cell, _)| shown(cell)) {
                prop_assert!(*n >= minimum_n, "{cell:?} is shown with {n}");
            }
            for (total, parts) in lines(&known) {
                let out: Vec<i64> = parts.iter().filter(|part| known[part] > 0 && !shown(part)).map(|part| known[part]).collect();
                let together: i64 = out.iter().sum();
                if shown(&total) && !out.is_empty() {
                    prop_assert!(out.len() > 1 && together >= minimum_n, "{total:?} gives {out:?} away");
                }
                if known[&total] > 0 && !shown(&total) {
                    prop_assert!(!out.is_empty(), "the parts of {total:?} are all shown");
                }
            }
        }
    }
}
