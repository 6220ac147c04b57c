//! The final decisions that the log tells of, in few bytes: a round is known by its hash under a key of this run.

use crate::RoundKey;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

/// The decisions on a round, as the log tells of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoggedDecisions {
    /// That it was approved.
    pub approved: bool,
    /// That it was rejected.
    pub rejected: bool,
    /// That its approval was revoked.
    pub revoked: bool,
}

/// The decisions on every round.
#[derive(Default)]
pub struct AllDecisions {
    key: RandomState,
    /// The decisions on a round, and the position of the last one.
    rounds: HashMap<u64, (LoggedDecisions, u64)>,
}

impl AllDecisions {
    /// Notes what the event at this position decides on a round.
    pub(super) fn note(&mut self, round: &RoundKey, position: u64, decide: impl FnOnce(&mut LoggedDecisions)) {
        let (decisions, last) = self.rounds.entry(self.key.hash_one(round)).or_default();
        decide(decisions);
        *last = position;
    }

    /// Takes out the decisions on a round.
    pub fn take(&mut self, round: &RoundKey) -> LoggedDecisions {
        self.rounds.remove(&self.key.hash_one(round)).map_or_else(LoggedDecisions::default, |(decisions, _)| decisions)
    }

    /// The positions of the decisions that nobody took out, in order.
    pub fn left(&self) -> Vec<u64> {
        let mut positions: Vec<_> = self.rounds.values().map(|(_, position)| *position).collect();
        positions.sort_unstable();
        positions
    }
}
