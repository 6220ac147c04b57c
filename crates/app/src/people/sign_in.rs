//! Signs in: a password or an invitation becomes a token.
//!
//! Only a caller who shows a secret of the account learns what is wrong. To everybody else each failure looks alike and takes
//! as long.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{caller, error::Code, secret},
    people::{
        invitations,
        tokens::{self, Made},
    },
    views::{NewToken, SignInRequest},
};
use domain::{Name, NextStep, access::Scope, event::Event, invitation::PasswordOrigin, people::Credential};
use store::{Invitation, Json, TokenKind, User, Writer};

/// What a token from signing in is called where the caller does not say.
const LABEL: &str = "sign-in";

/// Who is to keep what signing in gives.
#[derive(Clone, Copy)]
enum Keeper {
    /// A program, as a token.
    Program,
    /// A browser, as a cookie.
    Browser,
}

/// Signs somebody in. With an invitation it sets the password and revokes every token from before.
///
/// # Errors
/// A wrong name or password; an invitation that does not hold; a closed account; a password too short to be set.
pub async fn sign_in(op: &OpContext, request: SignInRequest) -> Result<NewToken, Error> {
    enter(op, request, Keeper::Program).await
}

/// Signs somebody in with a browser. What the browser keeps opens the pages, and not the API.
///
/// # Errors
/// As [`sign_in`].
pub async fn in_browser(op: &OpContext, request: SignInRequest) -> Result<NewToken, Error> {
    enter(op, request, Keeper::Browser).await
}

async fn enter(op: &OpContext, request: SignInRequest, keeper: Keeper) -> Result<NewToken, Error> {
    let label = tokens::checked_label(request.label, LABEL)?;
    match (request.invitation, request.user) {
        (Some(code), user) => redeem(op, &code, user, request.password, (keeper, label)).await,
        (None, Some(user)) => with_password(op, &user, request.password, (keeper, label)).await,
        (None, None) => Err(Error::invalid("/user", "say who you are: give your user name, or an invitation")),
    }
}

async fn with_password(op: &OpContext, name: &Name, password: String, session: (Keeper, String)) -> Result<NewToken, Error> {
    let known = op.read().await?.user_by_name(name).await?;
    let hash = known.as_ref().and_then(|user| user.password_hash.clone());
    let owner = known.as_ref().map(|user| user.id);
    let right = secret::verify_password(op.keys.credentials.pepper(), owner, password, hash.clone()).await?;
    let Some(known) = known.filter(|_| right) else {
        return Err(wrong());
    };
    let (ref op, mut tx) = op.write_as_user(&known, Credential::Password).await?;
    // The password may have been replaced, or the account closed, while the hash was computed.
    let user = tx.user(known.id).await?.filter(|user| user.password_hash == hash).ok_or_else(wrong)?;
    if !user.active {
        return Err(caller::account_closed(Code::AccountClosed, &user.name));
    }
    let token = begin(op, &mut tx, &user, session).await?;
    tx.commit().await?;
    Ok(token)
}

async fn redeem(
    op: &OpContext,
    code: &str,
    name: Option<Name>,
    password: String,
    session: (Keeper, String),
) -> Result<NewToken, Error> {
    // Looked at before the costly hash, and again in the transaction: two may redeem it at once.
    let (_, user) = invitations::holding(op, &mut op.read().await?, code).await?;
    if name.is_some_and(|name| name != user.name) {
        return Err(Error::invalid("/user", "this invitation is for another account than the user that was named"));
    }
    secret::check_password(&password)?;
    let hash = secret::hash_password(op.keys.credentials.pepper(), user.id, password, op.entropy.as_ref()).await?;
    let (ref op, mut tx) = op.write_as_user(&user, Credential::Invitation).await?;
    let (invitation, user) = invitations::holding(op, &mut tx, code).await?;
    let redeemed = Invitation { redeemed_at: Some(op.now), ..invitation };
    let (issued_by, confirmed_by) = (redeemed.issued_by.0.clone(), redeemed.confirmed_by.clone().map(|inviter| inviter.0));
    let origin = PasswordOrigin {
        invitation: redeemed.id,
        issued_by: issued_by.clone(),
        confirmed_by: confirmed_by.clone(),
        redeemed_at: op.now,
    };
    let appointed = invitations::appoints(&redeemed, &user);
    let appointed_by_console = user.appointed_by_console || appointed;
    let user = User { password_hash: Some(hash), password_origin: Some(Json(origin)), appointed_by_console, ..user };
    tx.update(&redeemed).await?;
    tx.update(&user).await?;
    let event = Event::InvitationRedeemed { invitation: redeemed.id, user: user.id, issued_by, confirmed_by };
    change::record(op, &mut tx, Subject::Instance, event).await?;
    if appointed {
        change::record(op, &mut tx, Subject::Instance, Event::AdministratorAppointed { user: user.id }).await?;
    }
    tokens::revoke_all(op, &mut tx, &user).await?;
    let token = begin(op, &mut tx, &user, session).await?;
    tx.commit().await?;
    Ok(token)
}

/// A token for everything that the account may do.
async fn begin(op: &OpContext, tx: &mut Writer, user: &User, (keeper, label): (Keeper, String)) -> Result<NewToken, Error> {
    let limits = &op.settings.limits;
    let (prefix, lifetime) = match keeper {
        Keeper::Program => (secret::TOKEN_PREFIX, limits.session_lifetime),
        Keeper::Browser => (secret::BROWSER_PREFIX, limits.browser_session_lifetime),
    };
    let made = Made {
        prefix,
        label,
        scopes: Scope::ALL.iter().copied().collect(),
        expires_at: op.now.plus(lifetime),
        kind: TokenKind::Session,
        parent: None,
    };
    tokens::issue(op, tx, user, made).await
}

fn wrong() -> Error {
    Error::new(Code::SignInFailed, "the user name or the password is wrong").next(NextStep::CheckPassword)
}
