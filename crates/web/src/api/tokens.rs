//! Personal and service tokens.

use super::{
    creation::{IdempotencyHeader, SecretCreation},
    params::{TokenPath, TokensQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Routes, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    Limit, Page,
    people::tokens,
    views::{CreateTokenRequest, List, NewToken, Token},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(list_tokens, create_token)).publish(routes!(revoke_token))
}

/// Lists the caller's tokens or those of a service account, without the secrets
#[utoipa::path(get, path = paths::TOKENS, tag = "people", params(TokensQuery), responses((status = 200, description = "The tokens.", body = List<Token>)))]
async fn list_tokens(op: Op, StrictQuery(query): StrictQuery<TokensQuery>) -> Answer {
    let TokensQuery { service, after, limit } = query;
    let page = Page { after: after.unwrap_or_default(), limit: Limit::of(limit) };
    reply::ok(&tokens::list(&op, service.as_ref(), &page).await?)
}

/// Creates a token for the caller or for a service account
#[utoipa::path(post, path = paths::TOKENS, tag = "people", params(IdempotencyHeader), request_body = CreateTokenRequest, responses((status = 201, description = "The token, shown only here.", body = NewToken)))]
async fn create_token(SecretCreation { op, body }: SecretCreation<CreateTokenRequest>) -> Answer {
    reply::created_secret(&tokens::create(&op, body).await?)
}

/// Revokes a token
#[utoipa::path(delete, path = paths::TOKEN, tag = "people", params(TokenPath), responses((status = 204, description = "Revoked.")))]
async fn revoke_token(op: Op, StrictPath(path): StrictPath<TokenPath>) -> Answer {
    tokens::revoke(&op, path.token).await?;
    reply::no_content()
}
