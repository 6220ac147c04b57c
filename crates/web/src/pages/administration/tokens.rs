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
        tokens::{every_token, new_token},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    people::{tokens, users},
    views::{NewToken, Token, User},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Name, TokenId, access::Scope, people::AccountKind};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::TOKENS, show).post(paths::TOKENS, change)
}

/// The most accounts that are searched for service accounts.
const SEARCHED: usize = 2_000;

#[derive(Template)]
#[template(path = "administration/tokens.html")]
struct TokensPage<'a> {
    shell: &'a Shell,
    services: Vec<User>,
    /// The service account whose tokens are listed.
    service: String,
    tokens: Vec<Token>,
    problem: String,
    form: &'a Form,
    made: Option<NewToken>,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let service = query.get("service").cloned().unwrap_or_default();
    page(&op, shell, StatusCode::OK, service, &Form::default(), String::new(), None).await
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
        _ => return page(&op, shell, StatusCode::OK, String::new(), &form, String::new(), None).await,
    };
    match made {
        Ok(made) => page(&op, shell, StatusCode::OK, service, &Form::default(), String::new(), Some(made)).await,
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, String::new(), &form, problem, None).await
        }
    }
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    service: String,
    form: &Form,
    problem: String,
    made: Option<NewToken>,
) -> Result<Response, Failure> {
    administrators(op)?;
    let shell = shell.here("administration");
    let services = services(op).await?;
    let known = services.iter().find(|known| known.name.as_str() == service);
    let tokens = match known {
        Some(service) => every_token(op, Some(&service.name)).await?,
        None => Vec::new(),
    };
    shell.page(status, &TokensPage { shell: &shell, services, service, tokens, problem, form, made })
}

async fn services(op: &OpContext) -> Result<Vec<User>, Error> {
    let (mut services, mut after, mut seen) = (Vec::new(), String::new(), 0);
    loop {
        let page = users::list(op, Page { after, limit: 200 }).await?;
        seen += page.items.len();
        services.extend(page.items.into_iter().filter(|user| user.kind == AccountKind::Service));
        match page.next.filter(|_| seen < SEARCHED) {
            Some(next) => after = next,
            None => return Ok(services),
        }
    }
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

    fn of_service(&self, name: &Name) -> String {
        with_query(&self.shell.at.tokens(), &[("service", name.as_str())])
    }
}
