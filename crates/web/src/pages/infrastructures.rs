//! The infrastructures: those with a deployment out of policy first. An administrator creates one, and chooses its policy, which has no
//! default.

use super::{
    failures::sentence,
    parts,
    shell::{Shell, Visit, see_saying},
};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, Web},
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    error::Kind,
    infrastructures::{self, overview},
    views::{CreateInfrastructureRequest, InfrastructureList},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Name, infrastructure::OnLapse};
use std::{collections::HashMap, fmt::Display, str::FromStr};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::INFRASTRUCTURES, list).post(paths::INFRASTRUCTURES, create)
}

#[derive(Template)]
#[template(path = "infrastructures.html")]
struct InfrastructuresPage<'a> {
    shell: &'a Shell,
    list: InfrastructureList,
    /// Whether this is a later page of the list.
    later: bool,
    may_create: bool,
    draft: Draft,
}

/// The form for a new infrastructure, as typed.
#[derive(Default)]
struct Draft {
    is_open: bool,
    name: String,
    stage: String,
    policy: String,
    on_lapse: String,
    projects: String,
    independent: bool,
    permit: String,
    /// What is wrong, as a sentence, and the field that is wrong.
    problem: String,
    field: String,
}

impl Draft {
    fn sent(form: &Form) -> Self {
        let text = |name: &str| form.get(name).trim().to_owned();
        Self {
            is_open: true,
            name: text("name"),
            stage: text("stage"),
            policy: text("policy"),
            on_lapse: text("on_lapse"),
            projects: text("projects"),
            independent: !form.get("independent").is_empty(),
            permit: text("permit_valid_for"),
            ..Self::default()
        }
    }

    fn request(&self) -> Result<CreateInfrastructureRequest, Error> {
        if self.policy.is_empty() {
            return Err(Error::invalid("/policy", "choose one of the three policies: there is no default"));
        }
        let projects: Result<Vec<Name>, Error> = names(&self.projects).map(|name| read("/projects", name)).collect();
        let projects = projects?;
        Ok(CreateInfrastructureRequest {
            name: read("/name", &self.name)?,
            stage: read("/stage", &self.stage)?,
            policy: read("/policy", &self.policy)?,
            on_lapse: match self.on_lapse.as_str() {
                "" => None,
                chosen => Some(read::<OnLapse>("/on_lapse", chosen)?),
            },
            projects: (!projects.is_empty()).then_some(projects),
            independent_approval: self.independent,
            permit_valid_for: match self.permit.as_str() {
                "" => None,
                length => Some(read("/permit_valid_for", length)?),
            },
        })
    }

    /// Whether what is wrong is in this field.
    fn is_wrong(&self, field: &str) -> bool {
        self.field.trim_start_matches('/').split('/').next() == Some(field)
    }

    fn chose(&self, policy: &str) -> bool {
        self.policy == policy
    }
}

/// The names in a field in which people separate them by commas or spaces.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n', '\r', '\t']).filter(|name| !name.is_empty())
}

/// A value of a form.
///
/// # Errors
/// What the value should be, in the domain's words.
pub(super) fn read<T: FromStr<Err: Display>>(field: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|error: T::Err| Error::invalid(field, error.to_string()))
}

async fn list(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let after = query.get("after").map(String::as_str).unwrap_or_default();
    page(&op, shell, StatusCode::OK, after, Draft::default()).await
}

async fn create(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let draft = Draft::sent(&form);
    if form.get("go") != "create" {
        return page(&op, shell, StatusCode::OK, "", draft).await;
    }
    let made = match draft.request() {
        Ok(request) => infrastructures::create(&op, request).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => {
            let says = format!("You created {}. Its policy is {}.", made.name, made.policy);
            see_saying(&web, &shell.at.infrastructure(&made.name), &says)
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::NotFound | Kind::Conflict) && !error.fields.is_empty() => {
            let field = error.fields.first().map(|field| field.pointer.clone()).unwrap_or_default();
            let draft = Draft { problem: sentence(&error.message), field, ..draft };
            page(&op, shell, StatusCode::UNPROCESSABLE_ENTITY, "", draft).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(op: &OpContext, shell: Shell, status: StatusCode, after: &str, draft: Draft) -> Result<Response, Failure> {
    let shell = shell.here("infrastructures");
    let list = overview::list(op, after).await?;
    let (later, may_create) = (!after.is_empty(), overview::may_create(op));
    shell.page(status, &InfrastructuresPage { shell: &shell, list, later, may_create, draft })
}
