//! What the rest of a node knows of an engine: two traits, and their errors.

use crate::tensor::{Signature, Tensor};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// The library that runs models, as a node reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// Its name and version, `ONNX Runtime 1.31.1`.
    pub name: String,
    /// The SHA-256 of the library's file, in hexadecimal.
    pub sha256: String,
}

/// Loads models.
pub trait Engine: Send + Sync {
    /// What it is.
    fn info(&self) -> &EngineInfo;

    /// Loads a model from exactly these bytes, which the caller has verified: checks what they ask for, loads them in a process of
    /// their own under the limits, and compares the golden inputs, if there are any. The model is ready for requests then.
    fn load(&self, model: ModelFiles) -> BoxFuture<'_, Result<Arc<dyn Model>, LoadError>>;
}

/// A model that is ready for requests. Dropping it ends its process, after the requests that it still has.
pub trait Model: Send + Sync {
    /// The model's inputs and outputs.
    fn signature(&self) -> &Signature;

    /// How the model's process is at this moment.
    fn health(&self) -> ModelHealth;

    /// Runs it. The inputs agree with the signature in name, datatype and shape, and each is as long as its shape says.
    /// `outputs` are places in the signature's outputs, in the requested order.
    fn infer(
        &self,
        inputs: Vec<Tensor>,
        outputs: Vec<usize>,
        deadline: Duration,
    ) -> BoxFuture<'_, Result<Vec<Tensor>, InferError>>;
}

/// How a model's process is. The default is a process at work that never ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelHealth {
    /// Why the model cannot answer; `None` while its process is at work.
    pub down: Option<ModelDown>,
    /// How often a process was started again after the one before had ended.
    pub restarts: u64,
    /// A sentence on how processes ended lately; `None` if that is long ago.
    pub ended_lately: Option<Arc<str>>,
}

/// Why a model that was loaded cannot answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelDown {
    /// The reason, in a sentence.
    pub reason: Arc<str>,
    /// Whether a process is being started that may well work. If not, the last start failed, and the next one waits.
    pub starting: bool,
}

/// The verified bytes of a version that the engine is concerned with.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    /// For messages: `PROJECT/MODEL:VERSION`.
    pub version: String,
    /// The ONNX file.
    pub onnx: Bytes,
    /// The golden inputs (`golden.json`), if the version brings them.
    pub golden: Option<Bytes>,
}

/// Why a model was not loaded. Each says so in a sentence for the person who deployed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The file is not what may be loaded: not ONNX, too large, external data, foreign operators, too deep.
    #[error("the model is refused: {0}")]
    Refused(String),
    /// Its files are neither in the cache nor to be had from the server.
    #[error("its files cannot be fetched: {0}")]
    Fetch(String),
    /// The library would not load it.
    #[error("the model does not load: {0}")]
    Failed(String),
    /// It took too long, or asked for too much memory, or crashed the trial.
    #[error("the trial of the model failed: {0}")]
    Trial(String),
    /// A golden input gave something else.
    #[error("the model gives other results than its golden inputs say: {0}")]
    Golden(String),
    /// The file with golden inputs is damaged, or does not fit the model.
    #[error("its golden.json cannot be used: {0}")]
    GoldenFile(String),
    /// The golden inputs took the time that loading may take.
    #[error("its golden inputs took longer than --load-time: {0}")]
    GoldenTime(String),
    /// There is no usable library.
    #[error("no engine: {0}")]
    NoEngine(String),
}

/// Why a request got no answer from the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InferError {
    /// Too many requests wait already: 503 with `Retry-After`.
    #[error("too many requests wait for this model")]
    Busy,
    /// The deadline passed, and the run was stopped: 504.
    #[error("the model did not answer within {0:?}")]
    Deadline(Duration),
    /// The library refused the inputs: 400.
    #[error("the model does not take these inputs: {0}")]
    Inputs(String),
    /// The model had no memory for it, or gave what is no answer: 500.
    #[error("the model failed: {0}")]
    Failed(String),
    /// The model's process ended; it is started again: 503 with `Retry-After`.
    #[error("the model's process ended and is started again")]
    Crashed,
}
