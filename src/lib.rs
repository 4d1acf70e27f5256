//! rollcall checks a district's records as they change. Changes of records go in; changes of data-quality violations,
//! warehouse tables and KPIs come out, each exactly as a recomputation from scratch would give it.
//!
//! ```text
//!  an extract, or a delivery per day
//!     │ bytes
//!  source     a format decodes bytes into changes; a row that cannot be read becomes data too: Rejected
//!     │ Batch
//!  store      the log: each batch is durable before its results are visible (deliveries only)
//!     │
//!  current    the current row of every key turns upserts into (old, -1), (new, +1)
//!     │ entries
//!  views      staged rows grouped by entity: everything about one student, one staff member, one section …
//!     ├─────────────┬─────────────┐
//!  qa findings    kpi tallies   relations        pure functions of a row, a view, a count or a sum
//!     ├─────────────┴─────────────┘
//!  close      collects the outputs of a timestamp and emits them as one Delta
//!     │
//!  publish    files, report, terminal: they render, they do not compute
//! ```
//!
//! # Where things are
//!
//! A module uses only modules above it in this list, which is the path of a change:
//! [`model`], [`source`], [`store`], [`current`], `dataflow`, [`views`], [`tallies`], [`warehouse`], [`qa`], [`kpi`],
//! [`plan`], [`engine`], [`quality`], `insight`, [`publish`], [`district`], `ingest`, [`cli`]. A new rule, relation, tally,
//! KPI, format or sink is one new file and one line in its folder's list; a new table is a file and a line in each list that
//! it belongs to. CONTRIBUTING.md has an example of each; [`plan`] does not change for them.
//!
//! # Invariants
//!
//! - Differences are integers, intervals are half-open, and only the command line reads a clock.
//! - The same history gives the same answers, with any number of workers, any batches, and any order of distinct keys.
//! - A district publishes nothing that is not logged. A process killed at any time continues as if it had not been, and
//!   publishes each timestamp once.
//! - Decoding never panics: a bad row is rejected with its file, line and a hint; a bad file is an error that says what to do.
//! - Nothing published depends on the order in which ids arrived: output is ordered by text, never by symbol.
//! - Violations contain no names, and KPIs no assessment or program figure of fewer students than the minimum.
//!
//! # Using it as a library
//!
//! ```
//! use rollcall::engine::Engine;
//! use rollcall::model::{Batch, Change, Date, Table};
//! use rollcall::plan::Plan;
//! use rollcall::qa;
//!
//! let day = Date::ymd(2025, 9, 2).unwrap();
//! let mut engine = Engine::start(Plan::default(), 1, day)?;
//! let enrollment = [
//!     ("enrollment_id", "E1"), ("student_id", "S1"), ("school_id", "North"), ("school_year", "2026"), ("grade_level", "03"),
//!     ("entry_date", "2025-09-02"), ("exit_date", "2025-09-01"), ("exit_type", "other"),
//! ];
//! let row = Table::SchoolEnrollment.row(&enrollment, engine.texts())?;
//!
//! engine.commit(&Batch { changes: vec![Change::Upsert(row)], ..Batch::default() })?;
//! let delta = engine.next_delta()?.expect("a batch has a Delta");
//! assert_eq!(delta.day(), day);
//! let rules = delta.findings().map(|(finding, _)| qa::numbered(finding.rule).id);
//! assert!(rules.into_iter().any(|id| id == "ENR-003")); // the exit is before the entry
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An [`engine::Engine`] keeps everything in memory; the current rows of a relation and the sums behind KPIs can be peeked at
//! between batches. A [`district::District`] logs what it takes and publishes changes, and [`district::Past`] says what a
//! delivery would change. [`plan::Plan::own_rules`] adds rules without a change of this crate. Each has an example.

pub use rollcall_model as model;

pub mod cli;
pub mod current;
mod dataflow;
pub mod district;
pub mod engine;
mod ingest;
#[cfg(feature = "brief")]
mod insight;
pub mod kpi;
pub mod plan;
pub mod process;
pub mod publish;
pub mod qa;
pub mod quality;
pub mod source;
pub mod store;
pub mod tallies;
pub mod views;
pub mod warehouse;

#[cfg(test)]
mod testing;
