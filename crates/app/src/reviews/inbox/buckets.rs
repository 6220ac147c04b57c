//! The buckets of an inbox: each counts everything and keeps the first, so that an inbox costs what it shows.

use crate::{
    base::cache::waiting_rounds::{WaitingRound, WaitingTurn},
    views::{Inbox, InboxItem},
};
use domain::{StepName, Timestamp, VersionId, VersionRef, turn::Expected};
use std::collections::{BTreeSet, HashMap};

/// One thing in an inbox. The oldest comes first, where it is known since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry<'a> {
    since: Option<Timestamp>,
    version: &'a VersionRef,
    step: &'a StepName,
    expected: Option<Expected>,
    slot: Option<&'a str>,
    id: VersionId,
}

impl<'a> Entry<'a> {
    /// A turn of the caller's.
    pub fn mine(id: VersionId, round: &'a WaitingRound, turn: &'a WaitingTurn) -> Self {
        let (version, step, slot) = (&round.version, &round.step, turn.slot.as_deref());
        Self { since: turn.since, version, step, expected: Some(turn.expected), slot, id }
    }

    /// A round that the caller asked for and that waits for others.
    pub fn of_others(id: VersionId, round: &'a WaitingRound) -> Self {
        let since = round.turns.iter().filter_map(|turn| turn.since).min();
        Self { since, version: &round.version, step: &round.step, expected: None, slot: None, id }
    }

    fn is(&self, item: &InboxItem) -> bool {
        (&item.version, &item.step, item.expected, item.slot.as_deref()) == (self.version, self.step, self.expected, self.slot)
    }
}

/// One bucket.
#[derive(Default)]
pub(super) struct Bucket<'a> {
    listed: BTreeSet<Entry<'a>>,
    pub count: u64,
}

impl<'a> Bucket<'a> {
    fn put(&mut self, entry: Entry<'a>, is_listed: bool) {
        self.count += 1;
        if is_listed {
            self.listed.insert(entry);
            if self.listed.len() > Inbox::LISTED {
                self.listed.pop_last();
            }
        }
    }

    /// The listed entries in words. What has changed meanwhile is left out.
    pub fn list(&self, items: &HashMap<VersionId, Vec<InboxItem>>) -> Vec<InboxItem> {
        let find = |entry: &Entry<'_>| items.get(&entry.id)?.iter().find(|item| entry.is(item)).cloned();
        self.listed.iter().filter_map(find).collect()
    }
}

/// What waits, by what is expected of the caller.
#[derive(Default)]
pub(super) struct Buckets<'a> {
    pub decide: Bucket<'a>,
    pub give_feedback: Bucket<'a>,
    pub answer: Bucket<'a>,
    pub waiting_on_others: Bucket<'a>,
}

impl<'a> Buckets<'a> {
    /// Counts an entry in its bucket, and lists the entry there if it is one of the first of those to list.
    pub fn put(&mut self, entry: Entry<'a>, is_listed: bool) {
        let bucket = match entry.expected {
            Some(Expected::Decide) => &mut self.decide,
            Some(Expected::GiveFeedback) => &mut self.give_feedback,
            Some(
                Expected::ReconsiderFeedback
                | Expected::RequestFinalApproval
                | Expected::ReloadReviewers
                | Expected::Reset
                | Expected::RequestReview,
            ) => &mut self.answer,
            None => &mut self.waiting_on_others,
        };
        bucket.put(entry, is_listed);
    }

    /// The versions of everything that is listed.
    pub fn versions(&self) -> Vec<VersionId> {
        let buckets = [&self.decide, &self.give_feedback, &self.answer, &self.waiting_on_others];
        let versions: BTreeSet<_> = buckets.into_iter().flat_map(|bucket| bucket.listed.iter().map(|entry| entry.id)).collect();
        versions.into_iter().collect()
    }
}
