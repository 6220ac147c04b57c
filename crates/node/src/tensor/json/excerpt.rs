//! Shortens what a client sent, for a message.

use std::borrow::Cow;

/// The beginning of a word that a client sent.
pub(crate) fn excerpt(word: &str) -> Cow<'_, str> {
    match word.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &word[..end]).into(),
        None => word.into(),
    }
}
