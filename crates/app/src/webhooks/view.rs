//! Webhooks as their keepers see them.

use super::address;
use crate::{
    Error, OpContext,
    views::{self, WebhookState},
};
use domain::event::Event;
use store::{Project, Reader, Webhook};

/// A webhook.
pub(super) async fn webhook(
    op: &OpContext,
    reader: &mut Reader,
    webhook: &Webhook,
    project: Option<&Project>,
) -> Result<views::Webhook, Error> {
    let failing = reader.failing_webhook(webhook.id).await?;
    let state = match (webhook.disabled_at, &failing) {
        (Some(_), _) => WebhookState::Disabled,
        (None, Some(_)) => WebhookState::Failing,
        (None, None) => WebhookState::Enabled,
    };
    Ok(views::Webhook {
        name: webhook.name.clone(),
        kind: webhook.kind,
        url: address::shown(webhook),
        project: project.map(|project| project.name.clone()),
        topics: webhook.topics.0.iter().map(|topic| topic.as_str().to_owned()).collect(),
        state,
        failing_since: failing.as_ref().map(|failing| failing.since),
        rests_until: failing.map(|failing| failing.rests_until).filter(|until| op.now < *until),
        disabled_at: webhook.disabled_at,
        disabled_because: webhook.disabled_because.clone(),
        earlier_secret_until: webhook.earlier_until.filter(|until| op.now < *until),
        created_at: webhook.created_at,
    })
}

/// The event that a webhook is as it is now.
pub(super) fn set(webhook: &Webhook, new_secret: bool) -> Event {
    Event::WebhookSet {
        webhook: webhook.id,
        name: webhook.name.clone(),
        kind: webhook.kind,
        url: address::shown(webhook),
        topics: webhook.topics.0.clone(),
        enabled: webhook.disabled_at.is_none(),
        new_secret,
    }
}

/// What a webhook belongs to.
pub(super) fn subject(project: Option<&Project>) -> crate::change::Subject<'_> {
    project.map_or(crate::change::Subject::Instance, crate::change::Subject::Project)
}
