//! The cookie of a browser's session becomes the context of a use case. A form is taken only from a page of this server, and from the
//! session that got the page.

use super::bearer::request_id;
use crate::http::{Failure, Form, FormPart, FormParts, Sender, Web, read_form};
use app::{
    Caller, Error, OpContext,
    base::browser,
    error::{Code, Kind},
    views::NewToken,
};
use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};
use domain::{Duration, Name, NextStep};
use std::time::Instant;
use tracing::Span;

/// The field of every form that shows that a page of the session sent the form.
const FORM_TOKEN: &str = "form";

/// The context of somebody whose browser is signed in.
pub(crate) struct Visitor(pub(crate) OpContext);

/// The session of a page that somebody has open, which is asked again and again whether it still holds.
pub(crate) struct OpenSession {
    web: Web,
    cookie: String,
    request: String,
}

/// The header of a request that an open page makes by itself, to see what is new.
const BY_ITSELF: &str = "countersign-live";

/// A form that a page of this session sent.
pub(crate) struct SentForm {
    pub(crate) op: OpContext,
    pub(crate) form: Form,
}

/// A form with files that a page of this session sends. The form's first part has shown that.
pub(crate) struct SentFiles {
    pub(crate) op: OpContext,
    pub(crate) parts: FormParts,
}

/// A form of a page that needs no session: signing in.
pub(crate) struct DoorForm {
    pub(crate) op: OpContext,
    pub(crate) form: Form,
}

impl FromRequestParts<Web> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let not_signed_in = || Error::new(Code::NotSignedIn, "you are not signed in").next(NextStep::SignIn);
        let secret = cookie(&parts.headers, session_name(web)).ok_or_else(not_signed_in)?;
        let by_itself = parts.method == Method::GET && parts.headers.contains_key(BY_ITSELF);
        let op = match by_itself {
            true => browser::authenticate_page(&web.server, secret, request_id(parts)).await?,
            false => browser::authenticate(&web.server, secret, request_id(parts)).await?,
        };
        if let Caller::User { user, token, .. } = &op.caller {
            Span::current().record("actor", user.name.as_str());
            let taken = web.limits.requests.take(*token, Instant::now());
            taken.map_err(|wait| Failure::rate_limited("requests of this session", wait))?;
        }
        Ok(Self(op))
    }
}

impl FromRequestParts<Web> for OpenSession {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let cookie = cookie(&parts.headers, session_name(web)).unwrap_or_default().to_owned();
        Ok(Self { web: web.clone(), cookie, request: request_id(parts) })
    }
}

impl OpenSession {
    /// The context of who looks, as of now.
    ///
    /// # Errors
    /// When nobody is signed in any more, or the database does not answer.
    pub(crate) async fn op(&self) -> Result<OpContext, Error> {
        browser::authenticate_page(&self.web.server, &self.cookie, self.request.clone()).await
    }
}

impl FromRequest<Web> for SentForm {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let op = match Visitor::from_request_parts(&mut parts, web).await {
            Ok(Visitor(op)) => op,
            Err(failure) if failure.error.kind() == Kind::Unauthenticated => return Err(unsent(failure, parts, body, web).await),
            Err(failure) => return Err(failure),
        };
        of_this_site(&parts.headers, web.urls.origin())?;
        let form = read_form(&parts.headers, body, Sender::Known).await?;
        of_this_session(&op, form.get(FORM_TOKEN))?;
        Ok(Self { op, form })
    }
}

impl FromRequest<Web> for SentFiles {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Visitor(op) = Visitor::from_request_parts(&mut parts, web).await?;
        of_this_site(&parts.headers, web.urls.origin())?;
        let mut parts = FormParts::of(&parts.headers, body)?;
        let token = match parts.next().await? {
            Some(FormPart::Text(field, token)) if field == FORM_TOKEN => token,
            _ => String::new(),
        };
        of_this_session(&op, &token)?;
        Ok(Self { op, parts })
    }
}

/// The failure of somebody who is not signed in any more, with the form that they sent: they sign in, and go on.
async fn unsent(failure: Failure, parts: Parts, body: Body, web: &Web) -> Failure {
    if of_this_site(&parts.headers, web.urls.origin()).is_err() {
        return failure;
    }
    match read_form(&parts.headers, body, Sender::Stranger).await {
        Ok(form) => failure.with_unsent(form.packed()),
        Err(_) => failure,
    }
}

/// Checks that the session got the page of the form.
fn of_this_session(op: &OpContext, token: &str) -> Result<(), Error> {
    if browser::made_form(op, token) { Ok(()) } else { Err(elsewhere("this form is not of your present session")) }
}

impl FromRequest<Web> for DoorForm {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        of_this_site(&parts.headers, web.urls.origin())?;
        let op = OpContext::new(web.server.clone(), Caller::Anonymous, request_id(&parts));
        Ok(Self { op, form: read_form(&parts.headers, body, Sender::Stranger).await? })
    }
}

/// Checks that a page of this server sent the form: browsers say so by themselves, and no page can make them say something else.
fn of_this_site(headers: &HeaderMap, own: &str) -> Result<(), Error> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let right = match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        // The host that the browser asked; a proxy may have put the server's own name in its place.
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == own || (host.is_some() && host == text(header::HOST))
        }
        (None, None) => false,
    };
    if right { Ok(()) } else { Err(elsewhere("this form did not come from a page of this server")) }
}

fn elsewhere(message: &str) -> Error {
    Error::new(Code::FormFromElsewhere, message).next(NextStep::LookAgain)
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Over TLS the name makes sure that no other host, and nobody on the way, sets the cookie.
fn session_name(web: &Web) -> &'static str {
    if web.urls.is_https() { "__Host-countersign" } else { "countersign" }
}

/// Whether the browser brings a session; whether the session holds is another matter.
pub(crate) fn is_signed_in(headers: &HeaderMap, web: &Web) -> bool {
    cookie(headers, session_name(web)).is_some_and(|secret| !secret.is_empty())
}

/// Lets the browser keep a session.
pub(crate) fn keep_session(web: &Web, session: &NewToken) -> Result<HeaderValue, Error> {
    keep_cookie(web.urls.is_https(), session_name(web), &session.token, web.server.settings.limits.browser_session_lifetime)
}

/// The cookie by which an account knows the browser again.
fn known_name(web: &Web) -> &'static str {
    if web.urls.is_https() { "__Host-countersign-known" } else { "countersign-known" }
}

/// How long an account knows a browser.
const KNOWN_FOR: Duration = Duration::from_days(365);

/// Lets the account know this browser again, so that strangers who try passwords do not keep its owner out. The cookie opens nothing.
pub(crate) fn keep_known(web: &Web, user: &Name) -> Result<HeaderValue, Error> {
    let id: String = web.server.entropy.bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let value = format!("{user}.{id}.{}", web.server.keys.credentials.known_browser_mac(user, &id));
    keep_cookie(web.urls.is_https(), known_name(web), &value, KNOWN_FOR)
}

/// What this browser is counted by, where it signed in as this account before.
pub(super) fn knows(web: &Web, headers: &HeaderMap, user: &Name) -> Option<String> {
    let (value, mac) = cookie(headers, known_name(web))?.rsplit_once('.')?;
    let (name, id) = value.rsplit_once('.')?;
    let is_known = name == user.as_str() && web.server.keys.credentials.is_known_browser(user, id, mac);
    is_known.then(|| id.to_owned())
}

/// Lets the browser forget its session.
pub(crate) fn forget_session(web: &Web) -> Result<HeaderValue, Error> {
    keep_cookie(web.urls.is_https(), session_name(web), "", Duration::from_seconds(0))
}

/// Lets the browser keep a text for so long. No script reads the text, and no form of another site brings it.
pub(crate) fn keep_cookie(is_https: bool, name: &str, value: &str, lifetime: Duration) -> Result<HeaderValue, Error> {
    let secure = if is_https { "; Secure" } else { "" };
    let seconds = lifetime.micros() / 1_000_000;
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(cookie).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<Vec<(header::HeaderName, _)>>()
            .into_iter()
            .collect()
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let own = "https://sign.example";
        for right in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("origin", "https://sign.example"), ("host", "inside:8700")],
            &[("origin", "http://127.0.0.1:8700"), ("host", "127.0.0.1:8700")],
        ] {
            assert!(of_this_site(&headers(right), own).is_ok(), "{right:?}");
        }
        for wrong in [
            &[][..],
            &[("host", "sign.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://sign.example")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "null"), ("host", "null")],
            &[("origin", "https://evil.example"), ("host", "sign.example")],
            &[("origin", "https://sign.example.evil.example")],
        ] {
            assert!(of_this_site(&headers(wrong), own).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = headers(&[("cookie", "xcountersign=1; countersign=csb_2; other=3")]);
        assert_eq!(cookie(&headers, "countersign"), Some("csb_2"));
        assert_eq!(cookie(&headers, "sign"), None);
    }
}
