//! What all commands on a review have in common: who gives the command, on which sign-off, seen in which state, with which body; and
//! the answer.

use super::{
    params::{StepQuery, VersionPath, sign_off},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{Failure, IfMatch, StrictJson, StrictPath, StrictQuery, Web},
};
use app::views::{Done, Review};
use axum::extract::{FromRequest, FromRequestParts, Request};
use domain::SignOffRef;
use serde::de::DeserializeOwned;

/// A command on a review, as it arrives.
pub(super) struct ReviewCommand<T> {
    /// Who gives the command.
    pub(super) op: Op,
    /// The sign-off.
    pub(super) on: SignOffRef,
    /// The state of the review that the person saw, if the request names one.
    pub(super) seen: IfMatch,
    /// The body.
    pub(super) body: T,
}

impl<T: DeserializeOwned> FromRequest<Web> for ReviewCommand<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let op = Op::from_request_parts(&mut parts, web).await?;
        let StrictPath(path) = StrictPath::<VersionPath>::from_request_parts(&mut parts, web).await?;
        let StrictQuery(query) = StrictQuery::<StepQuery>::from_request_parts(&mut parts, web).await?;
        let seen = IfMatch::from_request_parts(&mut parts, web).await?;
        let StrictJson(body) = StrictJson::from_request(Request::from_parts(parts, body), web).await?;
        Ok(Self { op, on: sign_off(path, query.step), seen, body })
    }
}

/// The review after a command, with the tag of its state.
pub(super) fn after(done: Done<Review>) -> Answer {
    reply::tagged(&done, &done.result.etag)
}
