//! Other servers for models, in Python: FastAPI with ONNX Runtime, and MLflow's own server.

use anyhow::{Result, ensure};
use std::{
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

pub const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// A server in Python, with all processes that it starts; ended when this value goes.
pub struct Peer {
    process: Child,
    /// Where it will listen: `127.0.0.1:PORT`.
    pub address: String,
}

impl Peer {
    /// An application of FastAPI in `peers/`, under uvicorn with its fast loop and parser, without its line for each request.
    ///
    /// # Errors
    /// When Python does not start.
    pub fn fastapi(python: &Path, app: &str, model: &Path, workers: usize) -> Result<Self> {
        let mut command = Command::new(python);
        command.args(["-m", "uvicorn", &format!("{app}:app"), "--app-dir", PEERS, "--host", "127.0.0.1", "--no-access-log"]);
        command.args(["--workers", &workers.to_string()]).env("MODEL", model);
        Self::start(command)
    }

    /// `mlflow models serve` as it is by default, on the same file, which is saved as a model of MLflow in `folder` first.
    ///
    /// # Errors
    /// When the model cannot be saved or Python does not start.
    pub fn mlflow(python: &Path, model: &Path, folder: &Path) -> Result<Self> {
        let saved = folder.join("mlflow");
        let script = Path::new(PEERS).join("save_mlflow_model.py");
        let output = quiet(python)?.arg(script).arg(model).arg(&saved).output()?;
        ensure!(output.status.success(), "MLflow cannot save the model: {}", String::from_utf8_lossy(&output.stderr));
        let mut command = quiet(python)?;
        command.args(["-m", "mlflow", "models", "serve", "--env-manager", "local", "--host", "127.0.0.1", "-m"]).arg(saved);
        Self::start(command)
    }

    /// Starts it on a free port, in a process group of its own, since it has workers.
    fn start(mut command: Command) -> Result<Self> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        command.args(["--port", &address.port().to_string()]).process_group(0);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Self { process, address: address.to_string() })
    }

    /// Its first process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

/// A Python that finds the programs beside it, and tells nobody of its use.
fn quiet(python: &Path) -> Result<Command> {
    let mut command = Command::new(python);
    let programs = python.parent().map(Path::to_owned).unwrap_or_default();
    #[expect(clippy::disallowed_methods, reason = "a child gets this process's path with one folder more")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = [programs].into_iter().chain(std::env::split_paths(&path)).collect();
    command.env("PATH", std::env::join_paths(folders)?).env("MLFLOW_DISABLE_TELEMETRY", "true").env("DO_NOT_TRACK", "true");
    Ok(command)
}

impl Drop for Peer {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        // Whatever is left of the group ends; one that is gone already is as good.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.process.wait();
    }
}
