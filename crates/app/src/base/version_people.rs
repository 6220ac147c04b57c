//! The people of a version: everybody whom the rules of its sign-off need.

use crate::{
    Error, OpContext,
    base::{governed_version::GovernedVersion, project_people::ProjectPeople},
};
use domain::{
    GroupId, UserId,
    duty::Authors,
    people::{Directory, Person, ProjectRole},
    signoff::{SignOff, Situation},
};
use std::collections::BTreeSet;
use store::{Project, Reader, User};
use uuid::Uuid;

/// All that the rules need to know about a version besides its sign-off; owns what a [`Situation`] borrows.
pub(crate) struct VersionPeople {
    pub directory: Directory,
    authors: Authors,
    pub actor: Person,
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
    let mut reviewers = vec![&found.project.reviewers.0];
    if let Some(review) = found.signoff().review() {
        reviewers.push(&review.reviewers);
        people.push(review.requested.by);
        people.extend(review.answers.iter().map(|answer| answer.by));
        people.extend(review.delegations.iter().flat_map(|delegation| [delegation.from, delegation.to]));
    }
    if let domain::signoff::State::NotStarted { kept: Some(kept) } = &found.signoff().state {
        reviewers.push(&kept.reviewers);
        people.extend(kept.delegations.iter().flat_map(|delegation| [delegation.from, delegation.to]));
    }
    people.extend(found.signoff().requesters.iter().copied());
    people.extend(deciders(found.signoff()));
    let circle = ProjectPeople::load(reader, [found.project.id], &reviewers, &people).await?;
    let directory = circle.directory(found.project.id, &reviewers, &people);
    let actor = actor.and_then(|user| directory.person(user.id)).cloned().unwrap_or_else(|| nobody(&found.project));
    Ok(VersionPeople { directory, authors: found.authors(), actor })
}

/// An actor who may do nothing, where it is not asked who acts.
pub(crate) fn nobody(project: &Project) -> Person {
    Person {
        id: UserId::from_uuid(Uuid::nil()),
        name: project.name.clone(),
        display_name: project.display_name.clone(),
        email: None,
        kind: domain::people::AccountKind::Service,
        active: false,
        groups: BTreeSet::new(),
        roles: BTreeSet::new(),
    }
}

/// The people who ended the round, so that views can show their names.
fn deciders(signoff: &SignOff) -> Vec<UserId> {
    use domain::signoff::State;
    match &signoff.state {
        State::Approved { approval, .. } | State::Expired { approval, .. } => vec![approval.act.by],
        State::Rejected { rejection, .. } => vec![rejection.by],
        State::Abandoned { abandonment, .. } => vec![abandonment.by],
        State::Revoked { approval, revocation, .. } => vec![approval.act.by, revocation.by],
        State::NotStarted { .. } | State::WaitingForFeedback { .. } | State::WaitingForApproval { .. } => Vec::new(),
    }
}

impl VersionPeople {
    /// The situation in which a command is given.
    pub fn situation<'a>(&'a self, op: &OpContext, found: &'a GovernedVersion) -> Situation<'a> {
        Situation {
            actor: &self.actor,
            credential: op.credential(),
            directory: &self.directory,
            reviewers: &found.project.reviewers.0,
            rules: &found.project.rules.0,
            authors: &self.authors,
            model_digest: found.version.model_digest,
            shown: found.version.shown,
            now: op.now,
        }
    }
}

pub(crate) fn person(user: &User, groups: BTreeSet<GroupId>, roles: BTreeSet<ProjectRole>) -> Person {
    Person {
        id: user.id,
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        kind: user.kind,
        active: user.active,
        groups,
        roles,
    }
}
