//! Webhooks and their deliveries.

use super::{Table, Text, cells, facts};
use app::views::{Delivery, Webhook};

/// Webhooks in a list.
pub fn table(webhooks: &[Webhook]) -> Text {
    let row = |webhook: &Webhook| {
        cells![webhook.name, webhook.kind.as_str(), webhook.project, told_of(webhook), webhook.state.as_str(), webhook.url]
    };
    Table::of(&["NAME", "KIND", "PROJECT", "TOLD OF", "STATE", "ADDRESS"], webhooks, row).text("No webhooks.")
}

/// One webhook.
pub fn card(webhook: &Webhook) -> Text {
    facts(&[
        ("name", &webhook.name),
        ("kind", &webhook.kind.as_str()),
        ("address", &webhook.url),
        ("project", &webhook.project),
        ("told of", &told_of(webhook)),
        ("state", &webhook.state.as_str()),
        ("fails since", &webhook.failing_since),
        ("rests until", &webhook.rests_until),
        ("disabled at", &webhook.disabled_at),
        ("because", &webhook.disabled_because),
        ("earlier secret until", &webhook.earlier_secret_until),
    ])
}

/// Deliveries in a list.
pub fn deliveries(deliveries: &[Delivery]) -> Text {
    let row = |one: &Delivery| cells![one.id, one.topic, one.state.as_str(), one.attempts, one.status, one.created_at, one.error];
    Table::of(&["ID", "ABOUT", "STATE", "TRIED", "STATUS", "SINCE", "ERROR"], deliveries, row).text("No deliveries.")
}

/// A delivery that goes out.
pub fn delivery(delivery: &Delivery) -> Text {
    facts(&[("id", &delivery.id), ("about", &delivery.topic), ("state", &delivery.state.as_str())])
}

fn told_of(webhook: &Webhook) -> String {
    if webhook.topics.is_empty() { "everything".to_owned() } else { webhook.topics.join(", ") }
}
