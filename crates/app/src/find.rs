//! Finding what a request names, and checking in the same step that the caller may see it and do what was asked.

use crate::{Error, OpContext, context::allowed};
use domain::{
    GroupId, Name, UserId, VersionRef,
    access::{Access, Action, Standing},
    duty::Authors,
    infrastructure::InfrastructureRole,
    people::{Container, Directory, Person, ProjectRole},
    reviewers::Reviewers,
    signoff::{SignOff, Situation},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Infrastructure, MemberKind, Model, Project, Reader, Round, User, Version};
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
    let hidden = || Error::not_found("version", name);
    let found = any_version(reader, name).await?;
    let standing = project_standing(op, reader, &found.project, Some(found.signoff())).await?;
    allowed(&standing, action, hidden)?;
    Ok(found)
}

/// The version of this name, whoever asks.
pub(crate) async fn any_version(reader: &mut Reader, name: &VersionRef) -> Result<Found, Error> {
    let version = reader
        .version_by_name(&name.project, &name.model, name.number)
        .await?
        .ok_or_else(|| Error::not_found("version", name))?;
    belongings(reader, version).await
}

/// A version with all that it belongs to.
pub(crate) async fn belongings(reader: &mut Reader, version: Version) -> Result<Found, Error> {
    let broken = |what: &str| Error::internal(std::io::Error::other(format!("version {} has no {what}", version.id)));
    let model = reader.model(version.model_id).await?.ok_or_else(|| broken("model"))?;
    let project = reader.project(model.project_id).await?.ok_or_else(|| broken("project"))?;
    let round = reader.current_round(version.id).await?.ok_or_else(|| broken("round"))?;
    let name = VersionRef { project: project.name.clone(), model: model.name.clone(), number: version.number };
    Ok(Found { name, project, model, version, round })
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

/// Everybody who matters to a project: its members, whoever the reviewers name, and these users besides.
pub(crate) async fn directory(
    reader: &mut Reader,
    project: &Project,
    reviewers: &[&Reviewers],
    besides: &[UserId],
) -> Result<Directory, Error> {
    let mut users: BTreeMap<UserId, User> =
        reader.project_users(project.id).await?.into_iter().map(|user| (user.id, user)).collect();
    let mut group_names = BTreeMap::new();
    let mut members: BTreeMap<UserId, BTreeSet<GroupId>> = BTreeMap::new();
    let project_members = reader.project_members(project.id).await?;
    let containers = reviewers
        .iter()
        .flat_map(|reviewers| reviewers.tasks().flat_map(|task| reviewers.assigned(&task).unwrap_or_default().to_vec()));
    let containers: BTreeSet<Container> =
        containers.chain(project_members.iter().map(|member| member.member_kind.container(member.member_id))).collect();
    for container in &containers {
        if let Container::Group(group) = container {
            if let Some(row) = reader.group(*group).await? {
                group_names.insert(row.id, row.name);
            }
            for user in reader.group_users(*group).await? {
                members.entry(user.id).or_default().insert(*group);
                users.insert(user.id, user);
            }
        }
    }
    let direct = containers.iter().filter_map(|container| match container {
        Container::User(user) => Some(*user),
        _ => None,
    });
    for id in direct.chain(besides.iter().copied()).collect::<Vec<_>>() {
        if !users.contains_key(&id)
            && let Some(user) = reader.user(id).await?
        {
            users.insert(id, user);
        }
    }
    let people = users.into_values().map(|user| {
        let groups = members.remove(&user.id).unwrap_or_default();
        let holds = |kind: MemberKind, id: Uuid| match kind {
            MemberKind::User => id == user.id.uuid(),
            MemberKind::Group => groups.contains(&GroupId::from_uuid(id)),
        };
        let roles = project_members
            .iter()
            .filter(|member| holds(member.member_kind, member.member_id))
            .map(|member| member.role)
            .collect();
        person(&user, groups, roles)
    });
    Ok(Directory::new(people.collect::<Vec<_>>(), group_names))
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
    let directory = directory(reader, &found.project, &reviewers, &people).await?;
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
