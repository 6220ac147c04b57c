//! A server on a fresh database with a clock that moves only when told and randomness that is none, and people who act on it.
//! SQLite always; PostgreSQL too where `COUNTERSIGN_TEST_POSTGRES` names a server.

#![expect(clippy::unwrap_used, reason = "a test that panics says where and why")]

use app::{
    Caller, Clock, Entropy, Error, KeyFiles, Keys, Limits, Links, OpContext, Server, Settings,
    base::authenticate,
    people::{invitations, sign_in, users},
    views::{CreateUserRequest, NewToken, SignInRequest},
};
use domain::{Duration, Name, StepName, Timestamp, VersionRef, people::InstanceRole};
use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use store::{Database, Files, FilesConfig, Store, verify};
use tempfile::TempDir;

/// What everybody's password is.
pub const PASSWORD: &str = "correct horse battery";

/// A clock that stands still until it is moved.
struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Different bytes each time, and the same ones in each run.
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn bytes(&self) -> [u8; 32] {
        *proof::Sha256::of(&self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes()).as_bytes()
    }
}

/// A server and the administrator `root`, who has signed in.
pub struct World {
    pub server: Arc<Server>,
    pub root: String,
    clock: Arc<ManualClock>,
    _folder: TempDir,
    database: Option<PostgresDatabase>,
}

impl World {
    /// A world on each database.
    pub async fn on_each_database(test: &str) -> Vec<Self> {
        let mut worlds = vec![Self::new(None).await];
        if let Some(database) = PostgresDatabase::create(test) {
            worlds.push(Self::new(Some(database)).await);
        }
        worlds
    }

    async fn new(database: Option<PostgresDatabase>) -> Self {
        let folder = TempDir::new().unwrap();
        let sqlite = || Database::Sqlite(folder.path().join("countersign.db"));
        let place = database.as_ref().map_or_else(sqlite, |database| Database::Postgres(database.url.clone()));
        let store = Store::open(&place).await.unwrap();
        let files = Files::open(&FilesConfig::Folder(folder.path().join("files"))).unwrap();
        let [signing, log, checkpoint] = ["key.pem", "log-key.pem", "checkpoint"].map(|file| folder.path().join(file));
        std::fs::write(&signing, proof::SigningKey::from_entropy([7; 32]).unwrap().to_pkcs8_pem()).unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(1_700_000_000_000_000)));
        let files_of_keys = KeyFiles { signing, log, checkpoint };
        let keys = Keys::open(&store, &files_of_keys, "countersign.example", clock.as_ref(), &app::SystemEntropy).await.unwrap();
        let settings = Settings {
            links: Arc::new(TestLinks),
            server_name: "countersign.example".to_owned(),
            limits: Limits::default(),
            mail: None,
            mail_templates: None,
            networks: app::Networks::default(),
        };
        let entropy = Arc::new(Counted(AtomicU64::new(0)));
        let server = Server::new(store, files, keys, clock.clone(), entropy, settings);
        let mut world = Self { server, root: String::new(), clock, _folder: folder, database };
        let invited = invitations::create_administrator(&world.console(), &name("root")).await.unwrap();
        world.root = world.redeem(&invited.invitation).await.unwrap().token;
        world
    }

    /// Moves the clock.
    pub fn wait(&self, duration: Duration) {
        self.clock.0.fetch_add(duration.micros(), Ordering::SeqCst);
    }

    /// Somebody with a shell on the server's machine.
    pub fn console(&self) -> OpContext {
        OpContext::new(Arc::clone(&self.server), Caller::Console, "test")
    }

    /// Nobody.
    pub fn anonymous(&self) -> OpContext {
        OpContext::new(Arc::clone(&self.server), Caller::Anonymous, "test")
    }

    /// The context of the caller with this token.
    pub async fn with(&self, token: &str) -> OpContext {
        self.authenticate(token).await.unwrap()
    }

    /// The same, where it may fail.
    pub async fn authenticate(&self, token: &str) -> Result<OpContext, Error> {
        authenticate::authenticate(&self.server, token, "test").await
    }

    /// The administrator.
    pub async fn root(&self) -> OpContext {
        self.with(&self.root).await
    }

    /// Creates an account, redeems its invitation, and gives its token.
    pub async fn person(&self, user: &str, role: InstanceRole) -> String {
        let invited = users::create(&self.root().await, request(user, role)).await.unwrap();
        self.redeem(&invited.invitation).await.unwrap().token
    }

    /// Redeems an invitation.
    pub async fn redeem(&self, code: &str) -> Result<NewToken, Error> {
        let request = SignInRequest { user: None, password: PASSWORD.to_owned(), invitation: Some(code.to_owned()), label: None };
        sign_in::sign_in(&self.anonymous(), request).await
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, user: &str, password: &str) -> Result<NewToken, Error> {
        let request = SignInRequest { user: Some(name(user)), password: password.to_owned(), invitation: None, label: None };
        sign_in::sign_in(&self.anonymous(), request).await
    }

    /// How many events there are.
    pub async fn log_size(&self) -> u64 {
        self.server.store.log_size().await.unwrap()
    }

    /// Ends it: the record must speak of every row as it is.
    pub async fn end(self) {
        let report = verify::verify(&mut self.server.store.read().await.unwrap(), &[]).await.unwrap();
        assert_eq!(report.findings, [], "the store does not verify");
        self.server.store.close().await;
        drop(self.database);
    }
}

/// A database of its own on the server that the environment names; gone when dropped.
struct PostgresDatabase {
    server: String,
    name: String,
    url: String,
}

impl PostgresDatabase {
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration but its environment")]
    fn create(test: &str) -> Option<Self> {
        let server = std::env::var("COUNTERSIGN_TEST_POSTGRES").ok()?;
        let name = format!("app_{test}_{}", std::process::id());
        let (place, options) =
            server.split_once('?').map_or((server.as_str(), String::new()), |(place, options)| (place, format!("?{options}")));
        let authority = place.find("://").map_or(0, |at| at + 3);
        let end = place[authority..].find('/').map_or(place.len(), |at| authority + at);
        let url = format!("{}/{name}{options}", &place[..end]);
        let database = Self { server, name, url };
        database.run("CREATE DATABASE");
        Some(database)
    }

    fn run(&self, what: &str) {
        let statement = format!("{what} {}", self.name);
        let done =
            Command::new("psql").args(["--quiet", "--no-psqlrc", "--dbname", &self.server, "--command", &statement]).status();
        assert!(done.expect("psql is needed to make databases for tests").success(), "{statement} failed");
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run("DROP DATABASE");
        }
    }
}

/// A name that is known to be one.
pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// What creates this account.
pub fn request(user: &str, role: InstanceRole) -> CreateUserRequest {
    CreateUserRequest { name: name(user), display_name: user.parse().unwrap(), email: None, role: Some(role) }
}

/// The code of the error that there must be.
pub fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().expect("this should have been refused").code.as_str()
}

/// Addresses that nobody follows.
#[derive(Debug)]
struct TestLinks;

impl Links for TestLinks {
    fn server(&self) -> &str {
        "http://countersign.example"
    }

    fn version_page(&self, version: &VersionRef) -> String {
        format!("http://countersign.example/{version}")
    }

    fn sign_off_page(&self, version: &VersionRef, step: &StepName) -> String {
        format!("http://countersign.example/{version}/{step}")
    }

    fn statements(&self, version: &VersionRef) -> String {
        format!("http://countersign.example/{version}/statements")
    }

    fn infrastructure(&self, infrastructure: &Name) -> String {
        format!("http://countersign.example/{infrastructure}")
    }

    fn infrastructure_page(&self, infrastructure: &Name) -> String {
        self.infrastructure(infrastructure)
    }

    fn webhook_page(&self, webhook: &Name) -> String {
        format!("http://countersign.example/webhooks/{webhook}")
    }

    fn unsubscribe_page(&self, code: &str) -> String {
        format!("http://countersign.example/unsubscribe/{code}")
    }
}
