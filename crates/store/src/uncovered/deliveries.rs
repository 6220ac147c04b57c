//! Calls of webhooks: what waits, what became of each, and which webhooks fail. Not part of the record.

use crate::{
    MessageState, OutsideWriter, Reader, StoreError,
    conn::Sql,
    query::{Query, queries},
    record::{Record, column, table},
    value::{Column, Kind},
};
use domain::{DeliveryId, Timestamp, WebhookId, notice::Topic};

table! {
    /// One call of one webhook about one event, with all its attempts.
    Delivery in "deliveries" [1] (unsealed) {
        /// The key.
        id: DeliveryId,
        /// Of this webhook.
        webhook_id: WebhookId,
        /// The event that it tells of; none for a test.
        position: Option<u64>,
        /// Why.
        topic: Topic,
        /// When it was made.
        created_at: Timestamp,
        /// When it is tried next, as long as it waits. A worker that takes it moves this on: a worker that dies gives it back so.
        due_at: Timestamp,
        /// How often it was tried.
        attempts: u32,
        /// When the webhook took it.
        sent_at: Option<Timestamp>,
        /// When it was given up.
        failed_at: Option<Timestamp>,
        /// What is sent, the same at each attempt; none before the first one.
        request: Option<String>,
        /// The HTTP status of the last answer.
        status: Option<u32>,
        /// The beginning of the last answer.
        response: Option<String>,
        /// Why the last attempt failed.
        error: Option<String>,
    }
}

table! {
    /// A webhook that fails.
    FailingWebhook in "failing_webhooks" [1] (unsealed) {
        /// The webhook.
        webhook_id: WebhookId,
        /// When the first failure since the last success was.
        since: Timestamp,
        /// How many failures since then.
        failures: u32,
        /// It is not called before.
        rests_until: Timestamp,
    }
}

impl Delivery {
    /// A new one, whose time has come.
    pub fn waiting(id: DeliveryId, webhook_id: WebhookId, position: Option<u64>, topic: Topic, now: Timestamp) -> Self {
        Self {
            id,
            webhook_id,
            position,
            topic,
            created_at: now,
            due_at: now,
            attempts: 0,
            sent_at: None,
            failed_at: None,
            request: None,
            status: None,
            response: None,
            error: None,
        }
    }

    /// What became of it.
    pub fn state(&self) -> MessageState {
        MessageState::of(self.sent_at, self.failed_at)
    }
}

queries! {
    DELIVERY: Delivery = "WHERE id = $1";
    ALL: Delivery = "WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    WAITING: Delivery = "WHERE webhook_id = $1 AND id < $2 AND sent_at IS NULL AND failed_at IS NULL ORDER BY id DESC LIMIT $3";
    SENT: Delivery = "WHERE webhook_id = $1 AND id < $2 AND sent_at IS NOT NULL ORDER BY id DESC LIMIT $3";
    FAILED: Delivery = "WHERE webhook_id = $1 AND id < $2 AND sent_at IS NULL AND failed_at IS NOT NULL ORDER BY id DESC LIMIT $3";
    FAILING: FailingWebhook = "WHERE webhook_id = $1";
    ;
    DUE_WEBHOOKS = "SELECT webhooks.id, failing_webhooks.since FROM webhooks LEFT JOIN failing_webhooks ON failing_webhooks.webhook_id = webhooks.id WHERE webhooks.disabled_at IS NULL AND (failing_webhooks.rests_until IS NULL OR failing_webhooks.rests_until <= $1) AND EXISTS (SELECT 1 FROM deliveries WHERE deliveries.webhook_id = webhooks.id AND sent_at IS NULL AND failed_at IS NULL AND due_at <= $1)";
    ADD = "INSERT INTO deliveries (id, webhook_id, position, topic, created_at, due_at, attempts, sent_at, failed_at, request, status, response, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (webhook_id, position) DO NOTHING";
    TAKE = "UPDATE deliveries SET due_at = $2, attempts = attempts + 1 WHERE id = $1";
    KEEP_REQUEST = "UPDATE deliveries SET request = $2 WHERE id = $1 AND request IS NULL";
    SEND = "UPDATE deliveries SET sent_at = $2, status = $3, response = $4, error = NULL WHERE id = $1";
    PUT_OFF = "UPDATE deliveries SET due_at = $2, status = $3, response = $4, error = $5 WHERE id = $1 AND sent_at IS NULL";
    GIVE_UP = "UPDATE deliveries SET failed_at = $2, status = $3, response = $4, error = $5 WHERE id = $1 AND sent_at IS NULL AND failed_at IS NULL";
    AGAIN = "UPDATE deliveries SET sent_at = NULL, failed_at = NULL, due_at = $2, attempts = 0, error = NULL WHERE id = $1 AND (sent_at IS NOT NULL OR failed_at IS NOT NULL)";
    GIVE_UP_ALL = "UPDATE deliveries SET failed_at = $2, error = $3 WHERE webhook_id = $1 AND sent_at IS NULL AND failed_at IS NULL";
    FAIL = "INSERT INTO failing_webhooks (webhook_id, since, failures, rests_until) VALUES ($1, $2, 1, $3) ON CONFLICT (webhook_id) DO UPDATE SET failures = failing_webhooks.failures + 1, rests_until = excluded.rests_until";
    RECOVER = "DELETE FROM failing_webhooks WHERE webhook_id = $1";
    COUNT_WAITING = "SELECT COUNT(*) FROM deliveries WHERE sent_at IS NULL AND failed_at IS NULL";
    COUNT_FAILED = "SELECT COUNT(*) FROM deliveries WHERE sent_at IS NULL AND failed_at IS NOT NULL";
    FORGET = "DELETE FROM deliveries WHERE created_at < $1 AND (sent_at IS NOT NULL OR failed_at IS NOT NULL)";
}

/// Deliveries of a webhook whose time has come, for a change of them: on PostgreSQL no other worker takes the same ones, nor waits for them.
static DUE: Query<Delivery> = Query::new(Sql {
    sqlite: "WHERE webhook_id = $1 AND sent_at IS NULL AND failed_at IS NULL AND due_at <= $2 ORDER BY due_at, id LIMIT $3",
    postgres: "WHERE webhook_id = $1 AND sent_at IS NULL AND failed_at IS NULL AND due_at <= $2 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED",
});

/// Statements with a text for each database, for the test that prepares them.
#[cfg(test)]
pub(crate) fn of_each() -> Vec<(&'static str, Sql)> {
    vec![("DUE", DUE.sql())]
}

/// What a webhook answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The HTTP status, where there was an answer.
    pub status: Option<u32>,
    /// The beginning of the answer.
    pub response: Option<String>,
}

impl Reader {
    /// A delivery.
    pub async fn delivery(&mut self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.first(&DELIVERY, &[id.to_value()]).await
    }

    /// The deliveries of a webhook from before this one, in this state or in any, the newest first.
    pub async fn deliveries(
        &mut self,
        webhook: WebhookId,
        state: Option<MessageState>,
        before: DeliveryId,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = match state {
            None => &ALL,
            Some(MessageState::Waiting) => &WAITING,
            Some(MessageState::Sent) => &SENT,
            Some(MessageState::Failed) => &FAILED,
        };
        self.all(query, &[webhook.to_value(), before.to_value(), limit.to_value()]).await
    }

    /// How a webhook fails, where it does.
    pub async fn failing_webhook(&mut self, webhook: WebhookId) -> Result<Option<FailingWebhook>, StoreError> {
        self.first(&FAILING, &[webhook.to_value()]).await
    }

    /// The webhooks for which a delivery is due and that do not rest, each with whether it fails.
    pub async fn due_webhooks(&mut self, now: Timestamp) -> Result<Vec<(WebhookId, bool)>, StoreError> {
        let rows = self.rows(DUE_WEBHOOKS, &[now.to_value()], &[Kind::Uuid, Kind::Int]).await?;
        let read = |row: Vec<_>| {
            let mut row = row.into_iter();
            let id = column(row.next(), "webhooks", "id")?;
            let since: Option<Timestamp> = column(row.next(), "failing_webhooks", "since")?;
            Ok((id, since.is_some()))
        };
        rows.into_iter().map(read).collect()
    }

    /// How many deliveries wait, and how many were given up.
    pub async fn count_deliveries(&mut self) -> Result<(u64, u64), StoreError> {
        Ok((self.number(COUNT_WAITING, &[]).await?, self.number(COUNT_FAILED, &[]).await?))
    }
}

impl OutsideWriter {
    /// Adds a delivery, unless this webhook has one about this event.
    pub async fn add_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        self.execute(ADD, &delivery.values()).await.map(|_| ())
    }

    /// Takes up to so many deliveries of a webhook whose time has come. Until `until` no other worker takes them.
    pub async fn take_deliveries(
        &mut self,
        webhook: WebhookId,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut deliveries = self.all(&DUE, &[webhook.to_value(), now.to_value(), limit.to_value()]).await?;
        for delivery in &mut deliveries {
            self.execute(TAKE, &[delivery.id.to_value(), until.to_value()]).await?;
            delivery.attempts += 1;
        }
        Ok(deliveries)
    }

    /// Keeps what is sent, so that each attempt sends the same.
    pub async fn keep_request(&mut self, id: DeliveryId, request: &str) -> Result<(), StoreError> {
        self.execute(KEEP_REQUEST, &[id.to_value(), request.into()]).await.map(|_| ())
    }

    /// Notes that the webhook took a delivery.
    pub async fn delivered(&mut self, id: DeliveryId, at: Timestamp, answer: &WebhookAnswer) -> Result<(), StoreError> {
        let args = [id.to_value(), at.to_value(), answer.status.to_value(), answer.response.to_value()];
        self.execute(SEND, &args).await.map(|_| ())
    }

    /// Notes that an attempt failed, and when the next one is due.
    pub async fn delivery_put_off(
        &mut self,
        id: DeliveryId,
        due_at: Timestamp,
        answer: &WebhookAnswer,
        error: &str,
    ) -> Result<(), StoreError> {
        let args = [id.to_value(), due_at.to_value(), answer.status.to_value(), answer.response.to_value(), error.into()];
        self.execute(PUT_OFF, &args).await.map(|_| ())
    }

    /// Notes that a delivery was given up; of one that has ended nothing changes.
    pub async fn delivery_failed(
        &mut self,
        id: DeliveryId,
        at: Timestamp,
        answer: &WebhookAnswer,
        error: &str,
    ) -> Result<(), StoreError> {
        let args = [id.to_value(), at.to_value(), answer.status.to_value(), answer.response.to_value(), error.into()];
        self.execute(GIVE_UP, &args).await.map(|_| ())
    }

    /// Lets a delivery that has ended wait again; says whether there was one.
    pub async fn redeliver(&mut self, id: DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.execute(AGAIN, &[id.to_value(), now.to_value()]).await? == 1)
    }

    /// Gives up every delivery of a webhook that waits.
    pub async fn give_up_deliveries(&mut self, webhook: WebhookId, now: Timestamp, error: &str) -> Result<(), StoreError> {
        self.execute(GIVE_UP_ALL, &[webhook.to_value(), now.to_value(), error.into()]).await.map(|_| ())
    }

    /// Notes a failure of a webhook, which is not called before `rests_until`.
    pub async fn webhook_fails(&mut self, id: WebhookId, now: Timestamp, rests_until: Timestamp) -> Result<(), StoreError> {
        self.execute(FAIL, &[id.to_value(), now.to_value(), rests_until.to_value()]).await.map(|_| ())
    }

    /// Notes that a webhook does not fail.
    pub async fn webhook_recovers(&mut self, id: WebhookId) -> Result<(), StoreError> {
        self.execute(RECOVER, &[id.to_value()]).await.map(|_| ())
    }

    /// Forgets deliveries that ended and were made before this moment.
    pub async fn forget_deliveries(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.execute(FORGET, &[before.to_value()]).await.map(|_| ())
    }
}
