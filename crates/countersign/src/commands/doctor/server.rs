//! The checks on the server's machine: folder, keys, database, storage, TLS, space.

use super::checks::Checks;
use crate::{config::Config, failure::Failure, roles::existing};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use store::{Database, Files, FilesConfig, Store, StoreError};

/// With less free space than this the next model may not fit.
const LEAST_FREE_KIB: u64 = 1 << 20;

/// Checks what the server stands on.
pub(super) async fn check(config: &Config, checks: &mut Checks) {
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
    if let Some((certificate, key)) = &config.tls {
        let loaded = web::Tls::load(certificate, key);
        checks.note("TLS", loaded.map(|_| certificate.display().to_string()).map_err(|error| error.to_string()));
    }
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
