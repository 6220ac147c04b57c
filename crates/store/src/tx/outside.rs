//! Writes to tables that the record does not cover: reports of nodes, uploads, answers to requests. They do not take the head of the log,
//! so they neither wait for a change of governance nor keep one waiting.

use super::origin::KeyClaim;
use crate::{
    Reader, StoreError,
    conn::{Conn, Sql},
    guard::Guard,
    query::queries,
    tx::log,
    value::{Column, Value},
};
use domain::Timestamp;
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// A change outside of the record. The methods that it has are those under `uncovered`: there is none that touches a covered row.
///
/// On PostgreSQL such changes run beside each other and beside a [`crate::Writer`]: what was read may change before the commit, unless
/// the row was read for a change. On SQLite there is one writer of either kind at a time.
pub struct OutsideWriter {
    reader: Reader,
}

queries! {
    ;
    CLAIM_KEY = "INSERT INTO idempotency_keys (user_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4)";
}

impl OutsideWriter {
    pub(crate) fn begin(conn: Conn, guard: Arc<Guard>) -> Self {
        let floor = guard.log_size();
        Self { reader: Reader::on(conn, guard, floor) }
    }

    /// Keeps writers waiting until the commit; gives the size that the head of the log states, whatever its seal.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hold_log(&mut self) -> Result<u64, StoreError> {
        log::hold_head(self).await
    }

    /// Claims an idempotency key for this change, at this moment.
    ///
    /// # Errors
    /// [`StoreError::KeyUsed`] when another change claimed it before.
    pub async fn claim_key(&mut self, (user, key, request): KeyClaim, at: Timestamp) -> Result<(), StoreError> {
        match self.execute(CLAIM_KEY, &[user.to_value(), key.to_value(), request.to_value(), at.to_value()]).await {
            Err(StoreError::Exists) => Err(StoreError::KeyUsed),
            other => other.map(|_| ()),
        }
    }

    /// Runs a statement on a table that the record does not cover.
    pub(crate) async fn execute(&mut self, sql: Sql, args: &[Value]) -> Result<u64, StoreError> {
        self.reader.conn.execute(sql, args).await
    }

    /// Commits everything at once.
    ///
    /// # Errors
    /// Nothing was kept then; with [`StoreError::InDoubt`] it may have been, whole.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.reader.conn.commit().await.map_err(|error| match error {
            outage if outage.is_outage() && !outage.is_full() => StoreError::InDoubt(Box::new(outage)),
            other => other,
        })
    }
}

impl Deref for OutsideWriter {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for OutsideWriter {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}
