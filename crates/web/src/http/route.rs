//! One route of a face.

use axum::http::Method;

/// A route that the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method. GET answers HEAD as well.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: String,
    /// Whether the OpenAPI document describes the route.
    pub published: bool,
    /// Whether a query is let through to the handler.
    pub(crate) takes_query: bool,
}
