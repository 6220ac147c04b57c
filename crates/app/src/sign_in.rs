//! Signing in: a password or an invitation becomes a token, and a token becomes the context of an operation.
//!
//! What is wrong is told only to those who show that they know a secret of the account; to everybody else each failure looks
//! the same and takes as long.

use crate::{
    Caller, Error, OpContext, Server,
    error::Kind,
    invitations, secret, tokens, users,
    views::{NewToken, SignInRequest},
};
use domain::{Name, Timestamp, TokenId, access::Scope, event::Event};
use std::sync::Arc;
use store::{About, Invitation, Reader, Token, User, Writer};

/// What a token from signing in is called where the caller does not say.
const LABEL: &str = "sign-in";

/// Signs somebody in. With an invitation it sets the password and revokes every token from before.
///
/// # Errors
/// A wrong name or password; an invitation that does not hold; a closed account; a password too short to be set.
pub async fn sign_in(op: &OpContext, request: SignInRequest) -> Result<NewToken, Error> {
    let label = tokens::checked_label(request.label, LABEL)?;
    match (request.invitation, request.user) {
        (Some(code), user) => redeem(op, &code, user, request.password, label).await,
        (None, Some(user)) => with_password(op, &user, request.password, label).await,
        (None, None) => Err(Error::invalid("/user", "say who you are: give your user name, or an invitation")),
    }
}

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
    let seen = Some(server.memory.log_size(&server.store).await?);
    if let Some(caller) = seen.and_then(|size| server.memory.caller(size, &hash, op.now)) {
        return Ok(OpContext { caller, seen, ..op });
    }
    let mut reader = op.read().await?;
    let size = reader.log_size().await?;
    let (token, user) = reader.caller_by_hash(&hash).await?.ok_or_else(unknown)?;
    let end = token.expires_at;
    let caller = holder(token, user, op.now)?;
    server.memory.keep_caller(size, hash, caller.clone(), end);
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
        return Err(users::closed(Kind::Unauthenticated, &user.name));
    }
    if token.revoked_at.is_some() {
        return Err(refused("token_revoked", "this token was revoked"));
    }
    if now >= token.expires_at {
        return Err(refused("token_expired", &format!("this token held until {}", token.expires_at)));
    }
    let scopes = tokens::scopes_of(&token)?;
    Ok(Caller::User { user: Arc::new(user), token: token.id, scopes })
}

fn unknown() -> Error {
    refused("token_unknown", "this is not a token of this server")
}

fn refused(code: &'static str, message: &str) -> Error {
    Error::new(Kind::Unauthenticated, code, message).hint("Sign in again: countersign login URL --profile NAME.")
}

async fn with_password(op: &OpContext, name: &Name, password: String, label: String) -> Result<NewToken, Error> {
    let known = op.read().await?.user_by_name(name).await?;
    let hash = known.as_ref().and_then(|user| user.password_hash.clone());
    let right = secret::verify_password(password, hash.clone()).await?;
    let Some(known) = known.filter(|_| right) else {
        return Err(wrong());
    };
    let (ref op, mut tx) = op.write_as_user(&known).await?;
    // The password may have been replaced, or the account closed, while the hash was computed.
    let user = tx.user(known.id).await?.filter(|user| user.password_hash == hash).ok_or_else(wrong)?;
    if !user.active {
        return Err(users::closed(Kind::Unauthenticated, &user.name));
    }
    let token = session(op, &mut tx, &user, label).await?;
    tx.commit().await?;
    Ok(token)
}

async fn redeem(op: &OpContext, code: &str, name: Option<Name>, password: String, label: String) -> Result<NewToken, Error> {
    // Looked at before the costly hash, and again in the transaction: two may redeem it at once.
    let (_, user) = invitations::holding(op, &mut op.read().await?, code).await?;
    if name.is_some_and(|name| name != user.name) {
        return Err(Error::invalid("/user", "this invitation is for another account: leave the user out, or correct it"));
    }
    secret::check_password(&password)?;
    let hash = secret::hash_password(password, op.entropy.as_ref()).await?;
    let (ref op, mut tx) = op.write_as_user(&user).await?;
    let (invitation, user) = invitations::holding(op, &mut tx, code).await?;
    let user = User { password_hash: Some(hash), ..user };
    let redeemed = Invitation { redeemed_at: Some(op.now), ..invitation };
    tx.update(&redeemed).await?;
    tx.update(&user).await?;
    tx.record(Event::InvitationRedeemed { invitation: redeemed.id, user: user.id }, About::default());
    tokens::revoke_all(op, &mut tx, &user).await?;
    let token = session(op, &mut tx, &user, label).await?;
    tx.commit().await?;
    Ok(token)
}

/// A token for everything that the account may do.
async fn session(op: &OpContext, tx: &mut Writer, user: &User, label: String) -> Result<NewToken, Error> {
    tokens::issue(op, tx, user, label, Scope::ALL.iter().copied().collect(), op.settings.limits.session_lifetime).await
}

fn wrong() -> Error {
    Error::new(Kind::Unauthenticated, "sign_in_failed", "the user name or the password is wrong")
        .hint("Try again, or ask an administrator for a new invitation.")
}
