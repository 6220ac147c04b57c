//! The inboxes that the cache remembers.

use super::inbox_rounds::InboxRounds;
use domain::{Timestamp, UserId};
use std::{collections::HashMap, sync::Arc};

/// How many versions all remembered inboxes may hold together before all are forgotten: some 50 MB.
const MOST_VERSIONS: usize = 100_000;

/// The inboxes by account, each with the size of the log at which it was read.
#[derive(Default)]
pub(super) struct Inboxes(HashMap<UserId, (u64, Arc<InboxRounds>)>);

impl Inboxes {
    /// The inbox of an account, unless the time may have changed any part of it.
    pub(super) fn get(&self, user: UserId, now: Timestamp) -> Option<&(u64, Arc<InboxRounds>)> {
        self.0.get(&user).filter(|(_, rounds)| rounds.holds(now))
    }

    /// Remembers an inbox, as read at this size.
    pub(super) fn keep(&mut self, size: u64, user: UserId, rounds: Arc<InboxRounds>) {
        let versions: usize = self.0.values().map(|(_, rounds)| rounds.len()).sum();
        if versions + rounds.len() > MOST_VERSIONS {
            self.0.clear();
        }
        self.0.insert(user, (size, rounds));
    }
}
