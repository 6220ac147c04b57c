//! Compares gate checks with "hello". The load asks the two servers in turn, so that other work of the machine slows both.

use crate::{
    Size, child,
    figures::{Table, count, median, millis, percent, say},
    load::{Connection, Measured, approve},
    place::{Backend, Place},
    seed::{World, seed},
};
use anyhow::Result;
use std::time::{Duration, Instant};
use tokio::{
    sync::oneshot,
    time::{MissedTickBehavior, interval},
};

/// Versions asked about, of however many there are.
const ASKED: u32 = 1_000;
/// Versions kept for the approvals that are given meanwhile.
const WAITING: u32 = 1_000;

/// One row of the table.
struct Scenario {
    /// How many different versions are asked about.
    asked: u32,
    connections: usize,
    /// Whether somebody gives an approval every second.
    approvals: bool,
}

/// Prints the table.
///
/// # Errors
/// A server that does not start, or gives a wrong answer.
pub async fn measure(backends: &[Backend], size: &Size) -> Result<()> {
    let hello = child::Server::start::<&str>([])?;
    let columns = [
        ("database", 10),
        ("versions", 8),
        ("asked", 7),
        ("conn.", 5),
        ("meanwhile", 15),
        ("hello/s", 7),
        ("p50", 8),
        ("p99", 8),
        ("gate/s", 7),
        ("p50", 8),
        ("p99", 8),
        ("gate/hello", 10),
    ];
    let mut seeding = Vec::new();
    let table = Table::begin("Gate checks beside a bare axum hello", &columns);
    for backend in backends {
        for versions in size.versions {
            let place = Place::create(backend).await?;
            let started = Instant::now();
            let server = place.open().await?;
            let world = seed(&server, versions, WAITING).await?;
            server.store.close().await;
            seeding.push(format!(
                "{} versions on {backend} made in {:.1} s",
                count(versions.into()),
                started.elapsed().as_secs_f64()
            ));
            let mut measured = Measuring { size, hello: &hello, gate: start(&place)?, world, versions, next: versions + 1 };
            for scenario in scenarios(versions, size) {
                let row = measured.rounds(&scenario).await?;
                let head =
                    [backend.to_string(), count(versions.into()), count(scenario.asked.into()), scenario.connections.to_string()];
                let meanwhile = if scenario.approvals { "1 approval/s" } else { "" };
                table.row(head.into_iter().chain([meanwhile.to_owned()]).chain(row));
            }
            drop(measured);
            place.remove().await?;
        }
    }
    table.end();
    seeding.iter().for_each(|line| say(line));
    say("");
    Ok(())
}

/// Quiet ones; with approvals; and, where there are more versions than are asked about usually, all of them in turn.
fn scenarios(versions: u32, size: &Size) -> Vec<Scenario> {
    let of = |asked, connections, approvals| Scenario { asked, connections, approvals };
    let mut scenarios = vec![of(ASKED, 1, false), of(ASKED, 16, false), of(ASKED, 16, true)];
    if versions == size.versions[1] {
        scenarios.push(of(versions, 16, false));
    }
    scenarios
}

/// The real server on this database.
///
/// # Errors
/// When it does not start.
pub fn start(place: &Place) -> Result<child::Server> {
    child::Server::start(["--database", place.url(), "--data", &place.data().display().to_string()])
}

struct Measuring<'a> {
    size: &'a Size,
    hello: &'a child::Server,
    gate: child::Server,
    world: World,
    versions: u32,
    /// The next version to be approved meanwhile.
    next: u32,
}

impl Measuring<'_> {
    async fn rounds(&mut self, scenario: &Scenario) -> Result<Vec<String>> {
        self.ask_gate(scenario, self.size.round / 2).await?;
        let (mut hellos, mut gates) = (Vec::new(), Vec::new());
        for _ in 0..self.size.rounds {
            hellos.push(self.ask_hello(scenario).await?);
            gates.push(match scenario.approvals {
                true => self.ask_gate_while_approving(scenario).await?,
                false => self.ask_gate(scenario, self.size.round).await?,
            });
        }
        let ratio = median(hellos.iter().zip(&gates).map(|(hello, gate)| gate.per_second / hello.per_second));
        let cells = |rounds: &[Measured]| {
            [
                count(median(rounds.iter().map(|round| round.per_second))),
                millis(median(rounds.iter().map(|round| round.p50))),
                millis(median(rounds.iter().map(|round| round.p99))),
            ]
        };
        Ok(cells(&hellos).into_iter().chain(cells(&gates)).chain([percent(ratio)]).collect())
    }

    async fn ask_hello(&self, scenario: &Scenario) -> Result<Measured> {
        child::run(child::load(&self.hello.address, scenario.connections, self.size.round)).await
    }

    async fn ask_gate(&self, scenario: &Scenario, length: Duration) -> Result<Measured> {
        let mut arguments = child::load(&self.gate.address, scenario.connections, length);
        arguments.extend(about(&self.world, self.versions, scenario.asked));
        child::run(arguments).await
    }

    /// The same, with one approval given over the API in every second, the first one at once.
    async fn ask_gate_while_approving(&mut self, scenario: &Scenario) -> Result<Measured> {
        let (stop, mut stopped) = oneshot::channel::<()>();
        let mut connection = Connection::open(&self.gate.address).await?;
        let (token, mut next) = (self.world.approver_session.clone(), self.next);
        let approving = tokio::spawn(async move {
            let mut seconds = interval(Duration::from_secs(1));
            seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = &mut stopped => return anyhow::Ok(next),
                    _ = seconds.tick() => {}
                }
                approve(&mut connection, &token, next).await?;
                next += 1;
            }
        });
        let measured = self.ask_gate(scenario, self.size.round).await?;
        drop(stop);
        self.next = approving.await??;
        Ok(measured)
    }
}

/// The arguments of a load on the gate.
pub fn about(world: &World, versions: u32, asked: u32) -> [String; 6] {
    ["--token", &world.gate_token, "--versions", &versions.to_string(), "--asked", &asked.to_string()].map(str::to_owned)
}
