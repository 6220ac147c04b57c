//! Accounts and their invitations.

use super::{Show, Table, Text, cells, facts, review::without_approver};
use app::views::{Invited, PasswordView, User};

/// Accounts in a list.
pub fn table(users: &[User]) -> Text {
    let row = |user: &User| cells![user.name, user.display_name, user.email, user.kind, user.role, user.active];
    Table::of(&["NAME", "DISPLAY NAME", "EMAIL", "KIND", "ROLE", "ACTIVE"], users, row).text("No accounts.")
}

/// One account.
pub fn card(user: &User) -> Text {
    facts(&[
        ("name", &user.name),
        ("display name", &user.display_name),
        ("email", &user.email),
        ("kind", &user.kind),
        ("role", &user.role),
        ("active", &user.active),
        ("created", &user.created_at),
        ("password", &user.password.as_ref().map(origin)),
        ("first signed", &user.signed_at),
        ("appointed by the console", &user.appointed_by_console.then_some("yes")),
    ]) + without_approver(&user.without_approver)
}

/// How an account came by its password, in words.
pub fn origin(password: &PasswordView) -> String {
    let PasswordView { issued_by, confirmed_by, redeemed_at } = password;
    let confirmed = confirmed_by.as_ref().map(|by| format!(", confirmed by {by}")).unwrap_or_default();
    format!("by invitation of {issued_by}{confirmed}, redeemed at {}", redeemed_at.cell())
}

/// An invitation.
pub fn invitation(invited: &Invited) -> Text {
    facts(&[("user", &invited.user.name), ("invitation", &invited.invitation), ("works until", &invited.expires_at)])
}
