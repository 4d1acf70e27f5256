//! Formulas on integer tallies. This is the only place with floats, and none of them flow back into the dataflow.

/// The two-sided 95% quantile of the normal distribution.
pub(crate) const Z95: f64 = 1.959_963_984_540_054;

/// A share with its Wilson score interval, which keeps its coverage for small groups and for shares near 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    /// The share.
    pub value: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The share of `hits` in `n`; `None` if `n` is zero.
pub(crate) fn share(hits: i64, n: i64) -> Option<Share> {
    if n <= 0 {
        return None;
    }
    let (count, value) = (n as f64, hits as f64 / n as f64);
    let z2 = Z95 * Z95;
    let centre = (value + z2 / (2.0 * count)) / (1.0 + z2 / count);
    let half = Z95 / (1.0 + z2 / count) * (value * (1.0 - value) / count + z2 / (4.0 * count * count)).sqrt();
    // At 0 and 1 the ends are exact; rounding must not push them beyond.
    let low = if hits <= 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if hits >= n { 1.0 } else { (centre + half).min(1.0) };
    Some(Share { value, low, high })
}

/// The difference between two shares with Newcombe's interval, which is computed from their Wilson intervals, and the
/// pooled two-proportion z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    /// First share minus second.
    pub value: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Two-proportion z statistic; `None` if both shares are 0 or both are 1.
    pub z: Option<f64>,
}

/// The difference of two shares, each given as hits and n.
pub(crate) fn difference((hits_1, n_1): (i64, i64), (hits_2, n_2): (i64, i64)) -> Option<Difference> {
    let (first, second) = (share(hits_1, n_1)?, share(hits_2, n_2)?);
    let value = first.value - second.value;
    let below = ((first.value - first.low).powi(2) + (second.high - second.value).powi(2)).sqrt();
    let above = ((first.high - first.value).powi(2) + (second.value - second.low).powi(2)).sqrt();
    let pooled = (hits_1 + hits_2) as f64 / (n_1 + n_2) as f64;
    let error = (pooled * (1.0 - pooled) * (1.0 / n_1 as f64 + 1.0 / n_2 as f64)).sqrt();
    let z = (error > 0.0).then(|| value / error);
    Some(Difference { value, low: value - below, high: value + above, z })
}

/// Count, sum and sum of squares of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    /// How many.
    pub n: i64,
    sum: i64,
    squares: i128,
    /// Units of the sum per point.
    scale: f64,
}

impl Moments {
    /// The moments of values in 1/`scale` points.
    pub(crate) const fn of(n: i64, sum: i64, squares: i128, scale: f64) -> Moments {
        Moments { n, sum, squares, scale }
    }

    /// The mean, in points.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum as f64 / self.n as f64 / self.scale)
    }

    /// The sample variance, in points squared. The subtraction of large numbers is done in integers.
    pub(crate) fn variance(&self) -> Option<f64> {
        let (n, sum) = (i128::from(self.n), i128::from(self.sum));
        let excess = n.checked_mul(self.squares)?.checked_sub(sum.checked_mul(sum)?)?;
        (n > 1).then(|| excess as f64 / (n * (n - 1)) as f64 / (self.scale * self.scale))
    }

    /// The sample standard deviation, in points.
    pub(crate) fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The standard error of the mean, in points.
    pub(crate) fn se(&self) -> Option<f64> {
        self.variance().map(|variance| (variance / self.n as f64).sqrt())
    }
}

/// An estimate with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The mean with an interval from Student's t.
pub(crate) fn mean(moments: &Moments) -> Option<Estimate> {
    let (value, se) = moments.mean().zip(moments.se())?;
    let half = t95(moments.n - 1)? * se;
    Some(Estimate { value, low: value - half, high: value + half })
}

/// The two-sided 95% quantile of Student's t.
fn t95(degrees: i64) -> Option<f64> {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    let t = StudentsT::new(0.0, 1.0, degrees as f64).ok()?;
    Some(t.inverse_cdf(0.975))
}

/// The pooled standard deviation of two groups.
pub(crate) fn pooled_sd(a: &Moments, b: &Moments) -> Option<f64> {
    let (of_a, of_b) = a.variance().zip(b.variance())?;
    let (more_a, more_b) = ((a.n - 1) as f64, (b.n - 1) as f64);
    Some(((more_a * of_a + more_b * of_b) / (more_a + more_b)).sqrt())
}

/// Hedges' small-sample correction factor.
pub(crate) fn small_sample(n: i64) -> f64 {
    1.0 - 3.0 / (4.0 * n as f64 - 9.0)
}

/// The mean of the first group minus that of the second in pooled standard deviations, with small-sample correction and
/// 95% interval (Hedges and Olkin 1985).
pub(crate) fn hedges(a: &Moments, b: &Moments) -> Option<Estimate> {
    let sd = pooled_sd(a, b).filter(|sd| *sd > 0.0)?;
    let (n_a, n_b) = (a.n as f64, b.n as f64);
    let d = (a.mean()? - b.mean()?) / sd;
    let correction = small_sample(a.n + b.n);
    let variance = (n_a + n_b) / (n_a * n_b) + d * d / (2.0 * (n_a + n_b));
    let (value, half) = (correction * d, Z95 * correction * variance.sqrt());
    Some(Estimate { value, low: value - half, high: value + half })
}

/// A multiset of integers with percentile queries, as a Fenwick tree over the possible values (Fenwick 1994, Software:
/// Practice and Experience 24: 327-336): each operation takes time logarithmic in the number of possible values.
pub(crate) struct Ranked {
    values: Vec<i64>,
    tree: Vec<i64>,
    count: i64,
}

impl Ranked {
    /// An empty multiset for these possible values.
    pub(crate) fn among(mut values: Vec<i64>) -> Ranked {
        values.sort_unstable();
        values.dedup();
        Ranked { tree: vec![0; values.len()], values, count: 0 }
    }

    /// Adds a value some number of times; a negative number removes it.
    pub(crate) fn add(&mut self, value: i64, times: i64) {
        let mut place = self.values.binary_search(&value).expect("invariant: only possible values are added");
        self.count += times;
        // The sum at a position covers the values back to where its trailing one bits are cleared.
        while let Some(sum) = self.tree.get_mut(place) {
            *sum += times;
            place |= place + 1;
        }
    }

    /// The number of values.
    pub(crate) fn count(&self) -> i64 {
        self.count
    }

    /// The nearest-rank percentile: the smallest value that at least this percentage does not exceed. It is always one
    /// of the values; for an even count, the median is the lower of the middle two.
    pub(crate) fn percentile(&self, percent: i64) -> Option<i64> {
        let mut rank = (self.count * percent + 99) / 100;
        if self.count <= 0 || rank <= 0 {
            return None;
        }
        let (mut place, mut step) = (0, self.tree.len().next_power_of_two());
        while step > 0 {
            if let Some(sum) = self.tree.get(place + step - 1).filter(|sum| **sum < rank) {
                rank -= sum;
                place += step;
            }
            step /= 2;
        }
        self.values.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-5
    }

    /// The worked examples of Newcombe (1998), Statistics in Medicine 17: 857-890, tables I and II.
    #[test]
    fn intervals_match_published_examples() {
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
    fn a_share_of_zero_is_undefined() {
        assert_eq!(share(0, 0), None);
        assert_eq!(difference((1, 2), (0, 0)), None);
        assert_eq!(difference((2, 2), (3, 3)).unwrap().z, None);
    }

    fn moments(values: &[i64]) -> Moments {
        let squares = values.iter().map(|&value| i128::from(value) * i128::from(value)).sum();
        Moments::of(values.len() as i64, values.iter().sum(), squares, 1.0)
    }

    /// By hand: 2, 4, 4, 4, 5, 5, 7, 9 have mean 5, squared deviations that sum to 32, and t for 7 degrees of freedom is
    /// 2.3646.
    #[test]
    fn means_have_their_t_interval() {
        let sample = moments(&[2, 4, 4, 4, 5, 5, 7, 9]);
        assert_eq!(sample.mean(), Some(5.0));
        assert!(close(sample.sd().unwrap(), 2.13809) && close(sample.se().unwrap(), 0.75593));
        let estimate = mean(&sample).unwrap();
        assert!(close(estimate.low, 3.21252) && close(estimate.high, 6.78748), "{estimate:?}");
        assert_eq!((mean(&moments(&[3])), moments(&[]).mean()), (None, None));
        let wide = Moments::of(2, 2_000_000_000_000, 2_000_000_000_000i128 * 1_000_000_000_000, 1_000.0);
        assert_eq!(wide.variance(), Some(0.0), "no digits are lost to large sums");
    }

    /// By hand: means 10 and 7, variances 4 and 4 with 5 each: d = 1.5, times 1 - 3/31.
    #[test]
    fn gaps_are_corrected_for_small_groups() {
        let (a, b) = (moments(&[8, 8, 10, 12, 12]), moments(&[5, 5, 7, 9, 9]));
        let gap = hedges(&a, &b).unwrap();
        assert!(close(gap.value, 1.5 * (1.0 - 3.0 / 31.0)), "{gap:?}");
        assert!(close(gap.high - gap.value, 1.959_964 * (28.0 / 31.0) * (0.4f64 + 2.25 / 20.0).sqrt()), "{gap:?}");
        assert_eq!(hedges(&moments(&[1, 1]), &moments(&[2, 2])), None);
    }

    /// The standard nearest-rank example: the 5th, 30th, 40th, 50th and 100th percentiles of 15, 20, 35, 40, 50 are 15,
    /// 20, 20, 35 and 50.
    #[test]
    fn percentiles_use_the_nearest_rank() {
        let mut ranked = Ranked::among(vec![50, 15, 40, 20, 35, 35]);
        assert_eq!((ranked.count(), ranked.percentile(50)), (0, None));
        [15, 20, 35, 40, 50].into_iter().for_each(|value| ranked.add(value, 1));
        assert_eq!([5, 30, 40, 50, 100].map(|percent| ranked.percentile(percent)), [15, 20, 20, 35, 50].map(Some));
        ranked.add(50, -1);
        assert_eq!([50, 75, 76].map(|percent| ranked.percentile(percent)), [20, 35, 40].map(Some));
        ranked.add(15, 7);
        assert_eq!((ranked.count(), ranked.percentile(50), ranked.percentile(90)), (11, Some(15), Some(35)));
    }

    #[test]
    fn percentiles_match_sorted_values() {
        // Adds numbers of a fixed sequence, and every third step removes one if present.
        let mut values: Vec<i64> = Vec::new();
        let mut ranked = Ranked::among((0..37).collect());
        for step in 0..500i64 {
            let value = step * step % 37;
            match values.iter().position(|of| *of == value).filter(|_| step % 3 == 0) {
                Some(place) => ranked.add(values.remove(place), -1),
                None => {
                    values.push(value);
                    ranked.add(value, 1);
                }
            }
            values.sort_unstable();
            for percent in [1, 50, 90, 100] {
                let rank = (values.len() * percent).div_ceil(100);
                assert_eq!(ranked.percentile(percent as i64), rank.checked_sub(1).map(|place| values[place]), "{values:?}");
            }
        }
    }
}
