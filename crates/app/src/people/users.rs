//! Accounts: lists, creates, changes and closes them.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext, Page,
    base::{error::Code, find},
    people::{self, account::add, invitations, tokens},
    reviews::stranded,
    views::{self, ChangeUserRequest, CreateUserRequest, Invited, List},
};
use domain::{
    Name, NextStep,
    access::{Action, Scope},
    event::Event,
    people::{AccountKind, InstanceRole},
};
use store::{Json, Reader, User};

/// The longest mail address that mail itself allows (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST_EMAIL: usize = 254;

/// The account that acts.
///
/// # Errors
/// When nobody is signed in.
pub async fn me(op: &OpContext) -> Result<views::User, Error> {
    op.user().map(people::view::user)
}

/// Accounts in the order of their names.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, page: Page) -> Result<List<views::User>, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeePeople)?;
    let users = op.read().await?.users(&page.after, page.limit() + 1).await?;
    let users = users.iter().map(|user| people::view::seen(op, user)).collect();
    Ok(List::page(users, page.limit(), |user| user.name.to_string()))
}

/// Accounts of programs in the order of their names.
///
/// # Errors
/// A token without the scope.
pub async fn services(op: &OpContext, page: Page) -> Result<List<views::User>, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeePeople)?;
    let users = op.read().await?.service_accounts(&page.after, page.limit() + 1).await?;
    let users = users.iter().map(|user| people::view::seen(op, user)).collect();
    Ok(List::page(users, page.limit(), |user| user.name.to_string()))
}

/// One account.
///
/// # Errors
/// There is none of this name.
pub async fn show(op: &OpContext, name: &Name) -> Result<views::User, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeePeople)?;
    Ok(people::view::seen(op, &find::user(&mut op.read().await?, name, "user").await?))
}

/// Creates an account for a person, and the invitation by which they set their password.
///
/// # Errors
/// Not an administrator; a name that is taken; a mail address that is none.
pub async fn create(op: &OpContext, request: CreateUserRequest) -> Result<Invited, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepUsers)?;
    let user = User {
        id: op.id(),
        name: request.name,
        display_name: request.display_name,
        email: request.email.map(checked_email).transpose()?,
        former_names: Json::default(),
        kind: AccountKind::Person,
        role: request.role.unwrap_or(InstanceRole::User),
        active: true,
        password_hash: None,
        created_at: op.now,
        password_origin: None,
        signed_at: None,
        appointed_by_console: false,
        absence: None,
    };
    add(op, &mut tx, &user).await?;
    let invited = invitations::issue(op, &mut tx, &user).await?;
    tx.commit().await?;
    Ok(invited)
}

/// Changes an account, closes it or opens it again. Closing revokes its tokens and cancels its invitations.
///
/// # Errors
/// Not an administrator; the last administrator would go; a mail address that is none.
pub async fn change(op: &OpContext, name: &Name, request: ChangeUserRequest) -> Result<views::User, Error> {
    op.needs(Scope::Administer)?;
    let email = request.email.map(|email| email.map(checked_email).transpose()).transpose()?;
    let (ref op, mut tx) = op.write().await?;
    op.allow(Action::KeepUsers)?;
    let before = find::user(&mut tx, name, "user").await?;
    let mut after = User {
        display_name: request.display_name.unwrap_or_else(|| before.display_name.clone()),
        email: email.unwrap_or_else(|| before.email.clone()),
        role: request.role.unwrap_or(before.role),
        active: request.active.unwrap_or(before.active),
        ..before.clone()
    };
    // A new appointment is another one, by another hand.
    let appointed_by_console = before.appointed_by_console && after.role == InstanceRole::Administrator;
    after.appointed_by_console = appointed_by_console;
    keep_former_names(&before, &mut after);
    if after == before {
        return Ok(people::view::user(&before));
    }
    if is_administrator(&before) && !is_administrator(&after) {
        keep_an_administrator(&mut tx).await?;
    }
    tx.update(&after).await?;
    let closed = before.active && !after.active;
    if closed {
        invitations::cancel_open(op, &mut tx, &after).await?;
    }
    let event = Event::UserChanged {
        user: after.id,
        name: after.name.clone(),
        display_name: after.display_name.clone(),
        email: after.email.clone(),
        role: after.role,
        active: after.active,
    };
    change::record(op, &mut tx, Subject::Instance, event).await?;
    if closed {
        tokens::revoke_all(op, &mut tx, &after).await?;
    }
    tx.commit().await?;
    let without_approver = stranded::of_account(op, &mut op.read_back().await?, after.id).await.map_err(Error::after_commit)?;
    Ok(views::User { without_approver, ..people::view::user(&after) })
}

/// Keeps the names that a change takes away: a version may name its author by them.
fn keep_former_names(before: &User, after: &mut User) {
    let names = |user: &User| [Some(user.display_name.to_string()), user.email.clone()];
    let now = names(after);
    after.former_names.0.extend(names(before).into_iter().filter(|name| !now.contains(name)).flatten());
}

fn is_administrator(user: &User) -> bool {
    user.active && user.kind == AccountKind::Person && user.role == InstanceRole::Administrator
}

async fn keep_an_administrator(reader: &mut Reader) -> Result<(), Error> {
    if reader.administrators().await?.len() > 1 {
        return Ok(());
    }
    let message = "this is the last administrator: without one nobody could keep users, groups and projects";
    Err(Error::new(Code::LastAdministrator, message).next(NextStep::AppointAnother { role: "administrator".to_owned() }))
}

/// Loosely: something on both sides of one `@`, and nothing that could break a mail's header. Whether mail arrives is
/// for a mail to show.
fn checked_email(email: String) -> Result<String, Error> {
    let sides = email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'));
    let clean = !email.chars().any(|c| c.is_whitespace() || c.is_control()) && email.len() <= LONGEST_EMAIL;
    if sides && clean {
        return Ok(email);
    }
    let excerpt: String = email.chars().take(100).flat_map(char::escape_debug).collect();
    Err(Error::invalid(
        "/email",
        format!("`{excerpt}` is not a mail address: write NAME@HOST, at most {LONGEST_EMAIL} characters"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_checked_loosely() {
        for good in ["a@b", "risk.officer+models@example.org", "bücher@example.org"] {
            assert_eq!(checked_email(good.to_owned()).unwrap(), good);
        }
        let long = format!("{}@example.org", "x".repeat(LONGEST_EMAIL));
        for bad in ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: c@d", "a@b\u{7}", &long] {
            assert!(checked_email(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
