//! What can go wrong while storing.

/// A failed read or write. Nothing of the transaction was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or did not answer.
    #[error("the database did not carry this out: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row with this key or unique name exists.
    #[error("there is one already")]
    Exists,
    /// A stored value is none that this program writes: wrong type, unknown word, broken JSON.
    #[error("column {column} of {table} holds something that is not understood: {reason}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A row to be changed is not there.
    #[error("a row of {0} that was to be changed is not there")]
    Gone(&'static str),
    /// The same idempotency key was used before.
    #[error("this idempotency key was used before")]
    KeyUsed,
    /// A programming error: rows changed, but nothing was recorded.
    #[error("rows of {0} were changed without an event; nothing was kept")]
    Unrecorded(String),
    /// The canonical bytes of an event could not be made.
    #[error("the event cannot be recorded: {0}")]
    Canonical(#[from] proof::canonical::CanonicalError),
    /// The log's head is damaged.
    #[error("the head of the log is damaged: {0}")]
    Log(String),
    /// A file system operation around the database failed.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
}

impl StoreError {
    /// Turns a violated unique constraint into [`StoreError::Exists`].
    pub(crate) fn from_write(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Exists,
            _ => Self::Database(error),
        }
    }

    /// Whether the database itself is out of reach, so that trying again later may help.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Database(error) => match error {
                sqlx::Error::Database(inner) => {
                    // PostgreSQL: connection exceptions, shutting down, lock not available, read-only; SQLite: busy, locked, I/O, full, cannot open.
                    inner.code().is_some_and(|code| {
                        ["08", "57P", "55P", "53", "25006"]
                            .iter()
                            .any(|class| code.len() == 5 && code.starts_with(class))
                            || code
                                .parse::<u32>()
                                .is_ok_and(|code| code < 100_000 && matches!(code & 0xff, 5 | 6 | 10 | 13 | 14))
                    })
                }
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                _ => false,
            },
            _ => false,
        }
    }
}
