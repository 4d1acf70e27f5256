//! Shared code of rules about overlapping rows.

use crate::model::{Field, Interval, Value};

/// The first day on which two of the intervals overlap, and how many intervals overlap another one. The intervals must
/// be in order of their beginnings and not empty.
pub(crate) fn overlap(intervals: impl Iterator<Item = Interval>) -> Option<[Value; 2]> {
    let mut first_day = None;
    let mut overlapping = 0;
    // Of the intervals so far, the one that ends last, and whether it has been counted.
    let mut latest: Option<(Interval, bool)> = None;
    for interval in intervals {
        let overlaps = latest.is_some_and(|(longest, _)| longest.contains(interval.begin));
        if overlaps {
            first_day.get_or_insert(interval.begin);
            // The one that ends last overlaps this one; any other that overlaps this one overlaps that one too and was
            // counted then.
            overlapping += 1 + i64::from(latest.is_some_and(|(_, counted)| !counted));
        }
        latest = match latest {
            Some((longest, counted)) if longest.end.is_none_or(|end| interval.end.is_some_and(|other| other <= end)) => {
                Some((longest, counted || overlaps))
            }
            _ => Some((interval, overlaps)),
        };
    }
    first_day.map(|day| [day.value(), Value::Int(overlapping)])
}
