//! A form of a version's pages, as it arrives: who sends the form, about which sign-off, seen in which state.

use super::{draft::Draft, history};
use crate::{
    auth::SentForm,
    http::{Failure, Form, StrictPath, Web},
    pages::{
        failures::sentence,
        parts,
        shell::{Shell, see_linking},
    },
};
use app::{
    Error, OpContext,
    error::Kind,
    views::{Password, Review},
};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::HeaderMap,
    response::Response,
};
use domain::{SignOffRef, StepName, VersionRef};

/// A form of a version's page.
pub(super) struct Sent {
    pub(super) web: Web,
    pub(super) headers: HeaderMap,
    pub(super) name: VersionRef,
    /// The step whose sign-off the page showed; none for the sign-off that says most about the version.
    step: Option<StepName>,
    pub(super) op: OpContext,
    pub(super) form: Form,
}

impl FromRequest<Web> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let StrictPath(name) = StrictPath::from_request_parts(&mut parts, web).await?;
        let headers = parts.headers.clone();
        let SentForm { op, form } = SentForm::from_request(Request::from_parts(parts, body), web).await?;
        let step = form.text("step").map(|step| step.parse()).transpose();
        let step = step.map_err(|error| Error::invalid("step", format!("{error}")))?;
        Ok(Self { web: web.clone(), headers, name, step, op, form })
    }
}

impl Sent {
    /// The sign-off that the page showed.
    pub(super) fn sign_off(&self) -> SignOffRef {
        SignOffRef { version: self.name.clone(), step: self.step.clone() }
    }

    /// The tag of the state that the page showed.
    pub(super) fn seen(&self) -> Option<&str> {
        Some(self.form.get("if_match")).filter(|tag| !tag.is_empty())
    }

    pub(super) fn password(&self) -> Option<Password> {
        Some(self.form.get("password")).filter(|password| !password.is_empty()).map(|password| Password(password.to_owned()))
    }

    /// The version's page after the form was carried out, with a link to the sheet once the review is decided.
    pub(super) fn done(&self, review: &Review, says: &str) -> Result<Response, Failure> {
        let at = Shell::for_nobody(&self.web, &self.headers).at;
        let sheet = at.sheet(&self.name, &review.round, "");
        let is_decided = review.decision.is_some() && !review.status.is_open();
        see_linking(&self.web, &at.sign_off(&self.sign_off()), says, is_decided.then_some((&sheet, "Sign-off sheet")))
    }

    /// What was typed, with the reason why the command was not carried out.
    ///
    /// # Errors
    /// The failure itself, where a page of its own tells more than the form would.
    pub(super) async fn refused(&self, draft: Draft, failure: Failure) -> Result<Draft, Failure> {
        match failure.error.kind() {
            Kind::NotFound | Kind::Internal | Kind::Unavailable | Kind::Full => Err(failure),
            Kind::Conflict | Kind::Stale => {
                let happened = self.what_happened().await.unwrap_or_default();
                let problem = format!("{happened} {}", sentence(&failure.error.message));
                Ok(draft.refused(&failure, problem.trim().to_owned()))
            }
            _ => {
                let problem = sentence(&failure.error.message);
                Ok(draft.refused(&failure, problem))
            }
        }
    }

    /// Who did something last, and when.
    async fn what_happened(&self) -> Option<String> {
        let last = history::load(&self.op, &self.name).await.ok()?.into_iter().next()?;
        let when = parts::time::ago_in_words(last.at, self.web.server.now());
        Some(format!("{} {}, {when}.", last.who, last.did))
    }
}
