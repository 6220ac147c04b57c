//! Every setting of the server, declared once. The reading of file, environment and flags, the help of the flags, and the page
//! docs/settings.md come from these declarations.

use app::Limits;
use web::WebOptions;

/// A setting.
#[derive(Debug)]
pub struct Key {
    /// The key in the file; a dot is a table.
    pub name: &'static str,
    /// The form of the value, for people.
    pub value: &'static str,
    /// The value where nobody sets one.
    pub default: Fallback,
    /// The flag, where there is one.
    pub flag: Option<&'static str>,
    /// Whether the value is secret: then the same key with `_file` names a file that holds the value.
    pub secret: bool,
    /// What the setting is for, without a full stop.
    pub about: &'static str,
}

/// The value of a setting that nobody sets.
#[derive(Debug)]
pub enum Fallback {
    /// No value.
    Nothing,
    /// A value that follows from something else, in words.
    Words(&'static str),
    /// This value.
    Value(fn() -> String),
}

impl Key {
    const fn new(name: &'static str, value: &'static str, default: Fallback, about: &'static str) -> Self {
        Self { name, value, default, flag: None, secret: false, about }
    }

    const fn with_flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The environment variable: `files.bucket` is `COUNTERSIGN_FILES_BUCKET`.
    pub fn variable(&self) -> String {
        variable(self.name)
    }

    /// The key that names a file with the value, where the value is secret.
    pub fn file_name(&self) -> Option<String> {
        self.secret.then(|| format!("{}_file", self.name))
    }

    /// The keys under which the value may be set.
    pub fn names(&self) -> impl Iterator<Item = String> {
        [Some(self.name.to_owned()), self.file_name()].into_iter().flatten()
    }

    /// The default in words, if there is one.
    pub fn fallback(&self) -> Option<String> {
        match self.default {
            Fallback::Nothing => None,
            Fallback::Words(words) => Some(words.to_owned()),
            Fallback::Value(value) => Some(value()),
        }
    }

    /// How to set it outside of the file: by the flag, where there is one, or by the variable.
    pub fn ways(&self) -> String {
        let flag = self.flag.map(|flag| format!("{flag} {} or ", self.value)).unwrap_or_default();
        flag + &self.variable()
    }

    /// The help of the flag.
    pub fn help(&self) -> String {
        let default = self.fallback().map(|default| format!(" [default: {default}]")).unwrap_or_default();
        let file = self.file_name().map(|name| format!(" or, from a file, {}", variable(&name))).unwrap_or_default();
        format!("{}{default} [env: {}{file}]", self.about, self.variable())
    }
}

/// The environment variable of a key.
pub fn variable(name: &str) -> String {
    format!("COUNTERSIGN_{}", name.replace('.', "_").to_uppercase())
}

/// The configuration file itself: no key of the file, but a flag and a variable.
pub const CONFIG: Key = Key::new("config", "FILE", Fallback::Nothing, "The configuration file, in TOML").with_flag("--config");

macro_rules! keys {
    ($($constant:ident = $key:expr;)*) => {
        $(#[doc = concat!("See [`ALL`]: `", stringify!($constant), "`.")] pub const $constant: Key = $key;)*

        /// Every setting, in the order of the page.
        pub const ALL: &[Key] = &[$($constant),*];
    };
}

keys! {
    DATA = Key::new("data", "DIR", Fallback::Words("~/.local/share/countersign"), "The folder for database, model files and keys")
        .with_flag("--data");
    DATABASE = Key::new("database", "URL", Fallback::Words("SQLite in the folder"), "The database: sqlite:PATH or postgres://USER@HOST/NAME")
        .with_flag("--database").secret();
    LISTEN = Key::new("listen", "ADDRESS:PORT", Fallback::Value(|| "127.0.0.1:8700".to_owned()), "Where to listen")
        .with_flag("--listen");
    TLS_CERTIFICATE_FILE = Key::new("tls.certificate_file", "FILE", Fallback::Nothing,
        "The certificate in PEM, with those of the authorities between; with it the server speaks TLS, and takes the file anew when it changes");
    TLS_KEY_FILE = Key::new("tls.key_file", "FILE", Fallback::Nothing, "The private key of the certificate, in PEM");
    BASE_URL = Key::new("base_url", "URL", Fallback::Words("from the address where the server listens"),
        "The address under which people reach the server; links begin with this address");
    SERVER_NAME = Key::new("server_name", "NAME", Fallback::Words("the host in base_url"),
        "The name of the server in statements and in the log; never change the name");
    SIGNING_KEY_FILE = Key::new("signing_key_file", "FILE", Fallback::Words("signing-key.pem in the folder"),
        "The signing key; the server makes the key at its first start");
    LOG_KEY_FILE = Key::new("log_key_file", "FILE", Fallback::Words("log-key.pem in the folder"),
        "The key of the log; the first server makes the key at its first start, and a server without the key signs no checkpoints");
    REQUESTS_PER_MINUTE = Key::new("requests_per_minute", "N", Fallback::Value(|| WebOptions::default().requests_per_minute.to_string()),
        "Requests per minute with one token; 0 is no limit");
    SIGN_INS_PER_MINUTE = Key::new("sign_ins_per_minute", "N", Fallback::Value(|| WebOptions::default().sign_ins_per_minute.to_string()),
        "Failed attempts to sign in per minute from one address; those whom the account does not know have three times as many for one account, and beyond that wait for each other; 0 is no limit");
    METRICS_LISTEN = Key::new("metrics.listen", "ADDRESS:PORT", Fallback::Nothing,
        "Where to listen for programs that read metrics and health without a token; keep the address from others");
    REAUTHENTICATE_AFTER = Key::new("reauthenticate_after", "DURATION|always",
        Fallback::Value(|| Limits::default().reauthenticate_after.to_string()),
        "How long after signing in a person approves, rejects, revokes, and resets or retires an approved version without giving the password again; `always` asks each time");
    BROWSER_SESSION_IDLE = Key::new("browser_session_idle", "DURATION", Fallback::Value(|| Limits::default().browser_session_idle.to_string()),
        "After how long without a request a browser is signed out");
    BROWSER_SESSION_LIFETIME = Key::new("browser_session_lifetime", "DURATION",
        Fallback::Value(|| Limits::default().browser_session_lifetime.to_string()),
        "How long a browser stays signed in at the most");
    TRUST_FORWARDED_FOR = Key::new("trust_forwarded_for", "true|false", Fallback::Value(|| "false".to_owned()),
        "Whether a proxy in front says where requests come from");
    FILES_FOLDER = Key::new("files.folder", "DIR", Fallback::Words("files in the folder"), "The folder for model files");
    FILES_BUCKET = Key::new("files.bucket", "NAME", Fallback::Nothing, "The S3 bucket for model files, instead of a folder");
    FILES_PREFIX = Key::new("files.prefix", "TEXT", Fallback::Nothing, "The beginning of every name in the bucket");
    FILES_ENDPOINT = Key::new("files.endpoint", "URL", Fallback::Words("Amazon's"), "The address of the bucket's server");
    FILES_REGION = Key::new("files.region", "NAME", Fallback::Nothing, "The region of the bucket; required with a bucket");
    FILES_ACCESS_KEY_ID = Key::new("files.access_key_id", "ID", Fallback::Nothing, "The id of the bucket's access key; required with a bucket");
    FILES_SECRET_ACCESS_KEY = Key::new("files.secret_access_key", "TEXT", Fallback::Nothing, "The bucket's access key; required with a bucket")
        .secret();
    MAIL_SERVER = Key::new("mail.server", "HOST:PORT", Fallback::Nothing,
        "The mail server that takes messages to people; without one, an administrator chooses it on the page *Mail*");
    MAIL_FOLDER = Key::new("mail.folder", "DIR", Fallback::Nothing, "For trials: a folder that takes mails as files, instead of a mail server");
    MAIL_FROM = Key::new("mail.from", "ADDRESS", Fallback::Nothing, "From whom mails come: an address, or `Name <address>`; required with a mail server or a folder for mails");
    MAIL_SECURITY = Key::new("mail.security", "starttls|tls|none", Fallback::Value(|| "starttls".to_owned()),
        "What protects the connection to the mail server");
    MAIL_AUTHORITY_FILE = Key::new("mail.authority_file", "FILE", Fallback::Nothing,
        "Certificates in PEM of an authority that the mail server's certificate may come from, besides those of the machine");
    MAIL_USERNAME = Key::new("mail.username", "TEXT", Fallback::Nothing, "The user name for the mail server, where it asks for one");
    MAIL_PASSWORD = Key::new("mail.password", "TEXT", Fallback::Nothing, "The password for the mail server").secret();
    MAIL_TEMPLATES = Key::new("mail.templates", "DIR", Fallback::Words("the server's own"),
        "A folder with templates of mails, in the place of the server's own ones of the same names");
    MAIL_DIGEST_AT = Key::new("mail.digest_at", "HH:MM", Fallback::Value(|| "07:00".to_owned()),
        "At which time of day mails go out that gather what happened");
    MAIL_TIME_ZONE = Key::new("mail.time_zone", "ZONE", Fallback::Value(|| "UTC".to_owned()),
        "The time zone of that time of day, like Europe/Vienna");
    WEBHOOKS_ALLOWED_NETWORKS = Key::new("webhooks.allowed_networks", "NETWORKS", Fallback::Words("public addresses only"),
        "Networks to which webhooks may lead though they are not public, between commas: 10.1.0.0/16, fd00::/8");
    LIMITS_FILE_BYTES = Key::new("limits.file_bytes", "N", Fallback::Value(|| Limits::default().file_bytes.to_string()), "Bytes of one file");
    LIMITS_VERSION_BYTES = Key::new("limits.version_bytes", "N", Fallback::Value(|| Limits::default().version_bytes.to_string()),
        "Bytes of all files of a version");
    LIMITS_VERSION_FILES = Key::new("limits.version_files", "N", Fallback::Value(|| Limits::default().version_files.to_string()),
        "Files of a version");
    LOG_FORMAT = Key::new("log.format", "text|json", Fallback::Value(|| "text".to_owned()), "The form of the log");
    LOG_LEVEL = Key::new("log.level", "LEVEL", Fallback::Value(|| "info".to_owned()), "What is logged, in the words of RUST_LOG");
}
