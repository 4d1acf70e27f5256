//! Timestamps that a source puts on its changes.

use crate::model::Date;
use jiff::Timestamp;

/// Milliseconds in a day.
const DAY: i64 = 86_400_000;

/// Milliseconds since 1970 of a timestamp such as `2025-09-02T06:30:00.250Z`, of the beginning of a day in UTC, or of a
/// number of milliseconds.
pub(crate) fn read(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number);
    }
    if let Some(day) = Date::parse_iso(text.as_bytes()) {
        return Some(day.since(Date::ymd(1970, 1, 1)?) * DAY);
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn times_are_read_in_every_zone() {
        let noon = Some(1_756_814_400_000);
        for text in ["2025-09-02T12:00:00Z", "2025-09-02T12:00:00.000+00:00", "2025-09-02T06:00:00-06:00", "1756814400000"] {
            assert_eq!(read(text), noon, "{text}");
        }
        assert_eq!(read("2025-09-02"), noon.map(|noon| noon - 43_200_000));
        assert_eq!([read(""), read("yesterday"), read("2025-13-02T12:00:00Z")], [None; 3]);
    }
}
