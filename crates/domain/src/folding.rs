//! Names as they are compared: two texts that people read as one name, or type in place of it, have one folded form.
//!
//! Letters that look alike but belong to different scripts stay different.

use crate::text::is_invisible;
use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;

/// The folded form of a text: Unicode's compatibility caseless form without invisible characters, with one space between words.
pub fn fold(text: &str) -> String {
    let seen = text.chars().filter(|c| c.is_whitespace() || !is_invisible(*c));
    // Folding twice, with a normalisation after each: definition D146 of the Unicode standard.
    let caseless = seen.nfkd().default_case_fold().nfkd().default_case_fold().nfkc().collect::<String>();
    let words: Vec<_> = caseless.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_one_name_folds_to_one_text() {
        for written in [
            "data scientist",
            "  Data\u{a0}\u{2003}SCIENTIST\t",
            "Ｄａｔａ　Ｓｃｉｅｎｔｉｓｔ",
            "da\u{200b}ta sc\u{ad}ientist\u{feff}",
            "𝐃𝐚𝐭𝐚 𝓢cientist",
        ] {
            assert_eq!(fold(written), "data scientist", "{written:?}");
        }
        assert_eq!(fold("STRASSE@BÜCHER.example"), fold("straße@bu\u{308}cher.example"));
        assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
        assert_ne!(fold("data scientist"), fold("datascientist"));
        assert_eq!(fold(" \u{200b} "), "");
    }

    #[test]
    fn a_folded_text_stays_as_it_is() {
        for c in (0..=0x2_ffff_u32).filter_map(char::from_u32) {
            let folded = fold(&format!("a{c}b"));
            assert_eq!(fold(&folded), folded, "{c:?}");
        }
    }
}
