//! The doctor says what is wrong with a set-up, a line for each check. Without flags it checks the client's side. With `--data`,
//! `--database` or `--config` it checks the server's side, on the server's machine.

mod jobs;

use crate::{
    client::{Context, Session, paths},
    config::{Config, StorageArgs},
    exit::Exit,
    failure::Failure,
    roles::existing,
    text::check::{Check, table},
};
use app::{
    Clock, SystemClock,
    views::{Infrastructure, Job, List, LogRefusal, Node, User},
};
use domain::{Name, health::VersionState};
use reqwest::header;
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use store::{Database, Files, FilesConfig, Store, StoreError};

/// Checks a set-up, and says what is wrong
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign doctor                                   (profile, server, clock, token, nodes, jobs)
  countersign doctor --data /var/lib/countersign       (on the server's machine: folder, key, database, space)

Exit code 0 if everything is well, 1 otherwise. `doctor` makes nothing and changes nothing.")]
pub struct DoctorArgs {
    #[command(flatten)]
    storage: StorageArgs,
}

/// Clocks that differ by more than this confuse people who compare times.
const MOST_SKEW_SECONDS: i64 = 30;
/// With less free space than this the next model may not fit.
const LEAST_FREE_KIB: u64 = 1 << 20;

/// The checks and what came out.
#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn note(&mut self, check: impl Into<String>, result: Result<String, String>) {
        let state = if result.is_ok() { "ok" } else { "wrong" };
        let (Ok(detail) | Err(detail)) = result;
        self.0.push(Check { check: check.into(), state, detail });
    }
}

/// Runs the checks.
///
/// # Errors
/// Only when nothing can be printed; what is wrong is a result.
pub async fn run(args: DoctorArgs, context: &Context) -> Result<Exit, Failure> {
    let StorageArgs { data, database, config } = &args.storage;
    let mut checks = Checks::default();
    if data.is_some() || database.is_some() || config.is_some() {
        match Config::load(&args.storage, None, &context.environment) {
            Ok(config) => server_side(&config, &mut checks).await,
            Err(failure) => checks.note("configuration", Err(failure.in_one_line())),
        }
    } else {
        match context.session() {
            Ok(session) => client_side(&session, &mut checks).await,
            Err(failure) => checks.note("profile", Err(failure.in_one_line())),
        }
    }
    let well = checks.0.iter().all(|check| check.state == "ok");
    context.out.show(&json!({"well": well, "checks": checks.0}), |_| table(&checks.0))?;
    Ok(if well { Exit::Done } else { Exit::Failed })
}

async fn client_side(session: &Session, checks: &mut Checks) {
    let client = &session.client;
    checks.note("address", Ok(client.server().to_string()));
    let response = client.health().open().await;
    let date = response.as_ref().ok().and_then(|response| response.headers().get(header::DATE)?.to_str().ok().map(str::to_owned));
    let reached = response.is_ok();
    checks.note("server", response.map(|_| "ready".to_owned()).map_err(|failure| failure.in_one_line()));
    if !reached {
        // A server that answers and is not ready may still say which of its jobs is stuck.
        return check_jobs(session, checks).await;
    }
    checks.note("clock", skew(date.as_deref()));
    let me = client.get(&paths::me()).send().await.and_then(|me| me.read::<User>());
    checks.note("token", me.map(|me| format!("signed in as {}", me.name)).map_err(|failure| failure.in_one_line()));
    check_nodes(session, checks).await;
    check_jobs(session, checks).await;
}

/// The nodes that refuse the log of this server and those with a version that cannot answer, on the infrastructures whose deployments
/// the caller may see.
async fn check_nodes(session: &Session, checks: &mut Checks) {
    let mut next = None;
    let mut ill = false;
    loop {
        let page = session.client.get(&paths::infrastructures()).query("after", next.as_ref()).send().await;
        let Ok(page) = page.and_then(|page| page.read::<List<Infrastructure>>()) else { return };
        for infrastructure in page.items {
            for LogRefusal { node, reason } in infrastructure.log_refusals {
                ill = true;
                checks.note(format!("node {node} of {}", infrastructure.name), Err(format!("refuses the log: {reason}")));
            }
            ill |= check_versions(session, &infrastructure.name, checks).await;
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    if !ill {
        checks.note("nodes", Ok("no node that you may see refuses the log, or has a version that cannot answer".to_owned()));
    }
}

/// The versions that the nodes of an infrastructure cannot serve; whether there are any.
async fn check_versions(session: &Session, infrastructure: &Name, checks: &mut Checks) -> bool {
    let answer = session.client.get(&paths::nodes(infrastructure)).send().await;
    let Ok(nodes) = answer.and_then(|answer| answer.read::<List<Node>>()) else { return false };
    let mut ill = false;
    for node in nodes.items.iter().filter(|node| node.alive) {
        let versions = node.report.services.iter().flat_map(|service| &service.versions);
        for version in versions.filter(|version| version.state == VersionState::Failed) {
            ill = true;
            let reason = version.reason.as_deref().unwrap_or("it does not say why");
            checks.note(
                format!("node {} of {infrastructure}", node.node),
                Err(format!("{} does not answer: {reason}", version.version)),
            );
        }
    }
    ill
}

/// The background jobs, for administrators and auditors; others learn nothing of them.
async fn check_jobs(session: &Session, checks: &mut Checks) {
    let answer = session.client.get(&paths::jobs()).send().await;
    let Ok(list) = answer.and_then(|answer| answer.read::<List<Job>>()) else { return };
    for job in &list.items {
        checks.note(format!("job {}", job.name), jobs::check(job));
    }
}

/// How far the two clocks are apart, by the `Date` of the answer.
fn skew(date: Option<&str>) -> Result<String, String> {
    let date = date.and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let server = date.ok_or("the server does not say what time it is")?;
    let seconds = SystemClock.now().seconds() - server.as_second();
    if seconds.abs() <= MOST_SKEW_SECONDS {
        Ok("agrees with the server's".to_owned())
    } else {
        Err(format!("differs from the server's by {seconds} seconds: set it by NTP"))
    }
}

async fn server_side(config: &Config, checks: &mut Checks) {
    checks.note("data folder", private(&config.data, "the server makes it at its first start"));
    let (opened, key_id) = database(&config.database).await;
    let started = key_id.is_some();
    let key = signing_key(&config.signing_key_file, key_id);
    let usable = started && key.is_ok() && opened.is_ok();
    checks.note("signing key", key);
    checks.note("database", opened);
    if usable {
        checks.note("log", log(config).await);
    }
    let files = model_files(&config.files);
    let files = match files {
        Ok(place) => storage(config).await.map(|()| place),
        Err(problem) => Err(problem),
    };
    checks.note("model files", files);
    checks.note("free space", free_space(&config.data).await);
}

/// That a bucket is there and answers. A folder is made at the first start.
async fn storage(config: &Config) -> Result<(), String> {
    if !matches!(config.files, FilesConfig::S3 { .. }) {
        return Ok(());
    }
    let files = Files::open(&config.files).map_err(|error| error.to_string())?;
    match tokio::time::timeout(std::time::Duration::from_secs(20), files.check()).await {
        Ok(checked) => checked.map_err(|error| error.to_string()),
        Err(_) => Err("the bucket's server does not answer".to_owned()),
    }
}

/// That the log continues what was signed, and whether this server signs it.
async fn log(config: &Config) -> Result<String, String> {
    let server = existing::server(config).await.map_err(|failure| failure.in_one_line())?;
    let state = app::record::log_state(&server).await.map_err(|error| Failure::of_use_case(error).in_one_line());
    let refusing = app::serving::log::count_refusals(&server).await.map_err(|error| error.to_string());
    server.store.close().await;
    let state = match state? {
        true => "continues what was signed; this server signs it",
        false => "continues what was signed; another server has its key, and signs it",
    };
    match refusing? {
        0 => Ok(state.to_owned()),
        count => Err(format!("{state}; but {count} nodes refuse it, because they saw another one: countersign infra nodes")),
    }
}

/// That a file or folder is its owner's alone, if it is there.
fn private(path: &Path, absent: &str) -> Result<String, String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            Err(format!("others on this machine can use {}: chmod go-rwx it", path.display()))
        }
        Ok(_) => Ok(path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(format!("{} is not there yet; {absent}", path.display()))
        }
        Err(error) => Err(format!("{} cannot be looked at: {error}", path.display())),
    }
}

/// That the key is there and is the one that the database belongs to, where it belongs to one already.
fn signing_key(file: &Path, expected: Option<String>) -> Result<String, String> {
    let found = private(file, "the server makes it at its first start")?;
    match fs::read_to_string(file) {
        Ok(pem) => match proof::SigningKey::from_pkcs8_pem(&pem) {
            Ok(key) => match (key.public_key().key_id(), expected) {
                (id, Some(expected)) if id != expected => Err(format!(
                    "{} holds the key {id}, but the database belongs to the key {expected}: put that one back",
                    file.display()
                )),
                (id, _) => Ok(format!("{found}, key id {id}")),
            },
            Err(error) => Err(format!("{} is no key: {error}", file.display())),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => match expected {
            Some(expected) => {
                Err(format!("{} is not there, but the database belongs to the key {expected}: put it back", file.display()))
            }
            None => Ok(found),
        },
        Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
    }
}

/// Whether the database opens, and the id of the key that it belongs to.
async fn database(database: &Database) -> (Result<String, String>, Option<String>) {
    let absent = |what: &str| (Ok(format!("{database} {what} at its first start")), None);
    let store = match Store::open_existing(database).await {
        Ok(store) => store,
        Err(StoreError::NoDatabase(_)) => return absent("is not there yet; the server makes it"),
        Err(StoreError::NotOurs) => return absent("holds no store yet; the server makes the store"),
        Err(StoreError::TooOld) => {
            return (
                Ok(format!("{database} has the schema of an earlier version; the server brings it up to date at its start")),
                None,
            );
        }
        Err(error) => return (Err(format!("{database} cannot be opened: {error}")), None),
    };
    let key_id = match store.read().await {
        Ok(mut reader) => reader.server_key().await,
        Err(error) => Err(error),
    };
    store.close().await;
    match key_id {
        Ok(key_id) => (Ok(format!("{database} opens, and its schema is up to date")), key_id),
        Err(error) => (Err(format!("{database} does not answer: {error}")), None),
    }
}

/// The place of the model files. The doctor makes no folder.
fn model_files(config: &FilesConfig) -> Result<String, String> {
    match config {
        FilesConfig::Folder(folder) if !folder.exists() => {
            Ok(format!("{} is not there yet; the server makes it at its first start", folder.display()))
        }
        config => Files::open(config).map(|_| files(config)).map_err(|error| error.to_string()),
    }
}

fn files(files: &FilesConfig) -> String {
    match files {
        FilesConfig::Folder(folder) => folder.display().to_string(),
        FilesConfig::S3 { bucket, .. } => format!("bucket {bucket}"),
    }
}

/// By `df`, whose output POSIX fixes with `-P`.
async fn free_space(folder: &Path) -> Result<String, String> {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let df = tokio::process::Command::new("df")
        .arg("-Pk")
        .arg(there)
        .output()
        .await
        .map_err(|error| format!("df does not run: {error}"))?;
    let text = String::from_utf8_lossy(&df.stdout).into_owned();
    let free: Option<u64> = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    match free {
        Some(kib) if kib < LEAST_FREE_KIB => {
            Err(format!("only {} MiB are left on the file system of {}", kib / 1024, there.display()))
        }
        Some(kib) => Ok(format!("{} MiB", kib / 1024)),
        None => Err("df says nothing about it".to_owned()),
    }
}
