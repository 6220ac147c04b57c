//! The first answer of a server, which all others have to equal.

use crate::load::{Connection, Exchange};
use anyhow::{Result, ensure};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a server may take to give its first answer: MLflow's takes some ten seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for the first answer, looks whether it contains that, and keeps it in a folder for the load.
///
/// # Errors
/// When none comes, or another.
pub async fn asked(folder: &TempDir, address: &str, request: Vec<u8>, contains: &[u8]) -> Result<PathBuf> {
    let begun = Instant::now();
    let answer = loop {
        match first_answer(address, &request).await {
            Ok(answer) => break answer,
            Err(error) if begun.elapsed() > PATIENCE => return Err(error.context(format!("{address} gives no answer"))),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let is_right = contains.is_empty() || answer.windows(contains.len()).any(|part| part == contains);
    ensure!(is_right, "{address} says {}, without {}", String::from_utf8_lossy(&answer), String::from_utf8_lossy(contains));
    let number = std::fs::read_dir(folder)?.count();
    let kept = folder.path().join(format!("asked-{number}"));
    Exchange { request, answer }.write(&kept)?;
    Ok(kept)
}

async fn first_answer(address: &str, request: &[u8]) -> Result<Vec<u8>> {
    let mut connection = Connection::open(address).await?;
    Ok(connection.ask(request).await?.to_vec())
}
