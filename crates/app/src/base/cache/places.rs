//! The infrastructures whose deployments an account may see, as the cache remembers them.

use domain::InfrastructureId;
use std::collections::HashSet;

/// Infrastructures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// Every one.
    Every,
    /// These alone.
    These(HashSet<InfrastructureId>),
}

impl Places {
    /// Whether this infrastructure is among them.
    pub fn has(&self, infrastructure: InfrastructureId) -> bool {
        match self {
            Self::Every => true,
            Self::These(these) => these.contains(&infrastructure),
        }
    }

    /// Whether there is none among them.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::These(these) if these.is_empty())
    }
}
