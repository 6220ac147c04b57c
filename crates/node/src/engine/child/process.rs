//! The process of one model. The process loads the library and the model under limits, reports the model's inputs and outputs,
//! and answers requests until the node closes its channel. Only this process calls ONNX Runtime, so a crash ends only it.

use super::{
    outbox::Outbox,
    run_state::RunState,
    session::{Library, Session},
    session_loop,
};
use crate::engine::messages::{
    cancel,
    start::{self, StartReply, StartRequest},
};
use proof::sha256::Hasher;
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};
use std::{
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, AsRawFd},
        unix::net::UnixStream,
    },
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, OnceLock},
    thread,
};

/// The run of each session, once there are sessions.
type RunStates = Arc<OnceLock<Vec<Arc<RunState>>>>;

/// What `countersign node-engine` does. It expects the node on its standard input, and ends with it.
#[must_use]
#[expect(clippy::print_stderr, reason = "standard error goes to the node's log")]
pub fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the engine's channel: {error}; it is started by `countersign node`, not by hand");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    let mut node = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (start, sockets) = start::receive(&node)?;
    let mut model = vec![0; start.model];
    node.read_exact(&mut model)?;
    limit_memory(start.memory)?;
    ignore_stop_signals()?;

    let states = RunStates::default();
    let watched = node.try_clone()?;
    let its_states = states.clone();
    // From here on the end of the node ends this process, in the middle of loading a model, too.
    thread::Builder::new().name("node".to_owned()).spawn(move || follow_node(watched, &its_states))?;

    let (reply, sessions) = match prepare(&start, &model, sockets.len(), &states) {
        Ok((reply, sessions)) => (reply, sessions),
        Err(reply) => (reply, Vec::new()),
    };
    drop(model);
    node.write_all(&start::to_json(&reply)?)?;
    let outboxes = Outbox::for_all(&sockets)?;
    let mut threads = Vec::new();
    for (number, ((session, socket), outbox)) in sessions.into_iter().zip(sockets).zip(outboxes).enumerate() {
        let serving = move || end_with(number, || session_loop::serve(session, socket, outbox));
        threads.push(thread::Builder::new().name(format!("session {number}")).spawn(serving)?);
    }
    for thread in threads {
        thread.join().map_err(|_| io::Error::other("a session came to grief"))?;
    }
    Ok(())
}

/// Ends this process when a session breaks off. The node starts the process again at once, and waiting requests get an error.
#[expect(clippy::print_stderr, reason = "standard error goes to the node's log")]
fn end_with(number: usize, session: impl FnOnce() -> io::Result<()>) {
    match catch_unwind(AssertUnwindSafe(session)) {
        Ok(Ok(())) => return,
        Ok(Err(error)) => eprintln!("session {number} ends: {error}"),
        Err(_) => eprintln!("session {number} came to grief"),
    }
    end_at_once();
}

/// Loads the library, and the model once for each session.
fn prepare(
    start: &StartRequest,
    model: &[u8],
    sessions: usize,
    states: &RunStates,
) -> Result<(StartReply, Vec<Session>), StartReply> {
    let library = load_library(start).map_err(StartReply::NoEngine)?;
    if model.is_empty() {
        return Ok((StartReply::Ready(Default::default()), Vec::new()));
    }
    let states = states.get_or_init(|| (0..sessions).map(|_| Arc::new(RunState::default())).collect());
    let mut loaded = Vec::with_capacity(sessions);
    for state in states {
        loaded.push(Session::load(&library, model, start, state.clone())?);
    }
    let signature = loaded.first().map(|session| session.signature().clone()).unwrap_or_default();
    Ok((StartReply::Ready(signature), loaded))
}

/// Loads the library from the very file that was hashed: another one put under its name meanwhile is not looked at.
fn load_library(start: &StartRequest) -> Result<Library, String> {
    let path = start.library.display();
    let unreadable = |error: io::Error| format!("the library cannot be read at {path}: {error}");
    let mut file = File::open(&start.library).map_err(unreadable)?;
    let mut hasher = Hasher::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        match file.read(&mut piece).map_err(unreadable)? {
            0 => break,
            read => hasher.update(&piece[..read]),
        }
    }
    let found = hasher.finish().hex();
    if found != start.library_sha256 {
        return Err(format!("{path} was altered while the node ran: its SHA-256 is {found}, not {}", start.library_sha256));
    }
    let library = Library::load(&PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())));
    library.map_err(|error| format!("{path} cannot be loaded: {error}"))
}

fn limit_memory(bytes: u64) -> io::Result<()> {
    setrlimit(Resource::As, Rlimit { current: Some(bytes), maximum: Some(bytes) })?;
    // A core would hold the model and what clients sent.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(())
}

/// Takes no notice of the signals that ask a service to stop: the node hears them too, answers what it has, and then ends this.
fn ignore_stop_signals() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    // A handler stays for as long as the process does, whether anyone listens or not.
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        drop(signal(kind)?);
    }
    Ok(())
}

/// Calls off requests when the node says so, and ends this process when the node is gone, however it went. The kernel's signal
/// at a parent's death would not do: it comes with the end of the thread that started this process, which may be long before.
fn follow_node(mut node: UnixStream, states: &RunStates) {
    let mut message = [0; cancel::LENGTH];
    while node.read_exact(&mut message).is_ok() {
        let (place, id) = cancel::parse(message);
        if let Some(state) = states.get().and_then(|states| states.get(place)) {
            state.cancel(id);
        }
    }
    end_at_once();
}

/// Not `exit`, which would wait for destructors while sessions still run.
fn end_at_once() {
    let _ = kill_process(getpid(), Signal::KILL);
}
