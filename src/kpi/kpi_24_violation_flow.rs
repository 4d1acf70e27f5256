//! KPI-24: violation flow.

use super::Kind::Int;
use super::statistics::Ranked;
use super::{Figure, Kpi, Published, Row, Spell};
use crate::model::{Date, OrgId};
use crate::tallies::staffing::OrgScope;
use std::collections::BTreeMap;

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-24",
    name: "kpi_24_violation_flow",
    title: "Violation flow",
    doc: "Violations of a rule that opened and closed on a day, and those open at its end; the median age of the open ones, \
          and the median and the 90th percentile of the days to close of all that closed up to that day. A violation that \
          reopens counts again, and one that closes on the day it opened took 0 days. Percentiles use the nearest rank: the \
          smallest number of days that at least that percentage of violations did not exceed. Waived violations count too. \
          A violation counts at the school or other organization that it concerns by current records; one that concerns \
          none, or whose records were deleted, counts in the district only. A one-time extract opens all of its violations \
          on its day: only a replayed feed has earlier days. Source: practice.",
    grain: "one row per rule, school or district, and day on which something opened or closed there, and one for the last day",
    unit: "violations, and days",
    stored_as: None,
    keys: &["rule_id", "org_id", "name", "day"],
    columns: &[("opened", Int), ("closed", Int), ("open", Int), ("median_age", Int), ("close_p50", Int), ("close_p90", Int)],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let mut places: BTreeMap<(&str, Option<OrgId>), Vec<Spell>> = BTreeMap::new();
    for spell in &published.violated.spells {
        places.entry((spell.rule, None)).or_default().push(*spell);
        if spell.org.is_some() {
            places.entry((spell.rule, spell.org)).or_default().push(*spell);
        }
    }
    let mut rows = Vec::new();
    for ((rule, org), spells) in places {
        let place = published.place_keys(&org.map_or(OrgScope::District, OrgScope::Organization));
        rows.extend(flow(&spells, published.violated.day).into_iter().map(|(day, Flow { counts, days })| {
            let figures =
                counts.map(Figure::Count).into_iter().chain(days.map(|days| days.map_or(Figure::None, Figure::Count)));
            let keys = [vec![rule.to_owned()], place.clone(), vec![day.to_string()]].concat();
            Row { keys, figures: Some(figures.collect()) }
        }));
    }
    rows
}

/// What happened on a day.
#[derive(Debug, PartialEq)]
struct Flow {
    /// Opened, closed, open at the end of the day.
    counts: [i64; 3],
    /// Median age of open violations; median and 90th percentile of the days to close of closed ones.
    days: [Option<i64>; 3],
}

/// Every day on which one of the violations opened or closed, and the last day.
fn flow(spells: &[Spell], last: Date) -> Vec<(Date, Flow)> {
    let mut opened: Vec<Date> = spells.iter().map(|spell| spell.opened).collect();
    let mut closed: Vec<(Date, Date)> = spells.iter().filter_map(|spell| Some((spell.closed?, spell.opened))).collect();
    opened.sort_unstable();
    closed.sort_unstable();
    let mut days: Vec<Date> = closed.iter().map(|(day, _)| *day).chain(opened.iter().copied()).chain([last]).collect();
    days.sort_unstable();
    days.dedup();
    // Ages change every day but opening dates do not, so rank by opening date: the latest are the youngest.
    let young = |opened: Date| -opened.number();
    let mut ages = Ranked::among(opened.iter().map(|day| young(*day)).collect());
    let mut days_to_close = Ranked::among(closed.iter().map(|(closed, opened)| closed.since(*opened)).collect());
    let (mut opened, mut closed) = (opened.into_iter().peekable(), closed.into_iter().peekable());
    let of_day = |day: Date| {
        let mut counts = [0; 3];
        while opened.next_if_eq(&day).is_some() {
            counts[0] += 1;
            ages.add(young(day), 1);
        }
        while let Some((_, opened)) = closed.next_if(|(closed, _)| *closed == day) {
            counts[1] += 1;
            ages.add(young(opened), -1);
            days_to_close.add(day.since(opened), 1);
        }
        counts[2] = ages.count();
        let median_age = ages.percentile(50).map(|young| day.number() + young);
        (day, Flow { counts, days: [median_age, days_to_close.percentile(50), days_to_close.percentile(90)] })
    };
    days.into_iter().map(of_day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand. On day 0 three open; on day 2 one of them closes and another opens; on day 3 one opens and closes; on
    /// day 12 two of the first three close; day 20 is the last.
    #[test]
    fn flow_is_reported_by_day() {
        let day = |number: i64| Date::ymd(2025, 9, 1).unwrap().plus(number);
        let spell = |opened: i64, closed: Option<i64>| Spell {
            rule: "ENR-001",
            org: None,
            opened: day(opened),
            closed: closed.map(day),
        };
        let spells = [spell(0, Some(12)), spell(2, None), spell(0, Some(2)), spell(3, Some(3)), spell(0, Some(12))];
        let expected = [
            (0, [3, 0, 3], [Some(0), None, None]),
            // Ages 0, 2, 2.
            (2, [1, 1, 3], [Some(2), Some(2), Some(2)]),
            // Ages 1, 3, 3; closed after 0 and 2 days.
            (3, [1, 1, 3], [Some(3), Some(0), Some(2)]),
            // 0, 2, 12 and 12 days.
            (12, [0, 2, 1], [Some(10), Some(2), Some(12)]),
            (20, [0, 0, 1], [Some(18), Some(2), Some(12)]),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(of, counts, days)| (day(of), Flow { counts, days })).collect();
        assert_eq!(flow(&spells, day(20)), expected);
        // Without open violations there is no age.
        let over = flow(&spells[2..3], day(2));
        assert_eq!(over.last().unwrap().1, Flow { counts: [0, 1, 0], days: [None, Some(2), Some(2)] });
    }
}
