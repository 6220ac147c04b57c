//! The sessions of browsers. The cookie of a session holds a secret of its own kind, which the API does not take for a token. A session
//! ends at its set time, when nobody uses it for a while, and with every change that ends the tokens of its account.

use crate::{
    Caller, Error, OpContext, Server,
    base::{
        authenticate,
        error::Code,
        secret::{self, BROWSER_PREFIX},
    },
};
use domain::{Duration, NextStep};
use std::sync::Arc;

/// How far behind the noted use of a session may be: each note is a write.
const NOTED_EVERY: Duration = Duration::from_seconds(60);

/// The context of a request that came with this cookie.
///
/// # Errors
/// A session that is unknown, has ended or was not used for a long time; a closed account.
pub async fn authenticate(server: &Arc<Server>, cookie: &str, request: impl Into<String>) -> Result<OpContext, Error> {
    of_session(server, cookie, request.into(), true).await
}

/// Whether an open page's session has been used lately is asked this often.
const ASKED_EVERY: Duration = Duration::from_seconds(30);

/// The context of a request that an open page makes by itself. The session is not used by it, so a page that is left open keeps no session
/// alive.
///
/// # Errors
/// As [`authenticate`].
pub async fn authenticate_page(server: &Arc<Server>, cookie: &str, request: impl Into<String>) -> Result<OpContext, Error> {
    of_session(server, cookie, request.into(), false).await
}

async fn of_session(server: &Arc<Server>, cookie: &str, request: String, is_use: bool) -> Result<OpContext, Error> {
    let op = authenticate::with_secret(server, cookie, BROWSER_PREFIX, request).await?;
    let (session, since) = match &op.caller {
        Caller::User { token, since, .. } => (*token, *since),
        _ => return Err(ended()),
    };
    let idle = server.settings.limits.browser_session_idle;
    let mut last = server.session_uses.last(session).unwrap_or(since);
    let asked = server.session_uses.asked(session);
    if !is_use && asked.is_some_and(|asked| op.now < asked.plus(ASKED_EVERY)) {
        return Ok(op);
    }
    if op.now >= last.plus(NOTED_EVERY) {
        // Another server may have heard of it since.
        let noted = op.read().await?.session_use(session).await?;
        last = noted.map_or(last, |noted| noted.max(last));
        if op.now >= last.plus(idle) {
            return Err(ended());
        }
        if is_use && op.now >= last.plus(NOTED_EVERY) {
            let (_, mut tx) = op.write_outside().await?;
            tx.note_session_use(session, op.now).await?;
            tx.commit().await?;
            last = op.now;
        }
        server.session_uses.keep(session, last);
    }
    if !is_use {
        server.session_uses.note_asked(session, op.now);
    }
    Ok(op)
}

/// What a form of this session bears, so that no other site can send the form: a fresh text each time, which only the server makes.
pub fn form_token(op: &OpContext) -> String {
    let Caller::User { token, .. } = &op.caller else { return String::new() };
    let salt = op.id::<uuid::Uuid>().simple().to_string();
    let mac = op.keys.credentials.form_mac(*token, &salt);
    format!("{salt}{mac}")
}

/// Whether a form of this session bears what [`form_token`] gave.
pub fn made_form(op: &OpContext, form_token: &str) -> bool {
    let Caller::User { token, .. } = &op.caller else { return false };
    let Some((salt, mac)) = form_token.split_at_checked(32) else { return false };
    secret::same(&op.keys.credentials.form_mac(*token, salt), mac)
}

fn ended() -> Error {
    Error::new(Code::TokenExpired, "your session ended, because you did not use it for a while").next(NextStep::SignIn)
}
