//! Districts loaded into engines, the accumulated outputs of an engine, and batches of random changes to
//! existing rows.

use crate::support::district_files;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rollcall::engine::{Delta, Engine};
use rollcall::model::{Batch, Change, Column, Date, FieldType, Finding, Record, SchoolYear, Table, Texts};
use rollcall::plan::{Output, Plan};
use rollcall::source::csv::Csv;
use rollcall_generate::{AnswerKey, Options};
use std::collections::{BTreeMap, HashMap};

/// A district and the findings expected in it.
pub struct District {
    options: Options,
    pub files: BTreeMap<Table, Vec<u8>>,
    pub key: AnswerKey,
}

impl District {
    pub fn generate(options: Options) -> District {
        let (files, key) = district_files(&options);
        District { options, files, key }
    }

    /// Starts an engine on the day of the extract and delivers the district in one batch.
    pub fn load(&self, plan: Plan, workers: usize) -> Engine {
        let mut engine = Engine::start(plan, workers, self.options.day).expect("the engine starts");
        let mut commit = engine.begin();
        commit.deliver(Table::ALL);
        for (&table, bytes) in &self.files {
            let name = table.spec().name;
            let report = Csv.decode(table, &format!("{name}.csv"), bytes, &mut commit).expect("a generated file is valid");
            assert_eq!(report.ignored_columns, [""; 0], "{name}");
        }
        commit.finish().expect("the batch is taken");
        engine
    }
}

/// The accumulated outputs, with their multiplicities.
#[derive(Default)]
pub struct Accumulated(HashMap<Output, i64>);

impl Accumulated {
    pub fn take(&mut self, deltas: Vec<Delta>) {
        for (output, diff) in deltas.into_iter().flat_map(|delta| delta.updates) {
            *self.0.entry(output).or_default() += i64::from(diff);
        }
        self.0.retain(|_, count| *count != 0);
    }

    pub fn outputs(&self) -> impl Iterator<Item = (&Output, i64)> {
        self.0.iter().map(|(output, &count)| (output, count))
    }

    pub fn findings(&self) -> impl Iterator<Item = (&Finding, i64)> {
        self.outputs().filter_map(|(output, count)| match output {
            Output::Finding(finding) => Some((finding, count)),
            _ => None,
        })
    }
}

/// The seed of a random run: from the environment to repeat one, or the test's own.
pub fn seed(own: u64) -> u64 {
    std::env::var("ROLLCALL_TEST_SEED").map_or(own, |seed| seed.parse().expect("ROLLCALL_TEST_SEED is a whole number"))
}

/// Days relative to a day on which definitions change: neighbors, and the terms of credential rules.
const TURNS: [i64; 13] = [0, 0, 0, 1, -1, 90, 91, -90, 180, 181, -366, -367, 366];

/// The tables with the most interactions; half of the changes go to them.
const BUSY: [Table; 6] = [
    Table::SchoolEnrollment,
    Table::StudentStatus,
    Table::AssessmentResult,
    Table::StaffAssignment,
    Table::SectionStaff,
    Table::Credential,
];

/// Random changes that depend only on the seed. They use nothing but the declarations of the tables.
///
/// Half of the values come from few rows and days, so changes interact: intervals that begin when others end,
/// results of one student and day, parents with many references.
pub struct Chaos {
    rng: ChaCha8Rng,
    /// Days that are drawn repeatedly, including some of the next days.
    days: Vec<Date>,
    /// Deleted rows as text; some come back.
    gone: Vec<(Table, Vec<String>)>,
}

/// The input for a batch: the current rows by table, and the day.
struct World<'a> {
    rows: Vec<Vec<Record>>,
    texts: &'a mut Texts,
    day: Date,
}

impl World<'_> {
    fn texts(&self, record: &Record) -> Vec<String> {
        record.values().iter().map(|value| value.text(self.texts)).collect()
    }

    fn read(&mut self, table: Table, fields: &[String]) -> Record {
        let fault = |column: usize, fault| panic!("{}: {fault:?} in {fields:?}", table.spec().columns[column].name);
        table.read(|column| fields[column].as_str(), self.texts, fault).expect("a row without faults is read")
    }
}

impl Chaos {
    pub fn new(seed: u64, day: Date) -> Chaos {
        let days = vec![day.plus(-60)];
        let mut chaos = Chaos { rng: ChaCha8Rng::seed_from_u64(seed), days, gone: Vec::new() };
        chaos.look_ahead(day);
        chaos
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.rng.next_u32()) * n as u64) >> 32) as usize
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// A row of a table, half of the time one of the first; the table must not be empty.
    fn row(&mut self, rows: &[Record], first: usize) -> Record {
        let among = if self.one_in(2) { rows.len() } else { rows.len().min(first) };
        self.pick(&rows[..among])
    }

    /// A batch of about this many changes to rows of every table: rows changed in a few columns, some several
    /// times, deleted rows, renamed keys, copies, and deleted rows that come back.
    pub fn batch(&mut self, engine: &mut Engine, day: Date, size: usize) -> Batch {
        let rows = Table::ALL.iter().map(|&table| engine.current().rows().of(table).collect()).collect();
        let mut world = World { rows, texts: engine.texts(), day };
        let mut changes = Vec::new();
        while changes.len() < size {
            let table = if self.one_in(2) { self.pick(&BUSY) } else { self.pick(Table::ALL) };
            match self.below(100) {
                0..8 => self.bring_back(&mut world, &mut changes),
                _ if world.rows[table as usize].is_empty() => {}
                row => {
                    let record = self.row(&world.rows[table as usize], 24);
                    let mut fields = world.texts(&record);
                    match row {
                        8..20 => {
                            changes.push(Change::Delete(table, record.symbol()));
                            self.gone.push((table, fields));
                        }
                        20..22 => {
                            let nobody = world.texts.symbol(table.space(), "never there");
                            changes.push(Change::Delete(table, nobody));
                        }
                        22..32 => {
                            self.change_key(&world, table, &mut fields);
                            self.change_columns(&world, table, &mut fields);
                            changes.push(Change::KeyChange(record.symbol(), world.read(table, &fields)));
                        }
                        32..50 => {
                            self.change_key(&world, table, &mut fields);
                            self.change_columns(&world, table, &mut fields);
                            changes.push(Change::Upsert(world.read(table, &fields)));
                        }
                        50..55 => {
                            let delete = Change::Delete(table, record.symbol());
                            self.change_columns(&world, table, &mut fields);
                            changes.extend([delete, Change::Upsert(world.read(table, &fields))]);
                        }
                        _ => {
                            for _ in 0..[1, 1, 1, 2, 3][self.below(5)] {
                                self.change_columns(&world, table, &mut fields);
                                changes.push(Change::Upsert(world.read(table, &fields)));
                            }
                        }
                    }
                }
            }
        }
        Batch { changes, ..Batch::default() }
    }

    fn bring_back(&mut self, world: &mut World<'_>, changes: &mut Vec<Change>) {
        if !self.gone.is_empty() {
            let index = self.below(self.gone.len());
            let (table, fields) = self.gone.swap_remove(index);
            changes.push(Change::Upsert(world.read(table, &fields)));
        }
    }

    /// Changes a column of the key.
    fn change_key(&mut self, world: &World<'_>, table: Table, fields: &mut [String]) {
        let spec = table.spec();
        let column = spec.column(self.pick(spec.key)).expect("keys are made of columns");
        fields[column] = self.text(world, table, column, fields);
    }

    /// Changes up to three columns outside the key.
    fn change_columns(&mut self, world: &World<'_>, table: Table, fields: &mut [String]) {
        let spec = table.spec();
        for _ in 0..self.below(4) {
            // Few definitions read free text.
            let is_text = |column: usize| spec.columns[column].kind == FieldType::Text;
            let draws = [self.below(spec.columns.len()), self.below(spec.columns.len())];
            let column = if is_text(draws[0]) { draws[1] } else { draws[0] };
            if !spec.key.contains(&spec.columns[column].name) {
                fields[column] = self.text(world, table, column, fields);
            }
        }
    }

    /// A text for a column. Values lie where definitions change: today, other days of the row, full time, keys
    /// of missing rows and unrecognized codes.
    fn text(&mut self, world: &World<'_>, table: Table, column: usize, fields: &[String]) -> String {
        let spec = table.spec();
        let &Column { kind, required, .. } = &spec.columns[column];
        let is_key = spec.key.contains(&spec.columns[column].name);
        if !required && self.one_in(5) {
            return String::new();
        }
        if !is_key && self.one_in(3) {
            let text = self.elsewhere(world, kind);
            if !(required && text.is_empty()) {
                return text;
            }
        }
        match kind {
            FieldType::Text => {
                let texts = ["text 0", "text 1", "text 2", "text 3", "xX", "N/A", "a\u{a0}b", "é\u{200b}", "O'Ré"];
                self.pick(&texts).to_owned()
            }
            FieldType::Id(_) | FieldType::Ids(_) => {
                let parents =
                    table.referred(&spec.columns[column]).filter(|&parent| !world.rows[parent as usize].is_empty());
                match parents {
                    Some(parent) if !self.one_in(4) => {
                        let row = self.row(&world.rows[parent as usize], 6);
                        let key = parent.spec().column(parent.spec().key[0]).expect("keys are made of columns");
                        world.texts(&row).swap_remove(key)
                    }
                    _ if self.one_in(12) => self.pick(&["999999", "0000000", "a\u{2007}b"]).to_owned(),
                    // Rows are also added under these keys, so a missing row may appear later.
                    _ => format!("new {}", self.below(12)),
                }
            }
            FieldType::Code(_) if self.one_in(5) => format!("odd {}", self.below(3)),
            FieldType::Code(set) => self.pick(set.values()).to_owned(),
            FieldType::Codes(set) => {
                let count = self.below(4);
                let code =
                    |_| if self.one_in(6) { format!("odd {}", self.below(6)) } else { self.pick(set.values()).to_owned() };
                (0..count).map(code).collect::<Vec<_>>().join(";")
            }
            FieldType::Day => self.day(world, table, fields),
            FieldType::Decimal(4) => {
                self.pick(&["0", "0.25", "0.5", "0.55", "1", "1", "1.0001", "-0.5", "0.3333", "1.0501", "12"]).to_owned()
            }
            FieldType::Decimal(_) => format!("{}.{}", self.between(90, 3_100), ["0", "5", "001"][self.below(3)]),
            FieldType::Int if self.one_in(12) => self.pick(&["-1", "40000", "-2147483648"]).to_owned(),
            FieldType::Int => self.below(6).to_string(),
            FieldType::Year if self.one_in(12) => self.pick(&["1900", "2200"]).to_owned(),
            FieldType::Year => (i64::from(SchoolYear::of(world.day).0) + self.between(-2, 1)).to_string(),
            FieldType::Bool => self.pick(&["true", "false"]).to_owned(),
            FieldType::List => ["a", "a;b", "b;c;d"][self.below(3)].to_owned(),
        }
    }

    /// The value of some row in some column of the same type.
    fn elsewhere(&mut self, world: &World<'_>, kind: FieldType) -> String {
        let tables = Table::ALL.iter().filter(|&&table| !world.rows[table as usize].is_empty());
        let columns = tables.flat_map(|&table| (0..table.spec().columns.len()).map(move |column| (table, column)));
        let alike: Vec<(Table, usize)> =
            columns.filter(|&(table, column)| table.spec().columns[column].kind == kind).collect();
        let (table, column) = self.pick(&alike);
        let row = self.row(&world.rows[table as usize], 24);
        world.texts(&row).swap_remove(column)
    }

    fn day(&mut self, world: &World<'_>, table: Table, fields: &[String]) -> String {
        let days = table.spec().columns.iter().zip(fields).filter(|(column, _)| column.kind == FieldType::Day);
        let stated: Vec<Date> = days.filter_map(|(_, text)| Date::parse_iso(text.as_bytes())).collect();
        let year = SchoolYear::of(world.day);
        let usual = self.pick(&self.days.clone());
        let from = match self.below(3) {
            0 if !stated.is_empty() => self.pick(&stated),
            1 => world.day,
            _ => usual,
        };
        let day = match self.below(20) {
            0..8 => from.plus(self.pick(&TURNS)),
            8 => self.pick(&[Date::MIN, Date::MAX]),
            9..11 => self.pick(&[year.begin(), year.end()]),
            11..17 => usual,
            _ => from.plus(self.between(-500, 500)),
        };
        day.to_string()
    }

    /// The next day, at most 40 days later: mostly the next of the repeatedly drawn days, because that
    /// is when things begin and end.
    pub fn later(&mut self, day: Date) -> Date {
        let next = self.days.iter().copied().find(|&next| next > day);
        let later = match next {
            Some(next) if !self.one_in(4) => next,
            _ => day.plus(self.between(0, 40)),
        };
        self.look_ahead(later);
        later
    }

    /// Replaces the eight days to draw from; four are in the future.
    fn look_ahead(&mut self, day: Date) {
        while self.days.iter().filter(|&&next| next > day).count() < 4 {
            let last = self.days.last().copied().unwrap_or(day);
            let pause = self.between(1, 20);
            self.days.push(last.plus(pause));
        }
        let behind = self.days.len().saturating_sub(8);
        self.days.drain(..behind);
    }
}
