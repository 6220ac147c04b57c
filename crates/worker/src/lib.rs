//! What the server does by itself: approvals expire, permits are renewed, checkpoints are signed, leftovers are removed.
//!
//! Each job is a file in [`jobs`]; the [`driver`] runs each job by its own schedule. No job decides anything: a job calls a use case
//! of `app`.

pub mod driver;
mod job;
pub mod jobs;
pub mod mail;
mod metrics;
mod retry;
mod webhook;
mod words;

pub use job::{Job, Outcome, Schedule};
pub use webhook::is_signed;

use app::Server;
use std::sync::Arc;

/// Runs every job until `shutdown`, then lets open runs end and signs the last checkpoint.
pub async fn run(server: Arc<Server>, shutdown: impl Future<Output = ()>) {
    driver::run(&server, jobs::all(), shutdown).await;
}

/// Takes the figures of a server whose other jobs run elsewhere, until `shutdown`.
pub async fn measure(server: Arc<Server>, shutdown: impl Future<Output = ()>) {
    driver::run(&server, vec![jobs::measure()], shutdown).await;
}
