//! What rules about overlapping rows have in common.

use crate::model::{Field, Interval, Value};

/// The first day on which two of these intervals overlap, and how many of them overlap another; the intervals in the order
/// of their begins, none of them empty.
pub fn overlap(intervals: impl Iterator<Item = Interval>) -> Option<[Value; 2]> {
    let mut first_day = None;
    let mut overlapping = 0;
    // All that came before ends at the latest here; the interval that does, and whether it has been counted.
    let mut latest: Option<(Interval, bool)> = None;
    for interval in intervals {
        let overlaps = latest.is_some_and(|(before, _)| before.contains(interval.begin));
        if overlaps {
            first_day.get_or_insert(interval.begin);
            // The one that reaches furthest overlaps this one; any other that overlaps this one overlaps that one too,
            // and was counted with it.
            overlapping += 1 + i64::from(latest.is_some_and(|(_, counted)| !counted));
        }
        latest = match latest {
            Some((before, counted)) if before.end.is_none_or(|end| interval.end.is_some_and(|other| other <= end)) => {
                Some((before, counted || overlaps))
            }
            _ => Some((interval, overlaps)),
        };
    }
    first_day.map(|day| [day.value(), Value::Int(overlapping)])
}
