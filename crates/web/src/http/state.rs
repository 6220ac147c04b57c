//! What every handler can reach: the server, the options, the addresses, and the rate limits.

use super::{
    WebOptions, client_address::Network, known_networks::KnownNetworks, open_streams::OpenStreams, rate_limit::RateLimit,
};
use crate::urls::Urls;
use app::Server;
use domain::{Name, TokenId};
use std::sync::Arc;

/// How many times more files of uploads than other requests a token may send: a version may have ten thousand.
const FILES: u32 = 20;

/// How many times more attempts all strangers together have for one account than one address has. With fewer, one attacker with many
/// addresses would keep people out who sign in from a new place.
const STRANGERS: u32 = 3;

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
    /// Files of uploads with a valid token.
    pub(crate) upload_files: RateLimit<TokenId>,
    /// Failed attempts to sign in, by the client's address.
    pub(crate) sign_ins_from: RateLimit<Network>,
    /// Failed attempts to sign in, by account, of those from whom the account has not signed in before.
    pub(crate) sign_ins_as: RateLimit<Name>,
    /// Failed attempts to sign in, by browsers that signed in as the account before.
    pub(crate) sign_ins_with: RateLimit<String>,
    /// Wrong passwords of somebody who is signed in, by session or token.
    pub(crate) sign_ins_in: RateLimit<TokenId>,
    /// From where each account signed in.
    pub(crate) known_networks: KnownNetworks,
}

impl Web {
    pub(crate) fn new(server: Arc<Server>, options: WebOptions) -> Self {
        let limits = RateLimits {
            requests: RateLimit::new(options.requests_per_minute),
            upload_files: RateLimit::new(options.requests_per_minute.saturating_mul(FILES)),
            sign_ins_from: RateLimit::new(options.sign_ins_per_minute),
            sign_ins_as: RateLimit::new(options.sign_ins_per_minute.saturating_mul(STRANGERS)),
            sign_ins_with: RateLimit::new(options.sign_ins_per_minute),
            sign_ins_in: RateLimit::new(options.sign_ins_per_minute),
            known_networks: KnownNetworks::default(),
        };
        let urls = Urls::new(server.settings.links.server());
        let streams = Arc::default();
        Self { server, options: Arc::new(options), urls: Arc::new(urls), limits: Arc::new(limits), streams }
    }
}
