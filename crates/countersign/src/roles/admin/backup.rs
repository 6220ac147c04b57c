//! Backups: everything that a server keeps, as of one moment, in a folder; and the way back.

use crate::{
    config::Config,
    exit::Exit,
    failure::Failure,
    roles::{account, existing},
    text::{Text, facts},
};
use app::{Entropy, SystemEntropy};
use futures_util::StreamExt;
use proof::Hasher;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use store::{Database, Files, Store};
use uuid::Uuid;

/// The rows of the database.
const ROWS: &str = "rows.jsonl";
/// What is in the folder. Written last: a folder without it is no backup.
const INDEX: &str = "backup.json";
/// The model files, where they were copied, each under its SHA-256.
const FILES: &str = "files";
const SIGNING: &str = "signing-key.pem";
const LOG: &str = "log-key.pem";
/// The largest log that was ever signed.
const CHECKPOINT: &str = "checkpoint.txt";

/// What a backup holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The program that made it.
    version: String,
    /// The server's name.
    server: String,
    /// The moment of its last event, in RFC 3339: what was recorded later is not in it. Absent in a record without events.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    last_event_at: Option<String>,
    /// Rows in the database.
    rows: u64,
    /// Events in the log.
    events: u64,
    /// The SHA-256 of each file beside the model files. Only the server that signs the log has its key.
    sha256: BTreeMap<String, String>,
    /// Model files that were copied; absent where they were left in their storage.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    files: Option<u64>,
}

impl Index {
    /// The moment of the last event in the backup.
    pub fn last_event_at(&self) -> &str {
        self.last_event_at.as_deref().unwrap_or("no event")
    }
}

/// What the command says when it is done.
pub fn card(index: &Index) -> Text {
    let files = match index.files {
        Some(count) => format!("{count}, copied"),
        None => "left in their storage".to_owned(),
    };
    facts(&[
        ("last event at", &index.last_event_at),
        ("server", &index.server),
        ("events", &index.events),
        ("rows", &index.rows),
        ("model files", &files),
    ])
}

/// Writes a backup into a new folder, while the server serves.
///
/// # Errors
/// A folder that is there already; a store, key or file that cannot be read; a disk without room. No folder is left behind then.
pub async fn backup(config: &Config, folder: &Path, with_files: bool) -> Result<Index, Failure> {
    if folder.exists() {
        return Err(Failure::usage(format!("{} is there already: a backup makes its folder", folder.display())));
    }
    let store = existing::store(config).await?;
    existing::keys(&store, config).await?;
    let unfinished = folder.with_extension(format!("unfinished-{}", part().simple()));
    let made = write(config, &store, &unfinished, with_files).await;
    store.close().await;
    let done = made.and_then(|index| {
        fs::rename(&unfinished, folder).map_err(|error| cannot("written", folder, &error))?;
        folder.parent().map_or(Ok(()), sync_folder)?;
        Ok(index)
    });
    if done.is_err() {
        // What was written holds keys; that it cannot be removed either is not worth hiding the first error for.
        let _ = fs::remove_dir_all(&unfinished);
    }
    done
}

async fn write(config: &Config, store: &Store, folder: &Path, with_files: bool) -> Result<Index, Failure> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| cannot("made", folder, &error))?;
    let (keys, mut sha256) = (config.key_files(), BTreeMap::new());
    // The checkpoint before the rows: the log of the copy must continue what was signed.
    for (from, name) in [(&keys.signing, SIGNING), (&keys.log, LOG), (&keys.checkpoint, CHECKPOINT)] {
        if name == SIGNING || from.exists() {
            copy_private(from, &folder.join(name))?;
            sha256.insert(name.to_owned(), digest(&folder.join(name))?);
        }
    }
    let path = folder.join(ROWS);
    let mut out = Hashed { out: BufWriter::new(new_file(&path)?), hasher: Hasher::new() };
    let exported = store.export(&mut out).await.map_err(|error| Failure::failed(error.to_string()))?;
    sha256.insert(ROWS.to_owned(), out.finish().map_err(|error| cannot("written", &path, &error))?);
    let files = match with_files {
        true => Some(copy_files(config, store, &folder.join(FILES)).await?),
        false => None,
    };
    let index = Index {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        server: config.server_name(),
        last_event_at: exported.last_event_at.map(|at| at.to_string()),
        rows: exported.rows,
        events: exported.events,
        sha256,
        files,
    };
    let text = serde_json::to_string_pretty(&index).map_err(|error| Failure::failed(error.to_string()))?;
    let path = folder.join(INDEX);
    let mut file = new_file(&path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| cannot("written", &path, &error))?;
    sync_folder(folder)?;
    Ok(index)
}

/// Copies every model file that a version has.
async fn copy_files(config: &Config, store: &Store, folder: &Path) -> Result<u64, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed(format!("a model file cannot be copied: {error}"));
    fs::create_dir(folder).map_err(|error| cannot("made", folder, &error))?;
    let files = existing::model_files(config)?;
    let wanted = store.read().await.map_err(|error| failed(&error))?.referenced_files().await.map_err(|error| failed(&error))?;
    for (sha256, _) in &wanted {
        let path = folder.join(sha256.to_string());
        let mut out = Hashed { out: BufWriter::new(new_file(&path)?), hasher: Hasher::new() };
        let mut content = files.content(*sha256).await.map_err(|error| failed(&error))?;
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(|error| failed(&error))?;
            out.write_all(&chunk).map_err(|error| cannot("written", &path, &error))?;
        }
        let found = out.finish().map_err(|error| cannot("written", &path, &error))?;
        if found != sha256.to_string() {
            return Err(Failure::failed(format!(
                "the stored model file {sha256} has another content: run `countersign admin verify-store --files`"
            )));
        }
    }
    Ok(wanted.len() as u64)
}

/// Puts a backup in place: into an empty data folder, an empty database, and the storage of model files that the settings name.
///
/// # Errors
/// A folder that holds no whole backup; keys or a record that are there already; what cannot be written. A second try goes through what a
/// first one left.
pub async fn restore(config: &Config, folder: &Path) -> Result<Index, Failure> {
    let keys = config.key_files();
    for file in [&keys.signing, &keys.log, &keys.checkpoint] {
        if file.exists() {
            let message = format!("{} is there already: a backup is restored into an empty data folder", file.display());
            return Err(Failure::new(Exit::Conflict, message).hint("Name another folder with --data, or move the old one away."));
        }
    }
    account::check(&config.data)?;
    let index = whole(folder)?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data)
        .map_err(|error| cannot("made", &config.data, &error))?;
    if let Database::Sqlite(file) = &config.database {
        make_parent(file)?;
    }
    if let Some(count) = index.files {
        put_files(config, &folder.join(FILES), count).await?;
    }
    // Drafts of the keys before the rows: after the rows nothing may fail that could fail before.
    let mut drafts = Vec::new();
    for (name, to) in [(LOG, &keys.log), (CHECKPOINT, &keys.checkpoint), (SIGNING, &keys.signing)] {
        if index.sha256.contains_key(name) {
            drafts.push((draft(&folder.join(name), to)?, to));
        }
    }
    let rows = folder.join(ROWS);
    let lines = BufReader::new(File::open(&rows).map_err(|error| cannot("read", &rows, &error))?);
    let loaded = Store::import(&config.database, lines).await.map_err(|error| Failure::failed(error.to_string()))?;
    if loaded != index.rows {
        return Err(Failure::failed(format!("{loaded} rows were loaded, and the backup has {}", index.rows)));
    }
    // The signing key at the end: only with it is this a server.
    for (draft, to) in drafts {
        fs::rename(&draft, to).map_err(|error| cannot("written", to, &error))?;
    }
    Ok(index)
}

/// The index of a folder whose files are as they were written.
fn whole(folder: &Path) -> Result<Index, Failure> {
    let path = folder.join(INDEX);
    let text = fs::read_to_string(&path).map_err(|error| {
        Failure::new(Exit::NotFound, format!("{} holds no whole backup: {INDEX} cannot be read: {error}", folder.display()))
    })?;
    let index: Index = serde_json::from_str(&text)
        .map_err(|error| Failure::failed(format!("{} is no index of a backup: {error}", path.display())))?;
    if let Some(missing) = [ROWS, SIGNING].into_iter().find(|name| !index.sha256.contains_key(*name)) {
        return Err(Failure::failed(format!("{} does not tell of {missing}: the backup is damaged", path.display())));
    }
    for (name, sha256) in &index.sha256 {
        let file = folder.join(name);
        if ![ROWS, SIGNING, LOG, CHECKPOINT].contains(&name.as_str()) || digest(&file)? != *sha256 {
            return Err(Failure::failed(format!("{} is not as it was written: the backup is damaged", file.display())));
        }
    }
    Ok(index)
}

/// Puts every copied model file into the storage.
async fn put_files(config: &Config, folder: &Path, expected: u64) -> Result<(), Failure> {
    let files = Files::open(&config.files).map_err(|error| Failure::failed(error.to_string()))?;
    let mut count = 0;
    for entry in fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))? {
        let path = entry.map_err(|error| cannot("read", folder, &error))?.path();
        let file = tokio::fs::File::open(&path).await.map_err(|error| cannot("read", &path, &error))?;
        let stored = files.receive(part(), u64::MAX, tokio_util::io::ReaderStream::new(file)).await;
        let stored = stored.map_err(|error| Failure::failed(format!("a model file cannot be stored: {error}")))?;
        if path.file_name().is_none_or(|name| name != stored.sha256.to_string().as_str()) {
            return Err(Failure::failed(format!(
                "{} has another content than its name says: the backup is damaged",
                path.display()
            )));
        }
        count += 1;
    }
    if count != expected {
        return Err(Failure::failed(format!(
            "{} has {count} model files, and had {expected}: the backup is damaged",
            folder.display()
        )));
    }
    Ok(())
}

/// A copy of a key beside its place, instead of one that an earlier try left.
fn draft(from: &Path, to: &Path) -> Result<PathBuf, Failure> {
    make_parent(to)?;
    let draft = to.with_extension("restoring");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot("replaced", &draft, &error)),
        _ => copy_private(from, &draft)?,
    }
    Ok(draft)
}

fn make_parent(file: &Path) -> Result<(), Failure> {
    match file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => fs::create_dir_all(parent).map_err(|error| cannot("made", parent, &error)),
        None => Ok(()),
    }
}

/// A name for something that is not whole yet.
fn part() -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&SystemEntropy.bytes()[..16]);
    Uuid::from_bytes(bytes)
}

/// Writes, and hashes what is written.
struct Hashed<W: Write> {
    out: W,
    hasher: Hasher,
}

impl Hashed<BufWriter<File>> {
    /// The SHA-256 of all of it, once it is on the disk.
    fn finish(mut self) -> io::Result<String> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(self.hasher.finish().hex())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The SHA-256 of a file.
fn digest(path: &Path) -> Result<String, Failure> {
    let mut hashed = Hashed { out: io::sink(), hasher: Hasher::new() };
    let mut file = File::open(path).map_err(|error| cannot("read", path, &error))?;
    io::copy(&mut file, &mut hashed).map_err(|error| cannot("read", path, &error))?;
    Ok(hashed.hasher.finish().hex())
}

/// Lets the names in a folder outlive a power cut.
fn sync_folder(folder: &Path) -> Result<(), Failure> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| cannot("written", folder, &error))
}

/// A new file that only its owner can read.
fn new_file(path: &Path) -> Result<File, Failure> {
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| cannot("written", path, &error))
}

fn copy_private(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = fs::read(from).map_err(|error| cannot("read", from, &error))?;
    let mut file = new_file(to)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|error| cannot("written", to, &error))
}

fn cannot(be: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("{} cannot be {be}: {error}", path.display()))
}
