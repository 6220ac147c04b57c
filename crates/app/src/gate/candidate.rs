//! A version as the gate sees it, and who can act on it.

use crate::{
    OpContext,
    base::{governed_version::GovernedVersion, signed_decisions::SignedDecisions, version_people::VersionPeople},
};
use domain::{
    gate::{Candidate, CandidateSignOff},
    people::ProjectRole,
    signoff::{SignOff, State, Status},
    turn,
};

/// How many people an answer names: enough to ask one of them.
const MOST_PEOPLE: usize = 20;

/// A version as the gate sees it, with every sign-off that it needs. With its people it also says who can act.
pub(crate) fn candidate(
    op: &OpContext,
    found: &GovernedVersion,
    decisions: &SignedDecisions,
    people: Option<&VersionPeople>,
) -> Candidate {
    let needed = found.version.workflow.0.sign_offs_before_deployment();
    let signoffs = needed.map(|step| match found.sign_off_on(step) {
        Some(signoff) => of_sign_off(op, found, signoff, decisions, people),
        // A sign-off without a row is as good as not begun.
        None => of_sign_off(op, found, &SignOff::new(found.version.id, step.clone()), decisions, people),
    });
    Candidate {
        name: found.name.to_string(),
        model_digest: found.version.model_digest,
        retired: found.version.retired.is_some(),
        project: Some(found.project.name.clone()),
        signoffs: signoffs.collect(),
        same_bytes: Vec::new(),
        by_digest: false,
    }
}

fn of_sign_off(
    op: &OpContext,
    found: &GovernedVersion,
    signoff: &SignOff,
    decisions: &SignedDecisions,
    people: Option<&VersionPeople>,
) -> CandidateSignOff {
    // While a renewal is open, the round speaks whose approval goes on.
    let speaking = signoff.speaking();
    let approval = match &speaking.state {
        State::Approved { approval, .. } => Some(approval),
        _ => None,
    };
    let missing = match speaking.status() {
        _ if found.version.retired.is_some() => "a project manager who takes the retired version back",
        Status::NotStarted => "a review, and its final approval",
        Status::WaitingForFeedback => "feedback, or the final approval without it",
        Status::WaitingForApproval => "the final approval",
        Status::Approved => "nothing",
        Status::Rejected | Status::Abandoned | Status::Revoked | Status::Expired => {
            "a reset, and the final approval of the next round"
        }
    };
    CandidateSignOff {
        step: signoff.step.clone(),
        status: speaking.status(),
        round: speaking.round,
        signed: decisions.approval(found, speaking).is_some(),
        approved_at: approval.map(|approval| approval.act.at),
        independent: approval.is_some_and(|approval| approval.independent),
        approved_digest: approval.map(|approval| approval.model_digest),
        not_after: approval.and_then(|approval| approval.not_after),
        missing: missing.to_owned(),
        who_can: people.map_or_else(Vec::new, |people| who_can(op, found, signoff, people)),
        link: op.settings.links.sign_off_page(&found.name, &signoff.step),
    }
}

/// The people who have the turn. If nobody has the turn, the people who can start a review: contributors request, managers reset.
fn who_can(op: &OpContext, found: &GovernedVersion, signoff: &SignOff, people: &VersionPeople) -> Vec<String> {
    let directory = &people.directory;
    let turns = turn::turns(signoff, &people.facts(op, found));
    let mut people: Vec<_> = turns.iter().flat_map(|turn| turn.people.iter().map(|user| directory.show(*user))).collect();
    let retired = found.version.retired.is_some();
    if turns.is_empty() && (retired || signoff.approval_in_force(op.now).is_none()) {
        let role =
            if !retired && signoff.status() == Status::NotStarted { ProjectRole::Contributor } else { ProjectRole::Manager };
        people.extend(directory.actors().filter(|person| person.has_role(role)).map(|person| person.display_name.to_string()));
    }
    people.sort();
    people.dedup();
    let more = people.len().saturating_sub(MOST_PEOPLE);
    if more > 0 {
        people.truncate(MOST_PEOPLE);
        people.push(format!("and {more} more"));
    }
    people
}
