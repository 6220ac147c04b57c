//! An event of the record on one line: what it says, and what somebody wrote.

use app::views::{AuditEvent, typed_text};
use serde_json::Value;

/// What an event may say, in this order: the place in its data, and the word before it.
const SAID: [(&str, &str); 24] = [
    ("/verdict", ""),
    ("/withdrawn", "withdrawn:"),
    ("/slot", "in"),
    ("/task/slot", "in"),
    ("/decision", ""),
    ("/name", ""),
    ("/label", ""),
    ("/member/name", ""),
    ("/to", "to"),
    ("/role", "as"),
    ("/from", "from"),
    ("/service", ""),
    ("/version", ""),
    ("/weight", "weight"),
    ("/policy", ""),
    ("/standing", ""),
    ("/status", "now"),
    ("/round", "round"),
    ("/next_round", "next round"),
    ("/not_after", "until"),
    ("/until", "until"),
    ("/stage", ""),
    ("/host", ""),
    ("/url", ""),
];

/// What an event says, for a table.
pub fn said(event: &AuditEvent) -> String {
    let words = SAID.iter().filter_map(|(place, before)| {
        let value = match event.data.pointer(place)? {
            Value::String(id) if id.parse::<uuid::Uuid>().is_ok() => event.names.get(id)?.clone(),
            Value::String(text) if !text.is_empty() => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(if before.is_empty() { value } else { format!("{before} {value}") })
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What somebody wrote, on one line.
pub fn wrote(event: &AuditEvent) -> String {
    typed_text(&event.data).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(data: Value) -> AuditEvent {
        serde_json::from_value(json!({
            "position": 1, "at": "2026-01-05T09:00:00Z", "actor": "itops", "request": "r", "type": "feedback.given", "data": data,
        }))
        .unwrap()
    }

    #[test]
    fn a_line_says_the_verdict_the_slot_and_the_comment() {
        let given = event(json!({"slot": "Risk", "verdict": "major_issue", "round": 2, "comment": "Too\n slow.", "user": "x"}));
        assert_eq!((said(&given), wrote(&given)), ("major_issue, in Risk, round 2".to_owned(), "Too slow.".to_owned()));
        let id = "01a22ca9-f561-78a3-a5b2-d5f909d5e200";
        let delegated = event(json!({"to": id, "task": {"kind": "feedback", "slot": "Risk"}, "until": "2026-12-30"}));
        assert_eq!(said(&delegated), "in Risk, until 2026-12-30");
        let named = AuditEvent { names: [(id.to_owned(), "user:deputy".to_owned())].into(), ..delegated };
        assert_eq!(said(&named), "in Risk, to user:deputy, until 2026-12-30");
        assert_eq!(said(&event(json!({}))), "");
    }
}
