//! Builds the views of projects, their reviewers and their models.

use crate::{
    Error,
    base::{project_people::ProjectPeople, warnings::nobody_can},
    views,
};
use domain::{
    people::{Container, Directory},
    reviewers::{Reviewers, Task},
};
use store::{Model, Project, Reader};

/// A project with its reviewers and members.
pub(crate) async fn project(reader: &mut Reader, project: &Project) -> Result<views::Project, Error> {
    let mut views = projects(reader, std::slice::from_ref(project)).await?;
    views.pop().ok_or_else(|| Error::not_found("project", &project.name))
}

/// Several, whose people are read together.
pub(crate) async fn projects(reader: &mut Reader, projects: &[Project]) -> Result<Vec<views::Project>, Error> {
    let reviewers: Vec<_> = projects.iter().map(|project| &project.reviewers.0).collect();
    let circle = ProjectPeople::load(reader, projects.iter().map(|project| project.id), &reviewers, &[]).await?;
    Ok(projects.iter().map(|project| project_in(&circle, project)).collect())
}

fn project_in(circle: &ProjectPeople, project: &Project) -> views::Project {
    let directory = circle.directory(project.id, &[&project.reviewers.0], &[]);
    let members = circle.members(project.id).iter().map(|row| {
        let container = row.member_kind.container(row.member_id);
        let display_name = match &container {
            Container::User(user) => directory.person(*user).map(|person| person.display_name.clone()),
            Container::Group(_) | Container::Role(_) => None,
        };
        views::Member { member: directory.describe(&container), display_name, role: row.role.to_string() }
    });
    let mut members: Vec<_> = members.collect();
    members.sort_by(|one, other| one.member.cmp(&other.member));
    views::Project {
        name: project.name.clone(),
        display_name: project.display_name.clone(),
        rules: project.rules.0.clone(),
        reviewers: described(&project.reviewers.0, &directory, project.revision),
        members,
        revision: project.revision,
        created_at: project.created_at,
        without_approver: Vec::new(),
    }
}

/// The reviewers of a project, with warnings for what nobody can fill now.
pub(crate) async fn reviewers(reader: &mut Reader, project: &Project) -> Result<views::Reviewers, Error> {
    let circle = ProjectPeople::load(reader, [project.id], &[&project.reviewers.0], &[]).await?;
    let directory = circle.directory(project.id, &[&project.reviewers.0], &[]);
    Ok(described(&project.reviewers.0, &directory, project.revision))
}

/// A model with the number of its newest version.
pub(crate) async fn model(reader: &mut Reader, project: &Project, model: &Model) -> Result<views::Model, Error> {
    let latest = reader.last_number(model.id).await?;
    Ok(listed_model(project, model, (latest > 0).then_some(latest)))
}

/// A model whose newest version is known.
pub(crate) fn listed_model(project: &Project, model: &Model, latest_version: Option<u32>) -> views::Model {
    let (project, name, display_name) = (project.name.clone(), model.name.clone(), model.display_name.clone());
    views::Model { project, name, display_name, latest_version, created_at: model.created_at }
}

pub(crate) fn described(reviewers: &Reviewers, directory: &Directory, revision: u64) -> views::Reviewers {
    let words = |containers: &[_]| containers.iter().map(|container| directory.describe(container)).collect();
    let slots = reviewers.slots.iter().map(|slot| views::Slot { name: slot.name.clone(), assigned: words(&slot.assigned) });
    views::Reviewers {
        slots: slots.collect(),
        approvers: words(&reviewers.approvers),
        warnings: reviewers.tasks().filter_map(|task| unfillable(reviewers, directory, &task)).collect(),
        revision,
        without_approver: Vec::new(),
    }
}

/// What to say of a task that nobody can fill now: an impassable gate must never be a silent one.
fn unfillable(reviewers: &Reviewers, directory: &Directory, task: &Task) -> Option<String> {
    if reviewers.people(task, directory).next().is_some() {
        return None;
    }
    let assigned: Vec<_> = reviewers.assigned(task)?.iter().map(|container| directory.describe(container)).collect();
    let why = match assigned.is_empty() {
        true => "it is assigned to no one".to_owned(),
        false => format!("nobody who can review is in {}", assigned.join(", ")),
    };
    Some(nobody_can(task, &why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        GroupId, UserId,
        people::{AccountKind, Container, InstanceRole, Person},
        reviewers::Slot,
    };
    use uuid::Uuid;

    fn somebody(kind: AccountKind, role: InstanceRole, active: bool) -> Person {
        Person {
            id: UserId::from_uuid(Uuid::from_u128(1)),
            name: "reviewer".parse().unwrap(),
            display_name: "Reviewer".parse().unwrap(),
            names: Default::default(),
            kind,
            role,
            active,
            groups: [GroupId::from_uuid(Uuid::from_u128(2))].into(),
            roles: Default::default(),
            absence: None,
        }
    }

    fn warnings(people: impl IntoIterator<Item = Person>, containers: Vec<Container>) -> Vec<String> {
        let slots = vec![Slot { name: "Risk".parse().unwrap(), assigned: containers.clone() }];
        let group = (GroupId::from_uuid(Uuid::from_u128(2)), "risk".parse().unwrap());
        described(&Reviewers { slots, approvers: containers }, &Directory::new(people, [group]), 1).warnings
    }

    #[test]
    fn what_nobody_can_fill_is_said() {
        let group = vec![Container::Group(GroupId::from_uuid(Uuid::from_u128(2)))];
        let person = somebody(AccountKind::Person, InstanceRole::User, true);
        assert_eq!(warnings([person], group.clone()), Vec::<String>::new());
        for nobody in [
            somebody(AccountKind::Service, InstanceRole::User, true),
            somebody(AccountKind::Person, InstanceRole::Auditor, true),
            somebody(AccountKind::Person, InstanceRole::User, false),
        ] {
            assert_eq!(
                warnings([nobody], group.clone()),
                [
                    "Nobody can give feedback for “Risk” now: nobody who can review is in group:risk.",
                    "Nobody can give the final approval now: nobody who can review is in group:risk."
                ]
            );
        }
        assert_eq!(
            warnings([], vec![]),
            [
                "Nobody can give feedback for “Risk” now: it is assigned to no one.",
                "Nobody can give the final approval now: it is assigned to no one."
            ]
        );
    }
}
