//! Signing in and out.

use crate::{
    client,
    extract::{Op, OpAnonymous, StrictJson},
    problem::Problem,
    reply::{self, Answer},
    state::Web,
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
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(create_session)).routes(routes!(end_session)).routes(routes!(show_me))
}

/// Signs in
///
/// With a user name and a password, or with an invitation and a new password. The server limits failed attempts for each
/// address and each user name.
#[utoipa::path(post, path = "/sessions", tag = "people", security(()), request_body = SignInRequest, responses((status = 201, description = "Signed in. The token is shown only here.", body = NewToken)))]
async fn create_session(
    State(web): State<Web>,
    OpAnonymous(op): OpAnonymous,
    extensions: Extensions,
    headers: HeaderMap,
    StrictJson(request): StrictJson<SignInRequest>,
) -> Answer {
    let (limits, now) = (&web.limits, Instant::now());
    let (network, user) = (client::network(&extensions, &headers, web.options.trust_forwarded_for), request.user.clone());
    // Taken before the attempt, so that many at once do not all slip through, and given back when it was no failure.
    let limited = |wait| Problem::rate_limited("failed attempts to sign in", wait);
    limits.sign_ins_from.take(network, now).map_err(limited)?;
    if let Some(user) = &user {
        limits.sign_ins_as.take(user.clone(), now).map_err(limited)?;
    }
    let token = sign_in::sign_in(&op, request).await?;
    limits.sign_ins_from.give_back(network, now);
    if let Some(user) = user {
        limits.sign_ins_as.give_back(user, now);
    }
    reply::created_secret(&token)
}

/// Signs out: revokes the token of this request
#[utoipa::path(delete, path = "/sessions/current", tag = "people", responses((status = 204, description = "Signed out.")))]
async fn end_session(op: Op) -> Answer {
    tokens::revoke_current(&op).await?;
    reply::no_content()
}

/// Shows who is signed in
#[utoipa::path(get, path = "/me", tag = "people", responses((status = 200, description = "You.", body = User)))]
async fn show_me(op: Op) -> Answer {
    reply::ok(&users::me(&op).await?)
}
