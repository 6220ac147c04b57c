//! How an engine starts the processes of models, and what each process may have.

use servable::onnx::OperatorRule;
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// How to start the processes that run models, and what they may have.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The program that calls `engine::child::run`.
    pub program: PathBuf,
    /// Its arguments.
    pub program_args: Vec<OsString>,
    /// The library of ONNX Runtime.
    pub library: PathBuf,
    /// The SHA-256 of a build of one's own, in hexadecimal; without it only builds that are known here are loaded.
    pub library_sha256: Option<String>,
    /// Sessions for each model, which is how many requests it works on at once; 1 to 64. Each keeps the weights for itself.
    pub sessions: usize,
    /// Whose operators a model may use.
    pub operators: OperatorRule,
    /// What a model may have.
    pub limits: EngineLimits,
}

/// What a model may have.
#[derive(Clone, Copy, Debug)]
pub struct EngineLimits {
    /// Bytes of its file.
    pub model_bytes: usize,
    /// Bytes of memory of its process, the library included.
    pub memory: u64,
    /// Bytes of memory of the processes of all models together.
    pub all_memory: u64,
    /// For loading it and trying its golden inputs.
    pub load_time: Duration,
    /// Requests that wait for a session.
    pub queue: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self { model_bytes: 256 << 20, memory: 2 << 30, all_memory: u64::MAX, load_time: Duration::from_secs(30), queue: 128 }
    }
}

/// What all models of an engine have in common.
#[derive(Debug)]
pub struct EngineSettings {
    /// The options, as the operator gave them.
    pub options: EngineOptions,
    /// The library's SHA-256, in hexadecimal.
    pub library_sha256: String,
}
