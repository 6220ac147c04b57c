//! Invitations: codes that work once. With a code a person sets their own password, so that nobody knows another's.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{caller, error::Code, find, secret},
    people::{self, account},
    views::Invited,
};
use domain::{
    DisplayName, Name, NextStep,
    access::{Action, Scope},
    event::Event,
    people::{AccountKind, InstanceRole},
};
use store::{Invitation, Json, Reader, User, Writer};

/// Issues a new invitation to somebody, who keeps the present password until it is redeemed. Earlier invitations no longer hold.
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
        None => new_administrator(op, &mut tx, name).await?,
    };
    let invited = issue(op, &mut tx, &user).await?;
    tx.commit().await?;
    Ok(invited)
}

async fn new_administrator(op: &OpContext, tx: &mut Writer, name: &Name) -> Result<User, Error> {
    let display_name: DisplayName = name.as_str().parse().map_err(Error::internal)?;
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
    };
    account::add(op, tx, &user).await?;
    Ok(user)
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
    };
    let invitation = Invitation { mac: keys.invitation_mac(&invitation, &code), ..invitation };
    tx.insert(&invitation).await?;
    let event = Event::InvitationIssued { invitation: invitation.id, user: user.id, expires_at: invitation.expires_at };
    change::record(op, tx, Subject::Instance, event).await?;
    Ok(Invited { user: people::view::user(user), invitation: code, expires_at: invitation.expires_at })
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
    Ok((invitation, user))
}
