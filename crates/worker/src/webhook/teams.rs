//! What a channel of Microsoft Teams is told: an Adaptive Card for a workflow, with a button that opens the page.

use crate::words;
use app::messages::Happening;
use serde_json::{Value, json};

/// A message of Teams holds some 28 KB. One character may become five bytes.
const LONGEST: usize = 2_000;

/// The body.
pub(super) fn body(what: &Happening) -> Value {
    let text = |text: String, more: Value| {
        let mut block = json!({"type": "TextBlock", "text": text, "wrap": true});
        if let (Some(block), Value::Object(more)) = (block.as_object_mut(), more) {
            block.extend(more);
        }
        block
    };
    let mut blocks = vec![text(escaped(&words::sentence(what)), json!({"weight": "Bolder", "size": "Medium"}))];
    if !what.comment.is_empty() {
        blocks.push(text(escaped(&words::shortened(&what.comment, LONGEST)), json!({"separator": true})));
    }
    blocks.push(text(escaped(&words::facts(what)), json!({"isSubtle": true, "size": "Small"})));
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
        "actions": [{"type": "Action.OpenUrl", "title": words::open(what), "url": what.link}],
    });
    json!({"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]})
}

/// Text in which Markdown sees no marks.
pub(super) fn escaped(text: &str) -> String {
    let mark = |c: char| {
        matches!(c, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '+' | '!' | '|' | '~' | '@')
    };
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if mark(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
