//! Asks for the size of the log on a connection that is kept for it. Every request asks, and the pool would test a connection
//! before each use, which costs as much as the question.
//!
//! The question also names the tables that answers from memory rest on, so that no such answer outlives a table.

use crate::{
    StoreError,
    guard::Guard,
    pools::{PATIENCE, Pools},
    tx::log,
};
use domain::Timestamp;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tokio::{sync::Mutex, time::timeout};

macro_rules! filled {
    ($first:literal $(, $table:literal)*) => {
        concat!("(SELECT COUNT(*) FROM (SELECT 1 FROM ", $first, " LIMIT 1) AS one_row)"
            $(, " + (SELECT COUNT(*) FROM (SELECT 1 FROM ", $table, " LIMIT 1) AS one_row)")*)
    };
}

pub(crate) const LOG_SIZE: &str = concat!(
    "SELECT size, frontier, last_event_at, seal, (SELECT COUNT(*) FROM events WHERE position = log_head.size - 1), ",
    filled!(
        "users",
        "tokens",
        "user_groups",
        "group_members",
        "projects",
        "project_members",
        "models",
        "versions",
        "rounds",
        "statements",
        "infrastructures",
        "infrastructure_members",
        "deployments",
        "revisions",
        "shares"
    ),
    " FROM log_head WHERE id = 1"
);

/// What the database says of its present state in one breath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogMark {
    /// How many events there are.
    pub size: u64,
    /// When the last of them was recorded: the present is no earlier. None without an event.
    pub last_event_at: Option<Timestamp>,
    /// The right edge of the log's tree: two logs of one size differ here.
    frontier: Vec<u8>,
    /// How many of the tables have a row.
    filled: i64,
}

impl LogMark {
    /// Whether this can be the present of a database that was at `earlier`: no event, no tree of that size and no table's rows are gone.
    pub fn follows(&self, earlier: &Self) -> bool {
        self == earlier || (self.size > earlier.size && self.filled >= earlier.filled)
    }
}

/// Size, frontier, time of the last event, seal, whether the last event is there, and how many tables have a row.
type Row = (i64, Vec<u8>, Option<i64>, Vec<u8>, i64, i64);

/// The connection, once the first question was answered on it.
#[derive(Default)]
pub(crate) struct LogSizeConnection(Mutex<Option<AnyConnection>>);

enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl LogSizeConnection {
    /// The mark of the log now. A kept connection that has gone bad is replaced once.
    pub async fn ask(&self, pools: &Pools, guard: &Guard) -> Result<LogMark, StoreError> {
        pools.check_file()?;
        let mut place = self.0.lock().await;
        // Put back only after an answer: whatever interrupts the question takes the connection with it.
        let (connection, row) = match place.take() {
            Some(connection) => match ask(connection).await {
                Ok(answered) => answered,
                Err(_) => ask(connect(pools).await?).await?,
            },
            None => ask(connect(pools).await?).await?,
        };
        *place = Some(connection);
        let (size, frontier, at, seal, last_events, filled) = row;
        let size = u64::try_from(size).map_err(|_| StoreError::Log("its size is below zero".to_owned()))?;
        let last_event_at = at.map(Timestamp::from_micros);
        log::opened(guard, (size, frontier.clone(), last_event_at, seal))?;
        if last_events == 0 && size > 0 {
            return Err(StoreError::Log("its last event is gone".to_owned()));
        }
        Ok(LogMark { size, last_event_at, frontier, filled })
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
async fn ask(mut connection: AnyConnection) -> Result<(AnyConnection, Row), sqlx::Error> {
    let answer = timeout(PATIENCE, async {
        match &mut connection {
            AnyConnection::Sqlite(connection) => sqlx::query_as(LOG_SIZE).fetch_one(connection).await,
            AnyConnection::Postgres(connection) => sqlx::query_as(LOG_SIZE).fetch_one(connection).await,
        }
    });
    let row = answer.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    Ok((connection, row))
}
