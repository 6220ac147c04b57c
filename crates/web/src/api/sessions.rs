//! Signs in and out.

use super::reply::{self, Answer};
use crate::{
    auth::{AnonymousOp, Op, PasswordAttempt},
    http::{Routes, StrangersJson, StrictJson},
    urls::api as paths,
};
use app::{
    people::{password, sign_in, tokens, users},
    views::{ChangePasswordRequest, NewToken, SignInRequest, User},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(create_session))
        .publish(routes!(end_session))
        .publish(routes!(show_me))
        .publish(routes!(change_password))
}

/// Signs in
///
/// With a user name and a password, or with an invitation and a new password. The server limits failed attempts for each
/// address and each user name.
#[utoipa::path(post, path = paths::SESSIONS, tag = "people", security(()), request_body = SignInRequest, responses((status = 201, description = "Signed in. The token is shown only here.", body = NewToken)))]
async fn create_session(
    AnonymousOp(op): AnonymousOp,
    attempt: PasswordAttempt,
    StrangersJson(request): StrangersJson<SignInRequest>,
) -> Answer {
    let user = request.user.clone();
    let token = attempt.make(user.as_ref(), sign_in::sign_in(&op, request)).await?;
    reply::created_secret(&token)
}

/// Signs out: revokes the token of this request
#[utoipa::path(delete, path = paths::CURRENT_SESSION, tag = "people", responses((status = 204, description = "Signed out.")))]
async fn end_session(op: Op) -> Answer {
    tokens::revoke_current(&op).await?;
    reply::no_content()
}

/// Shows who is signed in
#[utoipa::path(get, path = paths::ME, tag = "people", responses((status = 200, description = "You.", body = User)))]
async fn show_me(op: Op) -> Answer {
    reply::ok(&users::me(&op).await?)
}

/// Replaces your password
///
/// With a session, and with the present password. Your other sessions end, with the tokens that were made in them.
#[utoipa::path(post, path = paths::OWN_PASSWORD, tag = "people", request_body = ChangePasswordRequest, responses((status = 204, description = "Replaced.")))]
async fn change_password(op: Op, attempt: PasswordAttempt, StrictJson(request): StrictJson<ChangePasswordRequest>) -> Answer {
    attempt.command(&op, true, password::change(&op, request)).await?;
    reply::no_content()
}
