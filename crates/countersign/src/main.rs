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

/// What a node starts, once for each version in service, to run the model in a process of its own.
const ENGINE: &str = "node-engine";

fn main() -> ExitCode {
    // It has its own threads and bounds, and needs nothing of what follows.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == ENGINE) {
        return node::engine::child::run();
    }
    command_line()
}

#[tokio::main]
async fn command_line() -> ExitCode {
    // Whatever speaks TLS in this process takes this provider; only a second installation could fail, and there is none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ExitCode::from(cli::run().await.number())
}
