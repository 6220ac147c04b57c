//! Who calls: the bearer token becomes the context of a use case, within the caller's rate limit.

use super::{body, json};
use crate::{problem::Problem, request_id::RequestId, state::Web};
use app::{Caller, Error, OpContext, error::Kind};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{header, request::Parts},
};
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use std::{ops::Deref, pin::pin, time::Instant};
use tracing::Span;

/// The context of somebody who is signed in.
pub(crate) struct Op(pub(crate) OpContext);

/// The context of somebody who need not be.
pub(crate) struct OpAnonymous(pub(crate) OpContext);

impl Deref for Op {
    type Target = OpContext;
    fn deref(&self) -> &OpContext {
        &self.0
    }
}

impl FromRequestParts<Web> for Op {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let op = authenticate(parts, web).await?;
        if let Caller::User { user, token, .. } = &op.caller {
            Span::current().record("actor", user.name.as_str());
            web.limits
                .requests
                .take(*token, Instant::now())
                .map_err(|wait| Problem::rate_limited("requests with this token", wait))?;
        }
        Ok(Self(op))
    }
}

/// A caller and a question: both as they are when the whole question is there, for an answer must not speak of the time before.
pub(crate) struct Asking<T> {
    pub(crate) op: OpContext,
    pub(crate) body: T,
}

impl<T: DeserializeOwned> FromRequest<Web> for Asking<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let mut reading = pin!(body::json(&parts.headers, body));
        // A client that waits to be asked for its body is not asked before it is known who that is.
        let there = if parts.headers.contains_key(header::EXPECT) { None } else { reading.as_mut().now_or_never() };
        let Op(op) = Op::from_request_parts(&mut parts, web).await?;
        let (op, bytes) = match there {
            Some(bytes) => (op, bytes?),
            None => {
                let bytes = reading.await?;
                (authenticate(&parts, web).await?, bytes)
            }
        };
        Ok(Self { op, body: json::read(&bytes)? })
    }
}

async fn authenticate(parts: &Parts, web: &Web) -> Result<OpContext, Error> {
    app::base::authenticate::authenticate(&web.server, bearer(parts)?, request_id(parts)).await
}

impl FromRequestParts<Web> for OpAnonymous {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        Ok(Self(OpContext::new(web.server.clone(), Caller::Anonymous, request_id(parts))))
    }
}

fn request_id(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map(|RequestId(id)| id.clone()).unwrap_or_default()
}

/// The token in `Authorization: Bearer TOKEN`.
fn bearer(parts: &Parts) -> Result<&str, Error> {
    let refused = |code, message: &str| Error::new(Kind::Unauthenticated, code, message);
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        let hint = "Send `Authorization: Bearer TOKEN`; a token comes from: countersign login URL --profile NAME.";
        return Err(refused("not_signed_in", "you are not signed in").hint(hint));
    };
    let token =
        value.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let wrong = || refused("malformed_authorization", "the Authorization header must be `Bearer TOKEN`");
    token.map(|(_, token)| token.trim()).ok_or_else(wrong)
}
