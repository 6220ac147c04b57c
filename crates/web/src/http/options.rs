//! The operator's settings for HTTP.

use super::{Demo, Shutdown};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

/// What the operator chooses about HTTP.
#[derive(Clone)]
pub struct WebOptions {
    /// Requests a minute for each token; 0 is no limit.
    pub requests_per_minute: u32,
    /// Failed attempts to sign in a minute, for each client address and for each user name; 0 is no limit.
    pub sign_ins_per_minute: u32,
    /// The recorder behind `/metrics`; without one there are no figures.
    pub prometheus: Option<PrometheusHandle>,
    /// Whether a proxy in front writes `X-Forwarded-For`, so that the last entry of that header is the client's address.
    pub trust_forwarded_for: bool,
    /// Tells waiting requests that the server stops.
    pub shutdown: Shutdown,
    /// The people and the tour of the demo; none on every other server.
    pub demo: Option<Arc<Demo>>,
}

impl Default for WebOptions {
    fn default() -> Self {
        Self {
            requests_per_minute: 6000,
            sign_ins_per_minute: 10,
            prometheus: None,
            trust_forwarded_for: false,
            shutdown: Shutdown::default(),
            demo: None,
        }
    }
}
