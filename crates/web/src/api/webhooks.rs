//! Webhooks, their secrets, and what became of each call.

use super::{
    creation::{IdempotencyHeader, SecretCreation},
    params::{DeliveryPath, MessagesQuery, WebhookPath, WebhooksQuery},
    reply::{self, Answer},
};
use crate::{
    auth::Op,
    http::{EmptyBody, Routes, StrictJson, StrictPath, StrictQuery},
    urls::api as paths,
};
use app::{
    Limit, Page,
    views::{ChangeWebhookRequest, CreateWebhookRequest, Delivery, List, Webhook, WebhookWithSecret},
    webhooks,
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .publish(routes!(list_webhooks, create_webhook))
        .publish(routes!(show_webhook, change_webhook, remove_webhook))
        .publish(routes!(rotate_webhook_secret))
        .publish(routes!(test_webhook))
        .publish(routes!(list_deliveries))
        .publish(routes!(redeliver))
}

/// Lists webhooks
#[utoipa::path(get, path = paths::WEBHOOKS, tag = "operation", params(WebhooksQuery), responses((status = 200, description = "The webhooks, by name.", body = List<Webhook>)))]
async fn list_webhooks(op: Op, StrictQuery(query): StrictQuery<WebhooksQuery>) -> Answer {
    let page = Page { after: query.after.unwrap_or_default(), limit: Limit::of(query.limit) };
    reply::ok(&webhooks::list(&op, query.project.as_ref(), &page).await?)
}

/// Creates a webhook for all that happens, or for one project
#[utoipa::path(post, path = paths::WEBHOOKS, tag = "operation", params(IdempotencyHeader), request_body = CreateWebhookRequest, responses((status = 201, description = "Created. The secret is shown only here.", body = WebhookWithSecret)))]
async fn create_webhook(SecretCreation { op, body }: SecretCreation<CreateWebhookRequest>) -> Answer {
    reply::created_secret(&webhooks::create(&op, body).await?)
}

/// Shows a webhook
#[utoipa::path(get, path = paths::WEBHOOK, tag = "operation", params(WebhookPath), responses((status = 200, description = "The webhook.", body = Webhook)))]
async fn show_webhook(op: Op, StrictPath(path): StrictPath<WebhookPath>) -> Answer {
    reply::ok(&webhooks::show(&op, &path.webhook).await?)
}

/// Changes a webhook's address or topics, or switches it on or off
#[utoipa::path(patch, path = paths::WEBHOOK, tag = "operation", params(WebhookPath), request_body = ChangeWebhookRequest, responses((status = 200, description = "The webhook as it is now.", body = Webhook)))]
async fn change_webhook(
    op: Op,
    StrictPath(path): StrictPath<WebhookPath>,
    StrictJson(request): StrictJson<ChangeWebhookRequest>,
) -> Answer {
    reply::ok(&webhooks::change(&op, &path.webhook, request).await?)
}

/// Removes a webhook with the list of its deliveries
#[utoipa::path(delete, path = paths::WEBHOOK, tag = "operation", params(WebhookPath), responses((status = 204, description = "Removed.")))]
async fn remove_webhook(op: Op, StrictPath(path): StrictPath<WebhookPath>) -> Answer {
    webhooks::remove(&op, &path.webhook).await?;
    reply::no_content()
}

/// Gives a webhook another secret; for a day deliveries are signed with the earlier secret too
#[utoipa::path(post, path = paths::WEBHOOK_SECRET, tag = "operation", params(WebhookPath, IdempotencyHeader), responses((status = 201, description = "The new secret, shown only here.", body = WebhookWithSecret)))]
async fn rotate_webhook_secret(
    StrictPath(path): StrictPath<WebhookPath>,
    SecretCreation { op, .. }: SecretCreation<EmptyBody>,
) -> Answer {
    reply::created_secret(&webhooks::rotate(&op, &path.webhook).await?)
}

/// Sends a test to a webhook
#[utoipa::path(post, path = paths::TEST_WEBHOOK, tag = "operation", params(WebhookPath), responses((status = 200, description = "The delivery, which goes out in a moment.", body = Delivery)))]
async fn test_webhook(op: Op, StrictPath(path): StrictPath<WebhookPath>) -> Answer {
    reply::ok(&webhooks::test(&op, &path.webhook).await?)
}

/// Lists the deliveries of a webhook: what was sent, and what the webhook answered
#[utoipa::path(get, path = paths::DELIVERIES, tag = "operation", params(WebhookPath, MessagesQuery), responses((status = 200, description = "The deliveries, the newest first.", body = List<Delivery>)))]
async fn list_deliveries(
    op: Op,
    StrictPath(path): StrictPath<WebhookPath>,
    StrictQuery(query): StrictQuery<MessagesQuery>,
) -> Answer {
    let MessagesQuery { state, after, limit } = query;
    let page = Page { after: after.unwrap_or_default(), limit: Limit::of(limit) };
    reply::ok(&webhooks::deliveries(&op, &path.webhook, state, &page).await?)
}

/// Sends a delivery once more: the same bytes under the same id
#[utoipa::path(post, path = paths::REDELIVER, tag = "operation", params(DeliveryPath), responses((status = 200, description = "The delivery, which goes out in a moment.", body = Delivery)))]
async fn redeliver(op: Op, StrictPath(path): StrictPath<DeliveryPath>) -> Answer {
    reply::ok(&webhooks::redeliver(&op, &path.webhook, path.delivery).await?)
}
