//! A whole node but for its models, and a server that says what a test wants.

use crate::stage::{NOW, log_key, manifest, model, onnx, trust};
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, service::service_fn};
use node::{
    clock::Clock,
    engine::{Engine, EngineInfo, LoadError, Model, ModelFiles},
    files::{DiskCheck, Fetcher, FileCache},
    run::{NodeParts, NodeStatus, RunError, run},
    server::{NodeReport, ServerClient, ServerOptions},
    witness::Witness,
};
use proof::{Sha256, UtcTime};
use serde_json::{Value, json};
use std::{convert::Infallible, fs, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// For what takes milliseconds, on a machine that is busy.
const SOON: Duration = Duration::from_secs(20);

/// How often the disk is tried.
const DISK_CHECK: Duration = Duration::from_millis(100);

/// A running node with its server. Both end when it is dropped.
pub struct World {
    pub served: NodeStatus,
    pub folder: TempDir,
    plan: watch::Sender<Value>,
    /// The files of versions up to this number do not arrive.
    slow: watch::Sender<u32>,
    reports: watch::Receiver<Option<NodeReport>>,
    tasks: Vec<JoinHandle<()>>,
}

impl World {
    /// A node whose engine takes this long for a version, and a server that has the files of versions 1 to 3.
    pub async fn new(engine: impl Fn(&str) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (plan, plans) = watch::channel(Value::Null);
        let (slow, slow_files) = watch::channel(0);
        let (tell, reports) = watch::channel(None);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let tell = Arc::new(tell);
        let service = move |_| {
            let (plans, slow, tell) = (plans.clone(), slow_files.clone(), tell.clone());
            service_fn(move |request| {
                let (plans, slow, tell) = (plans.clone(), slow.clone(), tell.clone());
                async move { Ok::<_, Infallible>(answer(request, plans, slow, &tell).await) }
            })
        };
        let serving =
            tokio::spawn(async move { listener::serve(listener, None, service, std::future::pending()).await.unwrap() });
        let served = NodeStatus::default();
        let running = run(parts(folder.path(), &url, engine), served.clone(), std::future::pending());
        let running = tokio::spawn(async move { running.await.unwrap() });
        Self { served, folder, plan, slow, reports, tasks: vec![serving, running] }
    }

    /// What the server wants from now on, under a tag of its own.
    pub fn say(&self, mut plan: Value) {
        self.plan.send_modify(|now| {
            plan["tag"] = json!(format!("{} and on", now["tag"].as_str().unwrap_or("from here")));
            *now = plan;
        });
    }

    /// Lets the files of versions up to this number not arrive, or arrive.
    pub fn slow_down(&self, version: u32) {
        self.slow.send_replace(version);
    }

    /// What the server's clock says from now on.
    pub fn say_time(&self, micros: i64) {
        self.plan.send_modify(|now| now["at"] = json!(UtcTime::from_micros(micros).unwrap()));
    }

    /// Why this version of `tumour` does not answer; `None` when it does, or is not there.
    pub fn refusal(&self, version: &str) -> Option<String> {
        let table = self.served.table.get();
        table.services.get("tumour")?.arms.iter().find(|arm| arm.version == version)?.model(NOW).err()
    }

    /// Whether this version of `tumour` answers.
    pub fn serves(&self, version: &str) -> bool {
        let table = self.served.table.get();
        let mut arms = table.services.get("tumour").into_iter().flat_map(|service| &service.arms);
        arms.any(|arm| arm.version == version && arm.model(NOW).is_ok())
    }

    /// Waits for a report like this.
    pub async fn until_report(&self, wanted: impl Fn(&NodeReport) -> bool) -> NodeReport {
        let mut reports = self.reports.clone();
        let found = reports.wait_for(|report| report.as_ref().is_some_and(&wanted));
        let found = timeout(SOON, found).await.unwrap_or_else(|_| panic!("the last report: {:?}", self.reports.borrow()));
        found.unwrap().clone().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Waits until this is so.
pub async fn until(what: &str, so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("it never came to this: {what}"));
}

/// A node with its files in this folder.
pub fn parts(folder: &Path, url: &str, engine: impl Fn(&str) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> NodeParts {
    // Another test may have done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let token_file = folder.join("token");
    fs::write(&token_file, "secret").unwrap();
    let options = ServerOptions { url: url.parse().unwrap(), infrastructure: "production".to_owned(), token_file };
    let cache = Arc::new(FileCache::open(&folder.join("cache")).unwrap());
    let info = EngineInfo { name: "none".to_owned(), sha256: String::new() };
    NodeParts {
        name: "node-1".to_owned(),
        url: "http://127.0.0.1:1".to_owned(),
        infrastructure: "production".to_owned(),
        trust: trust(),
        witness: Witness::new(cache.witness(), &[proof::TrustedLogKey::present(log_key().vkey())]).unwrap(),
        engine: Ok(Arc::new(Told { info, load: Box::new(engine) })),
        disk: DiskCheck::start(Arc::clone(&cache), DISK_CHECK).unwrap(),
        fetcher: Fetcher { cache, server: Arc::new(ServerClient::new(options).unwrap()), most_model: 1000 },
        clock: Clock::new(Arc::new(|| NOW)),
    }
}

/// Runs a node until something is so; it stands still afterwards.
pub async fn run_until(node: &mut BoxFuture<'static, Result<(), RunError>>, so: impl Fn() -> bool) {
    tokio::select! {
        ended = node => panic!("{ended:?}"),
        () = until("the node is as wanted", so) => {}
    }
}

/// What the load of a version waits for.
type Wait = dyn Fn(&str) -> BoxFuture<'static, ()> + Send + Sync;

/// An engine that takes as long as it is told, and loads anything then.
struct Told {
    info: EngineInfo,
    load: Box<Wait>,
}

impl Engine for Told {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn load(&self, files: ModelFiles) -> BoxFuture<'_, Result<Arc<dyn Model>, LoadError>> {
        (self.load)(&files.version).map(|()| Ok(model())).boxed()
    }
}

async fn answer(
    request: Request<Incoming>,
    mut plans: watch::Receiver<Value>,
    mut slow: watch::Receiver<u32>,
    tell: &watch::Sender<Option<NodeReport>>,
) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let digest = path.rsplit('/').next().and_then(|last| last.parse::<Sha256>().ok());
    let content = |bytes: fn(u32) -> Vec<u8>| (1..=3).map(bytes).find(|bytes| Some(Sha256::of(bytes)) == digest);
    let body = if request.method() == Method::PUT {
        let report = request.into_body().collect().await.unwrap().to_bytes();
        let _ = tell.send(Some(serde_json::from_slice(&report).unwrap()));
        Some(Vec::new())
    } else if path.ends_with("/serving") {
        let tag = request
            .uri()
            .query()
            .and_then(|query| query.split('&').find_map(|part| part.strip_prefix("after=")))
            .map(str::to_owned);
        let news = |plan: &Value| plan["tag"].as_str().is_some_and(|now| tag != Some(now.replace(' ', "+")));
        // What did not change is said soon again, since its time may be another.
        let _ = timeout(Duration::from_millis(50), plans.wait_for(news)).await;
        let plan = plans.borrow().clone();
        (!plan.is_null()).then(|| plan.to_string().into_bytes())
    } else if path.contains("/manifests/") {
        content(manifest)
    } else {
        let version = (1..=3).find(|version| Some(Sha256::of(&onnx(*version))) == digest);
        // It is over when the test is.
        let _ = slow.wait_for(|slow| version.is_none_or(|version| version > *slow)).await;
        content(onnx)
    };
    let mut response = Response::new(Full::from(body.clone().unwrap_or_default()));
    if body.is_none() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
