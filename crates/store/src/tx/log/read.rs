//! Reads events.

use super::event::{EventBytes, LoggedEvent, leaf_of};
use crate::{
    StoreError,
    conn::Sql,
    query::queries,
    record::column,
    tx::{About, Reader},
    value::{Column, Kind, Value},
};
use domain::{InfrastructureId, Timestamp, VersionId};

queries! {
    ;
    EVENT = "SELECT body, body_digest FROM events WHERE position = $1";
    BODY = "SELECT body FROM events WHERE position = $1";
    EVENTS = "SELECT body, seal FROM events WHERE position >= $1 AND at >= $2 ORDER BY position LIMIT $3";
    EVENTS_OF_PROJECT = "SELECT body, seal FROM events WHERE project_id = $1 AND position >= $2 AND at >= $3 AND (infrastructure_id = $5 OR $5 IS NULL) ORDER BY position LIMIT $4";
    EVENTS_OF_VERSION = "SELECT body, seal FROM events WHERE version_id = $1 AND position >= $2 AND at >= $3 AND (infrastructure_id = $5 OR $5 IS NULL) ORDER BY position LIMIT $4";
    EVENTS_OF_INFRASTRUCTURE = "SELECT body, seal FROM events WHERE infrastructure_id = $1 AND position >= $2 AND at >= $3 ORDER BY position LIMIT $4";
    LAST_OF_KINDS = "SELECT body, seal FROM events WHERE infrastructure_id = $1 AND kind IN ($2, $3, $4) AND position < $5 ORDER BY position DESC LIMIT $6";
    AT = "SELECT at FROM events WHERE position = $1";
    FIRST_SINCE = "SELECT COALESCE(MIN(position + 0), -1) FROM events WHERE at >= $1 AND position + 0 >= $2";
    LAST_OF_VERSION = "SELECT body, seal FROM events WHERE version_id = $1 ORDER BY position DESC LIMIT 1";
}

impl Reader {
    /// Events in order, from a position and a moment on: all of them, or those that are about each thing that `about` names. A version
    /// speaks for its model and project.
    pub async fn events(
        &mut self,
        about: About,
        from: u64,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let Some(from) = self.first_since(from, since).await? else {
            return Ok(Vec::new());
        };
        let range = [from.to_value(), Value::Int(since.micros()), Value::Int(limit.into())];
        let place = about.infrastructure.map(InfrastructureId::uuid);
        let of = |id, also: Option<Value>| [Value::Uuid(id)].into_iter().chain(range.clone()).chain(also).collect();
        let there = || Some(place.map_or(Value::Null(Kind::Uuid), Value::Uuid));
        let (sql, args): (_, Vec<_>) = match (about.version, about.project, place) {
            (Some(version), ..) => (EVENTS_OF_VERSION, of(version.uuid(), there())),
            (None, Some(project), _) => (EVENTS_OF_PROJECT, of(project.uuid(), there())),
            (None, None, Some(place)) => (EVENTS_OF_INFRASTRUCTURE, of(place, None)),
            (None, None, None) => (EVENTS, range.to_vec()),
        };
        self.events_by(sql, &args).await
    }

    /// The events that a query of body and seal gives.
    pub(crate) async fn events_by(&mut self, sql: Sql, args: &[Value]) -> Result<Vec<LoggedEvent>, StoreError> {
        let rows = self.rows(sql, args, &[Kind::Bytes, Kind::Bytes]).await?;
        let events = rows.into_iter().map(|row| LoggedEvent::read(row, &self.guard)).collect::<Result<Vec<_>, _>>()?;
        events.iter().for_each(|event| self.guard.learn(event.position, &event.rows));
        Ok(events)
    }

    /// The last events of an infrastructure before a position that are of these kinds, the last one first.
    ///
    /// # Errors
    /// When the database does not answer, or one of these events was altered.
    pub async fn last_events_on(
        &mut self,
        infrastructure: InfrastructureId,
        kinds: [&str; 3],
        before: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let kinds = kinds.map(|kind| Value::Text(kind.to_owned()));
        let range = [before.min(i64::MAX as u64).to_value(), limit.to_value()];
        let args: Vec<_> = [infrastructure.to_value()].into_iter().chain(kinds).chain(range).collect();
        let rows = self.rows(LAST_OF_KINDS, &args, &[Kind::Bytes, Kind::Bytes]).await?;
        let events = rows.into_iter().map(|row| LoggedEvent::read(row, &self.guard)).collect::<Result<Vec<_>, _>>()?;
        events.iter().for_each(|event| self.guard.learn(event.position, &event.rows));
        Ok(events)
    }

    /// The first position from `from` on whose event is of this moment or later. By the index of times: the events before it are
    /// not read. The smallest of all positions that fit, since a clock may have been set back.
    async fn first_since(&mut self, from: u64, since: Timestamp) -> Result<Option<u64>, StoreError> {
        let here = self.rows(AT, &[from.to_value()], &[Kind::Int]).await?.pop().and_then(|mut row| row.pop());
        if matches!(here, Some(Value::Int(at)) if at >= since.micros()) {
            return Ok(Some(from));
        }
        // A client that follows the log asks at the end of the log. There the index of times would be searched in vain.
        if here.is_none() && from >= self.log_size().await? {
            return Ok(None);
        }
        Ok(u64::try_from(self.number::<i64>(FIRST_SINCE, &[Value::Int(since.micros()), from.to_value()]).await?).ok())
    }

    /// The last event about a version.
    pub async fn last_event_of(&mut self, version: VersionId) -> Result<Option<LoggedEvent>, StoreError> {
        let row = self.rows(LAST_OF_VERSION, &[Value::Uuid(version.uuid())], &[Kind::Bytes, Kind::Bytes]).await?.pop();
        row.map(|row| LoggedEvent::read(row, &self.guard)).transpose()
    }

    /// The body of an event, whatever stands beside it.
    pub async fn event_body(&mut self, position: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.rows(BODY, &[position.to_value()], &[Kind::Bytes]).await?.pop();
        row.map(|mut row| column(row.pop(), "events", "body")).transpose()
    }

    /// The bytes of an event, from which its hash in the log is computed again.
    pub async fn event_bytes(&mut self, position: u64) -> Result<Option<EventBytes>, StoreError> {
        let Some(row) = self.rows(EVENT, &[position.to_value()], &[Kind::Bytes, Kind::Bytes]).await?.pop() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        let body: Vec<u8> = column(row.next(), "events", "body")?;
        let digest = column(row.next(), "events", "body_digest")?;
        Ok(Some(EventBytes { leaf: leaf_of(position, digest).to_bytes()?, body }))
    }
}
