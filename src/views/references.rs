//! Who refers to whom, counted. A missing row is found by counting references and existence of a key in one
//! difference, not by an antijoin of wide rows. Parents whose file sees those that refer to them (students, staff, sections,
//! credentials) need no count.

use crate::dataflow::Diff;
use crate::model::{CodeSet, FieldType, Space, Table, UnrecognizedCode, Visited};
use differential_dataflow::difference::{Abelian, IsZero, Monoid, Semigroup};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::sync::OnceLock;

/// The most columns that may refer to one table; a data model with more does not compile.
const EDGES: usize = 24;

const _: () = {
    let mut parent = 0;
    while parent < Table::ALL.len() {
        assert!(columns_with(Table::ALL[parent].space()) <= EDGES, "too many columns refer to one table");
        parent += 1;
    }
};

/// How many columns refer to the table whose keys are of a space: all that hold its ids, but for its own key.
const fn columns_with(space: Space) -> usize {
    let (mut table, mut count) = (0, 0);
    while table < Table::ALL.len() {
        let spec = Table::ALL[table].spec();
        let mut column = 0;
        while column < spec.columns.len() {
            if let FieldType::Id(of) | FieldType::Ids(of) = spec.columns[column].kind {
                count += (of as u8 == space as u8) as usize;
            }
            column += 1;
        }
        count -= (Table::ALL[table].space() as u8 == space as u8 && spec.key.len() == 1) as usize;
        table += 1;
    }
    count
}

/// A key whose uses are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Counted {
    /// A row of a parent table, by the symbol of its key.
    Parent(Table, NonZeroU32),
    /// A code that its set does not know.
    Code(CodeSet, UnrecognizedCode),
}

/// How often a key exists, and how often each column refers to it; a code is counted in the first place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct References {
    /// 1 when the row is there.
    pub exists: Diff,
    /// References by column, in the order of [`referring`].
    pub by_column: [Diff; EDGES],
}

/// One use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Use {
    /// The row itself.
    Row,
    /// From the column at this place.
    Column(u8),
}

impl References {
    /// So many of one use.
    pub fn of(used: Use, times: Diff) -> References {
        let mut references = References::default();
        match used {
            Use::Row => references.exists = times,
            Use::Column(place) => references.by_column[usize::from(place)] = times,
        }
        references
    }

    /// Whether something refers to a row that is not there.
    pub fn is_missing(&self) -> bool {
        self.exists <= 0 && self.by_column.iter().any(|&count| count > 0)
    }
}

impl IsZero for References {
    fn is_zero(&self) -> bool {
        *self == References::default()
    }
}
impl Semigroup for References {
    fn plus_equals(&mut self, other: &Self) {
        self.exists += other.exists;
        self.by_column.iter_mut().zip(other.by_column).for_each(|(count, more)| *count += more);
    }
}
impl Monoid for References {
    fn zero() -> Self {
        References::default()
    }
}
impl Abelian for References {
    fn negate(&mut self) {
        self.exists = -self.exists;
        self.by_column.iter_mut().for_each(|count| *count = -*count);
    }
}

/// Whether references to a table are counted; the others have files that see both sides.
pub const fn is_counted(parent: Table) -> bool {
    matches!(
        parent,
        Table::Organization
            | Table::AcademicSession
            | Table::Course
            | Table::Assessment
            | Table::Program
            | Table::StaffEmployment
    )
}

struct Edges {
    /// By table and column: the parent it refers to, and its place among the columns that do.
    of_column: Vec<Vec<Option<(Table, u8)>>>,
    /// By parent: the columns that refer to it.
    of_parent: Vec<Vec<(Table, u8)>>,
}

fn edges() -> &'static Edges {
    static EDGES_OF: OnceLock<Edges> = OnceLock::new();
    EDGES_OF.get_or_init(|| {
        let mut of_parent = vec![Vec::new(); Table::ALL.len()];
        let mut of_column = Vec::new();
        for &table in Table::ALL {
            let columns = table.spec().columns.iter().enumerate().map(|(position, column)| {
                let parent = table.referred(column)?;
                let referring: &mut Vec<(Table, u8)> = &mut of_parent[parent as usize];
                referring.push((table, position as u8));
                Some((parent, (referring.len() - 1) as u8))
            });
            of_column.push(columns.collect());
        }
        Edges { of_column, of_parent }
    })
}

/// The columns that refer to a table: each with the table it stands in and its position there.
pub fn referring(parent: Table) -> &'static [(Table, u8)] {
    &edges().of_parent[parent as usize]
}

/// The position of the column of `table` that refers to `parent`, when exactly one does.
pub fn column_referring(table: Table, parent: Table) -> Option<u8> {
    let mut columns = referring(parent).iter().filter(|(of, _)| *of == table);
    match (columns.next(), columns.next()) {
        (Some((_, column)), None) => Some(*column),
        _ => None,
    }
}

/// What one id or unknown code of a row adds to the counts.
#[inline]
pub fn counted(table: Table, column: usize, seen: Visited) -> Option<(Counted, Use)> {
    match seen {
        Visited::UnrecognizedCode(set, odd) => Some((Counted::Code(set, odd), Use::Column(0))),
        Visited::Id(_, symbol) => {
            let (parent, place) = edges().of_column[table as usize][column]?;
            is_counted(parent).then_some((Counted::Parent(parent, symbol), Use::Column(place)))
        }
        Visited::Day(_) => None,
    }
}
