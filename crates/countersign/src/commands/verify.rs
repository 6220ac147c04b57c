//! Checks a bundle with no server and no network.

use crate::{
    client::Context,
    commands::folder::{self, SelectionArgs},
    exit::Exit,
    failure::Failure,
    text::{bundle, plain},
};
use app::{Clock, SystemClock};
use domain::VersionRef;
use proof::{
    Bundle, Manifest, TrustedServer, UtcTime,
    bundle::{Check, Expected, Outcome},
};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Checks the approval in a bundle, with no server and no network
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign verify tumour-1.bundle --trust countersign.pem
  countersign verify tumour-1.bundle --trust countersign.pem --version diagnosis/tumour:1 --model ./export
  countersign verify tumour-1.bundle --trust countersign.pem --checkpoint march.txt

Says of each check whether the bundle shows it, does not show it, or is wrong, and what no bundle can show.
Exit code 0 if everything that was asked for is shown, 1 if something is wrong, 5 if something that was asked for is not shown.")]
pub struct VerifyArgs {
    /// The bundle, as countersign version bundle writes it
    bundle: PathBuf,
    /// The server's public keys, as countersign admin public-key prints them
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// The version that the bundle has to be about
    #[arg(long, value_name = "VERSION")]
    version: Option<VersionRef>,
    /// Checkpoints that you kept: the bundle's record has to continue each of them
    #[arg(long, value_name = "FILE", num_args = 1..)]
    checkpoint: Vec<PathBuf>,
    /// The model's files, a file or a folder: they have to be exactly those that were approved
    #[arg(long, value_name = "PATH")]
    model: Option<PathBuf>,
}

/// What came of it.
#[derive(Serialize)]
pub struct Verified {
    /// Whether everything that was asked for is shown.
    pub verified: bool,
    /// Each check.
    pub checks: Vec<Check>,
}

/// Carries it out.
///
/// # Errors
/// Files that cannot be read. A bundle that cannot be read is a wrong bundle, and no error.
pub fn run(args: VerifyArgs, context: &Context) -> Result<Exit, Failure> {
    let trusted = TrustedServer::parse(&text(&args.trust)?).map_err(|error| {
        Failure::usage(format!("{} holds nothing to trust: {error}", args.trust.display()))
            .hint("Export it on the server's machine: countersign admin public-key > countersign.pem.")
    })?;
    let bytes = fs::read(&args.bundle).map_err(|error| cannot_read(&args.bundle, &error))?;
    let kept = args.checkpoint.iter().map(|file| text(file)).collect::<Result<Vec<_>, _>>()?;
    let files = args.model.as_deref().map(manifest).transpose()?;
    let now = UtcTime::from_micros(SystemClock.now().micros()).map_err(|error| Failure::failed(error.to_string()))?;
    let version = args.version.map(|version| version.to_string());
    let checks = match Bundle::parse(&bytes) {
        Ok(read) => proof::bundle::verify(
            &read,
            &Expected { trusted: &trusted, now, version: version.as_deref(), kept: &kept, files: files.as_ref() },
        ),
        Err(error) => {
            let because = error.to_string();
            vec![Check { check: "bundle".to_owned(), outcome: Outcome::Wrong, because, asked: true }]
        }
    };
    let wrong = checks.iter().any(|check| check.outcome == Outcome::Wrong);
    let missing = checks.iter().any(|check| check.asked && check.outcome == Outcome::NotShown);
    let verified = Verified { verified: !wrong && !missing, checks };
    context.out.show(&verified, |verified| bundle::checks(&verified.checks))?;
    Ok(match (wrong, missing) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::NotFound,
        (false, false) => Exit::Done,
    })
}

fn manifest(path: &Path) -> Result<Manifest, Failure> {
    let files = folder::walk(path, &SelectionArgs::default())?.files;
    let hashed = files.iter().map(|file| Ok((file, file.hash(|_| {})?))).collect::<Result<Vec<_>, Failure>>()?;
    folder::manifest(hashed.into_iter())
}

fn text(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| cannot_read(file, &error))
}

fn cannot_read(file: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", plain(&file.to_string_lossy())))
}
