//! A query on a route without parameters is an error, like an unknown parameter elsewhere: its sender expects an effect.

use super::{Failure, one_line::one_line, route::Route};
use app::Error;
use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Refuses a query where none is taken.
pub(super) async fn refuse(State(routes): State<Arc<[Route]>>, path: MatchedPath, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    // axum answers HEAD by what answers GET.
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let is_this = |route: &&Route| route.method == method && route.path == path.as_str();
    if query.is_empty() || routes.iter().find(is_this).is_none_or(|route| route.takes_query) {
        return next.run(request).await;
    }
    let parameter = one_line(query.split(['=', '&']).next().unwrap_or_default());
    let message = format!("in the query: unknown field `{parameter}`: this address takes no parameters");
    Failure::from(Error::invalid(parameter, message)).into_response()
}
