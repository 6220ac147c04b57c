//! Which messages a person wants. A person says so on the page of the account, or by the link in a message, without signing in.

use crate::{
    Caller, Error, OpContext, Server,
    base::{error::Code, secret},
    views::WantedMessages,
};
use domain::{DisplayName, NextStep, UserId, access::Scope, notice::Wanted};
use std::sync::Arc;
use store::User;

/// What a link in a message bears, so that nobody unsubscribes another one.
pub(super) fn code(op: &OpContext, user: UserId) -> String {
    format!("{}{}", user.uuid().simple(), op.keys.credentials.unsubscribe_mac(user))
}

/// Which messages the caller wants.
///
/// # Errors
/// When nobody is signed in.
pub async fn wanted(op: &OpContext) -> Result<WantedMessages, Error> {
    op.needs(Scope::Read)?;
    let user = op.user()?;
    let wanted = op.read().await?.wanted_messages(user.id).await?;
    Ok(WantedMessages { wanted, mail_is_set_up: op.sends_mail().await?, address: user.email.clone() })
}

/// Sets which messages the caller wants.
///
/// # Errors
/// When nobody is signed in; with a token that reads only.
pub async fn set_wanted(op: &OpContext, wanted: Wanted) -> Result<WantedMessages, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write_outside().await?;
    let user = op.user()?;
    tx.set_wanted_messages(user.id, wanted).await?;
    tx.commit().await?;
    Ok(WantedMessages { wanted, mail_is_set_up: op.sends_mail().await?, address: user.email.clone() })
}

/// Whose messages the link ends, and which messages they want now.
///
/// # Errors
/// A link that this server did not make.
pub async fn wanted_by_code(server: &Arc<Server>, code: &str) -> Result<(DisplayName, Wanted), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "unsubscribe");
    let user = of_code(&op, code).await?;
    let wanted = op.read().await?.wanted_messages(user.id).await?;
    Ok((user.display_name, wanted))
}

/// Ends the messages to the person whom the link belongs to.
///
/// # Errors
/// A link that this server did not make.
pub async fn unsubscribe(server: &Arc<Server>, code: &str) -> Result<(), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "unsubscribe");
    let user = of_code(&op, code).await?;
    let (_, mut tx) = op.write_outside().await?;
    tx.set_wanted_messages(user.id, Wanted::Nothing).await?;
    Ok(tx.commit().await?)
}

async fn of_code(op: &OpContext, code: &str) -> Result<User, Error> {
    let unknown = || Error::new(Code::NotFound, "this link is none of this server's").next(NextStep::CheckName);
    let (user, mac) = code.split_at_checked(32).ok_or_else(unknown)?;
    let user: UserId = user.parse().map_err(|_| unknown())?;
    if !secret::same(&op.keys.credentials.unsubscribe_mac(user), mac) {
        return Err(unknown());
    }
    op.read().await?.user(user).await?.ok_or_else(unknown)
}
