//! The flags of `countersign node`.

use ::node::engine::OperatorRule;
use domain::{Duration, Name};
use std::{net::SocketAddr, path::PathBuf};

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
    pub server: String,
    /// The infrastructure whose deployments the node serves
    #[arg(long, value_name = "NAME")]
    pub infra: Name,
    /// A file with the node's token; the node reads the file again when the token ends
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// The server's public key, as `countersign admin public-key` prints it
    #[arg(long, value_name = "KEYFILE")]
    pub trust: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8701")]
    pub listen: SocketAddr,
    /// The address under which clients reach the node [default: from --listen, if that names one machine]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The node's name among the nodes of the infrastructure [default: from this machine's name and the port]
    #[arg(long, value_name = "NAME")]
    pub name: Option<Name>,
    /// The folder for verified files, for a start without the server [default: ~/.cache/countersign/node-NAME]
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// A checkpoint of the server's log that counts from now on, whatever log the node saw before: after `admin continue-log`, the
    /// checkpoint that it printed. The node accepts each checkpoint once
    #[arg(long, value_name = "FILE")]
    pub accept_log: Option<PathBuf>,
    /// Serve only approved versions, whatever the infrastructure's policy is
    #[arg(long)]
    pub require_approved: bool,
    #[command(flatten)]
    pub engine: EngineArgs,
    #[command(flatten)]
    pub requests: RequestArgs,
}

/// What runs the models, and within which bounds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Engine")]
pub struct EngineArgs {
    /// The library of ONNX Runtime [default: beside this program, in its Python environment, then /usr/local/lib] [env: COUNTERSIGN_ONNXRUNTIME]
    #[arg(long, value_name = "FILE")]
    pub onnxruntime: Option<PathBuf>,
    /// The SHA-256 of a library that you built; without it the node takes only known builds
    #[arg(long, value_name = "HEX")]
    pub onnxruntime_sha256: Option<String>,
    /// Sessions of each version, which run side by side [default: one for each core, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub sessions: Option<u16>,
    /// Whose operators a model may use: those of ONNX and of the library of ONNX Runtime, or those of the ONNX standard only
    #[arg(long, value_name = "library|standard", value_parser = operators, default_value = "library")]
    pub operators: OperatorRule,
    /// MiB that a model file may have
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    pub model_size: u32,
    /// MiB of memory that a model's process may use
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub model_memory: u32,
    /// MiB of memory that the node may use as a whole, requests and the processes of all models included [default: nine tenths of what
    /// this machine or container has]
    #[arg(long, value_name = "MIB")]
    pub memory: Option<u32>,
    /// How long loading may take, the trial with golden inputs included
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub load_time: Duration,
    /// Requests that may wait for a version before further ones are refused with 503
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub queue: u16,
}

/// What a request may ask for, and what is written down of it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Requests")]
pub struct RequestArgs {
    /// MiB that a request may have, also after unpacking
    #[arg(long, value_name = "MIB", default_value_t = 16)]
    pub body_size: u16,
    /// How long the model may take for an answer; it is stopped then
    #[arg(long, value_name = "TIME", default_value = "10s")]
    pub deadline: Duration,
    /// Write requests down in this file, one JSON object a line, rotated at 64 MiB
    #[arg(long, value_name = "FILE")]
    pub query_log: Option<PathBuf>,
    /// Which part of the requests is written down, from 0 to 1 [default: 1]
    #[arg(long, value_name = "FRACTION", requires = "query_log", value_parser = fraction)]
    pub query_log_sample: Option<f64>,
    /// Write the inputs down too
    #[arg(long, requires = "query_log")]
    pub query_log_inputs: bool,
}

fn operators(text: &str) -> Result<OperatorRule, &'static str> {
    match text {
        "library" => Ok(OperatorRule::Library),
        "standard" => Ok(OperatorRule::Standard),
        _ => Err("write library or standard"),
    }
}

fn fraction(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|part| (0.0..=1.0).contains(part)).ok_or("write a number from 0 to 1, like 0.01")
}

/// A duration as the standard library writes it.
pub fn std_duration(duration: Duration) -> std::time::Duration {
    std::time::Duration::from_micros(u64::try_from(duration.micros()).unwrap_or(0))
}
