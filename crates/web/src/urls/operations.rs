//! The paths for operators' programs.

pub(crate) const HEALTH: &str = "/health";
pub(crate) const METRICS: &str = "/metrics";
