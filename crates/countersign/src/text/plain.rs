//! Removes from other people's text what could move a terminal's cursor or turn its reading direction.

/// Without control characters and marks of direction. A line break becomes a space, so that one value stays on one line.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect()
}

/// The same for text of several lines, which keeps its line breaks.
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// Whether a terminal would act on this character instead of showing it.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_a_server_reaches_the_terminal_as_a_command() {
        assert_eq!(plain("a\u{1b}[31mb\u{7}\u{9b}c\rd\u{202e}e\nf"), "a[31mbcde f");
        assert_eq!(plain_lines("one\u{1b}\r\ntwo\u{7f}"), "one\ntwo");
    }
}
