//! Signing in and out, and redeeming an invitation. One lands where the link led.

use super::{
    failures::sentence,
    parts,
    shell::{Shell, see},
    unsent,
};
use crate::{
    auth::{DoorForm, PasswordAttempt, SentForm, Visitor, forget_session, keep_known, keep_session},
    http::{Failure, FromPath, Routes, StrictPath, Web, parameter},
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    base::browser,
    error::Code,
    people::{sign_in, tokens},
    record,
    views::{NewToken, SignInRequest},
};
use askama::Template;
use axum::{
    extract::{Query, RawPathParams, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use domain::Name;
use proof::Sha256;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(paths::SIGN_IN, show)
        .post(paths::SIGN_IN, enter)
        .post(paths::SIGN_OUT, leave)
        .get(paths::SIGN_OUT, stay)
        .get(paths::REDEEM, ask_for_code)
        .get(paths::INVITATION, invited)
        .post(paths::INVITATION, redeem)
}

/// The server's key with its seal, on every door.
pub(super) struct ServerKey {
    pub(super) seal: [u8; 32],
    pub(super) id: String,
}

impl ServerKey {
    pub(super) fn of(web: &Web) -> Self {
        let seal = *Sha256::of(record::public_key(&web.server).as_bytes()).as_bytes();
        Self { seal, id: record::key_id(&web.server).chars().take(16).collect() }
    }
}

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage<'a> {
    shell: &'a Shell,
    key: ServerKey,
    /// Where to go afterwards.
    then: &'a str,
    user: &'a str,
    problem: String,
    note: &'static str,
    /// The fields of a form that was not taken, as one text.
    unsent: &'a str,
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    shell: &'a Shell,
    key: ServerKey,
    code: &'a str,
    problem: String,
}

/// The place to go to after signing in: a path of this server and nothing else, whatever the link says.
pub(super) fn safe(then: &str, shell: &Shell) -> String {
    let inbox = shell.at.inbox();
    let is_path = then.starts_with('/') && !then.starts_with("//");
    let is_plain = then.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain && then.starts_with(&inbox) { then.to_owned() } else { inbox }
}

async fn show(
    State(web): State<Web>,
    headers: HeaderMap,
    visitor: Result<Visitor, Failure>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let then = safe(query.get("then").map(String::as_str).unwrap_or_default(), &shell);
    if visitor.is_ok() {
        return see(&then);
    }
    let note = match (query.contains_key("ended"), query.contains_key("unsent")) {
        (_, true) => {
            "Your session ended, and what you sent was not taken. Sign in, then go back to the form: your browser may still have it."
        }
        (true, false) => "Your session ended. Sign in, and you are back where you were.",
        _ => "",
    };
    let key = ServerKey::of(&web);
    let page = SignInPage { shell: &shell, key, then: &then, user: "", problem: String::new(), note, unsent: "" };
    shell.page(StatusCode::OK, &page)
}

/// The page for somebody whose session ended before they sent a form: it carries the form along.
pub(super) fn sign_in_and_go_on(web: &Web, path: &str, unsent: &str) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(web, &HeaderMap::new());
    let then = safe(path, &shell);
    let note = "Your session ended, and what you sent was not taken. Sign in: what you wrote is kept.";
    let key = ServerKey::of(web);
    let page = SignInPage { shell: &shell, key, then: &then, user: "", problem: String::new(), note, unsent };
    shell.page(StatusCode::UNAUTHORIZED, &page)
}

async fn enter(
    State(web): State<Web>,
    headers: HeaderMap,
    attempt: PasswordAttempt,
    DoorForm { op, form }: DoorForm,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let (user, then) = (form.get("user").trim(), safe(form.get("then"), &shell));
    // What can be no name is as wrong as an unknown one.
    let entered = match user.parse::<Name>() {
        Ok(name) => {
            let request = SignInRequest {
                user: Some(name.clone()),
                password: form.get("password").to_owned(),
                invitation: None,
                label: Some("browser".to_owned()),
            };
            attempt.make(Some(&name), sign_in::in_browser(&op, request)).await
        }
        Err(_) => attempt.make(None, async { Err(Error::new(Code::SignInFailed, "")) }).await,
    };
    let failure = match entered {
        Ok(session) if form.get("unsent").is_empty() => return keep(&web, &session, &then),
        Ok(session) => {
            let op = browser::authenticate(&web.server, &session.token, op.request).await?;
            return go_on(&web, &headers, &op, &session, (&then, form.get("unsent"))).await;
        }
        Err(failure) => failure,
    };
    let problem = match failure.error.code {
        Code::SignInFailed => "Name or password is wrong.".to_owned(),
        Code::AccountClosed => "This account is closed; ask an administrator.".to_owned(),
        Code::RateLimited => too_many(&failure),
        _ => return Err(failure),
    };
    let (key, unsent) = (ServerKey::of(&web), form.get("unsent"));
    let page = SignInPage { shell: &shell, key, then: &then, user, problem, note: "", unsent };
    shell.page(failure.status, &page)
}

/// Lets the browser keep the session, and shows the form that was not taken.
async fn go_on(
    web: &Web,
    headers: &HeaderMap,
    op: &OpContext,
    session: &NewToken,
    (to, packed): (&str, &str),
) -> Result<Response, Failure> {
    let shell = Shell::of(op, web, headers).await?;
    let mut answer = unsent::page(&shell, to, packed)?;
    answer.headers_mut().append(header::SET_COOKIE, keep_session(web, session)?);
    answer.headers_mut().append(header::SET_COOKIE, keep_known(web, &session.user)?);
    Ok(answer)
}

/// *Too many tries. Wait 2 minutes.*
fn too_many(failure: &Failure) -> String {
    let seconds = failure.wait().map_or(60, |wait| wait.as_secs().max(1));
    let wait = if seconds < 60 { parts::count(seconds, "second") } else { parts::count(seconds.div_ceil(60), "minute") };
    format!("Too many tries. Wait {wait}.")
}

/// Lets the browser keep the session, and sends it on.
pub(super) fn keep(web: &Web, session: &NewToken, then: &str) -> Result<Response, Failure> {
    let mut answer = see(then)?;
    answer.headers_mut().append(header::SET_COOKIE, keep_session(web, session)?);
    answer.headers_mut().append(header::SET_COOKIE, keep_known(web, &session.user)?);
    Ok(answer)
}

async fn leave(State(web): State<Web>, headers: HeaderMap, SentForm { op, .. }: SentForm) -> Result<Response, Failure> {
    tokens::revoke_current(&op).await?;
    let mut answer = see(&Shell::for_nobody(&web, &headers).at.sign_in())?;
    answer.headers_mut().append(header::SET_COOKIE, forget_session(&web)?);
    Ok(answer)
}

/// Somebody who follows a link to it is not signed out: a link changes nothing.
async fn stay(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Failure> {
    see(&Shell::for_nobody(&web, &headers).at.inbox())
}

/// A code that is in the path.
pub(super) struct CodePath(pub(super) String);

impl FromPath for CodePath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "code")?))
    }
}

async fn ask_for_code(
    State(web): State<Web>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    match query.get("code").map(|code| code.trim()).filter(|code| !code.is_empty()) {
        Some(code) => see(&shell.at.invitation(&form_urlencoded::byte_serialize(code.as_bytes()).collect::<String>())),
        None => shell
            .page(StatusCode::OK, &InvitationPage { shell: &shell, key: ServerKey::of(&web), code: "", problem: String::new() }),
    }
}

/// Whether the code holds is said only when it is sent: a link that is looked at shows nothing.
async fn invited(
    State(web): State<Web>,
    headers: HeaderMap,
    StrictPath(CodePath(code)): StrictPath<CodePath>,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let page = InvitationPage { shell: &shell, key: ServerKey::of(&web), code: &code, problem: String::new() };
    shell.page(StatusCode::OK, &page)
}

async fn redeem(
    State(web): State<Web>,
    headers: HeaderMap,
    StrictPath(CodePath(code)): StrictPath<CodePath>,
    attempt: PasswordAttempt,
    DoorForm { op, form }: DoorForm,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let request = SignInRequest {
        user: None,
        password: form.get("password").to_owned(),
        invitation: Some(code.clone()),
        label: Some("browser".to_owned()),
    };
    let failure = match attempt.make(None, sign_in::in_browser(&op, request)).await {
        Ok(session) => return keep(&web, &session, &shell.at.inbox()),
        Err(failure) => failure,
    };
    let problem = match failure.error.code {
        Code::InvitationUsed | Code::InvitationCancelled | Code::InvitationExpired | Code::InvitationUnknown => {
            "This invitation was used, replaced or has ended. Ask an administrator for a new one.".to_owned()
        }
        Code::RateLimited => too_many(&failure),
        Code::Invalid | Code::AccountClosed | Code::InvitationUnconfirmed => sentence(&failure.error.message),
        _ => return Err(failure),
    };
    let page = InvitationPage { shell: &shell, key: ServerKey::of(&web), code: &code, problem };
    shell.page(failure.status, &page)
}
