//! Around every request: its id, its span, its line in the log, its metrics, and the headers of every answer. Each request
//! passes here once, with or without a route.

use super::{
    Web,
    request_id::{self, RequestId},
};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use std::time::Instant;
use tracing::{Instrument, field::Empty};

const REQUESTS: &str = "countersign_http_requests_total";
const DURATION: &str = "countersign_http_request_duration_seconds";

/// Says what each metric means.
pub(crate) fn describe_metrics() {
    metrics::describe_counter!(REQUESTS, "Requests that were answered, by method, pattern of the path and status.");
    metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "How long the answers to requests took.");
}

/// The middleware.
pub(crate) async fn observe(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::choose(request.headers(), &web.server);
    request.extensions_mut().insert(id.clone());
    let method = method_name(request.method());
    // The pattern and not the path: a path may hold names, and the number of figures must stay bounded.
    let path = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", method, path, request = id.0, actor = Empty);

    let answering = async {
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let latency = started.elapsed();
        tracing::info!(status, latency_ms = latency.as_secs_f64() * 1000.0, "answered");
        metrics::counter!(REQUESTS, "method" => method, "path" => path.clone(), "status" => status.to_string()).increment(1);
        metrics::histogram!(DURATION, "method" => method, "path" => path.clone()).record(latency);
        secure(response.headers_mut(), web.urls.is_https());
        if let Ok(id) = HeaderValue::try_from(id.0) {
            response.headers_mut().insert(request_id::HEADER, id);
        }
        response
    };
    answering.instrument(span).await
}

/// A method as a label. Clients can invent methods; labels must not.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// Unless its face says otherwise, an answer is data: no browser may guess another type, run anything in it, frame it or store it.
fn secure(headers: &mut HeaderMap, is_https: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}
