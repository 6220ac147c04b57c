//! Tries a service: sends a prediction to a node, and shows the outputs with the version that made them.

use crate::{
    args::ServiceRef,
    client::{Client, Context, Session, parse_url, paths},
    exit::Exit,
    failure::Failure,
    text::prediction::{Prediction, card},
};
use ::node::tensor::json::quote_bare_words;
use app::views::{Deployment, NodeHealth};
use domain::health::NodeState;
use reqwest::header::HeaderMap;
use serde_json::{Value, json, value::RawValue};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Bytes of a request: what a node takes at the most.
const MOST_BYTES: u64 = 16 << 20;

/// Asks a node for a prediction, to try a service
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign predict production/tumour --input request.json
  countersign predict production/tumour --input request.json --output json
  countersign predict production/tumour --input - --node http://127.0.0.1:8701

The input is a request of the Open Inference Protocol:
  {\"inputs\": [{\"name\": \"X\", \"shape\": [1, 2], \"datatype\": \"FP32\", \"data\": [0.5, 1.5]}]}")]
pub struct PredictArgs {
    /// The service, as INFRASTRUCTURE/SERVICE
    service: ServiceRef,
    /// The file with the request as JSON, or - for standard input
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The node to ask [default: a node that serves the service, from the server's list]
    #[arg(long, value_name = "URL")]
    node: Option<String>,
}

/// Asks.
///
/// # Errors
/// An input that cannot be read; no node; what the node says.
pub async fn run(args: PredictArgs, context: &Context) -> Result<Exit, Failure> {
    let request = read(&args.input)?;
    let node = match args.node {
        Some(node) => node,
        None => serving_node(&context.session()?, &args.service).await?,
    };
    // Without a token: it is the server's, and no node ever needs it.
    let client = Client::new(parse_url(&node)?, None)?;
    let response = client.infer(args.service.service.as_str()).json(&request).raw().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.map_err(|error| crate::client::unreachable(client.server(), &error))?;
    let answer = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    if !status.is_success() || !answer["outputs"].is_array() {
        return Err(refused(client.server(), status.as_u16(), &answer, &headers));
    }
    context.out.show(&prediction(client.server(), &headers, answer), card)?;
    Ok(Exit::Done)
}

/// The request, word for word: a number that is read and written again may lose its last digit.
fn read(file: &Path) -> Result<Box<RawValue>, Failure> {
    let cannot = |error: io::Error| Failure::usage(format!("the input {} cannot be read: {error}", file.display()));
    let mut bytes = Vec::new();
    let mut take = |from: &mut dyn Read| from.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    if file == Path::new("-") { take(&mut io::stdin().lock()) } else { take(&mut File::open(file).map_err(cannot)?) }
        .map_err(cannot)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Failure::usage(format!("the input {} has more than {MOST_BYTES} bytes", file.display())));
    }
    let wrong = |why: String| {
        Failure::usage(format!("the input {} is not a request: {why}", file.display()))
            .hint("Write it as countersign predict --help shows.")
    };
    let text = String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    // Python writes what is no number without quotes, and nodes take that.
    let text = quote_bare_words(&text).unwrap_or(text);
    let request: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match request["inputs"].as_array() {
        Some(_) => RawValue::from_string(text.trim().to_owned()).map_err(|error| wrong(error.to_string())),
        None => Err(wrong("it has no list `inputs`".to_owned())),
    }
}

/// A node that serves it, as the server knows.
async fn serving_node(session: &Session, service: &ServiceRef) -> Result<String, Failure> {
    let Deployment { health, .. } = session.client.get(&paths::deployment(service, &[])).send().await?.read()?;
    // A node in trouble still says why; one that is lost does not answer.
    let alive = |node: &&NodeHealth| node.state != NodeState::Lost;
    let serving = health.nodes.iter().find(|node| node.state == NodeState::Serving);
    serving.or_else(|| health.nodes.iter().find(alive)).map(|node| node.url.clone()).ok_or_else(|| {
        Failure::failed(format!("no node serves {}: {}", service.service, health.reason))
            .hint("See countersign infra nodes, or name a node with --node URL.")
    })
}

/// The prediction, with what the answer's headers say about the version that made it.
fn prediction(node: &str, headers: &HeaderMap, answer: Value) -> Prediction {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Prediction {
        version: text("countersign-version"),
        model_digest: text("countersign-model-digest"),
        approved: text("countersign-approved").map(|approved| approved == "true"),
        revision: text("countersign-revision").and_then(|revision| revision.parse().ok()),
        node: node.to_owned(),
        answer,
    }
}

fn refused(node: &str, status: u16, answer: &Value, headers: &HeaderMap) -> Failure {
    let why = match answer["error"].as_str() {
        Some(error) => error.to_owned(),
        None if status == 200 => "something that is not a prediction".to_owned(),
        None => format!("{status}, and did not say why"),
    };
    let version = headers.get("countersign-version").and_then(|value| value.to_str().ok());
    let version = version.map(|version| format!(" ({version})")).unwrap_or_default();
    let failure = Failure::from_problem(status, json!({"detail": format!("the node at {node}{version} answered: {}", why)}));
    if answer["error"].is_string() { failure } else { failure.hint("Check that the address is a serving node's.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_refuses_is_told_in_its_words() {
        let headers = HeaderMap::from_iter([("countersign-version".parse().unwrap(), "diagnosis/tumour:1".parse().unwrap())]);
        for (status, answer, exit, words) in [
            (
                503,
                json!({"error": "the approval was revoked\u{1b}"}),
                Exit::Unreachable,
                "(diagnosis/tumour:1) answered: the approval was revoked\n",
            ),
            (404, json!({"error": "no model"}), Exit::NotFound, "no model"),
            (400, json!({"error": "wrong shape"}), Exit::Usage, "wrong shape"),
            (500, Value::Null, Exit::Failed, "500, and did not say why"),
            (200, json!({"hello": 1}), Exit::Failed, "not a prediction"),
        ] {
            let failure = refused("http://n", status, &answer, &headers);
            assert_eq!(failure.exit, exit, "{status}");
            assert!(failure.to_string().contains(words), "{failure}");
        }
    }
}
