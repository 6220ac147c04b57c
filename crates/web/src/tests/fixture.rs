//! A router on a fresh database, with an administrator signed in.

use crate::{Urls, WebOptions, router};
use app::{Caller, KeyFiles, Keys, Limits, OpContext, Server, Settings, SystemClock, SystemEntropy, people::invitations};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use proof::SigningKey;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Database, Files, FilesConfig, Store};
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) struct Fixture {
    pub(crate) router: Router,
    pub(crate) server: Arc<Server>,
    /// The administrator's token.
    pub(crate) token: String,
    _folder: TempDir,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Status and code of a problem.
    pub(crate) fn refusal(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["request"], self.header("x-request-id"));
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(WebOptions::default()).await
    }

    pub(crate) async fn with(options: WebOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Database::Sqlite(folder.path().join("db"))).await.unwrap();
        let files = Files::open(&FilesConfig::Folder(folder.path().join("files"))).unwrap();
        let [signing, log, checkpoint] = ["key.pem", "log-key.pem", "checkpoint"].map(|file| folder.path().join(file));
        std::fs::write(&signing, SigningKey::from_entropy([7; 32]).unwrap().to_pkcs8_pem()).unwrap();
        let keys = KeyFiles { signing, log, checkpoint };
        let keys = Keys::open(&store, &keys, "test", &SystemClock, &SystemEntropy).await.unwrap();
        let limits = Limits { file_bytes: 1000, ..Limits::default() };
        let settings = Settings {
            links: Arc::new(Urls::new("https://sign.example")),
            server_name: "test".to_owned(),
            limits,
            mail: None,
            mail_templates: None,
            networks: app::Networks::default(),
        };
        let server = Server::new(store, files, keys, Arc::new(SystemClock), Arc::new(SystemEntropy), settings);
        let console = OpContext::new(server.clone(), Caller::Console, "setup");
        let invited = invitations::create_administrator(&console, &"root".parse().unwrap()).await.unwrap();
        let mut fixture = Self { router: router(server.clone(), options), server, token: String::new(), _folder: folder };
        let body = json!({"invitation": invited.invitation, "password": "correct horse"});
        fixture.token = fixture.post("/api/v1/sessions", &body).await.json()["token"].as_str().unwrap().to_owned();
        fixture
    }

    /// A request as the administrator's, or as nobody's while none is signed in.
    pub(crate) fn request(&self, method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "countersign.example")
            .header(header::CONTENT_TYPE, "application/json");
        if !self.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        request.body(body.into()).unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path, Body::empty())).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path, body.to_string())).await
    }

    /// A POST with one more header.
    pub(crate) async fn post_with(&self, path: &str, body: &Value, header: (&'static str, &str)) -> Answer {
        let mut request = self.request(Method::POST, path, body.to_string());
        request.headers_mut().insert(header.0, header.1.parse().unwrap());
        self.send(request).await
    }
}
