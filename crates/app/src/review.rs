//! The commands of a running review: each loads the sign-off, asks the domain, saves, records and commits in one transaction.

use crate::{
    Error, OpContext,
    find::{self, Found},
    lapse, show_review, statements,
    views::{self, DelegateRequest, Done, GiveFeedbackRequest, RequestReviewRequest},
};
use domain::{
    SlotName, UserId, VersionRef,
    access::{Action, Scope},
    event::Event,
    reviewers::Task,
    signoff::{Command, Notify, Outcome, State, Status, Until},
    workflow::Trigger,
};
use store::{Round, Writer};

/// The most people whom a request can name to be told.
const MOST_NOTIFIED: usize = 200;

/// Asks for a review; copies the project's reviewers into the round.
///
/// # Errors
/// A refusal, or somebody to be told who does not exist.
pub async fn request(
    op: &OpContext,
    name: &VersionRef,
    request: RequestReviewRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    op.needs(Scope::Register)?;
    if let Notify::Some(names) = &request.notify.0 {
        if names.len() > MOST_NOTIFIED {
            return Err(Error::invalid("/notify", format!("name at most {MOST_NOTIFIED} people, or `all`")));
        }
        let mut reader = op.read().await?;
        find::version(op, &mut reader, name, Action::ReadProject).await?;
        for user in names {
            find::user(&mut reader, user, "/notify").await?;
        }
    }
    let command = Command::RequestReview { skip_feedback: request.skip_feedback, notify: request.notify.0 };
    carry_out(op, name, command, expected, &[]).await
}

/// Goes on to the final approval.
///
/// # Errors
/// A refusal.
pub async fn request_final(op: &OpContext, name: &VersionRef, expected: Option<&str>) -> Result<Done<views::Review>, Error> {
    needs_either(op)?;
    carry_out(op, name, Command::RequestFinalApproval, expected, &[]).await
}

/// Lets feedback in again.
///
/// # Errors
/// A refusal.
pub async fn back(op: &OpContext, name: &VersionRef, expected: Option<&str>) -> Result<Done<views::Review>, Error> {
    needs_either(op)?;
    carry_out(op, name, Command::BackToFeedback, expected, &[]).await
}

/// Gives or changes feedback.
///
/// # Errors
/// A refusal.
pub async fn give_feedback(
    op: &OpContext,
    name: &VersionRef,
    request: GiveFeedbackRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    op.needs(Scope::Review)?;
    let GiveFeedbackRequest { slot, verdict, comment } = request;
    carry_out(op, name, Command::GiveFeedback { slot, verdict, comment: checked(comment)? }, expected, &[]).await
}

/// Takes feedback back.
///
/// # Errors
/// A refusal.
pub async fn withdraw_feedback(
    op: &OpContext,
    name: &VersionRef,
    slot: SlotName,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    op.needs(Scope::Review)?;
    carry_out(op, name, Command::WithdrawFeedback { slot }, expected, &[]).await
}

/// Hands a task to another user.
///
/// # Errors
/// A refusal; no such user; an end that cannot be read.
pub async fn delegate(
    op: &OpContext,
    name: &VersionRef,
    request: DelegateRequest,
    expected: Option<&str>,
) -> Result<Done<views::Review>, Error> {
    op.needs(Scope::Review)?;
    let to = find::user(&mut op.read().await?, &request.to, "/to").await?.id;
    let until = request.until.as_deref().map(until).transpose()?;
    let task = request.slot.map_or(Task::FinalApproval, Task::Feedback);
    carry_out(op, name, Command::Delegate { task, to, until }, expected, &[to]).await
}

/// An end as people write it: a time, or a length from now.
fn until(text: &str) -> Result<Until, Error> {
    if let Ok(length) = text.parse() {
        return Ok(Until::Length(length));
    }
    text.parse().map(Until::Moment).map_err(|_| {
        Error::invalid(
            "/until",
            format!("`{}` is neither a length of time like 30d nor a time like 2026-11-23T09:30:00Z", text.escape_debug()),
        )
    })
}

/// Contributors and final approvers both may do it, so either scope will do.
pub(crate) fn needs_either(op: &OpContext) -> Result<(), Error> {
    op.needs(Scope::Review).or_else(|_| op.needs(Scope::Register))
}

/// The longest comment, in bytes.
const LONGEST_COMMENT: usize = 20_000;

/// A comment within its bounds.
pub(crate) fn checked(comment: Option<String>) -> Result<Option<String>, Error> {
    match &comment {
        Some(text) if text.len() > LONGEST_COMMENT => {
            Err(Error::invalid("/comment", format!("the comment is too long: at most {LONGEST_COMMENT} bytes")))
        }
        _ => Ok(comment),
    }
}

/// Carries out a command on a version's sign-off. `people` are those whom the command names.
pub(crate) async fn carry_out(
    op: &OpContext,
    name: &VersionRef,
    command: Command,
    expected: Option<&str>,
    people: &[UserId],
) -> Result<Done<views::Review>, Error> {
    let verb = command.verb();
    let (ref op, mut tx) = op.write().await?;
    let (mut found, surroundings) = find::version_with_surroundings(op, &mut tx, name, Action::ReadProject, people).await?;
    let situation = surroundings.situation(op, &found);
    let outcome = found.signoff().clone().apply(command, &situation);
    let stale = expected.is_some_and(|expected| expected != "*" && expected != show_review::tag(&found.round));
    let already_done = match outcome {
        // The very same again is no conflict, even from a view that is out of date because of it.
        Ok(Outcome::AlreadyDone(_)) => true,
        _ if stale => return Err(stale_view(op, &mut tx, &found, verb).await?),
        Err(refusal) => return Err(Error::refused(refusal, op.version_link(name))),
        Ok(Outcome::Changed(transition)) => {
            let lapsed = matches!(transition.event, Event::Revoked { .. } | Event::Reset { from: Status::Approved, .. });
            if let Some(decided) = decided(&transition.signoff.state)
                && matches!(transition.event, Event::Approved { .. } | Event::Rejected { .. } | Event::Revoked { .. })
                && let Some(review) = transition.signoff.review()
            {
                tx.insert(&statements::decision(op, &found, &surroundings, review, &decided)?).await?;
            }
            save(op, &mut tx, &mut found, transition.signoff, trigger(&transition.event)).await?;
            tx.record(transition.event, found.about());
            if lapsed {
                lapse::tell(op, &mut tx, &found).await?;
            }
            false
        }
    };
    let result = show_review::view(op, &found, &found.round, &surroundings);
    tx.commit().await?;
    Ok(Done { already_done, result })
}

/// Writes the new state of a sign-off: over its row, or as the row of the next round; and moves the version's steps.
pub(crate) async fn save(
    op: &OpContext,
    tx: &mut Writer,
    found: &mut Found,
    signoff: domain::signoff::SignOff,
    trigger: Option<Trigger>,
) -> Result<(), Error> {
    if signoff.round == found.round.number {
        found.round = Round::of(&signoff, found.round.revision + 1, op.now);
        tx.update(&found.round).await?;
    } else {
        found.round = Round::of(&signoff, 1, op.now);
        tx.insert(&found.round).await?;
    }
    if let Some(trigger) = trigger {
        let before = found.version.workflow.clone();
        found.version.workflow.0.advance(trigger);
        if found.version.workflow != before {
            tx.update(&found.version).await?;
        }
    }
    Ok(())
}

/// The step that an event moves.
pub(crate) fn trigger(event: &Event) -> Option<Trigger> {
    match event {
        Event::ReviewRequested { .. } => Some(Trigger::ReviewRequested),
        Event::Approved { .. } => Some(Trigger::Approved),
        Event::Revoked { .. } | Event::Expired { .. } => Some(Trigger::Lapsed),
        Event::Reset { .. } => Some(Trigger::Reset),
        _ => None,
    }
}

fn decided(state: &State) -> Option<statements::Decided<'_>> {
    match state {
        State::Approved { approval, .. } => Some(statements::Decided::Approved(approval)),
        State::Rejected { rejection, .. } => Some(statements::Decided::Rejected(rejection)),
        State::Revoked { revocation, .. } => Some(statements::Decided::Revoked(revocation)),
        _ => None,
    }
}

/// The conflict of a command on a view that is out of date: says what changed last and by whom.
async fn stale_view(op: &OpContext, tx: &mut Writer, found: &Found, verb: &str) -> Result<Error, Error> {
    let link = op.version_link(&found.name);
    let last = show_review::last_change(tx, found).await?;
    let message = match last {
        Some(change) => format!("cannot {verb}: the review has changed since you looked; last, {change}"),
        None => format!("cannot {verb}: the review has changed since you looked"),
    };
    let details =
        crate::error::Details { status: Some(found.signoff().status().to_string()), link: Some(link), ..Default::default() };
    Ok(Error { details: Some(Box::new(details)), ..Error::stale(message) })
}
