//! Builds the views of accounts and groups.

use crate::{Error, OpContext, views};
use domain::{Name, access::Action};
use store::{Group, Reader, User};

/// An account.
pub(crate) fn user(user: &User) -> views::User {
    views::User {
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        kind: user.kind,
        role: user.role,
        active: user.active,
        created_at: user.created_at,
        password: user.password_origin.clone().map(|origin| origin.0.into()),
        signed_at: user.signed_at,
        appointed_by_console: user.appointed_by_console,
        without_approver: Vec::new(),
    }
}

/// An account as somebody sees it: the mail address is for its owner, administrators and auditors.
pub(crate) fn seen(op: &OpContext, account: &User) -> views::User {
    let view = user(account);
    let is_own = op.user().is_ok_and(|caller| caller.id == account.id);
    match is_own || op.allow(Action::ReadAudit).is_ok() {
        true => view,
        false => views::User { email: None, ..view },
    }
}

/// A group with its members.
pub(crate) async fn group(reader: &mut Reader, group: &Group) -> Result<views::Group, Error> {
    let members = reader.group_users(group.id).await?.into_iter().map(|user| user.name).collect();
    Ok(listed_group(group, members))
}

/// A group whose members are known.
pub(crate) fn listed_group(group: &Group, members: Vec<Name>) -> views::Group {
    views::Group { name: group.name.clone(), members, created_at: group.created_at, without_approver: Vec::new() }
}
