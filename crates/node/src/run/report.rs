//! Reports to the server: each change at once, and in between that the node is alive.

use crate::server::{NodeReport, ServerClient, ServerError};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// How often the node reports while nothing changes.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Reports until the sender is dropped.
pub async fn report(server: Arc<ServerClient>, name: String, mut reports: watch::Receiver<Option<NodeReport>>) {
    let mut refused = None;
    loop {
        let report = reports.borrow_and_update().clone();
        if let Some(report) = report {
            refused = match server.report(&name, &report).await {
                Ok(()) => None,
                Err(ServerError::Refused(reason)) => {
                    if refused.as_ref() != Some(&reason) {
                        tracing::warn!(reason, "the server does not take this node's reports, so nobody sees there how it is");
                    }
                    Some(reason)
                }
                Err(error) => {
                    tracing::debug!(%error, "the server did not get the report");
                    refused
                }
            };
        }
        // Both ends are reasons to report: a change, and the time.
        if let Ok(Err(_)) = timeout(HEARTBEAT, reports.changed()).await {
            return;
        }
    }
}
