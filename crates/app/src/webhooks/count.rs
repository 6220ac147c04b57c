//! Counts deliveries, for the metric.

use crate::{Error, Server};

/// The metric of deliveries that wait, and of those that were given up.
const DELIVERIES: &str = "countersign_deliveries";

/// Counts the deliveries that wait and those that were given up, for the metric.
///
/// # Errors
/// When the database does not answer.
pub async fn count(server: &Server) -> Result<(), Error> {
    let (waiting, failed) = server.store.read().await?.count_deliveries().await?;
    for (state, count) in [("waiting", waiting), ("failed", failed)] {
        metrics::gauge!(DELIVERIES, "state" => state).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    }
    Ok(())
}

/// Says what the metric means.
pub(crate) fn describe_metrics() {
    metrics::describe_gauge!(DELIVERIES, "Deliveries to webhooks by state: waiting, sent, failed.");
}
