//! Fresh databases: a file in a temporary folder, or a new database on the PostgreSQL server that the environment names.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// Names the PostgreSQL server, as a superuser's URL.
const VARIABLE: &str = "COUNTERSIGN_TEST_POSTGRES";

/// An empty database; a PostgreSQL one is gone when this is dropped.
pub enum Fresh {
    Sqlite(String),
    Postgres { server: String, name: String, url: String },
}

impl Fresh {
    pub fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(format!("sqlite:{}", folder.join("countersign.db").display()))
    }

    /// None if the environment says to leave PostgreSQL out.
    pub fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if super::sqlite_only() {
            return None;
        }
        let server = super::environment(VARIABLE).unwrap_or_else(|| {
            panic!(
                "{VARIABLE} is not set: run `cargo xtask test`, or name a server as postgres://postgres@127.0.0.1:PORT/postgres; \
                 COUNTERSIGN_TEST_SQLITE_ONLY=1 leaves PostgreSQL out"
            )
        });
        let name = format!("countersign_process_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        psql(&server, &format!("CREATE DATABASE {name}"));
        let (place, _) = server.rsplit_once('/').expect("the URL names a database");
        let url = format!("{place}/{name}");
        Some(Self::Postgres { server, name, url })
    }

    /// As `--database` takes it.
    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite(url) | Self::Postgres { url, .. } => url,
        }
    }

    /// Waits until nobody is connected: PostgreSQL carries out what a client said last even when the client is gone.
    pub fn wait_until_left(&self) {
        if let Self::Postgres { server, name, .. } = self {
            let left = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
            while psql(server, &left) != "0" {
                std::thread::yield_now();
            }
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // After a failure it is left for a look; the whole server goes when the tests are over.
        if let Self::Postgres { server, name, .. } = self
            && !std::thread::panicking()
        {
            psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

pub(super) fn psql(url: &str, statement: &str) -> String {
    let mut psql = Command::new("psql");
    psql.args(["--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--dbname", url, "--command", statement]);
    let output = psql.output().expect("psql is needed to make databases for tests");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
