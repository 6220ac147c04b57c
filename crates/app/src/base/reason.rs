//! Reasons that people type for a change of the rules, within their bounds. The record keeps them.

use crate::Error;
use domain::text;

/// The longest reason, in characters.
const LONGEST: usize = 10_000;

/// The reason in the field `reason` of a request. `change` is what the reason is for: "the policy changes".
///
/// # Errors
/// A reason of which a reader sees nothing; one that is too long.
pub(crate) fn checked(reason: Option<&str>, change: &str) -> Result<String, Error> {
    match reason.and_then(text::visible) {
        None => Err(Error::invalid("/reason", format!("say why {change}: the reason is kept in the record"))),
        Some(long) if long.chars().count() > LONGEST => {
            Err(Error::invalid("/reason", format!("the reason is too long: use {LONGEST} characters or fewer")))
        }
        Some(reason) => Ok(reason.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn a_reason_is_something_that_a_reader_sees() {
        assert_eq!(checked(Some("  because \n"), "the policy changes").unwrap(), "because");
        for none in [None, Some(""), Some(" \t\n"), Some("\u{200b}")] {
            assert_eq!(checked(none, "the policy changes").unwrap_err().fields[0].pointer, "/reason");
        }
    }
}
