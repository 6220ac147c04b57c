//! The errors of the store.

use sqlx::{migrate::MigrateError, postgres::PgDatabaseError};

/// A failed read or write. Nothing of the transaction was kept, unless it is [`StoreError::InDoubt`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or did not answer.
    #[error("the database did not carry this out: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migrate(#[source] MigrateError),
    /// The schema is newer than this program.
    #[error(
        "the database was migrated to version {0} by a newer program, which this one does not understand: start the newer one"
    )]
    TooNew(i64),
    /// The schema is that of a version from before the first release, or of another build of this one.
    #[error(
        "the database was made by an earlier trial version, which this version does not migrate (its migration {0} is another one): start with a new database"
    )]
    OfTrial(i64),
    /// The schema is older than this program, and is not to be changed.
    #[error("the database has the schema of an earlier program: start the server once, which brings the schema up to date")]
    TooOld,
    /// There is no database, and none is to be made.
    #[error("there is no database at {0}")]
    NoDatabase(String),
    /// A database of another program, or an empty one.
    #[error("the database holds no tables of Countersign")]
    NotOurs,
    /// A row with this key or unique name exists.
    #[error("there is one already")]
    Exists,
    /// A mail address that another account has, but for upper and lower case.
    #[error("another account has this mail address")]
    AddressTaken,
    /// A query that counts gave no number.
    #[error("the database gave no number for `{0}`: {1}")]
    NotANumber(&'static str, String),
    /// A number beyond 2^63 - 1.
    #[error("the number {0} is larger than the database holds")]
    TooLarge(u64),
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
    /// A row, an event or the head of the log that another than the server wrote.
    #[error("{0} was altered in the database: it does not bear the seal of this server")]
    Altered(String),
    /// An older state of a row, with the seal that it had then.
    #[error("{0} was put back to an older state in the database")]
    PutBack(String),
    /// The log is shorter than this process saw it.
    #[error("the log has {size} events, and had {known} before: an older copy of the database was restored")]
    WentBack {
        /// How many events there are now.
        size: u64,
        /// How many there were at least.
        known: u64,
    },
    /// A programming error: rows are read before the store has the key that checks them.
    #[error("the store was not given the key that its rows are sealed with")]
    NoSealKey,
    /// A row to be changed is not there.
    #[error("a row of {0} that was to be changed is not there")]
    Gone(&'static str),
    /// The same idempotency key was used before.
    #[error("this idempotency key was used before")]
    KeyUsed,
    /// A programming error: rows changed, but nothing was recorded.
    #[error("rows of {0} were changed without an event; nothing was kept")]
    Unrecorded(String),
    /// The database went away in the very moment of the commit: it is not known whether it was carried out.
    #[error("it is not known whether the database has committed this: {0}")]
    InDoubt(#[source] Box<StoreError>),
    /// A commit after a statement of the same transaction had failed.
    #[error("an earlier statement of the same transaction failed; nothing was kept")]
    Failed,
    /// The canonical bytes of an event could not be made.
    #[error("the event cannot be recorded: {0}")]
    Canonical(#[from] proof::canonical::CanonicalError),
    /// The log's head is damaged.
    #[error("the head of the log is damaged: {0}")]
    Log(String),
    /// The file of the database is not the one that was opened.
    #[error(
        "the database file {0} was removed or replaced while this program had it open: put it back, and start the program again"
    )]
    Replaced(std::path::PathBuf),
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
            Self::Database(error) => is_outage(error),
            Self::InDoubt(_) | Self::Replaced(_) => true,
            Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => is_outage(error),
            _ => false,
        }
    }

    /// Whether the disk that the database is on has no room left.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(inner)) => {
                let code = inner.code().unwrap_or_default();
                match inner.try_downcast_ref::<PgDatabaseError>() {
                    Some(_) => code == "53100",
                    None => code.parse::<u32>().is_ok_and(|code| code & 0xff == 13),
                }
            }
            _ => false,
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::TooNew(version),
            MigrateError::VersionMismatch(version) => Self::OfTrial(version),
            other => Self::Migrate(other),
        }
    }
}

fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(inner) => {
            let code = inner.code().unwrap_or_default();
            match inner.try_downcast_ref::<PgDatabaseError>() {
                // Connection exceptions, out of resources, lock not available, stopped or cancelled by an operator, read-only.
                Some(_) => ["08", "53", "55P", "57", "25006"].iter().any(|class| code.starts_with(class)),
                // SQLite: busy, locked, I/O, full, cannot be opened; the kind of error is in the lowest byte.
                None => code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14)),
            }
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}
