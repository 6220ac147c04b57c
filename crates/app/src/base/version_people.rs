//! The people of a version: everybody whom the rules of its sign-off need.

use crate::{
    Error, OpContext,
    base::{
        governed_version::GovernedVersion,
        project_people::{PeopleIds, ProjectPeople},
    },
};
use domain::{
    ProjectId, UserId,
    authors::Authors,
    invitation::PasswordOrigin,
    people::{Directory, Person},
    reviewers::Reviewers,
    signoff::{SignOff, SignOffFacts, State, Status},
};
use std::sync::Arc;
use store::Reader;

/// All that the rules need to know about a version besides its sign-off; owns what [`SignOffFacts`] borrow.
pub(crate) struct VersionPeople {
    pub directory: Directory,
    authors: Authors,
    pub actor: Person,
    password: Option<PasswordOrigin>,
}

/// Loads what surrounds a version for the caller, or for nobody in particular; `besides` are further people who matter.
pub(crate) async fn load(
    op: &OpContext,
    reader: &mut Reader,
    found: &GovernedVersion,
    besides: &[UserId],
) -> Result<VersionPeople, Error> {
    let concerned = Concerned::of(op, found, besides);
    let people = ProjectPeople::load(reader, [found.project.id], &concerned.reviewers, &concerned.people).await?;
    Ok(concerned.among(op, found, &people))
}

/// The same, with people who are remembered from another question or change: as they were at this size of the log. The reader must
/// see the log at this size, and must not belong to a writer that has changed people.
pub(crate) async fn load_at(
    op: &OpContext,
    reader: &mut Reader,
    found: &GovernedVersion,
    besides: &[UserId],
    size: Option<u64>,
) -> Result<VersionPeople, Error> {
    let concerned = Concerned::of(op, found, besides);
    let key = concerned.key(found);
    if let Some(people) = size.and_then(|size| op.cache.right(size, |rights| &rights.people, &key)) {
        return Ok(concerned.among(op, found, &people));
    }
    let people = ProjectPeople::load(reader, [found.project.id], &concerned.reviewers, &concerned.people).await?;
    let (people, kept) = (concerned.among(op, found, &people), Arc::new(people));
    if let Some(size) = size {
        op.cache.keep_right(size, |rights| &mut rights.people, key, kept);
    }
    Ok(people)
}

/// The same from memory alone; none where the people are not remembered.
pub(crate) fn remembered(op: &OpContext, found: &GovernedVersion, size: u64) -> Option<VersionPeople> {
    let concerned = Concerned::of(op, found, &[]);
    let people = op.cache.right(size, |rights| &rights.people, &concerned.key(found))?;
    Some(concerned.among(op, found, &people))
}

/// Whom a version names.
struct Concerned<'a> {
    people: Vec<UserId>,
    reviewers: Vec<&'a Reviewers>,
}

impl<'a> Concerned<'a> {
    fn of(op: &OpContext, found: &'a GovernedVersion, besides: &[UserId]) -> Self {
        let mut people = besides.to_vec();
        people.extend(op.user().ok().map(|user| user.id));
        people.push(found.version.uploader_id);
        people.extend(found.version.retired.as_ref().map(|retired| retired.0.by));
        let mut reviewers = vec![&found.project.reviewers.0];
        for signoff in found.signoffs().flat_map(SignOff::rounds) {
            if let Some(review) = signoff.review() {
                reviewers.push(&review.reviewers);
                people.push(review.requested.by);
                people.extend(review.answers.iter().chain(&review.past_issues).map(|answer| answer.by));
                people.extend(review.delegations.iter().flat_map(|delegation| [delegation.from, delegation.to]));
            }
            if let State::NotStarted { reviewers: Some(handed_on) } = &signoff.state {
                reviewers.push(&handed_on.reviewers);
                people.extend(handed_on.delegations.iter().flat_map(|delegation| [delegation.from, delegation.to]));
            }
            people.extend(signoff.requesters.iter().chain(&signoff.editors).copied());
            people.extend(deciders(signoff));
        }
        Self { people, reviewers }
    }

    fn key(&self, found: &GovernedVersion) -> (ProjectId, PeopleIds) {
        (found.project.id, PeopleIds::of([], &self.reviewers, self.people.iter().copied()))
    }

    fn among(&self, op: &OpContext, found: &GovernedVersion, people: &ProjectPeople) -> VersionPeople {
        let directory = people.directory(found.project.id, &self.reviewers, &self.people);
        let user = op.user().ok();
        let actor = user.and_then(|user| directory.person(user.id)).cloned().unwrap_or_else(Person::nobody);
        let password = user.and_then(|user| user.password_origin.clone()).map(|origin| origin.0);
        VersionPeople { directory, authors: found.authors(), actor, password }
    }
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
