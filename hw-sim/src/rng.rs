//! Repeatable chance: a small generator and the distributions the simulator draws from.
//!
//! Every draw comes from a generator keyed by seed, purpose, line and count, so the n-th send on a line
//! has the same fate whatever the other lines do and however fast the host is. It is not meant for secrets.

use std::ops::RangeInclusive;
use std::time::Duration;

/// What a stream of draws is for; two purposes never share draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// One submission: radio time, answer, reports.
    Send = 1,
    /// What happens to a modem by itself: noise, garbage, reboots, its port.
    Upset = 2,
    /// Facts of a SIM or modem fixed at the factory or by its past.
    Identity = 3,
    /// What an operator does with one submission, beside what the faults do.
    Operator = 4,
    /// What happens to the bytes of one line.
    Wire = 5,
    /// Which lines an event strikes.
    Event = 6,
}

/// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit word of state, passes the usual batteries.
#[derive(Debug, Clone)]
pub(crate) struct Rng {
    state: u64,
}

impl Rng {
    /// The generator of one purpose, line and count.
    pub(crate) fn keyed(seed: u64, stream: Stream, line: usize, count: u64) -> Rng {
        let mut state = seed;
        for key in [stream as u64, line as u64, count] {
            state = mix(state
                .wrapping_add(GOLDEN)
                .wrapping_add(key.wrapping_mul(ODD)));
        }
        Rng { state }
    }

    /// The next 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `0..bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// True with this probability. Always draws, so that streams stay aligned.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform between the ends.
    pub(crate) fn between(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let width = range.end().saturating_sub(*range.start());
        *range.start() + width.mul_f64(self.unit())
    }

    /// The time to the next event of a Poisson process with this mean interval.
    pub(crate) fn exponential(&mut self, mean: Duration) -> Duration {
        let factor = -(1.0 - self.unit()).ln();
        mean.mul_f64(factor.min(TAIL_MAX))
    }

    /// Log-normal with this mean and coefficient of variation (standard deviation over mean); 0 is constant.
    pub(crate) fn log_normal(&mut self, mean: Duration, spread: f64) -> Duration {
        let normal = self.normal();
        if spread <= 0.0 {
            return mean;
        }
        let variance = (1.0 + spread * spread).ln();
        let factor = (variance.sqrt() * normal - variance / 2.0).exp();
        mean.mul_f64(factor.min(TAIL_MAX))
    }

    /// The index of one of `weights`, chosen in proportion; `None` when they do not sum to more than 0.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> Option<usize> {
        let total: f64 = weights.clone().sum();
        let mut left = self.unit() * total;
        let mut last = None;
        for (index, weight) in weights.enumerate() {
            if weight <= 0.0 {
                continue;
            }
            last = Some(index);
            if left < weight {
                break;
            }
            left -= weight;
        }
        last
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The increment of SplitMix64: 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
/// An odd multiplier that spreads small keys over the word.
const ODD: u64 = 0xD6E8_FEB8_6659_FD93;
/// Times the mean: no draw is longer, so that a run always ends.
const TAIL_MAX: f64 = 12.0;

#[cfg(test)]
mod tests;
