//! The engine of a node: ONNX Runtime, and the bounds within which it runs models.

use super::{
    args::{EngineArgs, std_duration},
    memory,
};
use crate::{environment::Environment, failure::Failure};
use ::node::engine::{Engine, EngineLimits, EngineOptions, LoadError, OrtEngine};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The command that a node starts, once for each version in service, to run the model in a process of its own.
pub const ENGINE: &str = "node-engine";
/// Where ONNX Runtime is looked for when nobody says.
const LIBRARY: &str = "libonnxruntime.so.1.31.1";
/// The folders of a system's own libraries, after the folder of this program.
const LIBRARY_FOLDERS: [&str; 3] = ["/usr/local/lib", "/usr/lib/countersign", "/usr/lib"];

/// `bodies` are the bytes that the node keeps for requests. A library that cannot be used is no reason to end: the node says so wherever it is asked, and serves nothing.
pub fn engine(args: &EngineArgs, bodies: usize, environment: &Environment) -> Result<Result<Arc<dyn Engine>, String>, Failure> {
    let Some(library) = find_library(args.onnxruntime.as_deref(), environment) else {
        let places = LIBRARY_FOLDERS.join(", ");
        return Ok(Err(format!(
            "there is no {LIBRARY} beside this program, in its Python environment nor in {places}: name it with --onnxruntime"
        )));
    };
    let program = std::env::current_exe().map_err(|error| {
        Failure::failed(format!("this program does not know its own path, which it starts models with: {error}"))
    })?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = EngineOptions {
        program,
        program_args: vec![ENGINE.into()],
        library,
        library_sha256: args.onnxruntime_sha256.clone(),
        sessions: args.sessions.map_or(cores.min(4), usize::from),
        operators: args.operators,
        limits: EngineLimits {
            model_bytes: (args.model_size as usize) << 20,
            memory: u64::from(args.model_memory) << 20,
            all_memory: memory::for_models(args.memory, bodies)?,
            load_time: std_duration(args.load_time),
            queue: usize::from(args.queue),
        },
    };
    // Loads the library once, in a process of its own; nothing else happens here yet that could wait for it.
    match OrtEngine::new(options) {
        Ok(engine) => Ok(Ok(Arc::new(engine))),
        Err(LoadError::NoEngine(problem)) => Ok(Err(problem)),
        Err(error) => Err(Failure::failed(error.to_string())),
    }
}

/// The library of ONNX Runtime: the one that was named, by flag or variable, or else one in a place where it may be.
pub fn find_library(named: Option<&Path>, environment: &Environment) -> Option<PathBuf> {
    let named = named.map(Path::to_owned).or_else(|| environment.get("COUNTERSIGN_ONNXRUNTIME").map(PathBuf::from));
    named.or_else(|| {
        let own = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
        let of_python = own.as_deref().map(of_python).unwrap_or_default();
        let folders = own.into_iter().chain(of_python).chain(LIBRARY_FOLDERS.map(PathBuf::from));
        folders.map(|folder| folder.join(LIBRARY)).find(|library| library.exists())
    })
}

/// Where Python's package manager puts the library, if it also put this program into `programs`.
fn of_python(programs: &Path) -> Vec<PathBuf> {
    let Ok(versions) = programs.join("../lib").read_dir() else { return Vec::new() };
    let is_python = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python3"));
    let mut folders: Vec<_> = versions.flatten().map(|entry| entry.path()).filter(is_python).collect();
    folders.sort();
    folders.into_iter().map(|folder| folder.join("site-packages/onnxruntime/capi")).collect()
}

#[cfg(test)]
mod tests {
    use super::of_python;

    #[test]
    fn the_library_is_looked_for_beside_a_program_that_python_installed() {
        let environment = tempfile::tempdir().unwrap();
        for folder in ["bin", "lib/python3.12/site-packages", "lib/systemd"] {
            std::fs::create_dir_all(environment.path().join(folder)).unwrap();
        }
        let found = of_python(&environment.path().join("bin"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with("lib/python3.12/site-packages/onnxruntime/capi"), "{found:?}");
        assert!(of_python(&environment.path().join("nowhere/bin")).is_empty());
    }
}
