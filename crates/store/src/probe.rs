//! Asking for the size of the log, again and again, on a connection of its own: a connection from the pool would be tested before
//! each use, which costs as much as the question.

use crate::{
    Store, StoreError,
    open::{LOG_SIZE, Pools},
};
use sqlx::{PgConnection, SqliteConnection};

/// Whoever asks for the size of the log.
pub struct LogProbe {
    store: Store,
    held: Option<Held>,
}

enum Held {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl LogProbe {
    /// Connects at the first question.
    pub fn new(store: Store) -> Self {
        Self { store, held: None }
    }

    /// The size of the log now. A connection that has gone bad since the last question is replaced once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_size(&mut self) -> Result<u64, StoreError> {
        let used_before = self.held.is_some();
        match self.ask().await {
            Err(_) if used_before => self.ask().await,
            answer => answer,
        }
    }

    async fn ask(&mut self) -> Result<u64, StoreError> {
        // Put back only after an answer: whatever interrupts the question takes the connection with it.
        let mut held = match self.held.take() {
            Some(held) => held,
            None => match &self.store.0 {
                Pools::Sqlite { readers, .. } => Held::Sqlite(readers.acquire().await?.detach()),
                Pools::Postgres(pool) => Held::Postgres(pool.acquire().await?.detach()),
            },
        };
        let size: i64 = match &mut held {
            Held::Sqlite(connection) => sqlx::query_scalar(LOG_SIZE).fetch_one(connection).await?,
            Held::Postgres(connection) => sqlx::query_scalar(LOG_SIZE).fetch_one(connection).await?,
        };
        self.held = Some(held);
        u64::try_from(size).map_err(|_| StoreError::Log("its size is below zero".to_owned()))
    }
}
