//! Groups: named sets of users. Roles and review tasks can be given to a group.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext, Page,
    base::find,
    people,
    reviews::stranded,
    views::{self, CreateGroupRequest, Done, List},
};
use domain::{
    Name,
    access::{Action, Scope},
    event::Event,
};
use std::collections::HashMap;
use store::{Group, GroupMember, Reader, StoreError};

/// Groups with their members, in the order of their names.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, page: Page) -> Result<List<views::Group>, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeePeople)?;
    let mut reader = op.read().await?;
    let groups = reader.groups(&page.after, page.limit() + 1).await?;
    let mut members: HashMap<_, Vec<_>> = HashMap::new();
    for (group, member) in reader.members_of_groups(&page.after, page.limit() + 1).await? {
        members.entry(group).or_default().push(member);
    }
    let items =
        groups.iter().map(|group| people::view::listed_group(group, members.remove(&group.id).unwrap_or_default())).collect();
    Ok(List::page(items, page.limit(), |group| group.name.to_string()))
}

/// One group with its members.
///
/// # Errors
/// There is none of this name.
pub async fn show(op: &OpContext, name: &Name) -> Result<views::Group, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeePeople)?;
    let mut reader = op.read().await?;
    let group = by_name(&mut reader, name).await?;
    people::view::group(&mut reader, &group).await
}

/// Creates a group without members.
///
/// # Errors
/// Not an administrator; a name that is taken.
pub async fn create(op: &OpContext, request: CreateGroupRequest) -> Result<views::Group, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepGroups)?;
    let group = Group { id: op.id(), name: request.name, created_at: op.now };
    tx.insert(&group).await.map_err(|error| match error {
        StoreError::Exists => Error::exists("group", &group.name).at("/name"),
        other => other.into(),
    })?;
    change::record(op, &mut tx, Subject::Instance, Event::GroupCreated { group: group.id, name: group.name.clone() }).await?;
    tx.commit().await?;
    let view = people::view::group(&mut op.read_back().await?, &group).await.map_err(Error::after_commit)?;
    Ok(view)
}

/// Puts a user into a group.
///
/// # Errors
/// Not an administrator; no such group or user.
pub async fn add_member(op: &OpContext, group: &Name, user: &Name) -> Result<Done<views::Group>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepGroups)?;
    let group = by_name(&mut tx, group).await?;
    let user = find::user(&mut tx, user, "user").await?;
    if tx.group_member(group.id, user.id).await?.is_some() {
        return Ok(Done { already_done: true, result: people::view::group(&mut tx, &group).await? });
    }
    tx.insert(&GroupMember { group_id: group.id, user_id: user.id, added_at: op.now }).await?;
    change::record(op, &mut tx, Subject::Instance, Event::GroupMemberAdded { group: group.id, user: user.id }).await?;
    tx.commit().await?;
    let result = people::view::group(&mut op.read_back().await?, &group).await.map_err(Error::after_commit)?;
    Ok(Done { already_done: false, result })
}

/// Removes a user from a group.
///
/// # Errors
/// Not an administrator; no such group or user.
pub async fn remove_member(op: &OpContext, group: &Name, user: &Name) -> Result<Done<views::Group>, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepGroups)?;
    let group = by_name(&mut tx, group).await?;
    let user = find::user(&mut tx, user, "user").await?;
    let Some(member) = tx.group_member(group.id, user.id).await? else {
        return Ok(Done { already_done: true, result: people::view::group(&mut tx, &group).await? });
    };
    let open_rounds = stranded::open_rounds_of(&mut tx, user.id).await?;
    tx.delete(&member).await?;
    change::record(op, &mut tx, Subject::Instance, Event::GroupMemberRemoved { group: group.id, user: user.id }).await?;
    tx.commit().await?;
    let mut reader = op.read_back().await?;
    let view = people::view::group(&mut reader, &group).await.map_err(Error::after_commit)?;
    let without_approver = stranded::without_approver(op, &mut reader, &open_rounds).await.map_err(Error::after_commit)?;
    Ok(Done { already_done: false, result: views::Group { without_approver, ..view } })
}

async fn by_name(reader: &mut Reader, name: &Name) -> Result<Group, Error> {
    let group = reader.group_by_name(name).await?;
    group.ok_or_else(|| Error::not_found("group", name).at("group"))
}
