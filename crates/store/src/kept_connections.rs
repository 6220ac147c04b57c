//! Connections that are kept for single queries outside of any transaction. A pool would begin and end a transaction, and test the connection
//! before or after each use, which costs more than a short query.

use crate::{
    StoreError,
    conn::{Expected, RowsOfBoth, Single, Sql},
    pools::{PATIENCE, Pools},
    value::Value,
};
use std::sync::{Mutex, PoisonError};
use tokio::{sync::Semaphore, time::timeout};

/// Some connections, each once a query was answered on it.
pub(crate) struct KeptConnections {
    free: Mutex<Vec<Single>>,
    turns: Semaphore,
    most: u32,
}

impl KeptConnections {
    /// So many at most.
    pub fn new(most: u32) -> Self {
        Self { free: Mutex::default(), turns: Semaphore::new(most as usize), most }
    }

    /// The rows of a text. A kept connection that has gone bad is replaced once.
    pub async fn rows(&self, pools: &Pools, sql: Sql, args: &[Value], expected: Expected<'_>) -> Result<RowsOfBoth, StoreError> {
        pools.check_file()?;
        let turn = timeout(PATIENCE, self.turns.acquire()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let _turn = turn.map_err(|_| sqlx::Error::PoolClosed)?;
        // Put back only after an answer: what interrupts the query takes the connection with it.
        let kept = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (connection, rows) = match kept {
            Some(kept) => match ask(kept, sql, args, expected).await {
                Ok(answered) => answered,
                Err(_) => ask(pools.single().await?, sql, args, expected).await?,
            },
            None => ask(pools.single().await?, sql, args, expected).await?,
        };
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(rows)
    }

    /// Ends the connections, once their queries are answered. The pools are closed already, so that no query connects again.
    pub async fn close(&self) {
        // Nobody closes the turns.
        let _turns = self.turns.acquire_many(self.most).await;
        let kept = std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner));
        for connection in kept {
            connection.close().await;
        }
    }
}

/// Gives the connection back with the answer. A server that vanished without a word must not keep everybody waiting.
async fn ask(
    mut connection: Single,
    sql: Sql,
    args: &[Value],
    expected: Expected<'_>,
) -> Result<(Single, RowsOfBoth), sqlx::Error> {
    let rows = timeout(PATIENCE, connection.rows(sql, args, expected)).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    Ok((connection, rows))
}
