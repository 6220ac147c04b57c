//! Showing a review: every slot, answered or not, whose turn it is, and what you may do.

use crate::{
    Error, OpContext, audit,
    find::{self, Found, Surroundings},
    governance, review, show,
    views::{ActView, AnswerView, AuditEvent, DecisionView, DelegationView, List, Possible, Review, SlotView, Turn},
};
use domain::{
    Refusal, Timestamp, VersionRef,
    access::{Action, Scope},
    event::Actor,
    people::{Container, Directory},
    reviewers::{Reviewers, Task},
    signoff::{Act, Approval, Command, Notify, Outcome, SignOff, Situation, State, Status, Verdict},
    turn,
};
use store::{Reader, Round};

/// The tag of a round's present state.
pub(crate) fn tag(round: &Round) -> String {
    format!("r{}.{}", round.number, round.revision)
}

/// Shows the present round of a version, or an earlier one.
///
/// # Errors
/// No such version or round, or none that the caller may see.
pub async fn show(op: &OpContext, name: &VersionRef, round: Option<u32>) -> Result<Review, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let mut found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let present = found.round.clone();
    if let Some(number) = round {
        let earlier = reader.round(found.version.id, number).await?;
        found.round = earlier.ok_or_else(|| Error::not_found("round", format_args!("{name} round {number}")))?;
    }
    let surroundings = find::surroundings(op, &mut reader, &found, &[]).await?;
    Ok(view(op, &found, &present, &surroundings))
}

/// What happened to a version, in order.
///
/// # Errors
/// No such version, or none that the caller may see.
pub async fn history(
    op: &OpContext,
    name: &VersionRef,
    from: Option<u64>,
    limit: Option<u32>,
) -> Result<List<AuditEvent>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::ReadProject).await?;
    let about = store::About { version: Some(found.version.id), ..store::About::default() };
    audit::page(&mut reader, about, from.unwrap_or(0), Timestamp::from_micros(0), limit).await
}

/// The last change of a review in words: "approved by Approver at …".
pub(crate) async fn last_change(reader: &mut Reader, found: &Found) -> Result<Option<String>, Error> {
    let Some(event) = reader.last_event_of(found.version.id).await? else {
        return Ok(None);
    };
    let by = match event.actor {
        Actor::User { id, name, .. } => {
            reader.user(id).await?.map_or_else(|| name.to_string(), |user| user.display_name.to_string())
        }
        Actor::Clock => "the clock".to_owned(),
        Actor::Console => "the server's console".to_owned(),
    };
    Ok(Some(format!("{} by {by} at {}", event.event.kind(), event.at)))
}

/// One round as it is shown.
pub(crate) fn view(op: &OpContext, found: &Found, present: &Round, surroundings: &Surroundings) -> Review {
    let signoff = found.signoff();
    let directory = &surroundings.directory;
    let situation = surroundings.situation(op, found);
    let is_present = found.round.number == present.number;
    let project_reviewers = &found.project.reviewers.0;
    let kept = match &signoff.state {
        State::NotStarted { kept } => kept.as_ref().map(|kept| &kept.reviewers),
        _ => None,
    };
    let review = signoff.review();
    let reviewers = review.map(|review| &review.reviewers).or(kept).unwrap_or(project_reviewers);
    let turns = if is_present { turn::turns(signoff, &situation) } else { Vec::new() };
    let able = |task: &Task| -> Vec<String> {
        let Some(review) = review else {
            return assigned_people(reviewers, task, directory);
        };
        situation.able(task, signoff, review).iter().map(|user| directory.show(*user)).collect()
    };
    let (decision, abandonment, revocation, expired_at) = ending(signoff, directory);
    Review {
        version: found.name.clone(),
        model_digest: found.version.model_digest,
        round: signoff.round,
        rounds: present.number,
        status: signoff.status(),
        locked: signoff.is_locked(),
        requested: review.map(|review| act(&review.requested, directory)),
        skip_feedback: review.is_some_and(|review| review.skip_feedback),
        since: review.map(|review| review.since),
        slots: slots(found, surroundings, reviewers, &able),
        approvers: describe(&reviewers.approvers, directory),
        approver_people: able(&Task::FinalApproval),
        delegations: delegations(signoff, directory),
        decision,
        abandonment,
        revocation,
        expired_at,
        turns: governance::turns_view(&turns, directory),
        may: if is_present && op.user().is_ok() { possible(op, signoff, &situation, reviewers) } else { Vec::new() },
        warnings: if is_present && !is_over(signoff) { warnings(reviewers, &able) } else { Vec::new() },
        etag: tag(&found.round),
        link: op.version_link(&found.name),
    }
}

fn slots(
    found: &Found,
    surroundings: &Surroundings,
    reviewers: &Reviewers,
    able: &impl Fn(&Task) -> Vec<String>,
) -> Vec<SlotView> {
    let directory = &surroundings.directory;
    let authors = found.authors();
    let view = |slot: &domain::reviewers::Slot| {
        let answers = found.signoff().review().into_iter().flat_map(|review| {
            review.answers_in(&slot.name).map(|answer| AnswerView {
                by: directory.show(answer.by),
                verdict: answer.verdict,
                comment: answer.comment.clone(),
                at: answer.at,
                path: answer.path.clone(),
                stale: review.is_stale(answer),
                by_author: directory.person(answer.by).is_some_and(|person| authors.include(person)),
            })
        });
        SlotView {
            name: slot.name.clone(),
            assigned: describe(&slot.assigned, directory),
            people: able(&Task::Feedback(slot.name.clone())),
            answers: answers.collect(),
        }
    };
    reviewers.slots.iter().map(view).collect()
}

fn ending(
    signoff: &SignOff,
    directory: &Directory,
) -> (Option<DecisionView>, Option<ActView>, Option<ActView>, Option<Timestamp>) {
    let decision = |word: &str, act: &Act, not_after| {
        let Act { at, comment, .. } = act.clone();
        Some(DecisionView { decision: word.to_owned(), by: directory.show(act.by), at, comment, not_after })
    };
    let approved = |approval: &Approval| decision("approved", &approval.act, approval.not_after);
    match &signoff.state {
        State::Approved { approval, .. } => (approved(approval), None, None, None),
        State::Rejected { rejection, .. } => (decision("rejected", rejection, None), None, None, None),
        State::Abandoned { abandonment, .. } => (None, Some(act(abandonment, directory)), None, None),
        State::Revoked { approval, revocation, .. } => (approved(approval), None, Some(act(revocation, directory)), None),
        State::Expired { approval, at, .. } => (approved(approval), None, None, Some(*at)),
        State::NotStarted { .. } | State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => {
            (None, None, None, None)
        }
    }
}

fn act(act: &Act, directory: &Directory) -> ActView {
    ActView { by: directory.show(act.by), at: act.at, comment: act.comment.clone() }
}

fn delegations(signoff: &SignOff, directory: &Directory) -> Vec<DelegationView> {
    let delegations = match &signoff.state {
        State::NotStarted { kept: Some(kept) } => kept.delegations.as_slice(),
        state => state.review().map_or(&[][..], |review| review.delegations.as_slice()),
    };
    let view = |delegation: &domain::reviewers::Delegation| DelegationView {
        slot: Turn::slot(Some(&delegation.task)),
        from: directory.show(delegation.from),
        to: directory.show(delegation.to),
        until: delegation.until,
    };
    delegations.iter().map(view).collect()
}

fn describe(containers: &[Container], directory: &Directory) -> Vec<String> {
    containers.iter().map(|container| directory.describe(container)).collect()
}

fn assigned_people(reviewers: &Reviewers, task: &Task, directory: &Directory) -> Vec<String> {
    directory
        .active()
        .filter(|person| reviewers.container_of(task, person).is_some())
        .map(|person| person.display_name.to_string())
        .collect()
}

/// Whether nobody will give anything in this round any more.
fn is_over(signoff: &SignOff) -> bool {
    !signoff.status().is_open() && signoff.status() != Status::NotStarted
}

/// An impassable gate must never be a silent one.
fn warnings(reviewers: &Reviewers, able: &impl Fn(&Task) -> Vec<String>) -> Vec<String> {
    let lacking = reviewers.tasks().filter(|task| able(task).is_empty());
    lacking.map(|task| show::nobody_can(&task, "look at the members and groups it is assigned to")).collect()
}

/// Every command, tried on a copy: what you may do with the token in use, and why not the rest.
fn possible(op: &OpContext, signoff: &SignOff, situation: &Situation<'_>, reviewers: &Reviewers) -> Vec<Possible> {
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
        _ => review::needs_either(op),
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
