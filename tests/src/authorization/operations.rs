//! How to ask for each operation. Each role gets new things in the state that the operation needs, so that only the role's right
//! decides.

use super::stage::{Body, Probe, Stage};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{IT, Version};

const PROJECT: &str = "/projects/{project}";
const MODEL: &str = "/projects/{project}/models/{model}";
const VERSION: &str = "/projects/{project}/models/{model}/versions/{version}";
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

fn get(path: impl Into<String>) -> Probe {
    plain(Method::GET, path)
}

fn plain(method: Method, path: impl Into<String>) -> Probe {
    Probe { method, path: path.into(), is_in_api: true, body: Body::Nothing, tag: None, header: None, client: None, gate: false }
}

fn with(method: Method, path: impl Into<String>, body: Value) -> Probe {
    Probe { body: Body::Json(body), ..plain(method, path) }
}

/// A form of a page.
fn form(path: impl Into<String>, fields: &[(&'static str, &str)]) -> Probe {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Probe { is_in_api: false, body: Body::Form(fields), ..plain(Method::POST, path) }
}

async fn outside_of_the_api(stage: &Stage, route: &str, role: &str) -> Option<Probe> {
    let outside = |path: &str| Probe { is_in_api: false, ..get(path) };
    Some(match route {
        "GET /health" => outside("/health"),
        // As from another machine: on this one the figures are for everybody.
        "GET /metrics" => Probe { header: Some(("x-forwarded-for", "192.0.2.1")), ..outside("/metrics") },
        ELSEWHERE => outside("/nothing"),
        page => return pages(stage, page, role).await,
    })
}

/// A form of a version's page, on a version of its own in the state that the form needs; or the page to which it belongs.
async fn of_version_page(stage: &Stage, method: &str, rest: &str) -> Option<Probe> {
    let scene = &stage.scene;
    if method == "GET" {
        let rest = match rest {
            "/{tab}" => "/history",
            "/download" => "/download?name=conf/labels.txt",
            other => other,
        };
        let path = format!("{}{rest}", scene.version().await.path);
        return Some(Probe { is_in_api: false, body: Body::Page, ..get(path) });
    }
    let (version, fields) = match rest {
        "/request" => (scene.version().await, vec![("notify", "none")]),
        "/decision" => (scene.requested().await, vec![("decision", "reject"), ("go", "reject"), ("comment", "No.")]),
        "/back" | "/take-back" => (scene.requested().await, vec![]),
        "/abandon" | "/reload-reviewers" => (scene.requested().await, vec![("comment", "Why.")]),
        "/delegate" => (scene.requested().await, vec![("to", "outsider")]),
        "/revoke" | "/reset" | "/retire" => (scene.approved().await, vec![("comment", "Why.")]),
        "/renew" => (scene.approved().await, vec![("notify", "none")]),
        "/cancel-abandon" => {
            let version = scene.requested().await;
            scene.approver.command(&version, "abandon", json!({"comment": "Stop."})).await.ok();
            (version, vec![])
        }
        "/restore" => {
            let version = scene.version().await;
            scene.manager.post(&format!("{}/retire", version.path), json!({"comment": "Old."})).await.ok();
            (version, vec![("comment", "Why.")])
        }
        "/edit" => {
            let version = scene.version().await;
            let tag = scene.root.etag(&version.path).await;
            let fields = [("if_match", tag.trim_matches('"')), ("notes", "New."), ("go", "change")];
            return Some(form(format!("{}{rest}", version.path), &fields));
        }
        "/feedback" | "/withdraw" | "/final" => {
            let version = scene.version().await;
            scene.scientist.command(&version, "request", json!({})).await.ok();
            let slot = [("slot", IT), ("verdict", "approve"), ("go", "approve")];
            (version, if rest == "/final" { vec![] } else { slot.to_vec() })
        }
        _ => return None,
    };
    let tag = scene.root.etag(&format!("{}/review", version.path)).await;
    let fields: Vec<_> = fields.into_iter().chain([("if_match", tag.trim_matches('"'))]).collect();
    Some(form(format!("{}{rest}", version.path), &fields))
}

/// A page or a form of one, by somebody whose browser is signed in.
async fn pages(stage: &Stage, route: &str, role: &str) -> Option<Probe> {
    let page = |path: &str| Probe { is_in_api: false, body: Body::Page, ..get(path) };
    Some(match route {
        "GET /" => page("/"),
        "GET /signin" => page("/signin?then=/record"),
        // A wrong password, so that no browser changes hands.
        "POST /signin" => form("/signin", &[("user", "outsider"), ("password", "not the password")]),
        "POST /signout" => form("/signout", &[]),
        "GET /setup/{code}" => page("/setup/1-0"),
        "POST /setup/{code}" => {
            form("/setup/1-0", &[("user", "another"), ("display_name", "Another"), ("password", "a password")])
        }
        "GET /invitation" => page("/invitation"),
        "GET /invitation/{code}" => page("/invitation/csi_0"),
        "POST /invitation/{code}" => form("/invitation/csi_0", &[("password", "a password")]),
        "GET /account" => page("/account"),
        "POST /account/colours" => form("/account/colours", &[("colours", "dark")]),
        "POST /account/sessions/end" => {
            let token = stage.scene.scientist.post("/tokens", json!({})).await.ok();
            form("/account/sessions/end", &[("token", token["id"].as_str().unwrap())])
        }
        "GET /account/password" => page("/account/password"),
        "GET /account/colours" => page("/account/colours"),
        "GET /account/keys" => page("/account/keys"),
        "GET /account/sessions/end" => page("/account/sessions/end"),
        "GET /signout" => page("/signout"),
        // A wrong password: the others of the role go on with the right one.
        "POST /account/password" => {
            form("/account/password", &[("password", "not the password"), ("new_password", "another password")])
        }
        "POST /account/keys" => form("/account/keys", &[("keys", "on")]),
        "GET /account/tokens" => page("/account/tokens"),
        "POST /account/tokens" => form("/account/tokens", &[("go", "create"), ("label", "another"), ("scope", "read")]),
        other if other.contains(" /admin/") => return of_administration(other),
        other if other.contains("/record") => return of_record(other),
        // Only a server of the demo has these.
        "GET /demo/person" => page("/demo/person"),
        "GET /demo/tour" => page("/demo/tour"),
        "POST /demo/person" => form("/demo/person", &[("account", "approver")]),
        "POST /demo/tour" => form("/demo/tour", &[("go", "next")]),
        "GET /assets/{name}" => page("/assets/none"),
        "GET /favicon.ico" => page("/favicon.ico"),
        "GET /search" => page("/search?q=tumour%201"),
        "GET /infrastructures" => page("/infrastructures?after=a"),
        "POST /infrastructures" => {
            let name = format!("page-{role}");
            form("/infrastructures", &[("name", &name), ("stage", "test"), ("policy", "warn"), ("go", "create")])
        }
        "GET /infrastructures/{infrastructure}" => page("/infrastructures/test?after=1000"),
        "GET /infrastructures/{infrastructure}/policy" => page("/infrastructures/test/policy"),
        "GET /infrastructures/{infrastructure}/accepts" => page("/infrastructures/test/accepts"),
        "GET /infrastructures/{infrastructure}/members" => page("/infrastructures/test/members"),
        "POST /infrastructures/{infrastructure}/policy" | "POST /infrastructures/{infrastructure}/accepts" => {
            let tag = stage.scene.root.etag("/infrastructures/test").await;
            let fields = [("policy", "allow"), ("on_lapse", "report"), ("reason", "As it is."), ("go", "change")];
            let fields: Vec<_> = fields.into_iter().chain([("if_match", tag.trim_matches('"'))]).collect();
            form(route["POST ".len()..].replace("{infrastructure}", "test"), &fields)
        }
        "POST /infrastructures/{infrastructure}/members" => {
            form("/infrastructures/test/members", &[("member", "group:risk"), ("role", "viewer"), ("go", "set")])
        }
        "GET /infrastructures/{infrastructure}/deploy" => page("/infrastructures/test/deploy?version=diagnosis/tumour:1"),
        service if service.contains("/services/{service}") => return of_service_page(stage, service, role).await,
        "GET /projects" => page("/projects?after=a"),
        "GET /projects/{project}" => page("/projects/diagnosis?q=tumour&status=waiting&sort=-changed"),
        "GET /projects/{project}/reviewers" => page("/projects/diagnosis/reviewers"),
        "POST /projects/{project}/reviewers" => {
            form("/projects/diagnosis/reviewers", &[("assigned-final", "user:approver"), ("go", "again")])
        }
        "GET /projects/{project}/members" => page("/projects/diagnosis/members"),
        "POST /projects/{project}/members" => {
            form("/projects/diagnosis/members", &[("member", "user:reader"), ("role", "reader"), ("go", "set")])
        }
        "GET /projects/{project}/rules" => page("/projects/diagnosis/rules"),
        "POST /projects/{project}/rules" => {
            let tag = stage.scene.root.etag("/projects/diagnosis").await;
            form("/projects/diagnosis/rules", &[("delegation", "1"), ("go", "save"), ("tag", tag.trim_matches('"'))])
        }
        "POST /projects" => form("/projects", &[("name", &format!("page-{role}"))]),
        "GET /projects/{project}/models" => page("/projects/diagnosis/models"),
        "POST /projects/{project}/models" => form("/projects/diagnosis/models", &[("name", &format!("page-{role}"))]),
        "GET /projects/{project}/models/{model}/new" => page("/projects/diagnosis/models/tumour/new"),
        "POST /projects/{project}/models/{model}/new" => {
            let fields = vec![("metrics", "auc = 0.9"), ("go", "register")];
            Probe {
                is_in_api: false,
                body: Body::FormWithFile(fields),
                ..plain(Method::POST, "/projects/diagnosis/models/tumour/new")
            }
        }
        "GET /projects/{project}/models/{model}" => page("/projects/diagnosis/models/tumour?status=waiting&sort=-auc"),
        "GET /projects/{project}/models/{model}/compare" => page("/projects/diagnosis/models/tumour/compare?with=1&version=1"),
        "GET /projects/{project}/models/{model}/compare/{versions}" => {
            let number = stage.scene.version().await.number;
            page(&format!("/projects/diagnosis/models/tumour/compare/{number}...{number}"))
        }
        "GET /projects/{project}/models/{model}/versions/{version}" => page(&stage.scene.version().await.path),
        other => {
            let (method, path) = other.split_once(' ').unwrap();
            return of_version_page(stage, method, path.strip_prefix(VERSION)?).await;
        }
    })
}

/// A page of administrators, or a form of one.
fn of_administration(route: &str) -> Option<Probe> {
    let page = |path: &str| Probe { is_in_api: false, body: Body::Page, ..get(path) };
    Some(match route {
        "GET /admin/users" => page("/admin/users?after=a"),
        "POST /admin/users" => {
            form("/admin/users", &[("go", "invite"), ("name", "approver"), ("display_name", "X"), ("role", "user")])
        }
        "GET /admin/users/{user}" => page("/admin/users/outsider"),
        "POST /admin/users/{user}" => form("/admin/users/reader", &[("go", "invite")]),
        "GET /admin/groups" => page("/admin/groups"),
        "POST /admin/groups" => form("/admin/groups", &[("go", "create"), ("name", "risk")]),
        "GET /admin/tokens" => page("/admin/tokens"),
        "POST /admin/tokens" => form("/admin/tokens", &[("go", "create"), ("service", "pipeline"), ("scope", "read")]),
        _ => return None,
    })
}

/// A page of the record, or a file of one.
fn of_record(route: &str) -> Option<Probe> {
    let path = route.strip_prefix("GET ")?.replace("{project}", "diagnosis").replace("{position}", "0");
    Some(Probe { is_in_api: false, body: Body::Page, ..get(path) })
}

/// The page of a service or a form of one, on a service of this role's own that serves something.
async fn of_service_page(stage: &Stage, route: &str, role: &str) -> Option<Probe> {
    let version = stage.deployed(role).await;
    let (method, path) = route.split_once(' ')?;
    let path = path.replace("{infrastructure}", "test").replace("{service}", role);
    if method == "GET" {
        return Some(Probe { is_in_api: false, body: Body::Page, ..get(path) });
    }
    let fields: &[_] = match path.rsplit('/').next()? {
        "deploy" => &[("version", version.name.as_str()), ("weight", "100"), ("go", "deploy")],
        "rollback" => &[("to", "1")],
        "stop" => &[],
        _ => return None,
    };
    let fields: Vec<_> = fields.iter().copied().chain([("if_match", "d2")]).collect();
    Some(form(path, &fields))
}

async fn of_instance(stage: &Stage, method: Method, path: &str, role: &str) -> Option<Probe> {
    let (root, scientist) = (&stage.scene.root, &stage.scene.scientist);
    Some(match (method.as_str(), path) {
        ("POST", "/sessions") => with(method, path, json!({"user": "outsider", "password": testkit::PASSWORD})),
        ("DELETE", "/sessions/current") => Probe { client: Some(stage.spare(role).await), ..plain(method, path) },
        ("GET", "/me" | "/users" | "/tokens" | "/groups" | "/projects" | "/infrastructures" | "/inbox" | "/audit" | "/jobs") => {
            get(path)
        }
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
        ("POST", "/deployments/{service}/stop") => {
            stage.deployed(role).await;
            plain(method, path)
        }
        _ => return None,
    })
}
