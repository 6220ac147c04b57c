//! The rounds of a sign-off that count at one time. That is the newest round; and while the newest round renews an approval and is not
//! decided, the round of that approval too: the approval goes on.
//!
//! A renewal that was abandoned or taken back changes nothing: the approval's round is the present one again.

use super::{
    state::{Approval, Beside, SignOff, State},
    status::Status,
};
use crate::Timestamp;

impl SignOff {
    /// The present round, with the round that counts beside it: of the newest round, and of the round that the newest one renews.
    pub fn of_rounds(newest: Self, renewed: Option<Self>) -> Self {
        match renewed {
            Some(renewed) if newest.is_given_up() => Self { beside: Some(Beside::GivenUp(Box::new(newest))), ..renewed },
            Some(renewed) if newest.goes_on_beside() == Some(renewed.round) => {
                Self { beside: Some(Beside::Renewed(Box::new(renewed))), ..newest }
            }
            _ => newest,
        }
    }

    /// The same rounds after one of them changed: what is decided stands alone, and what was given up stands behind.
    pub(super) fn arranged(mut self) -> Self {
        match self.beside.take() {
            Some(Beside::Renewed(renewed)) => Self::of_rounds(self, Some(*renewed)),
            Some(Beside::GivenUp(newest)) => Self::of_rounds(*newest, Some(self)),
            None => self,
        }
    }

    /// The round alone.
    pub fn alone(&self) -> Self {
        Self { beside: None, ..self.clone() }
    }

    /// The present round, then the one that counts beside it; each carries what it carries.
    pub fn rounds(&self) -> impl Iterator<Item = &Self> {
        let beside = self.beside.as_ref().map(|beside| match beside {
            Beside::Renewed(round) | Beside::GivenUp(round) => &**round,
        });
        std::iter::once(self).chain(beside)
    }

    /// The number of the newest round.
    pub fn last_round(&self) -> u32 {
        self.rounds().map(|round| round.round).max().unwrap_or(self.round)
    }

    /// The round whose approval goes on beside this one: the one that this one renews, until this one is decided.
    pub fn goes_on_beside(&self) -> Option<u32> {
        self.renews.filter(|_| self.status().is_open() || self.is_given_up())
    }

    /// The round that the present one renews, as it stands.
    pub fn renewed(&self) -> Option<&Self> {
        match &self.beside {
            Some(Beside::Renewed(renewed)) => Some(renewed),
            _ => None,
        }
    }

    /// The newer round, which was to renew this one's approval and was abandoned or taken back.
    pub(super) fn given_up(&self) -> Option<&Self> {
        match &self.beside {
            Some(Beside::GivenUp(newest)) => Some(newest),
            _ => None,
        }
    }

    /// The round that speaks for the version: while a renewal is open, that of the approval that goes on.
    pub fn speaking(&self) -> &Self {
        self.renewed().filter(|renewed| renewed.status() == Status::Approved).unwrap_or(self)
    }

    /// The approval in force, if there is one: approved and not past its end.
    pub fn approval_in_force(&self, now: Timestamp) -> Option<&Approval> {
        match &self.speaking().state {
            State::Approved { approval, .. } if approval.not_after.is_none_or(|end| now < end) => Some(approval),
            _ => None,
        }
    }

    /// Whether this is a renewal that was abandoned or taken back.
    fn is_given_up(&self) -> bool {
        self.renews.is_some() && matches!(self.state, State::NotStarted { .. } | State::Abandoned { .. })
    }

    /// Takes over who requested and edited what in the round that was given up: nobody loses a bar with it.
    pub(super) fn with_people_of_given_up(mut self) -> Self {
        if let Some(Beside::GivenUp(newest)) = &self.beside {
            self.requesters.extend(newest.requesters.iter().copied());
            self.former_authors.extend(newest.former_authors.iter().cloned());
            self.editors.extend(newest.editors.iter().copied());
        }
        self
    }
}
