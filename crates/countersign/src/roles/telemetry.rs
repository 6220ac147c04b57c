//! The server's log, on standard error, and the recorder behind its metrics.

mod lines;

pub use lines::flush;

use crate::{
    config::{Config, Log, LogFormat},
    environment::Environment,
    failure::Failure,
    output::Output,
};
use lines::Lines;
use tracing_subscriber::{EnvFilter, fmt};
use web::PrometheusHandle;

/// The upper bounds of the latency histogram in seconds: from a remembered answer of the gate to a slow disk.
const LATENCIES: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// Starts both, once for the process.
///
/// # Errors
/// A level that is none, or a second start.
pub fn start(config: &Config) -> Result<PrometheusHandle, Failure> {
    start_log(config.log.format, &config.log.level)?;
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new()
        .set_buckets(&LATENCIES)
        .map_err(|error| Failure::failed(format!("the metrics cannot be started: {error}")))?;
    let handle =
        recorder.install_recorder().map_err(|error| Failure::failed(format!("the metrics cannot be started: {error}")))?;
    lines::describe();
    web::describe_metrics();
    app::upkeep::describe_metrics();
    Ok(handle)
}

/// Says something to the operator who starts a server: to the person at the terminal, or in the form of the log where that is JSON.
pub fn note(config: &Config, out: Output, text: &str) {
    match config.log.format {
        LogFormat::Text => out.note(text),
        LogFormat::Json => tracing::warn!("{text}"),
    }
}

/// Starts the log of a process that has no configuration file: by the variables that the server's settings have too.
///
/// # Errors
/// A form or level that is none.
pub fn start_log_by_environment(environment: &Environment) -> Result<(), Failure> {
    let log = Log::from_environment(environment)?;
    start_log(log.format, &log.level)
}

fn start_log(format: LogFormat, level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(level).map_err(|error| Failure::usage(format!("log.level cannot be `{level}`: {error}")))?;
    lines::start().map_err(|error| Failure::failed(format!("the log cannot be started: {error}")))?;
    let log = fmt().with_env_filter(filter).with_writer(Lines).log_internal_errors(false);
    let started = match format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::failed(format!("the log cannot be started: {error}")))
}
