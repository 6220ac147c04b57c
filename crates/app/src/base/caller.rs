//! Who acts: the account behind a token, as account and token are now.

use crate::{Error, base::error::Code};
use domain::{Name, NextStep, Timestamp, TokenId, access::Scope, people::Credential};
use std::{collections::BTreeSet, sync::Arc};
use store::{Reader, Token, TokenKind, User};

/// Who acts.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody yet: signing in, redeeming an invitation.
    Anonymous,
    /// Somebody with a token.
    User {
        /// The account.
        user: Arc<User>,
        /// The token.
        token: TokenId,
        /// What the token may be used for.
        scopes: BTreeSet<Scope>,
        /// What the token shows of who acts.
        credential: Credential,
        /// When the token was made; for a session, when its person signed in.
        since: Timestamp,
    },
    /// The clock of the server.
    Clock,
    /// Somebody with a shell on the server's machine.
    Console,
}

/// The caller with this token, as the account and the token are now.
///
/// # Errors
/// A token that is unknown, has expired or was revoked; a closed account.
pub(crate) async fn caller(reader: &mut Reader, token: TokenId, now: Timestamp) -> Result<Caller, Error> {
    let (token, user) = reader.caller(token).await?.ok_or_else(unknown)?;
    holder(token, user, now)
}

/// The caller who holds this token of this account.
///
/// # Errors
/// A token that has expired or was revoked; a closed account.
pub(crate) fn holder(token: Token, user: User, now: Timestamp) -> Result<Caller, Error> {
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
    Ok(Caller::User { user: Arc::new(user), token: token.id, scopes, credential, since: token.created_at })
}

/// The refusal of a token that this server never gave out.
pub(crate) fn unknown() -> Error {
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
