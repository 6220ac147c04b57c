//! A version as the gate sees it, and who can act on it.

use crate::{
    OpContext,
    base::{governed_version::GovernedVersion, version_people::VersionPeople},
};
use domain::{
    gate::{Candidate, Governed},
    people::ProjectRole,
    signoff::{State, Status},
    turn,
};

/// How many people an answer names: enough to ask one of them.
const MOST_PEOPLE: usize = 20;

/// A version as the gate sees it. With its people it also says who can act.
pub(crate) fn candidate(op: &OpContext, found: &GovernedVersion, people: Option<&VersionPeople>) -> Candidate {
    let signoff = found.signoff();
    let approval = match &signoff.state {
        State::Approved { approval, .. } => Some(approval),
        _ => None,
    };
    let who_can = people.map_or_else(Vec::new, |people| who_can(op, found, people));
    let missing = match signoff.status() {
        Status::NotStarted => "a review, and its final approval",
        Status::WaitingForFeedback => "feedback, or the final approval without it",
        Status::WaitingForApproval => "the final approval",
        Status::Approved => "nothing",
        Status::Rejected | Status::Abandoned | Status::Revoked | Status::Expired => {
            "a reset, and the final approval of the next round"
        }
    };
    let governed = Governed {
        status: signoff.status(),
        round: signoff.round,
        approved_digest: approval.map(|approval| approval.model_digest),
        not_after: approval.and_then(|approval| approval.not_after),
        missing: missing.to_owned(),
        who_can,
        link: op.settings.links.version_page(&found.name),
    };
    Candidate { name: found.name.to_string(), model_digest: found.version.model_digest, governed: Some(governed) }
}

/// The people who have the turn. If nobody has the turn, the people who can start a review: contributors request, managers reset.
fn who_can(op: &OpContext, found: &GovernedVersion, people: &VersionPeople) -> Vec<String> {
    let signoff = found.signoff();
    let directory = &people.directory;
    let turns = turn::turns(signoff, &people.situation(op, found));
    let mut people: Vec<_> = turns.iter().flat_map(|turn| turn.people.iter().map(|user| directory.show(*user))).collect();
    if turns.is_empty() && signoff.status() != Status::Approved {
        let role = if signoff.status() == Status::NotStarted { ProjectRole::Contributor } else { ProjectRole::Manager };
        people.extend(directory.active().filter(|person| person.has_role(role)).map(|person| person.display_name.to_string()));
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
