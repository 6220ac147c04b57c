//! `countersign node` as a process of its own, and clients that ask it for predictions.

use super::{
    http::{Person, Reply},
    scene::{People, Place},
    serve::{self, Serve},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    fs,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Names the library of ONNX Runtime.
pub const LIBRARY: &str = "COUNTERSIGN_TEST_ONNXRUNTIME";
/// How long a node may take to notice something. The rule is a second; a test on a busy machine has more patience.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What a node is started with.
#[derive(Clone)]
pub struct NodeOptions {
    pub server: String,
    pub infra: String,
    pub token_file: PathBuf,
    pub trust: PathBuf,
    pub cache: PathBuf,
    pub library: PathBuf,
    pub listen: String,
    pub more: Vec<String>,
}

/// A running node; killed when dropped.
pub struct Node {
    process: Serve,
    /// One for all requests: making one reads the system's certificates, which takes longer than any answer.
    http: reqwest::Client,
}

/// An answer to a request for a prediction.
#[derive(Debug)]
pub struct Prediction {
    pub status: u16,
    pub version: String,
    pub digest: String,
    pub approved: String,
    pub revision: u64,
    pub json: Value,
}

/// The library that the tests use.
pub fn library() -> PathBuf {
    let library = super::environment(LIBRARY).unwrap_or_else(|| {
        panic!("{LIBRARY} is not set: run `cargo xtask test`, or name the file that `cargo xtask onnxruntime` prints")
    });
    PathBuf::from(library)
}

impl NodeOptions {
    /// A node for `production` with everything as it should be.
    pub async fn of(place: &Place, server: &Serve, people: &People) -> Self {
        Self::for_infra(place, server, people, "production", "node-1").await
    }

    /// The same for another infrastructure or under another name.
    pub async fn for_infra(place: &Place, server: &Serve, people: &People, infra: &str, name: &str) -> Self {
        let token = people.root.post("/tokens", json!({"service": name, "scopes": ["node"]})).await.ok();
        let token_file = place.desk().join(format!("{name}.token"));
        fs::write(&token_file, token["token"].as_str().unwrap()).unwrap();
        people.root.put(&format!("/infrastructures/{infra}/members/{name}"), json!({"role": "node"})).await.ok();
        let trust = place.desk().join("countersign.pem");
        fs::write(&trust, place.admin(&["public-key"]).done().stdout).unwrap();
        Self {
            server: server.url.clone(),
            infra: infra.to_owned(),
            token_file,
            trust,
            cache: place.desk().join(format!("cache-{name}")),
            library: library(),
            listen: "127.0.0.1:0".to_owned(),
            more: vec!["--name".to_owned(), name.to_owned()],
        }
    }

    pub fn with(mut self, more: &[&str]) -> Self {
        self.more.extend(more.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// Starts it and waits until it listens; whether it serves is another question.
    pub fn start(&self) -> Node {
        self.start_with(&[])
    }

    pub fn start_with(&self, settings: &[(&str, &str)]) -> Node {
        let mut command = serve::command(settings);
        command.args(["node", "--server", &self.server, "--infra", &self.infra, "--listen", &self.listen]);
        let files: [(&str, &Path); 4] = [
            ("--token-file", &self.token_file),
            ("--trust", &self.trust),
            ("--cache", &self.cache),
            ("--onnxruntime", &self.library),
        ];
        for (flag, file) in files {
            command.arg(flag).arg(file);
        }
        let process = Serve::spawn(command.args(&self.more)).ready();
        let http = Person::nobody(&process.url).http;
        Node { process, http }
    }
}

impl Node {
    /// Asks for a prediction of a service.
    pub async fn predict(&self, service: &str, inputs: &Value) -> Prediction {
        self.ask(&format!("/v2/models/{service}/infer"), inputs).await
    }

    /// Posts a request to any path.
    pub async fn ask(&self, path: &str, body: &Value) -> Prediction {
        let sent = self.http.post(format!("{}{path}", self.url)).json(body).send().await;
        Prediction::of(sent.unwrap_or_else(|error| panic!("the node does not answer: {error:?}\n{}", self.log()))).await
    }

    /// Gets any path.
    pub async fn get(&self, path: &str) -> Prediction {
        Prediction::of(self.http.get(format!("{}{path}", self.url)).send().await.expect("the node answers")).await
    }

    /// Asks until the answer is as wanted.
    #[track_caller]
    pub fn until<'a>(
        &'a self,
        service: &'a str,
        inputs: &'a Value,
        wanted: impl Fn(&Prediction) -> bool + 'a,
    ) -> impl Future<Output = Prediction> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let begun = Instant::now();
            loop {
                let answer = self.predict(service, inputs).await;
                if wanted(&answer) {
                    return answer;
                }
                assert!(begun.elapsed() < PATIENCE, "{place}: this never came; the last was {answer:#?}\n{}", self.log());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    /// Ends it as its operator would; it must end in order.
    pub fn stop(self) {
        self.process.stop();
    }
}

impl Deref for Node {
    type Target = Serve;
    fn deref(&self) -> &Serve {
        &self.process
    }
}

impl DerefMut for Node {
    fn deref_mut(&mut self) -> &mut Serve {
        &mut self.process
    }
}

impl Prediction {
    pub async fn of(response: reqwest::Response) -> Self {
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let (version, digest) = (header("countersign-version"), header("countersign-model-digest"));
        let (approved, revision) = (header("countersign-approved"), header("countersign-revision"));
        let status = response.status().as_u16();
        let json = serde_json::from_slice(&response.bytes().await.expect("a whole answer")).unwrap_or_default();
        Self { status, version, digest, approved, revision: revision.parse().unwrap_or(0), json }
    }

    /// Whether it came from this version of `diagnosis/tumour`.
    pub fn is_from(&self, version: u32) -> bool {
        self.status == 200 && self.version == format!("diagnosis/tumour:{version}")
    }

    /// The reason of a refusal.
    pub fn reason(&self) -> &str {
        self.json["error"].as_str().unwrap_or_default()
    }
}

/// Two patients, one with a malignant tumour.
pub fn patients() -> Value {
    let text = include_str!("../../../../examples/tumour/patients.json");
    serde_json::from_str(text).unwrap()
}

/// A model of examples/models, with the answers that ONNX Runtime gives in Python.
pub struct ExampleModel {
    pub name: String,
    pub folder: String,
    /// `{"inputs": […], "outputs": […]}` in the protocol's JSON form.
    pub cases: Vec<Value>,
}

/// All of them.
pub fn example_models() -> Vec<ExampleModel> {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/models")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path()).filter(|folder| folder.join("expected.json").exists());
    folders
        .map(|folder| ExampleModel {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            cases: serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap(),
            folder: folder.to_str().unwrap().to_owned(),
        })
        .collect()
}

impl People {
    /// Registers one of the example models as the next version of `diagnosis/tumour`, and has it approved.
    pub fn approved(&self, place: &Place, model: &str) -> u32 {
        let version = self.registered(place, model);
        self.approve(place, version);
        version
    }

    /// Registers one of the example models.
    pub fn registered(&self, place: &Place, model: &str) -> u32 {
        let folder = format!("{}/../../examples/tumour/{model}", env!("CARGO_MANIFEST_DIR"));
        self.registered_from(place, &folder)
    }

    /// Registers a folder or file.
    pub fn registered_from(&self, place: &Place, folder: &str) -> u32 {
        let created = place.terminal(&self.scientist).run(&["version", "create", "diagnosis/tumour", folder, "--output", "json"]);
        let name = created.done().json()["name"].as_str().unwrap().to_owned();
        name.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// Has a version approved.
    pub fn approve(&self, place: &Place, version: u32) {
        let name = format!("diagnosis/tumour:{version}");
        place.terminal(&self.scientist).run(&["review", "request", &name, "--skip-feedback"]).done();
        place.terminal(&self.approver).decide(&["approve", &name, "--comment", "Good."]).done();
    }

    /// Has `production` take out of service what is revoked or expires.
    pub async fn disable_on_lapse(&self) {
        let body = json!({"policy": "prevent", "on_lapse": "disable", "reason": "Patients are treated by it."});
        let infrastructure = "/infrastructures/production";
        self.root.change(Method::PUT, &format!("{infrastructure}/policy"), infrastructure, &body).await.ok();
    }

    /// Deploys one version to `production/tumour`.
    pub async fn deploy(&self, version: u32) -> Reply {
        self.deploy_shares(json!([{"version": format!("diagnosis/tumour:{version}")}])).await
    }

    /// Deploys several.
    pub async fn deploy_shares(&self, shares: Value) -> Reply {
        self.operator.post("/infrastructures/production/deployments/tumour", json!({"shares": shares})).await
    }

    /// Revokes an approval; done when this returns.
    pub async fn revoke(&self, version: u32) {
        self.revoke_because(version, "The scanner was calibrated wrongly.").await;
    }

    /// The same for this reason.
    pub async fn revoke_because(&self, version: u32, comment: &str) {
        let review = format!("/projects/diagnosis/models/tumour/versions/{version}/review");
        let body = json!({"comment": comment});
        self.approver.change(Method::POST, &format!("{review}/revoke"), &review, &body).await.ok();
    }
}
