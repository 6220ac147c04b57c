//! The loop of a node: news of the server, models that were loaded, and the time that goes on; after each of them the table, the
//! report and the cache are brought up to date.

use crate::{
    clock::Clock,
    engine::{Engine, Model},
    fetch::Fetcher,
    follow::{News, follow},
    keeper::{Keeper, VersionKey},
    permit::Trust,
    plan::Plan,
    report::Report,
    server::Server,
    table::Current,
};
use proof::{Sha256, UtcTime};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
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

/// What the outside sees of the loop.
#[derive(Clone, Default)]
pub struct Served {
    /// The table in force.
    pub table: Arc<Current>,
    ready: Arc<AtomicBool>,
    problem: Arc<std::sync::Mutex<Option<String>>>,
}

impl Served {
    /// Whether the node has what it needs and has brought everything of its first plan to something.
    ///
    /// # Errors
    /// Why it is not ready, in a sentence.
    pub fn ready(&self) -> Result<(), String> {
        if let Some(problem) = self.problem.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone() {
            return Err(problem);
        }
        if self.ready.load(Ordering::Acquire) {
            Ok(())
        } else {
            Err("the node has no plan yet, or is still loading it".to_owned())
        }
    }

    fn set_problem(&self, problem: Option<String>) {
        *self.problem.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = problem;
    }
}

/// The end of a load.
struct Loaded {
    key: VersionKey,
    tries: u32,
    result: Result<(Arc<dyn Model>, BTreeSet<Sha256>), String>,
}

/// Runs until `shutdown`, then tells the server that this node has stopped.
pub async fn run(parts: Parts, served: Served, shutdown: impl Future<Output = ()>) {
    let parts = Arc::new(parts);
    let server = Arc::clone(&parts.fetcher.server);
    let (tell, mut news) = mpsc::channel(4);
    let following = tokio::spawn(follow(Arc::clone(&server), tell));
    let (reports, to_report) = watch::channel(None);
    let reporting = tokio::spawn(report(Arc::clone(&server), parts.name.clone(), to_report));
    let mut node = Loop::new(Arc::clone(&parts), served, reports);
    node.start_from_cache();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            Some(news) = news.recv() => node.hear(news),
            Some(loaded) = node.loaded.recv() => node.take(loaded),
            _ = ticks.tick() => {}
            () = &mut shutdown => break,
        }
        node.bring_up_to_date();
    }
    following.abort();
    reporting.abort();
    if timeout(GOODBYE, server.leave(&parts.name)).await.is_err() {
        tracing::debug!("the server did not hear that this node stops; it will notice");
    }
}

struct Loop {
    parts: Arc<Parts>,
    served: Served,
    keeper: Keeper,
    started_at: String,
    clock_problem: Option<String>,
    silent: bool,
    places: Arc<Semaphore>,
    load_ends: mpsc::UnboundedSender<Loaded>,
    loaded: mpsc::UnboundedReceiver<Loaded>,
    reports: watch::Sender<Option<Report>>,
    kept: BTreeSet<Sha256>,
}

impl Loop {
    fn new(parts: Arc<Parts>, served: Served, reports: watch::Sender<Option<Report>>) -> Self {
        let (load_ends, loaded) = mpsc::unbounded_channel();
        let started_at = UtcTime::from_micros(parts.clock.now()).map(|time| time.to_string()).unwrap_or_default();
        Self {
            keeper: Keeper::new(parts.trust.clone(), parts.infrastructure.clone()),
            parts,
            served,
            started_at,
            clock_problem: None,
            silent: false,
            places: Arc::new(Semaphore::new(LOADS)),
            load_ends,
            loaded,
            reports,
            kept: BTreeSet::new(),
        }
    }

    /// What was in force when the node stopped, as far as its permits still hold; the server's word follows when it comes.
    fn start_from_cache(&mut self) {
        let Some(bytes) = self.parts.fetcher.cache.plan() else { return };
        match Plan::parse(&bytes) {
            Ok(plan) => self.keeper.plan(plan),
            Err(error) => tracing::warn!(error, "the cached plan is left aside"),
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Plan(plan, bytes) => {
                tracing::info!(tag = plan.tag, services = plan.services.len(), "a new plan");
                self.silent = false;
                self.look_at_clock(&plan);
                if let Err(error) = self.parts.fetcher.cache.put_plan(&bytes) {
                    tracing::warn!(%error, "the cache does not take the plan: this node cannot start without its server");
                }
                self.keeper.plan(*plan);
            }
            News::Same => self.silent = false,
            News::Silent(reason) => {
                if !std::mem::replace(&mut self.silent, true) {
                    tracing::warn!(reason, "no news from the server: going on with what was verified, until the permits end");
                }
            }
        }
    }

    fn look_at_clock(&mut self, plan: &Plan) {
        let difference = self.parts.clock.now().saturating_sub(plan.at.micros());
        let seconds = difference / 1_000_000;
        self.clock_problem = (difference.abs() > CLOCK_DIFFERENCE).then(|| {
            let direction = if difference > 0 { "ahead of" } else { "behind" };
            format!("this machine's clock is {} seconds {direction} the server's: set it right", seconds.abs())
        });
        if let Some(problem) = &self.clock_problem {
            tracing::warn!(problem, "the clock");
        }
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
            tokio::spawn(load(Arc::clone(&self.parts), key, tries, Arc::clone(&self.places), self.load_ends.clone()));
        }
        let table = self.keeper.table(now);
        if !self.served.table.get().same(&table) {
            self.served.table.put(table);
        }
        if self.keeper.is_settled() {
            self.served.ready.store(true, Ordering::Release);
            let kept = self.keeper.kept();
            if kept != self.kept {
                self.parts.fetcher.cache.keep_only(&kept);
                self.kept = kept;
            }
        }
        self.tell(now);
    }

    fn tell(&self, now: i64) {
        let problem = self.parts.engine.as_ref().err().cloned();
        self.served.set_problem(problem.clone());
        let report = Report {
            url: self.parts.url.clone(),
            software: env!("CARGO_PKG_VERSION").to_owned(),
            engine: self.parts.engine.as_ref().ok().map(|engine| engine.info().clone()),
            problem: problem.or_else(|| self.clock_problem.clone()),
            started_at: self.started_at.clone(),
            services: self.keeper.report(now),
        };
        self.reports.send_if_modified(|last| {
            let changed = last.as_ref() != Some(&report);
            *last = Some(report);
            changed
        });
    }
}

/// Fetches, verifies and loads one version.
async fn load(parts: Arc<Parts>, key: VersionKey, tries: u32, places: Arc<Semaphore>, ends: mpsc::UnboundedSender<Loaded>) {
    let _place = places.acquire().await;
    let result = match &parts.engine {
        Err(problem) => Err(problem.clone()),
        Ok(engine) => match parts.fetcher.fetch(&key.version, key.model_digest).await {
            Err(error) => Err(error.to_string()),
            Ok(fetched) => {
                let model = engine.load(fetched.files).await.map_err(|error| error.to_string());
                model.map(|model| (model, fetched.kept))
            }
        },
    };
    // Nobody listens when the node stops.
    let _ = ends.send(Loaded { key, tries, result });
}

/// Reports each change at once, and that the node is alive in between.
async fn report(server: Arc<Server>, name: String, mut reports: watch::Receiver<Option<Report>>) {
    loop {
        let report = reports.borrow_and_update().clone();
        if let Some(report) = report
            && let Err(error) = server.report(&name, &report).await
        {
            tracing::debug!(%error, "the server did not take the report");
        }
        // Both ends are reasons to report: a change, and the time.
        if let Ok(Err(_)) = timeout(HEARTBEAT, reports.changed()).await {
            return;
        }
    }
}
