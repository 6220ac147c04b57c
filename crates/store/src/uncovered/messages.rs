//! Messages to people, and up to which event of the log messages were made. Not part of the record.
//!
//! The log is the outbox: each event is in the log with the change that it tells of, so no message is lost, and a change waits for none.

use crate::{
    OutsideWriter, Reader, StoreError,
    conn::Sql,
    query::{Query, queries},
    record::{Record, table},
    value::{Column, Value},
};
use domain::{MessageId, Timestamp, UserId, notice::Topic};
use std::collections::HashSet;

/// How many messages one mail gathers.
const MOST_TOGETHER: u32 = 500;

table! {
    /// A message to one person.
    Message in "messages" [1] (unsealed) {
        /// The key.
        id: MessageId,
        /// The event that it tells of; none for a test.
        position: Option<u64>,
        /// To this account.
        user_id: UserId,
        /// Why.
        topic: Topic,
        /// When it was made.
        created_at: Timestamp,
        /// When it is tried next, as long as it waits. A worker that takes it moves this on: a worker that dies gives it back so.
        due_at: Timestamp,
        /// How often it was tried.
        attempts: u32,
        /// When the mail server took it.
        sent_at: Option<Timestamp>,
        /// When it was given up.
        failed_at: Option<Timestamp>,
        /// Why the last attempt failed.
        error: Option<String>,
        /// Whether it goes out in one mail with the others of its recipient that do.
        in_digest: bool,
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It waits for its turn, or for the next attempt.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
}

impl Message {
    /// A new one, whose time has come.
    pub fn waiting(id: MessageId, position: Option<u64>, user_id: UserId, topic: Topic, now: Timestamp) -> Self {
        Self {
            id,
            position,
            user_id,
            topic,
            created_at: now,
            due_at: now,
            attempts: 0,
            sent_at: None,
            failed_at: None,
            error: None,
            in_digest: false,
        }
    }

    /// The same, gathered with others until then.
    pub fn in_digest(self, due_at: Timestamp) -> Self {
        Self { due_at, in_digest: true, ..self }
    }

    /// What became of it.
    pub fn state(&self) -> MessageState {
        MessageState::of(self.sent_at, self.failed_at)
    }
}

impl MessageState {
    /// What became of a message or a delivery that was sent then, or given up then.
    pub(super) fn of(sent_at: Option<Timestamp>, failed_at: Option<Timestamp>) -> Self {
        match (sent_at, failed_at) {
            (Some(_), _) => Self::Sent,
            (None, Some(_)) => Self::Failed,
            (None, None) => Self::Waiting,
        }
    }
}

queries! {
    MESSAGE: Message = "WHERE id = $1";
    TO_SINCE: Message = "WHERE user_id = $1 AND topic = $2 AND created_at > $3 ORDER BY id DESC LIMIT 1";
    ALL: Message = "WHERE id < $1 ORDER BY id DESC LIMIT $2";
    WAITING: Message = "WHERE id < $1 AND sent_at IS NULL AND failed_at IS NULL ORDER BY id DESC LIMIT $2";
    SENT: Message = "WHERE id < $1 AND sent_at IS NOT NULL ORDER BY id DESC LIMIT $2";
    FAILED: Message = "WHERE id < $1 AND sent_at IS NULL AND failed_at IS NOT NULL ORDER BY id DESC LIMIT $2";
    ;
    ANNOUNCED = "SELECT position FROM announced WHERE id = 1";
    ANNOUNCE = "UPDATE announced SET position = $2 WHERE id = 1 AND position = $1";
    ADD = "INSERT INTO messages (id, position, user_id, topic, created_at, due_at, attempts, sent_at, failed_at, error, in_digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (position, user_id) DO NOTHING";
    TAKE = "UPDATE messages SET due_at = $2, attempts = attempts + 1 WHERE id = $1";
    HAND_OVER = "UPDATE messages SET sent_at = $2, error = NULL WHERE id = $1";
    PUT_OFF = "UPDATE messages SET due_at = $2, error = $3 WHERE id = $1 AND sent_at IS NULL";
    GIVE_UP = "UPDATE messages SET failed_at = $2, error = $3 WHERE id = $1 AND sent_at IS NULL";
    TRY_AGAIN = "UPDATE messages SET failed_at = NULL, due_at = $2, created_at = $2, attempts = 0 WHERE id = $1 AND failed_at IS NOT NULL AND sent_at IS NULL";
    TRY_ALL_AGAIN = "UPDATE messages SET failed_at = NULL, due_at = $1, created_at = $1, attempts = 0 WHERE failed_at IS NOT NULL AND sent_at IS NULL";
    COUNT_DUE = "SELECT COUNT(*) FROM (SELECT 1 FROM messages WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= $1 LIMIT 1) AS first";
    COUNT_WAITING = "SELECT COUNT(*) FROM messages WHERE sent_at IS NULL AND failed_at IS NULL";
    COUNT_FAILED = "SELECT COUNT(*) FROM messages WHERE sent_at IS NULL AND failed_at IS NOT NULL";
    MOVE_GATHERED = "UPDATE messages SET due_at = $2 WHERE user_id = $1 AND in_digest AND sent_at IS NULL AND failed_at IS NULL";
    FORGET = "DELETE FROM messages WHERE sent_at < $1 OR failed_at < $1";
}

/// Messages whose time has come, those about one event together, for a change of them: on PostgreSQL no other worker takes the same ones, nor waits for them.
static DUE: Query<Message> = Query::new(Sql {
    sqlite: "WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= $1 ORDER BY due_at, position, id LIMIT $2",
    postgres: "WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= $1 ORDER BY due_at, position, id LIMIT $2 FOR UPDATE SKIP LOCKED",
});

/// The messages to one person that go out in one mail, whose time has come.
static DUE_TOGETHER: Query<Message> = Query::new(Sql {
    sqlite: "WHERE user_id = $1 AND in_digest AND sent_at IS NULL AND failed_at IS NULL AND due_at <= $2 ORDER BY id LIMIT $3",
    postgres: "WHERE user_id = $1 AND in_digest AND sent_at IS NULL AND failed_at IS NULL AND due_at <= $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED",
});

/// Statements with a text for each database, for the test that prepares them.
#[cfg(test)]
pub(crate) fn of_each() -> Vec<(&'static str, Sql)> {
    vec![("DUE", DUE.sql()), ("DUE_TOGETHER", DUE_TOGETHER.sql())]
}

impl Reader {
    /// Up to which event messages were made.
    pub async fn announced(&mut self) -> Result<u64, StoreError> {
        self.number(ANNOUNCED, &[]).await
    }

    /// A message.
    pub async fn message(&mut self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.first(&MESSAGE, &[id.to_value()]).await
    }

    /// The newest message to this person about this topic that was made after this moment.
    pub async fn message_since(&mut self, to: UserId, topic: Topic, after: Timestamp) -> Result<Option<Message>, StoreError> {
        self.first(&TO_SINCE, &[to.to_value(), topic.to_value(), after.to_value()]).await
    }

    /// The messages from before this one, in this state or in any, the newest first.
    pub async fn messages(
        &mut self,
        state: Option<MessageState>,
        before: MessageId,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let query = match state {
            None => &ALL,
            Some(MessageState::Waiting) => &WAITING,
            Some(MessageState::Sent) => &SENT,
            Some(MessageState::Failed) => &FAILED,
        };
        self.all(query, &[before.to_value(), limit.to_value()]).await
    }

    /// Whether the time of any message has come.
    pub async fn messages_are_due(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.number::<u64>(COUNT_DUE, &[now.to_value()]).await? > 0)
    }

    /// How many messages wait, and how many were given up.
    pub async fn count_messages(&mut self) -> Result<(u64, u64), StoreError> {
        Ok((self.number(COUNT_WAITING, &[]).await?, self.number(COUNT_FAILED, &[]).await?))
    }
}

impl OutsideWriter {
    /// Notes that messages were made of the events from the one position to the other; not where another server was faster. Says which.
    pub async fn announce(&mut self, from: u64, to: u64) -> Result<bool, StoreError> {
        Ok(self.execute(ANNOUNCE, &[from.to_value(), to.to_value()]).await? == 1)
    }

    /// Adds a message, unless this person has one about this event.
    pub async fn add_message(&mut self, message: &Message) -> Result<(), StoreError> {
        self.execute(ADD, &message.values()).await.map(|_| ())
    }

    /// Takes the messages of up to so many mails whose time has come, mail by mail. Until `until` no other worker takes them.
    pub async fn take_messages(&mut self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Vec<Message>>, StoreError> {
        let due = self.all(&DUE, &[now.to_value(), limit.to_value()]).await?;
        let (mut mails, mut gathered) = (Vec::new(), HashSet::new());
        for message in due {
            let mut mail = match message.in_digest {
                true if !gathered.insert(message.user_id) => continue,
                true => {
                    let of = [message.user_id.to_value(), now.to_value(), MOST_TOGETHER.to_value()];
                    self.all(&DUE_TOGETHER, &of).await?
                }
                false => vec![message],
            };
            for message in &mut mail {
                self.execute(TAKE, &[message.id.to_value(), until.to_value()]).await?;
                message.attempts += 1;
            }
            mails.push(mail);
        }
        Ok(mails)
    }

    /// Lets the messages to this person that wait to be gathered go out then.
    pub async fn move_gathered_messages(&mut self, user: UserId, due_at: Timestamp) -> Result<(), StoreError> {
        self.execute(MOVE_GATHERED, &[user.to_value(), due_at.to_value()]).await.map(|_| ())
    }

    /// Notes that the mail server took a message.
    pub async fn message_sent(&mut self, id: MessageId, at: Timestamp) -> Result<(), StoreError> {
        self.execute(HAND_OVER, &[id.to_value(), at.to_value()]).await.map(|_| ())
    }

    /// Notes that an attempt failed, and when the next one is due.
    pub async fn message_put_off(&mut self, id: MessageId, due_at: Timestamp, error: &str) -> Result<(), StoreError> {
        self.execute(PUT_OFF, &[id.to_value(), due_at.to_value(), error.into()]).await.map(|_| ())
    }

    /// Notes that a message was given up.
    pub async fn message_failed(&mut self, id: MessageId, at: Timestamp, error: &str) -> Result<(), StoreError> {
        self.execute(GIVE_UP, &[id.to_value(), at.to_value(), error.into()]).await.map(|_| ())
    }

    /// Lets a message that was given up wait again, or all of them; gives how many.
    pub async fn retry_messages(&mut self, id: Option<MessageId>, now: Timestamp) -> Result<u64, StoreError> {
        match id {
            Some(id) => self.execute(TRY_AGAIN, &[id.to_value(), now.to_value()]).await,
            None => self.execute(TRY_ALL_AGAIN, &[now.to_value()]).await,
        }
    }

    /// Forgets messages that were sent or given up before this moment.
    pub async fn forget_messages(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.execute(FORGET, &[Value::Int(before.micros())]).await.map(|_| ())
    }
}
