//! The first start: a link, good for a short time, with which somebody creates the first administrator. The link is a MAC under a key of the
//! server, so only somebody at the server's machine can make one, and nothing has to be stored. It opens nothing once there is an
//! administrator.

use crate::{
    Caller, Error, OpContext, Server,
    base::{error::Code, secret},
    people::{invitations, sign_in},
    views::{NewToken, Password, SignInRequest},
};
use domain::{DisplayName, Name, NextStep, Timestamp};
use std::sync::Arc;

/// A set-up link.
#[derive(Clone, Debug)]
pub struct SetupLink {
    /// The code in the link.
    pub code: String,
    /// Until when it holds.
    pub ends_at: Timestamp,
}

/// A new link, while there is no administrator.
///
/// # Errors
/// When the database does not answer.
pub async fn link(server: &Arc<Server>) -> Result<Option<SetupLink>, Error> {
    if !server.store.read().await?.administrators().await?.is_empty() {
        return Ok(None);
    }
    let ends_at = Timestamp::from_micros(server.now().plus(server.settings.limits.setup_link_lifetime).seconds() * 1_000_000);
    let code = format!("{:x}-{}", ends_at.seconds(), server.keys.credentials.setup_mac(ends_at));
    Ok(Some(SetupLink { code, ends_at }))
}

/// Until when the link with this code holds.
///
/// # Errors
/// A link that this server did not make, that has ended, or that has been used.
pub async fn holding(op: &OpContext, code: &str) -> Result<Timestamp, Error> {
    let refused = |code, message: &str| Error::new(code, message).next(NextStep::SignIn);
    let unknown = || refused(Code::InvitationUnknown, "this is not a set-up link of this server");
    let (end, mac) = code.split_once('-').ok_or_else(unknown)?;
    let end = i64::from_str_radix(end, 16).ok().and_then(|seconds| seconds.checked_mul(1_000_000)).ok_or_else(unknown)?;
    let end = Timestamp::from_micros(end);
    if !secret::same(&op.keys.credentials.setup_mac(end), mac) {
        return Err(unknown());
    }
    if !op.read().await?.administrators().await?.is_empty() {
        return Err(refused(Code::InvitationUsed, "this set-up link has been used: the server has an administrator"));
    }
    if op.now >= end {
        return Err(refused(Code::InvitationExpired, &format!("this set-up link held until {end}")));
    }
    Ok(end)
}

/// Creates the first administrator, and signs them in with their browser.
///
/// # Errors
/// A link that does not hold; a password that is too short.
pub async fn set_up(op: &OpContext, code: &str, name: Name, shown: DisplayName, password: Password) -> Result<NewToken, Error> {
    holding(op, code).await?;
    secret::check_password(&password.0)?;
    let console = OpContext { caller: Caller::Console, ..op.clone() };
    let invited = invitations::first_administrator(&console, &name, shown).await?;
    let request = SignInRequest { user: None, password: password.0, invitation: Some(invited.invitation), label: None };
    sign_in::in_browser(op, SignInRequest { label: Some("browser".to_owned()), ..request }).await
}
