//! Serves the protocol on a listener, and passes each request to the module that answers it.

use super::{
    answer::{self, Answer, Failure, catch_panic},
    describe, infer,
    route::{self, About, Route},
    state::{ProtocolOptions, ProtocolState},
    statistics,
};
use hyper::{Method, Request, body::Incoming, service::service_fn};
use std::{convert::Infallible, io, sync::Arc};
use tokio::net::TcpListener;

/// Serves until `shutdown` is ready, then lets open requests finish, for 30 seconds at most.
///
/// # Errors
/// None once it runs; what fails with one connection ends that connection.
pub async fn serve(listener: TcpListener, options: ProtocolOptions, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let state = Arc::new(ProtocolState::new(options));
    let service = |_| {
        let state = state.clone();
        service_fn(move |request| {
            let state = state.clone();
            async move {
                let result = catch_panic(async { Ok(answer(&state, request).await) }).await;
                Ok::<_, Infallible>(result.unwrap_or_else(Failure::into_answer))
            }
        })
    };
    listener::serve(listener, None, service, shutdown).await
}

async fn answer(state: &ProtocolState, request: Request<Incoming>) -> Answer {
    // A copy, because the request is passed on while the route borrows the path. Copying an address copies a reference.
    let uri = request.uri().clone();
    let result = match route::route(uri.path()) {
        None => Err(Failure::unknown("there is nothing at this address: see /v2")),
        Some(Route::Model(name, version, About::Infer)) => match *request.method() {
            Method::POST => return infer::infer(state, request, &name, version.as_deref()).await,
            _ => Err(Failure::method("POST")),
        },
        Some(Route::LoadOrUnload) if request.method() == Method::POST => Err(describe::load_or_unload()),
        Some(Route::LoadOrUnload) => Err(Failure::method("POST")),
        Some(Route::Index) => match *request.method() {
            Method::GET | Method::HEAD | Method::POST => describe::index(state, request).await,
            _ => Err(Failure::method("GET, HEAD, POST")),
        },
        Some(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => Err(Failure::method("GET, HEAD")),
        Some(Route::Server) => Ok(describe::server(state)),
        Some(Route::Live) => Ok(describe::live()),
        Some(Route::Ready) => Ok(describe::ready(state)),
        Some(Route::Health) => Ok(describe::health(state)),
        Some(Route::Metrics) => Ok(answer::text(state.metrics_text())),
        Some(Route::Model(name, version, About::Metadata)) => describe::metadata(state, &name, version.as_deref()),
        Some(Route::Model(name, version, About::Ready)) => describe::model_ready(state, &name, version.as_deref()),
        Some(Route::Model(name, version, About::Statistics)) => statistics::of_model(state, &name, version.as_deref()),
        Some(Route::AllStatistics) => statistics::of_all(state),
        Some(Route::Model(name, version, About::Config)) => describe::config(state, &name, version.as_deref()),
    };
    result.unwrap_or_else(Failure::into_answer)
}
