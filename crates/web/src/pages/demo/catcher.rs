//! Where the demo's webhook leads: a receiver as one's own would be, which checks the signature and shows what it got.

use super::visitor::{OnThisMachine, shell};
use crate::{
    http::{Caught, Failure, Routes, Web},
    pages::{
        parts,
        shell::{Shell, Visit},
    },
    urls::pages as paths,
};
use app::Error;
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::PoisonError;

/// How many deliveries are kept.
const MOST: usize = 100;

/// Bytes of a delivery.
const LONGEST: usize = 64 << 10;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::CATCHER, show).post(paths::CATCHER, catch)
}

#[derive(Template)]
#[template(path = "demo/webhook.html")]
struct CatcherPage<'a> {
    shell: &'a Shell,
    caught: Vec<Shown>,
}

/// A delivery as the page shows it.
struct Shown {
    caught: Caught,
    /// The type of the CloudEvent, and what it is about.
    kind: String,
    subject: String,
    /// The body with line breaks.
    body: String,
}

async fn show(
    State(web): State<Web>,
    _: OnThisMachine,
    headers: HeaderMap,
    visit: Result<Visit, Failure>,
) -> Result<Response, Failure> {
    let shell = shell(&web, &headers, visit);
    let demo = web.options.demo.as_deref().ok_or_else(|| Error::not_found("demo", ""))?;
    let caught = demo.catcher.caught.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().map(shown).collect();
    shell.page(StatusCode::OK, &CatcherPage { shell: &shell, caught })
}

fn shown(caught: Caught) -> Shown {
    let event: serde_json::Value = serde_json::from_str(&caught.body).unwrap_or_default();
    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    let body = serde_json::to_string_pretty(&event).unwrap_or_default();
    Shown { kind: text("type"), subject: text("subject"), body, caught }
}

/// Takes a delivery, as any receiver does: no page sends it, and nobody is signed in.
async fn catch(State(web): State<Web>, _: OnThisMachine, headers: HeaderMap, body: String) -> Result<Response, Failure> {
    let demo = web.options.demo.as_deref().ok_or_else(|| Error::not_found("demo", ""))?;
    if body.len() > LONGEST {
        return Err(Error::invalid("", format!("a delivery has {LONGEST} bytes at most")).into());
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, time, signatures) = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
    let secret = demo.catcher.secret.as_deref();
    let is_signed = secret.is_some_and(|secret| (demo.catcher.is_signed)(secret, id, time, signatures, &body));
    let caught = Caught { at: web.server.now(), id: id.to_owned(), is_signed, body };
    let mut all = demo.catcher.caught.lock().unwrap_or_else(PoisonError::into_inner);
    // The same delivery once more, because the answer was lost: a receiver knows it by its id.
    all.retain(|known| known.id != caught.id);
    all.push_front(caught);
    all.truncate(MOST);
    Ok(axum::response::IntoResponse::into_response(StatusCode::NO_CONTENT))
}
