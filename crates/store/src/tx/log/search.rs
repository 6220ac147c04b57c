//! Searches the record: events by who caused them, what they are about, their kind and their time.

use super::event::LoggedEvent;
use crate::{
    StoreError,
    query::queries,
    tx::{About, Reader},
    value::{Column, Kind, Value},
};
use domain::{ProjectId, Timestamp, UserId};
use uuid::Uuid;

/// Which events are wanted. An absent bound bounds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// Only events about each thing that this names.
    pub about: About,
    /// Only events of this account.
    pub actor: Option<UserId>,
    /// Only events of the clock or the console.
    pub unattended: bool,
    /// Only events of these kinds; of all kinds where it is empty.
    pub kinds: Vec<&'static str>,
    /// Only events from this moment on.
    pub since: Option<Timestamp>,
    /// Only events before this moment.
    pub until: Option<Timestamp>,
    /// Only events from this position on.
    pub from: Option<u64>,
    /// Only events before this position.
    pub before: Option<u64>,
    /// Whether the oldest events come first.
    pub oldest_first: bool,
    /// The most events to give.
    pub limit: u32,
}

queries! {
    ;
    NEWEST_FIRST = "SELECT body, seal FROM events WHERE position >= $1 AND position < $2 AND at >= $3 AND at < $4 AND (actor_id = $5 OR $5 IS NULL) AND (project_id = $6 OR $6 IS NULL) AND (version_id = $7 OR $7 IS NULL) AND (infrastructure_id = $8 OR $8 IS NULL) AND ($9 = '' OR $9 LIKE '%,' || kind || ',%') AND (actor_id IS NULL OR CAST($10 AS BIGINT) = 0) ORDER BY position DESC LIMIT $11";
    OLDEST_FIRST = "SELECT body, seal FROM events WHERE position >= $1 AND position < $2 AND at >= $3 AND at < $4 AND (actor_id = $5 OR $5 IS NULL) AND (project_id = $6 OR $6 IS NULL) AND (version_id = $7 OR $7 IS NULL) AND (infrastructure_id = $8 OR $8 IS NULL) AND ($9 = '' OR $9 LIKE '%,' || kind || ',%') AND (actor_id IS NULL OR CAST($10 AS BIGINT) = 0) ORDER BY position LIMIT $11";
    LATELY = "SELECT body, seal FROM events WHERE project_id = $1 AND version_id IS NOT NULL AND kind NOT IN ('permit.renewed', 'deployment.shared') ORDER BY position DESC LIMIT $2";
}

impl Reader {
    /// The events that a search wants, in its order.
    pub async fn search_events(&mut self, search: &EventSearch) -> Result<Vec<LoggedEvent>, StoreError> {
        let id = |id: Option<Uuid>| id.map_or(Value::Null(Kind::Uuid), Value::Uuid);
        let time = |at: Option<Timestamp>, absent| Value::Int(at.map_or(absent, |at| at.micros()));
        let last = search.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        let kinds = if search.kinds.is_empty() { String::new() } else { format!(",{},", search.kinds.join(",")) };
        let args = [
            search.from.unwrap_or_default().to_value(),
            Value::Int(last),
            time(search.since, i64::MIN),
            time(search.until, i64::MAX),
            id(search.actor.map(UserId::uuid)),
            id(search.about.project.map(|id| id.uuid())),
            id(search.about.version.map(|id| id.uuid())),
            id(search.about.infrastructure.map(|id| id.uuid())),
            Value::Text(kinds),
            Value::Int(search.unattended.into()),
            Value::Int(search.limit.into()),
        ];
        let sql = if search.oldest_first { OLDEST_FIRST } else { NEWEST_FIRST };
        self.events_by(sql, &args).await
    }

    /// What happened last to the versions of a project, the last one first. Renewed permits are left out.
    pub async fn lately(&mut self, project: ProjectId, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        self.events_by(LATELY, &[project.to_value(), limit.to_value()]).await
    }
}
