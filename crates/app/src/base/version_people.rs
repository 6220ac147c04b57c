//! The people of a version: everybody whom the rules of its sign-off need.

use crate::{
    Error, OpContext,
    base::{governed_version::GovernedVersion, project_people::ProjectPeople},
};
use domain::{
    UserId,
    authors::Authors,
    invitation::PasswordOrigin,
    people::{Directory, Person},
    signoff::{SignOff, SignOffFacts, State, Status},
};
use store::Reader;

/// All that the rules need to know about a version besides its sign-off; owns what [`SignOffFacts`] borrow.
pub(crate) struct VersionPeople {
    pub directory: Directory,
    authors: Authors,
    pub actor: Person,
    password: Option<PasswordOrigin>,
}

/// Loads what surrounds a version for the caller, or for nobody in particular.
pub(crate) async fn load(
    op: &OpContext,
    reader: &mut Reader,
    found: &GovernedVersion,
    besides: &[UserId],
) -> Result<VersionPeople, Error> {
    let mut people = besides.to_vec();
    let actor = op.user().ok();
    people.extend(actor.map(|user| user.id));
    people.push(found.version.uploader_id);
    people.extend(found.version.retired.as_ref().map(|retired| retired.0.by));
    let mut reviewers = vec![&found.project.reviewers.0];
    for signoff in found.signoffs().flat_map(SignOff::rounds) {
        if let Some(review) = signoff.review() {
            reviewers.push(&review.reviewers);
            people.push(review.requested.by);
            people.extend(review.answers.iter().map(|answer| answer.by));
            people.extend(review.delegations.iter().flat_map(|delegation| [delegation.from, delegation.to]));
        }
        if let State::NotStarted { reviewers: Some(handed_on) } = &signoff.state {
            reviewers.push(&handed_on.reviewers);
            people.extend(handed_on.delegations.iter().flat_map(|delegation| [delegation.from, delegation.to]));
        }
        people.extend(signoff.requesters.iter().chain(&signoff.editors).copied());
        people.extend(deciders(signoff));
    }
    let circle = ProjectPeople::load(reader, [found.project.id], &reviewers, &people).await?;
    let directory = circle.directory(found.project.id, &reviewers, &people);
    let actor = actor.and_then(|user| directory.person(user.id)).cloned().unwrap_or_else(Person::nobody);
    let password = op.user().ok().and_then(|user| user.password_origin.clone()).map(|origin| origin.0);
    Ok(VersionPeople { directory, authors: found.authors(), actor, password })
}

/// The people who ended the round, so that views can show their names.
fn deciders(signoff: &SignOff) -> Vec<UserId> {
    match &signoff.state {
        State::Approved { approval, .. } | State::Expired { approval, .. } => vec![approval.act.by],
        State::Rejected { rejection, .. } => vec![rejection.by],
        State::Abandoned { abandonment, .. } => vec![abandonment.by],
        State::Revoked { approval, revocation, .. } => vec![approval.act.by, revocation.by],
        State::NotStarted { .. } | State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => Vec::new(),
    }
}

impl VersionPeople {
    /// What the rules need to know at the moment of a command.
    pub fn facts<'a>(&'a self, op: &OpContext, found: &'a GovernedVersion) -> SignOffFacts<'a> {
        SignOffFacts {
            name: &found.name,
            actor: &self.actor,
            credential: op.credential(),
            password: self.password.as_ref(),
            directory: &self.directory,
            reviewers: &found.project.reviewers.0,
            rules: &found.project.rules.0,
            authors: &self.authors,
            workflow: &found.version.workflow.0,
            retired: found.version.retired.as_ref().map(|retired| &retired.0),
            waiting_elsewhere: found.other_rounds.iter().find(|round| round.status.is_open()).map(|round| &round.step),
            approved_elsewhere: found.other_rounds.iter().any(|round| round.signoff.0.speaking().status() == Status::Approved),
            model_digest: found.version.model_digest,
            shown: found.version.shown,
            now: op.now,
        }
    }
}
