//! Python's `json` writes numbers that are not finite as `NaN`, `Infinity` and `-Infinity` without quotes, which is no JSON. The node takes
//! them all the same: a text that cannot be read is tried again with these words in quotes.

/// The words, each before those that it ends with.
const WORDS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];

/// The text with those words in quotes that stand outside of strings; `None` if there are none.
pub fn quote_bare_words(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    // What was copied so far, and how far the text was looked at.
    let (mut copied, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_string(bytes, at),
            b'N' | b'I' | b'-' => match WORDS.iter().find(|word| bytes[at..].starts_with(word)) {
                Some(word) => {
                    out.push_str(&text[copied..at]);
                    out.push('"');
                    out.push_str(&text[at..at + word.len()]);
                    out.push('"');
                    at += word.len();
                    copied = at;
                }
                None => at += 1,
            },
            _ => at += 1,
        }
    }
    (copied > 0).then(|| {
        out.push_str(&text[copied..]);
        out
    })
}

/// The place behind the string that begins here.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::quote_bare_words;
    use proptest::prelude::*;

    #[test]
    fn words_outside_of_strings_get_quotes() {
        let quoted = quote_bare_words(r#"{"NaN":[NaN,-Infinity,Infinity,-1,"Infinity","\"NaN"],"ä":NaN}"#);
        assert_eq!(quoted.unwrap(), r#"{"NaN":["NaN","-Infinity","Infinity",-1,"Infinity","\"NaN"],"ä":"NaN"}"#);
        for text in ["", "[1,null,-1]", r#"["NaN"]"#, r#"{"Infinity":1}"#, "\"NaN", "\"\\"] {
            assert_eq!(quote_bare_words(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}|[\"\\\\NaInfty-]{0,30}") {
            let _ = quote_bare_words(&text);
        }
    }
}
