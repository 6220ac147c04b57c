//! The program `countersign`: command line, configuration, telemetry and wiring. Other crates hold the rules.

mod args;
mod cli;
mod client;
mod commands;
mod config;
mod environment;
mod exit;
mod failure;
mod output;
mod problem;
mod roles;
mod secret_file;
mod text;

use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // It has its own threads and bounds, and needs nothing of what follows.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == roles::node::ENGINE) {
        return node::engine::child::run();
    }
    command_line()
}

#[tokio::main]
async fn command_line() -> ExitCode {
    // Whatever speaks TLS in this process takes this provider; only a second installation could fail, and there is none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let exit = cli::run().await;
    roles::telemetry::flush();
    ExitCode::from(exit.number())
}
