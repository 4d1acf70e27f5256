//! The load: rows per CPU second and bytes per row of a whole district in one batch.
//!
//! `cargo bench --bench load -- [students ...] [--workers N] [--rules 19|38|76] [--memory]`
//!
//! With `--memory`, bytes are counted, which costs CPU; otherwise the last two columns are empty.

mod support;

use rollcall::plan::Plan;

#[global_allocator]
static ALLOCATOR: support::Counting = support::Counting;

fn main() {
    rollcall::process::without_huge_pages();
    let arguments = support::Arguments::read(&[100_000, 1_000_000]);
    println!(
        "| students | rules | workers | rows | rows per CPU s | decoded rows per CPU s | register B/row | engine B/row |"
    );
    println!("| --: | --: | --: | --: | --: | --: | --: | --: |");
    for &students in &arguments.students {
        let loaded = support::load(students, Plan { runs: arguments.runs, ..Plan::default() }, arguments.workers);
        let per_row = |bytes: usize| match support::held_bytes() {
            0 => "–".to_owned(),
            _ => format!("{:.0}", bytes as f64 / loaded.rows as f64),
        };
        println!(
            "| {students} | {} | {} | {} | {:.0} | {:.0} | {} | {} |",
            arguments.rules,
            arguments.workers,
            loaded.rows,
            loaded.rows as f64 / loaded.cpu,
            loaded.rows as f64 / loaded.decode_cpu,
            per_row(loaded.register_bytes),
            per_row(loaded.engine_bytes),
        );
    }
}
