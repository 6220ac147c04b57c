//! Jobs that do as a test says, and a driver that runs them.

use app::{Error, JobState, Server, error::Code};
use futures_util::{
    FutureExt,
    future::{BoxFuture, pending},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use testkit::{Backend, TestServer};
use tokio::{sync::oneshot, task::JoinHandle};
use worker::{Job, Outcome, Schedule, driver};

pub const SECOND: Duration = Duration::from_secs(1);

type Run = BoxFuture<'static, Result<Outcome, Error>>;

/// A job of which a test says what each run does.
pub struct FakeJob {
    name: &'static str,
    schedule: Schedule,
    run: Box<dyn Fn(u64) -> Run + Send + Sync>,
    runs: Arc<AtomicU64>,
}

impl FakeJob {
    /// A job that runs each second; `run` gets the number of the run, from 1 on.
    pub fn new(name: &'static str, run: impl Fn(u64) -> Run + Send + Sync + 'static) -> Self {
        Self { name, schedule: Schedule::every(SECOND), run: Box::new(run), runs: Arc::default() }
    }

    /// A job that succeeds each second.
    pub fn steady(name: &'static str) -> Self {
        Self::new(name, |_| success())
    }

    pub fn once_more_at_end(mut self) -> Self {
        self.schedule.once_more_at_end = true;
        self
    }

    /// Counts the runs.
    pub fn runs(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.runs)
    }
}

impl Job for FakeJob {
    fn name(&self) -> &'static str {
        self.name
    }

    fn schedule(&self) -> Schedule {
        self.schedule
    }

    fn run<'a>(&'a self, _: &'a Arc<Server>) -> BoxFuture<'a, Result<Outcome, Error>> {
        (self.run)(self.runs.fetch_add(1, SeqCst) + 1)
    }
}

pub fn success() -> Run {
    async { Ok(Outcome::count("things", 1)) }.boxed()
}

pub fn failure() -> Run {
    async { Err(Error::new(Code::Unavailable, "the database does not answer")) }.boxed()
}

pub fn panic() -> Run {
    async { panic!("as the test wants it") }.boxed()
}

pub fn never() -> Run {
    pending().boxed()
}

/// A driver at work.
pub struct Driven {
    pub server: TestServer,
    stop: Option<oneshot::Sender<()>>,
    driver: JoinHandle<()>,
}

impl Driven {
    /// Runs these jobs; time stands still from here on.
    pub async fn start(jobs: Vec<FakeJob>) -> Self {
        let server = TestServer::start(Backend::Sqlite).await;
        tokio::time::pause();
        let (stop, stopped) = oneshot::channel();
        let app = Arc::clone(&server.app);
        let jobs = jobs.into_iter().map(|job| -> Box<dyn Job> { Box::new(job) }).collect();
        let driver = tokio::spawn(async move { driver::run(&app, jobs, stopped.map(drop)).await });
        let driven = Self { server, stop: Some(stop), driver };
        driven.pass(Duration::from_millis(1)).await;
        driven
    }

    /// Lets this much time pass.
    pub async fn pass(&self, time: Duration) {
        // Not a wait: time that stands still jumps to the next moment for which somebody waits.
        tokio::time::sleep(time).await;
    }

    /// The state of a job.
    pub fn state(&self, name: &str) -> JobState {
        self.server.app.jobs.all().into_iter().find(|(job, _)| *job == name).unwrap().1
    }

    /// Tells the driver to stop.
    pub fn stop(&mut self) {
        self.stop.take();
    }

    pub fn has_ended(&self) -> bool {
        self.driver.is_finished()
    }
}
