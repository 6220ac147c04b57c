//! What the protocol's server gets, and what its requests share.

use super::{
    answer_template::TemplateCache,
    limits::HttpLimits,
    memory::MemoryBudget,
    metrics::{self, ArmMetrics, Metrics},
    news::ServerNews,
    query_log::QueryLog,
};
use crate::services::CurrentTable;
use std::sync::{Arc, atomic::AtomicU64};

/// What the protocol's server needs.
pub struct ProtocolOptions {
    /// The services.
    pub table: Arc<CurrentTable>,
    /// Microseconds since 1970 in UTC.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// What bounds a request.
    pub limits: HttpLimits,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
    /// The query log, if the node keeps one.
    pub query_log: Option<QueryLog>,
    /// The name in the server metadata.
    pub server_name: String,
    /// Whether the node as a whole is ready, or why not.
    pub ready: Arc<dyn Fn() -> Result<(), String> + Send + Sync>,
    /// What the node heard of its server.
    pub news: Arc<dyn Fn() -> ServerNews + Send + Sync>,
}

/// What the requests share.
pub(super) struct ProtocolState {
    pub options: ProtocolOptions,
    /// What the answers of each version share.
    pub templates: TemplateCache,
    /// Counts requests for unknown services and versions, all together: clients choose their names.
    pub unknown: Arc<ArmMetrics>,
    /// The memory for the bodies of all requests.
    pub bodies: Arc<MemoryBudget>,
    /// How often a version was chosen by chance.
    pub draws: AtomicU64,
}

impl ProtocolState {
    pub fn new(options: ProtocolOptions) -> Self {
        let unknown = options.metrics.arm("", "");
        let bodies = MemoryBudget::new(options.limits.bodies);
        Self { options, templates: TemplateCache::default(), unknown, bodies, draws: AtomicU64::new(0) }
    }

    /// All metrics as text, as Prometheus reads it.
    pub fn metrics_text(&self) -> String {
        let mut text = self.options.metrics.render();
        let (table, now) = (self.options.table.get(), (self.options.clock)());
        metrics::render_state(&table, now, (self.options.news)(), &mut text);
        if let Some(log) = &self.options.query_log {
            log.render(&mut text);
        }
        text
    }
}
