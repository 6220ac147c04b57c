//! The governance server: puts its parts together, serves until it is told to stop, and finishes open requests.

use crate::{
    client::Context,
    config::{self, Config, LogFormat, StorageArgs, misspelt},
    exit::Exit,
    failure::Failure,
    output::Output,
    roles::{account, demo, stop_signal::stop_signal, telemetry},
    text::Show,
};
use app::{Keys, KeysError, Server, Settings, SystemClock, SystemEntropy};
use std::{
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use store::{Files, Store};
use tokio::{net::TcpListener, sync::oneshot};

/// Runs the governance server
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign serve
  countersign serve --data /var/lib/countersign --listen 127.0.0.1:8700
  countersign serve --config /etc/countersign/countersign.toml
  COUNTERSIGN_DATABASE_FILE=/run/secrets/database countersign serve --data /var/lib/countersign

Every setting of the configuration file is an environment variable too: base_url is COUNTERSIGN_BASE_URL,
files.bucket is COUNTERSIGN_FILES_BUCKET. Flags come before variables, and those before the file.")]
pub struct ServeArgs {
    #[arg(long, value_name = config::LISTEN.value, help = config::LISTEN.help())]
    listen: Option<String>,
    /// Leave the background jobs to `countersign worker`
    #[arg(long)]
    no_worker: bool,
    /// The folder of a demo: pages then let a browser on this machine be each of its people
    #[arg(long, hide = true, value_name = "DIR")]
    demo: Option<PathBuf>,
    /// The tour of the demo
    #[arg(long, hide = true, requires = "demo")]
    tour: bool,
    #[command(flatten)]
    storage: StorageArgs,
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A configuration, database, key or address that cannot be used.
pub async fn run(args: ServeArgs, context: &Context) -> Result<Exit, Failure> {
    let config = Config::load(&args.storage, args.listen.as_deref(), &context.environment)?;
    let demo = args.demo.as_deref().map(|folder| demo::switch(folder, args.tour, &config)).transpose()?;
    let prometheus = telemetry::start(&config)?;
    for (variable, meant) in misspelt(&context.environment) {
        telemetry::note(&config, context.out, &format!("warning: {variable} is no setting; did you mean {meant}?"));
    }
    let tls = config.tls.as_ref().map(|(certificate, key)| web::Tls::load(certificate, key)).transpose();
    let tls = tls.map_err(|error| Failure::usage(format!("TLS cannot begin: {error}")))?;
    let (shutdown, signal) = web::Shutdown::watch(stop_signal()?);
    let listener = bind(config.listen, "Choose another address with --listen.").await?;
    let address = listener.local_addr().map_err(|error| Failure::failed(format!("the address is not known: {error}")))?;
    let metrics_listener = match config.metrics_listen {
        Some(address) => Some(bind(address, "Choose another address for metrics.listen.").await?),
        None => None,
    };
    let server = open(&config, config.base_url(address)).await?;
    let place = args.storage.flags(&config, &context.environment);
    announce(&server, &config, &place, address, context.out).await?;
    learn_log(&server).await;

    let (stop_worker, stopped) = oneshot::channel::<()>();
    let jobs = Arc::clone(&server);
    let worker = tokio::spawn(async move {
        let stopped = async {
            // The sender is dropped when serving is over.
            let _ = stopped.await;
        };
        if args.no_worker { worker::measure(jobs, stopped).await } else { worker::run(jobs, stopped).await }
    });
    let upkeep = tokio::spawn(keep_up(prometheus.clone()));
    let options = web::WebOptions {
        requests_per_minute: config.requests_per_minute,
        sign_ins_per_minute: config.sign_ins_per_minute,
        trust_forwarded_for: config.trust_forwarded_for,
        prometheus: Some(prometheus),
        shutdown,
        demo: demo.map(Arc::new),
    };
    let inside = metrics_listener.map(|listener| {
        let router = web::inside_router(Arc::clone(&server), options.clone());
        tokio::spawn(web::serve(listener, None, router, std::future::pending()))
    });
    let served = web::serve(listener, tls, web::router(Arc::clone(&server), options), signal).await;
    upkeep.abort();
    if let Some(inside) = inside {
        inside.abort();
    }
    // Only now, so that the last events are still signed.
    drop(stop_worker);
    let ended = worker.await;
    server.store.close().await;
    tracing::info!("stopped");
    served.map_err(|error| Failure::failed(format!("serving broke off: {error}")))?;
    ended.map_err(|error| Failure::failed(format!("the background work broke off: {error}")))?;
    Ok(Exit::Done)
}

async fn bind(address: SocketAddr, hint: &str) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Failure::failed(format!("{address} cannot be listened on: {error}")).hint(hint))
}

/// Goes through the log before the first answer, so that no older state of a row passes for the present one.
pub(super) async fn learn_log(server: &Server) {
    if let Err(error) = server.store.learn_log().await {
        tracing::error!(%error, "an event of the log cannot be read: older states of the rows that it names are noticed only where they changed since");
    }
}

/// Opens everything that a server stands on.
///
/// # Errors
/// A folder, database, storage or key that cannot be used.
pub async fn open(config: &Config, base_url: String) -> Result<Arc<Server>, Failure> {
    account::check(&config.data)?;
    let folder = |path: &Path| {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| Failure::failed(format!("the folder {} cannot be made: {error}", path.display())))
    };
    folder(&config.data)?;
    if let store::Database::Sqlite(file) = &config.database
        && let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty())
    {
        folder(parent)?;
    }
    let store = Store::open(&config.database).await.map_err(|error| {
        let exit = if error.is_outage() { Exit::Unreachable } else { Exit::Failed };
        Failure::new(exit, format!("the database {} cannot be opened: {error}", config.database))
            .hint("Check it with countersign doctor and the same flags.")
    })?;
    let files = Files::open(&config.files).map_err(|error| Failure::failed(error.to_string()))?;
    let name = config.server_name();
    let keys = Keys::open(&store, &config.key_files(), &name, &SystemClock, &SystemEntropy).await.map_err(key_failure)?;
    let links = Arc::new(web::Urls::new(&base_url));
    let (limits, mail, networks) = (config.all_limits(), config.mail.clone(), config.networks.clone());
    let mail_templates = config.mail_templates.clone();
    let settings = Settings { links, server_name: name, limits, mail, mail_templates, networks };
    Ok(Server::new(store, files, keys, Arc::new(SystemClock), Arc::new(SystemEntropy), settings))
}

/// What to do about a key that cannot be used.
pub(super) fn key_failure(error: KeysError) -> Failure {
    let exit = match &error {
        KeysError::Store(error) if error.is_outage() => Exit::Unreachable,
        _ => Exit::Failed,
    };
    let lost = matches!(error, KeysError::Missing(..) | KeysError::Another { .. } | KeysError::Unproven { .. });
    let failure = Failure::new(exit, error.to_string());
    if !lost {
        return failure;
    }
    failure.hint(
        "Put the key file back from a backup, with the checkpoint.txt beside it, or say where it is: --data FOLDER, signing_key_file or COUNTERSIGN_SIGNING_KEY_FILE. \
         Several servers on one database share one key file.",
    )
}

/// Says that the server is ready, and what a new one still needs.
async fn announce(server: &Arc<Server>, config: &Config, place: &str, address: SocketAddr, out: Output) -> Result<(), Failure> {
    let url = server.settings.links.server();
    let version = env!("CARGO_PKG_VERSION");
    match config.log.format {
        LogFormat::Text => out.note(&format!("countersign {version} is ready at {url} (listening on {address})")),
        LogFormat::Json => tracing::info!(version, url, %address, "ready"),
    }
    let note = |text: &str| telemetry::note(config, out, text);
    if !address.ip().is_loopback() && !url.starts_with("https://") {
        note(
            "warning: passwords and tokens travel unencrypted to this address. Set tls.certificate_file and tls.key_file; or put a proxy with TLS in front, and set base_url to its https:// address.",
        );
    }
    match app::record::log_state(server).await {
        Ok(true) => {}
        Ok(false) => note("This server does not have the key of the log: another server on the database has to sign the log."),
        Err(error) => note(&format!("warning: {}", Failure::of_use_case(error).in_one_line())),
    }
    if let Some(link) = app::people::setup::link(server).await.map_err(Failure::of_use_case)? {
        let address = web::Urls::new(url).setup_page(&link.code);
        note(&format!(
            "There is no administrator yet. The person who opens this link before {} becomes the first one:\n  {address}\nOr, on this machine:\n  countersign admin create-administrator root {place}",
            link.ends_at.cell()
        ));
    }
    Ok(())
}

/// Measured values pile up until somebody sums them: without this, for ever on a server that nobody scrapes.
async fn keep_up(prometheus: web::PrometheusHandle) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_secs(5));
    loop {
        ticks.tick().await;
        prometheus.run_upkeep();
    }
}
