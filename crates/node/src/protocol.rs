//! The Open Inference Protocol v2 over HTTP: what a node answers to its clients. `infer` is the hot path; the other modules
//! describe the node and its models. `docs/node.md` has the rules.

mod answer;
mod body;
mod budget;
mod describe;
mod infer;
mod limits;
mod metrics;
pub mod pick;
mod prepared;
mod query_log;
mod request;
mod response;
mod route;

pub use limits::HttpLimits;
pub use metrics::Metrics;
pub use query_log::{QueryLog, QueryLogOptions, Sample};

use crate::table::Current;
use answer::{Answer, Failure, caught};
use budget::Budget;
use hyper::{Method, Request, body::Incoming, service::service_fn};
use metrics::ArmMetrics;
use route::{About, Route};
use std::{
    convert::Infallible,
    io,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::net::TcpListener;

/// What the face to the clients of models needs.
pub struct Face {
    /// What is served.
    pub table: Arc<Current>,
    /// Microseconds since 1970 in UTC.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// What bounds a request.
    pub limits: HttpLimits,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
    /// Where they are written down, if they are.
    pub query_log: Option<QueryLog>,
    /// What the server metadata calls it.
    pub server_name: String,
    /// Whether the node as a whole is ready, or why not.
    pub ready: Arc<dyn Fn() -> Result<(), String> + Send + Sync>,
    /// How long ago the server answered last; `None` if it never did.
    pub news_age: Arc<dyn Fn() -> Option<Duration> + Send + Sync>,
}

/// The face, with what it keeps between requests.
struct Desk {
    face: Face,
    prepared: prepared::Cache,
    /// Counts requests for services and versions that are not here, whose names are anybody's.
    unknown: Arc<ArmMetrics>,
    /// What the bodies of all requests share.
    bodies: Arc<Budget>,
    /// How often a version was chosen by chance.
    draws: AtomicU64,
}

/// Serves until `shutdown` is ready, then lets open requests finish, for 30 seconds at most.
///
/// # Errors
/// None once it runs; what fails with one connection ends that connection.
pub async fn serve(listener: TcpListener, face: Face, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let unknown = face.metrics.arm("", "");
    let bodies = Budget::new(face.limits.bodies);
    let desk = Arc::new(Desk { face, prepared: prepared::Cache::default(), unknown, bodies, draws: AtomicU64::new(0) });
    let service = |_| {
        let desk = desk.clone();
        service_fn(move |request| {
            let desk = desk.clone();
            async move {
                let answered = caught(async { Ok(answer(&desk, request).await) }).await;
                Ok::<_, Infallible>(answered.unwrap_or_else(Failure::into_answer))
            }
        })
    };
    listener::serve(listener, service, shutdown).await
}

async fn answer(desk: &Desk, request: Request<Incoming>) -> Answer {
    // Taken along, so that the request can be given away while its path is borrowed; a copy of it is a reference.
    let uri = request.uri().clone();
    let answered = match route::route(uri.path()) {
        None => Err(Failure::unknown("there is nothing at this address: see /v2")),
        Some(Route::Model(name, version, About::Infer)) => match *request.method() {
            Method::POST => return infer::infer(desk, request, &name, version.as_deref()).await,
            _ => Err(Failure::method("POST")),
        },
        Some(Route::LoadOrUnload) if request.method() == Method::POST => Err(describe::load_or_unload()),
        Some(Route::LoadOrUnload) => Err(Failure::method("POST")),
        Some(Route::Index) => match *request.method() {
            Method::GET | Method::HEAD | Method::POST => describe::index(desk, request).await,
            _ => Err(Failure::method("GET, HEAD, POST")),
        },
        Some(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => Err(Failure::method("GET, HEAD")),
        Some(Route::Server) => Ok(describe::server(desk)),
        Some(Route::Live) => Ok(describe::live()),
        Some(Route::Ready) => Ok(describe::ready(desk)),
        Some(Route::Health) => Ok(describe::health(desk)),
        Some(Route::Metrics) => Ok(answer::text(desk.figures())),
        Some(Route::Model(name, version, About::Metadata)) => describe::metadata(desk, &name, version.as_deref()),
        Some(Route::Model(name, version, About::Ready)) => describe::model_ready(desk, &name, version.as_deref()),
        Some(Route::Model(name, version, About::Config)) => describe::config(desk, &name, version.as_deref()),
    };
    answered.unwrap_or_else(Failure::into_answer)
}

impl Desk {
    fn figures(&self) -> String {
        let mut text = self.face.metrics.render();
        metrics::render_state(&self.face.table.get(), (self.face.news_age)(), &mut text);
        if let Some(log) = &self.face.query_log {
            log.render(&mut text);
        }
        text
    }
}
