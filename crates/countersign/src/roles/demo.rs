//! The demo: a server on temporary data, nodes that serve, and a whole story, played with the commands that a person would type.
//!
//! The demo prints each command and its answer. A step with another exit code or other words than expected ends the demo with an
//! error.

#![expect(clippy::print_stdout, reason = "what the demo prints is what it is for")]

mod stage;
mod step;
mod story;

use crate::{client::Context as Session, environment::Environment, exit::Exit, failure::Failure, roles::node};
use anyhow::Context;
use stage::Stage;
use std::pin::pin;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

/// Plays a whole story on a server and nodes with temporary data
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign demo               (plays the story, then stays up until Ctrl-C)
  countersign demo --script      (ends after the story; fails if a step goes wrong)")]
pub struct DemoArgs {
    /// End after the story, instead of keeping server and nodes up
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
pub async fn run(args: DemoArgs, context: &Session) -> Result<Exit, Failure> {
    require_engine(&context.environment)?;
    play(args).await.map_err(|error| Failure::failed(format!("{error:#}")))
}

/// Without it no node would serve anything, and the story would only fail later.
fn require_engine(environment: &Environment) -> Result<(), Failure> {
    match node::find_library(None, environment) {
        Some(_) => Ok(()),
        None => Err(Failure::failed("the demo serves real models, and there is no ONNX Runtime 1.31.1 on this machine").hint(
            "From a clone of the repository, `cargo xtask demo` fetches it; otherwise name the library: COUNTERSIGN_ONNXRUNTIME=FILE.",
        )),
    }
}

async fn play(args: DemoArgs) -> anyhow::Result<Exit> {
    let mut ended = pin!(any_signal()?);
    let mut stage = tokio::select! {
        opened = Stage::open(args.database.as_ref()) => opened?,
        () = &mut ended => return Ok(Exit::Done),
    };
    let played = tokio::select! {
        played = story::tell(&mut stage) => played,
        () = &mut ended => {
            stage.close().await?;
            return Ok(Exit::Done);
        }
    };
    if played.is_err() {
        eprintln!("\nThe end of the server's log:\n{}", stage.log_tail());
    }
    played?;
    if args.script {
        stage.close().await?;
        story::after_the_end(&mut stage).await?;
        eprintln!("\nThe story went as it should: {} steps.", stage.steps());
        return Ok(Exit::Done);
    }
    eprintln!("{}", stage.what_next());
    ended.await;
    stage.close().await?;
    Ok(Exit::Done)
}

/// Ready at a signal that ends programs, so that the demo never leaves its server, its nodes and its folder behind.
fn any_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut signals = JoinSet::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()] {
        let mut one = signal(kind).context("signals cannot be received")?;
        signals.spawn(async move { one.recv().await });
    }
    Ok(async move {
        signals.join_next().await;
    })
}
