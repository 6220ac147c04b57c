//! ONNX Runtime as an [`Engine`]: each model runs in a process of its own, under limits. The node's process never loads the
//! library.

use super::{
    golden,
    interface::{Engine, EngineInfo, LoadError, Model, ModelFiles},
    library,
    memory::ModelMemory,
    messages::start::MOST_SESSIONS,
    ort_model::OrtModel,
    process,
    settings::{EngineOptions, EngineSettings},
};
use futures_util::{FutureExt, future::BoxFuture};
use servable::onnx::{self, OnnxLimits};
use std::sync::Arc;
use tokio::time::Instant;

/// ONNX Runtime.
#[derive(Debug)]
pub struct OrtEngine {
    info: EngineInfo,
    settings: Arc<EngineSettings>,
    memory: Arc<ModelMemory>,
}

impl OrtEngine {
    /// Checks that the library can be used, by loading it once in a process of its own. Blocks for some tenths of a second.
    ///
    /// # Errors
    /// `NoEngine` when the library is missing, altered or old, or the program cannot be started.
    pub fn new(options: EngineOptions) -> Result<Self, LoadError> {
        let info = library::identify(&options.library, options.library_sha256.as_deref())?;
        let sessions = options.sessions.clamp(1, MOST_SESSIONS);
        let settings = EngineSettings { options: EngineOptions { sessions, ..options }, library_sha256: info.sha256.clone() };
        process::try_library(&settings)?;
        let memory = ModelMemory::new(settings.options.limits.all_memory);
        Ok(Self { info, settings: Arc::new(settings), memory })
    }

    async fn load_model(&self, model: ModelFiles) -> Result<Arc<dyn Model>, LoadError> {
        let (limits, operators) = (self.settings.options.limits, self.settings.options.operators);
        let until = Instant::now() + limits.load_time;
        let (onnx, golden) = (model.onnx.clone(), model.golden);
        let check = move || {
            let limits = OnnxLimits { bytes: limits.model_bytes, operators, ..OnnxLimits::default() };
            let file = onnx::check(&onnx, &limits).map_err(LoadError::Refused)?;
            let golden = golden.as_deref().map(golden::parse).transpose().map_err(LoadError::GoldenFile)?;
            Ok((file, golden))
        };
        // Large files take a while, during which other requests are to be answered.
        let checked = tokio::task::spawn_blocking(check).await.map_err(|error| LoadError::Refused(error.to_string()))?;
        let (file, golden) = checked?;
        let loaded = OrtModel::load(self.settings.clone(), model.version, model.onnx, file).await?;
        self.memory.add(loaded.supervisor())?;
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
