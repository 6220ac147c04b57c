//! How an account came by its password.

use super::Show;
use app::views::PasswordView;

/// By whose invitation, in words.
pub fn origin(password: &PasswordView) -> String {
    let PasswordView { issued_by, confirmed_by, redeemed_at } = password;
    let confirmed = confirmed_by.as_ref().map(|by| format!(", confirmed by {by}")).unwrap_or_default();
    format!("by invitation of {issued_by}{confirmed}, redeemed at {}", redeemed_at.cell())
}
