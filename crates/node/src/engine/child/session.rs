//! One model in the library. Each session has its own thread, so that requests of different sessions run side by side.

use super::{
    requests::Requests,
    run_error::{RunError, is_about_memory},
    run_state::RunState,
    signature, values,
};
use crate::{
    engine::messages::{
        frames::RequestHead,
        start::{StartReply, StartRequest},
    },
    tensor::Signature,
};
use bytes::BufMut;
use ort::{
    environment::Environment,
    ep::CPU,
    logging::LogLevel,
    session::{RunOptions, SessionInputValue},
    value::DynValue,
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// The library, loaded.
pub struct Library {
    environment: Environment,
    /// Whether it asked for memory in vain. Where it can it goes on without, and says so only in its log.
    starved: Arc<AtomicBool>,
}

impl Library {
    /// Loads it.
    ///
    /// # Errors
    /// The linker's or the library's.
    pub fn load(path: &Path) -> Result<Self, String> {
        let builder = ort::init_from(path).map_err(|error| error.to_string())?;
        let starved = Arc::<AtomicBool>::default();
        let seen = starved.clone();
        let log = move |level, _: &str, _: &str, _: &str, message: &str| listen(level, message, &seen);
        let environment = builder.with_telemetry(false).with_logger(Arc::new(log)).build().map_err(|error| error.to_string())?;
        environment.set_log_level(LogLevel::Warning);
        Ok(Self { environment, starved })
    }
}

#[expect(clippy::print_stderr, reason = "standard error goes to the node's log")]
fn listen(level: LogLevel, message: &str, starved: &AtomicBool) {
    starved.fetch_or(is_about_memory(message), Relaxed);
    if matches!(level, LogLevel::Error | LogLevel::Fatal) {
        eprintln!("{message}");
    }
}

/// A model that is loaded.
pub struct Session {
    inner: ort::session::Session,
    state: Arc<RunState>,
    options: Arc<RunOptions>,
    signature: Signature,
    /// The inputs of the last request, whose memory is used again.
    inputs: Vec<Option<DynValue>>,
    /// Their bytes.
    kept: usize,
}

impl Session {
    /// Loads a model.
    ///
    /// # Errors
    /// What to tell the node.
    pub fn load(library: &Library, model: &[u8], start: &StartRequest, state: Arc<RunState>) -> Result<Self, StartReply> {
        let inner = open(&library.environment, model).map_err(|error| failed(&error))?;
        if library.starved.load(Relaxed) {
            return Err(StartReply::Memory);
        }
        let signature = signature::describe(inner.inputs(), inner.outputs(), start).map_err(StartReply::Failed)?;
        let options = state.options().map_err(|error| failed(&error))?;
        let inputs = signature.inputs.iter().map(|_| None).collect();
        Ok(Self { inner, state, options, signature, inputs, kept: 0 })
    }

    /// What the model takes and gives.
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Bytes of the last request's inputs, whose memory is kept; about that many, if they are words.
    pub const fn kept(&self) -> usize {
        self.kept
    }

    /// Gives back the memory of the last request's inputs.
    pub fn rest(&mut self) {
        self.inputs.fill_with(|| None);
        self.kept = 0;
    }

    /// Reads the contents of a request, runs it and writes the requested outputs.
    pub fn run(&mut self, request: &RequestHead, contents: &mut Requests, out: &mut Vec<u8>) -> Result<(), RunError> {
        if !self.state.begin(request.id) {
            return Err(RunError::Cancelled);
        }
        let result = self.run_now(request, contents, out);
        if self.state.end() { Err(RunError::Cancelled) } else { result }
    }

    fn run_now(&mut self, request: &RequestHead, contents: &mut Requests, out: &mut Vec<u8>) -> Result<(), RunError> {
        let (specs, RequestHead { inputs, outputs, .. }) = (&self.signature.inputs, request);
        if inputs.len() != specs.len() {
            return Err(RunError::Refused(format!("there are {} inputs, and it takes {}", inputs.len(), specs.len())));
        }
        self.kept = inputs.iter().map(|input| input.length).sum();
        for ((kept, spec), input) in self.inputs.iter_mut().zip(specs).zip(inputs) {
            values::fill(kept, spec, input, contents)?;
        }
        let given: Vec<SessionInputValue<'_>> = self.inputs.iter().flatten().map(SessionInputValue::from).collect();
        let given =
            self.inner.run_with_options(&given[..], &self.options).map_err(|error| RunError::from_library(error.to_string()))?;
        out.put_u32_le(outputs.len() as u32);
        for place in outputs {
            let spec = self.signature.outputs.get(*place).ok_or_else(|| RunError::Failed(format!("it has no output {place}")))?;
            let value = given.get(&spec.name);
            let value = value.ok_or_else(|| RunError::Failed(format!("it gave no output `{}`", spec.name)))?;
            values::write(value, spec, out).map_err(RunError::Failed)?;
        }
        Ok(())
    }
}

fn open(environment: &Environment, model: &[u8]) -> ort::Result<ort::session::Session> {
    ort::session::Session::builder(environment)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_log_level(LogLevel::Warning)?
        // Otherwise the library would look for another format by itself, and nothing has checked that format.
        .with_config_entry("session.load_model_format", "ONNX")?
        // The library's own pool of memory would keep the most that any request ever took.
        .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?
        .commit_from_memory(model)
}

fn failed(error: &ort::Error) -> StartReply {
    let text = error.to_string();
    if is_about_memory(&text) {
        return StartReply::Memory;
    }
    // The library says this in words that nobody understands who does not know its operators.
    match text.split_once("Failed to construct locale with name:").and_then(|(_, rest)| rest.split(':').next()) {
        Some(locale) => StartReply::Failed(format!(
            "it changes letters by the rules of the locale {locale}, which this machine does not have: install that locale, or save the \
             model without a change of letters (lowercase=False in scikit-learn). The library says: {text}"
        )),
        None => StartReply::Failed(text),
    }
}
