//! Randomness that a seed repeats, so that what went wrong once can be looked at again.

use std::hash::{BuildHasher, RandomState};

/// Names the seed to repeat.
const VARIABLE: &str = "COUNTERSIGN_TEST_SEED";

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From the seed in the environment, or another one each time; says which.
    pub fn seeded() -> Self {
        let given = super::environment(VARIABLE).map(|text| text.parse().expect("the seed is a number"));
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
        println!("repeat with {VARIABLE}={seed}");
        Self(seed)
    }

    /// Another source, independent of what comes from this one.
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end`, without it.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        bytes.truncate(count);
        bytes
    }
}
