//! Webhooks: the list with a form for another one, and the page of one with what became of each call.

mod one;
mod words;

use super::{
    buttons::{mendable, pressed},
    parts,
    project::with_query,
    shell::{Shell, Visit},
};
use crate::{
    auth::SentForm,
    http::{Failure, Form, Routes, Web},
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    views::{CreateWebhookRequest, List, Webhook, WebhookState, WebhookWithSecret},
    webhooks,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Name, access::Action, webhook::WebhookKind};
use std::collections::HashMap;
use words::{kind, told_of, topics};

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::WEBHOOKS, show).post(paths::WEBHOOKS, create).merge(one::routes())
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage<'a> {
    shell: &'a Shell,
    /// The project whose webhooks are listed; none for all.
    project: Option<Name>,
    list: List<Webhook>,
    /// Whether this is a later page of the list.
    later: bool,
    /// Whether who looks may make one.
    may_create: bool,
    form: &'a Form,
    problem: String,
    made: Option<WebhookWithSecret>,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let text = |name: &str| query.get(name).map_or("", String::as_str);
    page(&op, shell, StatusCode::OK, (text("project"), text("after")), &Form::default(), String::new(), None).await
}

async fn create(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let project = form.get("project").to_owned();
    if pressed(&form, &["create"]).is_none() {
        return page(&op, shell, StatusCode::OK, (&project, ""), &form, String::new(), None).await;
    }
    let made = match request(&form) {
        Ok(request) => webhooks::create(&op, request).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => page(&op, shell, StatusCode::OK, (&project, ""), &Form::default(), String::new(), Some(made)).await,
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, (&project, ""), &form, problem, None).await
        }
    }
}

fn request(form: &Form) -> Result<CreateWebhookRequest, Error> {
    let name = form.get("name").trim().parse::<Name>().map_err(|error| Error::invalid("name", error.to_string()))?;
    let kind = form.get("kind").parse().map_err(|error: String| Error::invalid("kind", error))?;
    let project = project(form.get("project"))?;
    let topics = form.all("topic").map(str::to_owned).collect();
    Ok(CreateWebhookRequest { name, kind, url: form.get("url").trim().to_owned(), project, topics })
}

fn project(text: &str) -> Result<Option<Name>, Error> {
    Some(text).filter(|text| !text.is_empty()).map(str::parse).transpose().map_err(|_| Error::not_found("project", text))
}

async fn page(
    op: &OpContext,
    shell: Shell,
    status: StatusCode,
    (of, after): (&str, &str),
    form: &Form,
    problem: String,
    made: Option<WebhookWithSecret>,
) -> Result<Response, Failure> {
    let project = project(of)?;
    let shell = shell.here(if project.is_some() { "projects" } else { "administration" });
    let list = webhooks::list(op, project.as_ref(), &Page { after: after.to_owned(), limit: 50 }).await?;
    let later = !after.is_empty();
    let may_create = match &project {
        Some(project) => app::projects::overview::show(op, project).await?.may_manage,
        None => op.allow(Action::KeepWebhooks).is_ok(),
    };
    shell.page(status, &WebhooksPage { shell: &shell, project, list, later, may_create, form, problem, made })
}

impl WebhooksPage<'_> {
    fn topics(&self) -> Vec<(&'static str, String)> {
        topics().collect()
    }

    /// The address of the list; with a name: of the page after it.
    fn page_from(&self, after: &str) -> String {
        let project = self.project.as_ref().map_or("", Name::as_str);
        with_query(&self.shell.at.webhooks(), &[("project", project), ("after", after)])
    }

    fn kinds(&self) -> &'static [WebhookKind] {
        WebhookKind::ALL
    }

    fn kind(&self, one: &WebhookKind) -> &'static str {
        kind(one)
    }

    fn told_of(&self, webhook: &Webhook) -> String {
        told_of(webhook)
    }

    fn is_ticked(&self, topic: &str) -> bool {
        self.form.all("topic").any(|word| word == topic)
    }

    fn is_chosen(&self, one: &WebhookKind) -> bool {
        match self.form.get("kind") {
            "" => *one == WebhookKind::Standard,
            word => one.as_str() == word,
        }
    }
}
