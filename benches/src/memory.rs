//! The memory of the installed server, idle and after some work.

use crate::{
    child,
    figures::{Table, megabytes},
    gate,
    installed::{Installed, program},
    load::Measured,
    place::{Backend, Place},
    seed::seed,
};
use anyhow::Result;

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
    let columns = [("database", 10), ("after the start", 15), ("after 10,000 checks", 19), ("peak", 8)];
    let table = Table::begin("Memory of the server (resident)", &columns);
    for backend in backends {
        let place = Place::create(backend).await?;
        let server = place.open().await?;
        let world = seed(&server, VERSIONS, 0).await?;
        server.store.close().await;
        let running = Installed::serve(program.as_os_str(), &place)?;
        let (id, address) = (running.id(), running.address.as_str());
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
