//! One account: its names and role, closing it and opening it again, and its invitation.

use super::access::administrators;
use crate::{
    auth::{PasswordAttempt, SentForm},
    http::{Failure, Form, FromPath, Routes, StrictPath, Web, parameter},
    pages::{
        buttons::{mendable, pressed},
        failures::sentence,
        members::stranded,
        parts,
        shell::{Shell, Visit, see_saying},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    error::Code,
    people::{invitations, users},
    views::{ChangeUserRequest, ConfirmInvitationRequest, Invited, Password, User},
};
use askama::Template;
use axum::{
    extract::{RawPathParams, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    Name, Timestamp,
    people::{AccountKind, InstanceRole},
};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::USER, show).post(paths::USER, change)
}

/// The secret of an invitation, which is shown once.
pub(super) struct Invitation {
    pub(super) code: String,
    pub(super) expires_at: Timestamp,
    pub(super) needs_confirmation: bool,
}

#[derive(Template)]
#[template(path = "administration/user.html")]
struct UserPage<'a> {
    shell: &'a Shell,
    user: User,
    problem: String,
    display_name: String,
    email: String,
    role: String,
    invitation: Option<Invitation>,
    /// Whether the page is of the administrator who reads it.
    is_me: bool,
}

struct UserPath(Name);

impl FromPath for UserPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "user")?))
    }
}

async fn show(Visit { op, shell }: Visit, StrictPath(UserPath(name)): StrictPath<UserPath>) -> Result<Response, Failure> {
    page(&op, shell, StatusCode::OK, &name, &Form::default(), String::new(), None).await
}

async fn change(
    State(web): State<Web>,
    attempt: PasswordAttempt,
    StrictPath(UserPath(name)): StrictPath<UserPath>,
    headers: HeaderMap,
    SentForm { op, form }: SentForm,
) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    administrators(&op)?;
    let done = |says: String| see_saying(&web, &shell.at.user(&name), &says);
    let active = |active| ChangeUserRequest { active: Some(active), ..ChangeUserRequest::default() };
    let failure: Failure = match pressed(&form, &["save", "close", "reopen", "invite", "confirm"]) {
        Some("save") => match save(&op, &name, &form).await {
            Ok(user) => return done(format!("The account is saved.{}", stranded(&user.without_approver))),
            Err(error) => error.into(),
        },
        Some("close") => match users::change(&op, &name, active(false)).await {
            Ok(user) => {
                let says = "The account is closed. Its sessions, tokens and invitations have ended.";
                return done(format!("{says}{}", stranded(&user.without_approver)));
            }
            Err(error) => error.into(),
        },
        Some("reopen") => match users::change(&op, &name, active(true)).await {
            Ok(_) => {
                return done("The account is open again. Give out an invitation if its person needs a new password.".to_owned());
            }
            Err(error) => error.into(),
        },
        Some("invite") => match invitations::invite(&op, &name).await {
            Ok(Invited { invitation: code, expires_at, needs_confirmation, .. }) => {
                let invitation = Some(Invitation { code, expires_at, needs_confirmation });
                return page(&op, shell, StatusCode::OK, &name, &Form::default(), String::new(), invitation).await;
            }
            Err(error) => error.into(),
        },
        Some("confirm") => {
            let password = Some(form.get("password")).filter(|text| !text.is_empty()).map(|text| Password(text.to_owned()));
            let brings = password.is_some();
            let request = ConfirmInvitationRequest { password };
            match attempt.command(&op, brings, invitations::confirm(&op, &name, request)).await {
                Ok(_) => return done("You confirmed the invitation. Its link works now.".to_owned()),
                Err(failure) => failure,
            }
        }
        _ => return page(&op, shell, StatusCode::OK, &name, &form, String::new(), None).await,
    };
    let problem = sentence(&failure.error.message);
    // A page in answer to a form: 401 would be about the session.
    let status = match failure.error.code {
        Code::SignInFailed | Code::ReauthenticationRequired | Code::NoSecondAdministrator => StatusCode::UNPROCESSABLE_ENTITY,
        _ if failure.error.kind() == app::error::Kind::NotFound && form.get("go") == "confirm" => StatusCode::CONFLICT,
        _ => mendable(*failure.error)?.0,
    };
    page(&op, shell, status, &name, &form, problem, None).await
}

async fn save(op: &OpContext, name: &Name, form: &Form) -> Result<User, Error> {
    let display_name =
        form.get("display_name").trim().parse().map_err(|error| Error::invalid("display_name", format!("{error}")))?;
    let role = form.get("role").parse::<InstanceRole>().map_err(|_| Error::invalid("role", "choose a role"))?;
    let request =
        ChangeUserRequest { display_name: Some(display_name), email: Some(form.text("email")), role: Some(role), active: None };
    users::change(op, name, request).await
}

pub(super) async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    name: &Name,
    form: &Form,
    problem: String,
    invitation: Option<Invitation>,
) -> Result<Response, Failure> {
    administrators(op)?;
    let shell = shell.here("administration");
    let user = users::show(op, name).await?;
    let is_typed = ["save", "again"].contains(&form.get("go"));
    let typed = |field: &str, stored: String| if is_typed { form.get(field).to_owned() } else { stored };
    let page = UserPage {
        display_name: typed("display_name", user.display_name.to_string()),
        email: typed("email", user.email.clone().unwrap_or_default()),
        role: typed("role", user.role.to_string()),
        is_me: op.user()?.name == user.name,
        user,
        problem,
        invitation,
        shell: &shell,
    };
    page.shell.page(status, &page)
}

impl UserPage<'_> {
    fn roles(&self) -> &'static [InstanceRole] {
        InstanceRole::ALL
    }

    fn is_service(&self) -> bool {
        self.user.kind == AccountKind::Service
    }
}
