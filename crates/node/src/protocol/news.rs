//! What a node heard of its server, for the metrics.

use std::time::Duration;

/// What a node heard of its server.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerNews {
    /// How long ago the server answered last; `None` if it never did.
    pub age: Option<Duration>,
    /// How many events the largest checkpoint covers that the node keeps.
    pub log_size: Option<u64>,
    /// Whether the node refuses the server's log.
    pub log_refused: bool,
}
