//! Sets and shows the reviewers of a project: its feedback slots and its final approvers.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::find,
    projects::{self, rules},
    reviews::stranded,
    views::{self, SetReviewersRequest},
};
use domain::{
    Name,
    access::{Action, Scope},
    event::Event,
    people::Container,
    reviewers::{Reviewers, Slot},
};
use std::collections::BTreeSet;
use store::{Json, Project, Reader};

/// The most slots that a project can have: beyond them a review is a poll, and its page unreadable.
const MOST_SLOTS: usize = 20;

/// The most users, groups and roles to which a slot or the final approval can be assigned.
const MOST_ASSIGNED: usize = 100;

/// The reviewers as they are, with warnings for what nobody can fill now.
///
/// # Errors
/// There is no such project, or the caller may not see it.
pub async fn show(op: &OpContext, project: &Name) -> Result<views::Reviewers, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let project = find::project(op, &mut reader, project, Action::ReadProject).await?;
    projects::view::reviewers(&mut reader, &project).await
}

/// Sets the reviewers. `expected` is the tag of the project that the caller saw. Rounds that are open keep theirs.
///
/// What nobody can fill is allowed and warned about: the group may be filled tomorrow.
///
/// # Errors
/// Not a manager of the project; no such user, group or role; too many slots, or two of one name; no tag, or an old one.
pub async fn set(
    op: &OpContext,
    project: &Name,
    request: SetReviewersRequest,
    expected: Option<&str>,
) -> Result<views::Reviewers, Error> {
    op.needs(Scope::Administer)?;
    check_slots(&request.slots)?;
    check_assigned(&request)?;
    let (ref op, mut tx) = op.write().await?;
    let before = find::project(op, &mut tx, project, Action::ManageProject).await?;
    rules::check_tag(&before, expected)?;
    let reviewers = resolve(&mut tx, &request).await?;
    if reviewers == before.reviewers.0 {
        return projects::view::reviewers(&mut tx, &before).await;
    }
    let after = Project { reviewers: Json(reviewers.clone()), revision: before.revision + 1, ..before };
    tx.update(&after).await?;
    change::record(op, &mut tx, Subject::Project(&after), Event::ReviewersSet { reviewers }).await?;
    tx.commit().await?;
    let mut reader = op.read_back().await?;
    let view = projects::view::reviewers(&mut reader, &after).await.map_err(Error::after_commit)?;
    let without_approver = stranded::in_project(op, &mut reader, after.id).await.map_err(Error::after_commit)?;
    Ok(views::Reviewers { without_approver, ..view })
}

fn check_slots(slots: &[views::Slot]) -> Result<(), Error> {
    if slots.len() > MOST_SLOTS {
        return Err(Error::invalid("/slots", format!("a project has at most {MOST_SLOTS} slots")));
    }
    let mut seen = BTreeSet::new();
    for (index, slot) in slots.iter().enumerate() {
        // Names that differ only in case would be taken for each other.
        if !seen.insert(slot.name.as_str().to_lowercase()) {
            return Err(Error::invalid(format!("/slots/{index}/name"), format!("there are two slots “{}”", slot.name)));
        }
    }
    Ok(())
}

fn check_assigned(request: &SetReviewersRequest) -> Result<(), Error> {
    let slots = (0..).zip(&request.slots).map(|(index, slot)| (format!("/slots/{index}/assigned"), &slot.assigned));
    for (pointer, assigned) in slots.chain([("/approvers".to_owned(), &request.approvers)]) {
        if assigned.len() > MOST_ASSIGNED {
            let message = format!("name at most {MOST_ASSIGNED} users, groups and roles: a group may have more members");
            return Err(Error::invalid(pointer, message));
        }
    }
    Ok(())
}

async fn resolve(reader: &mut Reader, request: &SetReviewersRequest) -> Result<Reviewers, Error> {
    let mut slots = Vec::with_capacity(request.slots.len());
    for (index, slot) in request.slots.iter().enumerate() {
        let assigned = containers(reader, &slot.assigned, &format!("/slots/{index}/assigned")).await?;
        slots.push(Slot { name: slot.name.clone(), assigned });
    }
    Ok(Reviewers { slots, approvers: containers(reader, &request.approvers, "/approvers").await? })
}

/// The containers in their order, each once.
async fn containers(reader: &mut Reader, texts: &[String], pointer: &str) -> Result<Vec<Container>, Error> {
    let mut containers = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let container = find::container(reader, text, &format!("{pointer}/{index}")).await?;
        if !containers.contains(&container) {
            containers.push(container);
        }
    }
    Ok(containers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(names: &[&str]) -> Vec<views::Slot> {
        names.iter().map(|name| views::Slot { name: name.parse().unwrap(), assigned: Vec::new() }).collect()
    }

    #[test]
    fn slots_are_few_and_told_apart_by_their_names() {
        assert!(check_slots(&slots(&["Risk", "Business"])).is_ok());
        let twice = check_slots(&slots(&["Risk", "Business", "risk"])).unwrap_err();
        assert_eq!(twice.fields[0].pointer, "/slots/2/name");
        let names: Vec<_> = (0..=MOST_SLOTS).map(|number| format!("Slot {number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert!(check_slots(&slots(&names[1..])).is_ok());
        assert_eq!(check_slots(&slots(&names)).unwrap_err().fields[0].pointer, "/slots");
    }
}
