//! The servers under measurement, each in its own process: the server as `countersign serve` wires it, with log, metrics and
//! background work but without a rate limit; and a bare axum "hello".

use crate::{figures::say, place};
use anyhow::Result;
use axum::{Router, routing::get};
use std::{fs::File, io::Read, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::oneshot};
use tracing_subscriber::filter::LevelFilter;
use web::WebOptions;

/// As many classes of latency as `countersign serve` counts, in seconds.
const LATENCIES: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// What to serve.
#[derive(clap::Args)]
pub struct ServerArguments {
    /// The database; without one, hello.
    #[arg(long)]
    database: Option<String>,
    /// The folder for keys and files.
    #[arg(long, requires = "database")]
    data: Option<PathBuf>,
}

/// Says where it listens, and serves until its input ends.
///
/// # Errors
/// When the server cannot be put together.
pub async fn run(arguments: ServerArguments) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?.to_string();
    let shutdown = end_of_input();
    let Some(database) = arguments.database else {
        say(&address);
        let hello = Router::new().route("/", get(|| async { "hello" }));
        return Ok(axum::serve(listener, hello).with_graceful_shutdown(shutdown).await?);
    };
    // As many lines as any server writes, one by one; only nobody keeps them.
    let log = Arc::new(File::options().write(true).open("/dev/null")?);
    tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_writer(log).with_ansi(false).init();
    let prometheus = metrics_exporter_prometheus::PrometheusBuilder::new().set_buckets(&LATENCIES)?.install_recorder()?;
    let upkeep = tokio::spawn(keep_up(prometheus.clone()));
    let server = place::open(&database, &arguments.data.unwrap_or_default()).await?;
    let (stop_worker, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(worker::run(Arc::clone(&server), async move {
        // The sender is dropped when serving is over.
        let _ = stopped.await;
    }));
    let options = WebOptions { requests_per_minute: 0, prometheus: Some(prometheus), ..WebOptions::default() };
    say(&address);
    web::serve(listener, None, web::router(Arc::clone(&server), options), shutdown).await?;
    drop(stop_worker);
    worker.await?;
    upkeep.abort();
    server.store.close().await;
    Ok(())
}

/// Sums the measured values now and then, as `countersign serve` does.
async fn keep_up(prometheus: web::PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        prometheus.run_upkeep();
    }
}

/// Ready when the parent process closes its end, or ends.
fn end_of_input() -> impl Future<Output = ()> + Send + 'static {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        // An error of the input is its end too.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = tell.send(());
    });
    async move {
        let _ = told.await;
    }
}
