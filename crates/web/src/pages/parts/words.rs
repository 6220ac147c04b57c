//! Words of pages: people, numbers, digests. What people typed is escaped and kept apart from the direction of the text around it.

use super::Markup;
use askama::filters::{Html, escape};
use domain::{Digest, infrastructure::OnLapse};
use std::{borrow::Borrow, fmt::Display};

/// Text as markup that shows exactly this text.
pub(crate) fn escaped(text: &str) -> String {
    match escape(text, Html) {
        Ok(escaped) => escaped.to_string(),
        Err(never) => match never {},
    }
}

/// The first letters of a name's first two words.
pub(crate) fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

/// A person by display name; `on_turn` for somebody who is expected to act.
pub(crate) fn who(name: &str, on_turn: bool) -> Markup {
    let turn = if on_turn { " on-turn" } else { "" };
    let (name, initials) = (escaped(name), escaped(&initials(name)));
    Markup(format!(
        r#"<span class="who{turn}"><span class="mono-gram" aria-hidden="true">{initials}</span><bdi>{name}</bdi></span>"#
    ))
}

/// A digest by its beginning and its end.
pub(crate) fn short(digest: &Digest) -> String {
    let hex = digest.to_string();
    format!("{}…{}", &hex[..8], &hex[58..])
}

/// A digest in groups of four.
pub(crate) fn fours(digest: &Digest) -> String {
    in_fours(&digest.to_string())
}

/// Hexadecimal in groups of four.
pub(crate) fn in_fours(hex: &str) -> String {
    hex.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect::<Vec<_>>().join(" ")
}

/// A number of things: `1 file`, `3 files`.
pub(crate) fn count(number: impl Display, word: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{} {word}{plural}", thousands(&number))
}

/// Digits with a comma at each thousand.
pub(crate) fn thousands(number: impl Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in a unit that people read.
pub(crate) fn size(bytes: impl Borrow<u64>) -> String {
    let bytes = *bytes.borrow();
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return count(bytes, "byte");
    }
    let (mut size, mut unit) = (bytes as f64 / 1000.0, 0);
    while size >= 999.5 && unit + 1 < UNITS.len() {
        (size, unit) = (size / 1000.0, unit + 1);
    }
    if size < 9.95 { format!("{size:.1} {}", UNITS[unit]) } else { format!("{size:.0} {}", UNITS[unit]) }
}

/// What an infrastructure does when an approval ends, in words.
pub(crate) fn on_lapse(on_lapse: impl Borrow<OnLapse>) -> &'static str {
    match on_lapse.borrow() {
        OnLapse::Report => "reported",
        OnLapse::Disable => "taken out of service",
    }
}

/// A message as a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// A text that may be long, cut where a table has no more room.
pub(crate) fn clipped(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([thousands(7), thousands(1284), thousands(1_234_567)], ["7", "1,284", "1,234,567"]);
        assert_eq!([count(1, "file"), count(2000, "file")], ["1 file", "2,000 files"]);
        assert_eq!([size(12), size(1234), size(1_990_000_000), size(12_000_000)], ["12 bytes", "1.2 kB", "2.0 GB", "12 MB"]);
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("the gate denies"), "The gate denies.");
        assert_eq!(sentence("Why?"), "Why?");
    }

    #[test]
    fn what_people_typed_is_text_and_nothing_else() {
        let Markup(who) = who("<script>alert(1)</script> & co", false);
        assert!(who.contains("<bdi>&#60;script&#62;alert(1)&#60;/script&#62; &#38; co</bdi>"), "{who}");
        assert_eq!(initials("  (née) de la Cruz"), "ND");
        assert_eq!(initials("\u{202e}"), "");
    }
}
