//! Webhooks and what became of each call.

use super::{MessageState, schema};
use domain::{DeliveryId, Name, Timestamp, webhook::WebhookKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Its name.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// What listens there: `standard`, `slack`, `mattermost` or `teams`.
    #[schema(value_type = schema::WebhookKind)]
    pub kind: WebhookKind,
    /// The address; of a chat only the host, of a program without the query: both may be secrets.
    pub url: String,
    /// Told of this project alone; absent for everything.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project: Option<Name>,
    /// What it is told of: `review_requested`, `approved`, …; empty for everything.
    pub topics: Vec<String>,
    /// Whether the server calls it.
    pub state: WebhookState,
    /// Since when it has failed without one success.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing_since: Option<Timestamp>,
    /// It is not called before, because it failed.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rests_until: Option<Timestamp>,
    /// Since when the server does not call it.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disabled_at: Option<Timestamp>,
    /// Why the server disabled it; absent where somebody switched it off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disabled_because: Option<String>,
    /// Until then deliveries are signed with the earlier secret too.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub earlier_secret_until: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
}

/// Whether the server calls a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// The server calls it.
    Enabled,
    /// The server calls it, with rests, because it fails.
    Failing,
    /// The server does not call it.
    Disabled,
}

impl WebhookState {
    /// The word in API, command line and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Failing => "failing",
            Self::Disabled => "disabled",
        }
    }
}

/// A webhook with a new secret, which is not shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// What deliveries are signed with, as Standard Webhooks writes it; absent for a chat.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
}

/// Creates a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhookRequest {
    /// Its name.
    #[schema(value_type = schema::Name)]
    pub name: Name,
    /// What listens there: `standard`, `slack`, `mattermost` or `teams`.
    #[schema(value_type = schema::WebhookKind)]
    pub kind: WebhookKind,
    /// The address.
    pub url: String,
    /// To be told of this project alone.
    #[schema(value_type = Option<schema::Name>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project: Option<Name>,
    /// What to be told of: `review_requested`, `approved`, …; absent or empty for everything.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub topics: Vec<String>,
}

/// Changes a webhook. What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWebhookRequest {
    /// Another address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// What to be told of; empty for everything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topics: Option<Vec<String>>,
    /// Whether the server calls it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub enabled: Option<bool>,
}

/// One call of a webhook about one event, with all its attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its id, for redelivery.
    #[schema(value_type = schema::Id)]
    pub id: DeliveryId,
    /// The header `webhook-id`, and the id of the CloudEvent: the same at each attempt.
    pub event_id: String,
    /// Why: `review_requested`, `approved`, ….
    pub topic: String,
    /// The event of the record that it tells of; absent for a test.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub position: Option<u64>,
    /// What became of it.
    pub state: MessageState,
    /// When it was made.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// When the webhook took it.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sent_at: Option<Timestamp>,
    /// When it was given up.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed_at: Option<Timestamp>,
    /// What was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<String>,
    /// The HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u32>,
    /// The beginning of the last answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub response: Option<String>,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}
