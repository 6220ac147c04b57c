//! Compares the answers of a node with those of ONNX Runtime in Python: every model of `examples/models`, in JSON and in binary form.

use super::{deployed::Deployed, peers::PEERS};
use crate::figures::{Table, count};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/models");
/// How long a node may take to serve a model.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a comparison found.
#[derive(Deserialize)]
struct Compared {
    answers: usize,
    elements: usize,
    json: bool,
    binary: bool,
}

/// Prints the table.
///
/// # Errors
/// A model that is not served, or an answer that is another one than in Python.
pub async fn measure(library: Option<&Path>, python: Option<&Path>) -> Result<()> {
    let library = library.context("the node needs ONNX Runtime: cargo xtask bench names it, or --onnxruntime does")?;
    let python =
        python.context("this compares with Python: cargo xtask bench installs it, --python names one that has ONNX Runtime")?;
    let columns = [("model", 18), ("answers", 7), ("elements", 8), ("JSON", 6), ("binary", 6)];
    let table = Table::begin("Answers of a node beside those of ONNX Runtime in Python, bit by bit", &columns);
    let mut different = Vec::new();
    for folder in folders()? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let deployed = Deployed::start(&folder.join("model.onnx"), library, &[]).await?;
        let compared = compare(python, &folder, &deployed.node.address).with_context(|| format!("{name} is not compared"))?;
        deployed.remove().await?;
        let word = |same| if same { "equal" } else { "OTHER" }.to_owned();
        let (answers, elements) = (compared.answers.to_string(), count(compared.elements as f64));
        table.row([name.clone(), answers, elements, word(compared.json), word(compared.binary)]);
        if !(compared.json && compared.binary) {
            different.push(name);
        }
    }
    table.end();
    ensure!(different.is_empty(), "other answers than in Python: {}", different.join(", "));
    Ok(())
}

/// The models that have inputs to try.
fn folders() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(MODELS)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut folders: Vec<_> = entries.into_iter().filter(|folder| folder.join("expected.json").exists()).collect();
    folders.sort();
    Ok(folders)
}

/// Compares as soon as the node serves the model.
fn compare(python: &Path, folder: &Path, node: &str) -> Result<Compared> {
    let begun = Instant::now();
    loop {
        let mut command = Command::new(python);
        command.arg("-B").arg(Path::new(PEERS).join("compare.py")).arg(folder).args([node, "tumour"]).stdin(Stdio::null());
        let output = command.output()?;
        if output.status.success() {
            return Ok(serde_json::from_slice(&output.stdout)?);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        // Not there yet: 404 before the plan, 503 while it loads.
        let not_yet = said.contains("HTTP Error 404") || said.contains("HTTP Error 503");
        ensure!(not_yet && begun.elapsed() < PATIENCE, "{said}");
    }
}
