//! Numbers in a form without floating point, one for each number: what is hashed, signed and recorded must not depend on the
//! program that writes it.

use serde_json::{Map, Number, Value, json};

/// The largest integer that every JSON reader keeps exactly: 2^53 - 1.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The key that marks a number among other values.
const MARK: &str = "$number";

/// The text of a number: integers digit by digit, other numbers as ECMAScript and RFC 8785 write them. Equal numbers have one text,
/// however they were written (`1`, `1.0`, `1e0`; `0` and `-0`), and different numbers have different texts.
pub(super) fn text(number: f64) -> String {
    match exact_integer(number) {
        Some(integer) => integer.to_string(),
        None => shortest(number),
    }
}

/// A value without floating-point numbers: a number that not every JSON reader keeps exactly becomes `{"$number": "0.5"}`, so that it
/// differs from the text `"0.5"`. An object that looks like such a number gets one more `$`.
pub(super) fn without_floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => portable(number),
        Value::Array(items) => items.iter().map(without_floats).collect(),
        Value::Object(entries) => {
            let looks_like_number = entries.len() == 1 && entries.keys().all(|key| is_mark(key));
            let key = |key: &String| if looks_like_number { format!("${key}") } else { key.clone() };
            let entries: Map<_, _> = entries.iter().map(|(name, value)| (key(name), without_floats(value))).collect();
            Value::Object(entries)
        }
        other => other.clone(),
    }
}

/// `$number`, `$$number` and so on.
fn is_mark(key: &str) -> bool {
    key.ends_with(MARK) && key[..key.len() - MARK.len()].bytes().all(|byte| byte == b'$')
}

fn portable(number: &Number) -> Value {
    let integer = match (number.as_i64(), number.as_u64()) {
        (Some(integer), _) => Some(i128::from(integer)),
        (None, Some(integer)) => Some(i128::from(integer)),
        (None, None) => number.as_f64().and_then(exact_integer),
    };
    match integer {
        Some(integer) if integer.unsigned_abs() <= u128::from(MAX_INTEGER) => match i64::try_from(integer) {
            Ok(small) => Value::from(small),
            Err(_) => json!({ MARK: integer.to_string() }),
        },
        Some(integer) => json!({ MARK: integer.to_string() }),
        None => json!({ MARK: number.as_f64().map_or_else(|| number.to_string(), shortest) }),
    }
}

/// A number without fraction that a JSON integer can say too. Beyond 2^64 JSON readers take integers for floating point.
fn exact_integer(number: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "an integer below 2^64 in magnitude fits")]
    (number.trunc() == number && number.abs() < 18_446_744_073_709_551_616.0).then_some(number as i128)
}

/// A finite number as ECMAScript writes it (RFC 8785, section 3.2.2.3): the fewest digits that read back as the number.
fn shortest(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let exponent: i64 = exponent.parse().unwrap_or(0);
    // The decimal point stands behind so many digits; before the first one where it is 0.
    let point = exponent + 1;
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let text = if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = digits.split_at(1);
        let fraction = if rest.is_empty() { String::new() } else { format!(".{rest}") };
        format!("{first}{fraction}e{}{}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn numbers_read_as_ecmascript_writes_them() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (0.5, "0.5"),
            (-0.1, "-0.1"),
            (0.993, "0.993"),
            (123.456, "123.456"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-9, "1.5e-9"),
            (1e15, "1000000000000000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.25e300, "1.25e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(text(number), expected);
        }
    }

    #[test]
    fn one_form_for_one_number() {
        let form = |json: &str| without_floats(&serde_json::from_str(json).unwrap()).to_string();
        for (one, other) in [
            ("1", "1.0"),
            ("1", "1e0"),
            ("0", "-0"),
            ("0", "-0.0"),
            ("1e-7", "0.0000001"),
            ("9007199254740992", "9007199254740992.0"),
        ] {
            assert_eq!(form(one), form(other), "{one} and {other}");
        }
        let different = [
            "0.5",
            "\"0.5\"",
            "{\"$number\": \"0.5\"}",
            "{\"$number\": 0.5}",
            "{\"$$number\": \"0.5\"}",
            "{\"$number\": \"0.5\", \"a\": 1}",
            "5",
            "\"5\"",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "-9007199254740993",
            "1e-7",
            "\"1e-7\"",
            "null",
        ];
        let forms: BTreeMap<_, _> = different.iter().map(|json| (form(json), json)).collect();
        assert_eq!(forms.len(), different.len(), "{forms:?}");
        assert_eq!(form("0.5"), "{\"$number\":\"0.5\"}");
        assert_eq!(form("[1, 2.0]"), "[1,2]", "what every reader keeps exactly stays a number");
    }

    /// Two JSON values that say the same: numbers by their value, everything else as it is.
    fn same(one: &Value, other: &Value) -> bool {
        let exact = |number: &Number| {
            number.as_i64().map(i128::from).or(number.as_u64().map(i128::from)).or_else(|| exact_integer(number.as_f64()?))
        };
        match (one, other) {
            (Value::Number(a), Value::Number(b)) => match (exact(a), exact(b)) {
                (None, None) => a.as_f64() == b.as_f64(),
                (a, b) => a == b,
            },
            (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
            }
            (one, other) => one == other,
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let finite = prop_oneof![any::<f64>(), prop::sample::select(vec![0.5, -0.0, 1e-7, 9_007_199_254_740_992.0])];
        let leaf = prop_oneof![
            finite.prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-3_i64..3).prop_map(Value::from),
            prop::sample::select(vec!["0.5", "1", "-0", "1e-7"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            let key = prop::sample::select(vec!["$number", "$$number", "a"]).prop_map(str::to_owned);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..2).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..2).prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    fn has_float(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.as_i64().is_none_or(|integer| integer.unsigned_abs() > MAX_INTEGER),
            Value::Array(items) => items.iter().any(has_float),
            Value::Object(entries) => entries.values().any(has_float),
            _ => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn forms_are_equal_exactly_when_the_values_are(one in any_value(), other in any_value()) {
            prop_assert_eq!(without_floats(&one) == without_floats(&other), same(&one, &other));
            prop_assert!(!has_float(&without_floats(&one)));
        }

        #[test]
        fn the_text_of_a_number_reads_back(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
            let read: f64 = text(number).parse().unwrap();
            prop_assert_eq!(read, number);
        }
    }
}
