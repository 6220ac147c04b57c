//! A check that is running: what it has read of the log so far, and what it has found.

use super::{
    decisions::AllDecisions,
    finding::Finding,
    history::{History, LogKeyPeriod},
    spoken::Spoken,
    subtrees::Subtrees,
};
use domain::{Timestamp, VersionId};
use proof::{Sha256, merkle::Frontier};
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

/// The result of a check.
#[derive(Default)]
pub struct Report {
    /// The number of events.
    pub events: u64,
    /// The number of rows that the record covers.
    pub rows: u64,
    /// The log's root, recomputed from the events.
    pub root: String,
    /// The final decisions that the log tells of.
    pub decisions: AllDecisions,
    /// The keys of the log, in turn.
    pub log_keys: Vec<LogKeyPeriod>,
    /// The roots that the log had at the sizes of the stored checkpoints; none for a size that the log has not reached.
    pub roots: HashMap<u64, Option<Sha256>>,
    /// What [`replay`] needs to know of people, rules and credentials.
    pub history: History,
    /// When the last event was recorded; none where that event cannot be read.
    pub last_event_at: Option<Timestamp>,
    /// The findings; empty for a clean store.
    pub findings: Vec<Finding>,
}

/// A size of the log and its root, from a signed checkpoint that was kept outside of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// The number of events.
    pub size: u64,
    /// The root over these events.
    pub root: Sha256,
}

/// A check that is running.
#[derive(Default)]
pub(super) struct Check<'a> {
    pub heads: &'a [TreeHead],
    pub report: Report,
    pub frontier: Frontier,
    pub subtrees: Subtrees,
    pub history: History,
    /// The sizes at which the root is asked for, and the roots.
    pub roots: HashMap<u64, Option<Sha256>>,
    /// What the log says of each row and of the statements that were signed with it.
    pub spoken: Spoken,
    /// When the last event was recorded; none where that event cannot be read.
    pub last_event_at: Option<Timestamp>,
    /// The last event about each version.
    pub last_of_version: LastEvents,
    /// Events that are not there or cannot be read, so that nothing is known of what they were about.
    pub unread: HashSet<u64>,
}

/// The last event about each version. A version is known by its hash under a key of this run.
#[derive(Default)]
pub(super) struct LastEvents {
    key: RandomState,
    positions: HashMap<u64, u64>,
}

impl LastEvents {
    /// Notes an event about a version; gives the one before it.
    pub fn note(&mut self, version: VersionId, position: u64) -> Option<u64> {
        self.positions.insert(self.key.hash_one(version), position)
    }
}

impl Check<'_> {
    pub fn found(&mut self, what: impl Into<String>, problem: impl Into<String>) {
        self.report.findings.push(Finding { what: what.into(), problem: problem.into() });
    }

    /// Appends a leaf, and notes the root where somebody asks for it.
    pub fn leaf(&mut self, leaf: Sha256) {
        for node in self.frontier.append(leaf) {
            self.subtrees.keep(&node);
        }
        if let Some(root) = self.roots.get_mut(&self.frontier.size()) {
            *root = Some(self.frontier.root());
        }
    }
}
