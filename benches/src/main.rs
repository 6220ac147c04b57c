//! Measures the figures of docs/performance.md in one run: gate checks beside a bare "hello", approvals beside single-row
//! commits, the verification of the store, the server's memory, inboxes and lists, and predictions of a node beside other servers. The
//! program prints tables and changes only databases that it made itself.

mod child;
mod commits;
mod figures;
mod gate;
mod inbox;
mod installed;
mod load;
mod memory;
mod node;
mod place;
mod search;
mod seed;
mod serve;
mod verify;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use figures::say;
use mimalloc::MiMalloc;
use place::Backend;
use std::{path::PathBuf, time::Duration};

/// As in `countersign`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures Countersign: `cargo xtask bench [PART …] [--quick]`
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// What to measure; everything where nothing is named
    parts: Vec<Part>,
    /// Fewer versions and shorter rounds, to see that it works: no figures to state
    #[arg(long)]
    quick: bool,
    /// The library of ONNX Runtime, for the node
    #[arg(long, env = "COUNTERSIGN_ONNXRUNTIME", value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
    /// A Python with the packages of benches/requirements.txt, for the servers beside the node; without one they are left out
    #[arg(long, env = "COUNTERSIGN_BENCH_PYTHON", value_name = "FILE")]
    python: Option<PathBuf>,
    /// A PostgreSQL server, as a superuser's URL; without one it is left out
    #[arg(long, env = "COUNTERSIGN_TEST_POSTGRES", hide_env_values = true, value_name = "URL")]
    postgres: Option<String>,
    #[command(subcommand)]
    child: Option<Child>,
}

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Gate,
    Commits,
    Verify,
    Memory,
    Inbox,
    Search,
    Node,
    Tensors,
    Models,
}

/// What this program starts itself as, so that server, load and measurement do not share a process.
#[derive(Subcommand)]
enum Child {
    #[command(hide = true, name = "child-server")]
    Server(serve::ServerArguments),
    #[command(hide = true, name = "child-load")]
    Load(load::LoadArguments),
    #[command(hide = true, name = "child-verify")]
    Verify(verify::VerifyArguments),
}

/// How much is measured.
struct Size {
    /// Versions in the databases of the gate, the smaller one first.
    versions: [u32; 2],
    /// How long one round of load lasts.
    round: Duration,
    /// Rounds of each kind; the median counts.
    rounds: usize,
    /// Commits of each kind in a round.
    commits: u32,
    /// Versions in the stores to verify, each with two or three events; the smaller number first.
    to_verify: [u32; 2],
    /// Open reviews that an inbox is made of, the smaller number first.
    reviews: [u32; 2],
}

impl Size {
    fn of(quick: bool) -> Self {
        if quick {
            Self {
                versions: [1_000, 10_000],
                round: Duration::from_secs(1),
                rounds: 3,
                commits: 50,
                to_verify: [4_000, 10_000],
                reviews: [100, 1_000],
            }
        } else {
            Self {
                versions: [1_000, 100_000],
                round: Duration::from_secs(3),
                rounds: 5,
                commits: 200,
                to_verify: [40_000, 100_000],
                reviews: [1_000, 10_000],
            }
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    // As in `countersign`: the jobs of the server make clients of TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    match arguments.child {
        Some(Child::Server(server)) => serve::run(server).await,
        // One thread, so that the load takes no more of the machine than it must.
        Some(Child::Load(load)) => tokio::task::spawn_blocking(move || load::run(&load)).await?,
        Some(Child::Verify(verify)) => verify::run_child(verify).await,
        None => measure(&arguments).await,
    }
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let size = Size::of(arguments.quick);
    let wanted = |part| arguments.parts.is_empty() || arguments.parts.contains(&part);
    let mut backends = vec![Backend::Sqlite];
    match &arguments.postgres {
        Some(url) => backends.push(Backend::Postgres(url.clone())),
        None => say("PostgreSQL is left out: cargo xtask bench starts one, --postgres names one."),
    }
    if cfg!(debug_assertions) {
        say("This is a build without optimisation: its figures mean nothing.");
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    say(&format!("{cores} cores, shared by server, load and database.\n"));
    if wanted(Part::Gate) {
        gate::measure(&backends, &size).await?;
    }
    if wanted(Part::Commits) {
        commits::measure(&backends, &size).await?;
    }
    if wanted(Part::Verify) {
        verify::measure(&backends, &size).await?;
    }
    if wanted(Part::Memory) {
        memory::measure(&backends).await?;
    }
    if wanted(Part::Inbox) {
        inbox::measure(&backends, &size).await?;
    }
    if wanted(Part::Search) {
        search::measure(&backends, &size).await?;
    }
    if wanted(Part::Node) {
        node::measure(arguments.onnxruntime.as_deref(), arguments.python.as_deref(), &size).await?;
    }
    if wanted(Part::Tensors) {
        node::measure_tensors(arguments.onnxruntime.as_deref(), arguments.python.as_deref(), &size).await?;
    }
    if wanted(Part::Models) {
        node::compare_models(arguments.onnxruntime.as_deref(), arguments.python.as_deref()).await?;
    }
    Ok(())
}
