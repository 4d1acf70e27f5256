//! The cost of a change: CPU from a batch to its Delta, including current rows and all threads, for batches of 1, 100 and
//! 10,000 changes drawn at random over all keys.
//!
//! `cargo bench --bench one_change -- [students ...] [--workers N] [--rules 19|38|76]`

mod support;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rollcall::model::{Batch, Change, Fixed, Record, Table};
use rollcall::plan::Plan;
use std::num::NonZeroU32;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    rollcall::process::without_huge_pages();
    let arguments = support::Arguments::read(&[100_000, 1_000_000]);
    println!("| students | rules | workers | changes | batches | CPU ms p50 | CPU ms p99 | us a change | out a change |");
    println!("| --: | --: | --: | --: | --: | --: | --: | --: | --: |");
    for &students in &arguments.students {
        let mut loaded = support::load(students, Plan { runs: arguments.runs, ..Plan::default() }, arguments.workers);
        let clock = support::Cpu::new();
        let engine = &mut loaded.engine;
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let keys: Vec<(Table, Vec<NonZeroU32>)> = [
            Table::AssessmentResult,
            Table::SchoolEnrollment,
            Table::StudentStatus,
            Table::StaffAssignment,
            Table::Credential,
            Table::Student,
        ]
        .map(|table| (table, engine.current().rows().of(table).map(|row| row.symbol()).collect()))
        .to_vec();
        for (changes, batches) in [(1, 2000), (100, 300), (10_000, 20)] {
            // Merging the remains of the load is not measured here.
            let warm_up = batches / 10;
            let mut spent = Vec::new();
            let mut updates = 0;
            for round in 0..warm_up + batches {
                let mut batch = Batch::default();
                for _ in 0..changes {
                    let (table, keys) = &keys[kind(&mut random)];
                    let key = keys[random.random_range(0..keys.len())];
                    if let Some(row) = engine.current().rows().get(*table, key) {
                        batch.changes.push(Change::Upsert(changed(row, &mut random)));
                    }
                }
                let begin = clock.seconds();
                engine.commit(&batch).expect("the batch is taken");
                let deltas = engine.settle().expect("the workers work");
                let cpu = clock.seconds() - begin;
                if round >= warm_up {
                    spent.push(cpu);
                    updates += deltas.iter().map(|delta| delta.updates.len()).sum::<usize>();
                }
            }
            spent.sort_by(f64::total_cmp);
            let total: f64 = spent.iter().sum();
            println!(
                "| {students} | {} | {} | {changes} | {batches} | {:.3} | {:.3} | {:.1} | {:.1} |",
                arguments.rules,
                arguments.workers,
                1e3 * spent[spent.len() / 2],
                1e3 * spent[spent.len() * 99 / 100],
                1e6 * total / (changes * batches) as f64,
                updates as f64 / (changes * batches) as f64,
            );
        }
    }
}

/// The table to change: mostly scores, then enrollments, statuses, assignments, credentials, students.
fn kind(random: &mut ChaCha8Rng) -> usize {
    match random.random_range(0..100) {
        0..60 => 0,
        60..75 => 1,
        75..85 => 2,
        85..92 => 3,
        92..95 => 4,
        _ => 5,
    }
}

/// The row with a change in a column that rules and KPIs read.
fn changed(row: Record, random: &mut ChaCha8Rng) -> Record {
    match row {
        Record::AssessmentResult(mut row) => {
            row.score = row.score.map(|score| Fixed(score.0 + random.random_range(-40..=40) * 1000));
            row.into()
        }
        Record::SchoolEnrollment(mut row) => {
            row.exit_date = match row.exit_date {
                Some(_) => None,
                None => Some(support::day().plus(random.random_range(-30..30))),
            };
            row.into()
        }
        Record::StudentStatus(mut row) => {
            row.begin_date = row.begin_date.plus(random.random_range(-5..=5));
            row.into()
        }
        Record::StaffAssignment(mut row) => {
            row.fte = Some(Fixed(random.random_range(1..=10) * 1000));
            row.into()
        }
        Record::Credential(mut row) => {
            row.expiration_date = row.expiration_date.map(|date| date.plus(random.random_range(-400..=400)));
            row.into()
        }
        Record::Student(mut row) => {
            row.is_hispanic = Some(row.is_hispanic != Some(true));
            row.into()
        }
        other => other,
    }
}
