//! `countersign node`: the process that serves models on an infrastructure. Flags become the parts of a node; the crate `node`
//! does the work.

mod args;
mod engine;
mod memory;
mod parts;

use crate::{
    client::Context,
    exit::Exit,
    failure::Failure,
    output::Output,
    roles::{stop_signal::stop_signal, telemetry},
    secret_file::read_secret,
};
use ::node::{
    clock::Clock,
    files::DiskCheck,
    protocol::{self, HttpLimits, Metrics, ProtocolOptions, QueryLog},
    run::{self, NodeParts, NodeStatus},
    services::Table,
};
use app::{Clock as _, SystemClock};
pub use args::NodeArgs;
use args::{RequestArgs, std_duration};
pub use engine::{ENGINE, find_library};
use futures_util::FutureExt;
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A key, token, folder or address that cannot be used. A server that does not answer is none: the node starts from its cache.
pub async fn run(args: NodeArgs, context: &Context) -> Result<Exit, Failure> {
    telemetry::start_log_by_environment(&context.environment)?;
    let url = parts::url(&args)?;
    let trust = parts::trust(&args)?;
    read_secret(&args.token_file, "--token-file")?;
    let shutdown = stop_signal()?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        Failure::failed(format!("{} cannot be listened on: {error}", args.listen)).hint("Choose another address with --listen.")
    })?;
    let address = listener.local_addr().map_err(|error| Failure::failed(format!("the address is not known: {error}")))?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => parts::own_name(address.port())?,
    };
    let url = url.unwrap_or_else(|| format!("http://{address}"));
    let query_log = parts::query_log(&args.requests)?;
    let fetcher = parts::fetcher(&args, &name, &context.environment)?;
    let clock = Clock::new(Arc::new(|| SystemClock.now().micros()));
    let thread = |error| Failure::failed(format!("the thread that checks the disk does not start: {error}"));
    let node = NodeParts {
        name: name.to_string(),
        url: url.clone(),
        infrastructure: args.infra.to_string(),
        witness: parts::witness(&args, &trust.log_keys, &fetcher.cache, &clock)?,
        trust: trust.trust,
        engine: engine::engine(&args.engine, limits(&args.requests).bodies, &context.environment)?,
        disk: DiskCheck::start(Arc::clone(&fetcher.cache), DiskCheck::EVERY).map_err(thread)?,
        fetcher,
        clock,
    };
    announce(&args, &node, address, context.out);
    serve(node, listener, &args.requests, query_log, shutdown).await
}

/// Answers requests and follows the server, both until `shutdown`.
async fn serve(
    parts: NodeParts,
    listener: TcpListener,
    requests: &RequestArgs,
    query_log: Option<QueryLog>,
    shutdown: impl Future<Output = ()>,
) -> Result<Exit, Failure> {
    let status = NodeStatus::default();
    let (clock, readiness, heard, table) = (parts.clock.clone(), status.clone(), status.clone(), Arc::clone(&status.table));
    let options = ProtocolOptions {
        table: Arc::clone(&status.table),
        clock: Arc::new(move || clock.now()),
        limits: limits(requests),
        metrics: Arc::new(Metrics::default()),
        query_log,
        server_name: "countersign".to_owned(),
        ready: Arc::new(move || readiness.ready()),
        news: Arc::new(move || heard.news()),
    };
    let (stop_following, following_stops) = tokio::sync::oneshot::channel::<()>();
    let (stop_answering, answering_stops) = tokio::sync::oneshot::channel::<()>();
    let mut follower = tokio::spawn(run::run(parts, status, following_stops.map(drop)));
    let answering = tokio::spawn(protocol::serve(listener, options, answering_stops.map(drop)));
    let broke_off = |error: &dyn std::fmt::Display| Failure::failed(format!("the node broke off: {error}"));
    let ended = tokio::select! {
        () = shutdown => None,
        ended = &mut follower => Some(ended),
    };
    if ended.is_some() {
        // Without its own work the node would hear of no revocation: nothing may answer any more.
        table.put(Table::default());
    }
    // What was asked already is answered first, and until then revocations are heard.
    drop(stop_answering);
    let answered = answering.await.map_err(|error| broke_off(&error))?;
    drop(stop_following);
    match ended {
        Some(ended) => ended,
        None => follower.await,
    }
    .map_err(|error| broke_off(&error))?
    .map_err(|error| broke_off(&error))?;
    answered.map_err(|error| broke_off(&error))?;
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// What bounds requests.
fn limits(requests: &RequestArgs) -> HttpLimits {
    let usual = HttpLimits::default();
    let body = usize::from(requests.body_size) << 20;
    // Several of the largest have room at once.
    HttpLimits { body, bodies: usual.bodies.max(4 * body), deadline: std_duration(requests.deadline), ..usual }
}

fn announce(args: &NodeArgs, parts: &NodeParts, address: SocketAddr, out: Output) {
    let version = env!("CARGO_PKG_VERSION");
    let (infra, url) = (&args.infra, &parts.url);
    out.note(&format!("countersign {version} node {} serves {infra} at {url} (listening on {address})", parts.name));
    match &parts.engine {
        Ok(engine) => out.note(&format!("{} (sha256 {})", engine.info().name, engine.info().sha256)),
        Err(problem) => out.note(&format!("warning: this node is not ready and serves nothing: {problem}")),
    }
}
