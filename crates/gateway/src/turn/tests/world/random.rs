//! Randomness from a seed: splitmix64 (Steele, Lea, Flood 2014).

pub(in crate::turn::tests) struct Random(pub(in crate::turn::tests) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(in crate::turn::tests) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).unwrap()
    }

    /// A number from `first` to `last`.
    pub(in crate::turn::tests) fn within(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    pub(in crate::turn::tests) fn one_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    pub(in crate::turn::tests) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(u32::try_from(items.len()).unwrap()) as usize]
    }
}
