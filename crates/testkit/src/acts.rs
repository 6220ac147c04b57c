//! What people do with versions and deployments, one call for each act, so that tests need not spell out the requests.

use crate::{Client, PASSWORD, Reply, Version};
use reqwest::Method;
use serde_json::{Value, json};

impl Client {
    /// Uploads files to `diagnosis/tumour`; gives the id of the upload.
    pub async fn upload(&self, files: &[(&str, &[u8])]) -> String {
        self.upload_for("diagnosis", files).await
    }

    /// The same for the model `tumour` of another project.
    pub async fn upload_for(&self, project: &str, files: &[(&str, &[u8])]) -> String {
        let upload = self.post(&format!("/projects/{project}/models/tumour/uploads"), json!({})).await.ok();
        let id = upload["id"].as_str().expect("an upload has an id").to_owned();
        for (name, content) in files {
            self.send_file(&id, name, content).await.ok();
        }
        id
    }

    /// The review of a version as this person sees it.
    pub async fn review(&self, version: &Version) -> Value {
        self.get(&format!("{}/review", version.path)).await.ok()
    }

    /// A command on a review, with the ETag that it has now: `request`, `decision`, `revoke`, `reset`, ….
    pub async fn command(&self, version: &Version, command: &str, body: Value) -> Reply {
        let tag = self.etag(&format!("{}/review", version.path)).await;
        self.command_on(version, command, body, &tag).await
    }

    /// The same with the ETag of a state that was seen earlier. The person types the password when the server asks for it.
    pub async fn command_on(&self, version: &Version, command: &str, body: Value, tag: &str) -> Reply {
        let send = async |body: &Value| {
            let request = self.request(Method::POST, &format!("{}/review/{command}", version.path));
            request.header("if-match", tag).json(body).send().await
        };
        let reply = send(&body).await;
        if reply.json["code"] != "reauthentication_required" {
            return reply;
        }
        let mut body = body;
        body["password"] = json!(PASSWORD);
        send(&body).await
    }

    /// Approves.
    pub async fn approve(&self, version: &Version) -> Reply {
        self.command(version, "decision", json!({"decision": "approve", "comment": "Good."})).await
    }

    /// Rejects.
    pub async fn reject(&self, version: &Version) -> Reply {
        self.command(version, "decision", json!({"decision": "reject", "comment": "Not good."})).await
    }

    /// Revokes the approval.
    pub async fn revoke(&self, version: &Version) -> Reply {
        self.command(version, "revoke", json!({"comment": "No longer good."})).await
    }

    /// Opens the next round.
    pub async fn reset(&self, version: &Version, reload_reviewers: bool) -> Reply {
        self.command(version, "reset", json!({"reload_reviewers": reload_reviewers, "comment": "Once more."})).await
    }

    /// Gives feedback; issues bear a comment.
    pub async fn feedback(&self, version: &Version, slot: &str, verdict: &str) -> Reply {
        let comment = (verdict != "approve").then_some("Look at the data.");
        self.put(&format!("{}/review/feedback", version.path), json!({"slot": slot, "verdict": verdict, "comment": comment}))
            .await
    }

    /// Deploys one version to `INFRASTRUCTURE/SERVICE`.
    pub async fn deploy(&self, place: &str, version: &Version) -> Reply {
        self.deploy_shares(place, json!([{"version": version.name}]), None).await
    }

    /// Deploys these shares, with an acknowledgement where one is given.
    pub async fn deploy_shares(&self, place: &str, shares: Value, acknowledge: Option<&str>) -> Reply {
        self.post(&deployment(place), json!({"shares": shares, "acknowledge": acknowledge})).await
    }

    /// The deployment at `INFRASTRUCTURE/SERVICE`.
    pub async fn deployment(&self, place: &str) -> Value {
        self.get(&deployment(place)).await.ok()
    }

    /// Goes back to an earlier revision, with the ETag that the deployment has now.
    pub async fn rollback(&self, place: &str, body: Value) -> Reply {
        let tag = self.etag(&deployment(place)).await;
        let request = self.request(Method::POST, &format!("{}/rollback", deployment(place)));
        request.header("if-match", &tag).json(&body).send().await
    }

    /// Takes the service out of service.
    pub async fn stop(&self, place: &str) -> Reply {
        self.post(&format!("{}/stop", deployment(place)), json!({})).await
    }

    /// What is in service on an infrastructure, as its nodes are told.
    pub async fn serving(&self, infrastructure: &str) -> Value {
        self.get(&format!("/infrastructures/{infrastructure}/serving")).await.ok()
    }

    /// The same, as soon as it is not what this tag says, for half a minute at the most.
    pub async fn follow(&self, infrastructure: &str, tag: &Value) -> Reply {
        let tag = tag.as_str().expect("a state has a tag");
        self.get(&format!("/infrastructures/{infrastructure}/serving?after={tag}&wait=30")).await
    }

    /// Reports as the node of this name.
    pub async fn report(&self, infrastructure: &str, node: &str, report: Value) -> Reply {
        self.put(&format!("/infrastructures/{infrastructure}/nodes/{node}"), report).await
    }

    /// What the gate says of a version.
    pub async fn gate(&self, infrastructure: &str, version: &Version) -> Reply {
        let model = version.name.split(':').next().unwrap_or_default();
        self.post("/gate/check", json!({"infrastructure": infrastructure, "model": model, "version": version.number})).await
    }

    /// The whole record, oldest first; the query may narrow it down: `project=diagnosis`.
    pub async fn audit(&self, query: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut from = "0".to_owned();
        loop {
            let mut page = self.get(&format!("/audit?limit=200&from={from}&{query}")).await.ok();
            events.extend(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match page["next"].as_str() {
                Some(next) => from = next.to_owned(),
                None => return events,
            }
        }
    }
}

fn deployment(place: &str) -> String {
    let (infrastructure, service) = place.split_once('/').expect("a place is INFRASTRUCTURE/SERVICE");
    format!("/infrastructures/{infrastructure}/deployments/{service}")
}
