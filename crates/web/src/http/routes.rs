//! The routes of a face, and the list of them. A route can be added only here, so the list is what the router serves. The
//! authorization test walks the list, and fails for a route of any face without a row in its table.

use super::{Web, route::Route, unexpected_query};
use axum::{
    Router,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, on},
};
use std::sync::Arc;
use utoipa::openapi::{
    OpenApi, PathItem, RefOr,
    path::{Operation, ParameterIn},
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Routes with the list of them.
pub(crate) struct Routes {
    router: OpenApiRouter<Web>,
    list: Vec<Route>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self { router: OpenApiRouter::new(), list: Vec::new() }
    }

    /// Routes whose document begins with this.
    pub(crate) fn with_document(document: OpenApi) -> Self {
        Self { router: OpenApiRouter::with_openapi(document), list: Vec::new() }
    }

    /// Adds the handlers of one path with their entries in the document, as `routes!` gives them. A query that the entry does not
    /// describe is refused.
    pub(crate) fn publish(mut self, handlers: UtoipaMethodRouter<Web>) -> Self {
        for (path, item) in &handlers.1.paths {
            let operations = operations(item).filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
            self.list.extend(operations.map(|(method, operation)| Route {
                method,
                path: path.clone(),
                published: true,
                takes_query: takes_query(operation),
            }));
        }
        Self { router: self.router.routes(handlers), ..self }
    }

    /// Adds a handler of GET that the document does not describe.
    pub(crate) fn get<H: Handler<T, Web>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.list.push(Route { method: Method::GET, path: path.to_owned(), published: false, takes_query: true });
        Self { router: self.router.route(path, on(MethodFilter::GET, handler)), ..self }
    }

    /// Adds a handler of POST that the document does not describe.
    pub(crate) fn post<H: Handler<T, Web>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.list.push(Route { method: Method::POST, path: path.to_owned(), published: false, takes_query: true });
        Self { router: self.router.route(path, on(MethodFilter::POST, handler)), ..self }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        Self { router: self.router.merge(other.router), ..self }
    }

    pub(crate) fn list(&self) -> &[Route] {
        &self.list
    }

    pub(crate) fn into_document(self) -> OpenApi {
        self.router.into_openapi()
    }

    pub(super) fn into_router(self) -> Router<Web> {
        let (router, _) = self.router.split_for_parts();
        router.route_layer(middleware::from_fn_with_state(Arc::from(self.list), unexpected_query::refuse))
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Option<Operation>)> {
    [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
}

fn takes_query(operation: &Operation) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => false,
    })
}
