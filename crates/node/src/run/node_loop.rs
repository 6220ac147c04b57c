//! The loop of a node. After news from the server, a loaded model or the passing of time, the loop brings the table, the
//! report and the cache up to date. Nothing in the loop waits for a disk or the network.

use super::{
    load::{LoadPlaces, LoadResult, load},
    parts::{NodeParts, RunError},
    report::report,
    status::NodeStatus,
};
use crate::{
    files::CacheWriter,
    server::{LogReport, NodeReport, Plan, PlanUpdate, SeenLog, follow},
    services::ServiceManager,
};
use proof::{Sha256, UtcTime};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval, timeout},
};

/// How often the loop compares permits with the clock.
const TICK: Duration = Duration::from_secs(1);
/// How long the node tries to tell the server that it stops.
const LEAVE_TIME: Duration = Duration::from_secs(2);
/// How far this machine's clock may be from the server's before the node says so, in microseconds.
const CLOCK_DIFFERENCE: i64 = 60_000_000;

/// Runs until `shutdown`, then tells the server that this node has stopped.
///
/// # Errors
/// Why it cannot go on; it must not serve any longer then.
pub async fn run(parts: NodeParts, status: NodeStatus, shutdown: impl Future<Output = ()>) -> Result<(), RunError> {
    let parts = Arc::new(parts);
    let server = Arc::clone(&parts.fetcher.server);
    let writer = CacheWriter::start(Arc::clone(&parts.fetcher.cache))?;
    let (sender, mut updates) = mpsc::channel(4);
    let following = tokio::spawn(follow(Arc::clone(&server), parts.witness.clone(), sender));
    let (reports, receiver) = watch::channel(None);
    let reporting = tokio::spawn(report(Arc::clone(&server), parts.name.clone(), receiver));
    let mut node = NodeLoop::new(Arc::clone(&parts), status, writer, reports);
    node.start_from_cache();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(shutdown);
    let result = loop {
        tokio::select! {
            update = updates.recv() => match update {
                Some(update) => node.take_plan(update),
                None => break Err(RunError::FollowingEnded),
            },
            Some(result) = node.load_results.recv() => node.take_load(result),
            _ = ticks.tick() => {}
            () = &mut shutdown => break Ok(()),
        }
        node.update();
    };
    following.abort();
    reporting.abort();
    if timeout(LEAVE_TIME, server.leave(&parts.name)).await.is_err() {
        tracing::debug!("the server did not hear that this node stops; it will notice");
    }
    result
}

struct NodeLoop {
    parts: Arc<NodeParts>,
    status: NodeStatus,
    services: ServiceManager,
    started_at: String,
    clock_problem: Option<String>,
    /// Why the server gave no plan the last time.
    no_plan: Option<String>,
    log: LogReport,
    writer: CacheWriter,
    places: Arc<LoadPlaces>,
    load_results_sender: mpsc::UnboundedSender<LoadResult>,
    load_results: mpsc::UnboundedReceiver<LoadResult>,
    reports: watch::Sender<Option<NodeReport>>,
    /// The digests that the cache keeps; `None` while that may change.
    digests_kept: Option<BTreeSet<Sha256>>,
}

impl NodeLoop {
    fn new(parts: Arc<NodeParts>, status: NodeStatus, writer: CacheWriter, reports: watch::Sender<Option<NodeReport>>) -> Self {
        let (load_results_sender, load_results) = mpsc::unbounded_channel();
        let SeenLog { size, checkpoint, .. } = SeenLog::of(&parts.witness, false);
        let started_at = UtcTime::from_micros(parts.clock.now()).map(|time| time.to_string()).unwrap_or_default();
        Self {
            services: ServiceManager::new(parts.trust.clone(), parts.infrastructure.clone()),
            parts,
            status,
            started_at,
            clock_problem: None,
            no_plan: None,
            log: LogReport { size, checkpoint, refusal: None },
            writer,
            places: Arc::default(),
            load_results_sender,
            load_results,
            reports,
            digests_kept: None,
        }
    }

    /// Starts with the plan that was in force when the node stopped. Permits that have ended hold no longer, and the server's plan
    /// follows.
    fn start_from_cache(&mut self) {
        let Some(bytes) = self.parts.fetcher.cache.plan() else { return };
        match Plan::parse(&bytes) {
            Ok(plan) => self.services.set_cached_plan(plan),
            Err(error) => tracing::warn!(error, "the cached plan is left aside"),
        }
    }

    fn take_plan(&mut self, update: PlanUpdate) {
        let at = match update {
            PlanUpdate::New(plan, bytes, log) => {
                self.saw_log(log);
                tracing::info!(tag = plan.tag, services = plan.services.len(), "a new plan");
                let at = plan.at.micros();
                self.services.set_plan(*plan);
                match self.services.problem() {
                    // Not for the next start either: it would forget what was revoked since.
                    Some(problem) => tracing::warn!(problem, "the plan is not followed in everything"),
                    None => self.writer.put_plan(bytes),
                }
                at
            }
            PlanUpdate::Unchanged(at, log) => {
                self.saw_log(log);
                at
            }
            PlanUpdate::Refused(plan, reason) => {
                if self.log.refusal.as_ref() != Some(&reason) {
                    tracing::error!(reason, "the server's log is refused");
                    self.log.refusal = Some(reason);
                }
                // The node believes every word against a version.
                self.services.take_stops(&plan);
                plan.at.micros()
            }
            PlanUpdate::Unavailable(reason) => {
                if self.no_plan.as_ref() != Some(&reason) {
                    tracing::warn!(reason, "no news from the server: going on with what was verified, until the permits end");
                    self.no_plan = Some(reason);
                }
                return;
            }
        };
        self.status.server_answered();
        if self.no_plan.take().is_some() {
            tracing::info!("the server answers again");
        }
        self.compare_clocks(at);
    }

    fn saw_log(&mut self, SeenLog { size, checkpoint, file }: SeenLog) {
        if self.log.refusal.is_some() {
            tracing::info!("the server shows the log again that this node saw");
        }
        self.log = LogReport { size, checkpoint, refusal: None };
        if let Some(file) = file {
            self.writer.put_witness(file);
        }
    }

    fn compare_clocks(&mut self, server: i64) {
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

    fn take_load(&mut self, load_result: LoadResult) {
        let LoadResult { key, tries, result } = load_result;
        match &result {
            Ok(_) => tracing::info!(version = key.version, "loaded"),
            Err(failure) => tracing::warn!(version = key.version, reason = failure.reason, "not loaded"),
        }
        self.services.end_load(&key, result, tries, self.parts.clock.now());
    }

    fn update(&mut self) {
        let now = self.parts.clock.now();
        for (key, tries) in self.services.begin_loads(now) {
            self.writer.keep_all();
            self.digests_kept = None;
            let loading =
                load(Arc::clone(&self.parts), key.clone(), tries, Arc::clone(&self.places), self.load_results_sender.clone());
            self.services.set_load_task(&key, tokio::spawn(loading).abort_handle());
        }
        let table = self.services.table(now);
        if !self.status.table.get().same(&table) {
            self.status.table.put(table);
        }
        if self.services.is_settled() {
            self.status.settle();
            if let Some(digests) = self.services.digests_to_keep()
                && self.digests_kept.as_ref() != Some(&digests)
            {
                self.writer.keep_only(digests.clone());
                self.digests_kept = Some(digests);
            }
        }
        self.report(now);
    }

    fn report(&self, now: i64) {
        let engine_problem = self.parts.engine.as_ref().err().cloned();
        self.status.went_round(engine_problem.clone());
        self.status.saw_log(&self.log);
        let refusal = self.log.refusal.clone();
        let (hang, clock) = (self.parts.disk.hang(), self.clock_problem.clone());
        self.status.saw_disk(hang.clone());
        let disk = hang.or_else(|| self.parts.disk.failure());
        let problems = [engine_problem, refusal, disk, clock, self.services.problem(), self.writer.problem()];
        let problems: Vec<_> = problems.into_iter().flatten().collect();
        let report = NodeReport {
            url: self.parts.url.clone(),
            software: env!("CARGO_PKG_VERSION").to_owned(),
            engine: self.parts.engine.as_ref().ok().map(|engine| engine.info().clone()),
            problem: (!problems.is_empty()).then(|| problems.join("; ")),
            started_at: self.started_at.clone(),
            services: self.services.report(now),
            log: self.log.clone(),
        }
        .shortened();
        self.reports.send_if_modified(|last| {
            let changed = last.as_ref() != Some(&report);
            *last = Some(report);
            changed
        });
    }
}
