//! Accounts as other use cases need them: adding one, and whether a member can act.

use crate::change::{self, Subject};
use crate::{Error, OpContext, base::person};
use domain::{GroupId, UserId, event::Event};
use std::collections::BTreeSet;
use store::{MemberKind, Reader, StoreError, User, Writer};
use uuid::Uuid;

/// Adds an account and records it.
pub(crate) async fn add(op: &OpContext, tx: &mut Writer, user: &User) -> Result<(), Error> {
    tx.insert(user).await.map_err(|error| match error {
        StoreError::Exists => Error::exists("user", &user.name).at("/name"),
        other => other.into(),
    })?;
    let event = Event::UserCreated {
        user: user.id,
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        kind: user.kind,
        role: user.role,
    };
    change::record(op, tx, Subject::Instance, event).await?;
    Ok(())
}

/// Whether a member is, or a group holds, a person with an open account: an empty group keeps nothing, nor does an auditor.
pub(crate) async fn holds_somebody(reader: &mut Reader, kind: MemberKind, id: Uuid) -> Result<bool, Error> {
    let can_act = |user: &User| person::of(user, BTreeSet::new(), BTreeSet::new()).can_review();
    Ok(match kind {
        MemberKind::User => reader.user(UserId::from_uuid(id)).await?.as_ref().is_some_and(can_act),
        MemberKind::Group => reader.group_users(GroupId::from_uuid(id)).await?.iter().any(can_act),
    })
}
