//! The demo: a server on temporary data, and the whole story played against it by the same commands that one would type.
//!
//! Each step is printed with what came back. A step whose exit code or words differ from the story ends the demo with an error.

#![expect(clippy::print_stdout, reason = "what the demo prints is what it is for")]

mod stage;
mod step;
mod story;

use crate::{exit::Exit, failure::Failure};
use anyhow::Context;
use stage::Stage;

/// Plays the whole story on a server with temporary data
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign demo               (plays the story, then stays up until Ctrl-C)
  countersign demo --script      (ends after the story; fails if a step differs from what it should be)")]
pub struct DemoArgs {
    /// End after the story, instead of keeping the server up
    #[arg(long)]
    script: bool,

    /// An empty database to play on, instead of SQLite on temporary data
    #[arg(long, value_name = "URL")]
    database: Option<store::Database>,
}

/// Plays the story; without `--script` the server then stays up until Ctrl-C.
///
/// # Errors
/// A step that differs from the story, or a server that does not start.
pub async fn run(args: DemoArgs) -> Result<Exit, Failure> {
    play(args).await.map_err(|error| Failure::failed(format!("{error:#}")))
}

async fn play(args: DemoArgs) -> anyhow::Result<Exit> {
    let mut stage = Stage::open(args.database.as_ref()).await?;
    let told = story::tell(&mut stage).await;
    if told.is_err() {
        eprintln!("\nThe end of the server's log:\n{}", stage.log_tail());
    }
    told?;
    if args.script {
        stage.close().await?;
        story::after_the_end(&mut stage).await?;
        eprintln!("\nThe story went as it should: {} steps.", stage.steps());
        return Ok(Exit::Done);
    }
    eprintln!("{}", stage.what_next());
    tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")?;
    stage.close().await?;
    Ok(Exit::Done)
}
