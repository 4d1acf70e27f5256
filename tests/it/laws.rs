//! The laws of the engine, as properties of random histories. Each history comes from a seed, which a failure prints.
//!
//! A history is text (tables, columns, values) because every engine numbers its symbols by arrival: two engines that
//! receive the same changes in another order must publish the same, and outputs are compared as text.

use crate::support::{TextChange, deltas_as_text, district_rows, published};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rollcall::engine::{Delta, Engine};
use rollcall::model::{Batch, Change, Date, DeliveryNote, FieldType, Note, Settings, Table, timestamp};
use rollcall::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// The changes of a day; none for a day that only passes.
#[derive(Clone, Debug)]
struct Day {
    day: Date,
    told: Vec<TextChange>,
}

fn first_day() -> Date {
    Date::ymd(2026, 3, 16).expect("a day of the calendar")
}

/// A history: rows of a small district, then days of random changes.
fn history(seed: u64) -> Vec<Day> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let pool = district_rows(24, seed % 5);
    let mut present: Vec<TextChange> = pool.iter().filter(|_| random.random_bool(0.6)).cloned().collect();
    let mut days = vec![Day { day: first_day(), told: present.clone() }];
    let mut day = first_day();
    for _ in 0..random.random_range(2..5) {
        day = day.plus(random.random_range(0..60));
        let mut told = Vec::new();
        for _ in 0..random.random_range(1..40) {
            let pick = random.random_range(0..10);
            match pick {
                0..3 => told.push(pool[random.random_range(0..pool.len())].clone()),
                3..5 if !present.is_empty() => {
                    let gone = present.swap_remove(random.random_range(0..present.len()));
                    told.push(TextChange::Delete(gone.table(), gone.key()));
                }
                5 => {
                    let old = pool[random.random_range(0..pool.len())].clone();
                    let mut fields = old.fields().to_vec();
                    fields[0] = format!("{}-moved", fields[0]);
                    told.push(TextChange::KeyChange(old.table(), old.key(), fields));
                }
                _ => told.push(altered(&pool, &mut random)),
            }
        }
        present.extend(told.iter().filter(|told| matches!(told, TextChange::Upsert(..))).cloned());
        days.push(Day { day, told });
    }
    days
}

/// A row of the pool with some columns copied from another row, emptied, or with an unrecognized code.
fn altered(pool: &[TextChange], random: &mut ChaCha8Rng) -> TextChange {
    let row = &pool[random.random_range(0..pool.len())];
    let (table, mut fields) = (row.table(), row.fields().to_vec());
    let alike: Vec<&TextChange> = pool.iter().filter(|other| other.table() == table).collect();
    for _ in 0..random.random_range(1..4) {
        let column = random.random_range(0..fields.len());
        let spec = &table.spec().columns[column];
        if table.spec().key.contains(&spec.name) {
            continue;
        }
        fields[column] = match random.random_range(0..6) {
            0 if !spec.required => String::new(),
            1 if matches!(spec.kind, FieldType::Code(_) | FieldType::Codes(_)) => "Q9".to_owned(),
            2 if matches!(spec.kind, FieldType::Id(_)) => "nobody".to_owned(),
            _ => alike[random.random_range(0..alike.len())].fields()[column].clone(),
        };
    }
    TextChange::Upsert(table, fields)
}

/// Whether a rule depends on the history itself and not only on the current rows.
fn speaks_of_deliveries(line: &str) -> bool {
    line.starts_with("REF-009")
}

fn plan() -> Plan {
    Plan { settings: Settings { deltas_with_rows: true, ..Settings::default() }, ..Plan::default() }
}

/// Runs a history in a new engine, with one batch per day.
fn replay(days: &[Day], workers: usize) -> (Engine, Vec<Delta>) {
    let mut engine = Engine::start(plan(), workers, days[0].day).expect("the engine starts");
    for day in days {
        engine.advance_to(day.day).expect("days pass");
        commit(&mut engine, &day.told);
    }
    let deltas = engine.settle().expect("the workers work");
    (engine, deltas)
}

fn commit(engine: &mut Engine, told: &[TextChange]) {
    commit_or(engine, told).expect("the batch is taken");
}

fn commit_or(engine: &mut Engine, told: &[TextChange]) -> Result<u64, rollcall::engine::Error> {
    let texts = engine.texts();
    let changes = told.iter().map(|told| told.change(texts)).collect();
    engine.commit(&Batch { changes, ..Batch::default() })
}

/// Adds Deltas to a sum of lines; canceled lines are removed.
fn add_up(engine: &Engine, deltas: &[Delta], sum: &mut BTreeMap<String, i64>) {
    for (line, diff) in deltas_as_text(engine, deltas).into_iter().flat_map(|(_, updates)| updates) {
        *sum.entry(line).or_default() += diff;
    }
    sum.retain(|_, count| *count != 0);
}

/// The current rows after a history, one per key.
fn accumulated(days: &[Day]) -> Vec<TextChange> {
    let mut rows: BTreeMap<(Table, String), TextChange> = BTreeMap::new();
    for told in days.iter().flat_map(|day| &day.told) {
        match told {
            TextChange::Upsert(table, fields) => {
                rows.insert((*table, told.key()), TextChange::Upsert(*table, fields.clone()));
            }
            TextChange::Delete(table, key) => {
                rows.remove(&(*table, key.clone()));
            }
            TextChange::KeyChange(table, old, fields) => {
                rows.remove(&(*table, old.clone()));
                let row = TextChange::Upsert(*table, fields.clone());
                rows.insert((*table, row.key()), row);
            }
        }
    }
    rows.into_values().collect()
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 0, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn incremental_equals_from_scratch_at_every_time(seed: u64) {
        let days = history(seed);
        let mut engine = Engine::start(plan(), 1, days[0].day).expect("the engine starts");
        let mut sum = BTreeMap::new();
        for (number, day) in days.iter().enumerate() {
            // On the way, days without changes.
            let passed = engine.day();
            for tick in (1..day.day.since(passed)).step_by(7) {
                engine.advance_to(passed.plus(tick)).expect("days pass");
                let deltas = engine.settle().expect("the workers work");
                add_up(&engine, &deltas, &mut sum);
                let scratch = Day { day: engine.day(), told: accumulated(&days[..number]) };
                let (scratch, once) = replay(&[scratch], 1);
                let mut expected = BTreeMap::new();
                add_up(&scratch, &once, &mut expected);
                let truths = sum.clone().into_iter().filter(|(line, _)| !speaks_of_deliveries(line));
                prop_assert_eq!(truths.collect::<BTreeMap<_, _>>(), expected, "seed {}, day {}", seed, engine.day());
            }
            engine.advance_to(day.day).expect("days pass");
            commit(&mut engine, &day.told);
            let deltas = engine.settle().expect("the workers work");
            add_up(&engine, &deltas, &mut sum);
            prop_assert!(sum.values().all(|count| *count > 0), "seed {}: something is retracted that never was", seed);
            let scratch = Day { day: day.day, told: accumulated(&days[..=number]) };
            let (mut scratch, once) = replay(&[scratch], 1);
            let mut expected = BTreeMap::new();
            add_up(&scratch, &once, &mut expected);
            let incremental: BTreeMap<_, _> = sum.clone().into_iter().filter(|(line, _)| !speaks_of_deliveries(line)).collect();
            prop_assert_eq!(incremental, expected, "seed {}, day {}", seed, day.day);
            prop_assert_eq!(published(&mut engine), published(&mut scratch), "seed {}, day {}", seed, day.day);
        }
    }

    #[test]
    fn batch_boundaries_do_not_matter(seed: u64) {
        let days = history(seed);
        let (mut whole, deltas) = replay(&days, 1);
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 1);
        let mut parts = Engine::start(plan(), 1, days[0].day).expect("the engine starts");
        for day in &days {
            parts.advance_to(day.day).expect("days pass");
            let mut rest = &day.told[..];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(random.random_range(1..=rest.len().min(50)));
                commit(&mut parts, now);
                rest = later;
            }
        }
        prop_assert_eq!(published(&mut whole), published(&mut parts), "seed {}", seed);
        let mut sums = [BTreeMap::new(), BTreeMap::new()];
        add_up(&whole, &deltas, &mut sums[0]);
        let deltas = parts.settle().expect("the workers work");
        add_up(&parts, &deltas, &mut sums[1]);
        sums.iter_mut().for_each(|sum| sum.retain(|line, _| !speaks_of_deliveries(line)));
        prop_assert_eq!(&sums[0], &sums[1], "seed {}", seed);
    }

    #[test]
    fn the_order_of_rows_with_distinct_keys_does_not_matter(seed: u64) {
        let mut days = history(seed);
        for day in &mut days {
            let mut keys = BTreeSet::new();
            day.told.retain(|told| !matches!(told, TextChange::KeyChange(..)) && keys.insert((told.table(), told.key())));
        }
        let mut shuffled = days.clone();
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 2);
        shuffled.iter_mut().for_each(|day| day.told.shuffle(&mut random));
        let [(engine, deltas), (other, others)] = [replay(&days, 1), replay(&shuffled, 1)];
        prop_assert_eq!(deltas_as_text(&engine, &deltas), deltas_as_text(&other, &others), "seed {}", seed);
    }

    #[test]
    fn one_worker_equals_two_and_four(seed: u64) {
        let days = history(seed);
        let (one, deltas) = replay(&days, 1);
        let deltas = deltas_as_text(&one, &deltas);
        for workers in [2, 4] {
            let (mut many, others) = replay(&days, workers);
            prop_assert_eq!(&deltas, &deltas_as_text(&many, &others), "seed {}, {} workers", seed, workers);
            let (mut one, _) = replay(&days, 1);
            prop_assert_eq!(published(&mut one), published(&mut many), "seed {}, {} workers", seed, workers);
        }
    }

    #[test]
    fn insert_then_remove_leaves_nothing(seed: u64) {
        let mut days = history(seed);
        let last = days.last().expect("a history has days").day;
        let keys: BTreeSet<(Table, String)> = accumulated(&days).iter().map(|told| (told.table(), told.key())).collect();
        let gone = keys.into_iter().map(|(table, key)| TextChange::Delete(table, key)).collect();
        days.push(Day { day: last.plus(3), told: gone });
        let (mut engine, deltas) = replay(&days, 1);
        prop_assert_eq!(published(&mut engine), Vec::<String>::new(), "seed {}", seed);
        let mut sum = BTreeMap::new();
        add_up(&engine, &deltas, &mut sum);
        prop_assert_eq!(sum, BTreeMap::new(), "seed {}", seed);
        // The contribution of the removed rows to the calendar is gone too.
        engine.advance_to(last.plus(800)).expect("days pass");
        let later = engine.settle().expect("the workers work");
        prop_assert!(later.iter().all(|delta| delta.updates.is_empty()), "seed {}", seed);
    }

    #[test]
    fn saying_it_again_changes_nothing(seed: u64) {
        let days = history(seed);
        let (mut engine, _) = replay(&days, 1);
        let before = published(&mut engine);
        commit(&mut engine, &accumulated(&days));
        let again = engine.settle().expect("the workers work");
        let lines = deltas_as_text(&engine, &again).into_iter().flat_map(|(_, updates)| updates);
        let news: Vec<_> = lines.filter(|(line, _)| !speaks_of_deliveries(line)).collect();
        prop_assert_eq!(news, vec![], "seed {}", seed);
        prop_assert_eq!(before, published(&mut engine), "seed {}", seed);
    }
}

#[test]
fn every_day_closes_once() {
    let mut engine = Engine::start(plan(), 2, first_day()).expect("the engine starts");
    commit(&mut engine, &district_rows(24, 1));
    engine.advance_to(first_day().plus(400)).expect("days pass");
    let deltas = engine.settle().expect("the workers work");
    let times: Vec<u64> = deltas.iter().map(|delta| delta.time).collect();
    let ticks = (1..=400).map(|days| timestamp::at(first_day().plus(days), 0));
    let expected: Vec<u64> = std::iter::once(timestamp::at(first_day(), 1)).chain(ticks).collect();
    assert_eq!(times, expected);
    assert!(
        deltas.iter().any(|delta| timestamp::sequence(delta.time) == 0 && !delta.updates.is_empty()),
        "some day something ends"
    );
}

#[test]
fn days_do_not_go_back() {
    let mut engine = Engine::start(plan(), 1, first_day()).expect("the engine starts");
    engine.advance_to(first_day().plus(2)).expect("days pass");
    let error = engine.advance_to(first_day()).expect_err("a day that has passed");
    assert_eq!(error.to_string(), "cannot go back to 2026-03-16: 2026-03-18 is already closed");
}

#[test]
fn nothing_pending_is_released_at_shutdown() {
    for workers in [1, 2] {
        let mut engine = Engine::start(plan(), workers, first_day()).expect("the engine starts");
        commit(&mut engine, &district_rows(24, 1));
        let load = engine.settle().expect("the workers work");
        assert!(load.iter().any(|delta| !delta.updates.is_empty()));
        assert_eq!(engine.stop(), vec![], "what lies in the future stays there");
    }
}

/// A collection that enters an operator that does not consume it is duplicated upstream (observed with timely 0.31
/// and 0.32), so every input gets one canary, which must arrive exactly once.
#[test]
fn one_canary_per_input_is_seen_once() {
    let rows = district_rows(24, 1);
    for workers in [1, 3] {
        let mut engine = Engine::start(plan(), workers, first_day()).expect("the engine starts");
        for &table in Table::ALL {
            let row = rows.iter().find(|told| told.table() == table);
            commit(&mut engine, &[row.unwrap_or_else(|| panic!("the district has no {}", table.spec().name)).clone()]);
        }
        let [a, b] = ["Art", "Arts"].map(|title| {
            let mut fields = vec![String::new(); Table::Course.spec().columns.len()];
            (fields[0], fields[1], fields[3]) = ("canary".to_owned(), "D".to_owned(), title.to_owned());
            TextChange::Upsert(Table::Course, fields)
        });
        commit(&mut engine, &[a, b]);
        let texts = engine.texts();
        let file = texts.id("canary.csv");
        let row = rollcall::model::RowName::Place(file, 2);
        let reason = rollcall::model::Reason::Nul;
        let rejected = rollcall::model::Rejected { table: Table::Course, row, file, line: 2, reason };
        let noted = DeliveryNote {
            source: engine.texts().id("sis"),
            table: None,
            note: Note::Came { day: first_day(), changed: None },
        };
        let changes = vec![Change::Reject(rejected), Change::Note(noted)];
        engine.commit(&Batch { changes, ..Batch::default() }).expect("the batch is taken");
        let deltas = engine.settle().expect("the workers work");
        let mut expected = vec![1; rollcall::plan::KINDS];
        // The canaries use no mapped code.
        expected[Table::ALL.len() + 2] = 0;
        // The second row of the course removes the first: three entries for the canary of REF-009.
        expected[Table::Course as usize] += 3;
        assert_eq!(engine.counted().expect("the workers work"), expected, "{workers} workers");
        // Downstream too, every output must exist once.
        let mut sum = BTreeMap::new();
        add_up(&engine, &deltas, &mut sum);
        assert!(sum.len() > 10 && sum.values().all(|count| *count == 1), "{workers} workers: {sum:?}");
    }
}

#[test]
fn a_worker_that_panics_ends_the_engine_and_does_not_hang() {
    static CALLS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    fn panics_once(_: &rollcall::qa::Rule) -> bool {
        assert!(CALLS.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0, "on purpose");
        true
    }
    let plan = Plan { runs: panics_once, ..Plan::default() };
    let ended = Engine::start(plan, 2, first_day()).and_then(|mut engine| {
        commit_or(&mut engine, &district_rows(24, 1))?;
        engine.advance_to(first_day().plus(60))?;
        engine.settle()
    });
    assert!(matches!(ended, Err(rollcall::engine::Error::WorkerLost)));
}

#[test]
fn an_unfinished_batch_is_never_ignored() {
    let mut engine = Engine::start(plan(), 1, first_day()).expect("the engine starts");
    let change = district_rows(24, 1)[0].change(engine.texts());
    rollcall::source::RecordSink::change(&mut engine.begin(), change);
    assert!(matches!(engine.advance_to(first_day().plus(1)), Err(rollcall::engine::Error::Abandoned)));
    assert!(matches!(engine.tallies(), Err(rollcall::engine::Error::Abandoned)));
}

/// The cost of an idle timestamp is the number of arrangements; it must not grow with the number of rules.
#[test]
fn the_plan_has_as_many_arrangements_as_documented() {
    let names = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let counted = names.clone();
    timely::execute_directly(move |worker| {
        let log = counted.clone();
        let listen = move |_: &_, events: &mut Option<Vec<(std::time::Duration, timely::logging::TimelyEvent)>>| {
            for (_, event) in events.iter().flatten() {
                if let timely::logging::TimelyEvent::Operates(operates) = event {
                    log.lock().expect("nobody panicked").push(operates.name.clone());
                }
            }
        };
        worker
            .log_register()
            .expect("the worker has a log")
            .insert::<timely::logging::TimelyEventBuilder, _>("timely", listen);
        let handles = worker.dataflow::<u64, _, _>(|scope| rollcall::plan::build(scope, &Plan::default(), |_| {}));
        drop(handles);
        while worker.step() {}
        worker.log_register().expect("the worker has a log").flush();
    });
    let names = names.lock().expect("nobody panicked");
    let arrangements = [
        "Counts",
        "Hierarchies",
        "Schools",
        "Assessments",
        "Parents",
        "Children",
        "Sections",
        "Students",
        "Classes",
        "Credentials",
        "Staff",
        "Match blocks",
        "Staffing",
        "Scores",
        "Expected",
    ];
    for arrangement in arrangements {
        assert_eq!(names.iter().filter(|name| *name == arrangement).count(), 1, "{arrangement}: {names:?}");
    }
    let unnamed: Vec<_> = names.iter().filter(|name| name.starts_with("Arrange")).collect();
    assert!(unnamed.is_empty(), "unnamed arrangements: {unnamed:?}");
    println!("{} operators, {} of them arrangements", names.len(), arrangements.len());
}
