//! The scene of most tests: a project with its people, a model, and an infrastructure for each policy.

use crate::{Client, PASSWORD, TINY, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

/// The slot of `user:itops`.
pub const IT: &str = "IT & Operations";
/// The slot of `group:risk`, in which `riskofficer` is.
pub const RISK: &str = "Risk & Compliance";
/// The slot of `user:business`.
pub const BUSINESS: &str = "Business";

/// The people of project `diagnosis`, who work on the model `diagnosis/tumour`.
pub struct Scene {
    /// The administrator; manager of the project and admin of the infrastructures, for having created them.
    pub root: Client,
    /// Manager of the project.
    pub manager: Client,
    /// Contributor: uploads and asks for reviews.
    pub scientist: Client,
    /// In slot [`IT`].
    pub itops: Client,
    /// In slot [`RISK`], by the group `risk`.
    pub riskofficer: Client,
    /// In slot [`BUSINESS`].
    pub business: Client,
    /// The final approver.
    pub approver: Client,
    /// Deployer on `production` (prevent), `staging` (warn) and `test` (allow).
    pub operator: Client,
}

/// A version of `diagnosis/tumour`.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number.
    pub number: u64,
    /// `diagnosis/tumour:1`.
    pub name: String,
    /// `/projects/diagnosis/models/tumour/versions/1`.
    pub path: String,
    /// Its model digest, in hexadecimal.
    pub digest: String,
}

impl Scene {
    /// Sets it: everything by the API, as people would.
    pub async fn set(server: &TestServer) -> Self {
        let root = server.administrator().await;
        let scene = Self {
            manager: server.person("manager").await,
            scientist: server.person("scientist").await,
            itops: server.person("itops").await,
            riskofficer: server.person("riskofficer").await,
            business: server.person("business").await,
            approver: server.person("approver").await,
            operator: server.person("operator").await,
            root,
        };
        let root = &scene.root;
        root.post("/groups", json!({"name": "risk"})).await.ok();
        root.put("/groups/risk/members/riskofficer", json!({})).await.ok();
        root.post("/projects", json!({"name": "diagnosis", "display_name": "Tumour diagnosis"})).await.ok();
        for (member, role) in [("manager", "manager"), ("scientist", "contributor")] {
            root.put(&format!("/projects/diagnosis/members/{member}"), json!({"role": role})).await.ok();
        }
        scene.set_reviewers(&["user:approver"]).await;
        scene.scientist.post("/projects/diagnosis/models", json!({"name": "tumour"})).await.ok();
        for (name, stage, policy) in
            [("production", "production", "prevent"), ("staging", "staging", "warn"), ("test", "test", "allow")]
        {
            root.post("/infrastructures", json!({"name": name, "stage": stage, "policy": policy})).await.ok();
            root.put(&format!("/infrastructures/{name}/members/operator"), json!({"role": "deployer"})).await.ok();
        }
        server.sign_checkpoint().await;
        scene
    }

    /// Signs everybody in again, after so much time that their sessions have ended.
    pub async fn sign_in_again(&mut self, server: &TestServer) {
        let people = [
            &mut self.root,
            &mut self.manager,
            &mut self.scientist,
            &mut self.itops,
            &mut self.riskofficer,
            &mut self.business,
            &mut self.approver,
            &mut self.operator,
        ];
        for person in people {
            let body = json!({"user": person.name, "password": PASSWORD});
            let session = server.anonymous().post("/sessions", body).await.ok();
            *person = server.anonymous().with_token(&person.name, session["token"].as_str().expect("a session has a token"));
        }
    }

    /// Sets the project's reviewers: the three slots, and these final approvers.
    pub async fn set_reviewers(&self, approvers: &[&str]) -> Value {
        let slots = json!([
            {"name": IT, "assigned": ["user:itops"]},
            {"name": RISK, "assigned": ["group:risk"]},
            {"name": BUSINESS, "assigned": ["user:business"]},
        ]);
        let body = json!({"slots": slots, "approvers": approvers});
        self.manager.change(Method::PUT, "/projects/diagnosis/reviewers", body).await.ok()
    }

    /// A new version with tiny files, by the scientist.
    pub async fn version(&self) -> Version {
        self.version_of(TINY, json!({})).await
    }

    /// A new version with these files and fields, by the scientist.
    pub async fn version_of(&self, files: &[(&str, &[u8])], fields: Value) -> Version {
        let upload = self.scientist.upload(files).await;
        let body = json!({"upload": upload, "fields": fields});
        let version = self.scientist.post("/projects/diagnosis/models/tumour/versions", body).await.ok();
        Version::of(&version)
    }

    /// A new version whose review was requested without feedback: the final approver's turn.
    pub async fn requested(&self) -> Version {
        let version = self.version().await;
        self.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        version
    }

    /// A new version that is approved.
    pub async fn approved(&self) -> Version {
        let version = self.requested().await;
        self.approver.approve(&version).await.ok();
        version
    }
}

impl Version {
    /// The version that this view shows.
    pub fn of(view: &Value) -> Self {
        let name = view["name"].as_str().unwrap_or_else(|| panic!("not a version: {view}")).to_owned();
        let (model, number) = name.split_once(':').expect("a version's name has a number");
        let (project, model) = model.split_once('/').expect("a version's name has a project");
        Self {
            number: number.parse().expect("it is a number"),
            path: format!("/projects/{project}/models/{model}/versions/{number}"),
            digest: view["model_digest"].as_str().unwrap_or_default().to_owned(),
            name,
        }
    }
}
