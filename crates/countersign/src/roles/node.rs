//! `countersign node`: the process that serves models on an infrastructure. Flags become the parts of a node; the crate `node`
//! does the work.

use crate::{
    client::{Context, parse_url},
    environment::Environment,
    exit::Exit,
    failure::Failure,
    output::Output,
    roles::{serve::stop_signal, telemetry},
    secret_file::read_secret,
};
use ::node::{
    clock::Clock,
    engine::{Engine, EngineLimits, EngineOptions, LoadError, OrtEngine},
    files::{Fetcher, FileCache},
    protocol::{self, HttpLimits, Metrics, ProtocolOptions, QueryLog, QueryLogOptions, Sample},
    run::{self, NodeParts, NodeStatus},
    server::{ServerClient, ServerOptions},
    services::{Table, Trust},
};
use app::{Clock as _, SystemClock};
use domain::{Duration, Name};
use futures_util::FutureExt;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::TcpListener;

/// The command that a node starts, once for each version in service, to run the model in a process of its own.
pub const ENGINE: &str = "node-engine";
/// Where ONNX Runtime is looked for when nobody says.
const LIBRARY: &str = "libonnxruntime.so.1.31.1";
/// The folders of a system's own libraries, after the folder of this program.
const LIBRARY_FOLDERS: [&str; 3] = ["/usr/local/lib", "/usr/lib/countersign", "/usr/lib"];

/// Serves the models that were deployed to an infrastructure, and nothing else
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign admin public-key --data /var/lib/countersign > countersign.pem
  countersign token create --service node-1 --scope node --expires 365d --save node.token
  countersign infra member add production node-1 --role node
  countersign node --server https://countersign.example.org --infra production \\
    --token-file node.token --trust countersign.pem

The first of them is for the server's own machine; take the file that it writes to the node's.

A node serves what has a permit signed by the trusted key, for this infrastructure, and exactly those bytes. Clients speak the \
Open Inference Protocol (V2) to it. It needs ONNX Runtime 1.31.1; docs/node.md says where to get it.")]
pub struct NodeArgs {
    /// The governance server
    #[arg(long, value_name = "URL")]
    server: String,
    /// The infrastructure whose deployments the node serves
    #[arg(long, value_name = "NAME")]
    infra: Name,
    /// A file with the node's token; the node reads the file again when the token ends
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// The server's public key, as `countersign admin public-key` prints it
    #[arg(long, value_name = "KEYFILE")]
    trust: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8701")]
    listen: SocketAddr,
    /// The address under which clients reach the node [default: from --listen, if that names one machine]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The node's name among the nodes of the infrastructure [default: from this machine's name and the port]
    #[arg(long, value_name = "NAME")]
    name: Option<Name>,
    /// The folder for verified files, for a start without the server [default: ~/.cache/countersign/node-NAME]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Serve only approved versions, whatever the infrastructure's policy is
    #[arg(long)]
    require_approved: bool,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    requests: RequestArgs,
}

/// What runs the models, and within which bounds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Engine")]
struct EngineArgs {
    /// The library of ONNX Runtime [default: beside this program, then /usr/local/lib] [env: COUNTERSIGN_ONNXRUNTIME]
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
    /// The SHA-256 of a library that you built; without it the node takes only known builds
    #[arg(long, value_name = "HEX")]
    onnxruntime_sha256: Option<String>,
    /// Sessions of each version, which run side by side [default: one for each core, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    sessions: Option<u16>,
    /// MiB that a model file may have
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    model_size: u32,
    /// MiB of memory that a model's process may use
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    model_memory: u32,
    /// How long loading may take, the trial with golden inputs included
    #[arg(long, value_name = "TIME", default_value = "30s")]
    load_time: Duration,
    /// Requests that may wait for a version before further ones are refused with 503
    #[arg(long, value_name = "N", default_value_t = 128)]
    queue: u16,
}

/// What a request may ask for, and what is written down of it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Requests")]
struct RequestArgs {
    /// MiB that a request may have, also after unpacking
    #[arg(long, value_name = "MIB", default_value_t = 16)]
    body_size: u16,
    /// How long the model may take for an answer; it is stopped then
    #[arg(long, value_name = "TIME", default_value = "10s")]
    deadline: Duration,
    /// Write requests down in this file, one JSON object a line, rotated at 64 MiB
    #[arg(long, value_name = "FILE")]
    query_log: Option<PathBuf>,
    /// Which part of the requests is written down, from 0 to 1 [default: 1]
    #[arg(long, value_name = "FRACTION", requires = "query_log", value_parser = fraction)]
    query_log_sample: Option<f64>,
    /// Write the inputs down too
    #[arg(long, requires = "query_log")]
    query_log_inputs: bool,
}

fn fraction(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|part| (0.0..=1.0).contains(part)).ok_or("write a number from 0 to 1, like 0.01")
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A key, token, folder or address that cannot be used. A server that does not answer is none: the node starts from its cache.
pub async fn run(args: NodeArgs, context: &Context) -> Result<Exit, Failure> {
    telemetry::start_log_by_environment(&context.environment)?;
    let url = url(&args)?;
    let trust = trust(&args)?;
    read_secret(&args.token_file, "--token-file")?;
    let shutdown = stop_signal()?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        Failure::failed(format!("{} cannot be listened on: {error}", args.listen)).hint("Choose another address with --listen.")
    })?;
    let address = listener.local_addr().map_err(|error| Failure::failed(format!("the address is not known: {error}")))?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => own_name(address.port())?,
    };
    let url = url.unwrap_or_else(|| format!("http://{address}"));
    let query_log = query_log(&args.requests)?;
    let parts = NodeParts {
        name: name.to_string(),
        url: url.clone(),
        infrastructure: args.infra.to_string(),
        trust,
        engine: engine(&args.engine, &context.environment)?,
        fetcher: fetcher(&args, &name, &context.environment)?,
        clock: Clock::new(Arc::new(|| SystemClock.now().micros())),
    };
    announce(&args, &parts, address, context.out);
    serve(parts, listener, &args.requests, query_log, shutdown).await
}

/// Answers requests and follows the server, both until `shutdown`.
async fn serve(
    parts: NodeParts,
    listener: TcpListener,
    requests: &RequestArgs,
    query_log: Option<QueryLog>,
    shutdown: impl Future<Output = ()>,
) -> Result<Exit, Failure> {
    let served = NodeStatus::default();
    let body = usize::from(requests.body_size) << 20;
    let limits = HttpLimits::default();
    let (clock, readiness, news, table) = (parts.clock.clone(), served.clone(), served.clone(), Arc::clone(&served.table));
    let face = ProtocolOptions {
        table: Arc::clone(&served.table),
        clock: Arc::new(move || clock.now()),
        limits: HttpLimits {
            body,
            // Several of the largest have room at once.
            bodies: limits.bodies.max(4 * body),
            deadline: std_duration(requests.deadline),
            ..limits
        },
        metrics: Arc::new(Metrics::default()),
        query_log,
        server_name: "countersign".to_owned(),
        ready: Arc::new(move || readiness.ready()),
        news_age: Arc::new(move || news.news_age()),
    };
    let (stop_keeping, kept_going) = tokio::sync::oneshot::channel::<()>();
    let (stop_answering, answered_on) = tokio::sync::oneshot::channel::<()>();
    let mut keeping = tokio::spawn(run::run(parts, served, kept_going.map(drop)));
    let answering = tokio::spawn(protocol::serve(listener, face, answered_on.map(drop)));
    let broke_off = |error: &dyn std::fmt::Display| Failure::failed(format!("the node broke off: {error}"));
    let ended = tokio::select! {
        () = shutdown => None,
        ended = &mut keeping => Some(ended),
    };
    if ended.is_some() {
        // Without its own work the node would hear of no revocation: nothing may answer any more.
        table.put(Table::default());
    }
    // What was asked already is answered first, and until then revocations are heard.
    drop(stop_answering);
    let answered = answering.await.map_err(|error| broke_off(&error))?;
    drop(stop_keeping);
    match ended {
        Some(ended) => ended,
        None => keeping.await,
    }
    .map_err(|error| broke_off(&error))?
    .map_err(|error| broke_off(&error))?;
    answered.map_err(|error| broke_off(&error))?;
    tracing::info!("stopped");
    Ok(Exit::Done)
}

fn announce(args: &NodeArgs, parts: &NodeParts, address: SocketAddr, out: Output) {
    let version = env!("CARGO_PKG_VERSION");
    let (infra, url) = (&args.infra, &parts.url);
    out.note(&format!("countersign {version} node {} serves {infra} at {url} (listening on {address})", parts.name));
    match &parts.engine {
        Ok(engine) => out.note(&format!("{} (sha256 {})", engine.info().name, engine.info().sha256)),
        Err(problem) => out.note(&format!("warning: this node is not ready and serves nothing: {problem}")),
    }
}

fn trust(args: &NodeArgs) -> Result<Trust, Failure> {
    let file = args.trust.display();
    let text = std::fs::read_to_string(&args.trust)
        .map_err(|error| Failure::usage(format!("--trust: {file} cannot be read: {error}")))?;
    let trusted = proof::TrustedServer::parse(&text).map_err(|error| {
        Failure::usage(format!("--trust: {file}: {error}"))
            .hint("Take what `countersign admin public-key` prints on the server's machine.")
    })?;
    Ok(Trust { key: trusted.key, server: trusted.name, require_approved: args.require_approved })
}

/// The address in the flags, if it is a valid one. The server and readers of its list of nodes use this address.
fn url(args: &NodeArgs) -> Result<Option<String>, Failure> {
    match &args.url {
        Some(url) => match parse_url(url) {
            Ok(_) => Ok(Some(url.clone())),
            Err(_) => Err(Failure::usage(format!("--url: `{url}` is no address"))
                .hint("Write http://HOST:PORT or https://HOST:PORT, without user, query and fragment.")),
        },
        None if args.listen.ip().is_unspecified() => {
            let port = args.listen.port();
            Err(Failure::usage(format!("{} is no address under which clients reach this node", args.listen))
                .hint(format!("Say which one they use, for example --url http://node-1.example.org:{port}.")))
        }
        None => Ok(None),
    }
}

/// A library that cannot be used is no reason to end: the node says so wherever it is asked, and serves nothing.
fn engine(args: &EngineArgs, environment: &Environment) -> Result<Result<Arc<dyn Engine>, String>, Failure> {
    let Some(library) = find_library(args.onnxruntime.as_deref(), environment) else {
        let places = LIBRARY_FOLDERS.join(", ");
        return Ok(Err(format!("there is no {LIBRARY} beside this program nor in {places}: name it with --onnxruntime")));
    };
    let program = std::env::current_exe().map_err(|error| {
        Failure::failed(format!("this program does not know its own path, which it starts models with: {error}"))
    })?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = EngineOptions {
        program,
        program_args: vec![ENGINE.into()],
        library,
        library_sha256: args.onnxruntime_sha256.clone(),
        sessions: args.sessions.map_or(cores.min(4), usize::from),
        limits: EngineLimits {
            model_bytes: (args.model_size as usize) << 20,
            memory: u64::from(args.model_memory) << 20,
            load_time: std_duration(args.load_time),
            queue: usize::from(args.queue),
        },
    };
    // Loads the library once, in a process of its own; nothing else happens here yet that could wait for it.
    match OrtEngine::new(options) {
        Ok(engine) => Ok(Ok(Arc::new(engine))),
        Err(LoadError::NoEngine(problem)) => Ok(Err(problem)),
        Err(error) => Err(Failure::failed(error.to_string())),
    }
}

/// The library of ONNX Runtime: the one that was named, by flag or variable, or else one in a place where it may be.
pub fn find_library(named: Option<&Path>, environment: &Environment) -> Option<PathBuf> {
    let named = named.map(Path::to_owned).or_else(|| environment.get("COUNTERSIGN_ONNXRUNTIME").map(PathBuf::from));
    named.or_else(|| {
        let own = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
        let folders = own.into_iter().chain(LIBRARY_FOLDERS.map(PathBuf::from));
        folders.map(|folder| folder.join(LIBRARY)).find(|library| library.exists())
    })
}

fn fetcher(args: &NodeArgs, name: &Name, environment: &Environment) -> Result<Fetcher, Failure> {
    let folder = match &args.cache {
        Some(folder) => folder.clone(),
        None => {
            let folder = environment.user_folder("XDG_CACHE_HOME", ".cache");
            let folder =
                folder.ok_or_else(|| Failure::usage("there is no home folder for the cache").hint("Name one: --cache DIR."))?;
            folder.join(format!("node-{name}"))
        }
    };
    let cache = FileCache::open(&folder)
        .map_err(|error| Failure::failed(format!("the cache {} cannot be used: {error}", folder.display())))?;
    let options = ServerOptions {
        url: parse_url(&args.server)?,
        infrastructure: args.infra.to_string(),
        token_file: args.token_file.clone(),
    };
    let server = ServerClient::new(options).map_err(|error| Failure::failed(error.to_string()))?;
    Ok(Fetcher { cache: Arc::new(cache), server: Arc::new(server), most_model: u64::from(args.engine.model_size) << 20 })
}

fn query_log(args: &RequestArgs) -> Result<Option<QueryLog>, Failure> {
    let Some(file) = &args.query_log else { return Ok(None) };
    let options = QueryLogOptions {
        sample: args.query_log_sample.map_or(Sample::All, Sample::Fraction),
        inputs: args.query_log_inputs,
        ..QueryLogOptions::new(file)
    };
    let log = QueryLog::start(options);
    log.map(Some).map_err(|error| Failure::failed(format!("--query-log: {} cannot be written: {error}", file.display())))
}

/// `MACHINE-PORT`, as far as a name may hold it.
fn own_name(port: u16) -> Result<Name, Failure> {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().to_lowercase();
    let plain: String = machine.trim().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    let plain = plain.trim_matches('-');
    let name = format!("{}-{port}", if plain.is_empty() { "node" } else { plain });
    name.parse().map_err(|_| Failure::usage(format!("`{name}` is no name for a node")).hint("Give it one: --name NAME."))
}

fn std_duration(duration: Duration) -> std::time::Duration {
    std::time::Duration::from_micros(u64::try_from(duration.micros()).unwrap_or(0))
}
