//! What the server has in memory when it is idle, and after some work: the program as it is installed, where it was built.

use crate::{
    child,
    figures::{Table, megabytes, say},
    gate,
    load::Measured,
    place::{Backend, Place},
    seed::seed,
};
use anyhow::{Context, Result, ensure};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Connections that ask.
const CONNECTIONS: u64 = 16;
/// What each of them asks: 10,000 together.
const EACH: u64 = 625;
const VERSIONS: u32 = 1_000;

/// Prints the table.
///
/// # Errors
/// A server that does not start.
pub async fn measure(backends: &[Backend]) -> Result<()> {
    let program = program()?;
    if program.is_none() {
        say(
            "There is no `countersign` beside this program and cargo could not build it: the server of this program is measured instead.",
        );
    }
    let columns = [("database", 10), ("after the start", 15), ("after 10,000 checks", 19), ("peak", 8)];
    let table = Table::begin("Memory of the server (resident)", &columns);
    for backend in backends {
        let place = Place::create(backend).await?;
        let server = place.open().await?;
        let world = seed(&server, VERSIONS, 0).await?;
        server.store.close().await;
        let running = match &program {
            Some(program) => Running::Installed(Installed::start(program, &place)?),
            None => Running::Own(gate::start(&place)?),
        };
        let (id, address) = running.place();
        let idle = child::memory(id, "VmRSS")?;
        let mut load = ["child-load", address, "--connections", &CONNECTIONS.to_string(), "--most", &EACH.to_string()]
            .map(str::to_owned)
            .to_vec();
        load.extend(gate::about(&world, VERSIONS, VERSIONS));
        child::run::<Measured>(load).await?;
        table.row([
            backend.to_string(),
            megabytes(idle),
            megabytes(child::memory(id, "VmRSS")?),
            megabytes(child::memory(id, "VmHWM")?),
        ]);
        drop(running);
        place.remove().await?;
    }
    table.end();
    Ok(())
}

/// The program `countersign` of the same build as this one, built if it is not there yet; none where there is no cargo.
fn program() -> Result<Option<PathBuf>> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name("countersign");
    if !cfg!(debug_assertions) {
        let cargo = Command::new("cargo").args(["build", "--release", "--quiet", "--package", "countersign"]).status();
        if cargo.is_err() || cargo.is_ok_and(|status| !status.success()) {
            return Ok(None);
        }
    }
    Ok(program.exists().then_some(program))
}

enum Running {
    Installed(Installed),
    Own(child::Server),
}

impl Running {
    fn place(&self) -> (u32, &str) {
        match self {
            Self::Installed(installed) => (installed.0.id(), &installed.1),
            Self::Own(server) => (server.id(), &server.address),
        }
    }
}

/// `countersign serve`, and where it listens.
struct Installed(Child, String);

impl Installed {
    fn start(program: &Path, place: &Place) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", place.url(), "--data"]).arg(place.data());
        command.env("COUNTERSIGN_REQUESTS_PER_MINUTE", "0").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn()?;
        let mut log = BufReader::new(process.stderr.take().context("its log was asked for")?);
        let mut ready = String::new();
        while !ready.contains("(listening on ") {
            ready.clear();
            ensure!(log.read_line(&mut ready)? > 0, "countersign serve did not start");
        }
        // Somebody has to read its log, or it would wait for that.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let address = ready.split("(listening on ").nth(1).and_then(|rest| rest.split(')').next());
        let address = address.context("it says where it listens")?.to_owned();
        Ok(Self(process, address))
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        // It is not asked to stop in order: nothing that it holds is needed any more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
