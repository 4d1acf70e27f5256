//! KPIs, one per file: the definition of each figure and how it is computed from integer tallies. The tallies are
//! maintained in the dataflow; rates, means and intervals are computed from them only when something is published.

pub(crate) mod headlines;
pub(crate) mod published;
pub(crate) mod statistics;
pub(crate) mod suppress;
pub(crate) mod tables;
pub(crate) mod z_scores;

use crate::model::{Date, Texts};
use crate::tallies::Sums;
use crate::tallies::scores::{Cell, Measured, Scores};
pub(crate) use crate::warehouse::columns::Kind;
pub(crate) use headlines::{Headline, headlines, is_headline};
pub use published::{Cleanliness, Published, Spell, Violated};
pub use z_scores::ZScores;

/// A KPI.
pub struct Kpi {
    /// Its permanent id, such as `KPI-02`.
    pub id: &'static str,
    /// The name of its output file, without extension.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The definition, with its source.
    pub doc: &'static str,
    /// Its grain in one sentence.
    pub grain: &'static str,
    /// The unit of its figures.
    pub unit: &'static str,
    /// The number under which published figures are kept to report their moves. Snapshots hold it: it never changes, and is
    /// never given to another KPI. None for a KPI whose moves follow from others or from violations.
    pub stored_as: Option<u8>,
    /// The key columns.
    pub keys: &'static [&'static str],
    /// The figure columns, with their types.
    pub columns: &'static [(&'static str, Kind)],
    /// The rows, from the tallies.
    pub rows: fn(&Published<'_>) -> Vec<Row>,
}

/// A row of a KPI.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The values of the key columns.
    pub keys: Vec<String>,
    /// The figures; `None` if suppressed.
    pub figures: Option<Vec<Figure>>,
}

/// A published figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// Undefined, such as a rate with a zero denominator.
    None,
    /// A count.
    Count(i64),
    /// A real number, and the decimals to publish.
    Real(f64, usize),
    /// A word.
    Word(&'static str),
    /// A day.
    Day(Date),
}

impl Figure {
    /// A real number, if defined.
    pub(crate) fn real(value: Option<f64>, decimals: usize) -> Figure {
        value.filter(|value| value.is_finite()).map_or(Figure::None, |value| Figure::Real(value, decimals))
    }

    /// The text as published.
    pub fn text(self) -> String {
        match self {
            Figure::None => String::new(),
            Figure::Count(count) => count.to_string(),
            Figure::Word(word) => word.to_owned(),
            Figure::Day(day) => day.to_string(),
            // Rounding may produce a negative zero.
            Figure::Real(value, decimals) => {
                let text = format!("{value:.decimals$}");
                match text.strip_prefix('-') {
                    Some(rest) if !rest.contains(|c: char| ('1'..='9').contains(&c)) => rest.to_owned(),
                    _ => text,
                }
            }
        }
    }
}

/// The figures of a share: denominator, numerator, and the percentage with its interval.
fn shares(hits: i32, of: i32) -> Vec<Figure> {
    let percent = |value: f64| Figure::Real(100.0 * value, 1);
    let share = statistics::share(hits.into(), of.into());
    let rates = share.map_or([Figure::None; 3], |share| [share.value, share.low, share.high].map(percent));
    [vec![Figure::Count(of.into()), Figure::Count(hits.into())], rates.to_vec()].concat()
}

macro_rules! kpis {
    ($($module:ident),+ $(,)?) => {
        $(pub mod $module;)+
        /// All KPIs.
        pub static KPIS: &[&Kpi] = &[$(&$module::KPI),+];
    };
}

kpis! {
    kpi_01_mean_score,
    kpi_02_proficiency_rate,
    kpi_03_level_distribution,
    kpi_04_participation_rate,
    kpi_05_proficiency_gap,
    kpi_06_standardized_gap,
    kpi_08_program_gain,
    kpi_09_program_effect,
    kpi_10_students_per_teacher,
    kpi_11_staffing_by_role,
    kpi_13_teacher_qualification,
    kpi_14_school_comparison,
    kpi_23_record_cleanliness,
    kpi_24_violation_flow,
    kpi_25_feed_freshness,
}

/// The KPI whose figures are kept under this number.
pub(crate) fn by_stored_number(number: u8) -> Option<&'static Kpi> {
    KPIS.iter().copied().find(|kpi| kpi.stored_as == Some(number))
}

/// The KPI with this id, in any case.
pub fn find(id: &str) -> Option<&'static Kpi> {
    KPIS.iter().copied().find(|kpi| kpi.id.eq_ignore_ascii_case(id))
}

/// The current state of all tallies that KPIs are computed from.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// Scores by cell.
    pub scores: Vec<(Cell, Scores)>,
    /// The tallies of today.
    pub today: Sums,
}

impl Tallies {
    /// Sorts by published text, because symbols depend on the order of arrival.
    pub(crate) fn sort(&mut self, texts: &Texts) {
        self.scores.sort_by_cached_key(|(cell, _)| {
            let school = cell.school.map(|school| texts.text(school).to_owned());
            let of = match cell.of {
                Measured::Test(assessment, year) => (texts.text(assessment).to_owned(), Some(year), None),
                Measured::Program(program, arm, part) => (texts.text(program).to_owned(), None, Some((arm, part))),
            };
            (of, school, cell.grade, cell.subgroup)
        });
        self.today.sort(texts);
    }
}
