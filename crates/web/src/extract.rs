//! What handlers take: the caller, the body, the query, the path and the conditions of a request, each read strictly. What is
//! wrong with one ends here as a [`Problem`], so that a handler only ever sees what it can work with.

mod body;
mod content_digest;
mod creating;
mod if_match;
mod json;
mod op;
mod path;
mod query;

pub(crate) use body::chunks;
pub(crate) use content_digest::{digest_header, digest_of};
pub(crate) use creating::{Creating, CreatingSecret, IdempotencyHeader};
pub(crate) use if_match::{IfMatch, IfMatchHeader};
pub(crate) use json::{Nothing, StrictJson};
pub(crate) use op::{Asking, Op, OpAnonymous};
pub(crate) use path::{FromPath, StrictPath, parameter};
pub(crate) use query::StrictQuery;

/// How much of a message is shown: the text that it repeats may be as long as a body.
const LONGEST_MESSAGE: usize = 500;

/// A message that may repeat what the client sent, as one line that shows every character as itself or escaped.
fn legible(message: &str) -> String {
    let mut line = String::new();
    for (index, c) in message.chars().enumerate() {
        match c {
            _ if index == LONGEST_MESSAGE => {
                line.push('…');
                break;
            }
            '"' | '\'' | '\\' => line.push(c),
            _ => line.extend(c.escape_debug()),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::legible;

    #[test]
    fn what_a_message_repeats_stays_on_its_line_and_short() {
        assert_eq!(legible("unknown field `größe`, expected \"a\""), "unknown field `größe`, expected \"a\"");
        assert_eq!(legible("`a\r\nb\u{1b}[31m\u{202e}`"), "`a\\r\\nb\\u{1b}[31m\\u{202e}`");
        assert_eq!(legible(&"x".repeat(1 << 20)).chars().count(), 501);
    }
}
