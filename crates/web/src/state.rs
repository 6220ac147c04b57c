//! What every handler can reach: the server, the options, and the memory of who asked how often.

use crate::{WebOptions, client::Network, rate_limit::RateLimit};
use app::Server;
use domain::{Name, TokenId};
use std::sync::Arc;

/// The state of the router.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) server: Arc<Server>,
    pub(crate) options: Arc<WebOptions>,
    pub(crate) limits: Arc<RateLimits>,
}

/// Who asked how often.
pub(crate) struct RateLimits {
    /// Requests with a valid token.
    pub(crate) requests: RateLimit<TokenId>,
    /// Failed attempts to sign in, by where they come from.
    pub(crate) sign_ins_from: RateLimit<Network>,
    /// Failed attempts to sign in, by account.
    pub(crate) sign_ins_as: RateLimit<Name>,
}

impl Web {
    pub(crate) fn new(server: Arc<Server>, options: WebOptions) -> Self {
        let limits = RateLimits {
            requests: RateLimit::new(options.requests_per_minute),
            sign_ins_from: RateLimit::new(options.sign_ins_per_minute),
            sign_ins_as: RateLimit::new(options.sign_ins_per_minute),
        };
        Self { server, options: Arc::new(options), limits: Arc::new(limits) }
    }
}
