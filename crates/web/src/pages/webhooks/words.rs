//! Webhooks in words.

use app::views::Webhook;
use domain::{notice::Topic, webhook::WebhookKind};

/// What a webhook can be told of.
pub(super) fn topics() -> impl Iterator<Item = (&'static str, String)> {
    let all = Topic::ALL.iter().filter(|topic| **topic != Topic::Test);
    all.map(|topic| (topic.as_str(), topic.as_str().replace('_', " ")))
}

/// A kind of webhook in words.
pub(super) fn kind(kind: &WebhookKind) -> &'static str {
    match kind {
        WebhookKind::Standard => "A program",
        WebhookKind::Slack => "Slack",
        WebhookKind::Mattermost => "Mattermost",
        WebhookKind::Teams => "Microsoft Teams",
    }
}

/// What a webhook is told of, in words.
pub(super) fn told_of(webhook: &Webhook) -> String {
    match webhook.topics.as_slice() {
        [] => "everything".to_owned(),
        topics => topics.iter().map(|topic| topic.replace('_', " ")).collect::<Vec<_>>().join(", "),
    }
}
