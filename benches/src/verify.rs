//! The time and memory that the verification of a large store takes, in a process of its own.

use crate::{
    Size, child,
    figures::{Table, count, megabytes, say},
    place::{self, Backend, Place},
    seed::seed,
};
use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, time::Instant};

/// Where the store is.
#[derive(clap::Args)]
pub struct VerifyArguments {
    #[arg(long)]
    database: String,
    #[arg(long)]
    data: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Verified {
    events: u64,
    rows: u64,
    statements: u64,
    seconds: f64,
    peak: u64,
    findings: Vec<String>,
}

/// Verifies the store and prints what came of it.
///
/// # Errors
/// When the store cannot be read.
pub async fn run_child(arguments: VerifyArguments) -> Result<()> {
    let server = place::open(&arguments.database, &arguments.data).await?;
    let started = Instant::now();
    let report = app::record::verify_store(&server, false).await?;
    let verified = Verified {
        events: report.events,
        rows: report.rows,
        statements: report.statements,
        seconds: started.elapsed().as_secs_f64(),
        peak: child::memory(std::process::id(), "VmHWM")?,
        findings: report.findings.iter().map(ToString::to_string).collect(),
    };
    say(&serde_json::to_string(&verified)?);
    Ok(())
}

/// Prints the table.
///
/// # Errors
/// A database that does not answer, or a finding.
pub async fn measure(backends: &[Backend], size: &Size) -> Result<()> {
    let columns =
        [("database", 10), ("events", 9), ("rows", 9), ("signatures", 10), ("seconds", 7), ("events/s", 9), ("peak memory", 11)];
    let table = Table::begin("Verifying the store", &columns);
    for backend in backends {
        for versions in size.to_verify {
            let place = Place::create(backend).await?;
            let server = place.open().await?;
            seed(&server, versions, 0).await?;
            app::record::sign_checkpoint(&server).await?;
            server.store.close().await;
            let data = place.data().display().to_string();
            let verified: Verified =
                child::run(["child-verify", "--database", place.url(), "--data", &data].map(str::to_owned).into()).await?;
            ensure!(verified.findings.is_empty(), "the store does not verify: {}", verified.findings.join("; "));
            let (events, rows) = (verified.events as f64, verified.rows as f64);
            table.row([
                backend.to_string(),
                count(events),
                count(rows),
                count(verified.statements as f64),
                format!("{:.1}", verified.seconds),
                count(events / verified.seconds),
                megabytes(verified.peak),
            ]);
            place.remove().await?;
        }
    }
    table.end();
    Ok(())
}
