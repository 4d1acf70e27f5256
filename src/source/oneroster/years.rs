//! School years: which one a session belongs to, when each begins and ends, and which is meant where none is stated.

use super::sheet::Draft;
use crate::model::codes::SessionType;
use crate::model::{Date, Record, SchoolYear, Space, Table};
use crate::source::RecordSink;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A first day, and the day after a last one.
type Days = (Date, Date);

/// What is known of sessions.
#[derive(Default)]
pub(super) struct Years {
    sessions: HashMap<String, SchoolYear>,
    /// When each year is: by its sessions that are school years, and by all of them.
    bounds: BTreeMap<SchoolYear, (Option<Days>, Days)>,
    /// The year that records without dates are of.
    stated: Option<SchoolYear>,
}

impl Years {
    /// Nothing known but the year that records without dates are of, where that is stated.
    pub(super) fn new(stated: Option<SchoolYear>) -> Years {
        Years { stated, ..Years::default() }
    }

    /// Takes note of a session of this delivery.
    pub(super) fn state(&mut self, session: &Draft<'_>) {
        let day = |column| Date::parse_iso(session.text(column).as_bytes());
        let year = session.text("school_year").parse().ok().filter(|year| (1900..=2200).contains(year)).map(SchoolYear);
        if let (Some(year), Some(begin), Some(end)) = (year, day("begin_date"), day("end_date")) {
            let is_year = session.text("session_type").eq_ignore_ascii_case("school_year");
            self.add(session.text("session_id").to_owned(), year, is_year, (begin, end));
        }
    }

    /// Takes note of the sessions that are known from before, apart from those that this delivery says something of.
    pub(super) fn add_current(&mut self, taker: &mut dyn RecordSink, said: &BTreeSet<String>) {
        let symbols: Vec<_> = taker.texts().symbols(Space::SessionId).collect();
        for symbol in symbols {
            let Some(Record::AcademicSession(row)) = taker.current(Table::AcademicSession, symbol) else { continue };
            let id = taker.texts().text(row.session_id);
            if !said.contains(id) {
                let is_year = row.session_type == SessionType::SchoolYear;
                self.add(id.to_owned(), row.school_year, is_year, (row.begin_date, row.end_date));
            }
        }
    }

    fn add(&mut self, id: String, year: SchoolYear, is_year: bool, days: Days) {
        let wider = |a: Days, b: Days| (a.0.min(b.0), a.1.max(b.1));
        let (years, all) = self.bounds.entry(year).or_insert((None, days));
        *all = wider(*all, days);
        if is_year {
            *years = Some(years.map_or(days, |years| wider(years, days)));
        }
        self.sessions.insert(id, year);
    }

    /// The year of a session.
    pub(super) fn of_session(&self, id: &str) -> Option<SchoolYear> {
        self.sessions.get(id).copied()
    }

    /// The year that records without dates are of: the stated one, else the last that has a session.
    pub(super) fn current(&self) -> Option<SchoolYear> {
        self.stated.or_else(|| self.bounds.keys().next_back().copied())
    }

    /// First day, and day after the last, of a year.
    pub(super) fn days(&self, year: SchoolYear) -> Days {
        let (years, all) = self.bounds.get(&year).copied().unwrap_or((None, (year.begin(), year.end())));
        years.unwrap_or(all)
    }

    /// The year of a record that holds from one day to another: this year if it holds in it, else the nearest.
    pub(super) fn of_days(&self, begin: Date, end: Option<Date>) -> SchoolYear {
        let first = SchoolYear::of(begin);
        let last = end.map(|end| SchoolYear::of(end.plus(-1).max(begin)));
        let year = self.current().unwrap_or(first).max(first);
        last.map_or(year, |last| year.min(last))
    }

    /// Every year that is known.
    pub(super) fn all(&self) -> impl Iterator<Item = SchoolYear> {
        let stated = self.stated.filter(|year| !self.bounds.contains_key(year));
        self.bounds.keys().copied().chain(stated)
    }
}
