//! The tables of the data model: one file each, and one line in the list at the end of this file. A table's file declares
//! its columns, key and natural key, once.

use crate::codes::CodeMaps;
use crate::fields::{Field, FieldType, Unreadable, Value, Visited};
use crate::flaws::{Flaws, Watched};
use crate::ids::{Id, Space};
use crate::texts::Texts;
use serde::{Deserialize, Serialize};

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its name, as in the header of an extract.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldType,
    /// Whether a row without it is rejected.
    pub required: bool,
    /// Other headers that exports use for it; case, blanks, `_` and `-` never matter.
    pub aliases: &'static [&'static str],
    /// What it means; unit and interval end where they matter.
    pub doc: &'static str,
}

/// A table of the data model.
#[derive(Debug)]
pub struct Spec {
    /// Its name, as in the name of an extract's file.
    pub name: &'static str,
    /// What one row is.
    pub doc: &'static str,
    /// The columns of its key.
    pub key: &'static [&'static str],
    /// The columns that together name what a row is about, besides its key; none for most tables.
    pub natural: &'static [&'static str],
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// The columns whose texts are looked at for flaws, by position.
    pub watched: &'static [(usize, Watched)],
}

impl Spec {
    /// The position of a column by its name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A kind of record.
pub trait Row: Copy + Eq + 'static {
    /// The id that keys the table.
    type Key: Id;
    /// Which table it is a row of.
    const TABLE: Table;
    /// The columns of the declaration.
    const COLUMNS: &'static [Column];
    /// The declaration.
    const SPEC: Spec;
    /// The key of this row.
    fn key(&self) -> Self::Key;
    /// Reads a row. `field` gives the trimmed text of a column, empty when it is absent; `fault` hears of each column
    /// that cannot be read. Without a row something was faulty.
    fn read<'a>(field: impl Fn(usize) -> &'a str, texts: &mut Texts, fault: impl FnMut(usize, Fault)) -> Option<Self>;
    /// The value of each column, in order.
    fn values(&self) -> Vec<Value>;
    /// The natural key, where the table declares one and its last part is stated.
    fn natural(&self) -> Option<NaturalKey>;
    /// Flaws of the texts of watched columns; none for a table that watches none.
    fn flaws(&self) -> Flaws {
        Flaws::default()
    }
    /// Replaces the flaws, in a table that watches columns.
    fn set_flaws(&mut self, _flaws: Flaws) {}
    /// The row with its unknown codes replaced by those that the maps know.
    fn map_codes(self, map: &CodeMaps) -> Self;
    /// Shows the ids, the unknown codes and the days of the row, each with the position of its column.
    fn visit(&self, visit: &mut impl FnMut(usize, Visited));
}

/// Something to do with every kind of record; see [`Table::each`].
pub trait EachRow {
    /// Called with each.
    fn row<R: Row + Serialize + serde::de::DeserializeOwned>(&mut self);
}

/// What the rows of a table put into an entity view: values of type `P` under keys of type `K`. A row puts in as many as
/// it calls `out` for.
pub trait Projection<K, P>: Row {
    /// Calls `out` with each key and value.
    fn project(&self, out: &mut impl FnMut(K, P));
}

/// The position of a column, in a declaration: a name that is no column does not compile.
const fn position(columns: &[Column], name: &str) -> usize {
    let mut position = 0;
    while position < columns.len() {
        if is_same(columns[position].name, name) {
            return position;
        }
        position += 1;
    }
    panic!("the table has no column of this name")
}

/// Whether two names are the same, in a declaration.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut place = 0;
    while place < a.len() && place < b.len() && a[place] == b[place] {
        place += 1;
    }
    place == a.len() && place == b.len()
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// It is empty, and the column is required.
    Missing,
    /// Its text is no value of the column.
    Unreadable(Unreadable),
}

/// Why a row cannot be made of the texts of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The table.
    pub table: Table,
    /// The column.
    pub column: String,
    /// What is wrong with its text; none if the table has no such column.
    pub fault: Option<Fault>,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (table, column) = (self.table.spec().name, &self.column);
        match self.fault {
            None => write!(f, "{table} has no column {column}"),
            Some(Fault::Missing) => write!(f, "{table}.{column} must not be empty"),
            Some(Fault::Unreadable(kind)) => write!(f, "{table}.{column} cannot be read: {}", kind.hint()),
        }
    }
}

impl std::error::Error for RowError {}

/// Reads one field; the doubt about a required column is settled here.
fn read_field<F: Field>(text: &str, texts: &mut Texts) -> Result<F, Fault> {
    if text.is_empty() { F::absent().ok_or(Fault::Missing) } else { F::read(text, texts).map_err(Fault::Unreadable) }
}

/// A natural key in numbers: symbols, days, years and positions of codes, by the columns that its table declares. Keys of
/// the same table are equal when their texts are.
pub type NaturalKey = [u32; NATURAL_PARTS];
/// The most columns of a natural key; a declaration with more does not compile.
pub const NATURAL_PARTS: usize = 4;

/// The natural key made of these values; none when the last is not stated. Others may be: a session without a school is
/// one of the whole district.
fn natural_key(values: &[Value]) -> Option<NaturalKey> {
    let mut key = [0; NATURAL_PARTS];
    for (part, value) in key.iter_mut().zip(values) {
        *part = value.part();
    }
    (values.last() != Some(&Value::Null)).then_some(key)
}

impl Table {
    /// The texts of a natural key.
    pub fn natural_texts(self, key: &NaturalKey, texts: &Texts) -> Vec<String> {
        let spec = self.spec();
        let columns = spec.natural.iter().filter_map(|name| spec.column(name)).map(|column| spec.columns[column].kind);
        columns.zip(key).map(|(kind, &part)| Value::of_part(kind, part).text(texts)).collect()
    }
}

/// The key of a row whose key is made of several columns.
fn composite_key<I: Id>(parts: &[Value], texts: &mut Texts) -> I {
    let parts: Vec<String> = parts.iter().map(|part| part.text(texts)).collect();
    texts.id(&joined(&parts))
}

/// The texts of a key's columns as one, separated by `/`. Different texts give different keys: a `/` or `\` in one of several is
/// written after a `\`.
fn joined(parts: &[String]) -> String {
    match parts {
        [whole] => whole.clone(),
        parts => parts.iter().map(|part| part.replace('\\', r"\\").replace('/', r"\/")).collect::<Vec<_>>().join("/"),
    }
}

/// Declares a table: the struct of its rows and everything that follows from the declaration.
///
/// A column is `name: Type` with an optional list of other headers. `Option<_>` makes it optional. A key of several
/// columns gets its own key id; `derived` columns are computed from the row's texts and are in no extract.
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        $table:ident $name:literal key($($key:ident),+) of $key_type:ident $(as $key_field:ident)?
        $(natural($($natural:ident),+))?
        $(watch($($watched:ident: $watched_as:ident),+ $(,)?))?
        { $( $(#[doc = $column_doc:literal])+ $column:ident: $type:ty $([$($alias:literal),*])? ),+ $(,)? }
        $(derived { $( $(#[doc = $derived_doc:literal])+ $derived:ident: $derived_type:ty = $derive:path ),+ $(,)? })?
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $table {
            $( #[doc = "The key, made of several columns."] pub $key_field: $crate::$key_type, )?
            $( $(#[doc = $column_doc])+ pub $column: $type, )+
            $($( $(#[doc = $derived_doc])+ pub $derived: $derived_type, )+)?
        }

        const _: () = {
            let columns = <$table as $crate::Row>::SPEC.columns;
            $( $crate::tables::position(columns, stringify!($key)); )+
            $(
                let natural = [$( $crate::tables::position(columns, stringify!($natural)) ),+];
                assert!(natural.len() <= $crate::tables::NATURAL_PARTS, "a natural key has at most four columns");
            )?
            assert!(<$table as $crate::Row>::SPEC.watched.len() <= $crate::flaws::WATCHED_MOST, "too many columns are watched");
        };

        impl $crate::Row for $table {
            type Key = $crate::$key_type;
            const TABLE: $crate::Table = $crate::Table::$table;
            const COLUMNS: &'static [$crate::Column] = &[$( $crate::Column {
                name: stringify!($column),
                kind: <$type as $crate::Field>::TYPE,
                required: <$type as $crate::Field>::REQUIRED,
                aliases: &[$($($alias),*)?],
                doc: concat!($($column_doc),+),
            } ),+];
            const SPEC: $crate::Spec = $crate::Spec {
                name: $name,
                doc: concat!($($doc),+),
                key: &[$(stringify!($key)),+],
                natural: &[$($(stringify!($natural)),+)?],
                columns: <$table as $crate::Row>::COLUMNS,
                watched: &[$($( (
                    $crate::tables::position(<$table as $crate::Row>::COLUMNS, stringify!($watched)),
                    $crate::flaws::Watched::$watched_as,
                ) ),+)?],
            };
            #[inline]
            fn key(&self) -> Self::Key { table!(@first self, $($key_field,)? $($key),+) }
            fn read<'a>(
                field: impl Fn(usize) -> &'a str,
                texts: &mut $crate::Texts,
                mut fault: impl FnMut(usize, $crate::Fault),
            ) -> Option<Self> {
                let mut position = 0;
                $(
                    let $column = $crate::tables::read_field::<$type>(field(position), texts)
                        .map_err(|reason| fault(position, reason)).ok();
                    position += 1;
                )+
                let _ = position;
                $( let $column = $column?; )+
                table!(@composite composite, texts, [$($key_field)?] $($key),+);
                $($( let $derived = $derive(&field, texts); )+)?
                Some($table { $($key_field: composite,)? $($column,)+ $($($derived,)+)? })
            }
            fn values(&self) -> Vec<$crate::Value> {
                vec![$($crate::Field::value(self.$column)),+]
            }
            #[inline]
            fn natural(&self) -> Option<$crate::NaturalKey> {
                table!(@natural self $(, $($natural),+)?)
            }
            table!(@flaws $($($watched)+)?);
            #[inline]
            fn map_codes(mut self, map: &$crate::CodeMaps) -> Self {
                $( self.$column = $crate::Field::map_codes(self.$column, map); )+
                self
            }
            fn visit(&self, visit: &mut impl FnMut(usize, $crate::fields::Visited)) {
                let mut position = 0;
                $(
                    $crate::Field::visit(self.$column, position, visit);
                    position += 1;
                )+
                let _ = position;
            }
        }
    };
    (@first $row:ident, $key:ident $(, $more:ident)*) => { $row.$key };
    (@flaws) => {};
    (@flaws $($watched:ident)+) => {
        fn flaws(&self) -> $crate::Flaws { self.flaws }
        fn set_flaws(&mut self, flaws: $crate::Flaws) { self.flaws = flaws; }
    };
    (@natural $row:ident) => {{ let _ = $row; None }};
    (@natural $row:ident, $($natural:ident),+) => {
        $crate::tables::natural_key(&[$($crate::Field::value($row.$natural)),+])
    };
    (@composite $name:ident, $texts:ident, [] $($key:ident),+) => {};
    (@composite $name:ident, $texts:ident, [$field:ident] $($key:ident),+) => {
        let $name = $crate::tables::composite_key(&[$($crate::Field::value($key)),+], $texts);
    };
}

/// The one list of record kinds: a module per table, and everything that goes over all tables.
macro_rules! records {
    ($($module:ident::$table:ident),+ $(,)?) => {
        $(pub mod $module; pub use $module::$table;)+

        /// A table of the data model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Table { $(#[doc = concat!("`", stringify!($module), "`")] $table),+ }

        impl Table {
            /// Every table, parents before those that refer to them.
            pub const ALL: &[Table] = &[$(Table::$table),+];

            /// Shows every kind of record.
            pub fn each(visitor: &mut impl EachRow) { $( visitor.row::<$table>(); )+ }

            /// The declaration.
            #[inline]
            pub const fn spec(self) -> &'static Spec {
                match self { $(Table::$table => &<$table as Row>::SPEC),+ }
            }

            /// The id space of its key.
            pub const fn space(self) -> Space {
                match self { $(Table::$table => <<$table as Row>::Key as Id>::SPACE),+ }
            }

            /// Reads a row; see [`Row::read`].
            pub fn read<'a>(
                self,
                field: impl Fn(usize) -> &'a str,
                texts: &mut Texts,
                fault: impl FnMut(usize, Fault),
            ) -> Option<Record> {
                match self { $(Table::$table => <$table as Row>::read(field, texts, fault).map(Record::$table)),+ }
            }

            /// Makes a row of columns and their texts; columns that are not named are empty.
            ///
            /// # Errors
            ///
            /// A name that is no column, or the first column that cannot be read or is required and empty.
            pub fn row(self, cells: &[(&str, &str)], texts: &mut Texts) -> Result<Record, RowError> {
                let columns = self.spec().columns;
                let is_column = |name: &str| columns.iter().any(|column| column.name == name);
                if let Some((name, _)) = cells.iter().find(|(name, _)| !is_column(name)) {
                    return Err(RowError { table: self, column: (*name).to_owned(), fault: None });
                }
                let cell = |column: usize| cells.iter().find(|(name, _)| *name == columns[column].name);
                let mut first = None;
                let row = self.read(|column| cell(column).map_or("", |(_, text)| text), texts, |column, fault| {
                    first.get_or_insert(RowError { table: self, column: columns[column].name.to_owned(), fault: Some(fault) });
                });
                match first {
                    Some(error) => Err(error),
                    None => Ok(row.expect("invariant: a row without a faulty column is read")),
                }
            }
        }

        /// A row of any table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(clippy::large_enum_variant, reason = "rows are moved by value in batches; a box would cost more")]
        pub enum Record { $(#[doc = concat!("Of `", stringify!($module), "`")] $table($table)),+ }

        $( impl From<$table> for Record { fn from(row: $table) -> Record { Record::$table(row) } } )+

        impl Record {
            /// The table it is a row of.
            #[inline]
            pub const fn table(&self) -> Table {
                match self { $(Record::$table(_) => Table::$table),+ }
            }
            /// The symbol of its key.
            #[inline]
            pub fn symbol(&self) -> std::num::NonZeroU32 {
                match self { $(Record::$table(row) => Row::key(row).symbol()),+ }
            }
            /// Shows ids, unknown codes and days; see [`Row::visit`].
            #[inline]
            pub fn visit(&self, visit: &mut impl FnMut(usize, Visited)) {
                match self { $(Record::$table(row) => Row::visit(row, visit)),+ }
            }
            /// The value of each column, in the order of the declaration.
            pub fn values(&self) -> Vec<Value> {
                match self { $(Record::$table(row) => Row::values(row)),+ }
            }
            /// The natural key; see [`Row::natural`].
            #[inline]
            pub fn natural(&self) -> Option<NaturalKey> {
                match self { $(Record::$table(row) => Row::natural(row)),+ }
            }
            /// Flaws of names and ids; see [`Row::flaws`].
            #[inline]
            pub fn flaws(&self) -> Flaws {
                match self { $(Record::$table(row) => Row::flaws(row)),+ }
            }
            /// Replaces the flaws; see [`Row::set_flaws`].
            pub fn set_flaws(&mut self, flaws: Flaws) {
                match self { $(Record::$table(row) => Row::set_flaws(row, flaws)),+ }
            }
            /// Replaces unknown codes by those that the maps know; see [`Row::map_codes`].
            pub fn map_codes(self, map: &CodeMaps) -> Record {
                match self { $(Record::$table(row) => Record::$table(Row::map_codes(row, map))),+ }
            }
        }

        /// The current row of every key, by table; the storage of the register.
        #[derive(Default)]
        pub struct Rows { $(#[doc = concat!("`", stringify!($module), "`")] pub $module: Vec<Option<$table>>),+ }

        impl Rows {
            /// Puts a row in the place of its key and returns the one that was there.
            pub fn put(&mut self, record: Record) -> Option<Record> {
                match record { $(Record::$table(row) => put(&mut self.$module, row).map(Record::$table)),+ }
            }
            /// Takes the row of a key away.
            pub fn take(&mut self, table: Table, symbol: std::num::NonZeroU32) -> Option<Record> {
                let index = symbol.get() as usize - 1;
                match table { $(Table::$table => self.$module.get_mut(index)?.take().map(Record::$table)),+ }
            }
            /// The row of a key.
            #[inline]
            pub fn get(&self, table: Table, symbol: std::num::NonZeroU32) -> Option<Record> {
                let index = symbol.get() as usize - 1;
                match table { $(Table::$table => (*self.$module.get(index)?).map(Record::$table)),+ }
            }
            /// The rows of a table, in no order that means anything.
            pub fn of(&self, table: Table) -> Box<dyn Iterator<Item = Record> + '_> {
                match table { $(Table::$table => Box::new(self.$module.iter().flatten().map(|&row| Record::$table(row)))),+ }
            }
            /// Heap bytes held.
            pub fn heap_bytes(&self) -> usize {
                0 $( + self.$module.capacity() * size_of::<Option<$table>>() )+
            }
        }
    };
}

fn put<R: Row>(rows: &mut Vec<Option<R>>, row: R) -> Option<R> {
    let index = row.key().index();
    if rows.len() <= index {
        rows.resize(index + 1, None);
    }
    rows[index].replace(row)
}

records! {
    organization::Organization,
    academic_session::AcademicSession,
    calendar_day::CalendarDay,
    student::Student,
    student_status::StudentStatus,
    school_enrollment::SchoolEnrollment,
    staff::Staff,
    staff_employment::StaffEmployment,
    staff_assignment::StaffAssignment,
    credential::Credential,
    credential_authorization::CredentialAuthorization,
    course::Course,
    section::Section,
    section_staff::SectionStaff,
    section_enrollment::SectionEnrollment,
    assessment::Assessment,
    assessment_cut::AssessmentCut,
    assessment_result::AssessmentResult,
    program::Program,
    program_participation::ProgramParticipation,
    staffing_standard::StaffingStandard,
    code_map::CodeMap,
    rule_config::RuleConfig,
    clock::Clock,
}

impl Table {
    /// The text of a row's key, made of the trimmed texts of its columns as far as they can be read; none when a part
    /// is empty. Rows that cannot be taken are named by it, and rows with a key of several columns are keyed by it.
    pub fn key_text<'a>(self, field: impl Fn(usize) -> &'a str) -> Option<String> {
        let spec = self.spec();
        let part = |name: &&str| {
            let column = spec.column(name)?;
            let text = field(column);
            let standard = match spec.columns[column].kind {
                FieldType::Code(set) => set.find(text).map(|rank| set.values()[usize::from(rank)].to_owned()),
                FieldType::Int => text.parse::<i32>().ok().map(|number| number.to_string()),
                _ => None,
            };
            (!text.is_empty()).then(|| standard.unwrap_or_else(|| text.to_owned()))
        };
        let parts: Option<Vec<String>> = spec.key.iter().map(part).collect();
        parts.map(|parts| joined(&parts))
    }

    /// The table with this name.
    pub fn named(name: &str) -> Option<Table> {
        Table::ALL.iter().copied().find(|table| table.spec().name == name)
    }

    /// The table that a column refers to: that of the id it holds, unless it is the table's own key.
    pub fn referred(self, column: &Column) -> Option<Table> {
        let (FieldType::Id(space) | FieldType::Ids(space)) = column.kind else { return None };
        let own_key = self.spec().key == [column.name];
        let parent = Table::ALL.iter().copied().find(|table| table.space() == space)?;
        (!own_key).then_some(parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_parts_make_different_keys() {
        let parts = ["Q", "Q/03", "03", "03/03", "/", "//", r"\", r"\/", r"/\", r"Q\", r"\/03", ""];
        let mut keys = std::collections::BTreeMap::new();
        for one in parts {
            for other in parts {
                for third in ["A", "/", r"\"] {
                    let of = [one, other, third].map(str::to_owned);
                    let before = keys.insert(joined(&of), of.clone());
                    assert_eq!(before, None, "{of:?}");
                }
            }
        }
        assert_eq!(joined(&["cal/1".to_owned()]), "cal/1", "a key of one column is its text");
        assert_eq!(joined(&["cal/1", "2025-09-02"].map(str::to_owned)), r"cal\/1/2025-09-02");
    }

    #[test]
    fn a_row_is_keyed_as_its_texts_are() {
        let mut texts = Texts::default();
        let cells = [
            ("assessment_id", "Q/03"),
            ("grade", "03"),
            ("level_code", r"03\"),
            ("level_rank", "1"),
            ("min_score", "1"),
            ("is_proficient", "true"),
        ];
        let row = Table::AssessmentCut.row(&cells, &mut texts);
        let row = row.expect("a row");
        let columns = Table::AssessmentCut.spec().columns;
        let field =
            |column: usize| cells.iter().find(|(name, _)| *name == columns[column].name).map_or("", |(_, text)| text);
        let key = Table::AssessmentCut.key_text(field).expect("it has its key");
        assert_eq!(texts.symbol_text(Table::AssessmentCut.space(), row.symbol()), key);
    }
}
