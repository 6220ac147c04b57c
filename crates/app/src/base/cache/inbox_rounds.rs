//! What waits in one inbox, round by round, as the cache keeps it: when a version changes, only its rounds are looked at again.

use crate::views::InboxItem;
use domain::{StepName, Timestamp, VersionId};
use std::collections::HashMap;

/// The rounds of one inbox in which somebody is expected to act.
#[derive(Clone, Debug, Default)]
pub(crate) struct InboxRounds {
    versions: HashMap<VersionId, HashMap<(StepName, u32), Vec<InboxItem>>>,
    /// When the first delegation of these rounds ends, and with it perhaps somebody's turn.
    until: Option<Timestamp>,
}

impl InboxRounds {
    /// Keeps what a round puts into the inbox, in place of what the round put there before.
    pub fn put(&mut self, version: VersionId, round: (StepName, u32), items: Vec<InboxItem>) {
        if !items.is_empty() {
            self.versions.entry(version).or_default().insert(round, items);
        }
    }

    /// Takes the rounds of a version out.
    pub fn forget(&mut self, version: VersionId) {
        self.versions.remove(&version);
    }

    /// Lets the inbox hold until this moment at the latest.
    pub fn holds_until(&mut self, moment: Timestamp) {
        self.until = Some(self.until.map_or(moment, |until| until.min(moment)));
    }

    /// Whether the time alone has changed nothing of the inbox.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Everything that waits, in no order.
    pub fn items(&self) -> impl Iterator<Item = &InboxItem> {
        self.versions.values().flat_map(HashMap::values).flatten()
    }

    /// How many versions have something in the inbox.
    pub fn len(&self) -> usize {
        self.versions.len()
    }
}
