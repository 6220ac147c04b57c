//! To what people subscribe, by the names of projects, models and versions. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::column,
    value::{Column, Kind},
};
use domain::{Timestamp, UserId, VersionRef};

queries! {
    ;
    OF_USER = "SELECT name, since FROM subscriptions WHERE user_id = $1 ORDER BY name LIMIT $2";
    IS_THERE = "SELECT COUNT(*) FROM subscriptions WHERE user_id = $1 AND name = $2";
    SUBSCRIBERS = "SELECT DISTINCT user_id FROM subscriptions WHERE name IN ($1, $2, $3)";
    ADD = "INSERT INTO subscriptions (user_id, name, since) VALUES ($1, $2, $3) ON CONFLICT (user_id, name) DO NOTHING";
    REMOVE = "DELETE FROM subscriptions WHERE user_id = $1 AND name = $2";
}

impl Reader {
    /// To what an account subscribes, and since when.
    pub async fn subscriptions(&mut self, user: UserId, limit: u32) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let rows = self.rows(OF_USER, &[user.to_value(), limit.to_value()], &[Kind::Text, Kind::Int]).await?;
        let read = |row: Vec<_>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "subscriptions", "name")?, column(row.next(), "subscriptions", "since")?))
        };
        rows.into_iter().map(read).collect()
    }

    /// Whether an account subscribes to just this.
    pub async fn subscribes(&mut self, user: UserId, name: &str) -> Result<bool, StoreError> {
        Ok(self.number::<u64>(IS_THERE, &[user.to_value(), name.into()]).await? > 0)
    }

    /// The accounts that subscribe to a version, to its model or to its project.
    pub async fn subscribers(&mut self, version: &VersionRef) -> Result<Vec<UserId>, StoreError> {
        let VersionRef { project, model, .. } = version;
        let names = [project.to_string(), format!("{project}/{model}"), version.to_string()].map(|name| name.as_str().into());
        let rows = self.rows(SUBSCRIBERS, &names, &[Kind::Uuid]).await?;
        rows.into_iter().map(|mut row| column(row.pop(), "subscriptions", "user_id")).collect()
    }
}

impl OutsideWriter {
    /// Keeps that an account subscribes to this.
    pub async fn subscribe(&mut self, user: UserId, name: &str, since: Timestamp) -> Result<(), StoreError> {
        self.execute(ADD, &[user.to_value(), name.into(), since.to_value()]).await.map(|_| ())
    }

    /// Keeps that an account does not subscribe to this any more.
    pub async fn end_subscription(&mut self, user: UserId, name: &str) -> Result<(), StoreError> {
        self.execute(REMOVE, &[user.to_value(), name.into()]).await.map(|_| ())
    }
}
