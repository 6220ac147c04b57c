//! The signals at which a role that serves stops in order.

use crate::failure::Failure;
use std::io;
use tokio::signal::unix::{SignalKind, signal};

/// Ready at SIGTERM, or at Ctrl-C.
///
/// # Errors
/// When signals cannot be received.
pub fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let cannot = |error: io::Error| Failure::failed(format!("signals cannot be received: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}
