//! The first start: the page behind the set-up link creates the first administrator.

use super::{
    door::{CodePath, ServerKey, keep},
    failures::sentence,
    parts,
    shell::Shell,
};
use crate::{
    auth::{DoorForm, PasswordAttempt},
    http::{Failure, Routes, StrictPath, Web},
    urls::pages as paths,
};
use app::{Caller, Error, OpContext, error::Code, people::setup, views::Password};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{DisplayName, Name, Timestamp};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::SETUP, show).post(paths::SETUP, create)
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    shell: &'a Shell,
    key: ServerKey,
    code: &'a str,
    /// Until when the link holds; none for a link that does not.
    ends_at: Option<Timestamp>,
    problem: String,
    user: &'a str,
    user_problem: String,
    display_name: &'a str,
    name_problem: String,
    password_problem: String,
}

impl<'a> SetupPage<'a> {
    fn blank(shell: &'a Shell, web: &Web, code: &'a str) -> Self {
        Self {
            shell,
            key: ServerKey::of(web),
            code,
            ends_at: None,
            problem: String::new(),
            user: "",
            user_problem: String::new(),
            display_name: "",
            name_problem: String::new(),
            password_problem: String::new(),
        }
    }
}

async fn show(
    State(web): State<Web>,
    headers: HeaderMap,
    StrictPath(CodePath(code)): StrictPath<CodePath>,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let op = OpContext::new(web.server.clone(), Caller::Anonymous, "");
    let blank = SetupPage::blank(&shell, &web, &code);
    match setup::holding(&op, &code).await {
        Ok(ends_at) => shell.page(StatusCode::OK, &SetupPage { ends_at: Some(ends_at), ..blank }),
        Err(error) => refused(&shell, blank, error.into()),
    }
}

/// A link that opens nothing any more.
fn refused(shell: &Shell, blank: SetupPage<'_>, failure: Failure) -> Result<Response, Failure> {
    match failure.error.code {
        Code::InvitationUsed | Code::InvitationExpired | Code::InvitationUnknown => {
            let problem = sentence(&failure.error.message);
            shell.page(failure.status, &SetupPage { problem, ..blank })
        }
        _ => Err(failure),
    }
}

async fn create(
    State(web): State<Web>,
    headers: HeaderMap,
    StrictPath(CodePath(code)): StrictPath<CodePath>,
    attempt: PasswordAttempt,
    DoorForm { op, form }: DoorForm,
) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let blank = SetupPage::blank(&shell, &web, &code);
    let ends_at = match attempt.make(None, setup::holding(&op, &code)).await {
        Ok(ends_at) => ends_at,
        Err(failure) => return refused(&shell, blank, failure),
    };
    let (user, display_name) = (form.get("user").trim(), form.get("display_name").trim());
    let mut page = SetupPage { ends_at: Some(ends_at), user, display_name, ..blank };
    let name = user.parse::<Name>().map_err(|error| page.user_problem = sentence(&error.to_string()));
    let shown = display_name.parse::<DisplayName>().map_err(|error| page.name_problem = sentence(&error.to_string()));
    let (Ok(name), Ok(shown)) = (name, shown) else {
        return shell.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    match setup::set_up(&op, &code, name, shown, Password(form.get("password").to_owned())).await {
        Ok(session) => keep(&web, &session, &shell.at.inbox()),
        Err(error) if is_about_password(&error) => {
            page.password_problem = sentence(&error.message);
            shell.page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

fn is_about_password(error: &Error) -> bool {
    error.fields.iter().any(|field| field.pointer == "/password")
}
