//! KPIs: one file each, which says what the figure is and how it follows from integer tallies. The tallies are kept in
//! the dataflow; rates, means and intervals are computed from them when something is published, and nowhere else.

pub mod scores;
pub mod statistics;

use crate::model::Texts;
use crate::warehouse::staffing::{Place, Staffing};
use scores::{Cell, Scores};

/// A KPI.
pub struct Kpi {
    /// Its permanent id, such as `KPI-02`.
    pub id: &'static str,
    /// The name of its output, without extension.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The definition, with its source.
    pub doc: &'static str,
    /// One sentence: one row per what.
    pub grain: &'static str,
    /// What its figures are in.
    pub unit: &'static str,
    /// The columns of its output: those of the grain, then the figures.
    pub columns: &'static [&'static str],
    /// What it is computed from, and how.
    pub measure: Measure,
}

/// How a KPI follows from tallies.
pub enum Measure {
    /// From the scores of a cell: the figures of its row.
    Rate(fn(&Scores) -> Vec<Figure>),
    /// From the scores of two subgroups of a cell: those of the reference group and of the focal group.
    Gap(fn(&Scores, &Scores) -> Vec<Figure>),
    /// From the staffing of a place.
    Staffing(fn(&Staffing) -> Vec<Figure>),
}

/// A figure as it is published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// Not defined, such as a rate of nothing.
    None,
    /// A count.
    Count(i64),
    /// A real number, with how many decimals it is published.
    Real(f64, usize),
}

impl Figure {
    /// The text as published.
    pub fn text(self) -> String {
        match self {
            Figure::None => String::new(),
            Figure::Count(count) => count.to_string(),
            // Rounding may leave a minus before zero.
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

macro_rules! kpis {
    ($($module:ident),+ $(,)?) => {
        $(pub mod $module;)+
        /// The one list of KPIs.
        pub static KPIS: &[&Kpi] = &[$(&$module::KPI),+];
    };
}

kpis! { kpi_02_proficiency_rate, kpi_05_proficiency_gap, kpi_10_students_per_teacher }

/// The KPI with this id, in any case.
pub fn find(id: &str) -> Option<&'static Kpi> {
    KPIS.iter().copied().find(|kpi| kpi.id.eq_ignore_ascii_case(id))
}

/// Every tally that KPIs are computed from, as it stands.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// Scores by cell.
    pub scores: Vec<(Cell, Scores)>,
    /// Staffing by place.
    pub staffing: Vec<(Place, Staffing)>,
}

impl Tallies {
    /// Sorts by published text, because symbols are numbered by arrival.
    pub fn sort(&mut self, texts: &Texts) {
        self.scores.sort_by_cached_key(|(cell, _)| {
            let school = cell.school.map(|school| texts.text(school).to_owned());
            (texts.text(cell.assessment).to_owned(), cell.school_year, school, cell.grade, cell.subgroup)
        });
        self.staffing.sort_by_cached_key(|(place, _)| match place {
            Place::District => None,
            Place::Organization(org) => Some(texts.text(*org).to_owned()),
        });
    }
}
