//! Compares predictions of a node with a bare "hello" and with other servers for models, all on one model, asked in turn.
//! The node verifies permits and bytes, counts metrics and writes its query log, as in service.

mod asked;
mod deployed;
mod models;
mod peers;
mod rival;
mod tensors;

use crate::{
    Size, child,
    figures::{Table, count, median, megabytes, millis, percent, say},
    load::{Measured, post},
};
use anyhow::{Context, Result};
use asked::asked;
use deployed::Deployed;
pub use models::measure as compare_models;
use peers::Peer;
use rival::Rival;
use serde_json::{Value, json};
use std::{fs, path::Path};
use tempfile::TempDir;
pub use tensors::measure as measure_tensors;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/tumour/logistic-regression/model.onnx");
const PATIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/tumour/patients.json");

/// Prints the tables.
///
/// # Errors
/// A server that does not start, or gives another answer than at first.
pub async fn measure(library: Option<&Path>, python: Option<&Path>, size: &Size) -> Result<()> {
    let library = library.context("the node needs ONNX Runtime: cargo xtask bench names it, or --onnxruntime does")?;
    let (model, folder) = (Path::new(MODEL), TempDir::new()?);
    let row = first_patient()?;
    let hello = child::Server::start::<&str>([])?;
    let deployed = Deployed::start(model, library, &[]).await?;
    let mut rivals = vec![
        Rival { name: "axum hello", address: hello.address.clone(), process: None, exchange: None },
        Rival {
            name: "node",
            address: deployed.node.address.clone(),
            process: Some(deployed.node.id()),
            exchange: Some(
                asked(&folder, &deployed.node.address, in_json("/v2/models/tumour/infer", &infer(&row)), b"\"data\":[1]").await?,
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
                ("FastAPI", "/predict", Peer::fastapi(python, "fastapi_app", model, 1)?),
                ("FastAPI, a worker for each core", "/predict", Peer::fastapi(python, "fastapi_app", model, workers)?),
                ("mlflow models serve", "/invocations", Peer::mlflow(python, model, folder.path())?),
            ] {
                let (address, process) = (peer.address.clone(), Some(peer.id()));
                let exchange = Some(asked(&folder, &address, in_json(path, &rows), b"\"label\"").await?);
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

fn in_json(path: &str, body: &Value) -> Vec<u8> {
    post(path, "", body.to_string().as_bytes())
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
