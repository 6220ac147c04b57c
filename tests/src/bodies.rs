//! Bodies and texts that hide what they ask for: an array in the place of an object, for every route that takes a body, and texts of
//! which a reader sees nothing.

use crate::{
    authorization::{
        operations, routes,
        stage::{Body, Stage},
    },
    bad_input::unchanged,
};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Backend, IT, Scene, TestServer, both};

/// Texts of which a reader sees nothing.
const INVISIBLE: [&str; 6] = ["\u{200b}", " \u{200b}\u{feff}\t", "\u{3164}", "\u{2800}", "\u{ad}\u{34f}", "\u{e0041}"];

/// Every route of the router that takes a JSON body refuses an array where the body has an object, at each depth. The bodies are those
/// of the authorization table, so a new route is in this test as soon as it is in the table.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_array_is_no_object_on_any_route() {
    let server = TestServer::start(Backend::Sqlite).await;
    let stage = Stage::set(&server).await;
    let mut asked = 0;
    for route in routes() {
        let probe = || async { operations::prepare(&stage, &route, "administrator").await };
        let Some(Body::Json(body)) = probe().await.map(|probe| probe.body) else { continue };
        for pointer in objects(&body, "") {
            let mut changed = body.clone();
            let object = changed.pointer_mut(&pointer).unwrap();
            *object = Value::Array(object.as_object().unwrap().values().cloned().collect());
            let mut probe = probe().await.unwrap();
            probe.body = Body::Json(changed);
            let problem = stage.send(probe, "administrator").await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{route}: {problem}");
            assert!(problem["detail"].as_str().unwrap().contains("expected an object"), "{route}: {problem}");
            asked += 1;
        }
    }
    assert!(asked > 30, "only {asked} objects");
    // Routes that need no body take an object or nothing.
    let upload = stage.scene.scientist.request(Method::POST, "/projects/diagnosis/models/tumour/uploads");
    upload.raw_json("[]").send().await.refused(422, "invalid");
}

/// The JSON pointers of all objects in a value.
fn objects(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let inside = fields.iter().flat_map(|(key, value)| objects(value, &format!("{at}/{key}")));
            std::iter::once(at.to_owned()).chain(inside).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| objects(item, &format!("{at}/{index}"))).collect()
        }
        _ => Vec::new(),
    }
}

both! {
    async fn an_array_decides_nothing_and_makes_nobody_an_administrator(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let review = format!("{}/review", version.path);
        let tag = scene.approver.etag(&review).await;
        let decide = scene.approver.request(Method::POST, &format!("{review}/decision")).header("if-match", &tag);
        let array = decide.raw_json(r#"["approve", "Good.", "30d"]"#);
        unchanged(server, array.send()).await.refused(422, "invalid");
        let decide = scene.approver.request(Method::POST, &format!("{review}/decision")).header("if-match", &tag);
        unchanged(server, decide.raw_json(r#"{"decision": {"approve": null}}"#).send()).await.refused(422, "invalid");
        let user = scene.root.request(Method::POST, "/users").raw_json(r#"["mallory", "Mallory", null, "administrator"]"#);
        unchanged(server, user.send()).await.refused(422, "invalid");
    }

    async fn a_text_of_which_nobody_sees_anything_is_none(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let approved = scene.approved().await;
        let other = scene.version().await;
        scene.scientist.command(&other, "request", json!({})).await.ok();
        for blank in INVISIBLE {
            let decision = json!({"decision": "reject", "comment": blank});
            unchanged(server, scene.approver.command(&version, "decision", decision)).await.refused(422, "invalid");
            let abandon = scene.approver.command(&version, "abandon", json!({"comment": blank}));
            unchanged(server, abandon).await.refused(422, "invalid");
            let revoke = scene.approver.command(&approved, "revoke", json!({"comment": blank}));
            unchanged(server, revoke).await.refused(422, "invalid");
            let feedback = json!({"slot": IT, "verdict": "major_issue", "comment": blank});
            let path = format!("{}/review/feedback", other.path);
            let feedback = scene.itops.put(&path, feedback);
            unchanged(server, feedback).await.refused(422, "invalid");
            let share = json!([{"version": version.name}]);
            scene.operator.deploy_shares("staging/tumour", share, Some(blank)).await.refused(409, "not_acknowledged");
            let tag = scene.root.etag("/infrastructures/production").await;
            let policy = scene.root.request(Method::PUT, "/infrastructures/production/policy").header("if-match", &tag);
            let policy = policy.json(&json!({"policy": "allow", "reason": blank}));
            assert_eq!(unchanged(server, policy.send()).await.refused(422, "invalid")["errors"][0]["pointer"], "/reason");
            let user = scene.root.post("/users", json!({"name": "somebody", "display_name": blank}));
            unchanged(server, user).await.refused(422, "invalid");
            unchanged(server, scene.scientist.post("/tokens", json!({"label": blank}))).await.refused(422, "invalid");
        }
    }

    async fn a_switched_duty_rule_bears_a_reason(server: &TestServer) {
        let scene = Scene::set(server).await;
        let path = "/projects/diagnosis";
        let rules = |body: Value| scene.manager.change(Method::PATCH, path, body);
        for (rule, value) in [
            ("author_may_approve", json!(true)),
            ("requester_may_approve", json!(true)),
            ("delegation_allowed", json!(false)),
            ("approval_valid_for", json!("90d")),
        ] {
            let problem = unchanged(server, rules(json!({rule: value}))).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "/reason", "{problem}");
            let problem = unchanged(server, rules(json!({rule: value, "reason": "\u{200b}"}))).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "/reason", "{problem}");
            rules(json!({rule: value, "reason": format!("Why {rule} changes.")})).await.ok();
            let last = scene.root.audit("project=diagnosis").await.pop().unwrap();
            assert_eq!(last["data"]["reason"], format!("Why {rule} changes."), "{last}");
        }
        // What changes nothing needs no reason.
        unchanged(server, rules(json!({"author_may_approve": true}))).await.ok();
    }

    async fn a_wildcard_is_no_state_that_anybody_saw(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        for wildcard in ["*", "\"*\""] {
            let body = json!({"decision": "approve"});
            let decision = scene.approver.command_on(&version, "decision", body, wildcard);
            let problem = unchanged(server, decision).await.refused_helpfully(400, "malformed_if_match");
            assert!(problem["detail"].as_str().unwrap().contains("every state"), "{problem}");
            let fields = scene.scientist.request(Method::PATCH, &version.path).header("if-match", wildcard);
            let fields = fields.json(&json!({"notes": "New."}));
            unchanged(server, fields.send()).await.refused_helpfully(400, "malformed_if_match");
        }
    }
}
