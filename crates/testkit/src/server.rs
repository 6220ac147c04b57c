//! A running server on a real listener, with its own database, folder, keys and clock.

use crate::{
    Backend, Browser, Client, ManualClock, Wire,
    addresses::{Addresses, SERVER},
    database::Fresh,
};
use app::{Caller, KeyFiles, Keys, Limits, Mail, MailServer, MailWay, Morning, OpContext, Server, Settings, SystemEntropy};
use serde_json::json;
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use store::{Database, Files, FilesConfig, Store};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use web::{Shutdown, Urls, WebOptions};

/// Everybody's password.
pub const PASSWORD: &str = "a password for tests";

/// What a test may choose.
#[derive(Clone)]
pub struct Options {
    /// About HTTP. No rate limit unless asked for.
    pub web: WebOptions,
    /// The bounds.
    pub limits: Limits,
    /// Whether there is a wire to PostgreSQL that can be cut.
    pub wire: bool,
    /// Whether the configuration names a mail server, at which nobody listens.
    pub mail: bool,
}

impl Default for Options {
    fn default() -> Self {
        let web = WebOptions { requests_per_minute: 0, sign_ins_per_minute: 0, ..WebOptions::default() };
        Self { web, limits: Limits::default(), wire: false, mail: true }
    }
}

/// A running server.
pub struct TestServer {
    /// Where it answers: `http://127.0.0.1:PORT`.
    pub url: String,
    /// Its parts, for what HTTP does not show.
    pub app: Arc<Server>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    wire: Option<Arc<Wire>>,
    options: Options,
    people: Mutex<HashMap<String, Client>>,
    addresses: Addresses,
    running: Option<Running>,
    // Dropped in this order: the database, then the folder in which it may be.
    fresh: Fresh,
    folder: TempDir,
}

impl TestServer {
    /// A server on a fresh database of this kind.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, Options::default()).await
    }

    /// The same, with these options.
    pub async fn start_with(backend: Backend, options: Options) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let fresh = Fresh::create(backend, folder.path());
        let wire = match (options.wire, fresh.database()) {
            (true, Database::Postgres(url)) => Some(Wire::to(host_and_port(&url).to_owned()).await),
            _ => None,
        };
        let clock = Arc::new(ManualClock::default());
        let app = assemble(&fresh, wire.as_deref(), folder.path(), clock.clone(), &options).await;
        let mut server = Self {
            url: String::new(),
            app,
            clock,
            wire,
            options,
            people: Mutex::default(),
            addresses: Addresses::default(),
            running: None,
            fresh,
            folder,
        };
        server.listen().await;
        server
    }

    async fn listen(&mut self) {
        let running = Running::begin(self.app.clone(), &self.options.web).await;
        self.url.clone_from(&running.url);
        self.running = Some(running);
        let anonymous = self.anonymous();
        for person in self.people.get_mut().unwrap_or_else(PoisonError::into_inner).values_mut() {
            *person = anonymous.with_token(&person.name, person.token.as_deref().unwrap_or_default());
        }
    }

    /// Stops it, lets `meanwhile` do what it wants with its folder, and starts it again on the same database. Tokens stay good;
    /// clients have to be asked for again, since the port is another one.
    pub async fn restart(&mut self, meanwhile: impl FnOnce(&Path)) {
        if let Some(running) = self.running.take() {
            running.end().await;
        }
        self.app.store.close().await;
        meanwhile(self.folder.path());
        let (wire, options) = (self.wire.as_deref(), &self.options);
        self.app = assemble(&self.fresh, wire, self.folder.path(), self.clock.clone(), options).await;
        self.listen().await;
    }

    /// Nobody.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.url, self.addresses.clone())
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.anonymous())
    }

    /// A browser in which this person is signed in.
    pub async fn browser_of(&self, name: &str) -> Browser {
        let browser = self.browser();
        let reply = browser.sign_in(name).await;
        assert_eq!(reply.status, 303, "{name} cannot sign in: {}", reply.text());
        browser
    }

    /// The administrator `root`.
    pub async fn administrator(&self) -> Client {
        match self.known("root") {
            Some(known) => known,
            None => self.appointed("root").await,
        }
    }

    /// An administrator whom the server's console appoints now.
    pub async fn appointed(&self, name: &str) -> Client {
        let parsed = name.parse().expect("it is a name");
        let invited = app::people::invitations::create_administrator(&self.console(), &parsed).await;
        self.redeem(name, &invited.expect("no account of another role has this name").invitation).await
    }

    /// Somebody with a shell on the server's machine.
    pub fn console(&self) -> OpContext {
        OpContext::new(self.app.clone(), Caller::Console, "testkit")
    }

    /// Somebody: the account is created, its invitation redeemed. The second time the same person is given.
    pub async fn person(&self, name: &str) -> Client {
        self.person_as(name, "user").await
    }

    /// The same, with a role on the instance.
    pub async fn person_as(&self, name: &str, role: &str) -> Client {
        if let Some(known) = self.known(name) {
            return known;
        }
        let body =
            json!({"name": name, "display_name": format!("The {name}"), "email": format!("{name}@example.org"), "role": role});
        let invited = self.administrator().await.post("/users", body).await.ok();
        self.redeem(name, invited["invitation"].as_str().expect("an invitation has a code")).await
    }

    /// A service account with all that a token may be used for but keeping things.
    pub async fn service(&self, name: &str) -> Client {
        if let Some(known) = self.known(name) {
            return known;
        }
        let body = json!({"service": name, "scopes": ["read", "register", "review", "deploy", "gate"]});
        let token = self.administrator().await.post("/tokens", body).await.ok();
        self.keep(self.anonymous().with_token(name, token["token"].as_str().expect("a token is shown once")))
    }

    async fn redeem(&self, name: &str, invitation: &str) -> Client {
        let body = json!({"invitation": invitation, "password": PASSWORD});
        let token = self.anonymous().post("/sessions", body).await.ok();
        self.keep(self.anonymous().with_token(name, token["token"].as_str().expect("a token is shown once")))
    }

    fn known(&self, name: &str) -> Option<Client> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn keep(&self, client: Client) -> Client {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).insert(client.name.clone(), client.clone());
        client
    }

    /// The addresses of this server in all its answers so far: for each the client that got the answer, and the path.
    pub fn addresses(&self) -> Vec<(Client, String)> {
        let all = self.addresses.all().into_iter();
        all.map(|(token, path)| (self.anonymous().with_token("somebody", &token), path)).collect()
    }

    /// Another server on the same database, files, keys and clock.
    pub async fn beside(&self) -> Beside {
        self.beside_in(self.folder.path()).await
    }

    /// Another server on the same database and clock, with a folder of its own: it shares only the signing key.
    pub async fn beside_in(&self, folder: &Path) -> Beside {
        let signing = key_files(folder).signing;
        if !signing.exists() {
            std::fs::copy(key_files(self.folder.path()).signing, signing).expect("the key can be copied");
        }
        let (wire, options) = (self.wire.as_deref(), &self.options);
        let app = assemble(&self.fresh, wire, folder, self.clock.clone(), options).await;
        let running = Running::begin(app.clone(), &self.options.web).await;
        Beside { app, running }
    }

    /// Stops serving; open requests are answered before this is over.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.end().await;
        }
    }

    /// A node of this infrastructure: a service account with a token for nothing else.
    pub async fn node(&self, name: &str, infrastructure: &str) -> Client {
        let root = self.administrator().await;
        let token = root.post("/tokens", json!({"service": name, "scopes": ["node"]})).await.ok();
        root.put(&format!("/infrastructures/{infrastructure}/members/{name}"), json!({"role": "node"})).await.ok();
        self.anonymous().with_token(name, token["token"].as_str().expect("a token is shown once"))
    }

    /// Renews whatever permits are due, as the worker does; gives how many.
    pub async fn renew(&self) -> usize {
        app::deployments::renew_due(&self.app).await.expect("the database answers")
    }

    /// How many events the record has.
    pub async fn log_size(&self) -> u64 {
        self.app.store.log_size().await.expect("the database answers")
    }

    /// The wire to the database.
    pub fn wire(&self) -> &Wire {
        self.wire.as_deref().expect("the options asked for a wire")
    }

    /// The URL of the database, for looking at it and altering it behind the server's back.
    pub fn database_url(&self) -> String {
        self.fresh.url()
    }

    /// The folder with everything that the server keeps outside of PostgreSQL.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Expires whatever is due, as the worker does.
    pub async fn expire(&self) -> usize {
        app::reviews::expire_due(&self.app).await.expect("the database answers")
    }

    /// Signs the next checkpoint, as the worker does.
    pub async fn sign_checkpoint(&self) {
        app::record::sign_checkpoint(&self.app).await.expect("the log continues what was signed");
    }

    /// Makes messages of what happened, as the worker does.
    pub async fn announce(&self) {
        while app::messages::announce(&self.app).await.expect("messages can be made").more {}
    }

    /// Runs a job of the worker once, with all that it says is left to do.
    pub async fn run_job(&self, name: &str) {
        let jobs = worker::jobs::all();
        let job = jobs.iter().find(|job| job.name() == name).expect("there is such a job");
        while job.run(&self.app).await.expect("the job succeeds").more {}
    }

    /// Runs a background job once, which fails; gives what the job says.
    pub async fn failing_job(&self, name: &str) -> String {
        let jobs = worker::jobs::all();
        let job = jobs.iter().find(|job| job.name() == name).expect("there is such a job");
        job.run(&self.app).await.expect_err("the job fails").to_string()
    }

    /// Makes deliveries of what happened, and calls webhooks.
    pub async fn call_webhooks(&self) {
        self.announce().await;
        self.run_job("call_webhooks").await;
    }

    /// Verifies the whole store, stored files included: nothing may be otherwise than the record says.
    pub async fn verify(&self) {
        self.sign_checkpoint().await;
        let report = app::record::verify_store(&self.app, true).await.expect("the store can be read");
        assert_eq!(report.findings, [], "the store is not what its record says");
    }
}

/// A server that listens.
struct Running {
    url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn begin(app: Arc<Server>, options: &WebOptions) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let (stop, stopped) = oneshot::channel();
        let (shutdown, signal) = Shutdown::watch(async {
            // An error says that the test is over, which ends the server as well.
            let _ = stopped.await;
        });
        let router = web::router(app, WebOptions { shutdown, ..options.clone() });
        Self { url, stop, serving: tokio::spawn(web::serve(listener, None, router, signal)) }
    }

    async fn end(self) {
        // It may have ended by itself; then there is nobody to tell.
        let _ = self.stop.send(());
        self.serving.await.expect("the server does not panic").expect("the server ends in order");
    }
}

/// A second server beside a first one.
pub struct Beside {
    /// Its parts.
    pub app: Arc<Server>,
    running: Running,
}

impl Beside {
    /// The same person, asking this server.
    pub fn as_seen_by(&self, client: &Client) -> Client {
        Client::anonymous(&self.running.url, Addresses::default())
            .with_token(&client.name, client.token.as_deref().unwrap_or_default())
    }

    /// Stops it.
    pub async fn end(self) {
        self.running.end().await;
        self.app.store.close().await;
    }
}

async fn assemble(fresh: &Fresh, wire: Option<&Wire>, folder: &Path, clock: Arc<ManualClock>, options: &Options) -> Arc<Server> {
    let database = match (fresh.database(), wire) {
        (Database::Postgres(url), Some(wire)) => {
            Database::Postgres(url.replacen(host_and_port(&url), &format!("127.0.0.1:{}", wire.port()), 1))
        }
        (database, _) => database,
    };
    let store = Store::open(&database).await.expect("the database opens");
    let files = Files::open(&FilesConfig::Folder(folder.join("files"))).expect("the folder for files opens");
    let name = "countersign.example";
    let keys = Keys::open(&store, &key_files(folder), name, clock.as_ref(), &SystemEntropy).await.expect("a key can be made");
    // Messages are made, and wait: nobody listens there.
    let nobody = MailServer {
        host: "127.0.0.1".to_owned(),
        port: 1,
        security: domain::mail::MailSecurity::None,
        login: None,
        authority: None,
    };
    let way = MailWay::Server(nobody);
    let mail = Mail { way, from: "countersign@example.org".parse().expect("this is an address"), morning: Morning::default() };
    let links = Arc::new(Urls::new(SERVER));
    // Receivers of webhooks listen on this machine.
    let networks = "127.0.0.0/8".parse().expect("this is a network");
    let settings = Settings {
        links,
        server_name: name.to_owned(),
        limits: options.limits.clone(),
        mail: options.mail.then_some(mail),
        mail_templates: None,
        networks,
    };
    store.learn_log().await.expect("the log can be read");
    Server::new(store, files, keys, clock, Arc::new(SystemEntropy), settings)
}

/// Where a server of tests keeps its keys.
pub fn key_files(folder: &Path) -> KeyFiles {
    KeyFiles { signing: folder.join("key.pem"), log: folder.join("log-key.pem"), checkpoint: folder.join("checkpoint") }
}

/// The host and port in `postgres://USER@HOST:PORT/NAME`.
fn host_and_port(url: &str) -> &str {
    let place = url.split_once("://").map_or(url, |(_, rest)| rest);
    let place = place.split('/').next().unwrap_or(place);
    place.rsplit_once('@').map_or(place, |(_, place)| place)
}
