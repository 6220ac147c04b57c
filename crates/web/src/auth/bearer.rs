//! The bearer token of a program becomes the context of a use case, within the token's rate limit.

use crate::http::{Failure, RateLimit, RequestId, Sender, Web, json_body, read_json};
use app::{Caller, Error, OpContext, error::Code};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{header, request::Parts},
};
use domain::{NextStep, TokenId};
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use std::{ops::Deref, pin::pin, time::Instant};
use tracing::Span;

/// The context of a caller who is signed in.
pub(crate) struct Op(pub(crate) OpContext);

/// The context of a caller who sends a file of an upload, which is counted with its like.
pub(crate) struct FileOp(pub(crate) OpContext);

/// The context of a caller who need not be signed in.
pub(crate) struct AnonymousOp(pub(crate) OpContext);

/// A caller and a JSON body, both as of the moment when the whole body is there: an answer must not speak of the time before.
pub(crate) struct OpWithBody<T> {
    pub(crate) op: OpContext,
    pub(crate) body: T,
}

impl Deref for Op {
    type Target = OpContext;
    fn deref(&self) -> &OpContext {
        &self.0
    }
}

impl FromRequestParts<Web> for Op {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        counted(parts, web, &web.limits.requests, "requests with this token").await.map(Self)
    }
}

impl FromRequestParts<Web> for FileOp {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        counted(parts, web, &web.limits.upload_files, "files with this token").await.map(Self)
    }
}

/// The caller, within this rate.
async fn counted(parts: &Parts, web: &Web, rate: &RateLimit<TokenId>, what: &str) -> Result<OpContext, Failure> {
    let op = authenticate(parts, web).await?;
    if let Caller::User { user, token, .. } = &op.caller {
        Span::current().record("actor", user.name.as_str());
        rate.take(*token, Instant::now()).map_err(|wait| Failure::rate_limited(what, wait))?;
    }
    Ok(op)
}

impl FromRequestParts<Web> for AnonymousOp {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        Ok(Self(OpContext::new(web.server.clone(), Caller::Anonymous, request_id(parts))))
    }
}

impl<T: DeserializeOwned> FromRequest<Web> for OpWithBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let mut reading = pin!(json_body(&parts.headers, body, Sender::Known));
        // A client that waits to be asked for its body is asked only when the caller is known.
        let early = if parts.headers.contains_key(header::EXPECT) { None } else { reading.as_mut().now_or_never() };
        let Op(op) = Op::from_request_parts(&mut parts, web).await?;
        let (op, bytes) = match early {
            Some(bytes) => (op, bytes?),
            None => {
                let bytes = reading.await?;
                (authenticate(&parts, web).await?, bytes)
            }
        };
        Ok(Self { op, body: read_json(&bytes)? })
    }
}

async fn authenticate(parts: &Parts, web: &Web) -> Result<OpContext, Error> {
    app::base::authenticate::authenticate(&web.server, token(parts)?, request_id(parts)).await
}

pub(super) fn request_id(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map(|RequestId(id)| id.clone()).unwrap_or_default()
}

/// The token in `Authorization: Bearer TOKEN`.
fn token(parts: &Parts) -> Result<&str, Error> {
    let refused = |code, message: &str| Error::new(code, message).next(NextStep::SignIn);
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(refused(Code::NotSignedIn, "you are not signed in"));
    };
    if values.next().is_some() {
        // A proxy in front may have looked at the other one.
        return Err(refused(Code::MalformedAuthorization, "there are several Authorization headers: send one"));
    }
    let token =
        value.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let wrong = || refused(Code::MalformedAuthorization, "the Authorization header must be `Bearer TOKEN`");
    token.map(|(_, token)| token.trim()).ok_or_else(wrong)
}
