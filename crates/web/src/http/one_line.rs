//! Makes texts from the client fit to show: on one line, with nothing hidden.

/// How much of a message is shown: the text that it repeats may be as long as a body.
const LONGEST_MESSAGE: usize = 500;

/// A message that may repeat what the client sent, as one line that shows every character as itself or escaped.
pub(super) fn one_line(message: &str) -> String {
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
    use super::one_line;

    #[test]
    fn what_a_message_repeats_stays_on_its_line_and_short() {
        assert_eq!(one_line("unknown field `größe`, expected \"a\""), "unknown field `größe`, expected \"a\"");
        assert_eq!(one_line("`a\r\nb\u{1b}[31m\u{202e}`"), "`a\\r\\nb\\u{1b}[31m\\u{202e}`");
        assert_eq!(one_line(&"x".repeat(1 << 20)).chars().count(), 501);
    }
}
