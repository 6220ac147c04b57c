//! The server's configuration: flags come before environment variables, those before the TOML file, and that before what is
//! built in. Unknown keys are refused, since a misspelt one would otherwise change nothing and say nothing.

mod settings;

use crate::{environment::Environment, failure::Failure, secret_file::read_secret};
use app::Limits;
use settings::Settings;
pub use settings::misspelt;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use store::{Database, FilesConfig};

/// Where the server keeps everything; what `serve`, `admin` and `doctor` have in common.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Storage")]
pub struct StorageArgs {
    /// The folder for database, model files and keys [default: ~/.local/share/countersign] [env: COUNTERSIGN_DATA]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://USER@HOST/NAME [default: SQLite in the folder] [env: COUNTERSIGN_DATABASE or, for one with a
    /// password, COUNTERSIGN_DATABASE_FILE]
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// The configuration file, in TOML [env: COUNTERSIGN_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What is logged where nobody says.
pub const USUAL_LEVEL: &str = "info";

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one object a line.
    Json,
}

impl std::str::FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write text or json"),
        }
    }
}

/// Everything that an operator chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The folder for what the server keeps.
    pub data: PathBuf,
    /// The database.
    pub database: Database,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address under which people reach the server; made from `listen` where it is not set.
    pub base_url: Option<String>,
    /// What statements and log call the server; made from the address where it is not set.
    pub server_name: Option<String>,
    /// The server's signing key, made there at the first start.
    pub signing_key_file: PathBuf,
    /// The largest log that was ever signed, kept outside of the database.
    pub checkpoint_file: PathBuf,
    /// The model files.
    pub files: FilesConfig,
    /// Bounds on what is taken in.
    pub limits: Bounds,
    /// Requests a minute of one token; 0 is no limit.
    pub requests_per_minute: u32,
    /// Failed attempts to sign in a minute; 0 is no limit.
    pub sign_ins_per_minute: u32,
    /// Whether a proxy in front says where requests come from.
    pub trust_forwarded_for: bool,
    /// The form of the log.
    pub log_format: LogFormat,
    /// What is logged, in the words of `RUST_LOG`.
    pub log_level: String,
}

/// Bounds on what is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files of a version.
    pub version_bytes: u64,
    /// Files of a version.
    pub version_files: u64,
}

impl Config {
    /// The configuration from all of its places.
    ///
    /// # Errors
    /// An unknown key, a value that is none, a file that cannot be read: each with the key's name.
    pub fn load(storage: &StorageArgs, listen: Option<&str>, environment: &Environment) -> Result<Self, Failure> {
        let mut settings = Settings::default();
        let file = storage.config.clone().or_else(|| environment.get("COUNTERSIGN_CONFIG").map(PathBuf::from));
        if let Some(file) = file {
            settings.add_file(&file)?;
        }
        settings.add_environment(environment)?;
        let data = storage.data.as_ref().map(|data| data.to_string_lossy().into_owned());
        settings.add_flags([("data", data), ("database", storage.database.clone()), ("listen", listen.map(str::to_owned))])?;
        Self::from_settings(&settings, environment)
    }

    fn from_settings(settings: &Settings, environment: &Environment) -> Result<Self, Failure> {
        let data = match settings.text("data") {
            Some(data) => PathBuf::from(data),
            None => environment.user_folder("XDG_DATA_HOME", ".local/share").ok_or_else(|| {
                Failure::usage("there is no home folder to keep data in").hint("Say where: --data DIR or COUNTERSIGN_DATA.")
            })?,
        };
        let database = match secret(settings, "database")? {
            Some(database) => database.parse().map_err(|error| Failure::usage(format!("database: {error}")))?,
            None => Database::Sqlite(data.join("countersign.db")),
        };
        let base_url = settings
            .text("base_url")
            .map(|url| crate::client::parse_url(url).map(|_| url.trim_end_matches('/').to_owned()))
            .transpose()?;
        let limits = Limits::default();
        Ok(Self {
            database,
            listen: settings.get("listen")?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8700))),
            base_url,
            server_name: settings.text("server_name").map(str::to_owned),
            signing_key_file: settings.text("signing_key_file").map_or_else(|| data.join("signing-key.pem"), PathBuf::from),
            checkpoint_file: data.join("checkpoint.txt"),
            files: files(settings, &data)?,
            limits: Bounds {
                file_bytes: settings.get("limits.file_bytes")?.unwrap_or(limits.file_bytes),
                version_bytes: settings.get("limits.version_bytes")?.unwrap_or(limits.version_bytes),
                version_files: settings.get("limits.version_files")?.unwrap_or(limits.version_files),
            },
            requests_per_minute: settings.get("requests_per_minute")?.unwrap_or(web::WebOptions::default().requests_per_minute),
            sign_ins_per_minute: settings.get("sign_ins_per_minute")?.unwrap_or(web::WebOptions::default().sign_ins_per_minute),
            trust_forwarded_for: settings.get("trust_forwarded_for")?.unwrap_or(false),
            log_format: settings.get("log.format")?.unwrap_or_default(),
            log_level: settings.text("log.level").unwrap_or(USUAL_LEVEL).to_owned(),
            data,
        })
    }

    /// The bounds with those that nobody chooses.
    pub fn all_limits(&self) -> Limits {
        let Bounds { file_bytes, version_bytes, version_files } = self.limits;
        Limits { file_bytes, version_bytes, version_files, ..Limits::default() }
    }

    /// The address under which people reach the server that listens there.
    pub fn base_url(&self, listening: SocketAddr) -> String {
        self.base_url.clone().unwrap_or_else(|| {
            let everywhere = listening.ip().is_unspecified();
            if everywhere { format!("http://localhost:{}", listening.port()) } else { format!("http://{listening}") }
        })
    }

    /// What statements and log call the server. Not the port: the name must outlive a move to another one.
    pub fn server_name(&self) -> String {
        let host = || {
            let url = crate::client::parse_url(&self.base_url(self.listen)).ok()?;
            url.host_str().map(str::to_owned)
        };
        self.server_name.clone().or_else(host).unwrap_or_else(|| "countersign".to_owned())
    }
}

/// A secret: as it is, or in a file of its own.
fn secret(settings: &Settings, key: &str) -> Result<Option<String>, Failure> {
    let file_key = format!("{key}_file");
    match settings.text(&file_key) {
        Some(file) => read_secret(Path::new(file), &file_key).map(Some),
        None => Ok(settings.text(key).map(str::to_owned)),
    }
}

fn files(settings: &Settings, data: &Path) -> Result<FilesConfig, Failure> {
    let Some(bucket) = settings.text("files.bucket") else {
        let bucket_only = ["prefix", "endpoint", "region", "access_key_id", "secret_access_key", "secret_access_key_file"];
        if let Some(key) = bucket_only.iter().find(|key| settings.text(&format!("files.{key}")).is_some()) {
            return Err(Failure::usage(format!("files.{key} is set, but files.bucket is not")));
        }
        return Ok(FilesConfig::Folder(settings.text("files.folder").map_or_else(|| data.join("files"), PathBuf::from)));
    };
    if settings.text("files.folder").is_some() {
        return Err(Failure::usage("files.folder and files.bucket are both set: choose one place for model files"));
    }
    let needed = |key: &str| {
        let text = settings.text(&format!("files.{key}")).map(str::to_owned);
        text.ok_or_else(|| Failure::usage(format!("files.bucket needs files.{key} as well")))
    };
    let secret_access_key = secret(settings, "files.secret_access_key")?;
    Ok(FilesConfig::S3 {
        bucket: bucket.to_owned(),
        prefix: settings.text("files.prefix").unwrap_or_default().to_owned(),
        endpoint: settings.text("files.endpoint").map(str::to_owned),
        region: needed("region")?,
        access_key_id: needed("access_key_id")?,
        secret_access_key: secret_access_key
            .ok_or_else(|| Failure::usage("files.bucket needs files.secret_access_key_file as well"))?,
    })
}

#[cfg(test)]
mod tests;
