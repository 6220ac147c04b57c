//! The parts of a server that was started before. A mistyped place makes nothing: it is an error that says so.

use crate::{config::Config, exit::Exit, failure::Failure, roles::serve};
use app::{Keys, KeysError, Server};
use std::sync::Arc;
use store::{Files, FilesConfig, Store, StoreError};

const PLACE: &str = "Say where the server keeps its data, with --data, --database or --config as for countersign serve.";

/// The whole server.
///
/// # Errors
/// When its store, a key or a folder is not there.
pub async fn server(config: &Config) -> Result<Arc<Server>, Failure> {
    let store = store(config).await?;
    let keys = keys(&store, config).await;
    store.close().await;
    keys?;
    if !config.data.is_dir() {
        return Err(
            Failure::new(Exit::NotFound, format!("there is no data folder of a server at {}", config.data.display())).hint(PLACE)
        );
    }
    model_files(config)?;
    serve::open(config, config.base_url(config.listen)).await
}

/// The store, to read it.
///
/// # Errors
/// When there is none.
pub async fn store(config: &Config) -> Result<Store, Failure> {
    Store::open_existing(&config.database).await.map_err(|error| {
        let exit = if error.is_outage() { Exit::Unreachable } else { Exit::NotFound };
        let failure = Failure::new(exit, format!("there is no store to read in {}: {error}", config.database));
        match error {
            StoreError::NoDatabase(_) | StoreError::NotOurs => failure.hint(PLACE),
            _ => failure,
        }
    })
}

/// The keys of this store.
///
/// # Errors
/// When the key that the database names is not there.
pub async fn keys(store: &Store, config: &Config) -> Result<Keys, Failure> {
    Keys::existing(store, &config.key_files()).await.map_err(|error| {
        let outage = matches!(&error, KeysError::Store(error) if error.is_outage());
        serve::key_failure(error).with_exit(if outage { Exit::Unreachable } else { Exit::NotFound })
    })
}

/// The model files.
///
/// # Errors
/// When their folder is not there.
pub fn model_files(config: &Config) -> Result<Files, Failure> {
    if let FilesConfig::Folder(folder) = &config.files
        && !folder.is_dir()
    {
        return Err(Failure::new(Exit::NotFound, format!("there is no folder of model files at {}", folder.display()))
            .hint("Say where the server keeps its data, with --data or --config as for countersign serve."));
    }
    Files::open(&config.files).map_err(|error| Failure::failed(error.to_string()))
}
