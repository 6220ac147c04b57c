//! The background jobs of a server in a process of their own, beside servers that run none.

use crate::{
    client::Context,
    config::{Config, StorageArgs},
    exit::Exit,
    failure::Failure,
    roles::{serve, stop_signal::stop_signal, telemetry},
};
use std::sync::Arc;

/// Runs the background jobs of a server: mails, expiry, permits, checkpoints, clean-up
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign worker --config /etc/countersign/countersign.toml
  countersign serve --config /etc/countersign/countersign.toml --no-worker

The process reads the settings of the server, and works on its database, model files and keys. Servers that
are started with --no-worker leave the jobs to it. Several processes may run the jobs: they share the work.")]
pub struct WorkerArgs {
    #[command(flatten)]
    storage: StorageArgs,
}

/// Works until SIGTERM or Ctrl-C.
///
/// # Errors
/// A configuration, database or key that cannot be used.
pub async fn run(args: WorkerArgs, context: &Context) -> Result<Exit, Failure> {
    let config = Config::load(&args.storage, None, &context.environment)?;
    telemetry::start(&config)?;
    let stop = stop_signal()?;
    let server = serve::open(&config, config.base_url(config.listen)).await?;
    let running = format!("countersign {} runs the jobs of {}", env!("CARGO_PKG_VERSION"), server.settings.links.server());
    telemetry::note(&config, context.out, &running);
    serve::learn_log(&server).await;
    worker::run(Arc::clone(&server), stop).await;
    server.store.close().await;
    tracing::info!("stopped");
    Ok(Exit::Done)
}
