//! Whether the person of a session is there now: they signed in a short time ago, or gave their password with the request.

use crate::{
    Caller, Error, OpContext,
    base::{error::Code, secret},
    views::Password,
};
use domain::{NextStep, people::Credential};

/// The context of a request that may bring the caller's password. A wrong password is an error, also where none was needed.
///
/// # Errors
/// A wrong password; nobody is signed in.
pub(crate) async fn with_password(op: &OpContext, password: Option<Password>) -> Result<OpContext, Error> {
    // A program's token gains nothing by a password, and learns nothing of one.
    let Some(Password(password)) = password.filter(|_| is_session(op)) else { return Ok(op.clone()) };
    let (user, hash) = (op.user()?.id, op.user()?.password_hash.clone());
    match hash.clone() {
        Some(right) if secret::verify_password(op.keys.credentials.pepper(), Some(user), password, hash).await? => {
            Ok(OpContext { right_password: Some(right), ..op.clone() })
        }
        _ => Err(Error::new(Code::SignInFailed, "the password is wrong").at("/password").next(NextStep::CheckPassword)),
    }
}

/// Checks that the person who gives a command is there now. `verb` names the command. `op` is the context under the lock: the password
/// may have been replaced meanwhile.
///
/// # Errors
/// A sign-in that is too long ago, without a password.
pub(crate) fn check(op: &OpContext, verb: &str) -> Result<(), Error> {
    let Caller::User { user, since, .. } = &op.caller else {
        return op.user().map(drop);
    };
    let limit = op.settings.limits.reauthenticate_after;
    // A clock that was set back makes no sign-in fresh.
    let fresh = is_session(op) && *since <= op.now.plus(limit) && op.now < since.plus(limit);
    let given = op.right_password.is_some() && op.right_password == user.password_hash;
    if fresh || given {
        return Ok(());
    }
    let why = match limit.micros() {
        0 => "this server asks for it each time".to_owned(),
        _ => format!("you signed in at {since}, and a sign-in is enough for {limit}"),
    };
    let message = format!("cannot {verb} without your password: {why}");
    Err(Error::new(Code::ReauthenticationRequired, message).next(NextStep::GivePassword))
}

fn is_session(op: &OpContext) -> bool {
    op.credential() == Credential::Session
}
