//! Tries a service: sends a prediction to a node, and shows the outputs with the version that made them.

use crate::{
    args::ServiceRef,
    client::{Client, Context, Session, parse_url},
    exit::Exit,
    failure::Failure,
    text::{Table, at, cell, facts, items, plain, section},
};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Bytes of a request: what a node takes at the most.
const MOST_BYTES: u64 = 16 << 20;
/// How many rows are shown.
const MOST_ROWS: usize = 50;

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
    let mut shown = said_by(&headers);
    shown["node"] = json!(client.server());
    shown["answer"] = answer;
    context.out.show(&shown, card)?;
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<Value, Failure> {
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
    let request: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    match request["inputs"].as_array() {
        Some(_) => Ok(request),
        None => Err(wrong("it has no list `inputs`".to_owned())),
    }
}

/// A node that serves it, as the server knows.
async fn serving_node(session: &Session, service: &ServiceRef) -> Result<String, Failure> {
    let path = ["infrastructures", service.infrastructure.as_str(), "deployments", service.service.as_str()];
    let deployment = session.client.get(&path).send().await?.value;
    let nodes = items(&deployment, "/health/nodes");
    // A node in trouble still says why; one that is lost does not answer.
    let alive = |node: &&Value| node["state"] != "lost";
    let serving = nodes.iter().find(|node| node["state"] == "serving").or_else(|| nodes.iter().find(alive));
    serving.and_then(|node| node["url"].as_str()).map(str::to_owned).ok_or_else(|| {
        let (service, reason) = (&service.service, at(&deployment, "/health/reason"));
        Failure::failed(format!("no node serves {service}: {reason}"))
            .hint("See countersign infra nodes, or name a node with --node URL.")
    })
}

/// What the answer's headers say about the version that made it.
fn said_by(headers: &HeaderMap) -> Value {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    json!({
        "version": text("countersign-version"),
        "model_digest": text("countersign-model-digest"),
        "approved": text("countersign-approved").map(|approved| approved == "true"),
        "revision": text("countersign-revision").and_then(|revision| revision.parse::<u32>().ok()),
    })
}

fn refused(node: &str, status: u16, answer: &Value, headers: &HeaderMap) -> Failure {
    let why = match answer["error"].as_str() {
        Some(error) => error.to_owned(),
        None if status == 200 => "something that is not a prediction".to_owned(),
        None => format!("{status}, and did not say why"),
    };
    let version = headers.get("countersign-version").and_then(|value| value.to_str().ok());
    let version = version.map(|version| format!(" ({version})")).unwrap_or_default();
    let failure =
        Failure::from_problem(status, json!({"detail": format!("the node at {node}{version} answered: {}", plain(&why))}));
    if answer["error"].is_string() { failure } else { failure.hint("Check that the address is a serving node's.") }
}

/// The version, and a row for each prediction.
fn card(shown: &Value) -> String {
    let rows = [
        ("version", "/version"),
        ("model digest", "/model_digest"),
        ("approved", "/approved"),
        ("revision", "/revision"),
        ("node", "/node"),
    ];
    let outputs = items(shown, "/answer/outputs");
    let columns: Vec<_> = outputs.iter().map(by_row).collect();
    let count = columns.iter().map(Vec::len).max().unwrap_or(0);
    let names: Vec<_> = outputs.iter().map(|output| at(output, "/name")).collect();
    let headings: Vec<_> = ["ROW"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new(&headings);
    for row in 0..count.min(MOST_ROWS) {
        let cells = columns.iter().map(|column| column.get(row).cloned().unwrap_or_else(|| "-".to_owned()));
        table.row(std::iter::once(row.to_string()).chain(cells));
    }
    let more = if count > MOST_ROWS { format!("… {count} rows; --output json shows all\n") } else { String::new() };
    facts(shown, &rows) + &section("Outputs", &(table.text("Nothing.") + &more))
}

/// The values of an output as one cell for each step of its first dimension.
fn by_row(output: &Value) -> Vec<String> {
    let mut values = Vec::new();
    flatten(&output["data"], &mut values);
    let rows = items(output, "/shape").first().and_then(Value::as_u64).and_then(|rows| usize::try_from(rows).ok()).unwrap_or(1);
    let width = values.len().checked_div(rows).unwrap_or(0).max(1);
    values.chunks(width).map(|chunk| chunk.iter().map(|value| cell(value)).collect::<Vec<_>>().join(", ")).collect()
}

fn flatten<'a>(data: &'a Value, values: &mut Vec<&'a Value>) {
    match data {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, values)),
        Value::Null => {}
        value => values.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_rows() {
        let answer = json!({"outputs": [
            {"name": "label", "shape": [2], "datatype": "BYTES", "data": ["benign", "ma\u{1b}[31mlignant"]},
            {"name": "probabilities", "shape": [2, 2], "datatype": "FP32", "data": [[0.9, 0.1], [0.25, 0.75]]},
            {"name": "flat", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]},
            {"name": "short", "shape": [1], "datatype": "BOOL", "data": [true]},
        ]});
        let shown = json!({"version": "diagnosis/tumour:1", "approved": true, "revision": 3, "answer": answer});
        assert_eq!(
            card(&shown),
            "version   diagnosis/tumour:1\napproved  yes\nrevision  3\n\nOutputs\n  ROW  label          probabilities  flat  short\n  \
             0    benign         0.9, 0.1       1, 2  yes\n  1    ma[31mlignant  0.25, 0.75     3, 4  -\n"
        );
        assert!(card(&json!({"answer": {"outputs": []}})).contains("Nothing."));
        let hostile =
            json!({"answer": {"outputs": [{"name": "x", "shape": [u64::MAX], "data": [1, 2]}, {"shape": [0], "data": []}]}});
        assert!(card(&hostile).contains("\n  1    2"), "{}", card(&hostile));
        let many = json!({"answer": {"outputs": [{"name": "x", "shape": [200], "data": vec![1; 200]}]}});
        assert!(card(&many).contains("200 rows") && card(&many).lines().count() < 60);
    }

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
