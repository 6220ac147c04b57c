//! Engines and models to test with.

use bytes::Bytes;
use node::{
    engine::{Engine, EngineLimits, EngineOptions, LoadError, Model, ModelFiles, OperatorRule, OrtEngine},
    tensor::{Datatype, Tensor},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// For what takes milliseconds, on a machine that is busy.
pub const SOON: Duration = Duration::from_secs(20);

/// The library to test with.
#[expect(clippy::disallowed_methods, reason = "the one place where these tests read their environment")]
pub fn library() -> PathBuf {
    let path = std::env::var_os("COUNTERSIGN_TEST_ONNXRUNTIME").filter(|path| !path.is_empty());
    path.expect("COUNTERSIGN_TEST_ONNXRUNTIME is not set: run `cargo xtask test`, or name what `cargo xtask onnxruntime` prints")
        .into()
}

/// One session and the usual limits.
pub fn options() -> EngineOptions {
    EngineOptions {
        program: env!("CARGO_BIN_EXE_node-engine").into(),
        program_args: Vec::new(),
        library: library(),
        library_sha256: None,
        sessions: 1,
        operators: OperatorRule::Library,
        limits: EngineLimits::default(),
    }
}

/// An engine with one session and the usual limits.
pub fn engine() -> OrtEngine {
    OrtEngine::new(options()).unwrap()
}

/// A file of the example models.
pub fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/models").join(path)
}

/// The model in that folder, or of that name among the hostile ones.
pub fn files(name: &str) -> ModelFiles {
    let path = [example(&format!("{name}/model.onnx")), example(&format!("hostile/{name}.onnx"))];
    let path = path.iter().find(|path| path.exists()).unwrap_or_else(|| panic!("there is no model {name}"));
    of_bytes(fs::read(path).unwrap())
}

/// These bytes as a model.
pub fn of_bytes(onnx: impl Into<Bytes>) -> ModelFiles {
    ModelFiles { version: "diagnosis/tumour:1".to_owned(), onnx: onnx.into(), golden: None }
}

/// The model of that name, loaded with usual limits.
pub async fn load(name: &str) -> Arc<dyn Model> {
    engine().load(files(name)).await.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Why a model of that name is not loaded.
pub async fn refusal(engine: &OrtEngine, files: ModelFiles) -> LoadError {
    match engine.load(files).await {
        Ok(_) => panic!("it was loaded"),
        Err(error) => error,
    }
}

/// An input of numbers in single precision.
pub fn floats(name: &str, shape: &[i64], numbers: &[f32]) -> Tensor {
    let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    tensor(name, Datatype::Fp32, shape, data)
}

/// An input of one large number.
pub fn size(number: i64) -> Tensor {
    tensor("size", Datatype::Int64, &[1], number.to_le_bytes().to_vec())
}

/// Any tensor.
pub fn tensor(name: &str, datatype: Datatype, shape: &[i64], data: Vec<u8>) -> Tensor {
    Tensor { name: name.to_owned(), datatype, shape: shape.to_vec(), data: data.into(), classes: None }
}

/// What the endless loop takes: forever if the number is positive, not at all otherwise.
pub fn loops(number: f32) -> Vec<Tensor> {
    vec![floats("x", &[1], &[number])]
}
