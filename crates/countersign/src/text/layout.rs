//! Lays out cells, aligned tables and lists of facts from the API's objects.

use super::plain::plain;
use domain::Timestamp;
use serde_json::Value;

/// The fields of the API that hold times. Whatever else looks like one is people's text.
const TIMES: [&str; 10] =
    ["at", "created_at", "expired_at", "expires_at", "issued_at", "not_after", "reported_at", "since", "started_at", "until"];

/// A time, shown to the second.
pub fn time(value: &Value) -> String {
    match value.as_str().map(|text| (text, text.rsplit_once('.'))) {
        Some((text, Some((second, _)))) if text.parse::<Timestamp>().is_ok() => format!("{second}Z"),
        _ => cell(value),
    }
}

/// A value as one cell: nothing is `-`, a list is separated by commas.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(_) => plain(&value.to_string()),
        Value::Number(number) => number.to_string(),
    }
}

/// What a JSON pointer leads to, as a cell.
pub fn at(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).unwrap_or(&Value::Null);
    let is_time = pointer.rsplit('/').next().is_some_and(|field| TIMES.contains(&field));
    if is_time { time(found) } else { cell(found) }
}

/// The entries of a list.
pub fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Rows under headings, in columns that line up.
#[derive(Debug, Default)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        Self(vec![headings.iter().map(|heading| (*heading).to_owned()).collect()])
    }

    /// A table of these values: each column is a heading and the JSON pointer of its cell.
    pub fn of(values: &[Value], columns: &[(&str, &str)]) -> Self {
        let mut table = Self::new(&columns.iter().map(|(heading, _)| *heading).collect::<Vec<_>>());
        for value in values {
            table.row(columns.iter().map(|(_, pointer)| at(value, pointer)));
        }
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.push(cells.into_iter().collect());
    }

    /// The text, a line for each row; `none` where there are none.
    pub fn text(&self, none: &str) -> String {
        if self.0.len() == 1 { format!("{none}\n") } else { aligned(&self.0) }
    }
}

/// Facts about one thing, a line each: a label and the JSON pointer of the value. What is not there is left out.
pub fn facts(value: &Value, rows: &[(&str, &str)]) -> String {
    let cells = rows.iter().map(|(label, pointer)| ((*label).to_owned(), at(value, pointer)));
    aligned(&cells.filter(|(_, cell)| cell != "-").map(|(label, cell)| vec![label, cell]).collect::<Vec<_>>())
}

/// A heading and text under it, two spaces in; nothing where the text is empty.
pub fn section(heading: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let lines: String = text.lines().map(|line| format!("  {line}\n")).collect();
    format!("\n{heading}\n{lines}")
}

/// `name  value` for each entry of an object.
pub fn entries(value: &Value) -> String {
    let rows: Vec<_> = value.as_object().into_iter().flatten().map(|(name, value)| vec![plain(name), cell(value)]).collect();
    aligned(&rows)
}

/// Lines up the columns, two spaces apart, with nothing at the end of a line.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: String = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}  ")).collect();
        format!("{}\n", cells.trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_from_a_server_reaches_the_terminal_as_a_command() {
        assert_eq!(cell(&json!(["x\u{8}", {"k\u{1b}": "v\u{9b}"}])), "x, {\"k\\u001b\":\"v\"}");
    }

    #[test]
    fn cells_say_what_there_is() {
        for (value, text) in [
            (json!(null), "-"),
            (json!(""), "-"),
            (json!([]), "-"),
            (json!(["a", 1]), "a, 1"),
            (json!(true), "yes"),
            (json!(0.993), "0.993"),
            (json!("2026-11-23T09:30:00.123456Z"), "2026-11-23T09:30:00.123456Z"),
            (json!("model.onnx"), "model.onnx"),
        ] {
            assert_eq!(cell(&value), text);
        }
    }

    #[test]
    fn times_are_shown_to_the_second_and_peoples_text_is_left_alone() {
        let moment = "2026-11-23T09:30:00.123456Z";
        let value = json!({"at": moment, "turn": {"since": moment}, "comment": moment, "params": {"trained": moment}});
        for (pointer, shown) in
            [("/at", "2026-11-23T09:30:00Z"), ("/turn/since", "2026-11-23T09:30:00Z"), ("/comment", moment), ("/until", "-")]
        {
            assert_eq!(at(&value, pointer), shown, "{pointer}");
        }
        assert_eq!(entries(&value["params"]), format!("trained  {moment}\n"));
        assert_eq!(time(&json!("when it is done. Or not")), "when it is done. Or not");
    }

    #[test]
    fn columns_line_up() {
        let rows = [json!({"name": "a", "role": "manager"}), json!({"name": "longer é"})];
        let table = Table::of(&rows, &[("NAME", "/name"), ("ROLE", "/role")]).text("none");
        assert_eq!(table, "NAME      ROLE\na         manager\nlonger é  -\n");
        assert_eq!(Table::of(&[], &[("NAME", "/name")]).text("No users."), "No users.\n");
        assert_eq!(facts(&json!({"a": 1}), &[("a", "/a"), ("b", "/b")]), "a  1\n");
    }
}
