//! Reads JSON from another program strictly: text that two readers could understand differently is an error.
//! For example a duplicate key: some readers take the first, some the last, and a signature covers both.

mod error;
mod limits;
mod reader;

pub use error::StrictJsonError;
pub use limits::{Floats, Limits};
use serde_json::Value;

/// Reads one JSON document.
///
/// # Errors
/// On anything that [`StrictJsonError`] lists; never panics, whatever the bytes.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, StrictJsonError> {
    if bytes.len() > limits.max_bytes {
        return Err(StrictJsonError::TooLarge { bytes: bytes.len(), max: limits.max_bytes });
    }
    let text = str::from_utf8(bytes).map_err(|error| StrictJsonError::InvalidUtf8 { offset: error.valid_up_to() })?;
    if let Some(offset) = oversized_integer(bytes) {
        return Err(StrictJsonError::IntegerTooLarge { offset });
    }
    reader::read(text, limits)
}

/// Where the first integer beyond 64 bits begins. `serde_json` would read it as a float and lose its last digits, after
/// which nobody can tell it from one that was written with an exponent; hence this look at the text.
fn oversized_integer(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let length =
                    bytes[at..].iter().take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')).count();
                let digits = bytes[at..at + length].strip_prefix(b"-").unwrap_or(&bytes[at..at + length]);
                if digits.len() > 18 && digits.iter().all(u8::is_ascii_digit) {
                    let number = str::from_utf8(&bytes[at..at + length]).unwrap_or_default();
                    if number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
                        return Some(at);
                    }
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn statement(text: &str) -> Result<Value, StrictJsonError> {
        parse(text.as_bytes(), &Limits::STATEMENT)
    }

    #[test]
    fn reads_what_everybody_reads_alike() {
        let text = r#" {"a": [1, -2, {"b": null}], "c": "\ud83d\ude00", "": true, "n": 18446744073709551615} "#;
        let value = json!({"a": [1, -2, {"b": null}], "c": "😀", "": true, "n": u64::MAX});
        assert_eq!(statement(text), Ok(value));
        assert_eq!(parse(b"[1.5, 1e30]", &Limits::REQUEST), Ok(json!([1.5, 1e30])));
        assert_eq!(statement("-9223372036854775808"), Ok(json!(i64::MIN)));
    }

    #[test]
    fn names_the_key_that_appears_twice() {
        let twice =
            |key: &str, pointer: &str| Err(StrictJsonError::DuplicateKey { key: key.to_owned(), pointer: pointer.to_owned() });
        assert_eq!(statement(r#"{"a":1,"a":1}"#), twice("a", "/a"));
        assert_eq!(statement(r#"{"x/y":[0,{"~":{"b":1,"c":2,"\u0062":3}}]}"#), twice("b", "/x~1y/1/~0/b"));
        assert_eq!(statement(r#"[{"a":{}},{"a":{},"a":{}}]"#), twice("a", "/1/a"));
    }

    #[test]
    fn numbers_that_readers_round_are_refused() {
        for (text, pointer) in [("[0,1.0]", "/1"), (r#"{"a":1e2}"#, "/a"), ("-0", ""), ("0.0", "")] {
            assert_eq!(statement(text), Err(StrictJsonError::Float { pointer: pointer.to_owned() }), "{text}");
        }
        for (text, offset) in [
            ("18446744073709551616", 0),
            ("[-9223372036854775809]", 1),
            (r#"{"\"123456789012345678901234567890":123456789012345678901234567890}"#, 36),
        ] {
            for limits in [Limits::STATEMENT, Limits::REQUEST] {
                assert_eq!(parse(text.as_bytes(), &limits), Err(StrictJsonError::IntegerTooLarge { offset }), "{text}");
            }
        }
        assert!(matches!(parse(b"1e400", &Limits::REQUEST), Err(StrictJsonError::Syntax(_))));
    }

    #[test]
    fn bounds_hold_at_the_edge() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(statement(&nested(32)).is_ok());
        for levels in [33, 100, 300_000] {
            assert_eq!(statement(&nested(levels)), Err(StrictJsonError::TooDeep { max: 32 }));
        }
        assert_eq!(statement(&r#"{"a":"#.repeat(33)), Err(StrictJsonError::TooDeep { max: 32 }));
        let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        assert!(statement(&text(1 << 20)).is_ok());
        let too_large = StrictJsonError::TooLarge { bytes: (1 << 20) + 1, max: 1 << 20 };
        assert_eq!(statement(&text((1 << 20) + 1)), Err(too_large));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in ["", " ", "{} {}", "[1,]", "{\"a\":1,}", "'a'", "nul", "01", "\"\\ud800\"", "\u{feff}{}", "\"\n\"", "NaN"] {
            assert!(matches!(statement(text), Err(StrictJsonError::Syntax(_))), "{text:?}: {:?}", statement(text));
        }
        assert_eq!(parse(b"\"a\xff\"", &Limits::STATEMENT), Err(StrictJsonError::InvalidUtf8 { offset: 2 }));
    }

    proptest! {
        #[test]
        fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes, &Limits::REQUEST);
        }

        #[test]
        fn never_panics_on_what_looks_like_json(text in r#"[\[\]{}",:\\0-9eE.+u -]{0,60}"#) {
            if let Ok(value) = parse(text.as_bytes(), &Limits::REQUEST) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }

        #[test]
        fn a_key_twice_is_found_wherever_it_is(before in 0_usize..5, after in 0_usize..5, depth in 0_usize..5) {
            let others = |name: &str, count: usize| (0..count).map(|n| format!("\"{name}{n}\":{n},")).collect::<String>();
            let object = format!("{{{}\"k\":1,{}\"k\":1}}", others("a", before), others("b", after));
            let text = format!("{}{object}{}", "[".repeat(depth), "]".repeat(depth));
            let pointer = format!("{}/k", "/0".repeat(depth));
            prop_assert_eq!(statement(&text), Err(StrictJsonError::DuplicateKey { key: "k".to_owned(), pointer }));
        }
    }
}
