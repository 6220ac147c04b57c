//! Creating, listing and showing projects, and changing their duty rules.

use crate::{
    Error, OpContext, Page, find, inbox, show,
    views::{self, ChangeProjectRequest, CreateProjectRequest, List},
};
use domain::{
    DisplayName, Name,
    access::{Action, Scope},
    duty::ProjectRules,
    event::Event,
    people::{Container, ProjectRole},
    reviewers::Reviewers,
    workflow::Workflow,
};
use std::collections::BTreeSet;
use store::{About, Json, MemberKind, Project, ProjectMember, StoreError};

/// Creates a project with the standard workflow and the strict duty rules; whoever creates it becomes its manager.
///
/// # Errors
/// Not an administrator; a name that is taken.
pub async fn create(op: &OpContext, request: CreateProjectRequest) -> Result<views::Project, Error> {
    op.needs(Scope::Administer)?;
    let display_name = match request.display_name {
        Some(display_name) => display_name,
        None => request.name.as_str().parse::<DisplayName>().map_err(|error| Error::invalid("/name", error.to_string()))?,
    };
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::CreateProject)?;
    let user = op.user()?;
    let project = Project {
        id: op.id(),
        name: request.name,
        display_name,
        rules: Json(ProjectRules::default()),
        reviewers: Json(Reviewers::default()),
        workflow: Json(Workflow::standard()),
        revision: 1,
        created_at: op.now,
    };
    tx.insert(&project).await.map_err(|error| match error {
        StoreError::Exists => Error::exists("project", &project.name).at("/name"),
        other => other.into(),
    })?;
    let (name, display_name, rules) = (project.name.clone(), project.display_name.clone(), project.rules.0.clone());
    tx.record(Event::ProjectCreated { name, display_name, rules }, about(&project));
    let (member_kind, role) = (MemberKind::User, ProjectRole::Manager);
    tx.insert(&ProjectMember { project_id: project.id, member_kind, member_id: user.id.uuid(), role }).await?;
    tx.record(Event::ProjectMemberSet { member: Container::User(user.id), role }, about(&project));
    let view = show::project(&mut tx, &project).await?;
    tx.commit().await?;
    Ok(view)
}

/// The projects that the caller may see, in the order of their names.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, page: Page) -> Result<List<views::Project>, Error> {
    op.needs(Scope::Read)?;
    let limit = page.limit();
    let user = op.user()?;
    let mut reader = op.read().await?;
    // Administrators and auditors see all of them; others those that may concern them, which the rules look at again.
    let all = find::granted(&op.standing()?, Action::ReadProject);
    let groups: BTreeSet<_> = reader.group_ids(user.id).await?.into_iter().collect();
    let roles = inbox::roles(&mut reader, user.id).await?;
    let (mut items, mut after, none) = (Vec::new(), page.after, BTreeSet::new());
    while items.len() <= limit as usize {
        let projects = match all {
            true => reader.projects(&after, limit + 1).await?,
            false => reader.projects_of(user.id, &after, limit + 1).await?,
        };
        let Some(last) = projects.last() else { break };
        after = last.name.to_string();
        for project in &projects {
            let roles = roles.get(&project.id).unwrap_or(&none);
            let standing = find::standing(op, user, &groups, roles, project, None);
            if items.len() <= limit as usize && find::granted(&standing, Action::ReadProject) {
                items.push(project.clone());
            }
        }
    }
    let items = show::projects(&mut reader, &items).await?;
    Ok(List::page(items, limit, |project| project.name.to_string()))
}

/// One project.
///
/// # Errors
/// There is none of this name, or the caller may not see it.
pub async fn show(op: &OpContext, name: &Name) -> Result<views::Project, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let project = find::project(op, &mut reader, name, Action::ReadProject).await?;
    show::project(&mut reader, &project).await
}

/// Changes the duty rules of a project. `expected` is the tag of the project that the caller saw.
///
/// # Errors
/// Not a manager of the project; no tag, or an old one.
pub async fn change_rules(
    op: &OpContext,
    name: &Name,
    request: ChangeProjectRequest,
    expected: Option<&str>,
) -> Result<views::Project, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let before = find::project(op, &mut tx, name, Action::ManageProject).await?;
    check_tag(&before, expected)?;
    let from = before.rules.0.clone();
    let to = ProjectRules {
        author_may_approve: request.author_may_approve.unwrap_or(from.author_may_approve),
        requester_may_approve: request.requester_may_approve.unwrap_or(from.requester_may_approve),
        delegation_allowed: request.delegation_allowed.unwrap_or(from.delegation_allowed),
        approval_valid_for: request.approval_valid_for.unwrap_or(from.approval_valid_for),
    };
    if from == to {
        return show::project(&mut tx, &before).await;
    }
    let after = Project { rules: Json(to.clone()), revision: before.revision + 1, ..before };
    tx.update(&after).await?;
    tx.record(Event::ProjectRulesChanged { from, to }, about(&after));
    let view = show::project(&mut tx, &after).await?;
    tx.commit().await?;
    Ok(view)
}

/// Checks that the caller saw the present rules and reviewers of a project.
pub(crate) fn check_tag(project: &Project, expected: Option<&str>) -> Result<(), Error> {
    let what = format!("the project “{}”", project.name);
    find::require(expected, &what)?;
    find::expect(expected, &format!("p{}", project.revision), &what)
}

/// What the events of a project are about.
pub(crate) fn about(project: &Project) -> About {
    About { project: Some(project.id), ..About::default() }
}
