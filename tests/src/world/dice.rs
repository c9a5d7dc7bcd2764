//! Chance for the world: one seed, one stream of draws for each purpose, so that taking away one trouble does not
//! reshuffle the others.

use std::time::Duration;

/// A generator (SplitMix64: one word of state, passes the usual batteries).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream of one purpose.
    pub fn new(seed: u64, purpose: &str) -> Dice {
        let keyed = purpose
            .bytes()
            .fold(mix(seed.wrapping_add(GOLDEN)), |state, byte| {
                mix(state ^ u64::from(byte)).wrapping_add(GOLDEN)
            });
        Dice(keyed)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Uniform in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(bound);
        u64::try_from(product >> 64).expect("the upper half of a product of two words is a word")
    }

    /// Uniform between both ends.
    pub fn within(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.place(choices.len())]
    }

    /// An index below `length`.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("below a length")
    }

    /// A time up to `most`, in milliseconds.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        let ms = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.below(ms))
    }
}

fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The increment of SplitMix64: 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
