//! The HTTP faces. A face reads a request strictly, calls one use case of `app`, and renders the result. Nothing is decided
//! here.
//!
//! - `http` is what every face builds on: connections, request ids, rate limits, headers, strict readers. `http` knows no face.
//! - `auth` turns credentials into the caller of a use case.
//! - `urls` alone writes paths and addresses.
//! - `api` (JSON, for programs) and `pages` (for people) are the faces.
//!
//! A face is a folder and one line in [`faces`]. The folder brings a [`http::Face`]: its routes, the form of its failures, and what a browser
//! may do with its answers; its handlers take the credentials of its readers with extractors of `auth`. Its paths are in `urls`.
//! No face imports another, so that each can change or go alone. Tests hold these rules: `tests/src/faces.rs`, and `links.rs` beside it.

mod api;
mod auth;
mod http;
mod pages;
mod urls;

pub use crate::http::{Catcher, Demo, Persona, Route, Shutdown, TourPage, TourStep, WebOptions, serve};
pub use listener::{Tls, TlsError};
pub use metrics_exporter_prometheus::PrometheusHandle;
pub use urls::Urls;

use crate::http::{Asked, Face, Failure, Web};
use axum::{Router, response::Response};
use std::sync::Arc;

/// The faces of a server; those of a demo have a few routes more.
fn faces(is_demo: bool) -> Vec<Face> {
    vec![api::face(), pages::face(is_demo)]
}

/// The router of a server, with the routes of all faces.
pub fn router(server: Arc<app::Server>, options: WebOptions) -> Router {
    http::router(faces(options.demo.is_some()), write_elsewhere, Web::new(server, options))
}

/// The router of a listener of its own for operators' programs: health and metrics, for everybody who reaches it.
pub fn inside_router(server: Arc<app::Server>, options: WebOptions) -> Router {
    api::inside(Web::new(server, options))
}

/// Says what each metric of requests means.
pub fn describe_metrics() {
    http::describe_metrics();
}

/// Where no face has a route: a page for people, a problem for programs.
fn write_elsewhere(failure: &Failure, asked: &Asked, answer: Response) -> Response {
    let form = if asked.wants_page { pages::write_failure } else { api::write_problem };
    form(failure, asked, answer)
}

/// Every route that [`router`] answers, published or not, as the router itself was told. The routes of the demo are among them, which no
/// other server has.
pub fn routes() -> Vec<Route> {
    faces(true).iter().flat_map(|face| face.routes.list()).cloned().collect()
}

/// The OpenAPI 3.1 document of the API, as pretty JSON.
pub fn openapi() -> String {
    api::openapi().to_owned()
}

#[cfg(test)]
mod tests;
