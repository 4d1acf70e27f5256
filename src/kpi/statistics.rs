//! Formulas on integer tallies. Floats begin here and nothing flows back from here.

/// The two-sided 95 % quantile of the normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;

/// A share with its Wilson score interval, which keeps its level for small groups and for shares near 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The share of `hits` in `n`; none of nothing.
pub fn share(hits: i64, n: i64) -> Option<Share> {
    if n <= 0 {
        return None;
    }
    let (count, value) = (n as f64, hits as f64 / n as f64);
    let z2 = Z95 * Z95;
    let centre = (value + z2 / (2.0 * count)) / (1.0 + z2 / count);
    let half = Z95 / (1.0 + z2 / count) * (value * (1.0 - value) / count + z2 / (4.0 * count * count)).sqrt();
    // At 0 and 1 the ends are exact; rounding must not carry them beyond.
    let low = if hits <= 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if hits >= n { 1.0 } else { (centre + half).min(1.0) };
    Some(Share { value, low, high })
}

/// The difference of two shares with Newcombe's interval, which is made of their Wilson intervals, and the pooled
/// two-proportion z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First share minus second.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Two-proportion z statistic; none when both shares are 0 or both are 1.
    pub z: Option<f64>,
}

/// The difference of two shares, each given as hits and n.
pub fn difference((hits_1, n_1): (i64, i64), (hits_2, n_2): (i64, i64)) -> Option<Difference> {
    let (first, second) = (share(hits_1, n_1)?, share(hits_2, n_2)?);
    let value = first.value - second.value;
    let below = ((first.value - first.low).powi(2) + (second.high - second.value).powi(2)).sqrt();
    let above = ((first.high - first.value).powi(2) + (second.value - second.low).powi(2)).sqrt();
    let pooled = (hits_1 + hits_2) as f64 / (n_1 + n_2) as f64;
    let error = (pooled * (1.0 - pooled) * (1.0 / n_1 as f64 + 1.0 / n_2 as f64)).sqrt();
    let z = (error > 0.0).then(|| value / error);
    Some(Difference { value, low: value - below, high: value + above, z })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-5
    }

    /// The worked examples of Newcombe (1998), Statistics in Medicine 17: 857-890, tables I and II.
    #[test]
    fn intervals_are_those_published() {
        let wilson = |hits, n| share(hits, n).map(|share| (share.low, share.high)).unwrap();
        let (low, high) = wilson(81, 263);
        assert!(close(low, 0.2553) && close(high, 0.3662), "{low} {high}");
        let (low, high) = wilson(15, 148);
        assert!(close(low, 0.0624) && close(high, 0.1605), "{low} {high}");
        let (low, high) = wilson(0, 20);
        assert!(close(low, 0.0) && close(high, 0.1611), "{low} {high}");
        let gap = difference((56, 70), (48, 80)).unwrap();
        assert!(close(gap.value, 0.2) && close(gap.low, 0.0524) && close(gap.high, 0.3339), "{gap:?}");
        let gap = difference((9, 10), (3, 10)).unwrap();
        assert!(close(gap.value, 0.6) && close(gap.low, 0.1705) && close(gap.high, 0.8090), "{gap:?}");
    }

    #[test]
    fn nothing_has_no_share() {
        assert_eq!(share(0, 0), None);
        assert_eq!(difference((1, 2), (0, 0)), None);
        assert_eq!(difference((2, 2), (3, 3)).unwrap().z, None);
    }
}
