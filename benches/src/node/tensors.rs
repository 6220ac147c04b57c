//! Compares predictions for large tensors, in JSON and in binary form, with an application of FastAPI: the model only takes the mean of each
//! column, so the figures show what it costs to bring a tensor to a model.

use super::{asked::asked, deployed::Deployed, peers::Peer, rival::Rival};
use crate::{
    Size, child,
    figures::{Table, count, median, millis},
    load::post,
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mean.onnx");
/// Numbers of a row of the model's input.
const WIDTH: usize = 1024;
/// Rows of the tensors: 0.6, 3 and 10 MB in single precision.
const ROWS: [usize; 3] = [147, 733, 2442];
/// MiB of a body: in JSON the largest has three times its bytes.
const BODY_SIZE: &str = "64";

/// A form of a tensor.
struct Form {
    name: &'static str,
    /// The requests of the node and of FastAPI for so many rows.
    requests: fn(usize) -> [Vec<u8>; 2],
}

/// Prints the table.
///
/// # Errors
/// A server that does not start, or gives another answer than at first.
pub async fn measure(library: Option<&Path>, python: Option<&Path>, size: &Size) -> Result<()> {
    let library = library.context("the node needs ONNX Runtime: cargo xtask bench names it, or --onnxruntime does")?;
    let python =
        python.context("this compares with FastAPI: cargo xtask bench installs it, --python names a Python that has it")?;
    let (model, folder) = (Path::new(MODEL), TempDir::new()?);
    let deployed = Deployed::start(model, library, &["--body-size", BODY_SIZE]).await?;
    let peer = Peer::fastapi(python, "fastapi_tensors", model, 1)?;
    let columns =
        [("tensor", 7), ("form", 6), ("server", 7), ("answers/s", 9), ("p50", 9), ("processor", 9), ("p50 ÷", 6), ("proc. ÷", 7)];
    let table = Table::begin("Predictions for one tensor, one connection; processor time of an answer; FastAPI ÷ node", &columns);
    for form in [Form { name: "binary", requests: in_bytes }, Form { name: "JSON", requests: in_json }] {
        for rows in ROWS {
            let [node, fastapi] = (form.requests)(rows);
            let rivals = [
                rival("node", &deployed.node.address, deployed.node.id(), &folder, node).await?,
                rival("FastAPI", &peer.address, peer.id(), &folder, fastapi).await?,
            ];
            let tensor = format!("{:.1} MB", (rows * WIDTH * size_of::<f32>()) as f64 / 1e6);
            compare(&rivals, size, &table, &[tensor, form.name.to_owned()]).await?;
        }
    }
    table.end();
    drop(peer);
    deployed.remove().await
}

async fn rival(name: &'static str, address: &str, process: u32, folder: &TempDir, request: Vec<u8>) -> Result<Rival> {
    let exchange = Some(asked(folder, address, request, b"").await?);
    Ok(Rival { name, address: address.to_owned(), process: Some(process), exchange })
}

/// What came of a server in a round.
struct Round {
    per_second: f64,
    p50: f64,
    /// Processor time of an answer, in microseconds.
    processor: f64,
}

async fn compare(rivals: &[Rival], size: &Size, table: &Table, about: &[String]) -> Result<()> {
    for rival in rivals {
        rival.ask(1, size.round / 2).await?;
    }
    let mut rounds = Vec::new();
    for _ in 0..size.rounds {
        let mut round = Vec::new();
        for rival in rivals {
            round.push(measured(rival, size).await?);
        }
        rounds.push(round);
    }
    for (index, rival) in rivals.iter().enumerate() {
        let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(|round| figure(&round[index])));
        let ratio = |figure: fn(&Round) -> f64| match index {
            0 => String::new(),
            _ => format!("{:.1} ×", median(rounds.iter().map(|round| figure(&round[index]) / figure(&round[0])))),
        };
        table.row(about.iter().cloned().chain([
            rival.name.to_owned(),
            count(of(|round| round.per_second)),
            millis(of(|round| round.p50)),
            millis(of(|round| round.processor)),
            ratio(|round| round.p50),
            ratio(|round| round.processor),
        ]));
    }
    Ok(())
}

async fn measured(rival: &Rival, size: &Size) -> Result<Round> {
    let process = rival.process.context("it has a process")?;
    let before = child::processor_time_of_all(process)?;
    let measured = rival.ask(1, size.round).await?;
    let used = child::processor_time_of_all(process)?.saturating_sub(before);
    Ok(Round {
        per_second: measured.per_second,
        p50: measured.p50,
        processor: used.as_secs_f64() * 1e6 / measured.answers as f64,
    })
}

fn in_bytes(rows: usize) -> [Vec<u8>; 2] {
    let content: Vec<u8> = numbers(rows).flat_map(f32::to_le_bytes).collect();
    let mut input = input(rows);
    input["parameters"] = json!({"binary_data_size": content.len()});
    let head = json!({"inputs": [input], "parameters": {"binary_data_output": true}}).to_string();
    let length = format!("Inference-Header-Content-Length: {}\r\n", head.len());
    [post("/v2/models/tumour/infer", &length, &[head.as_bytes(), &content].concat()), post("/binary", "", &content)]
}

fn in_json(rows: usize) -> [Vec<u8>; 2] {
    let all: Vec<f32> = numbers(rows).collect();
    let mut input = input(rows);
    input["data"] = json!(all);
    let nested: Vec<&[f32]> = all.chunks(WIDTH).collect();
    [
        post("/v2/models/tumour/infer", "", json!({"inputs": [input]}).to_string().as_bytes()),
        post("/json", "", json!({"inputs": nested}).to_string().as_bytes()),
    ]
}

fn input(rows: usize) -> Value {
    json!({"name": "x", "shape": [rows, WIDTH], "datatype": "FP32"})
}

/// Numbers from 0 to 1 with as many digits as single precision has, the same in every run.
fn numbers(rows: usize) -> impl Iterator<Item = f32> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(1_u32), next).take(rows * WIDTH).map(|state| (state >> 8) as f32 / (1 << 24) as f32)
}
