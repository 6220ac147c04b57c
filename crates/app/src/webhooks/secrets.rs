//! The secrets that deliveries are signed with. None is stored: each follows from the server's key, the webhook and a number, so that a copy of
//! the database holds none.

use crate::OpContext;
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Duration;
use store::Webhook;

/// How long deliveries are signed with the earlier secret too, so that the receiver has time to change.
pub(super) const OVERLAP: Duration = Duration::from_days(1);

/// The secret of today, as its receiver keeps it.
pub(super) fn present(op: &OpContext, webhook: &Webhook) -> Option<String> {
    (!webhook.kind.has_secret_address()).then(|| of(op, webhook, webhook.generation))
}

/// The secrets to sign with: that of today, and the earlier one for a while.
pub(super) fn all(op: &OpContext, webhook: &Webhook) -> Vec<String> {
    let Some(present) = present(op, webhook) else { return Vec::new() };
    let earlier = webhook.earlier_until.filter(|until| op.now < *until).map(|_| of(op, webhook, webhook.generation - 1));
    [Some(present), earlier].into_iter().flatten().collect()
}

fn of(op: &OpContext, webhook: &Webhook, generation: u64) -> String {
    format!("whsec_{}", BASE64_STANDARD.encode(op.keys.credentials.webhook_secret(webhook.id, generation)))
}
