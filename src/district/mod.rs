//! A district over time: deliveries and days come in, each is logged before it takes effect, and the changes it causes are
//! published exactly once, even if the process dies in between.
//!
//! ```text
//!  delivery ─ draft ─ log ─ engine ─ violations, history ─ changes
//!                      └ synced before anything is published
//! ```
//!
//! A [`District`] takes deliveries ([`Incoming`]) and days, and reports the current state; a [`Past`] reports the state at the
//! end of an earlier day, and what a delivery would change; [`Approval`] lists the deliveries on hold.
//!
//! ```
//! use rollcall::district::{District, Incoming, Outcome, Past};
//! use rollcall::model::Date;
//! use rollcall::model::finding::digest;
//! use rollcall::plan::Plan;
//! use rollcall::publish::changes::Line;
//! use rollcall::source::{Delivery, Mode, Scope, folder};
//! use rollcall::store::disk::Simulated;
//! use std::collections::BTreeMap;
//!
//! let files = |text: &'static str| BTreeMap::from([("school_enrollment.csv".to_owned(), text.as_bytes().to_vec())]);
//! let first = files("enrollment_id,student_id,school_id,school_year,grade_level,entry_date\nE1,S1,North,2026,03,2025-09-02\n");
//! let second = files("_op,enrollment_id,student_id,school_id,school_year,grade_level,entry_date,exit_date,exit_type\n\
//!                     upsert,E1,S1,North,2026,03,2025-09-02,2025-09-01,other\n");
//!
//! let day = Date::ymd(2025, 9, 2).unwrap();
//! let disk = Simulated::default(); // Folder::locked(path) is persistent
//! let (mut district, _recovery) =
//!     District::open(disk.folder("state"), disk.folder("changes"), Plan::default(), 1, day, &mut |_, _| {})?;
//! let digests = first.iter().map(|(file, bytes)| (file.clone(), digest(bytes))).collect();
//! let incoming = Incoming { source: "sis", label: "2025-09-02", format: &folder::Tables, digests: &digests, piece: None };
//! let mut read = |file: &str| Ok(first[file].clone());
//! let full = Some(Mode::Full(Scope::default())); // all rows of the table: what is not in it is deleted
//! let mut delivery = Delivery { files: first.keys().cloned().collect(), read: &mut read, unless_stated: full };
//! assert!(matches!(district.take(&incoming, &mut delivery)?, Outcome::Accepted { .. }));
//! district.flush()?; // durable and published
//! drop(district);
//!
//! // What would the second delivery change on the next day?
//! let mut now = Past::now(disk.folder("state"), 1)?.expect("something was delivered");
//! let digests = second.iter().map(|(file, bytes)| (file.clone(), digest(bytes))).collect();
//! let incoming = Incoming { source: "sis", label: "what if", format: &folder::Tables, digests: &digests, piece: None };
//! let mut read = |file: &str| Ok(second[file].clone());
//! let mut delivery = Delivery { files: second.keys().cloned().collect(), read: &mut read, unless_stated: None };
//! let (lines, on_hold) = now.what_if(day.plus(1), &incoming, &mut delivery)?;
//! let opened = |line: &Line| line.text().contains("\"opened\"") && line.text().contains("ENR-003");
//! assert!(lines.iter().any(opened) && on_hold.is_none());
//! # Ok::<(), rollcall::district::Error>(())
//! ```

mod approval;
mod board;
pub mod computed;
mod draft;
mod feed;
mod intake;
pub mod opening;
pub mod page;
mod past;
pub mod provenance;
mod recovery;
mod repair;
mod state;
#[cfg(test)]
mod stored;

use crate::current::CurrentRows;
use crate::engine::{self, Engine};
use crate::kpi::Headline;
use crate::model::Date;
use crate::model::texts::Marks;
use crate::plan::Plan;
use crate::publish::changes::{ClosedTimestamp, Files, Line};
use crate::quality::{History, Violation, Violations};
use crate::source::FileError;
pub use crate::store::HoldReason;
use crate::store::disk::Disk;
use crate::store::{self, Computed, Item, Log, Position};
pub use approval::Approval;
pub use feed::Accepted;
pub use intake::{Incoming, Outcome};
use opening::Opening;
pub use page::Page;
pub use past::Past;
pub use recovery::Recovery;
pub use repair::repair;
use state::CurrentState;

/// Errors that stop a district.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// From the log or the published files.
    #[error(transparent)]
    Log(#[from] store::Error),
    /// From the engine.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// From a delivery that cannot be read. Nothing of it is kept.
    #[error(transparent)]
    Delivery(#[from] FileError),
    /// The log contradicts itself.
    #[error("the log cannot be followed: {0}")]
    Inconsistent(String),
}

/// A district on two disks: one for the log and snapshots, one for published changes.
pub struct District<D: Disk> {
    log: Log<D>,
    files: Files<D>,
    state: CurrentState,
    /// How many texts are logged.
    marks: Marks,
    /// The thresholds and switches, before tables without a source are taken into account.
    plan: Plan,
    /// The end of the last snapshot in the log, and the snapshot's size, if there is one.
    snapshot: Option<(Position, u64)>,
    /// How many bytes may be logged before the next snapshot, if the last one is small.
    between_snapshots: u64,
}

/// How many logged bytes are worth a snapshot when a district is closed.
const WORTH_A_SNAPSHOT: u64 = 256 << 10;

impl<D: Disk> District<D> {
    /// Adopts new thresholds and rule switches, if they differ.
    fn compute(&mut self, wanted: Computed) -> Result<(), Error> {
        if self.state.saved.computed != wanted {
            let item = Item::Computed(wanted);
            self.log.append(&item)?;
            self.state.follow(&item)?;
        }
        Ok(())
    }

    /// The version, thresholds and switches in use.
    pub fn computed(&self) -> &Computed {
        &self.state.saved.computed
    }

    /// Sets how many logged bytes trigger a snapshot; tests use small values.
    pub fn snapshot_every(&mut self, bytes: u64) {
        self.between_snapshots = bytes;
    }

    /// The current day.
    pub fn day(&self) -> Date {
        self.state.engine.day()
    }

    /// Whether nothing has been delivered yet.
    pub fn is_new(&self) -> bool {
        self.state.saved.feed.is_empty()
    }

    /// The timestamp of the last batch or day.
    pub fn time(&self) -> u64 {
        self.state.engine.time()
    }

    /// The engine, for peeks.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.state.engine
    }

    /// The current rows and their texts.
    pub fn current(&self) -> &CurrentRows {
        &self.state.engine.current
    }

    /// The open violations.
    pub fn violations(&self) -> &Violations {
        &self.state.violations
    }

    /// When violations opened and closed.
    pub fn history(&self) -> &History {
        &self.state.saved.history
    }

    /// Everything about a violation except the provenance of its rows.
    pub fn page(&self, violation: &Violation) -> Page {
        self.state.page(violation)
    }

    /// The deliveries on hold: source, name and reason.
    pub fn on_hold(&self) -> impl Iterator<Item = (&str, &str, &HoldReason)> {
        self.state.saved.feed.on_hold().map(|((source, label), held)| (source.as_str(), label.as_str(), &held.reason))
    }

    /// The headline figures as last published.
    pub fn headlines(&self) -> Vec<Headline> {
        self.state.saved.board.headlines()
    }

    /// The headline figures of a school.
    pub fn headlines_at(&self, school: &str) -> Vec<Headline> {
        self.state.saved.board.headlines_at(school)
    }

    /// The figures at the start of the school year.
    pub fn opening(&self) -> &Opening {
        &self.state.saved.board.opening
    }

    /// The files accepted last, by source and name.
    pub fn files(&self) -> impl Iterator<Item = (&(String, String), &Accepted)> {
        self.state.saved.feed.files()
    }

    /// Closes days until this one, with one timestamp per day.
    pub fn pass_to(&mut self, day: Date) -> Result<(), Error> {
        if day > self.day() {
            self.log.append(&Item::Days(day))?;
            self.state.days(day)?;
        }
        Ok(())
    }

    /// Makes everything accepted so far durable, publishes it, and returns the changes.
    pub fn flush(&mut self) -> Result<Vec<(Vec<Line>, ClosedTimestamp)>, Error> {
        self.log.commit()?;
        self.state.publish(&mut self.files)?;
        let (from, length) = self.snapshot.unwrap_or((self.log.begin(), 0));
        if self.log.bytes_between(from, self.log.end())? > self.between_snapshots.max(length / 2) {
            self.write_snapshot()?;
        }
        Ok(self.state.pending.drain(..).collect())
    }

    /// Closes the district, with a snapshot if that makes the next start faster.
    pub fn close(mut self) -> Result<Engine, Error> {
        self.flush()?;
        let from = self.snapshot.map_or(self.log.begin(), |(from, _)| from);
        if self.log.bytes_between(from, self.log.end())? > WORTH_A_SNAPSHOT {
            self.write_snapshot()?;
        }
        self.files.sync()?;
        Ok(self.state.engine)
    }
}
