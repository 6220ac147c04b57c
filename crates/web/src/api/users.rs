//! Accounts and invitations.

use super::{
    creation::{IdempotencyHeader, SecretCreation},
    params::{PageQuery, UserPath},
    reply::{self, Answer},
};
use crate::{
    auth::{Op, PasswordAttempt},
    http::{EmptyBody, Routes, StrictJson, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    people::{invitations, users},
    views::{ChangeUserRequest, ConfirmInvitationRequest, CreateUserRequest, Done, Invited, List, User},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_users, create_user))
        .publish(routes!(show_user, change_user))
        .publish(routes!(invite_user))
        .publish(routes!(confirm_invitation))
}

/// Lists the accounts
#[utoipa::path(get, path = paths::USERS, tag = "people", params(PageQuery), responses((status = 200, description = "The accounts, by name.", body = List<User>)))]
async fn list_users(op: Op, StrictQuery(query): StrictQuery<PageQuery>) -> Answer {
    reply::ok(&users::list(&op, query.into()).await?)
}

/// Creates an account, with an invitation for its person
#[utoipa::path(post, path = paths::USERS, tag = "people", params(IdempotencyHeader), request_body = CreateUserRequest, responses((status = 201, description = "Created. The invitation is shown only here.", body = Invited)))]
async fn create_user(SecretCreation { op, body }: SecretCreation<CreateUserRequest>) -> Answer {
    reply::created_secret(&users::create(&op, body).await?)
}

/// Shows an account
#[utoipa::path(get, path = paths::USER, tag = "people", params(UserPath), responses((status = 200, description = "The account.", body = User)))]
async fn show_user(op: Op, StrictPath(path): StrictPath<UserPath>) -> Answer {
    reply::ok(&users::show(&op, &path.user).await?)
}

/// Changes, closes or opens an account
#[utoipa::path(patch, path = paths::USER, tag = "people", params(UserPath), request_body = ChangeUserRequest, responses((status = 200, description = "The account as it is now.", body = User)))]
async fn change_user(
    op: Op,
    StrictPath(path): StrictPath<UserPath>,
    StrictJson(request): StrictJson<ChangeUserRequest>,
) -> Answer {
    reply::ok(&users::change(&op, &path.user, request).await?)
}

/// Invites again: a new code, which replaces earlier ones
///
/// For an account that signed, a second administrator has to confirm the invitation before it can be redeemed.
#[utoipa::path(post, path = paths::INVITATION, tag = "people", params(UserPath, IdempotencyHeader), responses((status = 201, description = "The invitation, shown only here.", body = Invited)))]
async fn invite_user(StrictPath(path): StrictPath<UserPath>, SecretCreation { op, .. }: SecretCreation<EmptyBody>) -> Answer {
    reply::created_secret(&invitations::invite(&op, &path.user).await?)
}

/// Confirms the open invitation of an account that signed, as a second administrator
///
/// Needs the token of a session, and the password when the session is old. The server's console can confirm it too.
#[utoipa::path(post, path = paths::CONFIRM_INVITATION, tag = "people", params(UserPath), request_body = ConfirmInvitationRequest, responses((status = 200, description = "The account.", body = Done<User>)))]
async fn confirm_invitation(
    op: Op,
    StrictPath(path): StrictPath<UserPath>,
    attempt: PasswordAttempt,
    StrictJson(request): StrictJson<ConfirmInvitationRequest>,
) -> Answer {
    let brings_password = request.password.is_some();
    let confirmation = invitations::confirm(&op, &path.user, request);
    reply::ok(&attempt.command(&op, brings_password, confirmation).await?)
}
