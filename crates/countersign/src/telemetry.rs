//! The server's log, on standard error, and the recorder behind its metrics.

use crate::{
    config::{Config, LogFormat},
    failure::Failure,
};
use std::io;
use tracing_subscriber::{EnvFilter, fmt};
use web::PrometheusHandle;

/// The upper bounds of the latency histogram in seconds: from a remembered answer of the gate to a slow disk.
const LATENCIES: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// Starts both, once for the process.
///
/// # Errors
/// A level that is none, or a second start.
pub fn start(config: &Config) -> Result<PrometheusHandle, Failure> {
    let filter = EnvFilter::try_new(&config.log_level)
        .map_err(|error| Failure::usage(format!("log.level cannot be `{}`: {error}", config.log_level)))?;
    let log = fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match config.log_format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::failed(format!("the log cannot be started: {error}")))?;
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new()
        .set_buckets(&LATENCIES)
        .map_err(|error| Failure::failed(format!("the metrics cannot be started: {error}")))?;
    recorder.install_recorder().map_err(|error| Failure::failed(format!("the metrics cannot be started: {error}")))
}
