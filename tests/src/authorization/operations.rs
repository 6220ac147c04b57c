//! How to ask for each operation. Each role gets new things in the state that the operation needs, so that only the role's right
//! decides.

use super::{
    pages,
    stage::{Body, Probe, Stage},
};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{IT, Version};

const PROJECT: &str = "/projects/{project}";
const MODEL: &str = "/projects/{project}/models/{model}";
pub const VERSION: &str = "/projects/{project}/models/{model}/versions/{version}";
const INFRASTRUCTURE: &str = "/infrastructures/{infrastructure}";

/// A request that no route takes.
pub const ELSEWHERE: &str = "GET /nothing";

/// The request for a route in a role; none for a route that is not known here.
pub async fn prepare(stage: &Stage, route: &str, role: &str) -> Option<Probe> {
    let (method, path) = route.split_once(' ').unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let Some(path) = path.strip_prefix("/api/v1") else { return outside_of_the_api(stage, route, role).await };
    if let Some(rest) = path.strip_prefix(VERSION) {
        return of_version(stage, method, rest).await;
    }
    if let Some(rest) = path.strip_prefix(MODEL) {
        return of_model(stage, method, rest, role).await;
    }
    if let Some(rest) = path.strip_prefix(PROJECT) {
        return of_project(stage, method, rest, role).await;
    }
    if let Some(rest) = path.strip_prefix(INFRASTRUCTURE) {
        return of_infrastructure(stage, method, rest, role).await;
    }
    of_instance(stage, method, path, role).await
}

/// A webhook of the project, so that its managers may ask too.
async fn of_webhook(stage: &Stage, method: Method, path: &str, role: &str) -> Probe {
    let root = &stage.scene.root;
    let what = path.rsplit('/').next().unwrap_or_default().trim_matches(['{', '}']);
    let name = format!("{}-{what}-{role}", method.as_str().to_lowercase());
    let body = json!({"name": name, "kind": "standard", "url": "http://127.0.0.1:9/", "project": "diagnosis"});
    // The second time it is there already.
    let made = root.post("/webhooks", body).await;
    assert!([201, 409].contains(&made.status), "{}", made.text());
    let delivery = root.post(&format!("/webhooks/{name}/test"), json!({})).await.ok();
    let path = path.replace("{webhook}", &name).replace("{delivery}", delivery["id"].as_str().unwrap());
    match method {
        Method::PATCH => with(method, path, json!({"topics": ["approved"]})),
        _ => plain(method, path),
    }
}

pub fn get(path: impl Into<String>) -> Probe {
    plain(Method::GET, path)
}

pub fn plain(method: Method, path: impl Into<String>) -> Probe {
    Probe { method, path: path.into(), is_in_api: true, body: Body::Nothing, tag: None, header: None, client: None, gate: false }
}

fn with(method: Method, path: impl Into<String>, body: Value) -> Probe {
    Probe { body: Body::Json(body), ..plain(method, path) }
}

async fn outside_of_the_api(stage: &Stage, route: &str, role: &str) -> Option<Probe> {
    let outside = |path: &str| Probe { is_in_api: false, ..get(path) };
    Some(match route {
        "GET /health" => outside("/health"),
        "GET /metrics" => outside("/metrics"),
        ELSEWHERE => outside("/nothing"),
        page => return pages::prepare(stage, page, role).await,
    })
}

async fn of_instance(stage: &Stage, method: Method, path: &str, role: &str) -> Option<Probe> {
    let (root, scientist) = (&stage.scene.root, &stage.scene.scientist);
    Some(match (method.as_str(), path) {
        ("POST", "/sessions") => with(method, path, json!({"user": "outsider", "password": testkit::PASSWORD})),
        ("DELETE", "/sessions/current") => Probe { client: Some(stage.spare(role).await), ..plain(method, path) },
        ("GET", "/me" | "/users" | "/tokens" | "/groups" | "/projects" | "/infrastructures" | "/inbox" | "/audit" | "/jobs") => {
            get(path)
        }
        ("PUT", "/me/absence") => with(method, path, json!({"until": "2027-01-01T00:00:00Z"})),
        ("DELETE", "/me/absence") => plain(method, path),
        ("GET", "/me/absence" | "/messages" | "/me/messages" | "/me/subscriptions") => get(path),
        ("PUT", "/me/subscriptions") => with(method, path, json!({"to": "diagnosis/tumour", "subscribed": true})),
        ("PUT", "/me/messages") => with(method, path, json!({"wanted": "all"})),
        ("POST", "/messages/retry") => with(method, path, json!({})),
        // The administrator of the stage has no address: the refusal says so to nobody else.
        ("POST", "/messages/test") => plain(method, path),
        ("GET", "/mail-server") => get(path),
        // The configuration of the stage's server names a mail server: administrators hear that they choose none.
        ("PUT", "/mail-server") => with(method, path, json!({"server": "mail.example.org:587", "from": "a@example.org"})),
        ("DELETE", "/mail-server") => plain(method, path),
        ("GET", "/webhooks") => get(path),
        ("POST", "/webhooks") => {
            with(method, path, json!({"name": format!("hook-{role}"), "kind": "standard", "url": "http://127.0.0.1:9/"}))
        }
        (_, path) if path.starts_with("/webhooks/{webhook}") => of_webhook(stage, method, path, role).await,
        ("POST", "/me/password") => {
            with(method, path, json!({"password": "not the password", "new_password": "another password"}))
        }
        ("GET", "/log/checkpoint" | "/log/key" | "/public-key" | "/openapi.json") => get(path),
        ("GET", "/log/proof/inclusion" | "/log/proof/tlog") => get(format!("{path}?position=0")),
        ("GET", "/log/events/{position}") => get("/log/events/0"),
        ("GET", "/log/proof/consistency") => get("/log/proof/consistency?from=1"),
        ("GET", "/users/{user}") => get("/users/scientist"),
        ("POST", "/users") => with(method, path, json!({"name": format!("new-{role}"), "display_name": "New"})),
        ("PATCH", "/users/{user}") => with(method, "/users/outsider", json!({"display_name": format!("Known to {role}")})),
        ("POST", "/users/{user}/invitation/confirm") => {
            root.post("/users/approver/invitation", json!({})).await.ok();
            with(method, "/users/approver/invitation/confirm", json!({}))
        }
        ("POST", "/users/{user}/invitation") => plain(method, "/users/reader/invitation"),
        ("POST", "/tokens") => with(method, path, json!({"label": "another"})),
        ("DELETE", "/tokens/{token}") => {
            let token = scientist.post("/tokens", json!({})).await.ok();
            // Somebody else's for everybody: the contributor asks for the manager's.
            let other = if role == "contributor" { stage.scene.manager.post("/tokens", json!({})).await.ok() } else { token };
            plain(method, format!("/tokens/{}", other["id"].as_str().unwrap()))
        }
        ("GET", "/groups/{group}") => get("/groups/risk"),
        ("POST", "/groups") => with(method, path, json!({"name": format!("group-{role}")})),
        ("PUT", "/groups/{group}/members/{user}") => {
            root.post("/groups", json!({"name": format!("join-{role}")})).await.ok();
            plain(method, format!("/groups/join-{role}/members/outsider"))
        }
        ("DELETE", "/groups/{group}/members/{user}") => {
            root.post("/groups", json!({"name": format!("leave-{role}")})).await.ok();
            root.put(&format!("/groups/leave-{role}/members/outsider"), json!({})).await.ok();
            plain(method, format!("/groups/leave-{role}/members/outsider"))
        }
        ("POST", "/projects") => with(method, path, json!({"name": format!("project-{role}")})),
        ("POST", "/infrastructures") => {
            with(method, path, json!({"name": format!("infra-{role}"), "stage": "test", "policy": "warn"}))
        }
        ("GET" | "DELETE", "/uploads/{upload}") => plain(method, format!("/uploads/{}", stage.upload(role).await)),
        ("PUT", "/uploads/{upload}/files") => {
            Probe { body: Body::File, ..plain(method, format!("/uploads/{}/files", stage.upload(role).await)) }
        }
        ("POST", "/uploads/{upload}/known") => {
            with(method, format!("/uploads/{}/known", stage.upload(role).await), json!({"files": []}))
        }
        ("POST", "/gate/check") => {
            let version = stage.scene.version().await;
            let body = json!({"infrastructure": "production", "model": "diagnosis/tumour", "version": version.number});
            Probe { gate: true, ..with(method, path, body) }
        }
        _ => return None,
    })
}

async fn of_project(stage: &Stage, method: Method, rest: &str, role: &str) -> Option<Probe> {
    let root = &stage.scene.root;
    let path = format!("/projects/diagnosis{rest}");
    let tag = root.etag("/projects/diagnosis").await;
    Some(match (method.as_str(), rest) {
        ("GET", "" | "/reviewers" | "/models") => get(path),
        ("PATCH", "") => {
            Probe { tag: Some(tag), ..with(method, path, json!({"delegation_allowed": true, "reason": "As it is."})) }
        }
        ("PUT", "/reviewers") => {
            let now = root.get("/projects/diagnosis/reviewers").await.ok();
            Probe { tag: Some(tag), ..with(method, path, json!({"slots": now["slots"], "approvers": now["approvers"]})) }
        }
        ("PUT", "/members/{member}") => {
            root.delete("/projects/diagnosis/members/group:risk").await.ok();
            with(method, "/projects/diagnosis/members/group:risk", json!({"role": "reader"}))
        }
        ("DELETE", "/members/{member}") => {
            root.put("/projects/diagnosis/members/group:risk", json!({"role": "reader"})).await.ok();
            plain(method, "/projects/diagnosis/members/group:risk")
        }
        ("POST", "/models") => with(method, path, json!({"name": format!("model-{role}")})),
        _ => return None,
    })
}

async fn of_model(stage: &Stage, method: Method, rest: &str, role: &str) -> Option<Probe> {
    let path = format!("/projects/diagnosis/models/tumour{rest}");
    Some(match (method.as_str(), rest) {
        ("GET", "" | "/versions") => get(path),
        ("POST", "/uploads") => plain(method, path),
        ("POST", "/versions") => with(method, path, json!({"upload": stage.upload(role).await})),
        _ => return None,
    })
}

async fn of_version(stage: &Stage, method: Method, rest: &str) -> Option<Probe> {
    let scene = &stage.scene;
    let version = scene.version().await;
    let path = format!("{}{rest}", version.path);
    let act = |body: Value| with(Method::POST, path.clone(), body);
    Some(match (method.as_str(), rest) {
        ("GET", "" | "/manifest" | "/files" | "/review" | "/review/history" | "/statements" | "/permits" | "/comparison") => {
            get(path)
        }
        ("GET", "/bundle") => get(format!("{}{rest}", scene.approved().await.path)),
        ("GET", "/files/{name}") => get(format!("{}/files/conf/labels.txt", version.path)),
        ("PATCH", "") => {
            Probe { tag: Some(scene.root.etag(&version.path).await), ..with(method, path, json!({"notes": "New."})) }
        }
        ("POST", "/retire") => act(json!({"comment": "Superseded."})),
        ("POST", "/restore") => {
            scene.manager.post(&format!("{}/retire", version.path), json!({"comment": "Superseded."})).await.ok();
            act(json!({"comment": "Needed."}))
        }
        ("POST", "/review/request") => act(json!({})),
        ("POST", "/review/take-back") => {
            requested(stage, &version, true).await;
            act(json!({}))
        }
        ("POST", "/review/reload-reviewers") => {
            requested(stage, &version, true).await;
            act(json!({"comment": "As they are now."}))
        }
        ("POST", "/review/renew") => {
            requested(stage, &version, true).await;
            scene.approver.approve(&version).await.ok();
            act(json!({}))
        }
        ("POST", "/review/final") => {
            requested(stage, &version, false).await;
            act(json!({}))
        }
        ("POST", "/review/back") => {
            requested(stage, &version, false).await;
            scene.scientist.command(&version, "final", json!({})).await.ok();
            act(json!({}))
        }
        ("PUT", "/review/feedback") => {
            requested(stage, &version, false).await;
            with(method, path, json!({"slot": IT, "verdict": "approve"}))
        }
        ("DELETE", "/review/feedback") => {
            requested(stage, &version, false).await;
            scene.itops.feedback(&version, IT, "approve").await.ok();
            plain(method, crate::scenario::feedback_path(&version, IT))
        }
        ("POST", "/review/delegate") => {
            requested(stage, &version, true).await;
            act(json!({"to": "viewer"}))
        }
        ("POST", "/review/decision") => {
            requested(stage, &version, true).await;
            tagged(stage, &version, act(json!({"decision": "approve"}))).await
        }
        ("POST", "/review/abandon") => {
            requested(stage, &version, true).await;
            tagged(stage, &version, act(json!({"comment": "Stop."}))).await
        }
        ("POST", "/review/cancel-abandon") => {
            requested(stage, &version, true).await;
            scene.scientist.command(&version, "abandon", json!({"comment": "Stop."})).await.ok();
            act(json!({}))
        }
        ("POST", "/review/revoke") => {
            requested(stage, &version, true).await;
            scene.approver.approve(&version).await.ok();
            tagged(stage, &version, act(json!({"comment": "No longer."}))).await
        }
        ("POST", "/review/reset") => {
            requested(stage, &version, true).await;
            scene.approver.reject(&version).await.ok();
            act(json!({}))
        }
        _ => return None,
    })
}

async fn requested(stage: &Stage, version: &Version, skip_feedback: bool) {
    stage.scene.scientist.command(version, "request", json!({"skip_feedback": skip_feedback})).await.ok();
}

async fn tagged(stage: &Stage, version: &Version, probe: Probe) -> Probe {
    Probe { tag: Some(stage.scene.root.etag(&format!("{}/review", version.path)).await), ..probe }
}

async fn of_infrastructure(stage: &Stage, method: Method, rest: &str, role: &str) -> Option<Probe> {
    let root = &stage.scene.root;
    let path = format!("/infrastructures/test{}", rest.replace("{service}", role));
    Some(match (method.as_str(), rest) {
        ("GET", "" | "/deployments" | "/serving" | "/nodes" | "/policies" | "/gate-log") => get(path),
        ("POST", "/policy/preview") => with(method, path, json!({"policy": "prevent"})),
        ("GET", "/serving/manifests/{model_digest}") => {
            let (digest, _) = stage.served(role).await;
            get(format!("/infrastructures/test/serving/manifests/{digest}"))
        }
        ("GET", "/serving/files/{sha256}") => {
            let (_, sha256) = stage.served(role).await;
            get(format!("/infrastructures/test/serving/files/{sha256}"))
        }
        ("PUT", "/nodes/{node}") => with(method, format!("/infrastructures/test/nodes/n-{role}"), crate::nodes::report(1, &[])),
        ("DELETE", "/nodes/{node}") => plain(method, format!("/infrastructures/test/nodes/n-{role}")),
        ("PUT", "/policy") => {
            let tag = root.etag("/infrastructures/test").await;
            Probe {
                tag: Some(tag),
                ..with(method, path, json!({"policy": "allow", "on_lapse": "report", "reason": "As it is."}))
            }
        }
        ("PUT", "/members/{member}") => {
            root.delete("/infrastructures/test/members/group:risk").await.ok();
            with(method, "/infrastructures/test/members/group:risk", json!({"role": "viewer"}))
        }
        ("DELETE", "/members/{member}") => {
            root.put("/infrastructures/test/members/group:risk", json!({"role": "viewer"})).await.ok();
            plain(method, "/infrastructures/test/members/group:risk")
        }
        ("GET", "/deployments/{service}") => {
            stage.deployed(role).await;
            get(path)
        }
        ("POST", "/deployments/{service}") => {
            let version = stage.scene.version().await;
            with(method, path, json!({"shares": [{"version": version.name}]}))
        }
        ("POST", "/deployments/{service}/rollback") => {
            stage.deployed(role).await;
            with(method, path, json!({"to": 1}))
        }
        ("POST", "/deployments/{service}/acknowledge-lapse") => {
            stage.deployed(role).await;
            with(method, path, json!({"reason": "Known.", "valid_for": "1d"}))
        }
        ("POST", "/deployments/{service}/stop") => {
            stage.deployed(role).await;
            plain(method, path)
        }
        _ => return None,
    })
}
