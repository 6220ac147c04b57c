//! The connections to either database, opened and migrated.

use crate::{
    StoreError,
    conn::{Conn, Open, Single},
    database_file::DatabaseFile,
};
use sqlx::{
    ConnectOptions, Connection, PgPool, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long to wait for a connection or a lock before giving up: long enough for a burst, short enough for a person.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// KiB of the database that each reader of a server with SQLite keeps, as SQLite says it: with the usual 2,000, questions about 100,000 versions read the
/// pages in the middle of the indexes again and again.
const READERS_CACHE: &str = "-8192";

/// How many rows SQLite's thread reads before the caller takes the first.
const ROWS_AT_ONCE: usize = 1_000;

/// Which database.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server, as `postgres://user:password@host/name`.
    Postgres(String),
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                Err("`sqlite:` needs the path of a file, like sqlite:/var/lib/countersign/countersign.db".to_owned())
            } else {
                Ok(Self::Sqlite(path.into()))
            }
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Err("a database is sqlite:PATH or postgres://USER@HOST/NAME".to_owned())
        }
    }
}

/// Shows which database it is, never its password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => match (url.split_once("://"), url.rsplit_once('@')) {
                // What follows the `?` may hold a password too.
                (Some((scheme, _)), Some((_, place))) => write!(f, "{scheme}://…@{}", place.split('?').next().unwrap_or(place)),
                _ => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Clone)]
pub(crate) enum Pools {
    /// SQLite has one writer; readers see the last commit and never wait.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        /// None in memory.
        file: Option<DatabaseFile>,
    },
    Postgres(PgPool),
}

impl Pools {
    /// Opens the database and brings its schema up to date.
    pub(crate) async fn open(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::Sqlite(path) => sqlite_with(path.clone(), &SQLITE).await,
            Database::Postgres(url) => postgres_with(url, &POSTGRES).await,
        }
    }

    /// Opens a database that exists, for readers only. Makes no file and changes no schema.
    pub(crate) async fn open_existing(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::Sqlite(path) => {
                if !path.is_file() {
                    return Err(StoreError::NoDatabase(path.display().to_string()));
                }
                let options = sqlite_options(path).create_if_missing(false).read_only(true);
                let readers = sqlite_pool().max_connections(4).connect_with(options).await?;
                // No writer either: what this process does not open for writing it cannot change.
                Ok(Self::Sqlite { writer: readers.clone(), readers, file: Some(DatabaseFile::at(path.clone())?) })
            }
            Database::Postgres(url) => Ok(Self::Postgres(connect_postgres(url).await?)),
        }
    }

    /// Opens the database, making the file if it is a new one, with the schema that these migrations make; or gives one that is not known.
    pub(crate) async fn open_with(database: &Database, versions: &[i64]) -> Result<Result<Self, i64>, StoreError> {
        let known = match database {
            Database::Sqlite(_) => &SQLITE,
            Database::Postgres(_) => &POSTGRES,
        };
        if let Some(unknown) = versions.iter().find(|version| known.iter().all(|migration| migration.version != **version)) {
            return Ok(Err(*unknown));
        }
        let some = known.iter().filter(|migration| versions.contains(&migration.version)).cloned().collect::<Vec<_>>();
        let migrator = Migrator { migrations: some.into(), ..Migrator::DEFAULT };
        Ok(Ok(match database {
            Database::Sqlite(path) => sqlite_with(path.clone(), &migrator).await?,
            Database::Postgres(url) => postgres_with(url, &migrator).await?,
        }))
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// The migrations that this program has for this kind of database: number and checksum.
    pub(crate) fn migrations(&self) -> Vec<(i64, Vec<u8>)> {
        let migrator = match self {
            Self::Sqlite { .. } => &SQLITE,
            Self::Postgres(_) => &POSTGRES,
        };
        migrator.iter().map(|migration| (migration.version, migration.checksum.to_vec())).collect()
    }

    /// Checks that the database is still the one that was opened. PostgreSQL knows by itself.
    pub(crate) fn check_file(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { file: Some(file), .. } => file.check(),
            Self::Sqlite { file: None, .. } | Self::Postgres(_) => Ok(()),
        }
    }

    /// A transaction that reads one moment.
    pub(crate) async fn begin_reading(&self) -> Result<Conn, StoreError> {
        self.check_file()?;
        Ok(Conn::new(match self {
            Self::Sqlite { readers, .. } => Open::Sqlite(readers.begin_with("BEGIN DEFERRED").await?),
            Self::Postgres(pool) => Open::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?),
        }))
    }

    /// A connection that belongs to no pool, for single queries.
    pub(crate) async fn single(&self) -> Result<Single, sqlx::Error> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Single::Sqlite(readers.acquire().await?.detach()),
            Self::Postgres(pool) => Single::Postgres(pool.acquire().await?.detach()),
        })
    }

    /// A transaction that writes. SQLite has one at a time.
    pub(crate) async fn begin_writing(&self) -> Result<Conn, StoreError> {
        self.check_file()?;
        Ok(Conn::new(match self {
            Self::Sqlite { writer, .. } => Open::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Open::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?),
        }))
    }
}

/// A database in memory with the schema that this program makes.
pub(crate) async fn fresh_sqlite() -> Result<Pools, StoreError> {
    let options = SqliteConnectOptions::from_str("sqlite::memory:")?.disable_statement_logging();
    // The database goes with its only connection.
    let pool = sqlite_pool().max_connections(1).connect_with(options).await?;
    SQLITE.run(&pool).await?;
    Ok(Pools::Sqlite { writer: pool.clone(), readers: pool, file: None })
}

fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    // The rows of a page go to the caller at once: a thread that waits for the other at each row costs more than the row.
    let options = SqliteConnectOptions::new().filename(path).row_buffer_size(ROWS_AT_ONCE);
    options.foreign_keys(true).busy_timeout(PATIENCE).disable_statement_logging()
}

/// A full or failing disk makes SQLite roll back by itself, which sqlx does not notice: it would take that connection for
/// one in the middle of a transaction, and refuse to begin another, for as long as the server runs.
///
/// A connection to a file is not tested before each use: that costs as much as a statement.
fn sqlite_pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
}

async fn sqlite_with(path: PathBuf, migrator: &Migrator) -> Result<Pools, StoreError> {
    let options =
        sqlite_options(&path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let writer = {
        let _alone = migration_lock(path.clone()).await?;
        let writer = sqlite_pool().max_connections(1).connect_with(options.clone()).await?;
        migrator.run(&writer).await?;
        writer
    };
    let file = Some(DatabaseFile::at(path)?);
    let readers = options.read_only(true).pragma("cache_size", READERS_CACHE);
    let readers = sqlite_pool().max_connections(4).connect_with(readers).await?;
    Ok(Pools::Sqlite { writer, readers, file })
}

async fn postgres_with(url: &str, migrator: &Migrator) -> Result<Pools, StoreError> {
    let pool = connect_postgres(url).await?;
    migrator.run(&pool).await?;
    Ok(Pools::Postgres(pool))
}

/// PostgreSQL's word for a database that does not exist.
const NO_SUCH_DATABASE: &str = "3D000";

async fn connect_postgres(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("countersign")
        // A commit that was acknowledged must survive a power cut, whatever the server's default is.
        .options([("synchronous_commit", "on"), ("lock_timeout", "10s"), ("statement_timeout", "60s"), ("idle_in_transaction_session_timeout", "60s")])
        .disable_statement_logging();
    // The pool would try again until its time is over, and then say only that: a server that refuses is said at once, as that.
    let pool = match tokio::time::timeout(PATIENCE, options.connect()).await {
        Ok(Ok(tried)) => {
            tried.close().await?;
            PgPoolOptions::new().max_connections(16).acquire_timeout(PATIENCE).connect_with(options).await
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    };
    pool.map_err(|error| match &error {
        sqlx::Error::Database(inner) if inner.code().as_deref() == Some(NO_SUCH_DATABASE) => {
            StoreError::NoDatabase(Database::Postgres(url.to_owned()).to_string())
        }
        _ => error.into(),
    })
}

/// SQLite's migrations take no lock of their own: two servers that start at once would both make the tables. The lock is a
/// file's, so it goes with the process whatever happens to it.
async fn migration_lock(database: PathBuf) -> Result<std::fs::File, StoreError> {
    let mut path = database.into_os_string();
    path.push(".lock");
    let lock = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::create(&path)?;
        file.lock()?;
        Ok(file)
    });
    let failed = |error| StoreError::Io("the database's lock file cannot be made".to_owned(), error);
    lock.await.map_err(|error| failed(std::io::Error::other(error)))?.map_err(failed)
}
