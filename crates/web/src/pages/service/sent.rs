//! A form about a service, as somebody sent it.

use crate::{
    auth::SentForm,
    http::{Failure, Form, FromPath, StrictPath, Web, parameter},
    pages::shell::{Shell, see_saying},
};
use app::{Error, OpContext};
use axum::{
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::HeaderMap,
    response::Response,
};
use domain::Name;

/// A service, in an address.
#[derive(Clone)]
pub(crate) struct ServicePath {
    pub(crate) infrastructure: Name,
    pub(crate) service: Name,
}

impl FromPath for ServicePath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self { infrastructure: parameter(parameters, "infrastructure")?, service: parameter(parameters, "service")? })
    }
}

/// A form about a service.
pub(crate) struct Sent {
    pub(crate) web: Web,
    pub(crate) headers: HeaderMap,
    pub(crate) at: ServicePath,
    pub(crate) op: OpContext,
    pub(crate) form: Form,
}

impl FromRequest<Web> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let StrictPath(at) = StrictPath::from_request_parts(&mut parts, web).await?;
        let headers = parts.headers.clone();
        let SentForm { op, form } = SentForm::from_request(Request::from_parts(parts, body), web).await?;
        Ok(Self { web: web.clone(), headers, at, op, form })
    }
}

impl Sent {
    /// The tag of the state that the page showed.
    pub(crate) fn seen(&self) -> Option<&str> {
        Some(self.form.get("if_match")).filter(|tag| !tag.is_empty())
    }

    pub(crate) async fn shell(&self) -> Result<Shell, Error> {
        Shell::of(&self.op, &self.web, &self.headers).await
    }

    /// The service's page after a change.
    pub(crate) fn done(&self, says: &str) -> Result<Response, Failure> {
        let shell = Shell::for_nobody(&self.web, &self.headers);
        see_saying(&self.web, &shell.at.service(&self.at.infrastructure, &self.at.service), says)
    }
}

/// What a change of the service says that was made before.
pub(crate) fn says(again: bool, says: String) -> String {
    if again { format!("That was done before. {says}") } else { says }
}
