//! Accounts and their invitations.

use super::{Table, Text, cells, facts, password::origin, review::without_approver};
use app::views::{Invited, User};

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

/// An invitation.
pub fn invitation(invited: &Invited) -> Text {
    facts(&[("user", &invited.user.name), ("invitation", &invited.invitation), ("works until", &invited.expires_at)])
}
