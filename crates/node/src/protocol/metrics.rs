//! Metrics for Prometheus. Each version has its own atomics, looked up once for each table, so counting a request needs no
//! lookup.

use super::news::ServerNews;
use crate::services::Table;
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// The statuses that a prediction can be answered with; 499 is a client that went away before its answer.
const CODES: [u16; 12] = [200, 400, 404, 405, 408, 413, 415, 499, 500, 503, 504, 0];
/// Upper ends of the classes of latency, in microseconds.
const LATENCIES: [u64; 14] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000];

/// The figures of a node.
#[derive(Debug, Default)]
pub struct Metrics {
    arms: Mutex<BTreeMap<(String, String), Arc<ArmMetrics>>>,
}

/// The figures of one version of a service.
#[derive(Debug, Default)]
pub(crate) struct ArmMetrics {
    requests: [AtomicU64; CODES.len()],
    /// One more than there are upper ends: what is above all of them.
    latencies: [AtomicU64; LATENCIES.len() + 1],
    latency_micros: AtomicU64,
    in_flight: AtomicI64,
    queue_full: AtomicU64,
    /// Of predictions alone that were answered.
    success_micros: AtomicU64,
    infer_micros: AtomicU64,
    /// When the last of them began, in milliseconds since 1970.
    last_inference: AtomicI64,
}

/// Predictions of a version: how many, and nanoseconds of all together.
pub(crate) struct ArmStatistics {
    /// Those that were answered.
    pub success: (u64, u64),
    /// Those that were not.
    pub failed: (u64, u64),
    /// The part of the model in those that were answered.
    pub infer: (u64, u64),
    /// When the last one was answered, in milliseconds since 1970; 0 if none was.
    pub last: i64,
}

impl ArmMetrics {
    /// Counts a request in, until the result is finished or dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        InFlight { metrics: self.clone(), finished: false }
    }

    /// Notes a prediction that was answered at this time, in microseconds since 1970: how long all of it and its model took.
    pub(crate) fn answered(&self, now: i64, all: Duration, model: Duration) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.success_micros.fetch_add(micros(all), Relaxed);
        self.infer_micros.fetch_add(micros(model), Relaxed);
        self.last_inference.store(now / 1000, Relaxed);
    }

    /// The predictions so far.
    pub(crate) fn statistics(&self) -> ArmStatistics {
        let count = |wanted: fn(u16) -> bool| -> u64 {
            CODES.iter().zip(&self.requests).filter(|(code, _)| wanted(**code)).map(|(_, count)| count.load(Relaxed)).sum()
        };
        let success = count(|code| code == 200);
        let (all, answered) = (self.latency_micros.load(Relaxed), self.success_micros.load(Relaxed));
        ArmStatistics {
            success: (success, answered.saturating_mul(1000)),
            failed: (count(|code| code != 200), all.saturating_sub(answered).saturating_mul(1000)),
            infer: (success, self.infer_micros.load(Relaxed).saturating_mul(1000)),
            last: self.last_inference.load(Relaxed),
        }
    }

    /// Counts a request that found the model's queue full.
    pub(crate) fn queue_was_full(&self) {
        self.queue_full.fetch_add(1, Relaxed);
    }

    fn count(&self, code: u16) {
        let place = CODES.iter().position(|&known| known == code).unwrap_or(CODES.len() - 1);
        self.requests[place].fetch_add(1, Relaxed);
    }
}

/// A request that is being answered.
pub(crate) struct InFlight {
    metrics: Arc<ArmMetrics>,
    finished: bool,
}

impl InFlight {
    /// Counts it for another version from here on.
    pub(crate) fn count_for(&mut self, metrics: &Arc<ArmMetrics>) {
        metrics.in_flight.fetch_add(1, Relaxed);
        std::mem::replace(&mut self.metrics, metrics.clone()).in_flight.fetch_sub(1, Relaxed);
    }

    /// Counts its answer.
    pub(crate) fn finish(mut self, code: u16, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.metrics.count(code);
        self.metrics.latencies[LATENCIES.partition_point(|&end| end < micros)].fetch_add(1, Relaxed);
        self.metrics.latency_micros.fetch_add(micros, Relaxed);
        self.finished = true;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.metrics.in_flight.fetch_sub(1, Relaxed);
        if !self.finished {
            self.metrics.count(499);
        }
    }
}

impl Metrics {
    /// The metrics of this version of a service. They go on when the version comes back.
    pub(crate) fn arm(&self, service: &str, version: &str) -> Arc<ArmMetrics> {
        let mut arms = self.arms.lock().unwrap_or_else(PoisonError::into_inner);
        arms.entry((service.to_owned(), version.to_owned())).or_default().clone()
    }

    /// All figures as text, as Prometheus reads it.
    pub fn render(&self) -> String {
        let arms = self.arms.lock().unwrap_or_else(PoisonError::into_inner);
        let labelled: Vec<_> = arms.iter().map(|((service, version), arm)| (labels(service, version), arm)).collect();
        let mut out = String::new();
        head(&mut out, "countersign_node_requests_total", "counter", "Predictions asked for, by the status of the answer.");
        for (labels, arm) in &labelled {
            for (code, count) in CODES.iter().zip(&arm.requests).filter(|(_, count)| count.load(Relaxed) > 0) {
                let code = if *code == 0 { "other".to_owned() } else { code.to_string() };
                line(&mut out, "countersign_node_requests_total", &format!("{labels},code=\"{code}\""), count.load(Relaxed));
            }
        }
        head(&mut out, "countersign_node_request_duration_seconds", "histogram", "From the headers of a request to its answer.");
        for (labels, arm) in &labelled {
            arm.render_latencies(labels, &mut out);
        }
        head(&mut out, "countersign_node_requests_in_flight", "gauge", "Predictions that are being answered.");
        for (labels, arm) in &labelled {
            line(&mut out, "countersign_node_requests_in_flight", labels, arm.in_flight.load(Relaxed));
        }
        head(&mut out, "countersign_node_queue_full_total", "counter", "Predictions refused because too many waited.");
        for (labels, arm) in &labelled {
            line(&mut out, "countersign_node_queue_full_total", labels, arm.queue_full.load(Relaxed));
        }
        out
    }
}

impl ArmMetrics {
    fn render_latencies(&self, labels: &str, out: &mut String) {
        const NAME: &str = "countersign_node_request_duration_seconds";
        let mut sum = 0;
        for (count, end) in self.latencies.iter().zip(LATENCIES.iter().map(Some).chain([None])) {
            sum += count.load(Relaxed);
            let end = end.map_or("+Inf".to_owned(), |&micros| (Duration::from_micros(micros).as_secs_f64()).to_string());
            line(out, &format!("{NAME}_bucket"), &format!("{labels},le=\"{end}\""), sum);
        }
        let seconds = Duration::from_micros(self.latency_micros.load(Relaxed)).as_secs_f64();
        line(out, &format!("{NAME}_sum"), labels, seconds);
        line(out, &format!("{NAME}_count"), labels, sum);
    }
}

/// How current the node is, whether its versions answer, and for how long they may go on.
pub(crate) fn render_state(table: &Table, now: i64, news: ServerNews, out: &mut String) {
    const AGE: &str = "countersign_node_news_age_seconds";
    const SIZE: &str = "countersign_node_log_size";
    const REFUSED: &str = "countersign_node_log_refused";
    const UP: &str = "countersign_node_version_up";
    const RESTARTS: &str = "countersign_node_model_restarts_total";
    const END: &str = "countersign_node_permit_end_timestamp_seconds";
    head(out, AGE, "gauge", "Since the server answered last.");
    if let Some(age) = news.age {
        line(out, AGE, "", age.as_secs_f64());
    }
    head(out, SIZE, "gauge", "Events of the largest checkpoint of the server's log that this node saw.");
    if let Some(size) = news.log_size {
        line(out, SIZE, "", size);
    }
    head(out, REFUSED, "gauge", "Whether this node refuses the server's log, and so follows no plan: 1 or 0.");
    line(out, REFUSED, "", u8::from(news.log_refused));
    let arms = || table.services.values().flat_map(|service| service.arms.iter().map(move |arm| (service, arm)));
    head(out, UP, "gauge", "Whether a version can answer at this moment: 1 or 0.");
    for (service, arm) in arms() {
        line(out, UP, &labels(&service.name, &arm.version), u8::from(arm.model(now).is_ok()));
    }
    head(out, RESTARTS, "counter", "Processes of a model that were started again after the one before had ended.");
    for (service, arm) in arms() {
        if let Some(health) = arm.health() {
            line(out, RESTARTS, &labels(&service.name, &arm.version), health.restarts);
        }
    }
    head(out, END, "gauge", "When a version's permit ends, in seconds since 1970.");
    // What never had a permit has no end of one.
    for (service, arm) in arms().filter(|(_, arm)| arm.not_after != i64::MIN) {
        line(out, END, &labels(&service.name, &arm.version), arm.not_after / 1_000_000);
    }
}

fn labels(service: &str, version: &str) -> String {
    format!("service=\"{}\",version=\"{}\"", escaped(service), escaped(version))
}

/// The two lines before the values of a figure.
pub(crate) fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// A value of a figure.
pub(crate) fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = if labels.is_empty() { writeln!(out, "{name} {value}") } else { writeln!(out, "{name}{{{labels}}} {value}") };
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
