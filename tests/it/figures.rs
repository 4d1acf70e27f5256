//! What KPIs publish, worked out apart from the library: from the sums that the SQL twins give, by the formulas as textbooks
//! have them, and for each row that is left out the reason why. SQLite has no roots, so what needs them is done here.

use crate::oracle::Sql;
use rollcall::kpi::{self, Published, Row};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::{FRAC_PI_2, PI};

/// The ways in which students are counted apart.
const CATEGORIES: [&str; 11] =
    ["race_ethnicity", "sex", "econ", "el", "iep", "s504", "homeless", "foster", "migrant", "military", "gifted"];

/// The two-sided 95% quantile of the normal distribution, as tables have it.
const Z: f64 = 1.959_964;

/// A figure as it should be.
#[derive(Clone, Debug)]
enum Worth {
    Nothing,
    Whole(i64),
    /// With how many decimals it is published.
    Real(f64, i32),
    Word(&'static str),
}

impl Worth {
    fn real(value: Option<f64>, decimals: i32) -> Worth {
        value.map_or(Worth::Nothing, |value| Worth::Real(value, decimals))
    }

    /// Whether a text says it. Of a real number the text is the nearest with so many decimals; where two are as near, either is,
    /// because the last bits of two ways to compute it may differ.
    fn is_told_by(&self, text: &str) -> bool {
        match self {
            Worth::Nothing => text.is_empty(),
            Worth::Whole(number) => text == number.to_string(),
            Worth::Word(word) => text == *word,
            Worth::Real(value, decimals) => {
                let has = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
                let half = 0.5 * 10f64.powi(-decimals);
                let told = text.parse::<f64>().unwrap_or(f64::NAN);
                has == *decimals && (told - value).abs() <= half + 1e-6 * half.max(value.abs() * half)
            }
        }
    }
}

/// A row as it should be.
struct Expected {
    figures: Vec<Worth>,
    /// Fewer students than the minimum are behind it: it must be left out.
    is_small: bool,
}

type Rows = BTreeMap<Vec<String>, Expected>;

/// Two-sided 95% quantiles of Student's t by their degrees of freedom, as they are needed.
#[derive(Default)]
struct Quantiles(BTreeMap<i64, f64>);

impl Quantiles {
    fn of(&mut self, degrees: i64) -> f64 {
        *self.0.entry(degrees).or_insert_with(|| quantile(degrees))
    }
}

/// By halving, of the finite sums for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4).
fn quantile(degrees: i64) -> f64 {
    let within = |angle: f64| {
        let (sin, cos) = angle.sin_cos();
        let first = if degrees % 2 == 1 { cos } else { 1.0 };
        let (mut sum, mut term, mut step) = (0.0, first, if degrees % 2 == 1 { 1 } else { 0 });
        while step <= degrees - 2 {
            sum += term;
            step += 2;
            term *= cos * cos * (step as f64 - 1.0) / step as f64;
        }
        if degrees % 2 == 1 { 2.0 / PI * (angle + sin * sum) } else { sin * sum }
    };
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if within(middle) < 0.95 { low = middle } else { high = middle }
    }
    low.tan() * (degrees as f64).sqrt()
}

/// How many there are of a group, the sum of their scores and of the squares of these, in thousandths of a point.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: i64,
    sum: i64,
    squares: i64,
}

impl Sums {
    fn mean(self) -> Option<f64> {
        (self.n > 0).then(|| self.sum as f64 / (1000 * self.n) as f64)
    }

    /// Sum of the squares about the mean, in points.
    fn about_mean(self) -> f64 {
        let (n, sum) = (i128::from(self.n), i128::from(self.sum));
        (n * i128::from(self.squares) - sum * sum) as f64 / self.n as f64 / 1e6
    }

    fn sd(self) -> Option<f64> {
        (self.n > 1).then(|| (self.about_mean() / (self.n - 1) as f64).sqrt())
    }

    fn se(self) -> Option<f64> {
        Some(self.sd()? / (self.n as f64).sqrt())
    }
}

/// The share in percent and its interval by Wilson: the shares of which it lies as far away as 95% of samples would, which are
/// the roots of a quadratic equation.
fn share(hits: i64, n: i64) -> [f64; 3] {
    let (hits, n) = (hits as f64, n as f64);
    let root = (Z * Z + 4.0 * hits * (1.0 - hits / n)).sqrt();
    let end = |root: f64| (2.0 * hits + Z * Z + Z * root) / (2.0 * (n + Z * Z));
    [hits / n, end(-root), end(root)].map(|share| 100.0 * share)
}

fn shares(hits: i64, n: i64) -> Vec<Worth> {
    let mut figures = vec![Worth::Whole(n), Worth::Whole(hits)];
    figures.extend(share(hits, n).map(|value| Worth::Real(value, 1)));
    figures
}

/// The difference of two shares with its interval by Newcombe, and z.
fn gap((hits_1, n_1): (i64, i64), (hits_2, n_2): (i64, i64)) -> Vec<Worth> {
    let ([p, l, u], [q, m, v]) = (share(hits_1, n_1), share(hits_2, n_2));
    let (low, high) = (p - q - (p - l).hypot(v - q), p - q + (u - p).hypot(q - m));
    let (hits, n) = (hits_1 + hits_2, n_1 + n_2);
    let z = (0 < hits && hits < n).then(|| {
        let all = hits as f64 / n as f64;
        (p - q) / 100.0 / (all * (1.0 - all) * n as f64 / (n_1 * n_2) as f64).sqrt()
    });
    let reals = [Worth::Real(p - q, 1), Worth::Real(low, 1), Worth::Real(high, 1), Worth::real(z, 2)];
    [vec![Worth::Whole(n_1), Worth::Whole(n_2)], reals.to_vec()].concat()
}

fn pooled_sd(a: Sums, b: Sums) -> Option<f64> {
    let sd = ((a.about_mean() + b.about_mean()) / (a.n + b.n - 2) as f64).sqrt();
    (a.n > 1 && b.n > 1 && sd > 0.0).then_some(sd)
}

/// For how few students an effect is too large (Hedges).
fn correction(n: i64) -> f64 {
    1.0 - 3.0 / (4 * n - 9) as f64
}

/// The difference of two means in standard deviations, with half of its interval.
fn effect(a: Sums, b: Sums) -> Option<(f64, f64)> {
    let d = (a.mean()? - b.mean()?) / pooled_sd(a, b)?;
    let (n, m) = (a.n as f64, b.n as f64);
    let error = (1.0 / n + 1.0 / m + d * d / 2.0 / (n + m)).sqrt();
    let correction = correction(a.n + b.n);
    Some((correction * d, correction * Z * error))
}

/// What the twins say, and what rows are called by.
pub struct Twins<'a> {
    rows: &'a BTreeMap<String, Vec<Vec<Sql>>>,
    /// By assessment.
    subjects: BTreeMap<String, String>,
    /// By organization.
    names: BTreeMap<String, String>,
    /// By program: name and subject.
    programs: BTreeMap<String, [String; 2]>,
    quantiles: Quantiles,
}

fn text(value: &Sql) -> String {
    match value {
        Sql::Null => String::new(),
        Sql::Number(number) => number.to_string(),
        Sql::Text(text) => text.clone(),
    }
}

fn number(value: &Sql) -> i64 {
    match value {
        Sql::Number(number) => *number,
        _ => 0,
    }
}

fn sums(values: &[Sql]) -> Sums {
    let [n, sum, squares] = [0, 1, 2].map(|place| number(&values[place]));
    Sums { n, sum, squares }
}

impl<'a> Twins<'a> {
    pub fn new(db: &Connection, rows: &'a BTreeMap<String, Vec<Vec<Sql>>>) -> Twins<'a> {
        let pairs = |sql: &str| -> BTreeMap<String, [String; 2]> {
            let mut statement = db.prepare(sql).expect("the query is sound");
            let text = |row: &rusqlite::Row<'_>, place| {
                let text: rusqlite::Result<Option<String>> = row.get(place);
                text.map(Option::unwrap_or_default)
            };
            let rows = statement.query_map([], |row| Ok((text(row, 0)?, [text(row, 1)?, text(row, 2)?])));
            rows.expect("SQLite answers").collect::<rusqlite::Result<_>>().expect("the columns are texts")
        };
        let firsts = |sql: &str| pairs(sql).into_iter().map(|(key, [first, _])| (key, first)).collect();
        Twins {
            rows,
            subjects: firsts("SELECT assessment_id, subject, NULL FROM assessment"),
            names: firsts("SELECT org_id, name, NULL FROM organization"),
            programs: pairs("SELECT program_id, name, target_subject FROM program"),
            quantiles: Quantiles::default(),
        }
    }

    fn of(&self, id: &str) -> impl Iterator<Item = &'a Vec<Sql>> + use<'a> {
        self.rows[id].iter()
    }

    /// Rows at a school that has no row itself are in the district alone.
    fn is_published(&self, school: &Sql) -> bool {
        *school == Sql::Null || self.names.contains_key(&text(school))
    }

    /// Assessment, subject, year, school, grade, and what follows.
    fn cell(&self, row: &[Sql], more: usize) -> Vec<String> {
        let mut keys: Vec<String> = row[..4 + more].iter().map(text).collect();
        keys.insert(1, self.subjects[&keys[0]].clone());
        keys
    }

    fn place(&self, org: &Sql) -> Vec<String> {
        match org {
            Sql::Null => vec![String::new(), "(whole district)".to_owned()],
            org => vec![text(org), self.names.get(&text(org)).cloned().unwrap_or_default()],
        }
    }

    /// Mean, standard deviation, and the ends of the interval.
    fn estimate(&mut self, of: Sums) -> [Option<f64>; 2] {
        let half = of.se().map(|se| self.quantiles.of(of.n - 1) * se);
        [-1.0, 1.0].map(|sign| Some(of.mean()? + sign * half?))
    }

    fn rows(&mut self, id: &str, minimum: i64) -> Rows {
        match id {
            "KPI-01" => self.means(minimum),
            "KPI-02" | "KPI-04" => self.rates(id, minimum),
            "KPI-03" => self.levels(minimum),
            "KPI-05" | "KPI-06" => self.gaps(id, minimum),
            "KPI-08" => self.gains(minimum),
            "KPI-09" => self.effects(minimum),
            "KPI-10" | "KPI-11" => self.ratios(id),
            "KPI-13" => self.qualification(),
            _ => panic!("{id} is none of these"),
        }
    }

    fn means(&mut self, minimum: i64) -> Rows {
        let mut rows = Rows::new();
        for row in self.of("KPI-01").filter(|row| self.is_published(&row[2])).collect::<Vec<_>>() {
            let of = sums(&row[6..]);
            let [low, high] = self.estimate(of);
            let reals = [(of.mean(), 1), (of.sd(), 1), (of.se(), 2), (low, 1), (high, 1)];
            let figures =
                [vec![Worth::Whole(of.n)], reals.map(|(value, decimals)| Worth::real(value, decimals)).to_vec()].concat();
            rows.insert(self.cell(row, 2), Expected { figures, is_small: of.n < minimum });
        }
        rows
    }

    fn rates(&self, id: &str, minimum: i64) -> Rows {
        let row = |row: &Vec<Sql>| {
            let (n, hits) = (number(&row[6]), number(&row[7]));
            (self.cell(row, 2), Expected { figures: shares(hits, n), is_small: n < minimum })
        };
        self.of(id).filter(|row| self.is_published(&row[2])).map(row).collect()
    }

    /// Every level that somebody in the district has reached, of every cell.
    fn levels(&self, minimum: i64) -> Rows {
        let reached: BTreeMap<Vec<String>, i64> =
            self.of("KPI-03").map(|row| (self.cell(row, 3), number(&row[7]))).collect();
        let mut rows = Rows::new();
        for row in self.of("KPI-02").filter(|row| self.is_published(&row[2])) {
            let (cell, n) = (self.cell(row, 2), number(&row[6]));
            let of_all = |rank: i64| {
                let [assessment, subject, year, ..] = &cell[..] else { return Vec::new() };
                let all = [assessment, subject, year, "", "", "all", "all"].map(str::to_owned);
                [all.to_vec(), vec![rank.to_string()]].concat()
            };
            for rank in (1..=8).filter(|rank| reached.contains_key(&of_all(*rank))) {
                let keys = [cell.clone(), vec![rank.to_string()]].concat();
                let students = reached.get(&keys).copied().unwrap_or(0);
                rows.insert(keys, Expected { figures: shares(students, n), is_small: n < minimum });
            }
        }
        rows
    }

    fn gaps(&self, id: &str, minimum: i64) -> Rows {
        let row = |row: &Vec<Sql>| {
            let (figures, n) = if id == "KPI-05" {
                let [n_1, hits_1, n_2, hits_2] = [7, 8, 9, 10].map(|place| number(&row[place]));
                (gap((hits_1, n_1), (hits_2, n_2)), n_1.min(n_2))
            } else {
                let (a, b) = (sums(&row[7..]), sums(&row[10..]));
                let effect = effect(a, b);
                let end = |sign: f64| effect.filter(|_| a.n >= 30 && b.n >= 30).map(|(g, half)| g + sign * half);
                let reals = [(a.mean(), 1), (b.mean(), 1), (effect.map(|(g, _)| g), 2), (end(-1.0), 2), (end(1.0), 2)];
                let reals = reals.map(|(value, decimals)| Worth::real(value, decimals));
                ([vec![Worth::Whole(a.n), Worth::Whole(b.n)], reals.to_vec()].concat(), a.n.min(b.n))
            };
            (self.cell(row, 3), Expected { figures, is_small: n < minimum })
        };
        self.of(id).filter(|row| self.is_published(&row[2])).map(row).collect()
    }

    fn gains(&mut self, minimum: i64) -> Rows {
        let mut rows = Rows::new();
        for row in self.of("KPI-08").filter(|row| self.is_published(&row[2])).collect::<Vec<_>>() {
            let [all, n] = [5, 6].map(|place| number(&row[place]));
            let [pre, post, gain] =
                [0, 1, 2].map(|part| Sums { n, sum: number(&row[7 + part]), squares: number(&row[10 + part]) });
            let [low, high] = self.estimate(gain);
            let over = |by: Option<f64>| by.filter(|by| *by > 0.0).and_then(|by| Some(gain.mean()? / by));
            let reals = [
                (Some(n as f64 / all as f64 * 100.0), 1),
                (pre.mean(), 1),
                (post.mean(), 1),
                (gain.mean(), 1),
                (gain.sd(), 1),
                (over(gain.se()), 2),
                (low, 1),
                (high, 1),
                (over(pre.sd()), 2),
            ];
            let reals = reals.map(|(value, decimals)| Worth::real(value, decimals)).to_vec();
            let figures = [vec![Worth::Whole(all), Worth::Whole(n)], reals].concat();
            let keys = row[..5].iter().map(text).collect();
            rows.insert(keys, Expected { figures, is_small: n < minimum || all < minimum });
        }
        rows
    }

    fn effects(&self, minimum: i64) -> Rows {
        let row = |row: &Vec<Sql>| {
            let arm = |from: usize| {
                [0, 1, 2].map(|part| Sums {
                    n: number(&row[from]),
                    sum: number(&row[from + 1 + part]),
                    squares: number(&row[from + 4 + part]),
                })
            };
            let ([pre_1, post_1, gain_1], [pre_2, post_2, gain_2]) = (arm(1), arm(8));
            let baseline = effect(pre_1, pre_2).map(|(g, _)| g);
            let standing = match baseline {
                Some(g) if g.abs() <= 0.05 => "comparable",
                Some(g) if g.abs() <= 0.25 => "needs adjustment",
                _ => "not comparable",
            };
            let more = gain_1.mean().zip(gain_2.mean()).map(|(a, b)| a - b).filter(|_| standing != "not comparable");
            let se = gain_1.se().zip(gain_2.se()).map(|(a, b)| (a * a + b * b).sqrt());
            let end = |sign: f64| more.zip(se).map(|(more, se)| more + sign * Z * se);
            let g = more.zip(pooled_sd(post_1, post_2)).map(|(more, sd)| more / sd * correction(post_1.n + post_2.n));
            let reals = [(more, 1), (end(-1.0), 1), (end(1.0), 1), (g, 2)];
            let reals = reals.map(|(value, decimals)| Worth::real(value, decimals)).to_vec();
            let first = [Worth::Whole(gain_1.n), Worth::Whole(gain_2.n), Worth::real(baseline, 2), Worth::Word(standing)];
            let program = text(&row[0]);
            let named = self.programs.get(&program).cloned().unwrap_or_default();
            let keys = [vec![program], named.to_vec()].concat();
            let is_small = gain_1.n.min(gain_2.n) < minimum.max(30);
            (keys, Expected { figures: [first.to_vec(), reals].concat(), is_small })
        };
        self.of("KPI-09").map(row).collect()
    }

    /// Of KPI-10 a row has the FTE of teachers, of KPI-11 that of six groups of roles.
    fn ratios(&self, id: &str) -> Rows {
        let roles = ["counselor", "nurse", "librarian", "psychologist", "para", "administrator"];
        let mut rows = Rows::new();
        for row in self.of(id) {
            let headcount = number(&row[1]);
            for (fte, role) in row[2..].iter().map(number).zip(roles) {
                let ratio = (fte > 0).then(|| headcount as f64 / (fte as f64 / 10_000.0));
                let figures = vec![Worth::Whole(headcount), Worth::Real(fte as f64 / 10_000.0, 2), Worth::real(ratio, 1)];
                let mut keys = self.place(&row[0]);
                keys.extend((id == "KPI-11").then(|| role.to_owned()));
                rows.insert(keys, Expected { figures, is_small: false });
            }
        }
        rows
    }

    /// Teachers by place, and those of the quarters of the organizations with the greatest and the least share of economically
    /// disadvantaged students.
    fn qualification(&self) -> Rows {
        let expected = |fte: &[i64]| {
            let share = |part: &i64| Worth::Real(*part as f64 / fte[0] as f64 * 100.0, 1);
            let figures =
                std::iter::once(Worth::Real(fte[0] as f64 / 10_000.0, 2)).chain(fte[1..].iter().map(share)).collect();
            Expected { figures, is_small: fte[0] < 50_000 }
        };
        let staffed: Vec<(&Sql, Vec<i64>)> =
            self.of("KPI-13").map(|row| (&row[0], row[1..].iter().map(number).collect())).collect();
        let mut rows = Rows::new();
        let mut schools: Vec<(&Sql, &Vec<i64>)> = Vec::new();
        for (org, of) in staffed.iter().filter(|(_, of)| of[0] > 0) {
            rows.insert(self.place(org), expected(&of[..6]));
            if **org != Sql::Null && of[6] > 0 {
                schools.push((org, of));
            }
        }
        schools.sort_by(|(org, of), (other, of_other)| {
            let poverty = |of: &[i64]| (of[7], of[6]);
            let ((a, b), (c, d)) = (poverty(of), poverty(of_other));
            (c * b).cmp(&(a * d)).then(org.cmp(other))
        });
        let quarter = schools.len() / 4;
        for (name, of) in
            [("(poorest quarter)", &schools[..quarter]), ("(richest quarter)", &schools[schools.len() - quarter..])]
        {
            let sum = |place: usize| of.iter().map(|(_, of)| of[place]).sum::<i64>();
            let sums: Vec<i64> = (0..6).map(sum).collect();
            if quarter > 0 {
                rows.insert(vec![String::new(), name.to_owned()], expected(&sums));
            }
        }
        rows
    }

    /// What is published differently from how it should be, by KPI.
    pub fn differences(&mut self, published: &Published<'_>) -> BTreeMap<String, Vec<String>> {
        let minimum = published.settings.minimum_n;
        let mut all = BTreeMap::new();
        // Of results, cells with few who are judged are left out everywhere.
        let few = |rows: &Rows| rows.iter().filter(|(_, row)| row.is_small).map(|(keys, _)| keys.clone()).collect();
        let mut small: BTreeSet<Vec<String>> = few(&self.means(minimum));
        small.extend(few(&self.rates("KPI-02", minimum)));
        let mut left_out: BTreeSet<Vec<String>> = BTreeSet::new();
        for id in self.rows.keys().cloned().collect::<Vec<_>>() {
            let kpi = kpi::find(&id).expect("twins are of KPIs");
            let mut expected = self.rows(&id, minimum);
            let here = (kpi.rows)(published);
            let (mut hidden, mut differences) = (BTreeSet::new(), Vec::new());
            for Row { keys, figures } in &here {
                let Some(row) = expected.remove(keys) else {
                    differences.push(format!("{keys:?} stands once more than it should"));
                    continue;
                };
                match figures {
                    None => drop(hidden.insert(keys.clone())),
                    Some(_) if row.is_small => differences.push(format!("{keys:?} is shown of too few")),
                    Some(figures) => {
                        let told: Vec<String> = figures.iter().map(|figure| figure.text()).collect();
                        let is_right = told.len() == row.figures.len()
                            && row.figures.iter().zip(&told).all(|(worth, text)| worth.is_told_by(text));
                        if !is_right {
                            differences.push(format!("{keys:?}: {told:?} should be {:?}", row.figures));
                        }
                    }
                }
                let is_left_out = figures.is_none();
                let why = match id.as_str() {
                    // They are of cells of KPI-01, and left out with these.
                    "KPI-02" | "KPI-03" => Some(left_out.contains(&keys[..7])),
                    "KPI-05" | "KPI-06" => {
                        let of = |value: &String| [&keys[..6], std::slice::from_ref(value)].concat();
                        Some(left_out.contains(&of(&keys[6])) || left_out.contains(&of(&keys[7])))
                    }
                    "KPI-09" | "KPI-10" | "KPI-11" | "KPI-13" => Some(row.is_small),
                    _ => None,
                };
                if why.is_some_and(|why| why != is_left_out) {
                    differences.push(format!("{keys:?} is left out or shown against the rule: {is_left_out}"));
                }
            }
            differences.extend(expected.into_keys().map(|keys| format!("{keys:?} is not there")));
            if id == "KPI-01" {
                left_out = hidden.clone();
            }
            let of_its_own = match id.as_str() {
                "KPI-01" => Some(small.clone()),
                "KPI-04" | "KPI-08" => Some(few(&self.rows(&id, minimum))),
                _ => None,
            };
            if let Some(small) = of_its_own {
                differences.extend(unfounded(&hidden, &small).map(|keys| format!("{keys:?} is left out for nothing")));
            }
            if !differences.is_empty() {
                all.insert(id, differences);
            }
        }
        all
    }
}

/// Of the rows that are left out those without a reason: they rest on enough students, and nothing that is left out beside
/// them could be computed from them, or nothing of what is measured rests on too few.
fn unfounded<'a>(hidden: &'a BTreeSet<Vec<String>>, small: &BTreeSet<Vec<String>>) -> impl Iterator<Item = &'a Vec<String>> {
    // Results are by assessment, subject and year, programs by program and arm: what is before the school.
    let measured = |keys: &[String]| keys[..if keys.len() == 7 { 3 } else { 2 }].to_vec();
    let few: BTreeSet<Vec<String>> = small.iter().map(|keys| measured(keys)).collect();
    let without = |keys: &[String], place: usize| {
        let mut keys = keys.to_vec();
        keys.remove(place);
        (place, keys)
    };
    // A line is what cells have in common that add up: all but the school, all but the grade, or all but the subgroup, of which
    // all students are in the line of each category.
    let lines = move |keys: &[String]| -> Vec<(usize, Vec<String>)> {
        let category = keys.len() - 2;
        let mut lines: Vec<_> = (measured(keys).len()..category).map(|place| without(keys, place)).collect();
        let own = std::slice::from_ref(&keys[category]);
        let all = CATEGORIES.map(str::to_owned);
        let categories = if keys[category] == "all" { &all[..] } else { own };
        lines.extend(categories.iter().map(|of| (category, [&keys[..category], std::slice::from_ref(of)].concat())));
        lines
    };
    let mut beside: BTreeMap<(usize, Vec<String>), usize> = BTreeMap::new();
    hidden.iter().flat_map(|keys| lines(keys)).for_each(|line| *beside.entry(line).or_default() += 1);
    let small = small.clone();
    hidden.iter().filter(move |keys| {
        let has_reason = few.contains(&measured(keys)) && lines(keys).iter().any(|line| beside[line] > 1);
        !small.contains(*keys) && !has_reason
    })
}

#[test]
fn quantiles_are_those_of_tables() {
    for (degrees, value) in
        [(1, 12.706), (2, 4.303), (3, 3.182), (7, 2.365), (10, 2.228), (29, 2.045), (30, 2.042), (120, 1.980)]
    {
        assert!((quantile(degrees) - value).abs() < 5e-4, "{degrees}: {}", quantile(degrees));
    }
}
