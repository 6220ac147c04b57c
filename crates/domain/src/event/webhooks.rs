//! Events about webhooks.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! webhooks {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// A webhook was created, or changed.
            WebhookSet = "webhook.set" {
                /// The webhook.
                webhook: WebhookId,
                /// The webhook's name.
                name: Name,
                /// What listens there.
                kind: WebhookKind,
                /// The address; of a chat only the host, of a program without the query: both may be secrets.
                url: String,
                /// What the webhook is told of; empty for everything.
                topics: Vec<Topic>,
                /// Whether the server calls the webhook.
                enabled: bool,
                /// Whether the webhook has another secret than before.
                new_secret: bool,
            }
            /// A webhook was removed, with the list of its deliveries.
            WebhookRemoved = "webhook.removed" {
                /// The webhook.
                webhook: WebhookId,
                /// The webhook's name.
                name: Name,
            }
            /// The server calls a webhook no more, because the webhook said so or failed for long.
            WebhookDisabled = "webhook.disabled" {
                /// The webhook.
                webhook: WebhookId,
                /// The webhook's name.
                name: Name,
                /// Why.
                because: String,
            }
        }
    };
}
