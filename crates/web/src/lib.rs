//! The HTTP faces. Requests are read strictly, handed to exactly one use case of `app`, and what that says is rendered; nothing is
//! decided here. See `api` for the REST API and `extract` for how its requests are read.

mod api;
mod client;
mod extract;
mod observe;
mod operations;
mod problem;
mod rate_limit;
mod reply;
mod request_id;
mod serve;
mod state;
mod stopping;
mod unasked;

pub use metrics_exporter_prometheus::PrometheusHandle;
pub use serve::serve;
pub use stopping::Stopping;

use axum::{Router, middleware, response::IntoResponse, routing::get};
use problem::Problem;
use state::Web;
use std::{any::Any, sync::Arc};
use tower_http::catch_panic::CatchPanicLayer;

/// What the operator chooses about HTTP.
#[derive(Clone)]
pub struct WebOptions {
    /// Requests a minute for each token; 0 is no limit.
    pub requests_per_minute: u32,
    /// Failed attempts to sign in a minute, for each client address and for each user name; 0 is no limit.
    pub sign_ins_per_minute: u32,
    /// The recorder behind `/metrics`; without one there are none.
    pub prometheus: Option<PrometheusHandle>,
    /// Whether a proxy in front writes `X-Forwarded-For`, so that its last entry is the client's address.
    pub trust_forwarded_for: bool,
    /// Tells waiting requests that the server stops.
    pub stopping: Stopping,
}

impl Default for WebOptions {
    fn default() -> Self {
        Self {
            requests_per_minute: 6000,
            sign_ins_per_minute: 10,
            prometheus: None,
            trust_forwarded_for: false,
            stopping: Stopping::default(),
        }
    }
}

/// All routes of a server.
pub fn router(server: Arc<app::Server>, options: WebOptions) -> Router {
    let web = Web::new(server, options);
    let (api, document) = api::routes().split_for_parts();
    let api = api.route_layer(middleware::from_fn_with_state(unasked::asking(&document), unasked::refuse));
    let routes = api.route("/health", get(operations::health)).route("/metrics", get(operations::metrics));
    around(routes, web)
}

/// What every route is wrapped in.
fn around(routes: Router<Web>, web: Web) -> Router {
    routes
        .fallback(operations::no_such_route)
        .method_not_allowed_fallback(operations::method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(web.clone(), observe::observe))
        .with_state(web)
}

/// The OpenAPI 3.1 document of the API, as pretty JSON.
pub fn openapi() -> String {
    api::openapi().to_owned()
}

/// A panic is a fault of this program, and like any other a problem for the client; what was begun is rolled back.
fn panicked(panic: Box<dyn Any + Send>) -> axum::response::Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let cause = std::io::Error::other(format!("panicked: {}", text.unwrap_or("without a message")));
    Problem::from(app::Error::internal(cause)).into_response()
}

#[cfg(test)]
mod tests;
