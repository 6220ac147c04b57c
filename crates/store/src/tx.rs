//! Transactions. A reader sees one consistent state. A writer changes rows and records why; both commit together, or neither.

use crate::{
    StoreError,
    conn::{Conn, Sql},
    log,
    query::{Query, Rows, queries},
    record::{Record, Written},
    value::{Kind, Value},
};
use domain::{Digest, InfrastructureId, ModelId, ProjectId, Timestamp, UserId, VersionId, event::Actor, event::Event};
use proof::merkle::Frontier;
use serde::{Deserialize, Serialize};
use std::ops::{Deref, DerefMut};

/// Who writes, when, for which request; the same for every event of a transaction.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Who acts.
    pub actor: Actor,
    /// The moment of acting.
    pub at: Timestamp,
    /// The id of the request, for finding it in the server's own log.
    pub request: String,
    /// Fresh randomness from which the nonces of the events are derived.
    pub seed: [u8; 32],
    /// The caller's idempotency key with the hash of its request, if it sent one.
    pub key: Option<(UserId, String, Digest)>,
}

/// What an event is about, for finding it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The project.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project: Option<ProjectId>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<ModelId>,
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<VersionId>,
    /// The infrastructure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub infrastructure: Option<InfrastructureId>,
}

/// A consistent view: everything read through it belongs to one moment.
pub struct Reader {
    pub(crate) conn: Conn,
}

/// A change in the making. Writers run one after the other on both databases, so nothing that was read through one can change
/// before it commits.
pub struct Writer {
    reader: Reader,
    origin: Origin,
    frontier: Frontier,
    pending: Vec<Pending>,
    touched: Vec<(String, Option<Digest>)>,
    signed: Vec<Digest>,
}

/// An event that waits for the commit.
pub(crate) struct Pending {
    pub event: Event,
    pub about: About,
    pub rows: Vec<(String, Option<Digest>)>,
    pub statements: Vec<Digest>,
}

queries! {
    ;
    CLAIM_KEY = "INSERT INTO idempotency_keys (user_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4)";
}

impl Reader {
    pub(crate) async fn all<R: Rows>(&mut self, query: &'static Query<R>, args: &[Value]) -> Result<Vec<R>, StoreError> {
        self.conn.rows(query.sql(), args, &R::kinds()).await?.into_iter().map(R::read).collect()
    }

    pub(crate) async fn first<R: Rows>(&mut self, query: &'static Query<R>, args: &[Value]) -> Result<Option<R>, StoreError> {
        Ok(self.all(query, args).await?.into_iter().next())
    }

    pub(crate) async fn rows(&mut self, sql: Sql, args: &[Value], kinds: &[Kind]) -> Result<Vec<Vec<Value>>, StoreError> {
        self.conn.rows(sql, args, kinds).await
    }

    /// The one number of a query that counts.
    pub(crate) async fn number(&mut self, sql: Sql, args: &[Value]) -> Result<i64, StoreError> {
        match self.rows(sql, args, &[Kind::Int]).await?.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(Value::Int(number)) => Ok(number),
            _ => Ok(0),
        }
    }
}

impl Writer {
    /// Takes the head of the log, which only one writer at a time can hold.
    pub(crate) async fn begin(conn: Conn, origin: Origin) -> Result<Self, StoreError> {
        let mut reader = Reader { conn };
        let frontier = log::lock_head(&mut reader).await?;
        let mut writer = Self { reader, origin, frontier, pending: Vec::new(), touched: Vec::new(), signed: Vec::new() };
        writer.claim_key().await?;
        Ok(writer)
    }

    async fn claim_key(&mut self) -> Result<(), StoreError> {
        let Some((user, key, request)) = self.origin.key.clone() else {
            return Ok(());
        };
        let args = [
            Value::Uuid(user.uuid()),
            Value::Text(key),
            Value::Bytes(request.as_bytes().to_vec()),
            Value::Int(self.origin.at.micros()),
        ];
        match self.reader.conn.execute(CLAIM_KEY, &args).await {
            Err(StoreError::Exists) => Err(StoreError::KeyUsed),
            other => other.map(|_| ()),
        }
    }

    /// Who writes, when and why.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sets the moment of acting, which is known better once the wait for other writers is over.
    pub fn acts_at(&mut self, at: Timestamp) {
        self.origin.at = at;
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its key or a unique name is taken.
    pub async fn insert<R: Record>(&mut self, row: &R) -> Result<(), StoreError> {
        let table = R::table();
        let values = row.values();
        self.reader.conn.execute(table.insert(), &values).await?;
        self.index(row, Written::Inserted).await?;
        self.touch(row, &values)?;
        Ok(())
    }

    /// Replaces the row with this key.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is none.
    pub async fn update<R: Record>(&mut self, row: &R) -> Result<(), StoreError> {
        let table = R::table();
        let values = row.values();
        if self.reader.conn.execute(table.update(), &values).await? != 1 {
            return Err(StoreError::Gone(table.name));
        }
        self.index(row, Written::Updated).await?;
        self.touch(row, &values)?;
        Ok(())
    }

    fn touch<R: Record>(&mut self, row: &R, values: &[Value]) -> Result<(), StoreError> {
        let table = R::table();
        self.touched.push((table.row_name(values), Some(table.row_digest(values)?)));
        self.signed.extend(row.statement());
        Ok(())
    }

    async fn index<R: Record>(&mut self, row: &R, written: Written) -> Result<(), StoreError> {
        for (sql, args) in row.index(written) {
            self.reader.conn.execute(sql, &args).await?;
        }
        Ok(())
    }

    /// Takes a row away.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is none with this key.
    pub async fn delete<R: Record>(&mut self, row: &R) -> Result<(), StoreError> {
        let table = R::table();
        let values = row.values();
        if self.reader.conn.execute(table.delete(), &values[..table.key]).await? != 1 {
            return Err(StoreError::Gone(table.name));
        }
        self.touched.push((table.row_name(&values), None));
        Ok(())
    }

    /// Runs a statement on a table that the record does not cover.
    pub(crate) async fn execute(&mut self, sql: Sql, args: &[Value]) -> Result<u64, StoreError> {
        self.reader.conn.execute(sql, args).await
    }

    pub(crate) async fn execute_built(&mut self, text: String, args: &[Value]) -> Result<u64, StoreError> {
        self.reader.conn.execute_built(text, args).await
    }

    /// Records what happened, together with every row changed and every statement signed since the last event.
    pub fn record(&mut self, event: Event, about: About) {
        let (rows, statements) = (std::mem::take(&mut self.touched), std::mem::take(&mut self.signed));
        self.pending.push(Pending { event, about, rows, statements });
    }

    /// Appends the events to the log and commits everything at once.
    ///
    /// # Errors
    /// Nothing was kept then; with [`StoreError::InDoubt`] it may have been, whole.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if let Some((row, _)) = self.touched.first() {
            return Err(StoreError::Unrecorded(row.clone()));
        }
        if !self.pending.is_empty() {
            log::append(&mut self.reader, &self.origin, &mut self.frontier, &self.pending).await?;
        }
        self.reader.conn.commit().await.map_err(|error| match error {
            outage if outage.is_outage() && !outage.is_full() => StoreError::InDoubt(Box::new(outage)),
            other => other,
        })
    }
}

impl Deref for Writer {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Writer {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}
