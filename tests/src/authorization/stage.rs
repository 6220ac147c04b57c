//! The people of the table, and the things that they ask for.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Browser, Client, PASSWORD, Reply, Scene, TestServer, Version};

/// The columns. `narrow` may do everything that an account can, with a token that lacks the scope.
pub const ROLES: [&str; 16] = [
    "anonymous",
    "expired",
    "revoked",
    "narrow",
    "outsider",
    "reader",
    "contributor",
    "manager",
    "reviewer",
    "approver",
    "deployer",
    "viewer",
    "auditor",
    "administrator",
    "service",
    "node",
];

/// Everything that a token may be used for.
const SCOPES: [&str; 8] = ["read", "register", "review", "deploy", "gate", "administer", "node", "metrics"];

/// The account with whose password a role signs in.
fn account(role: &str) -> Option<&str> {
    Some(match role {
        "anonymous" | "expired" | "revoked" | "service" | "node" => return None,
        // A session is for everything.
        "narrow" => "mighty",
        "contributor" => "scientist",
        "reviewer" => "itops",
        "deployer" => "operator",
        same => same,
    })
}

async fn browsers(server: &TestServer) -> Vec<(&'static str, Browser)> {
    let mut browsers = Vec::new();
    for role in ROLES {
        let browser = server.browser();
        match (role, account(role)) {
            (_, Some(account)) => assert_eq!(browser.sign_in(account).await.status, 303, "{role}"),
            ("expired" | "revoked", None) => {
                browser.sign_in("mighty").await;
                let kept = browser.cookies();
                browser.post("/signout", &[]).await;
                let (name, value) = kept.split_once('=').unwrap();
                browser.set_cookie(name, value);
            }
            _ => {}
        }
        browsers.push((role, browser));
    }
    browsers
}

/// A node whose token is for everything, so that only its role decides.
async fn wide_node(root: &Client, server: &TestServer) -> Client {
    let token = root.post("/tokens", json!({"service": "node", "scopes": SCOPES})).await.ok();
    server.anonymous().with_token("node", token["token"].as_str().unwrap())
}

/// A request that is ready to be sent.
pub struct Probe {
    pub method: Method,
    pub path: String,
    /// Whether the path is below `/api/v1`.
    pub is_in_api: bool,
    pub body: Body,
    /// The ETag to send as If-Match.
    pub tag: Option<String>,
    /// A header that this request needs.
    pub header: Option<(&'static str, &'static str)>,
    /// Who sends it, where it must not be the role's usual token.
    pub client: Option<Client>,
    /// Whether the operation asks for the scope `gate`, which the narrow token has.
    pub gate: bool,
}

/// What a request bears.
pub enum Body {
    Nothing,
    Json(Value),
    File,
    /// None: asked for with a browser.
    Page,
    /// Sent with a browser.
    Form(Vec<(&'static str, String)>),
    /// The same, with a file beside the fields.
    FormWithFile(Vec<(&'static str, &'static str)>),
}

/// The scene with everybody on it.
pub struct Stage {
    pub scene: Scene,
    pub anonymous: Client,
    expired: Client,
    revoked: Client,
    narrow: Client,
    narrow_gate: Client,
    others: Vec<(&'static str, Client)>,
    browsers: Vec<(&'static str, Browser)>,
}

impl Stage {
    pub async fn set(server: &TestServer) -> Self {
        let scene = Scene::set(server).await;
        let root = &scene.root;
        let project = |member: &'static str, role: &'static str| async move {
            root.put(&format!("/projects/diagnosis/members/{member}"), json!({"role": role})).await.ok();
        };
        let others = vec![
            ("outsider", server.person("outsider").await),
            ("reader", server.person("reader").await),
            ("viewer", server.person("viewer").await),
            ("auditor", server.person_as("auditor", "auditor").await),
            // Administrator and nothing else: root has created the project and the infrastructures, and so keeps them.
            ("administrator", server.person_as("administrator", "administrator").await),
            ("service", server.service("service").await),
            ("node", wide_node(root, server).await),
        ];
        let mighty = server.person_as("mighty", "administrator").await;
        project("reader", "reader").await;
        project("service", "contributor").await;
        project("mighty", "manager").await;
        for (member, role) in [("viewer", "viewer"), ("service", "deployer"), ("node", "node"), ("mighty", "admin")] {
            for infrastructure in ["production", "staging", "test"] {
                root.put(&format!("/infrastructures/{infrastructure}/members/{member}"), json!({"role": role})).await.ok();
            }
        }
        scene.set_reviewers(&["user:approver", "user:mighty"]).await;
        let token = |client: &Client, scopes: Value, expires: &str| {
            let body = json!({"scopes": scopes, "expires_in": expires});
            let client = client.clone();
            async move {
                let token = client.post("/tokens", body).await.ok();
                (client.with_token(&client.name, token["token"].as_str().unwrap()), token["id"].as_str().unwrap().to_owned())
            }
        };
        let all = json!(SCOPES);
        let (expired, _) = token(&mighty, all.clone(), "1s").await;
        let (revoked, id) = token(&mighty, all, "1d").await;
        mighty.delete(&format!("/tokens/{id}")).await.ok();
        server.clock.advance(domain::Duration::from_seconds(1));
        let (narrow, _) = token(&mighty, json!(["gate"]), "1d").await;
        let (narrow_gate, _) = token(&mighty, json!(["read"]), "1d").await;
        let browsers = browsers(server).await;
        Self { anonymous: server.anonymous(), scene, expired, revoked, narrow, narrow_gate, others, browsers }
    }

    /// The browser of this role, signed in anew where a request before signed out. Programs have none, and sign in nowhere.
    async fn browser(&self, role: &str) -> &Browser {
        let (_, browser) = self.browsers.iter().find(|(known, _)| *known == role).unwrap();
        if let Some(account) = account(role)
            && browser.get("/account").await.status != 200
        {
            browser.sign_in(account).await;
        }
        browser
    }

    /// The client that plays this role.
    pub fn client(&self, role: &str) -> &Client {
        match role {
            "anonymous" => &self.anonymous,
            "expired" => &self.expired,
            "revoked" => &self.revoked,
            "narrow" => &self.narrow,
            "contributor" => &self.scene.scientist,
            "manager" => &self.scene.manager,
            "reviewer" => &self.scene.itops,
            "approver" => &self.scene.approver,
            "deployer" => &self.scene.operator,
            other => &self.others.iter().find(|(role, _)| *role == other).unwrap().1,
        }
    }

    /// What is deployed to `test` for this role's own requests: its model digest, and the SHA-256 of its first file.
    pub async fn served(&self, service: &str) -> (String, String) {
        let version = self.deployed(service).await;
        let files = self.scene.root.get(&format!("{}/files", version.path)).await.ok();
        (version.digest, files["items"][0]["sha256"].as_str().unwrap().to_owned())
    }

    /// Another token of this role, for an operation that ends it.
    pub async fn spare(&self, role: &str) -> Client {
        let client = self.client(role);
        match role {
            "anonymous" | "expired" | "revoked" => client.clone(),
            "service" | "node" => {
                let token = self.scene.root.post("/tokens", json!({"service": role})).await.ok();
                client.with_token(role, token["token"].as_str().unwrap())
            }
            _ => {
                let body = json!({"user": client.name, "password": PASSWORD});
                let token = self.anonymous.post("/sessions", body).await.ok();
                client.with_token(&client.name, token["token"].as_str().unwrap())
            }
        }
    }

    /// An upload with one file: the role's own where it may have one, or else the contributor's.
    pub async fn upload(&self, role: &str) -> String {
        let begun = self.client(role).post("/projects/diagnosis/models/tumour/uploads", json!({})).await;
        let (owner, id) = match begun.json["id"].as_str() {
            Some(id) => (self.client(role), id.to_owned()),
            None => return self.scene.scientist.upload(&[("a", b"a")]).await,
        };
        owner.send_file(&id, "a", b"a").await.ok();
        id
    }

    /// A version that is deployed to `test` under a name of this role's.
    pub async fn deployed(&self, service: &str) -> Version {
        let (first, second) = (self.scene.version().await, self.scene.version().await);
        for version in [&first, &second] {
            self.scene.operator.deploy(&format!("test/{service}"), version).await.ok();
        }
        second
    }

    pub async fn send(&self, probe: Probe, role: &str) -> Reply {
        match &probe.body {
            Body::Page => return self.browser(role).await.get(&probe.path).await,
            Body::Form(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                return self.browser(role).await.post(&probe.path, &fields).await;
            }
            Body::FormWithFile(fields) => {
                let files: [(&str, &str, &[u8]); 1] = [("files", "model.bin", b"content")];
                return self.browser(role).await.post_files(&probe.path, Browser::PAGES, fields, &files).await;
            }
            Body::Nothing | Body::Json(_) | Body::File => {}
        }
        let usual = if role == "narrow" && probe.gate { &self.narrow_gate } else { self.client(role) };
        let client = probe.client.as_ref().unwrap_or(usual);
        let mut request = match probe.is_in_api {
            true => client.request(probe.method, &probe.path),
            false => client.request_outside(probe.method, &probe.path),
        };
        if let Some((name, value)) = probe.header {
            request = request.header(name, value);
        }
        if let Some(tag) = &probe.tag {
            request = request.header("if-match", tag);
        }
        match probe.body {
            Body::Nothing | Body::Page | Body::Form(_) | Body::FormWithFile(_) => request,
            Body::Json(body) => request.json(&body),
            Body::File => request.query("name", "model.bin").bytes(b"content"),
        }
        .send()
        .await
    }
}
