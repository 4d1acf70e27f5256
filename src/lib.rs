//! rollcall takes the roll of a school district: records go in as changes; data-quality violations, warehouse tables and
//! KPIs come out as changes, each exactly as a recomputation from scratch would give it.
//!
//! ```text
//!  an extract, or a delivery a day
//!     │ bytes
//!  source     a format decodes bytes into changes; a row that cannot be read is data too: Rejected
//!     │ Batch
//!  log        durable before anything that follows from it is visible (deliveries only)
//!     │
//!  register   the current row of every key turns upserts into (old, -1), (new, +1)
//!     │ entries
//!  warehouse  staged rows, brought together into files: everything about one student, one member of staff …
//!     ├─────────────┬─────────────┐
//!  qa findings    kpi tallies   relations        pure functions of a row, a file, a count or a place
//!     ├─────────────┴─────────────┘
//!  seal       hold until the moment is closed, add up, release as one Delta
//!     │
//!  sink       files, report, terminal: they render, they never compute
//! ```
//!
//! # Where things are
//!
//! A module uses only modules above it in this list, which is the way of a change:
//! [`model`], [`source`], [`log`], [`generate`], [`current`], [`dataflow`], [`warehouse`], [`qa`], [`kpi`], [`plan`],
//! [`engine`], [`quality`], [`sink`], [`district`], [`cli`]. A new table, rule, relation, KPI, format or sink is one new file and
//! one line in its folder's list; [`plan`] does not change for it.
//!
//! # What never breaks
//!
//! - Differences are integers, intervals are half-open, and no clock is read but by the command line.
//! - The same history gives the same answers, on any number of workers, in any batches, in any order of distinct keys.
//! - Whatever is published is in the log first. A process killed at any moment goes on as if it had not been, and publishes
//!   each moment once.
//! - Decoding cannot fail: a bad row is rejected with its place and a hint, a bad file is an error that says what to do.
//! - Nothing published depends on the order in which ids arrived: symbols order nothing, texts do.
//! - No name leaves in a violation, and no figure of fewer students than the minimum in a KPI.
//!
//! # Using it as a library
//!
//! ```
//! use rollcall::engine::Engine;
//! use rollcall::model::{Batch, Change, Date, Table};
//! use rollcall::plan::Plan;
//!
//! let day = Date::ymd(2025, 9, 2).unwrap();
//! let mut engine = Engine::start(Plan::default(), 1, day)?;
//! let fields = ["E1", "S1", "North", "2026", "03", "2025-09-02", "", "2025-09-01", "other"];
//! let field = |column: usize| fields.get(column).copied().unwrap_or("");
//! let row = Table::SchoolEnrollment.read(field, &mut engine.register.texts, |_, fault| panic!("{fault:?}")).unwrap();
//!
//! engine.commit(&Batch { changes: vec![Change::Upsert(row)], ..Batch::default() })?;
//! let delta = engine.next_delta()?.unwrap();
//! assert_eq!(delta.day(), day);
//! assert!(!delta.updates.is_empty()); // the exit before the entry, among others
//! # Ok::<(), rollcall::engine::Error>(())
//! ```

pub use rollcall_model as model;

pub mod cli;
pub mod current;
pub mod dataflow;
pub mod district;
pub mod engine;
pub mod ingest;
pub mod insight;
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
