//! The accounts, and the form that invites a person. The link of an invitation is shown once.

use super::{access::administrators, user};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, Web},
    pages::{
        buttons::{mendable, pressed},
        parts,
        shell::{Shell, Visit},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    people::users,
    views::{CreateUserRequest, Invited, User},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::people::{AccountKind, InstanceRole};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::USERS, show).post(paths::USERS, invite)
}

#[derive(Template)]
#[template(path = "administration/users.html")]
struct UsersPage<'a> {
    shell: &'a Shell,
    items: Vec<User>,
    later: bool,
    next: Option<String>,
    problem: String,
    form: &'a Form,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let after = query.get("after").cloned().unwrap_or_default();
    page(&op, shell, StatusCode::OK, after, &Form::default(), String::new()).await
}

async fn invite(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    administrators(&op)?;
    if pressed(&form, &["invite"]).is_none() {
        return page(&op, shell, StatusCode::OK, String::new(), &form, String::new()).await;
    }
    let made = match request(&form) {
        Ok(request) => users::create(&op, request).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(Invited { user, invitation, expires_at, needs_confirmation }) => {
            let invitation = user::Invitation { code: invitation, expires_at, needs_confirmation };
            user::page(&op, shell, StatusCode::OK, &user.name, &Form::default(), String::new(), Some(invitation)).await
        }
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, String::new(), &form, problem).await
        }
    }
}

fn request(form: &Form) -> Result<CreateUserRequest, Error> {
    let name = form.get("name").trim().parse().map_err(|error| Error::invalid("name", format!("{error}")))?;
    let display_name =
        form.get("display_name").trim().parse().map_err(|error| Error::invalid("display_name", format!("{error}")))?;
    let role = form.get("role").parse::<InstanceRole>().map_err(|_| Error::invalid("role", "choose a role"))?;
    Ok(CreateUserRequest { name, display_name, email: form.text("email"), role: Some(role) })
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    after: String,
    form: &Form,
    problem: String,
) -> Result<Response, Failure> {
    administrators(op)?;
    let shell = shell.here("administration");
    let later = !after.is_empty();
    let list = users::list(op, Page { after, limit: 50 }).await?;
    shell.page(status, &UsersPage { shell: &shell, items: list.items, later, next: list.next, problem, form })
}

impl UsersPage<'_> {
    fn roles(&self) -> &'static [InstanceRole] {
        InstanceRole::ALL
    }

    fn is_typed(&self, role: &InstanceRole) -> bool {
        let typed = self.form.get("role");
        if typed.is_empty() { *role == InstanceRole::User } else { role.as_str() == typed }
    }

    fn is_service(&self, user: &User) -> bool {
        user.kind == AccountKind::Service
    }

    fn page_from(&self, after: &str) -> String {
        crate::pages::project::with_query(&self.shell.at.users(), &[("after", after)])
    }
}
