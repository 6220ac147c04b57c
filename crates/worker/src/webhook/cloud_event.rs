//! What a program is told: a CloudEvent (version 1.0 of the specification) in the structured form of JSON.

use app::messages::{By, Happening};
use domain::notice::Topic;
use serde_json::{Map, Value, json};

/// The body.
pub(super) fn body(what: &Happening, id: &str, source: &str) -> Value {
    let mut event = json!({
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": format!("countersign.{}", what.topic),
        "time": what.at.to_string(),
        "datacontenttype": "application/json",
        "data": data(what),
    });
    let subject = [what.version.as_ref().map(ToString::to_string), what.infrastructure.as_ref().map(ToString::to_string)];
    if let Some(subject) = subject.into_iter().flatten().next() {
        event["subject"] = subject.into();
    }
    event
}

/// What happened. What does not apply is left out.
fn data(what: &Happening) -> Value {
    let actor = match &what.by {
        By::Account(name, display_name) => json!({"kind": "account", "name": name, "display_name": display_name}),
        By::Clock => json!({"kind": "clock"}),
        By::Console => json!({"kind": "console"}),
    };
    let feedback = what.feedback.as_ref().map(|(slot, verdict)| json!({"slot": slot, "verdict": verdict}));
    let fields = [
        ("position", what.position.map(Value::from)),
        ("actor", what.position.map(|_| actor)),
        ("version", what.version.as_ref().map(|version| version.to_string().into())),
        ("model_digest", what.model_digest.map(|digest| digest.to_string().into())),
        ("step", what.sign_off.as_ref().map(|(step, _)| step.to_string().into())),
        ("round", what.sign_off.as_ref().map(|(_, round)| Value::from(*round))),
        ("status", what.status.map(|status| status.to_string().into())),
        ("infrastructure", what.infrastructure.as_ref().map(|name| name.to_string().into())),
        ("service", what.service.as_ref().map(|name| name.to_string().into())),
        ("webhook", what.webhook.as_ref().map(|name| name.to_string().into())),
        ("feedback", feedback),
        (if what.topic == Topic::RenewalDue { "ends" } else { "due" }, what.end.map(|end| end.to_string().into())),
        ("services", Some(&what.services).filter(|services| !services.is_empty()).map(|services| json!(services))),
        ("comment", Some(&what.comment).filter(|comment| !comment.is_empty()).map(|comment| comment.as_str().into())),
        ("link", Some(what.link.as_str().into())),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
}
