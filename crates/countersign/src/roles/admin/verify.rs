//! `admin verify-store`: opens what is there without making anything, and verifies it with the server's own key or with a trust file.

use crate::{config::Config, exit::Exit, failure::Failure, roles::existing};
use app::{
    Clock, SystemClock,
    record::{KeptCheckpoint, Verification},
    views::StoreReport,
};
use proof::TrustedServer;
use std::path::{Path, PathBuf};
use store::{Store, StoreError};

/// Verifies the store that the configuration names.
///
/// # Errors
/// When there is no store, or nothing to trust.
pub(super) async fn verify_store(
    config: &Config,
    files: bool,
    trust: Option<&Path>,
    elsewhere: &[PathBuf],
) -> Result<StoreReport, Failure> {
    let store = existing::store(config).await?;
    let trusted = match trust {
        Some(file) => trust_file(file, config)?,
        None => {
            let keys = existing::keys(&store, config).await?;
            keys.to_verify(&store, &config.server_name()).await.map_err(not_verified)?
        }
    };
    let mut checkpoints = elsewhere.iter().map(|file| kept(file)).collect::<Result<Vec<_>, _>>()?;
    // An auditor with a trust file need not have the server's own folder.
    if trust.is_none() || config.checkpoint_file.exists() {
        checkpoints.push(KeptCheckpoint::read(&config.checkpoint_file));
    }
    if trusted.log_keys.is_empty() && !checkpoints.is_empty() {
        return Err(Failure::usage("the trust file names no key of the log, and a checkpoint needs one")
            .hint("Export the file again on the server's machine: countersign admin public-key."));
    }
    let files = files.then(|| existing::model_files(config)).transpose()?;
    let verification =
        Verification { store: &store, files: files.as_ref(), trusted: &trusted, checkpoints, now: SystemClock.now() };
    let unread = |error| Failure::of_use_case(error).with_exit(Exit::Unreachable);
    let report = app::record::verify(verification).await.map_err(unread);
    store.close().await;
    report
}

/// What verifiers of this server trust.
///
/// # Errors
/// When there is no store or key.
pub(super) async fn trusted(config: &Config) -> Result<TrustedServer, Failure> {
    let store = existing::store(config).await?;
    let trusted = own_keys(&store, config).await;
    store.close().await;
    trusted
}

/// A checkpoint that somebody named: a file that cannot be read is a mistake of theirs, and nothing is wrong with the store.
fn kept(file: &Path) -> Result<KeptCheckpoint, Failure> {
    std::fs::File::open(file)
        .map_err(|error| Failure::usage(format!("the checkpoint {} cannot be read: {error}", file.display())))?;
    Ok(KeptCheckpoint::read(file))
}

fn trust_file(file: &Path, config: &Config) -> Result<TrustedServer, Failure> {
    let unusable = |error: String| {
        Failure::usage(format!("the trust file {} cannot be used: {error}", file.display()))
            .hint("Export it on the server's machine: countersign admin public-key > countersign.pem.")
    };
    let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    let mut trusted = TrustedServer::parse(&text).map_err(|error| unusable(error.to_string()))?;
    trusted.name.get_or_insert_with(|| config.server_name());
    Ok(trusted)
}

async fn own_keys(store: &Store, config: &Config) -> Result<TrustedServer, Failure> {
    let keys = existing::keys(store, config).await?;
    keys.trusted(store, &config.server_name()).await.map_err(not_verified)
}

/// Exit code 1 says that something was verified, and is wrong.
fn not_verified(error: StoreError) -> Failure {
    let exit = if error.is_outage() { Exit::Unreachable } else { Exit::NotFound };
    Failure::new(exit, error.to_string())
}
