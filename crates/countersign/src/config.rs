//! The server's configuration: flags come before environment variables, those before the TOML file, and that before what is
//! built in. Unknown keys are refused, since a misspelt one would otherwise change nothing and say nothing.

mod keys;
mod mail;
#[cfg(test)]
mod page;
mod place;
mod settings;
mod spelling;

use crate::{environment::Environment, failure::Failure};
use app::Limits;
use domain::{Duration, time::TimeError};
use keys::Key;
pub use keys::LISTEN;
use settings::Settings;
pub use spelling::misspelt;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};
use store::{Database, FilesConfig};

/// The variables of the environment that set up a server, without those of the log.
pub fn variables() -> impl Iterator<Item = String> {
    let of_server = |key: &&Key| !key.name.starts_with("log.");
    let names = keys::ALL.iter().filter(of_server).flat_map(|key| key.names().collect::<Vec<_>>());
    names.map(|name| keys::variable(&name))
}

/// Where the server keeps everything; what `serve`, `admin` and `doctor` have in common.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Storage")]
pub struct StorageArgs {
    #[arg(long, value_name = keys::DATA.value, help = keys::DATA.help())]
    pub data: Option<PathBuf>,
    #[arg(long, value_name = keys::DATABASE.value, help = keys::DATABASE.help())]
    pub database: Option<String>,
    #[arg(long, value_name = keys::CONFIG.value, help = keys::CONFIG.help())]
    pub config: Option<PathBuf>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write text or json"),
        }
    }
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The form of the log.
    pub format: LogFormat,
    /// What is logged, in the words of `RUST_LOG`.
    pub level: String,
}

impl Log {
    /// The log of a process that has no configuration file: by the variables that a server's settings have too.
    ///
    /// # Errors
    /// A form that is none.
    pub fn from_environment(environment: &Environment) -> Result<Self, Failure> {
        let mut settings = Settings::default();
        settings.add_environment(environment)?;
        Self::from_settings(&settings)
    }

    fn from_settings(settings: &Settings) -> Result<Self, Failure> {
        Ok(Self { format: settings.get(&keys::LOG_FORMAT)?, level: settings.get(&keys::LOG_LEVEL)? })
    }
}

/// How long after signing in a final decision needs no password; `always` is no time at all.
struct ReauthenticateAfter(Duration);

impl FromStr for ReauthenticateAfter {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "always" { Ok(Self(Duration::from_seconds(0))) } else { text.parse().map(Self) }
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
    /// Certificate and key, where the server speaks TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Where to listen for programs that read metrics and health without a token, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// The address under which people reach the server; made from `listen` where it is not set.
    pub base_url: Option<String>,
    /// What statements and log call the server; made from the address where it is not set.
    pub server_name: Option<String>,
    /// The server's signing key, made there at the first start.
    pub signing_key_file: PathBuf,
    /// The key of the log.
    pub log_key_file: PathBuf,
    /// The largest log that was ever signed, kept outside of the database.
    pub checkpoint_file: PathBuf,
    /// The model files.
    pub files: FilesConfig,
    /// How mails leave the server, if they do.
    pub mail: Option<app::Mail>,
    /// A folder with templates of mails, in the place of the server's own.
    pub mail_templates: Option<PathBuf>,
    /// Which addresses webhooks may have.
    pub networks: app::Networks,
    /// Bounds on what is taken in.
    pub limits: Bounds,
    /// Requests a minute of one token; 0 is no limit.
    pub requests_per_minute: u32,
    /// Failed attempts to sign in a minute; 0 is no limit.
    pub sign_ins_per_minute: u32,
    /// How long after signing in a final decision needs no password.
    pub reauthenticate_after: Duration,
    /// After how long without a request a browser is signed out.
    pub browser_session_idle: Duration,
    /// How long a browser stays signed in at the most.
    pub browser_session_lifetime: Duration,
    /// Whether a proxy in front says where requests come from.
    pub trust_forwarded_for: bool,
    /// The log.
    pub log: Log,
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
        if let Some(file) = storage.config_file(environment) {
            settings.add_file(&file)?;
        }
        settings.add_environment(environment)?;
        let data = storage.data.as_ref().map(|data| data.to_string_lossy().into_owned());
        settings.add_flags([
            (&keys::DATA, data),
            (&keys::DATABASE, storage.database.clone()),
            (&LISTEN, listen.map(str::to_owned)),
        ])?;
        Self::from_settings(&settings, environment)
    }

    /// Where the keys are.
    pub fn key_files(&self) -> app::KeyFiles {
        app::KeyFiles {
            signing: self.signing_key_file.clone(),
            log: self.log_key_file.clone(),
            checkpoint: self.checkpoint_file.clone(),
        }
    }

    fn from_settings(settings: &Settings, environment: &Environment) -> Result<Self, Failure> {
        let data = match settings.text(&keys::DATA) {
            Some(data) => PathBuf::from(data),
            None => environment.user_folder("XDG_DATA_HOME", ".local/share").ok_or_else(|| {
                Failure::usage("there is no home folder to keep data in").hint(format!("Say where: {}.", keys::DATA.ways()))
            })?,
        };
        let database = match settings.secret(&keys::DATABASE)? {
            Some(database) => database.parse().map_err(|error| Failure::usage(format!("{}: {error}", keys::DATABASE.name)))?,
            None => Database::Sqlite(data.join("countersign.db")),
        };
        let base_url = settings
            .text(&keys::BASE_URL)
            .map(|url| crate::client::parse_url(url).map(|_| url.trim_end_matches('/').to_owned()))
            .transpose()?;
        Ok(Self {
            database,
            listen: settings.get(&LISTEN)?,
            tls: tls(settings)?,
            metrics_listen: settings.text(&keys::METRICS_LISTEN).map(|_| settings.get(&keys::METRICS_LISTEN)).transpose()?,
            base_url,
            server_name: settings.text(&keys::SERVER_NAME).map(str::to_owned),
            signing_key_file: settings.text(&keys::SIGNING_KEY_FILE).map_or_else(|| data.join("signing-key.pem"), PathBuf::from),
            log_key_file: settings.text(&keys::LOG_KEY_FILE).map_or_else(|| data.join("log-key.pem"), PathBuf::from),
            checkpoint_file: data.join("checkpoint.txt"),
            files: files(settings, &data)?,
            mail: mail::mail(settings)?,
            mail_templates: mail::templates(settings)?,
            networks: networks(settings)?,
            limits: Bounds {
                file_bytes: settings.get(&keys::LIMITS_FILE_BYTES)?,
                version_bytes: settings.get(&keys::LIMITS_VERSION_BYTES)?,
                version_files: settings.get(&keys::LIMITS_VERSION_FILES)?,
            },
            requests_per_minute: settings.get(&keys::REQUESTS_PER_MINUTE)?,
            sign_ins_per_minute: settings.get(&keys::SIGN_INS_PER_MINUTE)?,
            reauthenticate_after: settings.get::<ReauthenticateAfter>(&keys::REAUTHENTICATE_AFTER)?.0,
            browser_session_idle: settings.get(&keys::BROWSER_SESSION_IDLE)?,
            browser_session_lifetime: settings.get(&keys::BROWSER_SESSION_LIFETIME)?,
            trust_forwarded_for: settings.get(&keys::TRUST_FORWARDED_FOR)?,
            log: Log::from_settings(settings)?,
            data,
        })
    }

    /// The bounds with those that nobody chooses.
    pub fn all_limits(&self) -> Limits {
        let Bounds { file_bytes, version_bytes, version_files } = self.limits;
        Limits {
            file_bytes,
            version_bytes,
            version_files,
            reauthenticate_after: self.reauthenticate_after,
            browser_session_idle: self.browser_session_idle,
            browser_session_lifetime: self.browser_session_lifetime,
            ..Limits::default()
        }
    }

    /// The address under which people reach the server that listens there.
    pub fn base_url(&self, listening: SocketAddr) -> String {
        self.base_url.clone().unwrap_or_else(|| {
            let everywhere = listening.ip().is_unspecified();
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            if everywhere { format!("{scheme}://localhost:{}", listening.port()) } else { format!("{scheme}://{listening}") }
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

/// Certificate and key, if there are any.
fn tls(settings: &Settings) -> Result<Option<(PathBuf, PathBuf)>, Failure> {
    match (settings.text(&keys::TLS_CERTIFICATE_FILE), settings.text(&keys::TLS_KEY_FILE)) {
        (Some(certificate), Some(key)) => Ok(Some((certificate.into(), key.into()))),
        (None, None) => Ok(None),
        _ => Err(Failure::usage("tls.certificate_file and tls.key_file belong together: set both, or neither")),
    }
}

/// Which addresses webhooks may have.
fn networks(settings: &Settings) -> Result<app::Networks, Failure> {
    let text = settings.text(&keys::WEBHOOKS_ALLOWED_NETWORKS).unwrap_or_default();
    text.parse().map_err(|error| Failure::usage(format!("{}: {error}", keys::WEBHOOKS_ALLOWED_NETWORKS.name)))
}

/// Where model files are kept: in a folder or in a bucket.
fn files(settings: &Settings, data: &Path) -> Result<FilesConfig, Failure> {
    let (folder, bucket) = (settings.text(&keys::FILES_FOLDER), settings.text(&keys::FILES_BUCKET));
    let Some(bucket) = bucket else {
        let of_a_bucket = |key: &&Key| key.name.starts_with("files.") && key.name != keys::FILES_FOLDER.name;
        if let Some(key) = keys::ALL.iter().filter(of_a_bucket).find(|key| settings.has(key)) {
            return Err(Failure::usage(format!("{} is set, but {} is not", key.name, keys::FILES_BUCKET.name)));
        }
        return Ok(FilesConfig::Folder(folder.map_or_else(|| data.join("files"), PathBuf::from)));
    };
    if folder.is_some() {
        return Err(Failure::usage("files.folder and files.bucket are both set: choose one place for model files"));
    }
    let missing = |name: &str| Failure::usage(format!("files.bucket needs {name} as well"));
    let needed = |key: &Key| settings.text(key).map(str::to_owned).ok_or_else(|| missing(key.name));
    let secret = &keys::FILES_SECRET_ACCESS_KEY;
    Ok(FilesConfig::S3 {
        bucket: bucket.to_owned(),
        prefix: settings.text(&keys::FILES_PREFIX).unwrap_or_default().to_owned(),
        endpoint: settings.text(&keys::FILES_ENDPOINT).map(str::to_owned),
        region: needed(&keys::FILES_REGION)?,
        access_key_id: needed(&keys::FILES_ACCESS_KEY_ID)?,
        secret_access_key: settings.secret(secret)?.ok_or_else(|| missing(&secret.file_name().unwrap_or_default()))?,
    })
}

#[cfg(test)]
mod tests;
