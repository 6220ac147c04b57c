//! The parts of a node, made from its flags.

use super::args::{NodeArgs, RequestArgs};
use crate::{client::parse_url, environment::Environment, failure::Failure};
use ::node::{
    clock::Clock,
    files::{Fetcher, FileCache},
    protocol::{QueryLog, QueryLogOptions, Sample},
    server::{ServerClient, ServerOptions},
    services::Trust,
    witness::Witness,
};
use domain::Name;
use proof::{TrustedLogKey, UtcTime};
use std::sync::Arc;

/// What the trust file says.
pub struct Trusted {
    /// Whose permits count.
    pub trust: Trust,
    /// The keys of the server's log, the present one last.
    pub log_keys: Vec<TrustedLogKey>,
}

/// What the node trusts.
pub fn trust(args: &NodeArgs) -> Result<Trusted, Failure> {
    let file = args.trust.display();
    let text = std::fs::read_to_string(&args.trust)
        .map_err(|error| Failure::usage(format!("--trust: {file} cannot be read: {error}")))?;
    let trusted = proof::TrustedServer::parse(&text).map_err(|error| {
        Failure::usage(format!("--trust: {file}: {error}"))
            .hint("Take what `countersign admin public-key` prints on the server's machine.")
    })?;
    let trust = Trust { key: trusted.key, server: trusted.name, require_approved: args.require_approved };
    Ok(Trusted { trust, log_keys: trusted.log_keys })
}

/// What the node saw of the log, with the log that its operator accepts now.
pub fn witness(args: &NodeArgs, log_keys: &[TrustedLogKey], cache: &FileCache, clock: &Clock) -> Result<Witness, Failure> {
    let mut witness = Witness::new(cache.witness(), log_keys).ok_or_else(|| {
        Failure::usage(format!("--trust: {} names no key of the server's log", args.trust.display()))
            .hint("Take all that `countersign admin public-key` prints on the server's machine.")
    })?;
    let Some(file) = &args.accept_log else { return Ok(witness) };
    let refused = |problem: String| Failure::usage(format!("--accept-log: {}: {problem}", file.display()));
    let note = std::fs::read_to_string(file).map_err(|error| refused(format!("cannot be read: {error}")))?;
    let now = UtcTime::from_micros(clock.now()).map(|time| time.to_string()).unwrap_or_default();
    let before = witness.size();
    let accepted = witness.accept(&note, now).map_err(|error| {
        refused(error.to_string())
            .hint("Give the node the new trust file too: `countersign admin public-key` prints it on the server's machine.")
    })?;
    if accepted {
        cache
            .put_witness(&witness.to_file().to_bytes())
            .map_err(|error| Failure::failed(format!("the cache does not take the log that you accept: {error}")))?;
        tracing::warn!(given_up = before, accepted = witness.size(), "the operator accepts another log");
    }
    Ok(witness)
}

/// The address in the flags, if it is a valid one. The server and readers of its list of nodes use this address.
pub fn url(args: &NodeArgs) -> Result<Option<String>, Failure> {
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

/// Where verified files come from: the cache, and the server behind it.
pub fn fetcher(args: &NodeArgs, name: &Name, environment: &Environment) -> Result<Fetcher, Failure> {
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

/// The log of requests, where one is wanted.
pub fn query_log(args: &RequestArgs) -> Result<Option<QueryLog>, Failure> {
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
pub fn own_name(port: u16) -> Result<Name, Failure> {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().to_lowercase();
    let plain: String = machine.trim().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    let plain = plain.trim_matches('-');
    let name = format!("{}-{port}", if plain.is_empty() { "node" } else { plain });
    name.parse().map_err(|_| Failure::usage(format!("`{name}` is no name for a node")).hint("Give it one: --name NAME."))
}
