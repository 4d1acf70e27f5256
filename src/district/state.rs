//! The state of a district: everything that follows from its log. Items of the log are applied here, whether they were just
//! written, are read again after a restart, or are followed to a day of the past; what changes becomes lines to publish.

use super::board::Board;
use super::feed::Feed;
use super::{Error, computed};
use crate::engine::Engine;
use crate::model::{Date, Settings, Table, timestamp};
use crate::publish::changes::{self, ClosedTimestamp, Files, Line};
use crate::quality::{Event, History, Violation, Violations};
use crate::source::RecordSink;
use crate::store::disk::Disk;
use crate::store::{Computed, Header, Item, Part};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// The state that snapshots store beside the records.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct SavedState {
    /// The version, thresholds and switches in use.
    pub(super) computed: Computed,
    /// Tables that some source delivers.
    pub(super) fed: BTreeSet<Table>,
    pub(super) history: History,
    /// KPI figures as last published.
    pub(super) board: Board,
    pub(super) feed: Feed,
}

/// Everything that follows from the log.
pub(super) struct CurrentState {
    pub(super) engine: Engine,
    /// The thresholds in use.
    pub(super) settings: Settings,
    pub(super) workers: usize,
    pub(super) violations: Violations,
    pub(super) saved: SavedState,
    /// Lines of timestamps that are not published yet.
    pub(super) unpublished: Vec<(u64, String)>,
    /// Changes that the caller has not received yet.
    pub(super) pending: VecDeque<(Vec<Line>, ClosedTimestamp)>,
    /// The last timestamp that was published before the restart.
    pub(super) published: Option<u64>,
}

impl CurrentState {
    /// Closes days until this one.
    pub(super) fn days(&mut self, day: Date) -> Result<(), Error> {
        while self.engine.day() < day {
            self.engine.advance_to(self.engine.day().plus(1))?;
            self.report(None)?;
        }
        Ok(())
    }

    /// Applies a batch. Its texts are known already unless it is read from the log.
    pub(super) fn batch(&mut self, header: &Header, parts: &[Part], is_read: bool) -> Result<(), Error> {
        let cannot = |why: &str| Error::Inconsistent(format!("batch {}: {why}", changes::batch(header.time)));
        self.days(timestamp::day(header.time))?;
        if self.engine.next_time() != header.time {
            return Err(cannot("it is out of order"));
        }
        let mut commit = self.engine.begin();
        commit.deliver(&header.delivered);
        if header.is_ordered {
            commit.order();
        }
        for part in parts {
            if is_read && !commit.texts().take(&part.words) {
                return Err(cannot("its texts do not follow those of the batches before"));
            }
            for change in part.changes() {
                commit.change(change.map_err(|error| cannot(&error.to_string()))?);
            }
        }
        commit.finish()?;
        self.saved.fed.extend(header.tables.iter().map(|(table, _)| *table));
        self.saved.feed.apply(header, parts);
        self.report(Some(header))
    }

    /// Adopts new thresholds and rule switches. The violations that opens and closes get a timestamp, unless nothing has been
    /// delivered yet.
    pub(super) fn compute(&mut self, computed: &Computed) -> Result<(), Error> {
        let plan = computed::plan(computed);
        let is_empty = self.saved.feed.is_empty() && self.engine.current.delivery_notes().next().is_none();
        self.settings = plan.settings.clone();
        self.saved.computed = computed.clone();
        let fresh = Engine::start(plan, self.workers, self.engine.day())?;
        let mut before = std::mem::replace(&mut self.engine, fresh);
        if is_empty {
            self.engine.current = std::mem::take(&mut before.current);
            return Ok(());
        }
        let time = before.next_time();
        let old = std::mem::take(&mut before.current);
        drop(before);
        self.engine.restore(time, |current, out| {
            *current = old;
            current.entries().for_each(out);
        })?;
        let mut now = Violations::default();
        self.saved.board.restart();
        for delta in self.engine.settle()? {
            now.apply(&delta);
            self.saved.board.apply(&delta);
        }
        // The open violations are the reported ones; another version may find different ones in the same records.
        let mut events = self.saved.history.missed(&now);
        for (&violation, _) in now.open() {
            if self.saved.history.opened(&violation).is_some() && !now.same(&self.violations, &violation) {
                events.push((violation, Event::Changed));
            }
        }
        self.violations = now;
        self.add_lines(time, None, "settings", &events);
        Ok(())
    }

    /// Turns changes of violations and KPIs into lines, unless they were published before.
    pub(super) fn add_lines(&mut self, time: u64, header: Option<&Header>, label: &str, events: &[(Violation, Event)]) {
        let moves = self.saved.board.moves(time, &self.engine.current, &self.settings);
        if Some(time) > self.published {
            let of = changes::Timestamp { time, header, texts: &self.engine.current.texts };
            let (mut lines, mut closed) = changes::lines(&of, events, &self.violations, &self.saved.history);
            closed.moved = moves.len() as u64;
            lines.extend(moves);
            if header.is_none() {
                label.clone_into(&mut closed.label);
            }
            let mut text: String = lines.iter().map(Line::text).collect();
            text.push_str(&Line::TimestampClosed(closed.clone()).text());
            self.unpublished.push((time, text));
            self.pending.push_back((lines, closed));
        }
        self.saved.history.apply(time, events);
    }

    /// Waits for the results of the last timestamp and turns them into lines.
    pub(super) fn report(&mut self, header: Option<&Header>) -> Result<(), Error> {
        for delta in self.engine.settle()? {
            let events = self.violations.apply(&delta);
            self.saved.board.apply(&delta);
            self.add_lines(delta.time, header, "", &events);
        }
        Ok(())
    }

    /// Applies an item of the log.
    pub(super) fn follow(&mut self, item: &Item) -> Result<(), Error> {
        match item {
            Item::Days(day) => self.days(*day),
            Item::Computed(computed) => self.compute(computed),
            Item::Approved(source, label) => {
                self.saved.feed.approve(source, label);
                Ok(())
            }
            Item::Batch(header, parts) => self.batch(header, parts, true),
        }
    }

    /// Publishes unpublished lines and returns the number of timestamps.
    pub(super) fn publish<D: Disk>(&mut self, files: &mut Files<D>) -> Result<u64, Error> {
        let unpublished = std::mem::take(&mut self.unpublished);
        let count = unpublished.len() as u64;
        unpublished.into_iter().try_for_each(|(time, lines)| files.publish(time, &lines))?;
        Ok(count)
    }
}
