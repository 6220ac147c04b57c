//! ONNX Runtime as an [`Engine`]: each model runs in a process of its own, under limits. The node's process never loads the
//! library.

use super::{
    Engine, EngineInfo, LoadError, Model, ModelFiles, golden, library,
    model::OrtModel,
    onnx_file::{self, OnnxLimits},
    process::{self, Settings},
    start::MOST_SESSIONS,
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How to start the processes that run models, and what they may have.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The program that calls [`super::child::run`].
    pub program: PathBuf,
    /// Its arguments.
    pub program_args: Vec<OsString>,
    /// The library of ONNX Runtime.
    pub library: PathBuf,
    /// The SHA-256 of a build of one's own, in hexadecimal; without it only builds that are known here are loaded.
    pub library_sha256: Option<String>,
    /// Sessions for each model, which is how many requests it works on at once; 1 to 64. Each keeps the weights for itself.
    pub sessions: usize,
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
    /// For loading it and trying its golden inputs.
    pub load_time: Duration,
    /// Requests that wait for a session.
    pub queue: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self { model_bytes: 256 << 20, memory: 2 << 30, load_time: Duration::from_secs(30), queue: 128 }
    }
}

/// ONNX Runtime.
#[derive(Debug)]
pub struct OrtEngine {
    info: EngineInfo,
    settings: Arc<Settings>,
}

impl OrtEngine {
    /// Checks that the library can be used, by loading it once in a process of its own. Blocks for some tenths of a second.
    ///
    /// # Errors
    /// `NoEngine` when the library is missing, altered or old, or the program cannot be started.
    pub fn new(options: EngineOptions) -> Result<Self, LoadError> {
        let info = library::identify(&options.library, options.library_sha256.as_deref())?;
        let sessions = options.sessions.clamp(1, MOST_SESSIONS);
        let settings = Settings { options: EngineOptions { sessions, ..options }, library_sha256: info.sha256.clone() };
        process::try_library(&settings)?;
        Ok(Self { info, settings: Arc::new(settings) })
    }

    async fn load_model(&self, model: ModelFiles) -> Result<Arc<dyn Model>, LoadError> {
        let limits = self.settings.options.limits;
        let until = Instant::now() + limits.load_time;
        let (onnx, golden) = (model.onnx.clone(), model.golden);
        let check = move || {
            let limits = OnnxLimits { bytes: limits.model_bytes, ..OnnxLimits::default() };
            let file = onnx_file::check(&onnx, &limits).map_err(LoadError::Refused)?;
            let golden = golden.as_deref().map(golden::parse).transpose().map_err(LoadError::GoldenFile)?;
            Ok((file, golden))
        };
        // Large files take a while, during which other requests are to be answered.
        let checked = tokio::task::spawn_blocking(check).await.map_err(|error| LoadError::Refused(error.to_string()))?;
        let (file, golden) = checked?;
        let loaded = OrtModel::load(self.settings.clone(), model.version, model.onnx, file.zipmaps).await?;
        if let Some(cases) = golden {
            golden::compare(&loaded, cases, until).await?;
        }
        Ok(Arc::new(loaded))
    }
}

impl Engine for OrtEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn load(&self, model: ModelFiles) -> BoxFuture<'_, Result<Arc<dyn Model>, LoadError>> {
        self.load_model(model).boxed()
    }
}
