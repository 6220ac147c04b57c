//! The loop of a node. After news from the server, a loaded model or the passing of time, the loop brings the table, the
//! report and the cache up to date. Nothing in the loop waits for a disk or the network.

mod load;
mod served;

pub use served::Served;

use crate::{
    cache::Writer,
    clock::Clock,
    engine::Engine,
    fetch::Fetcher,
    follow::{News, follow},
    keeper::Keeper,
    permit::Trust,
    plan::Plan,
    report::Report,
    server::{Server, ServerError},
};
use load::{Loaded, load};
use proof::{Sha256, UtcTime};
use std::{collections::BTreeSet, io, sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::{MissedTickBehavior, interval, timeout},
};

/// How often permits are held against the clock.
const TICK: Duration = Duration::from_secs(1);
/// How often the server is told how this node is, where nothing changes.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long to try to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// How many versions are loaded at once.
const LOADS: usize = 2;
/// How far this machine's clock may be from the server's before the node says so, in microseconds.
const CLOCK_DIFFERENCE: i64 = 60_000_000;

/// What a node is made of.
pub struct Parts {
    /// Its name, under which it reports.
    pub name: String,
    /// Where predictions are asked for.
    pub url: String,
    /// The infrastructure that it serves.
    pub infrastructure: String,
    /// Whose permits count.
    pub trust: Trust,
    /// What runs models, or why nothing does.
    pub engine: Result<Arc<dyn Engine>, String>,
    /// Where files come from.
    pub fetcher: Fetcher,
    /// The time.
    pub clock: Clock,
}

/// Why a node cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It would hear of no revocation any more.
    #[error("following the server broke off by a mistake of the node, which its log names")]
    Deaf,
    /// There is no thread for the cache.
    #[error("the cache cannot be written: {0}")]
    Cache(#[from] io::Error),
}

/// Runs until `shutdown`, then tells the server that this node has stopped.
///
/// # Errors
/// Why it cannot go on; it must not serve any longer then.
pub async fn run(parts: Parts, served: Served, shutdown: impl Future<Output = ()>) -> Result<(), RunError> {
    let parts = Arc::new(parts);
    let server = Arc::clone(&parts.fetcher.server);
    let writer = Writer::start(Arc::clone(&parts.fetcher.cache))?;
    let (tell, mut news) = mpsc::channel(4);
    let following = tokio::spawn(follow(Arc::clone(&server), tell));
    let (reports, to_report) = watch::channel(None);
    let reporting = tokio::spawn(report(Arc::clone(&server), parts.name.clone(), to_report));
    let mut node = Loop::new(Arc::clone(&parts), served, writer, reports);
    node.start_from_cache();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(shutdown);
    let ended = loop {
        tokio::select! {
            news = news.recv() => match news {
                Some(news) => node.hear(news),
                None => break Err(RunError::Deaf),
            },
            Some(loaded) = node.loaded.recv() => node.take(loaded),
            _ = ticks.tick() => {}
            () = &mut shutdown => break Ok(()),
        }
        node.bring_up_to_date();
    };
    following.abort();
    reporting.abort();
    if timeout(GOODBYE, server.leave(&parts.name)).await.is_err() {
        tracing::debug!("the server did not hear that this node stops; it will notice");
    }
    ended
}

struct Loop {
    parts: Arc<Parts>,
    served: Served,
    keeper: Keeper,
    started_at: String,
    clock_problem: Option<String>,
    /// Why the server gave no plan the last time.
    silent: Option<String>,
    writer: Writer,
    places: Arc<Semaphore>,
    load_ends: mpsc::UnboundedSender<Loaded>,
    loaded: mpsc::UnboundedReceiver<Loaded>,
    reports: watch::Sender<Option<Report>>,
    /// What the cache was told to keep; nothing while that may change.
    kept: Option<BTreeSet<Sha256>>,
}

impl Loop {
    fn new(parts: Arc<Parts>, served: Served, writer: Writer, reports: watch::Sender<Option<Report>>) -> Self {
        let (load_ends, loaded) = mpsc::unbounded_channel();
        let started_at = UtcTime::from_micros(parts.clock.now()).map(|time| time.to_string()).unwrap_or_default();
        Self {
            keeper: Keeper::new(parts.trust.clone(), parts.infrastructure.clone()),
            parts,
            served,
            started_at,
            clock_problem: None,
            silent: None,
            writer,
            places: Arc::new(Semaphore::new(LOADS)),
            load_ends,
            loaded,
            reports,
            kept: None,
        }
    }

    /// What was in force when the node stopped, as far as its permits still hold; the server's word follows when it comes.
    fn start_from_cache(&mut self) {
        let Some(bytes) = self.parts.fetcher.cache.plan() else { return };
        match Plan::parse(&bytes) {
            Ok(plan) => self.keeper.start_with(plan),
            Err(error) => tracing::warn!(error, "the cached plan is left aside"),
        }
    }

    fn hear(&mut self, news: News) {
        let at = match news {
            News::Plan(plan, bytes) => {
                tracing::info!(tag = plan.tag, services = plan.services.len(), "a new plan");
                let at = plan.at.micros();
                self.keeper.plan(*plan);
                match self.keeper.problem() {
                    // Not for the next start either: it would forget what was revoked since.
                    Some(problem) => tracing::warn!(problem, "the plan is not followed in everything"),
                    None => self.writer.put_plan(bytes),
                }
                at
            }
            News::Same(at) => at,
            News::Silent(reason) => {
                if self.silent.as_ref() != Some(&reason) {
                    tracing::warn!(reason, "no news from the server: going on with what was verified, until the permits end");
                    self.silent = Some(reason);
                }
                return;
            }
        };
        self.served.hear();
        if self.silent.take().is_some() {
            tracing::info!("the server answers again");
        }
        self.look_at_clock(at);
    }

    fn look_at_clock(&mut self, server: i64) {
        let difference = self.parts.clock.now().saturating_sub(server);
        let seconds = difference / 1_000_000;
        let problem = (difference.abs() > CLOCK_DIFFERENCE).then(|| {
            let direction = if difference > 0 { "ahead of" } else { "behind" };
            format!(
                "this machine's clock is or was {} seconds {direction} the server's: set it right, or restart the node where it is \
                 right again",
                seconds.abs()
            )
        });
        if let (Some(problem), None) = (&problem, &self.clock_problem) {
            tracing::warn!(problem, "the clock");
        }
        self.clock_problem = problem;
    }

    fn take(&mut self, loaded: Loaded) {
        let Loaded { key, tries, result } = loaded;
        match &result {
            Ok(_) => tracing::info!(version = key.version, "loaded"),
            Err(reason) => tracing::warn!(version = key.version, reason, "not loaded"),
        }
        self.keeper.loaded(&key, result, tries, self.parts.clock.now());
    }

    fn bring_up_to_date(&mut self) {
        let now = self.parts.clock.now();
        for (key, tries) in self.keeper.to_load(now) {
            self.writer.keep_all();
            self.kept = None;
            let loading = load(Arc::clone(&self.parts), key.clone(), tries, Arc::clone(&self.places), self.load_ends.clone());
            self.keeper.begun(&key, tokio::spawn(loading).abort_handle());
        }
        let table = self.keeper.table(now);
        if !self.served.table.get().same(&table) {
            self.served.table.put(table);
        }
        if self.keeper.is_settled() {
            self.served.settle();
            if let Some(kept) = self.keeper.kept()
                && self.kept.as_ref() != Some(&kept)
            {
                self.writer.keep_only(kept.clone());
                self.kept = Some(kept);
            }
        }
        self.tell(now);
    }

    fn tell(&self, now: i64) {
        let engine_problem = self.parts.engine.as_ref().err().cloned();
        self.served.turn(engine_problem.clone());
        let problems = [engine_problem, self.clock_problem.clone(), self.keeper.problem(), self.writer.problem()];
        let problems: Vec<_> = problems.into_iter().flatten().collect();
        let report = Report {
            url: self.parts.url.clone(),
            software: env!("CARGO_PKG_VERSION").to_owned(),
            engine: self.parts.engine.as_ref().ok().map(|engine| engine.info().clone()),
            problem: (!problems.is_empty()).then(|| problems.join("; ")),
            started_at: self.started_at.clone(),
            services: self.keeper.report(now),
        }
        .shortened();
        self.reports.send_if_modified(|last| {
            let changed = last.as_ref() != Some(&report);
            *last = Some(report);
            changed
        });
    }
}

/// Reports each change at once, and that the node is alive in between.
async fn report(server: Arc<Server>, name: String, mut reports: watch::Receiver<Option<Report>>) {
    let mut refused = None;
    loop {
        let report = reports.borrow_and_update().clone();
        if let Some(report) = report {
            refused = match server.report(&name, &report).await {
                Ok(()) => None,
                Err(ServerError::Refused(reason)) => {
                    if refused.as_ref() != Some(&reason) {
                        tracing::warn!(reason, "the server does not take this node's reports, so nobody sees there how it is");
                    }
                    Some(reason)
                }
                Err(error) => {
                    tracing::debug!(%error, "the server did not get the report");
                    refused
                }
            };
        }
        // Both ends are reasons to report: a change, and the time.
        if let Ok(Err(_)) = timeout(HEARTBEAT, reports.changed()).await {
            return;
        }
    }
}
