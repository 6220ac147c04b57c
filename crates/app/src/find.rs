//! Finding what a request names, and checking in the same step that the caller may see it and do what was asked.

use crate::{Error, OpContext, circle::Circle, context::allowed};
use domain::{
    GroupId, Name, UserId, VersionId, VersionRef,
    access::{Access, Action, Standing},
    duty::Authors,
    infrastructure::InfrastructureRole,
    people::{Container, Directory, Person, ProjectRole},
    reviewers::Reviewers,
    signoff::{SignOff, Situation},
};
use std::collections::BTreeSet;
use store::{Infrastructure, MemberKind, Model, Project, Reader, Round, User, Version, WholeVersion};
use uuid::Uuid;

/// A page of a list: `after` is the last name of the page before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this.
    pub after: String,
    /// At most so many, 1 to 200.
    pub limit: u32,
}

impl Page {
    /// The limit within its bounds; 50 when none was asked for.
    pub fn limit(&self) -> u32 {
        if self.limit == 0 { 50 } else { self.limit.min(200) }
    }
}

/// A version with all that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub name: VersionRef,
    pub project: Project,
    pub model: Model,
    pub version: Version,
    pub round: Round,
}

impl Found {
    /// Of the rows of a version and what it belongs to.
    pub fn of((version, model, project, round): WholeVersion) -> Self {
        let name = VersionRef { project: project.name.clone(), model: model.name.clone(), number: version.number };
        Self { name, project, model, version, round }
    }

    pub fn signoff(&self) -> &SignOff {
        &self.round.signoff.0
    }

    /// Who made the version: whoever it names, or ever named.
    pub fn authors(&self) -> Authors {
        authors(&self.version, self.signoff())
    }

    /// What the events about it are about.
    pub fn about(&self) -> store::About {
        store::About {
            project: Some(self.project.id),
            model: Some(self.model.id),
            version: Some(self.version.id),
            infrastructure: None,
        }
    }
}

/// Who made a version: whoever it names, or ever named.
pub(crate) fn authors(version: &Version, signoff: &SignOff) -> Authors {
    let mut named = version.fields.0.named_authors();
    named.extend(signoff.former_authors.iter().cloned());
    Authors::new(version.uploader_id, named)
}

/// The project of this name, if the caller may do this with it.
pub(crate) async fn project(op: &OpContext, reader: &mut Reader, name: &Name, action: Action) -> Result<Project, Error> {
    let hidden = || Error::not_found("project", name);
    let project = reader.project_by_name(name).await?.ok_or_else(hidden)?;
    allowed(&project_standing(op, reader, &project, None).await?, action, hidden)?;
    Ok(project)
}

/// The model of this name, if the caller may do this with its project.
pub(crate) async fn model(
    op: &OpContext,
    reader: &mut Reader,
    project_name: &Name,
    name: &Name,
    action: Action,
) -> Result<(Project, Model), Error> {
    let project = project(op, reader, project_name, action).await?;
    let model = reader.model_by_name(project.id, name).await?;
    Ok((project, model.ok_or_else(|| Error::not_found("model", format_args!("{project_name}/{name}")))?))
}

/// The version of this name, if the caller may do this with its project. Reviewers of its round see it too.
pub(crate) async fn version(op: &OpContext, reader: &mut Reader, name: &VersionRef, action: Action) -> Result<Found, Error> {
    let found = any_version(reader, name).await?;
    let standing = project_standing(op, reader, &found.project, Some(found.signoff())).await?;
    allowed(&standing, action, || Error::not_found("version", name))?;
    Ok(found)
}

/// The same with its surroundings, in which the caller's standing is seen too. `besides` are further people who matter.
pub(crate) async fn version_with_surroundings(
    op: &OpContext,
    reader: &mut Reader,
    name: &VersionRef,
    action: Action,
    besides: &[UserId],
) -> Result<(Found, Surroundings), Error> {
    let found = any_version(reader, name).await?;
    let surroundings = surroundings(op, reader, &found, besides).await?;
    let Person { groups, roles, .. } = &surroundings.actor;
    let standing = standing(op, op.user()?, groups, roles, &found.project, Some(found.signoff()));
    allowed(&standing, action, || Error::not_found("version", name))?;
    Ok((found, surroundings))
}

/// The version of this name, whoever asks.
pub(crate) async fn any_version(reader: &mut Reader, name: &VersionRef) -> Result<Found, Error> {
    let whole = reader.whole_version_by_name(&name.project, &name.model, name.number).await?;
    whole.map(Found::of).ok_or_else(|| Error::not_found("version", name))
}

/// The version with this id, which is known from another row.
pub(crate) async fn known_version(reader: &mut Reader, id: VersionId) -> Result<Found, Error> {
    let broken = || Error::internal(std::io::Error::other(format!("version {id} is not there, or has no project or round")));
    reader.whole_version(id).await?.map(Found::of).ok_or_else(broken)
}

/// The infrastructure of this name, if the caller may do this with it.
pub(crate) async fn infrastructure(
    op: &OpContext,
    reader: &mut Reader,
    name: &Name,
    action: Action,
) -> Result<Infrastructure, Error> {
    let hidden = || Error::not_found("infrastructure", name);
    let infrastructure = reader.infrastructure_by_name(name).await?.ok_or_else(hidden)?;
    allowed(&infrastructure_standing(op, reader, &infrastructure).await?, action, hidden)?;
    Ok(infrastructure)
}

/// The caller's standing with respect to a project, and to the sign-off of one of its versions.
pub(crate) async fn project_standing(
    op: &OpContext,
    reader: &mut Reader,
    project: &Project,
    signoff: Option<&SignOff>,
) -> Result<Standing, Error> {
    let user = op.user()?;
    let roles = reader.project_roles_in(user.id, project.id).await?.into_iter().map(|member| member.role).collect();
    let groups = reader.group_ids(user.id).await?.into_iter().collect();
    Ok(standing(op, user, &groups, &roles, project, signoff))
}

/// The same, where the user's groups and roles in the project are at hand.
pub(crate) fn standing(
    op: &OpContext,
    user: &User,
    groups: &BTreeSet<GroupId>,
    roles: &BTreeSet<ProjectRole>,
    project: &Project,
    signoff: Option<&SignOff>,
) -> Standing {
    let person = person(user, groups.clone(), roles.clone());
    let named = |reviewers: &Reviewers| reviewers.tasks().any(|task| reviewers.container_of(&task, &person).is_some());
    let in_round = signoff.and_then(SignOff::review).is_some_and(|review| {
        named(&review.reviewers)
            || review
                .delegations
                .iter()
                .any(|delegation| delegation.to == user.id && delegation.until.is_none_or(|until| op.now < until))
    });
    let reviewer = in_round || named(&project.reviewers.0);
    Standing { project: roles.clone(), reviewer, ..Standing::of(user.role, user.kind) }
}

/// The caller's standing with respect to an infrastructure.
pub(crate) async fn infrastructure_standing(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: &Infrastructure,
) -> Result<Standing, Error> {
    let user = op.user()?;
    let members = reader.infrastructure_roles_on(user.id, infrastructure.id).await?;
    let infrastructure: BTreeSet<InfrastructureRole> = members.into_iter().map(|member| member.role).collect();
    Ok(Standing { infrastructure, ..Standing::of(user.role, user.kind) })
}

/// Whether the caller may do this; for lists, where what is hidden is left out.
pub(crate) fn granted(standing: &Standing, action: Action) -> bool {
    standing.may(action) == Access::Granted
}

fn person(user: &User, groups: BTreeSet<GroupId>, roles: BTreeSet<ProjectRole>) -> Person {
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

/// All that the rules need to know about a version besides its sign-off; owns what a [`Situation`] borrows.
pub(crate) struct Surroundings {
    pub directory: Directory,
    authors: Authors,
    actor: Person,
}

/// Loads what surrounds a version for the caller, or for nobody in particular.
pub(crate) async fn surroundings(
    op: &OpContext,
    reader: &mut Reader,
    found: &Found,
    besides: &[UserId],
) -> Result<Surroundings, Error> {
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
    let circle = Circle::load(reader, [found.project.id], &reviewers, &people).await?;
    let directory = circle.directory(found.project.id, &reviewers, &people);
    let actor = actor.and_then(|user| directory.person(user.id)).cloned().unwrap_or_else(|| nobody(&found.project));
    Ok(Surroundings { directory, authors: found.authors(), actor })
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

/// Whoever ended the round, so that their names can be shown.
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

impl Surroundings {
    /// The situation in which a command is given.
    pub fn situation<'a>(&'a self, op: &OpContext, found: &'a Found) -> Situation<'a> {
        Situation {
            actor: &self.actor,
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

/// The account of this name.
pub(crate) async fn user(reader: &mut Reader, name: &Name, pointer: &str) -> Result<User, Error> {
    let found = reader.user_by_name(name).await?;
    found.ok_or_else(|| Error::not_found("user", name).at(pointer.to_owned()))
}

/// A container as people write it: `user:NAME`, `group:NAME`, `role:NAME`; a bare name is a user's.
pub(crate) async fn container(reader: &mut Reader, text: &str, pointer: &str) -> Result<Container, Error> {
    let (kind, name) = text.split_once(':').unwrap_or(("user", text));
    let parse = |name: &str| name.parse::<Name>().map_err(|error| Error::invalid(pointer, error.to_string()));
    match kind {
        "user" => Ok(Container::User(user(reader, &parse(name)?, pointer).await?.id)),
        "group" => {
            let name = parse(name)?;
            let group = reader.group_by_name(&name).await?;
            Ok(Container::Group(group.ok_or_else(|| Error::not_found("group", &name).at(pointer))?.id))
        }
        "role" => name.parse().map(Container::Role).map_err(|error: String| Error::invalid(pointer, error)),
        _ => Err(Error::invalid(
            pointer,
            format!("`{}` is not whom to assign: write user:NAME, group:NAME or role:NAME", text.escape_debug()),
        )),
    }
}

/// A user or group as people write it: `NAME`, `user:NAME` or `group:NAME`.
pub(crate) async fn member(reader: &mut Reader, text: &str, pointer: &str) -> Result<(MemberKind, Uuid, Container), Error> {
    let container = container(reader, text, pointer).await?;
    match MemberKind::of(&container) {
        Some((kind, id)) => Ok((kind, id, container)),
        None => Err(Error::invalid(pointer, "a role cannot be a member: name a user or group:NAME")),
    }
}

/// Compares the tag that the caller saw with the present one.
pub(crate) fn expect(expected: Option<&str>, actual: &str, what: &str) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != actual && expected != "*" => {
            Err(Error::stale(format!("{what} has changed since you looked")))
        }
        _ => Ok(()),
    }
}

/// The same, where the caller must say what it saw.
pub(crate) fn require(expected: Option<&str>, what: &str) -> Result<(), Error> {
    match expected {
        Some(_) => Ok(()),
        None => Err(Error::new(
            crate::error::Kind::PreconditionRequired,
            "precondition_required",
            format!("say which state of {what} you saw"),
        )
        .hint("Send the ETag that came with it as If-Match.")),
    }
}
