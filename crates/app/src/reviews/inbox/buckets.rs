//! The buckets of an inbox: each counts all items and keeps the first of them, so that no inbox grows without bound.

use crate::views::{Inbox, InboxCounts, InboxItem};
use domain::{StepName, Timestamp, VersionRef, turn::Expected};
use std::collections::BTreeMap;

/// How many items of each bucket are listed.
const LISTED: usize = 300;

/// By what a bucket is ordered: the oldest first, where it is known since when.
type Place<'a> = (Option<Timestamp>, &'a VersionRef, &'a StepName, Option<Expected>, Option<&'a str>);

/// One bucket.
#[derive(Default)]
struct Bucket<'a> {
    items: BTreeMap<Place<'a>, &'a InboxItem>,
    count: u64,
}

impl<'a> Bucket<'a> {
    /// Counts an item, and lists it if it is among the first.
    fn put(&mut self, item: &'a InboxItem) {
        let place = (item.since, &item.version, &item.step, item.expected, item.slot.as_deref());
        self.count += 1;
        let full = self.items.len() >= LISTED;
        if full && self.items.last_key_value().is_some_and(|(last, _)| *last < place) {
            return;
        }
        self.items.insert(place, item);
        if full {
            self.items.pop_last();
        }
    }

    fn list(self) -> (Vec<InboxItem>, u64) {
        (self.items.into_values().cloned().collect(), self.count)
    }
}

/// All of them.
#[derive(Default)]
pub struct Buckets<'a> {
    decide: Bucket<'a>,
    give_feedback: Bucket<'a>,
    answer: Bucket<'a>,
    waiting_on_others: Bucket<'a>,
    /// The last one first, as it is found.
    recently_decided: Vec<InboxItem>,
    decided_count: u64,
}

impl<'a> Buckets<'a> {
    /// Puts an item into the bucket for what is expected of the caller. An item that expects nothing of the caller waits for others.
    pub fn put(&mut self, item: &'a InboxItem) {
        let bucket = match item.expected {
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
        bucket.put(item);
    }

    /// Counts what was decided, newest first.
    pub fn decided(&mut self, item: impl FnOnce() -> InboxItem) {
        self.decided_count += 1;
        if self.recently_decided.len() < LISTED {
            self.recently_decided.push(item());
        }
    }

    /// The inbox that they make.
    pub fn inbox(self) -> Inbox {
        let [decide, give_feedback, answer, waiting_on_others] =
            [self.decide, self.give_feedback, self.answer, self.waiting_on_others].map(Bucket::list);
        let recently_decided = self.recently_decided;
        let counts = InboxCounts {
            decide: decide.1,
            give_feedback: give_feedback.1,
            answer: answer.1,
            waiting_on_others: waiting_on_others.1,
            recently_decided: self.decided_count,
        };
        let all = [&decide, &give_feedback, &answer, &waiting_on_others];
        let more = all.iter().any(|(items, count)| items.len() as u64 != *count)
            || recently_decided.len() as u64 != counts.recently_decided;
        Inbox {
            decide: decide.0,
            give_feedback: give_feedback.0,
            answer: answer.0,
            waiting_on_others: waiting_on_others.0,
            recently_decided,
            more,
            counts,
        }
    }
}
