//! Compares predictions of a node with a bare "hello" and with other servers for models, all on one model, asked in turn.
//! The node verifies permits and bytes, counts metrics and writes its query log, as in service.

mod deployed;
mod peers;

use crate::{
    Size, child,
    figures::{Table, count, median, megabytes, millis, percent, say},
    load::{Connection, Exchange, Measured, post},
};
use anyhow::{Context, Result, bail};
use deployed::Deployed;
use peers::Peer;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/tumour/logistic-regression/model.onnx");
const PATIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/tumour/patients.json");
/// How long a server may take to give its first answer: MLflow's takes some ten seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that is measured.
struct Rival {
    name: &'static str,
    address: String,
    /// The first of its processes; none where memory is not asked about.
    process: Option<u32>,
    /// The file with what is asked of it; none for hello.
    exchange: Option<PathBuf>,
}

/// Prints the tables.
///
/// # Errors
/// A server that does not start, or gives another answer than at first.
pub async fn measure(library: Option<&Path>, python: Option<&Path>, size: &Size) -> Result<()> {
    let library = library.context("the node needs ONNX Runtime: cargo xtask bench names it, or --onnxruntime does")?;
    let (model, folder) = (Path::new(MODEL), TempDir::new()?);
    let row = first_patient()?;
    let hello = child::Server::start::<&str>([])?;
    let deployed = Deployed::start(model, library).await?;
    let mut rivals = vec![
        Rival { name: "axum hello", address: hello.address.clone(), process: None, exchange: None },
        Rival {
            name: "node",
            address: deployed.node.address.clone(),
            process: Some(deployed.node.id()),
            exchange: Some(
                exchange(&folder, &deployed.node.address, "/v2/models/tumour/infer", &infer(&row), "\"data\":[1]").await?,
            ),
        },
    ];
    let mut peers = Vec::new();
    match python {
        None => {
            say("The servers in Python are left out: cargo xtask bench installs them, --python names a Python that has them.")
        }
        Some(python) => {
            let workers = std::thread::available_parallelism().map_or(1, usize::from);
            let rows = json!({"inputs": [row]});
            for (name, path, peer) in [
                ("FastAPI", "/predict", Peer::fastapi(python, model, 1)?),
                ("FastAPI, a worker for each core", "/predict", Peer::fastapi(python, model, workers)?),
                ("mlflow models serve", "/invocations", Peer::mlflow(python, model, folder.path())?),
            ] {
                let (address, process) = (peer.address.clone(), Some(peer.id()));
                let exchange = Some(exchange(&folder, &address, path, &rows, "\"label\"").await?);
                rivals.push(Rival { name, address, process, exchange });
                peers.push(peer);
            }
        }
    }
    compare(&rivals, size).await?;
    memory(&rivals)?;
    drop(peers);
    deployed.remove().await
}

/// One row of thirty numbers.
fn first_patient() -> Result<Value> {
    let patients: Value = serde_json::from_slice(&fs::read(PATIENTS)?)?;
    Ok(patients["inputs"][0]["data"][0].clone())
}

/// The request of the protocol for one row.
fn infer(row: &Value) -> Value {
    json!({"inputs": [{"name": "X", "shape": [1, 30], "datatype": "FP32", "data": row}]})
}

/// Waits for the first answer, looks at it, and keeps it: all others have to be the same.
async fn exchange(folder: &TempDir, address: &str, path: &str, body: &Value, contains: &str) -> Result<PathBuf> {
    let request = post(path, "", &body.to_string());
    let begun = Instant::now();
    let answer = loop {
        match first_answer(address, &request).await {
            Ok(answer) => break answer,
            Err(error) if begun.elapsed() > PATIENCE => return Err(error.context(format!("{address}{path} gives no answer"))),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    if !answer.contains(contains) {
        bail!("{address}{path} says {answer}, without {contains}");
    }
    let file = folder.path().join(address.replace([':', '.'], "-"));
    fs::write(&file, serde_json::to_vec(&Exchange { request, answer })?)?;
    Ok(file)
}

async fn first_answer(address: &str, request: &str) -> Result<String> {
    let mut connection = Connection::open(address).await?;
    Ok(String::from_utf8(connection.ask(request).await?.to_vec())?)
}

/// All in turn, round by round, so that whatever else the machine does weighs on all of them.
async fn compare(rivals: &[Rival], size: &Size) -> Result<()> {
    let columns = [("conn.", 5), ("server", 31), ("answers/s", 9), ("p50", 9), ("p99", 9), ("node/this", 9)];
    let table = Table::begin("Predictions for one row of thirty numbers by a logistic regression", &columns);
    for connections in [1, 16] {
        for rival in rivals {
            rival.ask(connections, size.round / 2).await?;
        }
        let mut rounds = Vec::new();
        for _ in 0..size.rounds {
            let mut round = Vec::new();
            for rival in rivals {
                round.push(rival.ask(connections, size.round).await?);
            }
            rounds.push(round);
        }
        let node = rivals.iter().position(|rival| rival.name == "node").context("the node is one of them")?;
        for (index, rival) in rivals.iter().enumerate() {
            let of = |figure: fn(&Measured) -> f64| median(rounds.iter().map(|round| figure(&round[index])));
            let ratio = median(rounds.iter().map(|round| round[node].per_second / round[index].per_second));
            let ratio = if ratio < 2.0 { percent(ratio) } else { format!("{ratio:.1} ×") };
            table.row([
                connections.to_string(),
                rival.name.to_owned(),
                count(of(|measured| measured.per_second)),
                millis(of(|measured| measured.p50)),
                millis(of(|measured| measured.p99)),
                ratio,
            ]);
        }
    }
    table.end();
    Ok(())
}

/// After all that work.
fn memory(rivals: &[Rival]) -> Result<()> {
    let table = Table::begin("Memory of all processes of a server (resident)", &[("server", 31), ("after the work", 14)]);
    for rival in rivals {
        if let Some(process) = rival.process {
            table.row([rival.name.to_owned(), megabytes(child::memory_of_all(process)?)]);
        }
    }
    table.end();
    Ok(())
}

impl Rival {
    async fn ask(&self, connections: usize, length: Duration) -> Result<Measured> {
        let mut arguments = child::load(&self.address, connections, length);
        if let Some(file) = &self.exchange {
            arguments.extend(["--exchange".to_owned(), file.display().to_string()]);
        }
        child::run(arguments).await
    }
}
