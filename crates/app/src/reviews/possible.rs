//! Which commands the caller may give on a sign-off, and why not the others.

use crate::{Error, OpContext, reviews::scope, views::Possible};
use domain::{
    Refusal,
    access::Scope,
    reviewers::Reviewers,
    signoff::{Command, Notify, Outcome, SignOff, Situation, Verdict},
};

/// Every command, tried on a copy: what you may do with the token in use, and why not the rest.
pub(crate) fn possible(op: &OpContext, signoff: &SignOff, situation: &Situation<'_>, reviewers: &Reviewers) -> Vec<Possible> {
    let comment = || Some("…".to_owned());
    let mut commands = vec![
        ("request_review", None, Command::RequestReview { skip_feedback: false, notify: Notify::Nobody }),
        ("request_final_approval", None, Command::RequestFinalApproval),
        ("back_to_feedback", None, Command::BackToFeedback),
        ("approve", None, Command::Approve { comment: comment(), valid_for: None }),
        ("reject", None, Command::Reject { comment: comment() }),
        ("abandon", None, Command::Abandon { comment: comment() }),
        ("cancel_abandon", None, Command::CancelAbandon),
        ("revoke", None, Command::Revoke { comment: comment() }),
        ("reset", None, Command::Reset { reload_reviewers: false }),
    ];
    for slot in &reviewers.slots {
        let command = Command::GiveFeedback { slot: slot.name.clone(), verdict: Verdict::MajorIssue, comment: comment() };
        commands.push(("give_feedback", Some(slot.name.to_string()), command));
    }
    let try_out = |(name, slot, command): (&str, Option<String>, Command)| {
        let reason = match needs(op, name).map(|()| signoff.clone().apply(command, situation)) {
            Err(error) => Some(error.to_string()),
            Ok(outcome) => refused(outcome),
        };
        Possible { command: name.to_owned(), slot, allowed: reason.is_none(), reason }
    };
    commands.into_iter().map(try_out).collect()
}

/// What the use case of a command asks of the token.
fn needs(op: &OpContext, command: &str) -> Result<(), Error> {
    match command {
        "request_review" | "cancel_abandon" | "reset" => op.needs(Scope::Register),
        "approve" | "reject" | "give_feedback" => op.needs(Scope::Review),
        _ => scope::needs_either(op),
    }
}

/// Why it was not carried out.
fn refused(outcome: Result<Outcome, Refusal>) -> Option<String> {
    match outcome {
        Ok(Outcome::Changed(_)) => None,
        Ok(Outcome::AlreadyDone(_)) => Some("it is done already".to_owned()),
        Err(refusal) => Some(refusal.reason),
    }
}
