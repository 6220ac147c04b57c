//! Recurrence: the clock opens the renewal of an approval in time before its end, where the project's rules say so.

use super::{
    facts::SignOffFacts,
    outcome::Transition,
    state::{Act, Notify, Review, RoundReviewers, SignOff, State},
};
use crate::{
    Timestamp,
    event::Event,
    people::{Credential, Signatory},
};

impl SignOff {
    /// The clock's own command: an approval that ends soon is renewed. `None` when no renewal is to be opened now.
    ///
    /// The new round counts as requested by the requester of the round before, whom the duty rules bar as before. A renewal that somebody
    /// abandoned or took back is not opened again: the next one is for a person to ask for.
    pub fn open_renewal(self, s: &SignOffFacts<'_>) -> Option<Transition> {
        let State::Approved { review, approval } = &self.state else { return None };
        let begin = renewal_begins(approval.act.at, approval.not_after?, s.rules.renew_before?);
        let in_time = begin <= s.now && self.approval_in_force(s.now).is_some();
        if !in_time || self.beside.is_some() || s.retired.is_some() || s.waiting_elsewhere.is_some() {
            return None;
        }
        let (renews, round, keeps_reviewers) = (self.round, self.round + 1, s.rules.renewal_keeps_reviewers);
        let reviewers = if keeps_reviewers { review.reviewers.clone() } else { s.reviewers.clone() };
        let of = RoundReviewers { reviewers, delegations: Vec::new() };
        let (status, requested) = Review::requested(s, of, review.skip_feedback, Notify::All);
        let earlier = &review.requested;
        let by_clock = |earlier: Signatory| Signatory { credential: Credential::Clock, password: None, ..earlier };
        let signatory = earlier.signatory.clone().map(by_clock);
        let act = Act { by: earlier.by, signatory, at: s.now, comment: None, path: None };
        let review = Review { requested: act, ..requested };
        let next = Self { round, renews: Some(renews), beside: None, ..self.clone() };
        let state = State::open(status, review.clone());
        let event = Event::RenewalOpened {
            step: self.step.clone(),
            round,
            renews,
            status: state.status(),
            keeps_reviewers,
            reviewers: review.reviewers,
            shown: s.shown,
        };
        let signoff = Self::of_rounds(Self { state, ..next }, Some(self.alone()));
        Some(Transition { signoff, round, event })
    }
}

/// When the clock opens the renewal of an approval: so long before its end, and not in the first half of its time, or else a short approval
/// would be renewed again and again.
fn renewal_begins(approved: Timestamp, end: Timestamp, before: crate::Duration) -> Timestamp {
    let half = Timestamp::from_micros(approved.micros() + (end.micros() - approved.micros()) / 2);
    end.minus(before).max(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Duration;

    #[test]
    fn a_renewal_begins_in_the_second_half_of_an_approval() {
        let approved = Timestamp::from_micros(0);
        let begins = |valid: u32, before: u32| {
            renewal_begins(approved, approved.plus(Duration::from_days(valid)), Duration::from_days(before)).micros()
                / Duration::from_days(1).micros()
        };
        assert_eq!(begins(365, 30), 335);
        assert_eq!(begins(40, 30), 20);
        assert_eq!(begins(10, 30), 5);
    }
}
