//! What a channel of Slack is told: blocks with text in its own markup, and a button that opens the page.

use crate::words;
use app::messages::Happening;
use serde_json::{Value, json};

/// The longest text that Slack takes in one block is 3,000 characters. One character may become five, and each may be a line of its own.
const LONGEST: usize = 450;

/// The body.
pub(super) fn body(what: &Happening) -> Value {
    let sentence = words::sentence(what);
    let mut blocks = vec![json!({"type": "section", "text": {"type": "mrkdwn", "text": format!("*{}*", escaped(&sentence))}})];
    if !what.comment.is_empty() {
        let quoted: Vec<_> = words::shortened(&what.comment, LONGEST).lines().map(|line| format!(">{}", escaped(line))).collect();
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": quoted.join("\n")}}));
    }
    blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": escaped(&words::facts(what))}]}));
    let button = json!({"type": "button", "text": {"type": "plain_text", "text": words::open(what)}, "url": what.link});
    blocks.push(json!({"type": "actions", "elements": [button]}));
    json!({"text": escaped(&sentence), "blocks": blocks})
}

/// Text without the three characters that Slack acts on. Its marks for bold and the like are harmless.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
