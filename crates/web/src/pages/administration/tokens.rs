//! The tokens of service accounts. The server shows a token once, on the page that answers the form.

use super::access::administrators;
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, Web},
    pages::{
        buttons::{mendable, pressed},
        parts,
        project::with_query,
        shell::{Shell, Visit, see_saying},
        tokens::new_token,
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    error::Kind,
    people::{tokens, users},
    views::{List, NewToken, Token, User},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Name, TokenId, access::Scope};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::TOKENS, show).post(paths::TOKENS, change)
}

/// How many accounts, and how many tokens, are on a page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "administration/tokens.html")]
struct TokensPage<'a> {
    shell: &'a Shell,
    services: List<User>,
    tokens: List<Token>,
    at: At,
    problem: String,
    form: &'a Form,
    made: Option<NewToken>,
}

/// Which tokens the page lists.
#[derive(Default)]
struct At {
    /// Service accounts after this name.
    services: String,
    /// The service account whose tokens are listed.
    service: String,
    /// Its tokens after this one.
    after: String,
}

impl At {
    fn of(service: String) -> Self {
        Self { service, ..Self::default() }
    }
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let at = At { services: text("services"), service: text("service"), after: text("after") };
    page(&op, shell, StatusCode::OK, at, &Form::default(), String::new(), None).await
}

async fn change(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    administrators(&op)?;
    let service = form.get("service").trim().to_owned();
    let made = match pressed(&form, &["create", "end"]) {
        Some("create") => match new_token(&form, Some(&service)) {
            Ok(request) => tokens::create(&op, request).await,
            Err(error) => Err(error),
        },
        Some("end") => {
            let id: TokenId = form.get("token").parse().map_err(|_| Error::invalid("token", "this is not the id of a token"))?;
            tokens::revoke(&op, id).await?;
            let address = with_query(&shell.at.tokens(), &[("service", &service)]);
            return see_saying(&web, &address, "The token has ended.");
        }
        _ => return page(&op, shell, StatusCode::OK, At::default(), &form, String::new(), None).await,
    };
    match made {
        Ok(made) => page(&op, shell, StatusCode::OK, At::of(service), &Form::default(), String::new(), Some(made)).await,
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, At::default(), &form, problem, None).await
        }
    }
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    at: At,
    form: &Form,
    problem: String,
    made: Option<NewToken>,
) -> Result<Response, Failure> {
    administrators(op)?;
    let shell = shell.here("administration");
    let services = users::services(op, Page { after: at.services.clone(), limit: PAGE }).await?;
    let known = at.service.parse::<Name>().ok();
    let tokens = match known {
        Some(name) => match tokens::list(op, Some(&name), &Page { after: at.after.clone(), limit: PAGE }).await {
            Err(error) if error.kind() == Kind::NotFound => List { items: Vec::new(), next: None },
            listed => listed?,
        },
        None => List { items: Vec::new(), next: None },
    };
    shell.page(status, &TokensPage { shell: &shell, services, tokens, at, problem, form, made })
}

impl TokensPage<'_> {
    fn scopes(&self) -> &'static [Scope] {
        Scope::ALL
    }

    /// Whether a scope is ticked: as typed, else what pipelines need.
    fn is_ticked(&self, scope: &Scope) -> bool {
        match self.form.get("go") {
            "" => matches!(scope, Scope::Read | Scope::Register | Scope::Deploy | Scope::Gate),
            _ => self.form.all("scope").any(|word| word == scope.as_str()),
        }
    }

    /// The address of the page with these tokens of a service account.
    fn address(&self, services: &str, service: &str, after: &str) -> String {
        with_query(&self.shell.at.tokens(), &[("services", services), ("service", service), ("after", after)])
    }
}
