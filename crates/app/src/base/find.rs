//! Finds the thing that a request names, and checks in that step that the caller may see and do what the request asks.

use crate::{
    Error, OpContext,
    base::{
        context::allowed,
        error::Code,
        governed_version::GovernedVersion,
        standing,
        version_people::{self, VersionPeople},
    },
};
use domain::{
    ModelId, Name, NextStep, SignOffRef, StepName, UserId, VersionId, VersionRef,
    access::Action,
    people::{Container, Person},
};
use store::{Infrastructure, MemberKind, Model, Project, Reader, User};
use uuid::Uuid;

/// The project of this name, if the caller may do this with it.
pub(crate) async fn project(op: &OpContext, reader: &mut Reader, name: &Name, action: Action) -> Result<Project, Error> {
    let hidden = || Error::not_found("project", name);
    let project = reader.project_by_name(name).await?.ok_or_else(hidden)?;
    allowed(&standing::project_standing(op, reader, &project, []).await?, action, hidden)?;
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

/// The project of a model that is known from another row, if the caller may do this with it.
pub(crate) async fn project_of(op: &OpContext, reader: &mut Reader, model: ModelId, action: Action) -> Result<Project, Error> {
    let broken = || Error::internal(format!("model {model} is not there, or has no project"));
    let model = reader.model(model).await?.ok_or_else(broken)?;
    let project = reader.project(model.project_id).await?.ok_or_else(broken)?;
    allowed(&standing::project_standing(op, reader, &project, []).await?, action, || Error::not_found("project", &project.name))?;
    Ok(project)
}

/// The version of this name, if the caller may do this with its project. Reviewers of its round see it too.
pub(crate) async fn version(
    op: &OpContext,
    reader: &mut Reader,
    name: &VersionRef,
    action: Action,
) -> Result<GovernedVersion, Error> {
    let found = any_version(reader, name).await?;
    let standing = standing::project_standing(op, reader, &found.project, found.signoffs()).await?;
    allowed(&standing, action, || Error::not_found("version", name))?;
    Ok(found)
}

/// The version with the sign-off that is named, if the caller may do this with its project.
pub(crate) async fn sign_off(
    op: &OpContext,
    reader: &mut Reader,
    name: &SignOffRef,
    action: Action,
) -> Result<GovernedVersion, Error> {
    with_sign_off(version(op, reader, &name.version, action).await?, name)
}

/// The same with its people, in which the caller's standing is seen too. `besides` are further people who matter.
pub(crate) async fn sign_off_with_people(
    op: &OpContext,
    reader: &mut Reader,
    name: &SignOffRef,
    action: Action,
    besides: &[UserId],
) -> Result<(GovernedVersion, VersionPeople), Error> {
    let (size, rows) = reader.whole_version_at_size(&name.version.project, &name.version.model, name.version.number).await?;
    let found = GovernedVersion::of(rows).ok_or_else(|| Error::not_found("version", &name.version))?;
    let people = version_people::load_at(op, reader, &found, besides, size).await?;
    let Person { groups, roles, .. } = &people.actor;
    let standing = standing::in_project(op, op.user()?, groups, roles, &found.project, found.signoffs());
    allowed(&standing, action, || Error::not_found("version", &name.version))?;
    Ok((with_sign_off(found, name)?, people))
}

/// The sign-off that is named. Without a step that is the sign-off of `review`, and in a workflow without one that of the step where
/// the version is.
fn with_sign_off(found: GovernedVersion, name: &SignOffRef) -> Result<GovernedVersion, Error> {
    match &name.step {
        Some(step) => found.with_sign_off_on(step).ok_or_else(|| {
            let message = format!("the step “{step}” of {} carries no sign-off", name.version);
            Error::new(Code::NotFound, message).next(NextStep::CheckName)
        }),
        None if found.sign_off_on(&StepName::standard()).is_none() => Ok(found),
        None => found.with_sign_off_on(&StepName::standard()).ok_or_else(|| Error::not_found("sign-off", name)),
    }
}

/// The version of this name, without a check of the caller's rights.
pub(crate) async fn any_version(reader: &mut Reader, name: &VersionRef) -> Result<GovernedVersion, Error> {
    let whole = reader.whole_version_by_name(&name.project, &name.model, name.number).await?;
    GovernedVersion::of(whole).ok_or_else(|| Error::not_found("version", name))
}

/// The version with this id, which is known from another row.
pub(crate) async fn known_version(reader: &mut Reader, id: VersionId) -> Result<GovernedVersion, Error> {
    let broken = || Error::internal(format!("version {id} is not there, or has no project or round"));
    GovernedVersion::of(reader.whole_version(id).await?).ok_or_else(broken)
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
    allowed(&standing::infrastructure_standing(op, reader, &infrastructure).await?, action, hidden)?;
    Ok(infrastructure)
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
