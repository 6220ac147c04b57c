//! Starts the process of a model and waits until it is ready. The node sends the model's bytes over a socket and gets the
//! signature back. The process inherits nothing of the node's environment.

use super::stderr::StderrTail;
use crate::{
    engine::{
        interface::LoadError,
        messages::start::{self as messages, StartReply, StartRequest},
        settings::EngineSettings,
    },
    tensor::Signature,
};
use servable::onnx::OnnxFile;
use std::{
    io::{self, Read},
    os::{fd::OwnedFd, unix::net::UnixStream as Socket},
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::Child,
    time::timeout,
};

/// For a process that closed its channel to be gone.
const EXIT_TIME: Duration = Duration::from_secs(2);
/// For the library alone to be loaded.
const LIBRARY_TIME: Duration = Duration::from_secs(30);

/// A model's process that is ready.
pub struct ModelProcess {
    /// The process; it is killed when this is dropped.
    pub process: Child,
    /// Calls requests off; the process ends when it is closed.
    pub control: UnixStream,
    /// A socket for each session.
    pub sessions: Vec<UnixStream>,
    /// What the process said last on standard error.
    pub stderr: Arc<StderrTail>,
    /// What the model takes and gives.
    pub signature: Signature,
}

/// Starts a process for a model and gives it these bytes.
///
/// # Errors
/// Why it did not get ready; then there is no process left.
pub async fn start(settings: &EngineSettings, version: &str, model: &[u8], file: &OnnxFile) -> Result<ModelProcess, LoadError> {
    let limits = settings.options.limits;
    let not_started = |error: io::Error| not_started(settings, &error);
    let (ours, theirs) = pairs(settings.options.sessions).map_err(not_started)?;
    let (control, command) = command(settings).map_err(not_started)?;
    // The command goes with this statement, and with it our copy of the process's end of the channel.
    let mut process = tokio::process::Command::from(command).kill_on_drop(true).spawn().map_err(not_started)?;
    let stderr = StderrTail::collect(process.stderr.take(), version);
    let order = order(settings, model.len(), file.clone());
    let talk = async {
        messages::send(&control, &order, &theirs)?;
        drop(theirs);
        control.set_nonblocking(true)?;
        let mut control = UnixStream::from_std(control)?;
        control.write_all(model).await?;
        let mut length = [0; 4];
        control.read_exact(&mut length).await?;
        let mut reply = vec![0; messages::bounded(length)?];
        control.read_exact(&mut reply).await?;
        io::Result::Ok((control, messages::from_json(&reply)?))
    };
    let (control, reply) = match timeout(limits.load_time, talk).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            let status = timeout(EXIT_TIME, process.wait()).await.ok().and_then(Result::ok);
            return Err(LoadError::Trial(format!("its process ended ({}){}", ended(status, &error), stderr.quoted().await)));
        }
        Err(_) => {
            let _ = process.kill().await;
            return Err(LoadError::Trial(format!("it was not ready after {:?}{}", limits.load_time, stderr.quoted().await)));
        }
    };
    match reply {
        StartReply::Ready(signature) => {
            let sessions = ours.into_iter().map(UnixStream::from_std).collect::<io::Result<_>>().map_err(not_started)?;
            Ok(ModelProcess { process, control, sessions, stderr, signature })
        }
        refusal => {
            let _ = process.kill().await;
            Err(refused(refusal, limits.memory))
        }
    }
}

/// Loads the library in a process of its own, and nothing else.
///
/// # Errors
/// Why it cannot be used.
pub fn try_library(settings: &EngineSettings) -> Result<(), LoadError> {
    let not_started = |error: io::Error| not_started(settings, &error);
    let (mut control, mut command) = command(settings).map_err(not_started)?;
    let mut process = command.spawn().map_err(not_started)?;
    // With it goes our copy of the process's end of the channel.
    drop(command);
    let mut talk = || {
        control.set_read_timeout(Some(LIBRARY_TIME))?;
        messages::send(&control, &order(settings, 0, OnnxFile::default()), &[])?;
        let mut length = [0; 4];
        control.read_exact(&mut length)?;
        let mut reply = vec![0; messages::bounded(length)?];
        control.read_exact(&mut reply)?;
        messages::from_json(&reply)
    };
    let reply: io::Result<StartReply> = talk();
    let _ = process.kill();
    let status = process.wait().ok();
    match reply {
        Ok(StartReply::Ready(_)) => Ok(()),
        Ok(refusal) => Err(refused(refusal, settings.options.limits.memory)),
        Err(error) => {
            let ended = ended(status, &error);
            let mut stderr = String::new();
            if let Some(from) = process.stderr.take() {
                // Bytes that are no text need no error of their own.
                let _ = from.take(2048).read_to_string(&mut stderr);
            }
            Err(LoadError::NoEngine(format!("the process that tried the library ended ({ended}) {}", stderr.trim())))
        }
    }
}

fn refused(reply: StartReply, memory: u64) -> LoadError {
    match reply {
        StartReply::NoEngine(reason) => LoadError::NoEngine(reason),
        StartReply::Failed(reason) => LoadError::Failed(reason),
        StartReply::Memory => {
            LoadError::Trial(format!("it asks for more memory than the {} MiB that a model may have", memory >> 20))
        }
        StartReply::Ready(_) => LoadError::Failed("its process said nothing of use".to_owned()),
    }
}

fn not_started(settings: &EngineSettings, error: &io::Error) -> LoadError {
    LoadError::NoEngine(format!("{} cannot be started: {error}", settings.options.program.display()))
}

fn ended(status: Option<ExitStatus>, error: &io::Error) -> String {
    status.map_or_else(|| error.to_string(), |status| status.to_string())
}

fn order(settings: &EngineSettings, model: usize, file: OnnxFile) -> StartRequest {
    StartRequest {
        library: settings.options.library.clone(),
        library_sha256: settings.library_sha256.clone(),
        memory: settings.options.limits.memory,
        model,
        zipmaps: file.zipmaps,
        without_shape: file.without_shape,
    }
}

/// A socket for each session, our ends and theirs.
fn pairs(count: usize) -> io::Result<(Vec<Socket>, Vec<OwnedFd>)> {
    let mut ends = (Vec::new(), Vec::new());
    for _ in 0..count {
        let (ours, theirs) = Socket::pair()?;
        ours.set_nonblocking(true)?;
        ends.0.push(ours);
        ends.1.push(theirs.into());
    }
    Ok(ends)
}

/// The program with a socket as its standard input, and our end of that.
fn command(settings: &EngineSettings) -> io::Result<(Socket, Command)> {
    use std::os::unix::process::CommandExt;
    let (ours, theirs) = Socket::pair()?;
    let mut command = Command::new(&settings.options.program);
    command
        .args(&settings.options.program_args)
        .env_clear()
        // Memory that was given back by one session is there for the others.
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // Ctrl-C in a terminal is for the node, which then answers what it has.
        .process_group(0);
    Ok((ours, command))
}
