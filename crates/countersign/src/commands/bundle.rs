//! Writes the bundle of a version: everything that a stranger needs to check the approval offline.

use crate::{
    client::{Session, paths},
    exit::Exit,
    failure::Failure,
};
use domain::VersionRef;
use std::{fs, io::Write, path::PathBuf};

/// Writes everything that a stranger needs to check a version's approval offline into one file
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign version bundle diagnosis/tumour:1 -o tumour-1.bundle
  countersign version bundle diagnosis/tumour:1 -o tumour-1.bundle --checkpoint march.txt
  countersign verify tumour-1.bundle --trust countersign.pem

The file is checked byte for byte: keep it as it is.")]
pub struct BundleArgs {
    /// The version, as PROJECT/MODEL:VERSION
    version: VersionRef,
    /// The file to write; an existing file is refused
    #[arg(short, long = "out", value_name = "FILE")]
    out: PathBuf,
    /// An earlier checkpoint: the bundle then shows that the record continues the checkpoint
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Carries it out.
///
/// # Errors
/// What the server says; a file that is there already.
pub async fn run(args: BundleArgs, session: &Session) -> Result<Exit, Failure> {
    let since = args.checkpoint.as_deref().map(size).transpose()?;
    let call = session.client.get(&paths::version(&args.version, &["bundle"])).query("since", since);
    let text = call.text().await?;
    let cannot = |error: std::io::Error| Failure::usage(format!("{} cannot be written: {error}", args.out.display()));
    let mut file = fs::File::create_new(&args.out).map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)?;
    session.out.note(&format!(
        "Check it with: countersign verify {} --trust countersign.pem",
        crate::text::plain(&args.out.to_string_lossy())
    ));
    Ok(Exit::Done)
}

/// The size of the checkpoint in a file. Whether the log signed the checkpoint is checked when the bundle is.
fn size(file: &std::path::Path) -> Result<u64, Failure> {
    let unusable = |reason: String| Failure::usage(format!("{} holds no checkpoint: {reason}", file.display()));
    let note = fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    let size = note.lines().nth(1).and_then(|line| line.parse().ok());
    size.ok_or_else(|| unusable("its second line is no size".to_owned()).hint("Give what countersign audit checkpoint printed."))
}
