//! Registers a version: finds the files, checks the server's limits, hashes, uploads what the server does not have, and then makes the
//! version. The server compares the model digest. What arrived before the command was interrupted is not sent again by the next one.

use super::{
    fields::FieldArgs,
    folder::{self, LocalFile, SelectionArgs},
    progress::progress,
};
use crate::{
    args::ModelRef,
    client::{Answer, Session, paths},
    exit::Exit,
    failure::Failure,
    output::Output,
    text::{Table, Text, cells, facts, version::card},
};
use app::views::{CreateVersionRequest, KnownFiles, Upload, UploadLimits};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Digest, UploadId, fields::Fields};
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use proof::{FileName, Hasher, Manifest, ManifestEntry, Sha256};
use reqwest::{Body, Method, header};
use serde_json::json;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

/// Registers a version of a model from a file or a folder
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign version create diagnosis/tumour model.onnx --metric auc=0.993 --param C=1.0 --notes notes.md
  countersign version create diagnosis/tumour export/ --author trainer@example.org --run run-17 --commit 4f2a9c1
  countersign version create diagnosis/tumour export/ --exclude .git/ --exclude '*.tmp' --follow-links
  countersign version create diagnosis/tumour export/ --dry-run      (prints manifest and model digest, asks no server)")]
pub struct CreateArgs {
    /// The model, as PROJECT/MODEL
    model: ModelRef,
    /// A file, or a folder with everything in it
    path: PathBuf,
    /// Print the manifest and the model digest, and register nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    fields: FieldArgs,
}

impl CreateArgs {
    /// Whether this needs nobody signed in.
    pub const fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

/// Shows what would be registered. Asks no server.
///
/// # Errors
/// Files or fields that cannot be registered.
pub fn dry_run(args: CreateArgs, out: Output) -> Result<Exit, Failure> {
    let mut fields = Fields::default();
    args.fields.apply(&mut fields)?;
    let files = find(&args.path, &args.selection, out)?;
    let manifest = hash(&files)?;
    let digest = manifest.model_digest();
    let shown = json!({
        "dry_run": true, "model_digest": digest, "size": manifest.total_size(), "manifest": manifest.entries(), "fields": fields,
    });
    out.show(&shown, |_| {
        let row = |file: &ManifestEntry| cells![file.name.as_str(), file.size, file.sha256.hex()];
        let files = Table::of(&["FILE", "SIZE", "SHA-256"], manifest.entries(), row);
        facts(&[("model digest", &digest.hex()), ("size", &manifest.total_size())]) + Text::line("") + files.text("")
    })?;
    out.note("A dry run: nothing was registered.");
    Ok(Exit::Done)
}

/// Registers the version.
///
/// # Errors
/// Files or fields that cannot be registered, or what the server says; nothing is registered then.
pub async fn create(args: CreateArgs, session: &Session) -> Result<Exit, Failure> {
    let mut fields = Fields::default();
    args.fields.apply(&mut fields)?;
    let files = find(&args.path, &args.selection, session.out)?;
    let begun: Upload = session.client.post(&paths::uploads(&args.model), &json!({})).send().await?.read()?;
    let registered = tokio::select! {
        registered = send(session, &args.model, &begun, files, fields) => registered,
        _ = tokio::signal::ctrl_c() => return Err(Failure::failed("interrupted; nothing was registered").hint(GOES_ON)),
    };
    let registered = match registered {
        Err(failure) if failure.may_pass() => return Err(failure.hint(GOES_ON)),
        Err(failure) => {
            // The server forgets the upload by itself after a day: a failure here must not hide the first one.
            let _ = session.client.delete(&paths::upload(begun.id)).send().await;
            return Err(failure);
        }
        Ok(registered) => registered,
    };
    session.show(&registered, card)?;
    Ok(Exit::Done)
}

/// What to do after an interruption.
const GOES_ON: &str = "Give the command once more: it does not send again what arrived, for a day.";

/// The files of the version, with what there is to say about them.
fn find(path: &Path, selection: &SelectionArgs, out: Output) -> Result<Vec<LocalFile>, Failure> {
    let found = folder::walk(path, selection)?;
    folder::remarks(path, &found).iter().for_each(|remark| out.note(remark));
    Ok(found.files)
}

async fn send(
    session: &Session,
    model: &ModelRef,
    upload: &Upload,
    files: Vec<LocalFile>,
    fields: Fields,
) -> Result<Answer, Failure> {
    within(&upload.limits, &files)?;
    let hashing = tokio::task::spawn_blocking(move || hash(&files).map(|manifest| (files, manifest)));
    let (files, manifest) = hashing.await.map_err(|error| Failure::failed(format!("hashing broke off: {error}")))??;
    let bar = progress("uploading", manifest.total_size());
    let known = known(session, upload.id, manifest.entries()).await?;
    let missing = files.iter().zip(manifest.entries()).filter(|(_, entry)| !known.contains(&entry.name));
    let (small, large): (Vec<_>, Vec<_>) = missing.partition(|(file, _)| file.size <= SMALL);
    bar.inc(manifest.entries().iter().filter(|entry| known.contains(&entry.name)).map(|entry| entry.size).sum());
    let sending = small.into_iter().map(|(file, entry)| send_file(session, upload.id, file, entry.sha256, &bar));
    let mut sending = stream::iter(sending).buffer_unordered(AT_ONCE);
    while let Some(sent) = sending.next().await {
        sent?;
    }
    drop(sending);
    // The server takes large files one after the other.
    for (file, entry) in large {
        send_file(session, upload.id, file, entry.sha256, &bar).await?;
    }
    bar.finish_and_clear();
    let model_digest = Digest::from_bytes(*manifest.model_digest().as_bytes());
    let request = CreateVersionRequest { upload: upload.id, model_digest: Some(model_digest), fields };
    session.client.post(&paths::versions(model), &request).send().await
}

/// About so many files the command asks at once.
const ASKED_AT_ONCE: usize = 1000;

/// The files that the server had already, and took into the upload without having them sent.
async fn known(session: &Session, upload: UploadId, entries: &[ManifestEntry]) -> Result<HashSet<FileName>, Failure> {
    let mut known = HashSet::new();
    for entries in entries.chunks(ASKED_AT_ONCE) {
        let path = paths::known_upload_files(upload);
        let taken: KnownFiles = session.client.post(&path, &json!({ "files": entries })).send().await?.read()?;
        known.extend(taken.files.iter().filter_map(|name| FileName::parse(name).ok()));
    }
    match known.len() {
        0 => {}
        1 => session.out.note("The server has 1 of the files already: it is not sent again."),
        count => session.out.note(&format!("The server has {count} of the files already: they are not sent again.")),
    }
    Ok(known)
}

/// Checks the server's bounds before a byte is read.
fn within(limits: &UploadLimits, files: &[LocalFile]) -> Result<(), Failure> {
    let too_large =
        |message: String| Err(Failure::usage(message).hint("Ask the server's operator whether the limit can be raised."));
    if let Some(file) = files.iter().find(|file| file.size > limits.file_bytes) {
        return too_large(format!(
            "{} has {} bytes; this server takes at most {} in one file",
            file.name, file.size, limits.file_bytes
        ));
    }
    let total: u64 = files.iter().map(|file| file.size).sum();
    if total > limits.version_bytes {
        return too_large(format!(
            "the files have {total} bytes together; this server takes at most {} in one version",
            limits.version_bytes
        ));
    }
    if files.len() as u64 > limits.version_files {
        return too_large(format!(
            "there are {} files; this server takes at most {} in one version",
            files.len(),
            limits.version_files
        ));
    }
    Ok(())
}

/// Hashes every file; the files and the manifest's entries are in the same order.
fn hash(files: &[LocalFile]) -> Result<Manifest, Failure> {
    let bar = progress("hashing", files.iter().map(|file| file.size).sum());
    let digests: Vec<Sha256> = files.iter().map(|file| file.hash(|count| bar.inc(count))).collect::<Result<_, _>>()?;
    bar.finish_and_clear();
    folder::manifest(files.iter().zip(digests))
}

/// How many files travel at once: a small file waits for the disk of the server more than for the network.
const AT_ONCE: usize = 8;

/// Up to so many bytes a file travels beside others.
const SMALL: u64 = 4 << 20;

/// How long a file may make no progress.
const SILENCE: Duration = Duration::from_secs(90);

/// How often a file is sent that does not arrive, because the connection broke or the server has no room.
const ATTEMPTS: u32 = 5;

/// The longest that the server may ask to wait before the next attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// Sends one file; once more where the server asks for it, or where the connection breaks: a file takes the place of the one before.
async fn send_file(
    session: &Session,
    upload: UploadId,
    file: &LocalFile,
    expected: Sha256,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let (failure, wait) = match try_to_send(session, upload, file, expected, bar).await {
            Ok(Sent::Arrived) => return Ok(()),
            Ok(Sent::Later(failure, wait)) => (failure, wait),
            Err(failure) => return Err(failure),
        };
        if attempts == ATTEMPTS || wait > LONGEST_WAIT {
            return Err(failure);
        }
        tokio::time::sleep(wait).await;
    }
}

/// What became of a file.
enum Sent {
    /// The server has it.
    Arrived,
    /// Not now: why, and how long to wait.
    Later(Failure, Duration),
}

/// Sends one file while hashing it again, so that a file changed since is not taken for the one that was hashed.
async fn try_to_send(
    session: &Session,
    upload: UploadId,
    file: &LocalFile,
    expected: Sha256,
    bar: &ProgressBar,
) -> Result<Sent, Failure> {
    let sent = Arc::new(Mutex::new((Hasher::new(), 0)));
    let (hasher, moving) = (Arc::clone(&sent), bar.clone());
    let bytes = tokio::fs::File::from_std(file.open()?).take(file.size);
    let stream = ReaderStream::with_capacity(bytes, 256 << 10).inspect_ok(move |chunk| {
        moving.inc(chunk.len() as u64);
        let mut sent = hasher.lock().unwrap_or_else(PoisonError::into_inner);
        sent.0.update(chunk);
        sent.1 += chunk.len() as u64;
    });
    let digest = format!("sha-256=:{}:", STANDARD.encode(expected.as_bytes()));
    let headers = [(header::HeaderName::from_static("content-digest"), digest), (header::CONTENT_LENGTH, file.size.to_string())];
    let call = session.client.call(Method::PUT, &paths::upload_files(upload)).query("name", Some(file.name.as_str()));
    let answer = while_it_moves(&sent, call.bytes(Body::wrap_stream(stream), headers).patiently().raw()).await;
    let (hashed, count) = sent.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // Whatever the server made of it, the cause is here.
    if file.has_changed() {
        return Err(file.changed());
    }
    let later = |failure, wait| {
        bar.set_position(bar.position().saturating_sub(count));
        Ok(Sent::Later(failure, wait))
    };
    let response = match answer {
        Ok(response) => response,
        Err(failure) => return later(failure, Duration::from_secs(1)),
    };
    let wait = (matches!(response.status().as_u16(), 429 | 502 | 503 | 504)).then(|| retry_after(&response));
    match (session.client.accepted(response).await, wait) {
        (Ok(_), _) if hashed.finish() == expected => Ok(Sent::Arrived),
        (Ok(_), _) => Err(file.changed()),
        (Err(failure), Some(wait)) => later(failure, wait),
        (Err(failure), None) => Err(failure),
    }
}

/// Waits for the answer as long as the file moves. The last of it may be written to a slow disk without a word.
async fn while_it_moves(
    sent: &Mutex<(Hasher, u64)>,
    answer: impl Future<Output = Result<reqwest::Response, Failure>>,
) -> Result<reqwest::Response, Failure> {
    let (mut answer, mut known) = (std::pin::pin!(answer), None);
    loop {
        if let Ok(answer) = tokio::time::timeout(SILENCE, &mut answer).await {
            return answer;
        }
        let moved = Some(sent.lock().unwrap_or_else(PoisonError::into_inner).1);
        if moved == known {
            return Err(Failure::new(Exit::Unreachable, format!("the file made no progress for {SILENCE:?}")));
        }
        known = moved;
    }
}

/// How long the server asks to wait.
fn retry_after(response: &reqwest::Response) -> Duration {
    let seconds = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}
