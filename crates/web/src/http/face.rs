//! A face: one way to talk to the server, for one kind of client. The API is a face; the pages are another.

use super::{Failure, RequestId, Routes, Web, compress, host, observe};
use app::{Error, error::Code};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use domain::NextStep;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// What a face brings. Its handlers ask for their credentials themselves, with an extractor of [`crate::auth`].
pub(crate) struct Face {
    /// What it answers.
    pub(crate) routes: Routes,
    /// How its failures read.
    pub(crate) failures: FailureForm,
    /// The Content-Security-Policy of its answers: what a browser may do with them.
    pub(crate) content_security_policy: &'static str,
}

/// Puts a failure into words: adds body and headers to an answer that has the status already.
pub(crate) type FailureForm = fn(&Failure, asked: &Asked, answer: Response) -> Response;

/// What a failed request asked, as far as the form of a failure may depend on it.
pub(crate) struct Asked {
    /// The id of the request.
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// Whether the client would rather read a page than data, as browsers say.
    pub(crate) wants_page: bool,
    /// The cookies.
    pub(crate) cookies: Option<HeaderValue>,
    pub(crate) web: Web,
}

impl Asked {
    fn of(request: &Request, web: Web) -> Self {
        let id = request.extensions().get::<RequestId>().map(|RequestId(id)| id.clone()).unwrap_or_default();
        let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            id,
            method: request.method().clone(),
            uri: request.uri().clone(),
            wants_page: accepted.contains("text/html"),
            cookies: request.headers().get(header::COOKIE).cloned(),
            web,
        }
    }
}

/// The router of all faces. `elsewhere` is the form of failures where no face has a route.
pub(crate) fn router(faces: Vec<Face>, elsewhere: FailureForm, web: Web) -> Router {
    let faces = faces.into_iter().map(|face| face.into_router(&web));
    faces
        .fold(Router::new(), Router::merge)
        .fallback(no_such_route)
        .layer(middleware::from_fn_with_state((elsewhere, web.clone()), write_failure))
        .layer(middleware::from_fn(compress::compress))
        .layer(middleware::from_fn_with_state(web.clone(), observe::observe))
        .with_state(web)
}

impl Face {
    fn into_router(self, web: &Web) -> Router<Web> {
        self.routes
            .into_router()
            .method_not_allowed_fallback(method_not_allowed)
            .layer(middleware::from_fn(host::require))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn_with_state((self.failures, web.clone()), write_failure))
            .layer(middleware::map_response_with_state(self.content_security_policy, secure))
    }
}

async fn write_failure(State((form, web)): State<(FailureForm, Web)>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request, web);
    let mut answer = next.run(request).await;
    match Failure::take_from(&mut answer) {
        Some(failure) => form(&failure, &asked, answer),
        None => answer,
    }
}

async fn secure(State(policy): State<&'static str>, mut answer: Response) -> Response {
    // A page that needs another policy brings it.
    answer.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    answer
}

/// No route has this path.
async fn no_such_route() -> Failure {
    Error::new(Code::NoSuchRoute, "there is nothing at this address").next(NextStep::CheckAddress).into()
}

/// A route has this path, but not for this method; `Allow` says for which.
async fn method_not_allowed() -> Failure {
    Error::new(Code::MethodNotAllowed, "this address does not take that method").next(NextStep::UseAllowedMethod).into()
}

/// A panic is a fault of this program, and reads like any other fault; what was begun is rolled back.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let cause = format!("panicked: {}", text.unwrap_or("without a message"));
    Failure::from(Error::internal(cause)).into_response()
}
