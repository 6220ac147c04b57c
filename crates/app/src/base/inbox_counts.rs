//! How much waits in each inbox, as it was counted last. Nothing in an inbox changes without an event, but for what the clock ends.

use crate::views::InboxCounts;
use domain::{Duration, Timestamp, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How long a count holds while nothing happens.
const HOLDS: Duration = Duration::from_seconds(60);

/// How many counts are remembered before all are forgotten.
const MOST: usize = 20_000;

/// The memory: for each account the size of the log, the time, and the counts.
#[derive(Default)]
pub(crate) struct InboxCountsKept(Mutex<HashMap<UserId, (u64, Timestamp, InboxCounts)>>);

impl InboxCountsKept {
    pub(crate) fn at(&self, user: UserId, size: u64, now: Timestamp) -> Option<InboxCounts> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, _, counts) = kept.get(&user).filter(|(seen, at, _)| *seen == size && *at <= now && now < at.plus(HOLDS))?;
        Some(*counts)
    }

    pub(crate) fn keep(&self, user: UserId, size: u64, now: Timestamp, counts: InboxCounts) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(user, (size, now, counts));
    }
}
