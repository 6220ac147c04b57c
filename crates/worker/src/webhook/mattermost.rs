//! What a channel of Mattermost is told: an attachment whose title opens the page.

use super::teams::escaped;
use crate::words;
use app::messages::Happening;
use serde_json::{Value, json};

/// A post of Mattermost holds some 16,000 characters. One character may become four.
const LONGEST: usize = 3_000;

/// The body.
pub(super) fn body(what: &Happening) -> Value {
    let sentence = escaped(&words::sentence(what));
    let quoted: Vec<_> = words::shortened(&what.comment, LONGEST).lines().map(|line| format!("> {}", escaped(line))).collect();
    let facts = escaped(&words::facts(what));
    let open = format!("[{}]({})", words::open(what), what.link);
    let parts = [quoted.join("\n"), facts, open];
    let text: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let attachment =
        json!({"fallback": sentence, "title": words::sentence(what), "title_link": what.link, "text": text.join("\n\n")});
    json!({"attachments": [attachment]})
}
