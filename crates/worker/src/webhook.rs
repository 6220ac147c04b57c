//! Webhooks: what is sent to programs and to chats, its signature, and the way there.

mod caller;
mod cloud_event;
mod mattermost;
mod signature;
mod slack;
mod teams;

pub(crate) use caller::Caller;
pub use signature::is_signed;

use app::webhooks::Call;
use domain::webhook::WebhookKind;

/// What is sent. `source` is the address of this server.
pub(crate) fn body(call: &Call, source: &str) -> String {
    let body = match call.kind {
        WebhookKind::Standard => cloud_event::body(&call.what, &call.event_id, source),
        WebhookKind::Slack => slack::body(&call.what),
        WebhookKind::Mattermost => mattermost::body(&call.what),
        WebhookKind::Teams => teams::body(&call.what),
    };
    body.to_string()
}
