//! What versions are made of: the example models, and the fields that a training run would write.

use super::story::Material;
use anyhow::Context;
use domain::fields::{Fields, Source};
use serde_json::{Value, json};

/// The models on 30 measurements of a tumour.
pub const TUMOUR_LINEAR: &[u8] = include_bytes!("../../../../../../examples/tumour/logistic-regression/model.onnx");
pub const TUMOUR_BOOSTED: &[u8] = include_bytes!("../../../../../../examples/tumour/gradient-boosting/model.onnx");
pub const TUMOUR_FOREST: &[u8] = include_bytes!("../../../../../../examples/tumour/random-forest/model.onnx");
/// A convolution on a small image.
pub const IMAGE: &[u8] = include_bytes!("../../../../../../examples/models/cnn/model.onnx");
/// Models on four numbers.
pub const LINEAR: &[u8] = include_bytes!("../../../../../../examples/models/linear/model.onnx");
pub const BOOSTED: &[u8] = include_bytes!("../../../../../../examples/models/gradient-boosting/model.onnx");
pub const FOREST: &[u8] = include_bytes!("../../../../../../examples/models/random-forest/model.onnx");
pub const NETWORK: &[u8] = include_bytes!("../../../../../../examples/models/mlp/model.onnx");
/// The linear model with other outputs: a label and a map of probabilities.
pub const LINEAR_WITH_MAP: &[u8] = include_bytes!("../../../../../../examples/models/zipmap/model.onnx");

/// The inputs and outputs of the tumour models.
pub const TUMOUR_SIGNATURE: &str = include_str!("../../../../../../examples/tumour/gradient-boosting/signature.json");

impl Material {
    /// A version of this ONNX file with nothing said of it yet.
    pub fn of(onnx: &'static [u8]) -> Self {
        Self { onnx, fields: Fields::default() }
    }

    pub fn metrics(mut self, metrics: &[(&str, f64)]) -> Self {
        self.fields.metrics.extend(metrics.iter().map(|(name, value)| ((*name).to_owned(), *value)));
        self
    }

    pub fn params(mut self, params: &[(&str, &str)]) -> Self {
        self.fields.params.extend(params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    pub fn notes(mut self, notes: &str) -> Self {
        notes.clone_into(&mut self.fields.notes);
        self
    }

    pub fn signature(mut self, signature: Value) -> Self {
        self.fields.signature = Some(signature);
        self
    }

    /// The training data, and the run and commit that made the model.
    pub fn source(mut self, data: &str, run: &str, commit: &str) -> Self {
        self.fields.source =
            Source { run: Some(run.to_owned()), commit: Some(commit.to_owned()), data: Some(data.to_owned()), run_owner: None };
        self
    }

    /// The files, with the model and a note on its training. The note differs from version to version, and so does the model digest.
    pub fn files(&self, model: &str, number: u32) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
        let source = &self.fields.source;
        let training = json!({
            "model": model, "version": number, "data": source.data, "run": source.run, "commit": source.commit,
            "params": self.fields.params,
        });
        let text = |value: &Value| serde_json::to_vec_pretty(value).context("JSON cannot be made");
        let mut files = vec![("model.onnx", self.onnx.to_vec()), ("training.json", text(&training)?)];
        if let Some(signature) = &self.fields.signature {
            files.push(("signature.json", text(signature)?));
        }
        Ok(files)
    }
}

/// A signature in the form of the examples.
pub fn signature(columns: &[&str], outputs: &[(&str, &str)]) -> Value {
    let outputs: Vec<_> = outputs.iter().map(|(name, kind)| json!({"name": name, "datatype": kind, "shape": [-1]})).collect();
    json!({
        "inputs": [{"name": "X", "datatype": "tensor(float)", "shape": [-1, columns.len()], "columns": columns}],
        "outputs": outputs,
    })
}
