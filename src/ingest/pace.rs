//! The pace of a feed: as fast as possible, no day before its date, or a number of days per second.

use super::Clock;
use std::str::FromStr;
use std::time::Duration;

/// The pace of a feed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Without waiting.
    Max,
    /// No day before its date.
    Realtime,
    /// Days per second.
    PerSecond(f64),
}

/// The slowest pace in days per second: one day in 15 minutes.
const LEAST_PACE: f64 = 0.001;

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Pace, String> {
        match text {
            "max" => Ok(Pace::Max),
            "realtime" => Ok(Pace::Realtime),
            _ => {
                let number = text.strip_suffix("/s").and_then(|number| number.parse::<f64>().ok());
                let number = number.filter(|number| number.is_finite() && *number >= LEAST_PACE);
                number.map(Pace::PerSecond).ok_or_else(|| "write max, realtime, or a number such as 2/s".to_owned())
            }
        }
    }
}

/// Waits between days.
pub struct Pacer<'c> {
    pace: Pace,
    clock: &'c dyn Clock,
    due: Duration,
}

impl<'c> Pacer<'c> {
    /// A pacer whose first day is due now.
    pub fn new(pace: Pace, clock: &'c dyn Clock) -> Pacer<'c> {
        Pacer { pace, clock, due: clock.elapsed() }
    }

    /// Waits until the next day is due.
    pub fn wait(&mut self) {
        if let Pace::PerSecond(pace) = self.pace {
            self.clock.sleep(self.due.saturating_sub(self.clock.elapsed()));
            self.due += Duration::from_secs_f64(1.0 / pace);
        }
    }

    /// Whether days are accepted one by one.
    pub fn is_stepping(&self) -> bool {
        self.pace != Pace::Max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces_are_read() {
        assert_eq!("max".parse(), Ok(Pace::Max));
        assert_eq!("realtime".parse(), Ok(Pace::Realtime));
        assert_eq!("2/s".parse(), Ok(Pace::PerSecond(2.0)));
        assert_eq!("0.001/s".parse(), Ok(Pace::PerSecond(0.001)));
        for text in ["0.0009/s", "2", "-1/s", "inf/s", "NaN/s", "fast"] {
            assert!(text.parse::<Pace>().is_err(), "{text}");
        }
    }
}
