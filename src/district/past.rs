//! The past: a district as it was at the end of a day, and what a delivery would have changed, all in memory.

use super::intake::Incoming;
use super::page::Page;
use super::recovery::{Base, first_day};
use super::state::CurrentState;
use super::{Accepted, Error};
use crate::engine::Engine;
use crate::model::{Date, Texts, timestamp};
use crate::publish::changes::Line;
use crate::qa::Rule;
use crate::quality::{History, Violation, Violations};
use crate::source::Delivery;
use crate::store::HoldReason;
use crate::store::disk::Disk;
use crate::store::{Computed, Header, Item, Log};

/// A past state of a district, in memory; changes to it are not logged.
pub struct Past {
    state: CurrentState,
}

impl Past {
    /// Rebuilds the state at the end of a day, if the log goes back that far.
    pub fn known_at<D: Disk>(state: D, day: Date, workers: usize) -> Result<Option<Past>, Error> {
        Past::rebuild(state, Some(day), workers)
    }

    /// Rebuilds the current state, if there is one.
    pub fn now<D: Disk>(state: D, workers: usize) -> Result<Option<Past>, Error> {
        Past::rebuild(state, None, workers)
    }

    fn rebuild<D: Disk>(state: D, until: Option<Date>, workers: usize) -> Result<Option<Past>, Error> {
        let log = Log::open(state)?;
        let after = until.map(|day| timestamp::at(day.plus(1), 0));
        let mut base = Base::find(&log, after, &mut Vec::new())?;
        let from = match (&base, log.origin()) {
            (Some(base), _) => base.begin.log,
            (None, Ok(origin)) => origin,
            // The state before the log was pruned is lost.
            (None, Err(_)) if until.is_some() => return Ok(None),
            (None, Err(error)) => return Err(error.into()),
        };
        let link = base.as_ref().and_then(|base| base.begin.last);
        // The first delivery may be being logged, without a day yet; a later look at it would come too late.
        let first = if base.is_some() { None } else { first_day(&log)? };
        if base.is_none() && first.is_none() {
            return Ok(None);
        }
        let mut state = CurrentState::start(&log, base.as_mut(), workers, first.unwrap_or(Date::MIN))?;
        let mut reader = log.reader(from, link)?;
        let mut is_reached = base.is_some();
        while let Some((item, _)) = reader.next_item()? {
            let begins = match &item {
                Item::Days(day) => Some(*day),
                Item::Batch(header, _) => Some(timestamp::day(header.time)),
                Item::Computed(_) | Item::Approved(..) => None,
            };
            if let (Some(day), Some(begins)) = (until, begins)
                && begins > day
            {
                // The wanted day may be within the days closed by this item.
                if !state.saved.feed.is_empty() {
                    state.days(day)?;
                }
                break;
            }
            state.follow(&item)?;
            is_reached = true;
            state.unpublished.clear();
            state.pending.clear();
        }
        let is_there = is_reached && !state.saved.feed.is_empty();
        let is_then = until.is_none_or(|day| state.engine.day() == day);
        Ok((is_there && is_then).then_some(Past { state }))
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.state.engine
    }

    /// The violation of a rule and a subject key, open or not, if it was ever open.
    pub fn violation(&self, rule: &Rule, subject: &str) -> Option<Violation> {
        self.state.violation(rule, subject)
    }

    /// Everything about a violation except the provenance of its rows.
    pub fn page(&self, violation: &Violation) -> Page {
        self.state.page(violation)
    }

    /// Returns the engine.
    pub fn into_engine(self) -> Engine {
        self.state.engine
    }

    /// The texts behind symbols.
    pub fn texts(&self) -> &Texts {
        &self.state.engine.current.texts
    }

    /// The open violations.
    pub fn violations(&self) -> &Violations {
        &self.state.violations
    }

    /// The version, thresholds and switches in use.
    pub fn computed(&self) -> &Computed {
        &self.state.saved.computed
    }

    /// When violations opened and closed.
    pub fn history(&self) -> &History {
        &self.state.saved.history
    }

    /// The files accepted last, by source and name.
    pub fn files(&self) -> impl Iterator<Item = (&(String, String), &Accepted)> {
        self.state.saved.feed.files()
    }

    /// What a delivery would change if it came on a day, including the days until then, and why it would be put on hold, if it
    /// would.
    pub fn what_if(
        &mut self,
        day: Date,
        incoming: &Incoming<'_>,
        delivery: &mut Delivery<'_>,
    ) -> Result<(Vec<Line>, Option<HoldReason>), Error> {
        let Past { state } = self;
        state.days(day)?;
        let marks = state.engine.current.texts.marks();
        let (drafted, _, _) = state.draft(incoming, delivery, marks)?;
        let header = Header {
            time: state.engine.next_time(),
            source: incoming.source.to_owned(),
            label: incoming.label.to_owned(),
            files: Vec::new(),
            tables: drafted.tables,
            doubtful: drafted.doubtful,
            delivered: drafted.delivered,
            parts: drafted.parts.len() as u32,
            is_stream: false,
            is_ordered: incoming.format.is_ordered(),
            held: None,
        };
        state.batch(&header, &drafted.parts, false)?;
        // Rules that waited for a table of this delivery would run from then on.
        let mut computed = state.saved.computed.clone();
        computed.absent_tables.retain(|name| header.tables.iter().all(|(table, _)| table.spec().name != name));
        if computed != state.saved.computed {
            state.compute(&computed)?;
        }
        let pending = state.pending.drain(..);
        let lines = pending.flat_map(|(lines, closed)| [lines, vec![Line::TimestampClosed(closed)]].concat()).collect();
        Ok((lines, drafted.hold_reason))
    }
}
