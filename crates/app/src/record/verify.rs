//! Verifies the store: the log, the rows that the record covers, the signatures, the schema and the files. The verifier needs no
//! private key, only what it trusts: the public keys and the name of the server.

use crate::{
    Error, Server,
    record::{
        envelopes,
        stored_checkpoints::{self, LogHistory},
    },
    views::StoreReport,
};
use domain::{Duration, Timestamp};
use proof::TrustedServer;
use std::{io, path::Path, sync::Arc};
use store::{
    Files, Reader, Store,
    verify::{Finding, TreeHead},
};

/// What is verified, and against what.
pub struct Verification<'a> {
    /// The database.
    pub store: &'a Store,
    /// The model files, if each of them is to be hashed.
    pub files: Option<&'a Files>,
    /// The server whose signatures count. Its name is needed where there are permits.
    pub trusted: &'a TrustedServer,
    /// Signed checkpoints that were kept outside of the database.
    pub checkpoints: Vec<KeptCheckpoint>,
    /// What the verifier's own clock says. No event is later.
    pub now: Timestamp,
}

/// Two clocks may differ by this much.
const MOST_SKEW: Duration = Duration::from_seconds(5 * 60);

/// A checkpoint in a file.
pub struct KeptCheckpoint {
    /// Where, for people.
    pub file: String,
    /// The signed note, as far as the file could be read.
    pub note: io::Result<String>,
}

impl KeptCheckpoint {
    /// Reads the file; a file that cannot be read is a finding later.
    pub fn read(file: &Path) -> Self {
        Self { file: file.display().to_string(), note: std::fs::read_to_string(file) }
    }
}

/// Verifies the store of a server that runs here, with its own keys and the last checkpoint that it signed; with `files`, every
/// stored file too.
///
/// # Errors
/// As [`verify`].
pub async fn verify_store(server: &Arc<Server>, files: bool) -> Result<StoreReport, Error> {
    let verification = Verification {
        store: &server.store,
        files: files.then_some(&server.files),
        trusted: &server.keys.to_verify(&server.store, &server.settings.server_name).await?,
        checkpoints: vec![KeptCheckpoint::read(&server.keys.checkpoint_file)],
        // Not the server's present, which is no earlier than the last event.
        now: server.clock.now(),
    };
    verify(verification).await
}

/// Recomputes the whole log and checks every row that the log names, against the checkpoints as well, the signature of every stored
/// statement, and the schema; with files, every stored file too.
///
/// # Errors
/// When database or file storage do not answer; whatever is wrong in them, or with a checkpoint, is a finding.
pub async fn verify(verification: Verification<'_>) -> Result<StoreReport, Error> {
    let Verification { store, files, trusted, checkpoints, now } = verification;
    let mut reader = store.read().await?;
    let size = reader.log_size().await.unwrap_or(0);
    let (mut kept, mut unusable) = (Vec::new(), Vec::new());
    for KeptCheckpoint { file, note } in checkpoints {
        match read(trusted, note, size) {
            Ok(checkpoint) => kept.extend(checkpoint.map(|(note, head)| (file, note, head))),
            Err(problem) => unusable.push(Finding { what: file, problem }),
        }
    }
    if kept.is_empty() && unusable.is_empty() && size > 0 {
        let problem = "no signed checkpoint is known: a log that was rewritten from end to end, or cut off, would not be noticed";
        unusable.push(Finding { what: "log".to_owned(), problem: problem.to_owned() });
    }
    let heads: Vec<_> = kept.iter().map(|(_, _, head)| *head).collect();
    let store::verify::Report { events, rows, root, decisions, log_keys, roots, last_event_at, history, mut findings } =
        store::verify::verify(&mut reader, &heads).await?;
    findings.extend(unusable);
    findings.extend(last_event_at.and_then(|at| in_the_future(at, now)));
    let log = Arc::new(LogHistory { keys: log_keys, roots });
    findings.extend(unknown_log(&log, trusted, events));
    for (file, note, head) in kept {
        findings.extend(log.wrong_key(&note, head.size).map(|problem| Finding { what: file, problem }));
    }
    stored_checkpoints::check(&log, &mut reader, &mut findings).await?;
    findings.extend(store::verify::replay(&mut reader, history).await?);
    findings.extend(another_key(&mut reader, trusted).await?);
    let statements = envelopes::check(&Arc::new(trusted.clone()), &mut reader, decisions, &mut findings).await?;
    if let Some(files) = files {
        check_files(files, &mut reader, &mut findings).await?;
    }
    let checkpoint = heads.iter().map(|head| head.size).max();
    Ok(StoreReport { clean: findings.is_empty(), events, rows, statements, checkpoint, root, findings })
}

/// The server's present is no earlier than the last event. An event of a later time would end approvals and permits before their time, and
/// no approval that is given now could be told from one that was given then.
fn in_the_future(last_event: Timestamp, now: Timestamp) -> Option<Finding> {
    let problem = format!("the time of the last event, {last_event}, is still to come: it is {now}");
    (last_event > now.plus(MOST_SKEW)).then(|| Finding { what: "log".to_owned(), problem })
}

/// A log whose keys are all unknown to the verifier is another log.
fn unknown_log(log: &LogHistory, trusted: &TrustedServer, events: u64) -> Option<Finding> {
    let problem = match log.keys.as_slice() {
        [] if events == 0 => return None,
        [] => "the database names no key of the log",
        keys if keys.iter().any(|key| trusted.log_keys.iter().any(|trusted| trusted.vkey == key.vkey))
            || trusted.log_keys.is_empty() =>
        {
            return None;
        }
        _ => "none of the keys of the log is a trusted one",
    };
    Some(Finding { what: "log_keys".to_owned(), problem: problem.to_owned() })
}

/// A checkpoint with the tree head that it signs; none where the file is missing and nothing was recorded yet.
fn read(trusted: &TrustedServer, note: io::Result<String>, size: u64) -> Result<Option<(String, TreeHead)>, String> {
    match note {
        Err(error) if error.kind() == io::ErrorKind::NotFound && size == 0 => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(format!(
            "the signed checkpoint is missing, and the log has {size} events: a log that was rewritten or cut off would not be noticed"
        )),
        Err(error) => Err(format!("the file cannot be read: {error}")),
        Ok(note) => match trusted.checkpoint(&note) {
            Ok(checkpoint) => Ok(Some((note, TreeHead { size: checkpoint.size, root: checkpoint.root }))),
            Err(error) => Err(format!("the file is no checkpoint of this server: {error}")),
        },
    }
}

/// The database names the key that signs for it: another one than the trusted one signed something else.
async fn another_key(reader: &mut Reader, trusted: &TrustedServer) -> Result<Option<Finding>, Error> {
    let (named, expected) = (reader.server_key().await?, trusted.key.key_id());
    Ok(named.filter(|named| *named != expected).map(|named| Finding {
        what: "server_key".to_owned(),
        problem: format!("the database belongs to the key {named}, and the trusted key is {expected}"),
    }))
}

/// Hashes every stored file.
async fn check_files(files: &Files, reader: &mut Reader, findings: &mut Vec<Finding>) -> Result<(), Error> {
    for (sha256, size) in reader.referenced_files().await? {
        let problem = match files.examine(sha256).await {
            Ok(Some(stored)) if stored.sha256 == sha256 && stored.size == size => continue,
            Ok(Some(_)) => "the content was altered".to_owned(),
            Ok(None) => "the file is missing".to_owned(),
            Err(error) => error.to_string(),
        };
        findings.push(Finding { what: format!("files/{sha256}"), problem });
    }
    Ok(())
}
