//! POSTs that create something. With an `Idempotency-Key` a repeated request creates nothing, and gets the first answer.

use crate::{
    auth::Op,
    http::{EmptyBody, Failure, Sender, Web, json_body, read_json},
};
use app::{
    Error, IdempotencyKey, OpContext,
    change::idempotency,
    error::Code,
    views::{CreateGroupRequest, CreateInfrastructureRequest, CreateModelRequest, CreateProjectRequest, CreateVersionRequest},
};
use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{Digest, NextStep, access::Scope};
use proof::Sha256;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// The header with the client's key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// What a token must be good for to create whatever has a secret: accounts, invitations, tokens.
const SECRETS_SCOPE: Scope = Scope::Administer;
/// The longest key.
const LONGEST: usize = 200;

/// The header, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the derive only: the extractor reads the header itself")]
pub(crate) struct IdempotencyHeader {
    /// A key that the client chooses for this request, 1 to 200 visible characters. The server carries out the request once, and
    /// answers a repeated request with the first answer. The server refuses the key with another request.
    #[param(rename = "Idempotency-Key")]
    idempotency_key: Option<String>,
}

/// The body of a request that creates something.
pub(crate) trait CreationBody: DeserializeOwned {
    /// What a token must be good for to create it; to be told what was created before as well.
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($body:ty: $scope:ident),* $(,)?) => {$(
        impl CreationBody for $body {
            const SCOPE: Scope = Scope::$scope;
        }
    )*};
}
scopes! {
    CreateGroupRequest: Administer,
    CreateInfrastructureRequest: Administer,
    CreateModelRequest: Register,
    CreateProjectRequest: Administer,
    CreateVersionRequest: Register,
    // Begins an upload.
    EmptyBody: Register,
}

/// A caller and a body that are to create something.
pub(crate) struct Creation<T> {
    pub(crate) op: OpContext,
    pub(crate) body: T,
}

/// The same where the answer holds a secret: it is never kept, so a repetition is refused.
pub(crate) struct SecretCreation<T> {
    pub(crate) op: OpContext,
    pub(crate) body: T,
}

impl<T: CreationBody> FromRequest<Web> for Creation<T> {
    /// A problem, or the answer from before.
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let (op, bytes) = prepare(parts, body, web).await.map_err(IntoResponse::into_response)?;
        match idempotency::stored(&op, T::SCOPE).await {
            Ok(None) => {}
            Ok(Some(replay)) => return Err(again(replay)),
            Err(error) => return Err(Failure::from(error).into_response()),
        }
        let body = read_json(&bytes).map_err(|error| Failure::from(error).into_response())?;
        Ok(Self { op, body })
    }
}

impl<T: DeserializeOwned> FromRequest<Web> for SecretCreation<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let (op, bytes) = prepare(parts, body, web).await?;
        match idempotency::stored(&op, SECRETS_SCOPE).await {
            Ok(None) => Ok(Self { body: read_json(&bytes)?, op }),
            Err(error) if error.code != Code::AnswerLost => Err(error.into()),
            Ok(Some(_)) | Err(_) => {
                let message = "this request was carried out before, and what it made is shown only once";
                Err(Error::new(Code::SecretShownOnce, message).next(NextStep::UseNewKey).into())
            }
        }
    }
}

async fn prepare(mut parts: Parts, body: Body, web: &Web) -> Result<(OpContext, axum::body::Bytes), Failure> {
    let Op(mut op) = Op::from_request_parts(&mut parts, web).await?;
    let bytes = json_body(&parts.headers, body, Sender::Known).await?;
    op.key = key(&parts.headers)?.map(|key| IdempotencyKey { key, request: fingerprint(&parts, &bytes) });
    Ok((op, bytes))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let key =
        value.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    let wrong = || {
        Error::new(Code::MalformedIdempotencyKey, "Idempotency-Key must be 1 to 200 visible ASCII characters")
            .at("Idempotency-Key")
    };
    key.map(|key| Some(key.to_owned())).ok_or_else(wrong)
}

/// What makes a request the same: method, path and body. Neither of the first two can contain a line feed.
fn fingerprint(parts: &Parts, body: &[u8]) -> Digest {
    let mut bytes = format!("{}\n{}\n", parts.method, parts.uri.path()).into_bytes();
    bytes.extend_from_slice(body);
    Digest::from_bytes(*Sha256::of(&bytes).as_bytes())
}

fn again(replay: idempotency::Replay) -> Response {
    let status = StatusCode::from_u16(replay.status).unwrap_or(StatusCode::CREATED);
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/json")), (REPLAYED, HeaderValue::from_static("true"))];
    (status, headers, replay.body).into_response()
}
