//! The demo: a server on temporary data with a year of history, nodes that serve, people to be; or a script of commands, typed one after
//! the other.
//!
//! The script prints each command and its answer. A step with another exit code or other words than expected ends it with an error.

#![expect(clippy::print_stdout, reason = "what the demo prints is what it is for")]

mod people;
mod profiles;
mod script;
mod stage;
mod stay;
mod switch;
mod year;

pub use switch::switch;

use crate::{client::Context as Session, environment::Environment, exit::Exit, failure::Failure, roles::node};
use anyhow::Context;
use stage::Stage;
use stay::What;
use std::pin::pin;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use year::Telling;

/// Starts a server with a year of history on temporary data, to try
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign demo               (three projects with a year of history; stays up until Ctrl-C)
  countersign demo --verbose     (tells every step of that year)
  countersign demo --empty       (people, and nothing else)
  countersign demo --large       (10,000 versions beside the history)
  countersign demo --script      (types a whole story, and ends; fails if a step goes wrong)")]
pub struct DemoArgs {
    /// People, and nothing else
    #[arg(long)]
    empty: bool,

    /// 10,000 versions beside the history
    #[arg(long, conflicts_with = "empty")]
    large: bool,

    /// Tell every step of the year, instead of a page
    #[arg(long, short, conflicts_with_all = ["empty", "script"])]
    verbose: bool,

    /// How many versions `--large` writes
    #[arg(long, hide = true, requires = "large", default_value_t = 10_000)]
    versions: u32,

    /// Type a story command by command, and end after it
    #[arg(long, conflicts_with_all = ["empty", "large", "no_browser"])]
    script: bool,

    /// Open no browser
    #[arg(long)]
    no_browser: bool,

    /// An empty database, instead of SQLite on temporary data
    #[arg(long, value_name = "URL")]
    database: Option<store::Database>,
}

/// Runs the demo until Ctrl-C, or with `--script` until the script is over.
///
/// # Errors
/// A step that differs from the script, or a server that does not start.
pub async fn run(args: DemoArgs, context: &Session) -> Result<Exit, Failure> {
    if !args.empty {
        require_engine(&context.environment)?;
    }
    play(args, &context.environment).await.map_err(|error| Failure::failed(format!("{error:#}")))
}

/// Without it no node would serve anything, and the demo would only fail later.
fn require_engine(environment: &Environment) -> Result<(), Failure> {
    match node::find_library(None, environment) {
        Some(_) => Ok(()),
        None => Err(Failure::failed("the demo serves real models, and there is no ONNX Runtime 1.31.1 on this machine").hint(
            "From a clone of the repository, `cargo xtask demo` fetches it; otherwise name the library: COUNTERSIGN_ONNXRUNTIME=FILE.",
        )),
    }
}

async fn play(args: DemoArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let mut ended = pin!(any_signal()?);
    let mut stage = Stage::new(args.database.as_ref())?;
    let what = match args {
        DemoArgs { empty: true, .. } => What::People,
        DemoArgs { large: true, versions, .. } => What::Many(versions),
        _ => What::Story,
    };
    let telling = if args.verbose { Telling::Whole } else { Telling::Short };
    let opened = async {
        match args.script {
            true => script::play(&mut stage).await,
            false => stay::open(&mut stage, what, telling, args.database.as_ref()).await,
        }
    };
    let played = tokio::select! {
        played = opened => played,
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
        script::after_the_end(&mut stage).await?;
        eprintln!("\nThe story went as it should: {} steps.", stage.steps());
        return Ok(Exit::Done);
    }
    print!("\n{}", stay::five_lines(&stage));
    if !args.no_browser {
        stay::open_browser(&stage.words["url"], environment);
    }
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
