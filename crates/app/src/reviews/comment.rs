//! Comments within their bounds.

use crate::Error;

/// The longest comment, in bytes.
const LONGEST_COMMENT: usize = 20_000;

/// A comment within its bounds.
pub(crate) fn checked(comment: Option<String>) -> Result<Option<String>, Error> {
    match &comment {
        Some(text) if text.len() > LONGEST_COMMENT => {
            Err(Error::invalid("/comment", format!("the comment is too long: at most {LONGEST_COMMENT} bytes")))
        }
        _ => Ok(comment),
    }
}
