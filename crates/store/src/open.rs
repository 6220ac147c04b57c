//! The store: opening it, and beginning to read and to write.

use crate::{Database, OutsideWriter, Reader, StoreError, Writer, log_size::LogSizeConnection, pools::Pools, tx::Origin};
use std::sync::Arc;

/// An open, migrated database.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    log_size: Arc<LogSizeConnection>,
}

impl Store {
    /// Opens the database, making the file if it is a new one, and brings its schema up to date. Servers that start at the
    /// same moment wait for each other.
    ///
    /// # Errors
    /// When it cannot be reached, or holds a schema of a newer program or of an earlier trial version.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        Ok(Self { pools: Pools::open(database).await?, log_size: Arc::default() })
    }

    /// A consistent view of what is committed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        Ok(Reader { conn: self.pools.begin_reading().await? })
    }

    /// A change in the making. Waits until no other writer is at work.
    ///
    /// # Errors
    /// When the database does not answer, or the idempotency key of `origin` was used before.
    pub async fn write(&self, origin: Origin) -> Result<Writer, StoreError> {
        Writer::begin(self.pools.begin_writing().await?, origin).await
    }

    /// A change outside of the record. On PostgreSQL it does not wait for writers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write_outside(&self) -> Result<OutsideWriter, StoreError> {
        Ok(OutsideWriter::begin(self.pools.begin_writing().await?))
    }

    /// The size of the log, by one statement outside of any transaction: the cheapest question there is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_size(&self) -> Result<u64, StoreError> {
        self.log_size.ask(&self.pools).await
    }

    /// Closes every connection.
    pub async fn close(&self) {
        // First: the last one to close moves SQLite's log into the file, which only the writer can.
        self.log_size.close().await;
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                self.log_size.close().await;
                // Last, since a reader cannot move what is in the write-ahead log into the file, where backups look for it.
                writer.close().await;
            }
            Pools::Postgres(pool) => {
                pool.close().await;
                self.log_size.close().await;
            }
        }
    }
}
