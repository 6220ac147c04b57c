//! A server in this process whose clock the story moves.

use super::{super::people::ADMINISTRATOR, calendar::MovingClock, story::Who};
use anyhow::Context;
use app::{
    KeyFiles, Keys, Limits, OpContext, Server, Settings, SystemEntropy, base::authenticate::authenticate,
    views::CreateWebhookRequest,
};
use domain::{Duration, Timestamp, webhook::WebhookKind};
use std::{collections::BTreeMap, fs::DirBuilder, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};
use store::{Database, Files, FilesConfig, Store};

/// Where the history is written.
pub struct Place<'a> {
    /// The data folder of the server.
    pub data: &'a Path,
    /// The database.
    pub database: &'a Database,
    /// The address of the server to come.
    pub url: &'a str,
    /// The password of each account.
    pub password: &'a str,
}

/// A server in this process, with a clock that the story moves.
pub struct Year {
    pub server: Arc<Server>,
    pub clock: Arc<MovingClock>,
    /// The token of each person.
    pub sessions: BTreeMap<Who, String>,
    /// The token of each node.
    pub nodes: BTreeMap<&'static str, String>,
    /// The secret of the webhook, once there is one.
    webhook_secret: Option<String>,
}

/// The tokens with which people and nodes go on.
pub struct Tokens {
    /// The token of each person, by account.
    pub people: BTreeMap<Who, String>,
    /// The token of each node.
    pub nodes: BTreeMap<&'static str, String>,
    /// The secret of the webhook that leads to the demo's own server.
    pub webhook_secret: String,
}

impl Year {
    /// Opens an empty database at the moment when the story begins.
    pub async fn open(place: &Place<'_>, begin: Timestamp) -> anyhow::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(place.data).context("the data folder cannot be made")?;
        let clock = Arc::new(MovingClock::at(begin));
        let store = Store::open(place.database).await?;
        let files = Files::open(&FilesConfig::Folder(place.data.join("files")))?;
        // The names and places that `countersign serve` takes for itself afterwards.
        let name = "127.0.0.1";
        let key_files = KeyFiles {
            signing: place.data.join("signing-key.pem"),
            log: place.data.join("log-key.pem"),
            checkpoint: place.data.join("checkpoint.txt"),
        };
        let keys = Keys::open(&store, &key_files, name, clock.as_ref(), &SystemEntropy).await?;
        // Everybody signs in once for the year, and goes on with that session.
        let whole = Duration::from_days(400);
        let limits = Limits { session_lifetime: whole, reauthenticate_after: whole, ..Limits::default() };
        let settings = Settings {
            links: Arc::new(web::Urls::new(place.url)),
            server_name: name.to_owned(),
            limits,
            mail: None,
            mail_templates: None,
            // The webhook leads to this machine.
            networks: "127.0.0.0/8".parse().map_err(anyhow::Error::msg)?,
        };
        let server = Server::new(store, files, keys, clock.clone(), Arc::new(SystemEntropy), settings);
        Ok(Self { server, clock, sessions: BTreeMap::new(), nodes: BTreeMap::new(), webhook_secret: None })
    }

    /// The context of an act of this person.
    pub async fn acting(&self, who: Who) -> anyhow::Result<OpContext> {
        let token = self.sessions.get(who).with_context(|| format!("{who} has not signed in"))?;
        let request = app::Entropy::bytes(&SystemEntropy);
        Ok(authenticate(&self.server, token, proof::Sha256::of(&request).hex()[..32].to_owned()).await?)
    }

    /// Lets mails and the webhook begin here: nobody is told of what happened before.
    pub async fn begin_telling(&mut self) -> anyhow::Result<()> {
        if self.webhook_secret.is_some() {
            return Ok(());
        }
        while app::messages::announce(&self.server).await?.more {}
        let url = self.server.settings.links.server().to_owned() + "/demo/webhook";
        let request =
            CreateWebhookRequest { name: "demo".parse()?, kind: WebhookKind::Standard, url, project: None, topics: Vec::new() };
        let made = app::webhooks::create(&self.acting(ADMINISTRATOR).await?, request).await?;
        self.webhook_secret = made.secret;
        Ok(())
    }

    /// Signs the log and lets go of the database.
    pub async fn close(mut self) -> anyhow::Result<Tokens> {
        self.begin_telling().await?;
        app::record::sign_checkpoint(&self.server).await?;
        self.server.store.close().await;
        Ok(Tokens { people: self.sessions, nodes: self.nodes, webhook_secret: self.webhook_secret.unwrap_or_default() })
    }
}
