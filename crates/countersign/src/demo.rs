//! The demo: a server on temporary data, and a story played on it.

use crate::{exit::Exit, failure::Failure};

/// Plays the whole story on a server with temporary data
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign demo
  countersign demo --script      (prints each step and what came back; fails if any differs)")]
pub struct DemoArgs {
    /// Play the steps from beginning to end and check each
    #[arg(long)]
    pub script: bool,
    /// Keep the data, and say where it is
    #[arg(long)]
    pub keep: bool,
}

/// Plays it.
///
/// # Errors
/// A step that went otherwise than it should.
pub async fn run(args: DemoArgs) -> Result<Exit, Failure> {
    let DemoArgs { script, keep } = args;
    Err(Failure::failed(format!("the story (script: {script}, keep: {keep}) is not in this build")))
}
