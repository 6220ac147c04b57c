//! A database for each server: a file in a temporary folder, or a new database on the PostgreSQL server that the
//! environment names. Both are removed after the test.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};
use store::Database;

/// Names the PostgreSQL server, as a superuser's URL.
const VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";
/// Set to 1, the tests on PostgreSQL are left out.
const SQLITE_ONLY: &str = "COUNTERSIGN_TEST_SQLITE_ONLY";

/// Which kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Backend {
    /// Whether the environment says to leave this database out.
    pub fn is_left_out(self) -> bool {
        self == Self::Postgres && environment(SQLITE_ONLY).is_some_and(|value| value == "1")
    }
}

/// A database, and what has to be cleaned up after it.
pub(crate) enum Fresh {
    Sqlite(Database),
    Postgres { admin: String, name: String, url: String },
}

impl Fresh {
    /// Makes an empty one.
    pub(crate) fn create(backend: Backend, folder: &Path) -> Self {
        match backend {
            Backend::Sqlite => Self::Sqlite(Database::Sqlite(folder.join("countersign.db"))),
            Backend::Postgres => {
                let admin = environment(VARIABLE).unwrap_or_else(|| {
                    panic!(
                        "{VARIABLE} is not set: run `cargo xtask test`, or name a server as postgres://postgres@127.0.0.1:PORT/postgres; \
                         {SQLITE_ONLY}=1 leaves PostgreSQL out"
                    )
                });
                static NEXT: AtomicU32 = AtomicU32::new(0);
                let name = format!("countersign_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                psql(&admin, &format!("CREATE DATABASE {name}"));
                let url = with_database(&admin, &name);
                Self::Postgres { admin, name, url }
            }
        }
    }

    /// How to open it.
    pub(crate) fn database(&self) -> Database {
        match self {
            Self::Sqlite(database) => database.clone(),
            Self::Postgres { url, .. } => Database::Postgres(url.clone()),
        }
    }

    /// The database's URL, to look at the database without the server.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(Database::Sqlite(path)) => format!("sqlite:{}", path.display()),
            Self::Sqlite(Database::Postgres(url)) | Self::Postgres { url, .. } => url.clone(),
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // After a failure it is left for a look; the whole server goes when the tests are over.
        if let Self::Postgres { admin, name, .. } = self
            && !std::thread::panicking()
        {
            psql(admin, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// The URL of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let (place, options) = url.split_once('?').map_or((url, String::new()), |(place, options)| (place, format!("?{options}")));
    let authority = place.find("://").map_or(0, |at| at + 3);
    let end = place[authority..].find('/').map_or(place.len(), |at| authority + at);
    format!("{}/{name}{options}", &place[..end])
}

fn psql(url: &str, statement: &str) {
    let done = Command::new("psql").args(["--quiet", "--no-psqlrc", "--dbname", url, "--command", statement]).status();
    assert!(done.expect("psql is needed to make databases for tests").success(), "failed: {statement}");
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration but its environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
