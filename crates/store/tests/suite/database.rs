//! Fresh databases for tests: a file, or a database of its own on the PostgreSQL server that the environment names.
//! Beside the store each has a raw connection, for changes behind the server's back.

use futures_util::FutureExt;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, Row, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};
use store::{Database, SealKey, Store};

const SERVER: &str = "COUNTERSIGN_TEST_POSTGRES";
const SQLITE_ONLY: &str = "COUNTERSIGN_TEST_SQLITE_ONLY";

/// Runs the same tests on both databases.
#[allow(unused_macros, reason = "the unit tests share this file and run on one database at a time")]
macro_rules! both {
    ($($test:ident)*) => {$(
        mod $test {
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                crate::database::on_sqlite(super::$test).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                crate::database::on_postgres(super::$test).await;
            }
        }
    )*};
}
#[allow(unused_imports, reason = "as above")]
pub(crate) use both;

/// The key of every store of these tests.
pub fn seal_key() -> SealKey {
    SealKey::derive(&proof::SigningKey::from_entropy([5; 32]).unwrap())
}

/// A database that only this test uses.
#[derive(Clone)]
pub struct Fresh {
    pub database: Database,
    pub raw: Raw,
}

impl Fresh {
    /// The store on it, as the server opens it.
    pub async fn store(&self) -> Store {
        let store = Store::open(&self.database).await.unwrap();
        store.seal_with(seal_key());
        store
    }
}

#[allow(dead_code, reason = "the unit tests share this file")]
impl Fresh {
    /// Takes every table away, after the store was closed.
    pub async fn empty(&self) {
        match &self.raw {
            Raw::Sqlite(_) => {
                let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
                for table in self.raw.texts(tables).await {
                    self.raw.execute(format!("DROP TABLE {}", table[0].clone().unwrap())).await;
                }
            }
            Raw::Postgres(_) => drop(self.raw.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public;").await),
        }
    }
}

/// Runs a test on a new file.
pub async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Fresh) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let raw = Raw::sqlite(SqliteConnectOptions::new().filename(&path).create_if_missing(true));
    let fresh = Fresh { database: Database::Sqlite(path), raw };
    test(fresh).await;
}

/// Runs a test on a new database of the server, and drops it however the test ends.
pub async fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Fresh) -> F) {
    if environment(SQLITE_ONLY).as_deref() == Some("1") {
        eprintln!("not run: {SQLITE_ONLY} is set");
        return;
    }
    let server = environment(SERVER).unwrap_or_else(|| {
        panic!("set {SERVER} to a superuser's URL (`cargo xtask test` does), or {SQLITE_ONLY}=1 to leave PostgreSQL out")
    });
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("countersign_store_{}_{number}", std::process::id());
    let admin = PgConnectOptions::from_str(&server).unwrap();
    run(&admin, format!("CREATE DATABASE {name}")).await;

    let (address, settings) = server.split_once('?').unwrap_or((&server, ""));
    let (address, _) = address.rsplit_once('/').unwrap();
    let fresh = Fresh {
        database: Database::Postgres(format!("{address}/{name}?{settings}")),
        raw: Raw::postgres(admin.clone().database(&name)),
    };
    let result = AssertUnwindSafe(test(fresh)).catch_unwind().await;
    run(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = result {
        resume_unwind(panic);
    }
}

async fn run(options: &PgConnectOptions, sql: String) {
    let mut connection = PgConnection::connect_with(options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// What the tests are told from outside.
#[expect(clippy::disallowed_methods, reason = "the tests' own edge: which servers to use")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A connection past the server, on which foreign keys and checks do not hold.
#[derive(Clone)]
pub enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[allow(dead_code, reason = "the unit tests share this file and tamper with nothing")]
impl Raw {
    fn sqlite(options: SqliteConnectOptions) -> Self {
        let options = options
            .foreign_keys(false)
            .pragma("ignore_check_constraints", "ON")
            .synchronous(SqliteSynchronous::Off)
            .disable_statement_logging();
        Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options))
    }

    fn postgres(options: PgConnectOptions) -> Self {
        let options =
            options.options([("session_replication_role", "replica"), ("synchronous_commit", "off")]).disable_statement_logging();
        Self::Postgres(PgPoolOptions::new().max_connections(1).connect_lazy_with(options))
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// One text for SQLite, one for PostgreSQL.
    pub fn either(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        if self.is_sqlite() { sqlite } else { postgres }
    }

    /// A literal of these bytes.
    pub fn bytes(&self, bytes: &[u8]) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", hex::encode(bytes)),
            Self::Postgres(_) => format!("'\\x{}'::bytea", hex::encode(bytes)),
        }
    }

    /// Runs statements; gives how many rows the last one touched.
    pub async fn execute(&self, sql: impl Into<String>) -> u64 {
        let sql = sql.into();
        let shown = sql.clone();
        match self {
            Self::Sqlite(pool) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(|done| done.rows_affected()),
            Self::Postgres(pool) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.map(|done| done.rows_affected()),
        }
        .unwrap_or_else(|error| panic!("{shown}: {error}"))
    }

    /// The rows of a query whose columns are all text.
    pub async fn texts(&self, sql: impl Into<String>) -> Vec<Vec<Option<String>>> {
        let sql = sql.into();
        let shown = sql.clone();
        let rows = match self {
            Self::Sqlite(pool) => sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.map(|rows| {
                let texts = |row: &sqlx::sqlite::SqliteRow| (0..row.len()).map(|index| row.get(index)).collect();
                rows.iter().map(texts).collect()
            }),
            Self::Postgres(pool) => sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.map(|rows| {
                let texts = |row: &sqlx::postgres::PgRow| (0..row.len()).map(|index| row.get(index)).collect();
                rows.iter().map(texts).collect()
            }),
        };
        rows.unwrap_or_else(|error| panic!("{shown}: {error}"))
    }

    /// The one text of a query.
    pub async fn text(&self, sql: impl Into<String>) -> String {
        let rows = self.texts(sql).await;
        rows[0][0].clone().unwrap()
    }

    /// The rows of a query for one column of bytes.
    pub async fn blobs(&self, sql: &'static str) -> Vec<Vec<u8>> {
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        }
        .unwrap()
    }
}
