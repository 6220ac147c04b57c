//! A query on a route without parameters is an error, like an unknown parameter elsewhere: its sender expects an effect.

use crate::problem::Problem;
use app::Error;
use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{collections::HashSet, sync::Arc};
use utoipa::openapi::{OpenApi, PathItem, RefOr, path::ParameterIn};

/// The routes that take a query, by method and path as the document names them.
pub(crate) type Asking = Arc<HashSet<(Method, String)>>;

/// Reads them from the document.
pub(crate) fn asking(document: &OpenApi) -> Asking {
    let of_item = |(path, item): (&String, &PathItem)| {
        let operations = [
            (Method::GET, &item.get),
            (Method::PUT, &item.put),
            (Method::POST, &item.post),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ];
        let asks = operations.into_iter().filter(|(_, operation)| {
            let parameters = operation.iter().flat_map(|operation| operation.parameters.iter().flatten());
            parameters.into_iter().any(|parameter| match parameter {
                RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
                RefOr::Ref(_) => false,
            })
        });
        asks.map(|(method, _)| (method, path.clone())).collect::<Vec<_>>()
    };
    Arc::new(document.paths.paths.iter().flat_map(of_item).collect())
}

/// Refuses a query where none is taken.
pub(crate) async fn refuse(State(asking): State<Asking>, path: MatchedPath, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    // axum answers HEAD by what answers GET.
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    if query.is_empty() || asking.contains(&(method, path.as_str().to_owned())) {
        return next.run(request).await;
    }
    let parameter = query.split(['=', '&']).next().unwrap_or_default().escape_debug().to_string();
    let message = format!("in the query: unknown field `{parameter}`: this address takes no parameters");
    Problem::from(Error::invalid(parameter, message)).into_response()
}
