//! Builds the view of a round: every slot, answered or not, whose turn it is, and warnings.

use crate::{
    OpContext,
    base::{
        governed_version::GovernedVersion,
        names::{self, NameThen, act},
        turns,
        version_people::VersionPeople,
        warnings,
    },
    reviews::possible::possible,
    views::{ActView, AnswerView, DecisionView, DelegationView, RenewedRound, Review, SlotView, Turn},
};
use domain::{
    Timestamp,
    people::{Container, Directory},
    reviewers::{Reviewers, Task},
    signoff::{Act, Answer, Approval, SignOff, State, Status},
    turn,
};
use store::Round;

/// One round as it is shown.
pub(crate) fn review(op: &OpContext, found: &GovernedVersion, present: &Round, people: &VersionPeople) -> Review {
    let signoff = found.signoff();
    let directory = &people.directory;
    let facts = people.facts(op, found);
    let is_present = found.round.number == present.number;
    let review = signoff.review();
    let reviewers = signoff.reviewers(&found.project.reviewers.0);
    let turns = if is_present { turn::turns(signoff, &facts) } else { Vec::new() };
    let able = |task: &Task| -> Vec<String> {
        let Some(review) = review else {
            return assigned_people(reviewers, task, directory);
        };
        if is_over(signoff) {
            return Vec::new();
        }
        facts.able(task, signoff, review).iter().map(|user| directory.show(*user)).collect()
    };
    let (decision, abandonment, revocation, expired_at) = ending(signoff, directory);
    Review {
        version: found.name.clone(),
        step: signoff.step.clone(),
        model_digest: found.version.model_digest,
        round: signoff.round,
        rounds: present.signoff.0.last_round(),
        status: signoff.status(),
        locked: signoff.is_locked(),
        renews: signoff.renewed().map(|renewed| renewed_round(renewed, op.now, directory)),
        requested: review.map(|review| act(&review.requested, directory)),
        skip_feedback: review.is_some_and(|review| review.skip_feedback),
        changed_since_request: review.map(|review| review.changed.iter().cloned().collect()).unwrap_or_default(),
        since: signoff.since(),
        slots: slots(found, people, reviewers, &able),
        approvers: describe(&reviewers.approvers, directory),
        approver_people: able(&Task::FinalApproval),
        delegations: delegations(signoff, directory),
        decision,
        abandonment,
        revocation,
        expired_at,
        retired: found.version.retired.as_ref().map(|retired| act(&retired.0, directory)),
        services: Vec::new(),
        turns: turns::view(&turns, directory, op.now),
        may: if is_present && op.user().is_ok() { possible(op, signoff, &facts) } else { Vec::new() },
        warnings: if is_present && !is_over(signoff) { warnings(found, reviewers, &able) } else { Vec::new() },
        etag: (&found.round).into(),
        link: op.settings.links.version_page(&found.name),
    }
}

/// The round that an open renewal renews, and what becomes of its approval.
fn renewed_round(renewed: &SignOff, now: Timestamp, directory: &Directory) -> RenewedRound {
    let (decision, ..) = ending(renewed, directory);
    let round = renewed.round;
    let note = match renewed.approval_in_force(now) {
        Some(approval) => {
            let end = approval.not_after.map(|end| format!(", at the latest until {end}")).unwrap_or_default();
            format!(
                "The approval of round {round} goes on until this round is decided{end}. An approval takes its place, a rejection ends it, \
                 and an abandon changes nothing."
            )
        }
        None => {
            format!("The approval of round {round} has ended: this round goes on, and nothing is in force until it is approved.")
        }
    };
    RenewedRound { round, status: renewed.status(), decision, note }
}

fn slots(
    found: &GovernedVersion,
    people: &VersionPeople,
    reviewers: &Reviewers,
    able: &impl Fn(&Task) -> Vec<String>,
) -> Vec<SlotView> {
    let directory = &people.directory;
    let authors = found.authors();
    let answer = |review: &domain::signoff::Review, answer: &Answer| {
        let NameThen { by, account, credential, .. } = names::then(answer.signatory.as_ref(), answer.by, directory);
        AnswerView {
            by,
            account,
            credential,
            verdict: answer.verdict,
            comment: answer.comment.clone(),
            at: answer.at,
            path: answer.path.clone(),
            stale: review.is_stale(answer),
            by_author: directory.person(answer.by).is_some_and(|person| authors.include(person)),
        }
    };
    let review = found.signoff().review();
    let view = |slot: &domain::reviewers::Slot| {
        let current = review.into_iter().flat_map(|review| review.answers_in(&slot.name).map(|given| answer(review, given)));
        let past = review.into_iter().flat_map(|review| review.past_issues_in(&slot.name).map(|given| answer(review, given)));
        SlotView {
            name: slot.name.clone(),
            assigned: describe(&slot.assigned, directory),
            people: able(&Task::Feedback(slot.name.clone())),
            answers: current.collect(),
            past_issues: past.collect(),
        }
    };
    reviewers.slots.iter().map(view).collect()
}

fn ending(
    signoff: &SignOff,
    directory: &Directory,
) -> (Option<DecisionView>, Option<ActView>, Option<ActView>, Option<Timestamp>) {
    let decision = |word: &str, decided: &Act, not_after| {
        Some(DecisionView { decision: word.to_owned(), act: act(decided, directory), not_after })
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

fn delegations(signoff: &SignOff, directory: &Directory) -> Vec<DelegationView> {
    let delegations = match &signoff.state {
        State::NotStarted { reviewers: Some(handed_on) } => handed_on.delegations.as_slice(),
        state => state.review().map_or(&[][..], |review| review.delegations.as_slice()),
    };
    let view = |delegation: &domain::reviewers::Delegation| DelegationView {
        slot: Turn::slot(Some(&delegation.task)),
        from: names::then(delegation.signatory.as_ref(), delegation.from, directory).by,
        to: directory.show(delegation.to),
        until: delegation.until,
    };
    delegations.iter().map(view).collect()
}

fn describe(containers: &[Container], directory: &Directory) -> Vec<String> {
    containers.iter().map(|container| directory.describe(container)).collect()
}

fn assigned_people(reviewers: &Reviewers, task: &Task, directory: &Directory) -> Vec<String> {
    reviewers.people(task, directory).map(|person| person.display_name.to_string()).collect()
}

/// Whether nobody will give anything in this round any more.
fn is_over(signoff: &SignOff) -> bool {
    !signoff.status().is_open() && signoff.status() != Status::NotStarted
}

/// An impassable gate must never be a silent one, nor a version that no node can serve. An open round keeps its reviewers, whatever
/// becomes of those of the project.
fn warnings(found: &GovernedVersion, reviewers: &Reviewers, able: &impl Fn(&Task) -> Vec<String>) -> Vec<String> {
    let way_on = match found.signoff().status().is_open() {
        true => "name reviewers of the project who can act, then reload the reviewers of this round",
        false => "look at the members and groups it is assigned to",
    };
    let lacking = reviewers.tasks().filter(|task| able(task).is_empty());
    let nobody = lacking.map(|task| warnings::nobody_can(&task, way_on));
    found.version.warnings.0.iter().cloned().chain(nobody).collect()
}
