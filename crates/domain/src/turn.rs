//! Whose turn it is: who is expected to act on a sign-off, how, why and since when. Inbox, pages, mails and API all use this.

use crate::{
    Timestamp, UserId, due,
    people::{ProjectRole, words},
    reviewers::Task,
    signoff::{Review, SignOff, SignOffFacts, State, Status},
};
use serde::{Deserialize, Serialize};

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Give the final approval, or reject.
    Decide,
    /// Give feedback in a slot that has none.
    GiveFeedback,
    /// Look again: what was shown has changed since the answer.
    ReconsiderFeedback,
    /// All feedback is in: ask for the final approval.
    RequestFinalApproval,
    /// Nobody can give the final approval: name somebody who can, and reload the reviewers of the round.
    ReloadReviewers,
    /// The approval has lapsed: open the next round.
    Reset,
    /// The sign-off was reset: ask for the review again.
    RequestReview,
}

words! { Expected { Decide = "decide", GiveFeedback = "give_feedback", ReconsiderFeedback = "reconsider_feedback", RequestFinalApproval = "request_final_approval", ReloadReviewers = "reload_reviewers", Reset = "reset", RequestReview = "request_review" } }

/// One turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What is expected.
    pub expected: Expected,
    /// In which slot or for the final approval, where it is a reviewer's turn.
    pub task: Option<Task>,
    /// Of whom; any one of them.
    pub people: Vec<UserId>,
    /// Why, as a sentence.
    pub why: String,
    /// Since when; unknown where nothing was requested yet in this round.
    pub since: Option<Timestamp>,
    /// By when, where the project's rules say so.
    pub due: Option<Timestamp>,
}

/// Whose turn it is now: nobody's for a retired version. The situation's actor plays no part.
pub fn turns(signoff: &SignOff, s: &SignOffFacts<'_>) -> Vec<Turn> {
    if s.retired.is_some() {
        return Vec::new();
    }
    match &signoff.state {
        State::WaitingForFeedback { review } => {
            let mut turns = feedback_turns(signoff, review, s);
            turns.extend(reload_turn(signoff, review, s));
            turns
        }
        State::WaitingForApproval { review } => {
            vec![reload_turn(signoff, review, s).unwrap_or_else(|| decide_turn(signoff, review, s))]
        }
        // A renewal that was taken back waits for nobody.
        State::NotStarted { .. } if signoff.renews.is_some() => Vec::new(),
        State::Revoked { revocation, .. } => vec![role_turn(
            Expected::Reset,
            ProjectRole::Manager,
            "The approval was revoked; the next round begins with a reset.",
            Some(revocation.at),
            s,
        )],
        State::Expired { at, .. } => vec![role_turn(
            Expected::Reset,
            ProjectRole::Manager,
            "The approval has expired; the next round begins with a reset.",
            Some(*at),
            s,
        )],
        State::NotStarted { .. } if signoff.round > 1 => {
            vec![role_turn(
                Expected::RequestReview,
                ProjectRole::Contributor,
                "A new round was opened; its review has still to be requested.",
                None,
                s,
            )]
        }
        State::NotStarted { .. } | State::Approved { .. } | State::Rejected { .. } | State::Abandoned { .. } => Vec::new(),
    }
}

fn feedback_turns(signoff: &SignOff, review: &Review, s: &SignOffFacts<'_>) -> Vec<Turn> {
    let mut turns = Vec::new();
    for slot in review.unanswered() {
        let task = Task::Feedback(slot.clone());
        let people = s.able(&task, signoff, review);
        turns.push(Turn {
            expected: Expected::GiveFeedback,
            people,
            why: format!("“{slot}” has given no feedback yet."),
            since: Some(review.since),
            due: due::of(signoff, s.rules),
            task: Some(task),
        });
    }
    for answer in review.answers.iter().filter(|answer| review.is_stale(answer)) {
        let task = Task::Feedback(answer.slot.clone());
        // A person who has left the slot cannot answer again.
        let people = s.able(&task, signoff, review).into_iter().filter(|person| *person == answer.by).collect();
        let why = format!("What was shown has changed since the feedback for “{}”.", answer.slot);
        let (since, due) = (Some(answer.at), due::of(signoff, s.rules));
        turns.push(Turn { expected: Expected::ReconsiderFeedback, task: Some(task), people, why, since, due });
    }
    // Where nobody is left to answer, the sign-off would wait for ever and nobody would see it.
    if turns.iter().all(|turn| turn.people.is_empty()) {
        let since = review.answers.iter().map(|answer| answer.at).max().or(Some(review.since));
        let why = if turns.is_empty() { "All feedback is in." } else { "Nobody is left to give the feedback that is missing." };
        let mut turn = role_turn(Expected::RequestFinalApproval, ProjectRole::Contributor, why, since, s);
        turn.people.extend(s.able(&Task::FinalApproval, signoff, review));
        turn.people.sort_unstable();
        turn.people.dedup();
        turns.push(turn);
    }
    turns
}

fn decide_turn(signoff: &SignOff, review: &Review, s: &SignOffFacts<'_>) -> Turn {
    let stale = review.answers.iter().filter(|answer| review.is_stale(answer)).count();
    let missing = review.unanswered().count();
    let mut why = "The final approval was asked for.".to_owned();
    if missing > 0 {
        why.push_str(&format!(" Slots without feedback: {missing}."));
    }
    if stale > 0 {
        why.push_str(&format!(" Answers from before the last change: {stale}."));
    }
    if let Some(renews) = signoff.renews {
        // An inbox reads the round alone: it does not know whether the approval beside it has ended meanwhile.
        let in_force = match signoff.renewed().map(SignOff::status) {
            Some(Status::Approved) => Some(""),
            Some(_) => None,
            None => Some(", where it is still in force"),
        };
        if let Some(doubt) = in_force {
            why.push_str(&format!(
                " This round renews the approval of round {renews}: a rejection ends that approval too{doubt}."
            ));
        }
    }
    let people = s.able(&Task::FinalApproval, signoff, review);
    let (since, due) = (Some(review.since), due::of(signoff, s.rules));
    Turn { expected: Expected::Decide, task: Some(Task::FinalApproval), people, why, since, due }
}

/// The managers' turn where nobody is left who can give the final approval: the round would wait for ever.
fn reload_turn(signoff: &SignOff, review: &Review, s: &SignOffFacts<'_>) -> Option<Turn> {
    let why =
        "Nobody can give the final approval: name a final approver of the project, then reload the reviewers of this round.";
    let nobody = s.able(&Task::FinalApproval, signoff, review).is_empty();
    nobody.then(|| role_turn(Expected::ReloadReviewers, ProjectRole::Manager, why, Some(review.since), s))
}

fn role_turn(expected: Expected, role: ProjectRole, why: &str, since: Option<Timestamp>, s: &SignOffFacts<'_>) -> Turn {
    let people = s.directory.actors().filter(|person| person.has_role(role)).map(|person| person.id).collect();
    Turn { expected, task: None, people, why: why.to_owned(), since, due: None }
}
