//! Invitations: codes that work once. With a code a person sets their own password, so that nobody knows another's.

use crate::change::{self, Subject};
use crate::{
    Caller, Error, OpContext,
    base::{caller, error::Code, find, presence, secret},
    people::{self, account},
    views::{self, ConfirmInvitationRequest, Done, Invited},
};
use domain::{
    DisplayName, Name, NextStep,
    access::{Action, Scope},
    event::Event,
    invitation::{self, Inviter},
    people::{AccountKind, Credential, InstanceRole},
};
use store::{Invitation, Json, Reader, User, Writer};

/// Issues a new invitation to somebody, who keeps the present password until it is redeemed. Earlier invitations no longer hold. For an
/// account that signed, a second administrator has to confirm it first.
///
/// # Errors
/// Not an administrator; no such user, a closed account, or a service account.
pub async fn invite(op: &OpContext, name: &Name) -> Result<Invited, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepUsers)?;
    let user = find::user(&mut tx, name, "user").await?;
    let invited = issue(op, &mut tx, &user).await?;
    tx.commit().await?;
    Ok(invited)
}

/// Creates an administrator from the server's own machine, or lets the one of this name set a new password.
///
/// # Errors
/// There is an account of this name that is not an administrator's, or is closed; the caller is neither on that machine nor an administrator.
pub async fn create_administrator(op: &OpContext, name: &Name) -> Result<Invited, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepUsers)?;
    let user = match tx.user_by_name(name).await? {
        Some(user) if user.role == InstanceRole::Administrator => user,
        Some(_) => {
            let message = format!("there is an account “{name}” already, and it is not an administrator's");
            return Err(Error::new(Code::AlreadyExists, message).next(NextStep::ChooseAnotherName));
        }
        None => new_administrator(op, &mut tx, name, name.as_str().parse().map_err(Error::internal)?).await?,
    };
    let invited = issue(op, &mut tx, &user).await?;
    tx.commit().await?;
    Ok(invited)
}

/// The first administrator, by somebody with a set-up link.
pub(crate) async fn first_administrator(op: &OpContext, name: &Name, display_name: DisplayName) -> Result<Invited, Error> {
    let (ref op, mut tx) = op.write().await?;
    if !tx.administrators().await?.is_empty() {
        let message = "this set-up link has been used: the server has an administrator";
        return Err(Error::new(Code::InvitationUsed, message).next(NextStep::SignIn));
    }
    let user = new_administrator(op, &mut tx, name, display_name).await?;
    let invited = issue(op, &mut tx, &user).await?;
    tx.commit().await?;
    Ok(invited)
}

/// Whether redeeming this invitation makes its account an administrator whom the console appointed. Not earlier: until then, the password
/// is one that the administrator who made the account may know.
pub(crate) fn appoints(invitation: &Invitation, user: &User) -> bool {
    invitation.issued_by.0 == Inviter::Console && user.role == InstanceRole::Administrator && !user.appointed_by_console
}

async fn new_administrator(op: &OpContext, tx: &mut Writer, name: &Name, display_name: DisplayName) -> Result<User, Error> {
    let user = User {
        id: op.id(),
        name: name.clone(),
        display_name,
        email: None,
        former_names: Json::default(),
        kind: AccountKind::Person,
        role: InstanceRole::Administrator,
        active: true,
        password_hash: None,
        created_at: op.now,
        password_origin: None,
        signed_at: None,
        appointed_by_console: matches!(op.caller, Caller::Console),
        absence: None,
    };
    account::add(op, tx, &user).await?;
    Ok(user)
}

/// Confirms the open invitation of somebody whose account signed: as a second administrator, or at the server's console.
///
/// # Errors
/// Not an administrator, not one who has signed in, or no second one; no invitation that can be confirmed.
pub async fn confirm(op: &OpContext, name: &Name, request: ConfirmInvitationRequest) -> Result<Done<views::User>, Error> {
    op.needs(Scope::Administer)?;
    let op = &presence::with_password(op, request.password).await?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepUsers)?;
    let user = find::user(&mut tx, name, "user").await?;
    let open = tx.open_invitations(user.id).await?.into_iter().find(|invitation| op.now < invitation.expires_at);
    let invitation = open.ok_or_else(|| Error::not_found("open invitation of", name))?;
    if invitation.confirmed_by.is_some() || invitation.issued_by.0 == Inviter::Console {
        return Ok(Done { already_done: true, result: people::view::user(&user) });
    }
    check_second(op, &mut tx, &invitation, name).await?;
    let issued_by = invitation.issued_by.0.clone();
    let confirmed = Invitation { confirmed_by: Some(Json(inviter(op)?)), ..invitation };
    tx.update(&confirmed).await?;
    let event = Event::InvitationConfirmed { invitation: confirmed.id, user: user.id, issued_by };
    change::record(op, &mut tx, Subject::Instance, event).await?;
    tx.commit().await?;
    Ok(Done { already_done: false, result: people::view::user(&user) })
}

/// Checks that the caller is a second person beside the one who gave an invitation out, and is there now. The console always is.
async fn check_second(op: &OpContext, tx: &mut Writer, invitation: &Invitation, name: &Name) -> Result<(), Error> {
    let (Inviter::Administrator { id, .. }, Caller::User { user, .. }) = (&invitation.issued_by.0, &op.caller) else {
        return Ok(());
    };
    let issuer = tx.user(*id).await?.is_some_and(|issuer| issuer.appointed_by_console);
    let second = invitation::is_second((*id, issuer), (user.id, user.appointed_by_console));
    second.map_err(|why| {
        let message = format!("you cannot confirm the invitation of “{name}”: {}", why.reason());
        Error::new(Code::NoSecondAdministrator, message).next(NextStep::ConfirmInvitation { user: name.clone() })
    })?;
    if op.credential() != Credential::Session {
        let message = "this token shows that a program asks: only an administrator who has signed in confirms an invitation";
        return Err(Error::new(Code::SessionRequired, message).next(NextStep::SignIn));
    }
    presence::check(op, "confirm an invitation")
}

/// The caller, as one who gives out or confirms invitations.
fn inviter(op: &OpContext) -> Result<Inviter, Error> {
    match &op.caller {
        Caller::Console => Ok(Inviter::Console),
        _ => op.user().map(|user| Inviter::Administrator { id: user.id, name: user.name.clone() }),
    }
}

/// Whether one administrator alone may not give out an invitation for this account: it signed, or it confirms invitations itself.
fn needs_second(user: &User) -> bool {
    user.signed_at.is_some() || user.appointed_by_console
}

/// Issues the one invitation of this account that holds.
pub(crate) async fn issue(op: &OpContext, tx: &mut Writer, user: &User) -> Result<Invited, Error> {
    if user.kind == AccountKind::Service {
        let message = format!("“{}” is a service account: it has tokens, and nobody signs in with it", user.name);
        return Err(Error::new(Code::ServiceAccount, message).next(NextStep::CreateServiceToken { service: user.name.clone() }));
    }
    if !user.active {
        return Err(caller::account_closed(Code::UserClosed, &user.name));
    }
    cancel_open(op, tx, user).await?;
    let code = secret::generate(secret::INVITATION_PREFIX, op.entropy.as_ref());
    let keys = &op.keys.credentials;
    let invitation = Invitation {
        id: op.id(),
        user_id: user.id,
        lookup: keys.lookup(&code),
        mac: Vec::new(),
        created_at: op.now,
        expires_at: op.now.plus(op.settings.limits.invitation_lifetime),
        redeemed_at: None,
        cancelled_at: None,
        issued_by: Json(inviter(op)?),
        confirmed_by: None,
    };
    let invitation = Invitation { mac: keys.invitation_mac(&invitation, &code), ..invitation };
    tx.insert(&invitation).await?;
    let (id, expires_at) = (invitation.id, invitation.expires_at);
    let needs_confirmation = needs_second(user) && invitation.issued_by.0 != Inviter::Console;
    let event = Event::InvitationIssued { invitation: id, user: user.id, expires_at, needs_confirmation };
    change::record(op, tx, Subject::Instance, event).await?;
    Ok(Invited { user: people::view::user(user), invitation: code, expires_at, needs_confirmation })
}

/// Cancels the invitations of an account that still hold. The caller records why.
pub(crate) async fn cancel_open(op: &OpContext, tx: &mut Writer, user: &User) -> Result<(), Error> {
    for invitation in tx.open_invitations(user.id).await? {
        tx.update(&Invitation { cancelled_at: Some(op.now), ..invitation }).await?;
    }
    Ok(())
}

/// The invitation with this code and its account, if it still holds.
pub(crate) async fn holding(op: &OpContext, reader: &mut Reader, code: &str) -> Result<(Invitation, User), Error> {
    let refused = |code, message: &str| Error::new(code, message).at("/invitation").next(NextStep::AskForInvitation);
    let unknown = || refused(Code::InvitationUnknown, "this is not the code of an invitation");
    let keys = &op.keys.credentials;
    let invitation = reader.invitation_by_lookup(&keys.lookup(code)).await?;
    let invitation = invitation.filter(|invitation| keys.made_invitation(invitation, code)).ok_or_else(unknown)?;
    let user = reader.user(invitation.user_id).await?.ok_or_else(unknown)?;
    if invitation.redeemed_at.is_some() {
        return Err(refused(Code::InvitationUsed, "this invitation was used before, and each holds once"));
    }
    if !user.active {
        return Err(caller::account_closed(Code::AccountClosed, &user.name));
    }
    if invitation.cancelled_at.is_some() {
        return Err(refused(Code::InvitationCancelled, "this invitation no longer holds: a newer one took its place"));
    }
    if op.now >= invitation.expires_at {
        return Err(refused(Code::InvitationExpired, &format!("this invitation held until {}", invitation.expires_at)));
    }
    // As the account is now: it may have signed since the invitation was given out.
    let confirmed = invitation.confirmed_by.is_some() || invitation.issued_by.0 == Inviter::Console;
    if needs_second(&user) && !confirmed {
        let message =
            "this invitation waits for a second administrator: the account has signed decisions, or confirms invitations";
        let step = NextStep::ConfirmInvitation { user: user.name.clone() };
        return Err(Error::new(Code::InvitationUnconfirmed, message).at("/invitation").next(step));
    }
    Ok((invitation, user))
}
