//! Metrics, parameters and tags as people write them: a line for each, `auc = 0.97`, or a JSON object.

use crate::http::read_json;
use app::Error;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The names and texts in a field. An error names the field.
///
/// # Errors
/// A line that is no name and value; a name that comes twice.
pub(super) fn texts(field: &str, text: &str) -> Result<BTreeMap<String, String>, Error> {
    let pairs = if text.trim_start().starts_with('{') { of_object(field, text)? } else { of_lines(field, text)? };
    let mut found = BTreeMap::new();
    for (name, value) in pairs {
        if found.insert(name.clone(), value).is_some() {
            return Err(Error::invalid(field, format!("`{name}` is there twice: name it once")));
        }
    }
    Ok(found)
}

/// The metrics in a field.
///
/// # Errors
/// What [`texts`] refuses; a value that is no number.
pub(super) fn metrics(text: &str) -> Result<BTreeMap<String, f64>, Error> {
    let number = |(name, text): (String, String)| match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((name, number)),
        _ => Err(Error::invalid("metrics", format!("metric `{name}` is not a number: `{text}`"))),
    };
    texts("metrics", text)?.into_iter().map(number).collect()
}

/// The content of a JSON file as lines, as they would be typed.
///
/// # Errors
/// A file that is no JSON object of plain values.
pub(super) fn lines(field: &str, content: &str) -> Result<String, Error> {
    let pairs = of_object(field, content.trim_start_matches('\u{feff}'))?;
    match pairs.iter().find(|(name, value)| !fits_on_a_line(name, value)) {
        Some((name, _)) => {
            Err(Error::invalid(field, format!("`{name}` does not fit on a line: put the JSON object into the field")))
        }
        None => Ok(pairs.into_iter().map(|(name, value)| format!("{name} = {value}\n")).collect()),
    }
}

/// Names and values as they would be typed: in lines, or as JSON if one of them does not fit on a line.
pub(super) fn written(pairs: Vec<(&str, String)>) -> String {
    if pairs.iter().all(|(name, value)| fits_on_a_line(name, value)) {
        return pairs.into_iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
    }
    let object: Map<_, _> = pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
    format!("{:#}", Value::Object(object))
}

fn fits_on_a_line(name: &str, value: &str) -> bool {
    let is_whole = |text: &str| !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r']);
    is_whole(name) && is_whole(value) && !name.contains('=') && !name.starts_with('{')
}

fn of_lines(field: &str, text: &str) -> Result<Vec<(String, String)>, Error> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let pair = |(line, number): (&str, usize)| {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        match (name.trim(), value.trim()) {
            ("", _) | (_, "") => Err(Error::invalid(field, format!("line {number} is not NAME = VALUE: `{}`", line.trim()))),
            (name, value) => Ok((name.to_owned(), value.to_owned())),
        }
    };
    lines.map(pair).collect()
}

fn of_object(field: &str, text: &str) -> Result<Vec<(String, String)>, Error> {
    let object: Map<String, Value> = read_json(text.trim().as_bytes())
        .map_err(|error| Error::invalid(field, format!("this is no JSON object of names and values: {}", error.message)))?;
    let pair = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(number) => Ok((name, number.to_string())),
        Value::Bool(value) => Ok((name, value.to_string())),
        Value::Null => Ok((name, "null".to_owned())),
        Value::Array(_) | Value::Object(_) => {
            Err(Error::invalid(field, format!("`{name}` is no plain value: give a number or a text")))
        }
    };
    object.into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_json_say_the_same() {
        let typed = metrics("auc = 0.97\n\n recall=1e-1\r\n").unwrap();
        assert_eq!(typed, metrics(r#"{"auc": 0.97, "recall": 0.1}"#).unwrap());
        assert_eq!(texts("params", "C = a = b").unwrap()["C"], "a = b");
        assert_eq!(metrics(&lines("metrics", "{\"auc\": 0.5}").unwrap()).unwrap()["auc"], 0.5);
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let plain = BTreeMap::from([("max_depth".to_owned(), "6".to_owned()), ("weights".to_owned(), "a = b, {c}".to_owned())]);
        let odd = BTreeMap::from([("a = b".to_owned(), " two\nlines ".to_owned()), ("empty".to_owned(), String::new())]);
        for map in [plain, odd, BTreeMap::new()] {
            let text = written(map.iter().map(|(name, value)| (name.as_str(), value.clone())).collect());
            assert_eq!(texts("params", &text).unwrap(), map, "{text}");
        }
        assert!(lines("params", r#"{"a": "one\ntwo"}"#).unwrap_err().message.contains("does not fit on a line"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refusal = |text: &str| metrics(text).unwrap_err().message;
        assert_eq!(refusal("auc = 1\nrecall"), "line 2 is not NAME = VALUE: `recall`");
        assert_eq!(refusal("auc = high"), "metric `auc` is not a number: `high`");
        assert_eq!(refusal("auc = NaN"), "metric `auc` is not a number: `NaN`");
        assert_eq!(refusal("auc = 1\nauc = 2"), "`auc` is there twice: name it once");
        assert_eq!(refusal(r#"{"auc": [1]}"#), "`auc` is no plain value: give a number or a text");
        for broken in ["{", r#"{"auc": 1, "auc": 2}"#] {
            assert!(refusal(broken).starts_with("this is no JSON object of names and values"), "{broken}");
        }
    }
}
