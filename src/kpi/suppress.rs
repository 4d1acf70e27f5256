//! Suppression: which cells of counts may be published. A cell with fewer students than the minimum is hidden, and so
//! are as many others as necessary so that no small cell can be computed from what is shown.
//!
//! Cells add up along lines: the values of a category to all students, grades to all grades, schools to the district.
//! What is shown must meet two conditions:
//!
//! 1. *Along each line*, what is not shown is more than one cell and has enough students in total, because the
//!    difference between the total and what is shown is also a figure. Rows that count in the total only (without a grade
//!    or a school) do not count as a cell, because a reader may assume that there are none.
//! 2. *Over all lines together*, no small cell follows from the equations. Hidden cells of crossing lines can be solved
//!    for jointly; so the equations are solved, and each cell they determine is protected by hiding one more cell of a line
//!    that it is in.
//!
//! Hiding one cell can expose another, so both steps are repeated until neither finds anything. Counts of proficient
//! students add up along the same lines and are hidden with the cells. Not covered: bounds (a hidden cell is at least
//! zero and at most its total) and rates of 0% and 100%.

use crate::tallies::demographics::Subgroup;
use crate::tallies::scores::{Cell, Measured};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The work limit for solving one system of equations. If it takes more, everything but its grand total is hidden.
const WORK_LIMIT: usize = 50_000_000;

/// The cells that must not be published, given the number of students in each cell.
pub(crate) fn hidden(counts: BTreeMap<Cell, i64>, minimum_n: i64) -> BTreeSet<Cell> {
    hidden_within(WORK_LIMIT, counts, minimum_n)
}

fn hidden_within(work_limit: usize, counts: BTreeMap<Cell, i64>, minimum_n: i64) -> BTreeSet<Cell> {
    let mut hidden: BTreeSet<Cell> = counts.iter().filter(|(_, n)| **n < minimum_n).map(|(cell, _)| *cell).collect();
    // Categories share the cells of all students, so everything about one test or program is one system, independent of
    // others.
    let mut systems: BTreeMap<Measured, Vec<Line>> = BTreeMap::new();
    for line in lines(&counts) {
        systems.entry(line.total.of).or_default().push(line);
    }
    let systems: Vec<Vec<Line>> = systems.into_values().collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut of_thread = BTreeSet::new();
        while let Some(lines) = systems.get(next.fetch_add(1, Ordering::Relaxed)) {
            of_thread.extend(System::new(lines, &counts, minimum_n).hidden(work_limit));
        }
        of_thread
    };
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(systems.len()));
    let more: Vec<Cell> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let done = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(hidden) => hidden,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    });
    hidden.extend(more);
    hidden
}

/// A total and the cells that add up to it.
struct Line {
    total: Cell,
    parts: Vec<Cell>,
    /// Students in the total only, because their rows have no grade or no school.
    rest: i64,
}

fn lines(counts: &BTreeMap<Cell, i64>) -> Vec<Line> {
    let mut lines: BTreeMap<(Cell, &str), Line> = BTreeMap::new();
    let mut add = |total: Cell, kind: &'static str, part: Cell| {
        lines.entry((total, kind)).or_insert_with(|| Line { total, parts: Vec::new(), rest: 0 }).parts.push(part);
    };
    for &cell in counts.keys() {
        if cell.subgroup != Subgroup::ALL {
            add(Cell { subgroup: Subgroup::ALL, ..cell }, cell.subgroup.name().0, cell);
        }
        if cell.grade.is_some() {
            add(Cell { grade: None, ..cell }, "grade", cell);
        }
        if cell.school.is_some() {
            add(Cell { school: None, ..cell }, "school", cell);
        }
    }
    for line in lines.values_mut() {
        line.rest = counts.get(&line.total).copied().unwrap_or(0) - line.parts.iter().map(|part| counts[part]).sum::<i64>();
    }
    lines.into_values().collect()
}

/// Cells that must be decided together. Cells are numbered in order, because looking them up by key took most of the
/// time.
struct System {
    cells: Vec<Cell>,
    /// By cell: its number of students, and whether it is below the minimum.
    counts: Vec<i64>,
    is_small: Vec<bool>,
    /// By cell: the same group in the whole district, if present.
    whole: Vec<Option<usize>>,
    /// By cell: the lines it is in.
    beside: Vec<Vec<usize>>,
    lines: Vec<Numbered>,
    /// By line: whether one of its cells was hidden since the line was last protected.
    is_due: Vec<bool>,
    minimum_n: i64,
    /// By cell: whether it is hidden; and how many are.
    is_hidden: Vec<bool>,
    hidden: usize,
}

/// A line, with its cells as numbers.
struct Numbered {
    total: usize,
    parts: Vec<usize>,
    rest: i64,
}

impl System {
    fn new(lines: &[Line], counts: &BTreeMap<Cell, i64>, minimum_n: i64) -> System {
        let mut cells: Vec<Cell> = lines.iter().flat_map(|line| line.parts.iter().chain([&line.total])).copied().collect();
        cells.sort_unstable();
        cells.dedup();
        let place = |cell: &Cell| cells.binary_search(cell).ok();
        let number = |cell: &Cell| place(cell).expect("invariant: the cells are those of the lines");
        let numbered = |line: &Line| {
            let Line { total, parts, rest } = line;
            Numbered { total: number(total), parts: parts.iter().map(number).collect(), rest: *rest }
        };
        let lines: Vec<Numbered> = lines.iter().map(numbered).collect();
        let mut beside = vec![Vec::new(); cells.len()];
        for (number, line) in lines.iter().enumerate() {
            line.parts.iter().chain([&line.total]).for_each(|&cell| beside[cell].push(number));
        }
        let is_due = vec![true; lines.len()];
        let whole = cells.iter().map(|cell| place(&Cell { school: None, grade: None, ..*cell })).collect();
        let is_small: Vec<bool> = cells.iter().map(|cell| counts.get(cell).is_some_and(|n| *n < minimum_n)).collect();
        let counts = cells.iter().map(|cell| counts.get(cell).copied().unwrap_or(0)).collect();
        let hidden = is_small.iter().filter(|is_small| **is_small).count();
        System { cells, counts, is_hidden: is_small.clone(), is_small, whole, beside, lines, is_due, minimum_n, hidden }
    }

    /// Hides as many cells as necessary and returns all hidden cells.
    fn hidden(mut self, work_limit: usize) -> impl Iterator<Item = Cell> {
        let lines = std::mem::take(&mut self.lines);
        loop {
            let before = self.hidden;
            for (number, line) in lines.iter().enumerate() {
                if self.is_due[number] {
                    self.protect(line);
                    self.is_due[number] = false;
                }
            }
            if self.hidden == before && !self.cover(&lines, work_limit) {
                break;
            }
        }
        self.cells.into_iter().zip(self.is_hidden).filter_map(|(cell, is_hidden)| is_hidden.then_some(cell))
    }

    /// Hides a cell; returns false if it was hidden.
    fn hide(&mut self, cell: usize) -> bool {
        let is_new = !std::mem::replace(&mut self.is_hidden[cell], true);
        self.hidden += usize::from(is_new);
        self.beside[cell].iter().for_each(|&line| self.is_due[line] = true);
        is_new
    }

    /// Hides further cells of a line until nothing can be computed from what it shows.
    fn protect(&mut self, line: &Numbered) {
        let Numbered { total, parts, rest } = line;
        loop {
            let (mut hidden_parts, mut together) = (0, *rest);
            for &part in parts.iter().filter(|part| self.is_hidden[**part]) {
                hidden_parts += 1;
                together += self.counts[part];
            }
            let safe = match (self.is_hidden[*total], hidden_parts) {
                // If the total is hidden, one hidden part prevents readers from adding up the parts.
                (true, hidden_parts) => hidden_parts > 0,
                (false, 0) => *rest == 0 || *rest >= self.minimum_n,
                (false, 1) => false,
                (false, _) => together >= self.minimum_n,
            };
            if safe {
                return;
            }
            let shown = parts.iter().copied().filter(|part| !self.is_hidden[*part]);
            // Prefer parts whose group is hidden for the district anyway, so that other groups can be shown everywhere.
            let costs_more = |part: usize| !self.whole[part].is_some_and(|whole| self.is_hidden[whole]);
            let next = shown.min_by_key(|&part| (costs_more(part), self.counts[part], part)).unwrap_or(*total);
            if !self.hide(next) {
                return;
            }
        }
    }

    /// Hides cells to protect every small cell that the equations determine; returns whether it hid any. If a system
    /// cannot be solved within the work limit, all of its cells are hidden except the grand total, which by itself
    /// reveals nothing.
    fn cover(&mut self, lines: &[Numbered], work_limit: usize) -> bool {
        let before = self.hidden;
        let everybody = |cell: &Cell| cell.school.is_none() && cell.grade.is_none() && cell.subgroup == Subgroup::ALL;
        let unknowns: Vec<usize> = (0..self.cells.len()).filter(|&cell| self.is_hidden[cell]).collect();
        let is_left = |cell: usize| !self.is_hidden[cell] && !everybody(&self.cells[cell]);
        if !unknowns.iter().any(|&cell| self.is_small[cell]) || !(0..self.cells.len()).any(is_left) {
            return false;
        }
        let Some(exposed) = determined(lines, &unknowns, &self.is_small, work_limit) else {
            let others: Vec<usize> = (0..self.cells.len()).filter(|&cell| !everybody(&self.cells[cell])).collect();
            for cell in others {
                self.hide(cell);
            }
            return true;
        };
        let smallest_shown = |lines: &mut dyn Iterator<Item = &Numbered>| {
            let cells = lines.flat_map(|line| line.parts.iter().chain([&line.total])).copied();
            cells.filter(|cell| !self.is_hidden[*cell]).min_by_key(|&cell| (self.counts[cell], cell))
        };
        let mut more = BTreeSet::new();
        for cell in exposed {
            let mut beside = self.beside[cell].iter().map(|line| &lines[*line]);
            // If all neighboring cells are hidden, the exposure comes from farther away: hide the smallest remaining
            // cell.
            let next = smallest_shown(&mut beside).or_else(|| smallest_shown(&mut lines.iter()));
            more.extend(next);
        }
        for cell in more {
            self.hide(cell);
        }
        self.hidden > before
    }
}

/// The small unknown cells whose count the equations of the lines determine; `None` if the work limit is exceeded.
///
/// Which unknowns are determined depends only on the coefficients, so the known side is left out. Most of the system is
/// simplified before it is solved: an equation that is the only one with some unknown implies nothing about the others,
/// so it can be dropped if that unknown is not small; and an unknown that is alone in an equation is known and is
/// removed from all others. The rest is solved.
fn determined(lines: &[Numbered], unknowns: &[usize], is_small_cell: &[bool], work_limit: usize) -> Option<Vec<usize>> {
    let is_small: Vec<bool> = unknowns.iter().map(|&cell| is_small_cell[cell]).collect();
    let mut place: Vec<Option<usize>> = vec![None; is_small_cell.len()];
    unknowns.iter().enumerate().for_each(|(number, &cell)| place[cell] = Some(number));
    // Rows in a total only are an additional unknown of that line, so the line implies nothing about other cells.
    let usable = lines.iter().filter(|line| line.rest == 0);
    let equation = |line: &&Numbered| -> Vec<(usize, u64)> {
        let parts = line.parts.iter().filter_map(|part| Some((place[*part]?, 1)));
        parts.chain(place[line.total].map(|total| (total, PRIME - 1))).collect()
    };
    let mut equations: Vec<BTreeMap<usize, u64>> =
        usable.map(|line| equation(&line).into_iter().collect()).filter(|row: &BTreeMap<_, _>| !row.is_empty()).collect();
    let mut rows_of: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); unknowns.len()];
    for (number, row) in equations.iter().enumerate() {
        row.keys().for_each(|&unknown| {
            rows_of[unknown].insert(number);
        });
    }
    let mut known = vec![false; unknowns.len()];
    let can_go = |unknown: usize, rows_of: &[BTreeSet<usize>]| !is_small[unknown] && rows_of[unknown].len() == 1;
    let mut lone: Vec<usize> = (0..unknowns.len()).filter(|&unknown| can_go(unknown, &rows_of)).collect();
    let mut single: Vec<usize> = (0..equations.len()).filter(|&number| equations[number].len() == 1).collect();
    loop {
        if let Some(number) = single.pop() {
            let Some((&unknown, _)) = equations[number].first_key_value().filter(|_| equations[number].len() == 1) else {
                continue;
            };
            known[unknown] = true;
            for other in std::mem::take(&mut rows_of[unknown]) {
                equations[other].remove(&unknown);
                if equations[other].len() == 1 {
                    single.push(other);
                }
            }
        } else if let Some(unknown) = lone.pop() {
            let Some(&number) = rows_of[unknown].first().filter(|_| can_go(unknown, &rows_of)) else { continue };
            for other in std::mem::take(&mut equations[number]).into_keys() {
                rows_of[other].remove(&number);
                if can_go(other, &rows_of) {
                    lone.push(other);
                }
            }
        } else {
            break;
        }
    }
    equations.retain(|row| !row.is_empty());
    solved(equations, work_limit)?.into_iter().for_each(|unknown| known[unknown] = true);
    let exposed = unknowns.iter().zip(known).zip(is_small).filter(|((_, known), is_small)| *known && *is_small);
    Some(exposed.map(|((cell, _), _)| *cell).collect())
}

/// Equations are solved modulo a large prime, such that the product of two residues fits into 64 bits.
const PRIME: u64 = (1 << 31) - 1;

/// The unknowns that a system of equations determines; `None` if the work limit is exceeded.
///
/// An unknown is determined if it is zero in every solution of the homogeneous equations. So the equations are brought
/// to triangular form, shortest first because they are sparse; free unknowns get arbitrary values; and the unknowns that
/// still come out as zero are determined. (An unknown that is zero by chance, once in two billion, is hidden too.)
fn solved(equations: Vec<BTreeMap<usize, u64>>, work_limit: usize) -> Option<Vec<usize>> {
    let mut rows = equations;
    let mut rows_of: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        row.keys().for_each(|&unknown| {
            rows_of.entry(unknown).or_default().insert(number);
        });
    }
    let mut shortest: BTreeSet<(usize, usize)> = rows.iter().enumerate().map(|(number, row)| (row.len(), number)).collect();
    let mut triangle: Vec<(usize, BTreeMap<usize, u64>)> = Vec::new();
    let mut work = 0;
    while let Some((_, number)) = shortest.pop_first() {
        let row = std::mem::take(&mut rows[number]);
        let Some(&lead) = row.keys().min_by_key(|unknown| rows_of[unknown].len()) else { continue };
        row.keys().for_each(|unknown| {
            rows_of.entry(*unknown).or_default().remove(&number);
        });
        let scale = inverse(row[&lead]);
        for other in rows_of.remove(&lead).unwrap_or_default() {
            work += row.len();
            shortest.remove(&(rows[other].len(), other));
            let times = PRIME - rows[other][&lead] * scale % PRIME;
            for (&unknown, &value) in &row {
                let sum = (rows[other].get(&unknown).copied().unwrap_or(0) + times * value) % PRIME;
                let beside = rows_of.entry(unknown).or_default();
                if sum == 0 {
                    rows[other].remove(&unknown);
                    beside.remove(&other);
                } else {
                    rows[other].insert(unknown, sum);
                    beside.insert(other);
                }
            }
            shortest.insert((rows[other].len(), other));
        }
        if work > work_limit {
            return None;
        }
        triangle.push((lead, row));
    }
    let mut values: BTreeMap<usize, u64> = BTreeMap::new();
    let mut arbitrary: u64 = 0;
    for (lead, row) in triangle.iter().rev() {
        let mut sum = 0;
        for (&unknown, &value) in row.iter().filter(|(unknown, _)| *unknown != lead) {
            let of_unknown = values.entry(unknown).or_insert_with(|| {
                // Steele, Lea and Flood (2014): a step of SplitMix, the same in every run.
                arbitrary = arbitrary.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (arbitrary ^ arbitrary >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                1 + (mixed ^ mixed >> 27) % (PRIME - 1)
            });
            sum = (sum + value * *of_unknown) % PRIME;
        }
        values.insert(*lead, (PRIME - sum) % PRIME * inverse(row[lead]) % PRIME);
    }
    Some(values.into_iter().filter(|(_, value)| *value == 0).map(|(unknown, _)| unknown).collect())
}

/// The inverse modulo the prime, by Fermat: the value to the power of the prime minus two.
fn inverse(value: u64) -> u64 {
    let (mut base, mut power, mut result) = (value, PRIME - 2, 1);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        power >>= 1;
    }
    result
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
            "yes" | "no" => Subgroup::named("econ", subgroup).unwrap(),
            race => Subgroup::named("race_ethnicity", race).unwrap(),
        };
        let symbol = |number| NonZeroU32::new(number).unwrap();
        let school = school.map(|number| OrgId(symbol(number)));
        Cell { of: Measured::Test(AssessmentId(symbol(1)), SchoolYear(2026)), school, grade, subgroup }
    }

    /// Identical rows: school and grade if known, economic disadvantage, race, and their number.
    type RowGroup = (Option<u32>, Option<u8>, &'static str, &'static str, i64);

    /// Cells of every roll-up.
    fn cells(rows: &[RowGroup]) -> BTreeMap<Cell, i64> {
        let mut sums: BTreeMap<Cell, i64> = BTreeMap::new();
        for &(school, grade, econ, race, n) in rows {
            for school in BTreeSet::from([school, None]) {
                for grade in BTreeSet::from([grade, None]) {
                    for subgroup in [econ, race, "all"] {
                        *sums.entry(cell(school, grade, subgroup)).or_default() += n;
                    }
                }
            }
        }
        sums
    }

    #[test]
    fn the_complement_of_a_small_group_is_hidden_too() {
        let rows = [(1, "yes", 4), (1, "no", 40), (2, "yes", 30), (2, "no", 30)];
        let cells = cells(&rows.map(|(school, econ, n)| (Some(school), Some(3), econ, "white", n)));
        let hidden = hidden(cells.clone(), 10);
        assert!(hidden.contains(&cell(Some(1), Some(3), "yes")), "it is small");
        assert!(hidden.contains(&cell(Some(1), Some(3), "no")), "the total minus the others would reveal it");
        assert!(hidden.contains(&cell(Some(2), Some(3), "yes")), "the district minus the other school would reveal it");
        assert!(!hidden.contains(&cell(Some(1), Some(3), "all")));
        assert!(!hidden.contains(&cell(None, None, "yes")));
    }

    #[test]
    fn nothing_is_hidden_where_every_group_is_large() {
        let rows = [(1, 3, "yes", 40), (1, 3, "no", 40), (2, 4, "yes", 30), (2, 4, "no", 10)];
        let cells = cells(&rows.map(|(school, grade, econ, n)| (Some(school), Some(grade), econ, "white", n)));
        assert_eq!(hidden(cells.clone(), 10), BTreeSet::new());
    }

    #[test]
    fn rows_without_a_school_are_protected() {
        let rows = [(Some(1), 40), (Some(2), 30), (None, 3)];
        let cells = cells(&rows.map(|(school, n)| (school, Some(3), "yes", "white", n)));
        let hidden = hidden(cells.clone(), 10);
        assert!(
            hidden.contains(&cell(Some(2), Some(3), "yes")),
            "otherwise the district minus the schools is three students"
        );
    }

    /// Whether a system of equations determines an unknown, that is, whether its unit vector is a combination of the
    /// equations; by independent Gaussian elimination in floating point.
    fn follows(equations: &[Vec<i64>], unknown: usize) -> bool {
        let width = equations.first().map_or(0, Vec::len);
        let target: Vec<i64> = (0..width).map(|column| i64::from(column == unknown)).collect();
        let rank = |rows: Vec<Vec<i64>>| {
            let mut rows: Vec<Vec<f64>> = rows.into_iter().map(|row| row.into_iter().map(|v| v as f64).collect()).collect();
            let mut rank = 0;
            for column in 0..width {
                let pivot = (rank..rows.len()).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()));
                let Some(pivot) = pivot.filter(|&pivot| rows[pivot][column].abs() > 1e-7) else { continue };
                rows.swap(rank, pivot);
                let lead = rows[rank].clone();
                for row in rows.iter_mut().skip(rank + 1) {
                    let times = row[column] / lead[column];
                    row.iter_mut().zip(&lead).for_each(|(value, lead)| *value -= times * lead);
                }
                rank += 1;
            }
            rank
        };
        rank([equations.to_vec(), vec![target]].concat()) == rank(equations.to_vec())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        /// Nobody who knows every line can compute a figure of fewer students than the minimum: not by one subtraction,
        /// and not from all lines together; also if the system is not solved because of the work limit.
        #[test]
        fn no_small_group_can_be_inferred(
            rows in prop::collection::vec(
                (
                    prop::option::weighted(0.9, 1u32..4),
                    prop::option::weighted(0.9, 0u8..3),
                    prop::sample::select(vec!["yes", "no"]),
                    prop::sample::select(vec!["white", "black", "asian"]),
                    1i64..30,
                ),
                1..25,
            ),
            minimum_n in 2i64..15,
            work_limit in prop::sample::select(vec![WORK_LIMIT, 200, 20, 0]),
        ) {
            let cells = cells(&rows);
            let hidden = hidden_within(work_limit, cells.clone(), minimum_n);
            let known = cells.clone();
            for (cell, n) in known.iter().filter(|(cell, _)| !hidden.contains(cell)) {
                prop_assert!(*n >= minimum_n, "{cell:?} is shown with {n}");
            }
            let lines = lines(&known);
            for Line { total, parts, .. } in lines.iter().filter(|line| !hidden.contains(&line.total)) {
                let shown: i64 = parts.iter().filter(|part| !hidden.contains(part)).map(|part| known[part]).sum();
                let left = known[total] - shown;
                prop_assert!(left == 0 || left >= minimum_n, "{total:?} minus what is shown is {left}");
            }
            let unknowns: Vec<Cell> = hidden.iter().copied().collect();
            let equations: Vec<Vec<i64>> = lines.iter().enumerate().map(|(number, line)| {
                let coefficient = |cell: &Cell| i64::from(line.parts.contains(cell)) - i64::from(line.total == *cell);
                let rests = (0..lines.len()).map(|other| i64::from(other == number && line.rest > 0));
                unknowns.iter().map(coefficient).chain(rests).collect()
            }).collect();
            for (place, cell) in unknowns.iter().enumerate().filter(|(_, cell)| known[cell] < minimum_n) {
                prop_assert!(!follows(&equations, place), "{cell:?} with {} can be inferred", known[cell]);
            }
        }
    }
}
