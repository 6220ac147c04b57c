//! The rounds in which somebody is expected to act, with whose turn it is: what every inbox is made of. When a version changes, only its
//! rounds are looked at again.

use domain::{ProjectId, StepName, Timestamp, UserId, VersionId, VersionRef, turn::Expected};
use std::{collections::HashMap, sync::Arc};

/// A round in which somebody is expected to act.
#[derive(Clone, Debug)]
pub(crate) struct WaitingRound {
    pub project: ProjectId,
    pub version: VersionRef,
    pub step: StepName,
    pub turns: Vec<WaitingTurn>,
    /// Since when the round waits, and by when an answer is expected, also where nobody can give it.
    pub due: Option<(Timestamp, Timestamp)>,
    /// Who asked for the review, and who uploaded the version.
    pub askers: Vec<UserId>,
}

/// Whose turn it is, and for what.
#[derive(Clone, Debug)]
pub(crate) struct WaitingTurn {
    pub expected: Expected,
    pub slot: Option<String>,
    /// Any one of them, in order. Many rounds wait for the same people.
    pub people: Arc<[UserId]>,
    pub since: Option<Timestamp>,
}

/// All of these rounds, by version. A copy is cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitingRounds {
    versions: HashMap<VersionId, Arc<[WaitingRound]>>,
    /// When the first delegation of these rounds ends, and with it perhaps somebody's turn.
    until: Option<Timestamp>,
}

impl WaitingTurn {
    /// Whether it is this person's turn.
    pub fn is_of(&self, user: UserId) -> bool {
        self.people.binary_search(&user).is_ok()
    }
}

impl WaitingRound {
    /// The turns of this person.
    pub fn turns_of(&self, user: UserId) -> impl Iterator<Item = &WaitingTurn> {
        self.turns.iter().filter(move |turn| turn.is_of(user))
    }

    /// Whether the person asked for the review and somebody else has the turn.
    pub fn waits_on_others(&self, user: UserId) -> bool {
        self.askers.contains(&user) && self.turns_of(user).next().is_none()
    }
}

impl WaitingRounds {
    /// Keeps the rounds of a version, in place of those from before.
    pub fn put(&mut self, version: VersionId, rounds: Vec<WaitingRound>) {
        match rounds.is_empty() {
            true => drop(self.versions.remove(&version)),
            false => drop(self.versions.insert(version, rounds.into())),
        }
    }

    /// Lets these rounds hold until this moment at the latest.
    pub fn holds_until(&mut self, moment: Timestamp) {
        self.until = Some(self.until.map_or(moment, |until| until.min(moment)));
    }

    /// Whether the time alone has changed nothing.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Every round, in no order.
    pub fn all(&self) -> impl Iterator<Item = (VersionId, &WaitingRound)> {
        self.versions.iter().flat_map(|(version, rounds)| rounds.iter().map(|round| (*version, round)))
    }
}
