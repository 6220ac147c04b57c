//! Webhooks: addresses of other programs that the server tells of what happens.

use crate::people::words;
use serde::{Deserialize, Serialize};

/// What listens at the address, and so the form of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookKind {
    /// A program: CloudEvents, signed as Standard Webhooks says.
    Standard,
    /// An incoming webhook of Slack.
    Slack,
    /// An incoming webhook of Mattermost.
    Mattermost,
    /// A workflow of Microsoft Teams that posts an Adaptive Card.
    Teams,
}

words! { WebhookKind { Standard = "standard", Slack = "slack", Mattermost = "mattermost", Teams = "teams" } }

impl WebhookKind {
    /// Whether everybody who knows the address may post there: then the whole address is a secret.
    pub const fn has_secret_address(self) -> bool {
        !matches!(self, Self::Standard)
    }
}
