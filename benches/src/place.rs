//! Fresh databases for measurements, with what a server needs beside a database. They are removed after the measurement.

use anyhow::{Context, Result};
use app::{KeyFiles, Keys, Limits, Server, Settings, SystemClock, SystemEntropy};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use store::{Database, Files, FilesConfig, Store};
use tempfile::TempDir;

/// What every server calls itself here.
pub const SERVER_NAME: &str = "countersign.example";

/// Which kind of database.
#[derive(Clone)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server, by a superuser's URL.
    Postgres(String),
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        })
    }
}

/// A fresh database and a folder for the rest.
pub struct Place {
    folder: TempDir,
    url: String,
    /// The superuser's URL and the name of the database, on PostgreSQL.
    made: Option<(String, String)>,
}

impl Place {
    /// Makes an empty one.
    ///
    /// # Errors
    /// When the folder or the database cannot be made.
    pub async fn create(backend: &Backend) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = TempDir::new()?;
        let (url, made) = match backend {
            Backend::Sqlite => (format!("sqlite:{}", folder.path().join("countersign.db").display()), None),
            Backend::Postgres(admin) => {
                let name = format!("countersign_bench_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
                run(admin, format!("CREATE DATABASE {name}")).await?;
                let (server, _) = admin.rsplit_once('/').context("the URL of PostgreSQL ends with /DATABASE")?;
                (format!("{server}/{name}"), Some((admin.clone(), name)))
            }
        };
        Ok(Self { folder, url, made })
    }

    /// Which database, as `countersign serve --database` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder for keys and files: what `countersign serve --data` takes.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The server's parts on it, as `countersign serve` puts them together.
    ///
    /// # Errors
    /// When one of them cannot be opened.
    pub async fn open(&self) -> Result<Arc<Server>> {
        open(&self.url, &self.data()).await
    }

    /// Takes the database away; the folder goes by itself.
    ///
    /// # Errors
    /// When PostgreSQL does not carry it out.
    pub async fn remove(self) -> Result<()> {
        match &self.made {
            Some((admin, name)) => run(admin, format!("DROP DATABASE {name} WITH (FORCE)")).await,
            None => Ok(()),
        }
    }
}

/// The same, for a process that was told where.
///
/// # Errors
/// When one of the parts cannot be opened.
pub async fn open(url: &str, data: &Path) -> Result<Arc<Server>> {
    std::fs::create_dir_all(data)?;
    let database: Database = url.parse().map_err(anyhow::Error::msg)?;
    let store = Store::open(&database).await?;
    let files = Files::open(&FilesConfig::Folder(data.join("files")))?;
    let name = SERVER_NAME;
    let [signing, log, checkpoint] = ["signing-key.pem", "log-key.pem", "checkpoint.txt"].map(|file| data.join(file));
    let keys = Keys::open(&store, &KeyFiles { signing, log, checkpoint }, name, &SystemClock, &SystemEntropy).await?;
    let settings = Settings {
        links: Arc::new(web::Urls::new(&format!("https://{name}"))),
        server_name: name.to_owned(),
        limits: Limits::default(),
        mail: None,
        mail_templates: None,
        networks: app::Networks::default(),
    };
    Ok(Server::new(store, files, keys, Arc::new(SystemClock), Arc::new(SystemEntropy), settings))
}

async fn run(url: &str, statement: String) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(connection.close().await?)
}
