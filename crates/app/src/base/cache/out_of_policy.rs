//! The number of deployments out of policy, as the cache remembers it for an account.

use domain::Timestamp;

/// A number of deployments, and until when it holds if no event is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutOfPolicy {
    pub count: u64,
    pub until: Option<Timestamp>,
}
