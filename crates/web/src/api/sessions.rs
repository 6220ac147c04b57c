//! Signs in and out.

use super::reply::{self, Answer};
use crate::{
    auth::{AnonymousOp, Op},
    http::{Failure, Routes, StrictJson, Web, network},
    urls::api as paths,
};
use app::{
    people::{sign_in, tokens, users},
    views::{NewToken, SignInRequest, User},
};
use axum::{
    extract::State,
    http::{Extensions, HeaderMap},
};
use std::time::Instant;
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(create_session)).publish(routes!(end_session)).publish(routes!(show_me))
}

/// Signs in
///
/// With a user name and a password, or with an invitation and a new password. The server limits failed attempts for each
/// address and each user name.
#[utoipa::path(post, path = paths::SESSIONS, tag = "people", security(()), request_body = SignInRequest, responses((status = 201, description = "Signed in. The token is shown only here.", body = NewToken)))]
async fn create_session(
    State(web): State<Web>,
    AnonymousOp(op): AnonymousOp,
    extensions: Extensions,
    headers: HeaderMap,
    StrictJson(request): StrictJson<SignInRequest>,
) -> Answer {
    let (limits, now) = (&web.limits, Instant::now());
    let (from, user) = (network(&extensions, &headers, web.options.trust_forwarded_for), request.user.clone());
    // Taken before the attempt, so that many at once do not all slip through, and given back when it was no failure.
    let limited = |wait| Failure::rate_limited("failed attempts to sign in", wait);
    limits.sign_ins_from.take(from, now).map_err(limited)?;
    if let Some(user) = &user {
        limits.sign_ins_as.take(user.clone(), now).map_err(limited)?;
    }
    let token = sign_in::sign_in(&op, request).await?;
    limits.sign_ins_from.give_back(from, now);
    if let Some(user) = user {
        limits.sign_ins_as.give_back(user, now);
    }
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
