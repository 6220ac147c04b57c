//! The head of the log, which every page bears.

use crate::{Error, OpContext};
use domain::access::Scope;

/// The head of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// How many events there are.
    pub size: u64,
    /// The root over all of them, in hexadecimal.
    pub root: String,
}

/// The head of the log now.
///
/// # Errors
/// When nobody is signed in; when the database does not answer.
pub async fn head(op: &OpContext) -> Result<LogHead, Error> {
    op.needs(Scope::Read)?;
    let head = op.read().await?.log_frontier().await?;
    Ok(LogHead { size: head.size(), root: head.root().to_string() })
}
