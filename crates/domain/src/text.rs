//! Texts from people: whether a reader sees anything of a text.

/// A character that leaves nothing on the page: white space, controls, and the characters that Unicode calls default ignorable
/// (zero-width spaces and joiners, fillers, variation selectors, marks of direction, tags), with the blank Braille pattern.
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a reader sees nothing of the text.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

/// The text without spaces around it; none where a reader sees nothing of it.
pub fn visible(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !is_blank(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_visible_character_is_blank() {
        for blank in
            ["", " ", "\t\r\n", "\u{a0}", "\u{200b}", " \u{200b}\u{feff} ", "\u{3164}", "\u{2800}", "\u{ad}", "\u{e0041}"]
        {
            assert!(is_blank(blank) && visible(blank).is_none(), "{blank:?}");
        }
        for (text, seen) in
            [(" a ", "a"), ("\u{200b}é", "\u{200b}é"), ("👍\u{fe0f}", "👍\u{fe0f}"), ("नमस्\u{200d}ते", "नमस्\u{200d}ते")]
        {
            assert_eq!(visible(text), Some(seen));
        }
    }
}
