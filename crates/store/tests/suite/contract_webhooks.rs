//! Webhooks and their deliveries, the same on both databases.

use crate::{
    database::{Fresh, both},
    world::{World, at, event, origin, parse},
};
use domain::{DeliveryId, WebhookId, notice::Topic};
use store::{Delivery, FailingWebhook, MessageState, Webhook, WebhookAnswer};
use uuid::Uuid;

both! {
    webhooks_are_found_by_what_they_belong_to
    deliveries_wait_are_taken_and_end
    a_webhook_takes_its_deliveries_along
}

fn delivery(n: u128, webhook: WebhookId, position: Option<u64>) -> Delivery {
    Delivery::waiting(DeliveryId::from_uuid(Uuid::from_u128(n)), webhook, position, Topic::Approved, at(100))
}

/// A store with a webhook that is enabled.
async fn enabled(fresh: &Fresh) -> (store::Store, Webhook) {
    let store = fresh.store().await;
    let second = World::new(2);
    second.write(&store).await;
    second.write_settings(&store).await;
    let webhook = Webhook { disabled_at: None, disabled_because: None, ..second.webhook.clone() };
    let mut tx = store.write(second.origin()).await.unwrap();
    tx.update(&webhook).await.unwrap();
    tx.record(event("webhook"), second.about());
    tx.commit().await.unwrap();
    (store, webhook)
}

async fn webhooks_are_found_by_what_they_belong_to(fresh: Fresh) {
    let store = fresh.store().await;
    let (first, second) = (World::new(1), World::new(2));
    for world in [&first, &second] {
        world.write(&store).await;
        world.write_settings(&store).await;
    }
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.webhook(first.webhook.id).await.unwrap(), Some(first.webhook.clone()));
    assert_eq!(reader.webhook_by_name(&second.webhook.name).await.unwrap(), Some(second.webhook.clone()));
    assert_eq!(reader.webhook_by_name(&parse("nobody")).await.unwrap(), None);
    assert_eq!(reader.webhooks(None, "", 5).await.unwrap(), [first.webhook.clone(), second.webhook.clone()]);
    assert_eq!(reader.webhooks(None, "", 1).await.unwrap(), std::slice::from_ref(&first.webhook));
    assert_eq!(reader.webhooks(None, first.webhook.name.as_str(), 5).await.unwrap(), std::slice::from_ref(&second.webhook));
    assert_eq!(reader.webhooks(Some(second.project.id), "", 5).await.unwrap(), [second.webhook]);
    assert_eq!(reader.webhooks(Some(first.project.id), first.webhook.name.as_str(), 5).await.unwrap(), []);
}

async fn deliveries_wait_are_taken_and_end(fresh: Fresh) {
    let (store, webhook) = enabled(&fresh).await;
    let (one, two, three) = (delivery(1, webhook.id, Some(7)), delivery(2, webhook.id, Some(8)), delivery(3, webhook.id, None));
    let mut tx = store.write_outside().await.unwrap();
    for delivery in [&one, &two, &three, &delivery(4, webhook.id, Some(7))] {
        tx.add_delivery(delivery).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    let last = DeliveryId::from_uuid(Uuid::max());
    let all = reader.deliveries(webhook.id, None, last, 10).await.unwrap();
    assert_eq!(all, [three.clone(), two.clone(), one.clone()], "one for an event, the newest first");
    assert_eq!(reader.deliveries(webhook.id, None, two.id, 10).await.unwrap(), std::slice::from_ref(&one));
    assert_eq!(reader.due_webhooks(at(99)).await.unwrap(), []);
    assert_eq!(reader.due_webhooks(at(100)).await.unwrap(), [(webhook.id, false)]);
    assert_eq!(reader.count_deliveries().await.unwrap(), (3, 0));
    drop(reader);

    let answer = WebhookAnswer { status: Some(500), response: Some("no".to_owned()) };
    let mut tx = store.write_outside().await.unwrap();
    let taken = tx.take_deliveries(webhook.id, at(100), at(160), 2).await.unwrap();
    assert_eq!(taken.iter().map(|delivery| (delivery.id, delivery.attempts)).collect::<Vec<_>>(), [(one.id, 1), (two.id, 1)]);
    assert_eq!(tx.take_deliveries(webhook.id, at(100), at(160), 2).await.unwrap().len(), 1, "nobody takes one twice");
    tx.keep_request(one.id, "first").await.unwrap();
    tx.keep_request(one.id, "second").await.unwrap();
    tx.delivered(one.id, at(101), &WebhookAnswer { status: Some(204), response: None }).await.unwrap();
    tx.delivery_put_off(two.id, at(200), &answer, "it failed").await.unwrap();
    tx.delivery_failed(three.id, at(102), &answer, "it failed").await.unwrap();
    // What has ended keeps its end.
    tx.delivery_failed(three.id, at(105), &answer, "another reason").await.unwrap();
    tx.delivery_failed(one.id, at(105), &answer, "another reason").await.unwrap();
    let ended = tx.delivery(three.id).await.unwrap().unwrap();
    assert_eq!((ended.error.as_deref(), ended.failed_at), (Some("it failed"), Some(at(102))));
    tx.webhook_fails(webhook.id, at(103), at(150)).await.unwrap();
    tx.webhook_fails(webhook.id, at(104), at(170)).await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    let sent = reader.delivery(one.id).await.unwrap().unwrap();
    assert_eq!((sent.request.as_deref(), sent.status, sent.state()), (Some("first"), Some(204), MessageState::Sent));
    let of = |state| {
        let store = store.clone();
        async move {
            let found = store.read().await.unwrap().deliveries(webhook.id, Some(state), last, 10).await.unwrap();
            found.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(of(MessageState::Sent).await, [one.id]);
    assert_eq!(of(MessageState::Waiting).await, [two.id]);
    assert_eq!(of(MessageState::Failed).await, [three.id]);
    let failing = FailingWebhook { webhook_id: webhook.id, since: at(103), failures: 2, rests_until: at(170) };
    assert_eq!(reader.failing_webhook(webhook.id).await.unwrap(), Some(failing));
    assert_eq!(reader.due_webhooks(at(169)).await.unwrap(), [], "it rests");
    assert_eq!(reader.due_webhooks(at(200)).await.unwrap(), [(webhook.id, true)]);
    drop(reader);

    let mut tx = store.write_outside().await.unwrap();
    assert!(!tx.redeliver(two.id, at(300)).await.unwrap(), "it waits already");
    assert!(tx.redeliver(three.id, at(300)).await.unwrap());
    tx.webhook_recovers(webhook.id).await.unwrap();
    tx.give_up_deliveries(webhook.id, at(301), "switched off").await.unwrap();
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.count_deliveries().await.unwrap(), (0, 2));
    assert_eq!(reader.failing_webhook(webhook.id).await.unwrap(), None);
    drop(reader);
    let mut tx = store.write_outside().await.unwrap();
    tx.forget_deliveries(at(100)).await.unwrap();
    assert!(tx.delivery(one.id).await.unwrap().is_some(), "exactly at the moment is not before it");
    tx.forget_deliveries(at(101)).await.unwrap();
    assert!(tx.delivery(one.id).await.unwrap().is_none());
    tx.commit().await.unwrap();
}

async fn a_webhook_takes_its_deliveries_along(fresh: Fresh) {
    let (store, webhook) = enabled(&fresh).await;
    let mut tx = store.write_outside().await.unwrap();
    tx.add_delivery(&delivery(1, webhook.id, None)).await.unwrap();
    tx.webhook_fails(webhook.id, at(103), at(150)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.write(origin()).await.unwrap();
    tx.delete(&webhook).await.unwrap();
    tx.record(event("removed"), store::About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.count_deliveries().await.unwrap(), (0, 0));
    assert_eq!(reader.failing_webhook(webhook.id).await.unwrap(), None);
}
