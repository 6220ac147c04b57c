//! The program `countersign`: command line, configuration, telemetry and wiring. What is governed and how is decided elsewhere.

mod admin;
mod args;
mod cli;
mod client;
mod commands;
mod config;
mod demo;
mod environment;
mod exit;
mod failure;
mod output;
mod profiles;
mod serve;
mod session;
mod telemetry;
mod text;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    // Whatever speaks TLS in this process takes this provider; only a second installation could fail, and there is none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ExitCode::from(cli::run().await.number())
}
