//! Canonical JSON (RFC 8785): every program writes the same bytes for a value, so the bytes can be hashed and signed.
//! Numbers with a fraction, and integers that JavaScript cannot hold, are errors.

mod error;
mod tree;

pub use error::{CanonicalError, MAX_INTEGER};
use serde::Serialize;
use tree::Tree;

/// The canonical bytes of `value`.
///
/// # Errors
/// When the value holds what canonical JSON refuses; see [`CanonicalError`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::new();
    write(&tree::build(value)?, &mut out);
    Ok(out)
}

fn write(tree: &Tree, out: &mut Vec<u8>) {
    match tree {
        Tree::Literal(text) => out.extend_from_slice(text.as_bytes()),
        Tree::Text(text) => write_string(text, out),
        Tree::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Tree::Object(fields) => {
            out.push(b'{');
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(key, out);
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
    }
}

/// Appends a string in its canonical form (RFC 8785, section 3.2.2.2): only what must be escaped is escaped, in its shortest form.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    // Most strings have nothing to escape, and are copied at once.
    while let Some(place) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0x00..=0x1f)) {
        out.extend_from_slice(&rest[..place]);
        match rest[place] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            byte => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = &rest[place + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    fn text(value: &impl Serialize) -> Result<String, CanonicalError> {
        to_vec(value).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn strings_and_literals_as_in_rfc_8785_section_3_2_2() {
        let value = json!({"string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/", "literals": [null, true, false]});
        assert_eq!(
            text(&value).unwrap(),
            "{\"literals\":[null,true,false],\"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
        assert_eq!(text(&"\u{8}\t\u{c}\r\u{1f}\u{7f}\u{2028}").unwrap(), "\"\\b\\t\\f\\r\\u001f\u{7f}\u{2028}\"");
    }

    #[test]
    fn keys_sort_by_utf_16_as_in_rfc_8785_section_3_2_3() {
        // The emoji is above the last key as a scalar value, and below it as UTF-16.
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"
        });
        assert_eq!(
            text(&value).unwrap(),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O With \
             Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter \
             Dalet With Dagesh\"}"
        );
    }

    #[test]
    fn structs_sort_too_and_every_kind_of_value_is_written() {
        #[derive(Serialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Plain,
            Holding(u8),
            Pair(u8, i8),
            Named { b: (), a: char },
        }
        #[derive(Serialize)]
        struct Everything<'a> {
            z: Option<u8>,
            kinds: [Kind; 4],
            a: (&'a str, i64, u64),
        }
        let value = Everything {
            z: None,
            kinds: [Kind::Plain, Kind::Holding(1), Kind::Pair(2, -3), Kind::Named { b: (), a: 'x' }],
            a: ("y", -9_007_199_254_740_991, MAX_INTEGER),
        };
        assert_eq!(
            text(&value).unwrap(),
            r#"{"a":["y",-9007199254740991,9007199254740991],"kinds":["plain",{"holding":1},{"pair":[2,-3]},{"named":{"a":"x","b":null}}],"z":null}"#
        );
    }

    #[test]
    fn what_has_no_canonical_form_is_refused() {
        struct Raw;
        impl Serialize for Raw {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(b"x")
            }
        }
        #[derive(Serialize)]
        struct Twice {
            a: u8,
            #[serde(flatten)]
            rest: BTreeMap<String, u8>,
        }
        assert_eq!(text(&json!([1.0])), Err(CanonicalError::Float("1".into())));
        assert_eq!(text(&f32::NAN), Err(CanonicalError::Float("NaN".into())));
        assert_eq!(text(&(MAX_INTEGER + 1)), Err(CanonicalError::Integer("9007199254740992".into())));
        assert_eq!(text(&-9_007_199_254_740_992_i64), Err(CanonicalError::Integer("-9007199254740992".into())));
        assert_eq!(text(&u128::MAX), Err(CanonicalError::Integer(u128::MAX.to_string())));
        assert_eq!(text(&BTreeMap::from([(1, 1)])), Err(CanonicalError::KeyNotString));
        assert_eq!(text(&Raw), Err(CanonicalError::Bytes));
        let twice = Twice { a: 1, rest: BTreeMap::from([("a".to_owned(), 2)]) };
        assert_eq!(text(&twice), Err(CanonicalError::DuplicateKey("a".into())));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_bytes_read_back_and_stay_the_same(value in any_value()) {
            let bytes = to_vec(&value).unwrap();
            let again: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(&again, &value);
            prop_assert_eq!(to_vec(&again).unwrap(), bytes);
        }
    }
}
