//! Counts messages, for the metric.

use crate::{Error, Server};

/// The metric of messages that wait, and of those that were given up.
const MESSAGES: &str = "countersign_messages";

/// Counts the messages that wait and those that were given up, for the metric.
///
/// # Errors
/// When the database does not answer.
pub async fn count(server: &Server) -> Result<(), Error> {
    let (waiting, failed) = server.store.read().await?.count_messages().await?;
    for (state, count) in [("waiting", waiting), ("failed", failed)] {
        metrics::gauge!(MESSAGES, "state" => state).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    }
    Ok(())
}

/// Says what the metric means.
pub(crate) fn describe_metrics() {
    metrics::describe_gauge!(
        MESSAGES,
        "Mails by state: waiting, sent, failed. The server keeps sent and given-up mails for 30 days."
    );
}
