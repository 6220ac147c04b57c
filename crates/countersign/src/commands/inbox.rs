//! The inbox: what waits for the person who asks, by task.

use crate::{
    client::Session,
    exit::Exit,
    failure::Failure,
    text::{Table, items, section},
};
use serde_json::Value;

/// Shows what waits for you, and what you wait for
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign inbox
  countersign inbox --profile approver --output json")]
pub struct InboxArgs {}

/// The buckets, in the order in which they matter, each with its own empty sentence.
const BUCKETS: [(&str, &str, &str); 5] = [
    ("Decide", "/decide", "No final approval waits for you."),
    ("Give feedback", "/give_feedback", "No feedback is missing from you."),
    ("Answer", "/answer", "Nobody waits for an answer of yours."),
    ("Waiting on others", "/waiting_on_others", "Nothing of yours waits for others."),
    ("Recently decided", "/recently_decided", "Nothing was decided lately."),
];

/// Shows it.
///
/// # Errors
/// What the server says.
pub async fn run(_: InboxArgs, session: &Session) -> Result<Exit, Failure> {
    let inbox = session.client.get(&["inbox"]).send().await?.value;
    session.show(&inbox, text)?;
    Ok(Exit::Done)
}

fn text(inbox: &Value) -> String {
    let columns = [
        ("VERSION", "/version"),
        ("STATUS", "/status"),
        ("SLOT", "/slot"),
        ("SINCE", "/since"),
        ("WHO", "/people"),
        ("WHY", "/why"),
    ];
    let bucket = |(heading, pointer, none)| {
        let listed = items(inbox, pointer);
        let count = inbox.pointer(&format!("/counts{pointer}")).and_then(Value::as_u64).unwrap_or_default();
        let mut text = Table::of(listed, &columns).text(none);
        if let Some(left @ 1..) = count.checked_sub(listed.len() as u64) {
            text.push_str(&format!("\n… and {left} more, which follow as these are done."));
        }
        section(heading, &text)
    };
    BUCKETS.map(bucket).concat().trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_bucket_of_the_api_is_shown() {
        let inbox = serde_json::to_value(app::views::Inbox::default()).unwrap();
        let names: Vec<_> = inbox["counts"].as_object().unwrap().keys().map(|name| format!("/{name}")).collect();
        assert_eq!(names.len(), BUCKETS.len());
        assert!(names.iter().all(|name| BUCKETS.iter().any(|(_, pointer, _)| pointer == name)), "{names:?}");
        let decide = json!([{"version": "p/m:1", "why": "The final approval was asked for."}]);
        assert!(!text(&json!({"decide": decide, "counts": {"decide": 1}})).contains("more"));
        let shown = text(&json!({"decide": decide, "counts": {"decide": 10_000}}));
        assert!(shown.contains("… and 9999 more"), "{shown}");
        assert!(
            shown.starts_with("Decide\n  VERSION")
                && shown.contains("p/m:1")
                && shown.contains("No feedback is missing from you.")
        );
    }
}
