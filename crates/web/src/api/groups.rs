//! Groups and their members.

use super::{
    creation::{Creation, IdempotencyHeader},
    params::{GroupMemberPath, GroupPath, PageQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    people::groups,
    views::{CreateGroupRequest, Done, Group, List},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_groups, create_group))
        .publish(routes!(show_group))
        .publish(routes!(add_group_member, remove_group_member))
}

/// Lists the groups
#[utoipa::path(get, path = paths::GROUPS, tag = "people", params(PageQuery), responses((status = 200, description = "The groups, by name.", body = List<Group>)))]
async fn list_groups(op: Op, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&groups::list(&op, query.into()).await?)
}

/// Creates a group
#[utoipa::path(post, path = paths::GROUPS, tag = "people", params(IdempotencyHeader), request_body = CreateGroupRequest, responses((status = 201, description = "Created.", body = Group)))]
async fn create_group(Creation { op, body }: Creation<CreateGroupRequest>) -> Answer {
    let group = groups::create(&op, body).await?;
    reply::created(&op, &group).await
}

/// Shows a group
#[utoipa::path(get, path = paths::GROUP, tag = "people", params(GroupPath), responses((status = 200, description = "The group.", body = Group)))]
async fn show_group(op: Op, StrictPath(path): StrictPath<GroupPath>) -> Answer {
    reply::ok(&groups::show(&op, &path.group).await?)
}

/// Adds a user to a group
#[utoipa::path(put, path = paths::GROUP_MEMBER, tag = "people", params(GroupMemberPath), responses((status = 200, description = "The group as it is now.", body = Done<Group>)))]
async fn add_group_member(op: Op, StrictPath(path): StrictPath<GroupMemberPath>) -> Answer {
    reply::ok(&groups::add_member(&op, &path.group, &path.user).await?)
}

/// Removes a user from a group
#[utoipa::path(delete, path = paths::GROUP_MEMBER, tag = "people", params(GroupMemberPath), responses((status = 200, description = "The group as it is now.", body = Done<Group>)))]
async fn remove_group_member(op: Op, StrictPath(path): StrictPath<GroupMemberPath>) -> Answer {
    reply::ok(&groups::remove_member(&op, &path.group, &path.user).await?)
}
