//! Turns a token into a caller.

use crate::{
    Caller, Error, OpContext, Server,
    base::{error::Code, secret},
};
use domain::{Name, NextStep, Timestamp, TokenId, access::Scope, people::Credential};
use std::{collections::BTreeSet, sync::Arc};
use store::{Reader, Token, TokenKind, User};

/// The context of a request that came with this token.
///
/// # Errors
/// A token that is unknown, has expired or was revoked; a closed account.
pub async fn authenticate(server: &Arc<Server>, bearer: &str, request: impl Into<String>) -> Result<OpContext, Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Anonymous, request);
    if !bearer.starts_with(secret::TOKEN_PREFIX) {
        return Err(unknown());
    }
    let hash = secret::hash(bearer);
    let seen = Some(server.cache.log_size(&server.store).await?);
    if let Some(caller) = seen.and_then(|size| server.cache.caller(size, &hash, op.now)) {
        return Ok(OpContext { caller, seen, ..op });
    }
    let mut reader = op.read().await?;
    let size = reader.log_size().await?;
    let (token, user) = reader.caller_by_hash(&hash).await?.ok_or_else(unknown)?;
    let end = token.expires_at;
    let caller = holder(token, user, op.now)?;
    server.cache.keep_caller(size, hash, caller.clone(), end);
    Ok(OpContext { caller, seen: Some(size), ..op })
}

/// The caller with this token, as the account and the token are now.
///
/// # Errors
/// As [`authenticate`].
pub(crate) async fn caller(reader: &mut Reader, token: TokenId, now: Timestamp) -> Result<Caller, Error> {
    let (token, user) = reader.caller(token).await?.ok_or_else(unknown)?;
    holder(token, user, now)
}

fn holder(token: Token, user: User, now: Timestamp) -> Result<Caller, Error> {
    if !user.active {
        return Err(account_closed(Code::AccountClosed, &user.name));
    }
    if token.revoked_at.is_some() {
        return Err(refused(Code::TokenRevoked, "this token was revoked"));
    }
    if now >= token.expires_at {
        return Err(refused(Code::TokenExpired, &format!("this token held until {}", token.expires_at)));
    }
    let scopes = scopes_of(&token)?;
    let credential = match token.kind {
        TokenKind::Session => Credential::Session,
        TokenKind::Personal => Credential::PersonalToken,
        TokenKind::Service => Credential::ServiceToken,
    };
    Ok(Caller::User { user: Arc::new(user), token: token.id, scopes, credential })
}

fn unknown() -> Error {
    refused(Code::TokenUnknown, "this is not a token of this server")
}

fn refused(code: Code, message: &str) -> Error {
    Error::new(code, message).next(NextStep::SignIn)
}

/// The scopes of a stored token.
pub(crate) fn scopes_of(token: &Token) -> Result<BTreeSet<Scope>, Error> {
    let scopes = token.scopes.split_whitespace().map(str::parse).collect::<Result<_, String>>();
    scopes.map_err(|error| Error::internal(format!("token {} has a scope that is none: {error}", token.id)))
}

/// What is said wherever a closed account stands in the way.
pub(crate) fn account_closed(code: Code, name: &Name) -> Error {
    Error::new(code, format!("the account “{name}” is closed")).next(NextStep::ReopenAccount { user: name.clone() })
}
