//! Tokens, without the tokens themselves.

use super::{Table, Text, cells, facts};
use app::views::{NewToken, Token};

/// Tokens in a list.
pub fn table(tokens: &[Token]) -> Text {
    let row = |token: &Token| cells![token.id, token.user, token.label, token.scopes, token.expires_at, token.current];
    Table::of(&["ID", "USER", "LABEL", "SCOPES", "EXPIRES", "IN USE"], tokens, row).text("No tokens.")
}

/// A token that was just made.
pub fn card(token: &NewToken) -> Text {
    facts(&[
        ("id", &token.id),
        ("user", &token.user),
        ("label", &token.label),
        ("scopes", &token.scopes),
        ("holds until", &token.expires_at),
    ])
}
