//! The store: opening it, and beginning to read and to write.

use crate::{
    About, Database, OutsideWriter, Reader, SealKey, StoreError, Writer,
    conn::{Expected, RowsOfBoth, Sql},
    guard::Guard,
    kept_connections::KeptConnections,
    log_size::{self, LogMark},
    pools::Pools,
    query::queries,
    record::column,
    tx::Origin,
    value::{Kind, Value},
};
use domain::Timestamp;
use std::sync::Arc;

queries! {
    ;
    MIGRATIONS = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
}

/// How many connections are kept for single queries.
const SINGLES: u32 = 4;

/// An open, migrated database.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    /// For the size of the log alone, so that no other query keeps a request waiting for it.
    log_size: Arc<KeptConnections>,
    singles: Arc<KeptConnections>,
    guard: Arc<Guard>,
}

impl Store {
    /// Opens the database, making the file if it is a new one, and brings its schema up to date. Servers that start at the
    /// same moment wait for each other.
    ///
    /// # Errors
    /// When it cannot be reached, or holds a schema of a newer program or of an earlier trial version.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        Ok(Self::on(Pools::open(database).await?, Guard::default()))
    }

    fn on(pools: Pools, guard: Guard) -> Self {
        let kept = |most| Arc::new(KeptConnections::new(most));
        Self { pools, log_size: kept(1), singles: kept(SINGLES), guard: Arc::new(guard) }
    }

    /// Opens a database that a server of this version made, to read it only: nothing is made, migrated or written. Seals are
    /// checked only where the store is given its key, for auditors have none.
    ///
    /// # Errors
    /// When it is not there or cannot be reached, or when its schema is not the one of this program.
    pub async fn open_existing(database: &Database) -> Result<Self, StoreError> {
        let store = Self::on(Pools::open_existing(database).await?, Guard::without_key());
        let applied = match store.read().await?.migrations().await {
            Err(error) if !error.is_outage() => return Err(StoreError::NotOurs),
            applied => applied?,
        };
        let known = store.pools.migrations();
        for (version, checksum) in &applied {
            match known.iter().find(|(known, _)| known == version) {
                None => return Err(StoreError::TooNew(*version)),
                Some((_, made)) if made != checksum => return Err(StoreError::OfTrial(*version)),
                Some(_) => {}
            }
        }
        if applied.len() < known.len() { Err(StoreError::TooOld) } else { Ok(store) }
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Gives the store the key with which it seals and checks rows. Before that it reads no row that the record covers.
    pub fn seal_with(&self, key: SealKey) {
        self.guard.set_key(key);
    }

    /// Forgets what this process knows of the log: an operator went on with an older one.
    pub fn forget_log(&self) {
        self.guard.forget();
    }

    /// Learns from the whole log with which event each row was recorded last, so that an older state of a row is refused. An event that
    /// was altered hides no other event.
    ///
    /// # Errors
    /// When the database does not answer; the first event that cannot be read, once the others were.
    pub async fn learn_log(&self) -> Result<(), StoreError> {
        let (size, altered) = self.go_through().await?;
        self.guard.went_through(size);
        altered.map_or(Ok(()), Err)
    }

    /// Goes through the whole log; gives its size, and the first event that cannot be read.
    async fn go_through(&self) -> Result<(u64, Option<StoreError>), StoreError> {
        const AT_ONCE: u32 = 1_000;
        let (mut from, mut page_end, mut altered) = (0, 0, None);
        loop {
            let mut reader = self.read().await?;
            // One event at a time where a page could not be read, so that only altered events are left out.
            let at_once = if from < page_end { 1 } else { AT_ONCE };
            match reader.events(About::default(), from, Timestamp::from_micros(i64::MIN), at_once).await {
                Ok(events) => match events.last() {
                    Some(last) => from = last.position + 1,
                    None => return Ok((from, altered)),
                },
                Err(error) if error.is_outage() => return Err(error),
                Err(_) if at_once > 1 => page_end = from + u64::from(AT_ONCE),
                Err(error) => {
                    altered.get_or_insert(error);
                    from += 1;
                    if from >= reader.log_size().await? {
                        return Ok((from, altered));
                    }
                }
            }
        }
    }

    /// Learns what other servers recorded, where the log is of this size by now, once the log was gone through. So a server that was
    /// idle knows every later state as well.
    ///
    /// # Errors
    /// When the database does not answer, or one of these events was altered.
    pub async fn catch_up(&self, size: u64) -> Result<(), StoreError> {
        match self.guard.missing(size) {
            Some(_) => self.learn().await,
            None => Ok(()),
        }
    }

    async fn learn(&self) -> Result<(), StoreError> {
        let mut reader = self.read().await?;
        let size = reader.log_size().await?;
        reader.learn(size).await
    }

    /// A consistent view of what is committed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        let (guard, floor) = (Arc::clone(&self.guard), self.guard.log_size());
        Ok(Reader::on(self.pools.begin_reading().await?, guard, floor))
    }

    /// A change in the making. Waits until no other writer is at work.
    ///
    /// # Errors
    /// When the database does not answer, or the idempotency key of `origin` was used before.
    pub async fn write(&self, origin: Origin) -> Result<Writer, StoreError> {
        Writer::begin(self.pools.begin_writing().await?, Arc::clone(&self.guard), origin).await
    }

    /// A change outside of the record. On PostgreSQL it does not wait for writers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write_outside(&self) -> Result<OutsideWriter, StoreError> {
        Ok(OutsideWriter::begin(self.pools.begin_writing().await?, Arc::clone(&self.guard)))
    }

    /// The size of the log, by one statement outside of any transaction: the cheapest question there is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_size(&self) -> Result<u64, StoreError> {
        Ok(self.log_mark().await?.size)
    }

    /// By what the present is told from every earlier state, by the same statement. Whoever remembers something compares the marks.
    ///
    /// # Errors
    /// When the database does not answer; a table, or the file of the database, is gone.
    pub async fn log_mark(&self) -> Result<LogMark, StoreError> {
        log_size::ask(&self.log_size, &self.pools, &self.guard).await
    }

    /// The rows of a text for a connection of its own.
    pub(crate) async fn single(&self, sql: Sql, args: &[Value], expected: Expected<'_>) -> Result<RowsOfBoth, StoreError> {
        self.singles.rows(&self.pools, sql, args, expected).await
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Whether no second server can use the database: it is a file.
    pub fn serves_one_server(&self) -> bool {
        matches!(self.pools, Pools::Sqlite { .. })
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, .. } => readers.close().await,
            Pools::Postgres(pool) => pool.close().await,
        }
        self.log_size.close().await;
        self.singles.close().await;
        if let Pools::Sqlite { writer, .. } = &self.pools {
            // Last, since a reader cannot move what is in the write-ahead log into the file, where backups look for it.
            writer.close().await;
        }
    }
}

impl Reader {
    /// The migrations that made the schema: number and checksum.
    async fn migrations(&mut self) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        const TABLE: &str = "_sqlx_migrations";
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), TABLE, "version")?, column(row.next(), TABLE, "checksum")?))
        };
        self.rows(MIGRATIONS, &[], &[Kind::Int, Kind::Bytes]).await?.into_iter().map(read).collect()
    }
}
