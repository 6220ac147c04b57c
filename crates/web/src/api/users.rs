//! Accounts and invitations.

use super::params::{PageQuery, UserPath};
use crate::{
    extract::{CreatingSecret, IdempotencyHeader, Nothing, Op, StrictJson, StrictPath, StrictQuery},
    reply::{self, Answer},
    state::Web,
};
use app::{
    people::{invitations, users},
    views::{ChangeUserRequest, CreateUserRequest, Invited, List, User},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(show_user, change_user))
        .routes(routes!(invite_user))
}

/// Lists the accounts
#[utoipa::path(get, path = "/users", tag = "people", params(PageQuery), responses((status = 200, description = "The accounts, by name.", body = List<User>)))]
async fn list_users(op: Op, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&users::list(&op, query.into()).await?)
}

/// Creates an account, with an invitation for its person
#[utoipa::path(post, path = "/users", tag = "people", params(IdempotencyHeader), request_body = CreateUserRequest, responses((status = 201, description = "Created. The invitation is shown only here.", body = Invited)))]
async fn create_user(CreatingSecret { op, body }: CreatingSecret<CreateUserRequest>) -> Answer {
    reply::created_secret(&users::create(&op, body).await?)
}

/// Shows an account
#[utoipa::path(get, path = "/users/{user}", tag = "people", params(UserPath), responses((status = 200, description = "The account.", body = User)))]
async fn show_user(op: Op, StrictPath(path): StrictPath<UserPath>) -> Answer {
    reply::ok(&users::show(&op, &path.user).await?)
}

/// Changes, closes or opens an account
#[utoipa::path(patch, path = "/users/{user}", tag = "people", params(UserPath), request_body = ChangeUserRequest, responses((status = 200, description = "The account as it is now.", body = User)))]
async fn change_user(
    op: Op,
    StrictPath(path): StrictPath<UserPath>,
    StrictJson(request): StrictJson<ChangeUserRequest>,
) -> Answer {
    reply::ok(&users::change(&op, &path.user, request).await?)
}

/// Invites again: a new code, which replaces earlier ones
#[utoipa::path(post, path = "/users/{user}/invitation", tag = "people", params(UserPath, IdempotencyHeader), responses((status = 201, description = "The invitation, shown only here.", body = Invited)))]
async fn invite_user(StrictPath(path): StrictPath<UserPath>, CreatingSecret { op, .. }: CreatingSecret<Nothing>) -> Answer {
    reply::created_secret(&invitations::invite(&op, &path.user).await?)
}
