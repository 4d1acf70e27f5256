//! School years: which one a session belongs to, when each begins and ends, and which is the default.

use super::sheet::Draft;
use crate::model::codes::SessionType;
use crate::model::{Date, Record, SchoolYear, Space, Table};
use crate::source::RecordSink;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A first day, and the day after the last.
type Days = (Date, Date);

/// The known sessions.
#[derive(Default)]
pub(super) struct Years {
    sessions: HashMap<String, SchoolYear>,
    /// The dates of each year: by sessions of type school year, and by all sessions.
    bounds: BTreeMap<SchoolYear, (Option<Days>, Days)>,
    /// The year of records without dates.
    stated: Option<SchoolYear>,
}

impl Years {
    /// No sessions yet; `stated` is the year of records without dates.
    pub(super) fn new(stated: Option<SchoolYear>) -> Years {
        Years { stated, ..Years::default() }
    }

    /// Adds a session of this delivery.
    pub(super) fn add_session(&mut self, session: &Draft<'_>) {
        let day = |column| Date::parse_iso(session.text(column).as_bytes());
        let year = session.text("school_year").parse().ok().filter(|year| (1900..=2200).contains(year)).map(SchoolYear);
        if let (Some(year), Some(begin), Some(end)) = (year, day("begin_date"), day("end_date")) {
            let is_year = session.text("session_type").eq_ignore_ascii_case("school_year");
            self.add(session.text("session_id").to_owned(), year, is_year, (begin, end));
        }
    }

    /// Adds the sessions known from before, except those that this delivery states.
    pub(super) fn add_current(&mut self, sink: &mut dyn RecordSink, stated_ids: &BTreeSet<String>) {
        let symbols: Vec<_> = sink.texts().symbols(Space::SessionId).collect();
        for symbol in symbols {
            let Some(Record::AcademicSession(row)) = sink.current(Table::AcademicSession, symbol) else { continue };
            let id = sink.texts().text(row.session_id);
            if !stated_ids.contains(id) {
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

    /// The year of records without dates: the stated one, else the last one with a session.
    pub(super) fn current(&self) -> Option<SchoolYear> {
        self.stated.or_else(|| self.bounds.keys().next_back().copied())
    }

    /// First day, and day after the last, of a year.
    pub(super) fn days(&self, year: SchoolYear) -> Days {
        let (years, all) = self.bounds.get(&year).copied().unwrap_or((None, (year.begin(), year.end())));
        years.unwrap_or(all)
    }

    /// The year of a record with these dates: the current year if the record is valid in it, else the nearest.
    pub(super) fn of_days(&self, begin: Date, end: Option<Date>) -> SchoolYear {
        let first = SchoolYear::of(begin);
        let last = end.map(|end| SchoolYear::of(end.plus(-1).max(begin)));
        let year = self.current().unwrap_or(first).max(first);
        last.map_or(year, |last| year.min(last))
    }

    /// All known years.
    pub(super) fn all(&self) -> impl Iterator<Item = SchoolYear> {
        let stated = self.stated.filter(|year| !self.bounds.contains_key(year));
        self.bounds.keys().copied().chain(stated)
    }
}
