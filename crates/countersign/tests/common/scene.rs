//! The scene: a project with its people and reviewers, a model, and an infrastructure for each policy.

use super::{cli::Terminal, database::Fresh, http::Person, serve::Serve};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Everybody's password.
pub const PASSWORD: &str = "a password for tests";
/// The slot of `user:itops`.
pub const IT: &str = "IT & Operations";
/// The slot of `group:risk`, in which `riskofficer` is.
pub const RISK: &str = "Risk & Compliance";

/// Where a server keeps its things, and where people at their terminals keep theirs.
pub struct Place {
    pub database: Fresh,
    folder: TempDir,
}

/// The people of project `diagnosis`, who work on `diagnosis/tumour`.
#[derive(Clone)]
pub struct People {
    pub root: Person,
    pub manager: Person,
    pub scientist: Person,
    pub itops: Person,
    pub riskofficer: Person,
    pub approver: Person,
    pub operator: Person,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { database: Fresh::sqlite(&folder.path().join("data")), folder }
    }

    /// None where PostgreSQL is left out.
    pub fn postgres() -> Option<Self> {
        Some(Self { database: Fresh::postgres()?, folder: tempfile::tempdir().unwrap() })
    }

    /// The server's folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The people's folder.
    pub fn desk(&self) -> &Path {
        self.folder.path()
    }

    pub fn serve(&self) -> Serve {
        Serve::start(&self.data(), self.database.url())
    }

    /// A terminal of somebody who is signed in.
    pub fn terminal(&self, person: &Person) -> Terminal {
        Terminal::of(person, self.desk())
    }

    /// `countersign admin …`, on the server's own machine.
    pub fn admin(&self, arguments: &[&str]) -> super::cli::Run {
        let data = self.data().display().to_string();
        let storage = ["--data", &data, "--database", self.database.url(), "--output", "json"];
        Terminal::new(self.desk()).run(&[&["admin"], arguments, &storage].concat())
    }

    /// What `admin verify-store --files` says: the findings.
    pub fn findings(&self) -> Vec<Value> {
        let run = self.admin(&["verify-store", "--files"]);
        let report = run.json();
        let findings = report["findings"].as_array().unwrap().clone();
        assert_eq!((run.code, &report["clean"]), (i32::from(!findings.is_empty()), &json!(findings.is_empty())), "{run:?}");
        findings
    }

    /// Sets the scene on a server that runs here.
    pub async fn set(&self, server: &Serve) -> People {
        let invited = self.admin(&["create-administrator", "root"]).done().json();
        let nobody = Person::nobody(&server.url);
        let root = redeem(&nobody, "root", &invited).await;
        let mut people = Vec::new();
        for name in ["manager", "scientist", "itops", "riskofficer", "approver", "operator"] {
            people.push(person(&root, name).await);
        }
        let [manager, scientist, itops, riskofficer, approver, operator] = people.try_into().expect("six names, six people");
        let people = People { root, manager, scientist, itops, riskofficer, approver, operator };
        people.set_up().await;
        people
    }
}

impl People {
    /// The same people, at a server that was started again.
    pub fn at(&self, url: &str) -> Self {
        let [root, manager, scientist, itops, riskofficer, approver, operator] =
            [&self.root, &self.manager, &self.scientist, &self.itops, &self.riskofficer, &self.approver, &self.operator]
                .map(|person| person.at(url));
        Self { root, manager, scientist, itops, riskofficer, approver, operator }
    }

    async fn set_up(&self) {
        let root = &self.root;
        root.post("/groups", json!({"name": "risk"})).await.ok();
        root.put("/groups/risk/members/riskofficer", json!({})).await.ok();
        root.post("/projects", json!({"name": "diagnosis", "display_name": "Tumour diagnosis"})).await.ok();
        for (member, role) in [("manager", "manager"), ("scientist", "contributor")] {
            root.put(&format!("/projects/diagnosis/members/{member}"), json!({"role": role})).await.ok();
        }
        let slots = json!([{"name": IT, "assigned": ["user:itops"]}, {"name": RISK, "assigned": ["group:risk"]}]);
        let tag = format!("p{}", root.get("/projects/diagnosis").await.ok()["revision"]);
        let body = json!({"slots": slots, "approvers": ["user:approver"]});
        let set = root.try_ask(reqwest::Method::PUT, "/projects/diagnosis/reviewers", Some(&body), Some(&tag)).await;
        set.expect("the server answers").ok();
        self.scientist.post("/projects/diagnosis/models", json!({"name": "tumour"})).await.ok();
        for (name, stage, policy) in
            [("production", "production", "prevent"), ("staging", "staging", "warn"), ("test", "test", "allow")]
        {
            root.post("/infrastructures", json!({"name": name, "stage": stage, "policy": policy})).await.ok();
            root.put(&format!("/infrastructures/{name}/members/operator"), json!({"role": "deployer"})).await.ok();
        }
    }
}

/// A new account, signed in.
pub async fn person(root: &Person, name: &str) -> Person {
    let invited = root.post("/users", json!({"name": name, "display_name": format!("The {name}")})).await.ok();
    redeem(root, name, &invited).await
}

async fn redeem(at: &Person, name: &str, invited: &Value) -> Person {
    let signed_in = at.post("/sessions", json!({"invitation": invited["invitation"], "password": PASSWORD})).await.ok();
    at.with_token(name, signed_in["token"].as_str().unwrap())
}
