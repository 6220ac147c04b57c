//! A service whose approval ends, as an event names it.

use crate::Name;
use serde::{Deserialize, Serialize};

/// A service that rests on an approval that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndingService {
    /// The infrastructure.
    pub infrastructure: Name,
    /// The service.
    pub service: Name,
    /// Whether the infrastructure takes the service out of service then.
    pub stops: bool,
}
