//! Asks for the size of the log on a connection that is kept for it. Every request asks, and the pool would test a connection
//! before each use, which costs as much as the question.

use crate::{
    StoreError,
    guard::Guard,
    pools::{PATIENCE, Pools},
    tx::log,
};
use sqlx::{Connection, PgConnection, SqliteConnection};
use tokio::{sync::Mutex, time::timeout};

pub(crate) const LOG_SIZE: &str = "SELECT size, frontier, seal FROM log_head WHERE id = 1";

/// Size, frontier and seal.
type Head = (i64, Vec<u8>, Vec<u8>);

/// The connection, once the first question was answered on it.
#[derive(Default)]
pub(crate) struct LogSizeConnection(Mutex<Option<AnyConnection>>);

enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl LogSizeConnection {
    /// The size of the log now. A kept connection that has gone bad is replaced once.
    pub async fn ask(&self, pools: &Pools, guard: &Guard) -> Result<u64, StoreError> {
        let mut place = self.0.lock().await;
        // Put back only after an answer: whatever interrupts the question takes the connection with it.
        let (connection, (size, frontier, seal)) = match place.take() {
            Some(connection) => match ask(connection).await {
                Ok(answered) => answered,
                Err(_) => ask(connect(pools).await?).await?,
            },
            None => ask(connect(pools).await?).await?,
        };
        *place = Some(connection);
        let size = u64::try_from(size).map_err(|_| StoreError::Log("its size is below zero".to_owned()))?;
        Ok(log::opened(guard, size, &frontier, &seal)?.size())
    }

    /// Ends the connection. The pools are closed already, so that no question connects again.
    pub async fn close(&self) {
        // Whether the goodbye arrives makes no difference to either side.
        let _ = match self.0.lock().await.take() {
            Some(AnyConnection::Sqlite(connection)) => connection.close().await,
            Some(AnyConnection::Postgres(connection)) => connection.close().await,
            None => Ok(()),
        };
    }
}

async fn connect(pools: &Pools) -> Result<AnyConnection, sqlx::Error> {
    match pools {
        Pools::Sqlite { readers, .. } => Ok(AnyConnection::Sqlite(readers.acquire().await?.detach())),
        Pools::Postgres(pool) => Ok(AnyConnection::Postgres(pool.acquire().await?.detach())),
    }
}

/// Gives the connection back with the answer. A server that vanished without a word must not keep everybody waiting.
async fn ask(mut connection: AnyConnection) -> Result<(AnyConnection, Head), sqlx::Error> {
    let answer = timeout(PATIENCE, async {
        match &mut connection {
            AnyConnection::Sqlite(connection) => sqlx::query_as(LOG_SIZE).fetch_one(connection).await,
            AnyConnection::Postgres(connection) => sqlx::query_as(LOG_SIZE).fetch_one(connection).await,
        }
    });
    let head = answer.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    Ok((connection, head))
}
