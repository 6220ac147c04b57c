//! `admin verify-store`: opens what is there without making anything, and verifies it with the server's own key or with a trust file.

use crate::{config::Config, exit::Exit, failure::Failure, roles::serve};
use app::{
    Keys,
    record::{KeptCheckpoint, Verification},
    views::StoreReport,
};
use proof::TrustedServer;
use std::path::{Path, PathBuf};
use store::{Files, FilesConfig, Store, StoreError};

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
    let store = Store::open_existing(&config.database).await.map_err(|error| no_store(config, &error))?;
    let trusted = match trust {
        Some(file) => trust_file(file, config)?,
        None => {
            let keys = Keys::existing(&store, &config.key_files()).await.map_err(serve::key_failure)?;
            let to_verify = keys.to_verify(&store, &config.server_name()).await;
            to_verify.map_err(|error| Failure::failed(error.to_string()))?
        }
    };
    let mut checkpoints: Vec<_> = elsewhere.iter().map(|file| KeptCheckpoint::read(file)).collect();
    // An auditor with a trust file need not have the server's own folder.
    if trust.is_none() || config.checkpoint_file.exists() {
        checkpoints.push(KeptCheckpoint::read(&config.checkpoint_file));
    }
    if trusted.log_keys.is_empty() && !checkpoints.is_empty() {
        return Err(Failure::usage("the trust file names no key of the log, and a checkpoint needs one")
            .hint("Export the file again on the server's machine: countersign admin public-key."));
    }
    let files = files.then(|| model_files(config)).transpose()?;
    let verification = Verification { store: &store, files: files.as_ref(), trusted: &trusted, checkpoints };
    let report = app::record::verify(verification).await.map_err(Failure::of_use_case);
    store.close().await;
    report
}

/// What verifiers of this server trust.
///
/// # Errors
/// When there is no store or key.
pub(super) async fn trusted(config: &Config) -> Result<TrustedServer, Failure> {
    let store = Store::open_existing(&config.database).await.map_err(|error| no_store(config, &error))?;
    let trusted = own_keys(&store, config).await;
    store.close().await;
    trusted
}

fn no_store(config: &Config, error: &StoreError) -> Failure {
    let exit = match error {
        StoreError::NoDatabase(_) | StoreError::NotOurs => Exit::NotFound,
        error if error.is_outage() => Exit::Unreachable,
        _ => Exit::Failed,
    };
    let failure = Failure::new(exit, format!("there is no store to read in {}: {error}", config.database));
    match error {
        StoreError::NoDatabase(_) | StoreError::NotOurs => {
            failure.hint("Say where the server keeps its data, with --data, --database or --config as for countersign serve.")
        }
        _ => failure,
    }
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
    let keys = Keys::existing(store, &config.key_files()).await.map_err(serve::key_failure)?;
    keys.trusted(store, &config.server_name()).await.map_err(|error| Failure::failed(error.to_string()))
}

/// The model files, if their folder is there.
fn model_files(config: &Config) -> Result<Files, Failure> {
    if let FilesConfig::Folder(folder) = &config.files
        && !folder.is_dir()
    {
        return Err(Failure::new(Exit::NotFound, format!("there is no folder of model files at {}", folder.display()))
            .hint("Say where the server keeps its data with --data, or leave out --files."));
    }
    Files::open(&config.files).map_err(|error| Failure::failed(error.to_string()))
}
