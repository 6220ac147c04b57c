//! One webhook: its state, its deliveries with what was sent and answered, and what its keepers do with it.

use super::words::{kind, told_of, topics};
use crate::{
    auth::SentForm,
    http::{Failure, Form, FromPath, Routes, StrictPath, Web, parameter},
    pages::{
        buttons::{mendable, pressed},
        parts,
        project::with_query,
        shell::{Shell, Visit, see_saying},
    },
    urls::pages as paths,
};
use app::{
    Error, OpContext, Page,
    views::{ChangeWebhookRequest, Delivery, List, MessageState, Webhook, WebhookState, WebhookWithSecret},
    webhooks,
};
use askama::Template;
use axum::{
    extract::{Query, RawPathParams, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{DeliveryId, Name};
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::WEBHOOK, show).post(paths::WEBHOOK, change)
}

struct WebhookPath(Name);

impl FromPath for WebhookPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "webhook")?))
    }
}

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookPage<'a> {
    shell: &'a Shell,
    webhook: Webhook,
    may_change: bool,
    state: Option<MessageState>,
    list: List<Delivery>,
    problem: String,
    made: Option<WebhookWithSecret>,
}

/// What the page shows.
#[derive(Default)]
struct Shown {
    state: Option<MessageState>,
    after: String,
    problem: String,
    made: Option<WebhookWithSecret>,
}

async fn show(
    Visit { op, shell }: Visit,
    StrictPath(WebhookPath(name)): StrictPath<WebhookPath>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Failure> {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let shown = Shown { state: text("state").parse().ok(), after: text("after"), ..Shown::default() };
    page(&op, shell, StatusCode::OK, &name, shown).await
}

async fn change(
    State(web): State<Web>,
    StrictPath(WebhookPath(name)): StrictPath<WebhookPath>,
    headers: HeaderMap,
    SentForm { op, form }: SentForm,
) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let here = shell.at.webhook(&name);
    let done = match pressed(&form, &["test", "rotate", "enable", "disable", "save", "redeliver", "remove"]) {
        Some("test") => webhooks::test(&op, &name).await.map(|_| "The test goes out. Look here again in a moment."),
        Some("rotate") => match webhooks::rotate(&op, &name).await {
            Ok(made) => {
                return page(&op, shell, StatusCode::OK, &name, Shown { made: Some(made), ..Shown::default() }).await;
            }
            Err(error) => Err(error),
        },
        Some("enable") => set(&op, &name, true).await.map(|()| "The server calls the webhook again."),
        Some("disable") => set(&op, &name, false).await.map(|()| "The server does not call the webhook any more."),
        Some("save") => save(&op, &name, &form).await.map(|()| "Saved."),
        Some("redeliver") => redeliver(&op, &name, form.get("delivery")).await.map(|()| "The delivery goes out once more."),
        Some("remove") if form.get("name").trim() == name.as_str() => {
            let project = webhooks::show(&op, &name).await?.project;
            webhooks::remove(&op, &name).await?;
            let list = project.map_or_else(|| shell.at.webhooks(), |project| shell.at.webhooks_of(&project));
            return see_saying(&web, &list, &format!("The webhook {name} is removed."));
        }
        Some(_) => Err(Error::invalid("name", "type the name of the webhook to remove it")),
        None => return page(&op, shell, StatusCode::OK, &name, Shown::default()).await,
    };
    match done {
        Ok(words) => see_saying(&web, &here, words),
        Err(error) => {
            let (status, problem) = mendable(error)?;
            page(&op, shell, status, &name, Shown { problem, ..Shown::default() }).await
        }
    }
}

async fn set(op: &OpContext, name: &Name, enabled: bool) -> Result<(), Error> {
    let request = ChangeWebhookRequest { enabled: Some(enabled), ..ChangeWebhookRequest::default() };
    webhooks::change(op, name, request).await.map(|_| ())
}

/// Saves the topics, and the address where another one was typed.
async fn save(op: &OpContext, name: &Name, form: &Form) -> Result<(), Error> {
    let url = Some(form.get("url").trim().to_owned()).filter(|url| !url.is_empty());
    let topics = Some(form.all("topic").map(str::to_owned).collect());
    webhooks::change(op, name, ChangeWebhookRequest { url, topics, enabled: None }).await.map(|_| ())
}

async fn redeliver(op: &OpContext, name: &Name, delivery: &str) -> Result<(), Error> {
    let id: DeliveryId = delivery.parse().map_err(|_| Error::invalid("delivery", "this is not the id of a delivery"))?;
    webhooks::redeliver(op, name, id).await.map(|_| ())
}

async fn page(op: &OpContext, shell: Shell, status: StatusCode, name: &Name, shown: Shown) -> Result<Response, Failure> {
    let Shown { state, after, problem, made } = shown;
    let webhook = webhooks::show(op, name).await?;
    let shell = shell.here(if webhook.project.is_some() { "projects" } else { "administration" });
    let may_change = webhooks::may_change(op, name).await?;
    let list = webhooks::deliveries(op, name, state, &Page { after, limit: 25 }).await?;
    shell.page(status, &WebhookPage { shell: &shell, webhook, may_change, state, list, problem, made })
}

impl WebhookPage<'_> {
    fn kind(&self) -> &'static str {
        kind(&self.webhook.kind)
    }

    fn told_of(&self) -> String {
        told_of(&self.webhook)
    }

    fn topics(&self) -> Vec<(&'static str, String)> {
        topics().collect()
    }

    fn is_ticked(&self, topic: &str) -> bool {
        self.webhook.topics.iter().any(|word| word == topic)
    }

    fn is_program(&self) -> bool {
        !self.webhook.kind.has_secret_address()
    }

    fn here(&self) -> String {
        self.shell.at.webhook(&self.webhook.name)
    }

    fn command(&self) -> String {
        format!("countersign webhook deliveries {}", self.webhook.name)
    }

    fn states(&self) -> [(Option<MessageState>, &'static str); 4] {
        let [waiting, sent, failed] = MessageState::ALL;
        [(None, "All"), (Some(waiting), "Waiting"), (Some(sent), "Taken"), (Some(failed), "Given up")]
    }

    fn shows(&self, state: &Option<MessageState>) -> bool {
        *state == self.state
    }

    fn in_state(&self, state: &Option<MessageState>) -> String {
        with_query(&self.here(), &[("state", state.map_or("", MessageState::as_str))])
    }

    fn next_page(&self, next: &str) -> String {
        with_query(&self.here(), &[("state", self.state.map_or("", MessageState::as_str)), ("after", next)])
    }

    fn topic(&self, delivery: &Delivery) -> String {
        delivery.topic.replace('_', " ")
    }

    fn is(&self, delivery: &Delivery, state: &str) -> bool {
        delivery.state.as_str() == state
    }

    fn attempts(&self, delivery: &Delivery) -> String {
        parts::count(delivery.attempts as usize, "attempt")
    }

    /// What was sent, over several lines.
    fn request(&self, delivery: &Delivery) -> String {
        let text = delivery.request.as_deref().unwrap_or_default();
        let parsed = serde_json::from_str::<serde_json::Value>(text).ok();
        parsed.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
    }
}
