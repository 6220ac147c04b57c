//! What a node is made of.

use crate::{
    clock::Clock,
    engine::Engine,
    files::{DiskCheck, Fetcher},
    services::Trust,
    witness::Witness,
};
use std::{io, sync::Arc};

/// The parts of a node.
pub struct NodeParts {
    /// The node's name, under which it reports.
    pub name: String,
    /// The address at which clients ask for predictions.
    pub url: String,
    /// The infrastructure that the node serves.
    pub infrastructure: String,
    /// Whose permits count.
    pub trust: Trust,
    /// What the node saw of the server's log.
    pub witness: Witness,
    /// What runs models, or why nothing does.
    pub engine: Result<Arc<dyn Engine>, String>,
    /// Where files come from.
    pub fetcher: Fetcher,
    /// Whether the disk of the files answers.
    pub disk: DiskCheck,
    /// The time.
    pub clock: Clock,
}

/// Why a node cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The task that follows the server has ended: the node would hear of no revocation any more.
    #[error("following the server broke off by a mistake of the node, which its log names")]
    FollowingEnded,
    /// There is no thread for the cache.
    #[error("the cache cannot be written: {0}")]
    Cache(#[from] io::Error),
}
