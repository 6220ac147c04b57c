//! What every handler can reach: the server, the options, the addresses, and the rate limits.

use super::{WebOptions, client_address::Network, open_streams::OpenStreams, rate_limit::RateLimit};
use crate::urls::Urls;
use app::Server;
use domain::{Name, TokenId};
use std::sync::Arc;

/// The state of the router.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) server: Arc<Server>,
    pub(crate) options: Arc<WebOptions>,
    pub(crate) urls: Arc<Urls>,
    pub(crate) limits: Arc<RateLimits>,
    /// Answers that stay open.
    pub(crate) streams: Arc<OpenStreams>,
}

/// How often each caller asked.
pub(crate) struct RateLimits {
    /// Requests with a valid token.
    pub(crate) requests: RateLimit<TokenId>,
    /// Failed attempts to sign in, by the client's address.
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
        let urls = Urls::new(server.settings.links.server());
        let streams = Arc::default();
        Self { server, options: Arc::new(options), urls: Arc::new(urls), limits: Arc::new(limits), streams }
    }
}
