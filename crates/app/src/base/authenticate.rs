//! Turns a token into a caller.

use crate::{
    Caller, Error, OpContext, Server,
    base::{
        caller::{holder, unknown},
        secret,
    },
};
use std::sync::Arc;

/// The context of a request that came with this token.
///
/// # Errors
/// A token that is unknown, has expired or was revoked; a closed account.
pub async fn authenticate(server: &Arc<Server>, bearer: &str, request: impl Into<String>) -> Result<OpContext, Error> {
    with_secret(server, bearer, secret::TOKEN_PREFIX, request.into()).await
}

/// The context of a request that came with a secret of this kind.
pub(crate) async fn with_secret(server: &Arc<Server>, bearer: &str, prefix: &str, request: String) -> Result<OpContext, Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Anonymous, request);
    if !bearer.starts_with(prefix) {
        return Err(unknown());
    }
    let lookup = server.keys.credentials.lookup(bearer);
    let seen = Some(server.cache.log_size(&server.store).await?);
    // The last event is known only now.
    let op = OpContext { now: op.now.max(server.now()), ..op };
    if let Some(caller) = seen.and_then(|size| server.cache.caller(size, &lookup, op.now)) {
        return Ok(OpContext { caller, seen, ..op });
    }
    let mut reader = op.read().await?;
    let size = reader.log_size().await?;
    let (token, user) = reader.caller_by_lookup(&lookup).await?.ok_or_else(unknown)?;
    if !server.keys.credentials.made_token(&token, bearer) {
        tracing::warn!(token = %token.id, "a token was refused: its row was written by another than this server");
        return Err(unknown());
    }
    let end = token.expires_at;
    let caller = holder(token, user, op.now)?;
    server.cache.keep_caller(size, lookup, caller.clone(), end);
    Ok(OpContext { caller, seen: Some(size), ..op })
}
