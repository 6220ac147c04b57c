//! Of what people were reminded, so that nobody is reminded twice. Not part of the record: an event tells of each reminder.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::{Record, table},
    value::Column,
};
use domain::{StepName, Timestamp, VersionId};

table! {
    /// The last reminder of a round.
    Reminder in "reminders" [3] (unsealed) {
        /// The version.
        version_id: VersionId,
        /// The step of the version's workflow that carries the sign-off.
        step: StepName,
        /// The round.
        round: u32,
        /// The moment that the reminder was about.
        due: Timestamp,
        /// Which reminder.
        stage: String,
    }
}

queries! {
    REMINDER: Reminder = "WHERE version_id = $1 AND step = $2 AND round = $3";
    ALL: Reminder = "ORDER BY version_id, step, round";
    ;
    KEEP = "INSERT INTO reminders (version_id, step, round, due, stage) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (version_id, step, round) DO UPDATE SET due = excluded.due, stage = excluded.stage";
}

impl Reader {
    /// Whether this is the last reminder of its round.
    pub async fn was_reminded(&mut self, reminder: &Reminder) -> Result<bool, StoreError> {
        let key = [reminder.version_id.to_value(), reminder.step.to_value(), reminder.round.to_value()];
        Ok(self.first(&REMINDER, &key).await?.as_ref() == Some(reminder))
    }

    /// The last reminder of every round.
    pub async fn reminders(&mut self) -> Result<Vec<Reminder>, StoreError> {
        self.all(&ALL, &[]).await
    }
}

impl OutsideWriter {
    /// Keeps the last reminder of a round.
    pub async fn keep_reminder(&mut self, reminder: &Reminder) -> Result<(), StoreError> {
        self.execute(KEEP, &reminder.values()).await.map(|_| ())
    }
}
