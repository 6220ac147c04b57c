//! Replaces one's own password. Whoever has a session but not the password cannot: so a session that was left open gives nobody the account.

use super::tokens;
use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{error::Code, presence, secret},
    views::ChangePasswordRequest,
};
use domain::{NextStep, event::Event};
use store::{TokenKind, User};

/// Replaces the caller's password, and ends the caller's other sessions with the tokens that were made in them.
///
/// # Errors
/// A program's token; a wrong password; a new password that is too short, or is the present one.
pub async fn change(op: &OpContext, request: ChangePasswordRequest) -> Result<(), Error> {
    let ChangePasswordRequest { password, new_password } = request;
    secret::check_password(&new_password.0).map_err(|error| Error::invalid("/new_password", error.message))?;
    if password.0 == new_password.0 {
        return Err(Error::invalid("/new_password", "this is the present password: choose another one"));
    }
    let op = &presence::with_password(op, Some(password)).await?;
    if op.right_password.is_none() {
        let message = "a token cannot change a password: sign in with the present one";
        return Err(Error::new(Code::ReauthenticationRequired, message).next(NextStep::SignIn));
    }
    let keys = &op.keys.credentials;
    let hash = secret::hash_password(keys.pepper(), op.user()?.id, new_password.0, op.entropy.as_ref()).await?;
    let (current, _) = op.token()?;
    let (ref op, mut tx) = op.write().await?;
    let user = op.user()?.clone();
    if user.password_hash != op.right_password {
        return Err(Error::stale("your password was changed meanwhile"));
    }
    let user = User { password_hash: Some(hash), ..user };
    tx.update(&user).await?;
    change::record(op, &mut tx, Subject::Instance, Event::PasswordChanged { user: user.id }).await?;
    for token in tx.tokens(user.id).await? {
        if token.kind == TokenKind::Session && token.id != current && op.now < token.expires_at {
            tokens::revoke_family(op, &mut tx, token).await?;
        }
    }
    Ok(tx.commit().await?)
}
