//! Projects as their pages show them: with counts, and with the people who can act now.

use crate::{
    Error, OpContext, Page,
    base::{find, project_people::ProjectPeople, standing},
    projects, record,
    views::{Assigned, List, MemberShown, ProjectOverview, ProjectSummary, TaskPeople},
};
use domain::{
    Name,
    access::{Action, Scope},
    people::{Container, Directory},
    reviewers::{Reviewers, Task},
};
use store::MemberKind;

/// How many events the page of a project shows.
const LATELY: u32 = 6;

/// The projects that the caller may see, with what is open in each.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, page: Page) -> Result<List<ProjectSummary>, Error> {
    let projects = projects::list(op, page).await?;
    let mut reader = op.read().await?;
    let (models, open) = (reader.model_counts().await?, reader.open_counts().await?);
    let items = projects.items.into_iter().map(|project| ProjectSummary {
        models: models.get(project.name.as_str()).copied().unwrap_or_default(),
        open: open.get(project.name.as_str()).copied().unwrap_or_default(),
        project,
    });
    Ok(List { items: items.collect(), next: projects.next })
}

/// Whether the caller may create a project.
pub fn may_create(op: &OpContext) -> bool {
    op.allow(Action::CreateProject).is_ok() && op.needs(Scope::Administer).is_ok()
}

/// A project with its people by name, and what the caller may change.
///
/// # Errors
/// No such project, or none that the caller may see.
pub async fn show(op: &OpContext, name: &Name) -> Result<ProjectOverview, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let project = find::project(op, &mut reader, name, Action::ReadProject).await?;
    let standing = standing::project_standing(op, &mut reader, &project, []).await?;
    let reviewers = &project.reviewers.0;
    let circle = ProjectPeople::load(&mut reader, [project.id], &[reviewers], &[]).await?;
    let directory = circle.directory(project.id, &[reviewers], &[]);
    let tasks = reviewers.tasks().map(|task| {
        let containers = reviewers.assigned(&task).unwrap_or_default();
        let people = reviewers.people(&task, &directory).map(|person| person.display_name.to_string()).collect();
        let name = match &task {
            Task::Feedback(slot) => slot.to_string(),
            Task::FinalApproval => String::new(),
        };
        TaskPeople { name, assigned: containers.iter().map(|container| assigned(container, &directory)).collect(), people }
    });
    let tasks = tasks.collect();
    let mut members: Vec<_> = circle
        .members(project.id)
        .iter()
        .map(|member| {
            let container = member.member_kind.container(member.member_id);
            let Assigned { written, name, .. } = assigned(&container, &directory);
            let people = match member.member_kind {
                MemberKind::User => 1,
                MemberKind::Group => directory.actors().filter(|person| container.holds(person)).count() as u64,
            };
            MemberShown { written, name, role: member.role, people, is_group: member.member_kind == MemberKind::Group }
        })
        .collect();
    members.sort_by(|one, other| (one.role, &one.name).cmp(&(other.role, &other.name)));
    let lately = reader.lately(project.id, LATELY).await?;
    let may = |action, scope| standing::granted(&standing, action) && op.needs(scope).is_ok();
    Ok(ProjectOverview {
        tasks,
        members,
        lately: record::list::views(&mut reader, lately).await?,
        models: reader.model_count(project.id).await?,
        versions: reader.version_count(project.id).await?,
        may_contribute: may(Action::Contribute, Scope::Register),
        may_manage: may(Action::ManageProject, Scope::Administer),
        project: projects::view::project(&mut reader, &project).await?,
    })
}

/// A container with the name to show.
fn assigned(container: &Container, directory: &Directory) -> Assigned {
    let written = directory.describe(container);
    let (kind, name) = match container {
        Container::User(user) => ("user", directory.show(*user)),
        Container::Group(_) => ("group", written.trim_start_matches("group:").to_owned()),
        Container::Role(role) => ("role", role.to_string()),
    };
    Assigned { written, kind: kind.to_owned(), name, problem: None }
}

/// A text with the user, group or role that it names.
type Tried<'a> = (&'a String, Result<Container, Error>);

/// Who could act now if the reviewers were these: for each slot, and last for the final approval. Nothing is kept.
///
/// # Errors
/// Not a manager of the project.
pub async fn draft(op: &OpContext, project: &Name, tasks: &[(String, Vec<String>)]) -> Result<Vec<TaskPeople>, Error> {
    op.needs(Scope::Administer)?;
    let mut reader = op.read().await?;
    let project = find::project(op, &mut reader, project, Action::ManageProject).await?;
    let mut found = Vec::new();
    for (name, texts) in tasks {
        let mut containers = Vec::new();
        for text in texts {
            containers.push((text, find::container(&mut reader, text, "assigned").await));
        }
        found.push((name, containers));
    }
    let known = |containers: &[Tried<'_>]| -> Vec<Container> {
        containers.iter().filter_map(|(_, found)| found.as_ref().ok().copied()).collect()
    };
    let all = Reviewers { slots: Vec::new(), approvers: found.iter().flat_map(|(_, containers)| known(containers)).collect() };
    let circle = ProjectPeople::load(&mut reader, [project.id], &[&all], &[]).await?;
    let directory = circle.directory(project.id, &[&all], &[]);
    let task = |(name, containers): (&String, Vec<Tried<'_>>)| {
        let only = Reviewers { slots: Vec::new(), approvers: known(&containers) };
        let people = only.people(&Task::FinalApproval, &directory).map(|person| person.display_name.to_string()).collect();
        let shown = containers.into_iter().map(|(text, found)| match found {
            Ok(container) => assigned(&container, &directory),
            Err(error) => {
                let kind = text.split_once(':').map_or("user", |(kind, _)| kind).to_owned();
                Assigned { written: text.clone(), kind, name: text.clone(), problem: Some(error.message) }
            }
        });
        TaskPeople { name: name.clone(), assigned: shown.collect(), people }
    };
    Ok(found.into_iter().map(task).collect())
}
