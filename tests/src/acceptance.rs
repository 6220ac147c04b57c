//! Infrastructures choose which approvals count: by project, and whether the approver must be independent.

use domain::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Reply, Scene, TestServer, Version, both};

/// Changes what `production` accepts.
async fn accept(scene: &Scene, change: Value) -> Value {
    let mut body = json!({"policy": "prevent", "reason": "Only what we looked at."});
    for (field, value) in change.as_object().unwrap() {
        body[field] = value.clone();
    }
    let tag = scene.root.etag("/infrastructures/production").await;
    let put = scene.root.request(Method::PUT, "/infrastructures/production/policy").header("if-match", &tag);
    put.json(&body).send().await.ok()
}

#[track_caller]
fn denied(reply: Reply, lack: &str) -> Value {
    let answer = reply.ok();
    assert_eq!((&answer["verdict"], &answer["reasons"][0]["lack"]), (&json!("deny"), &json!(lack)), "{answer}");
    answer
}

/// A version that its own requester approved, as the project's rules allow.
async fn approved_by_requester(scene: &Scene) -> Version {
    let rules = json!({"author_may_approve": true, "requester_may_approve": true, "reason": "A small team."});
    scene.manager.change(Method::PATCH, "/projects/diagnosis", rules).await.ok();
    scene.set_reviewers(&["user:approver", "user:scientist"]).await;
    let version = scene.requested().await;
    scene.scientist.approve(&version).await.ok();
    version
}

both! {
    async fn a_project_that_is_not_accepted_counts_as_not_approved(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/projects", json!({"name": "imaging", "display_name": "Imaging"})).await.ok();
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let node = server.node("node-1", "production").await;
        let changed = accept(&scene, json!({"projects": ["imaging"]})).await;
        assert_eq!((&changed["projects"], &changed["revision"]), (&json!(["imaging"]), &json!(2)));
        denied(scene.operator.gate("production", &version).await, "project_not_accepted");
        let by_digest = json!({"infrastructure": "production", "digest": version.digest});
        denied(scene.operator.post("/gate/check", by_digest).await, "project_not_accepted");
        let refused = scene.operator.deploy("production/other", &version).await.refused_helpfully(403, "denied_by_policy");
        assert_eq!(refused["next"], json!({"step": "ask_for_acceptance", "infrastructure": "production"}));

        // What runs there is out of policy, its permit is not renewed, and its nodes know.
        let shown = scene.operator.deployment("production/tumour").await;
        assert_eq!(shown["standing"], "out_of_policy");
        assert_eq!(shown["revision"]["shares"][0]["reason"], "production does not accept approvals of the project diagnosis");
        assert_eq!(node.serving("production").await["services"][0]["shares"][0]["standing"], "out_of_policy");
        server.clock.advance(Duration::from_seconds(13 * 3600));
        assert_eq!(server.renew().await, 0);
        // Elsewhere the approval counts.
        assert_eq!(scene.operator.gate("staging", &version).await.ok()["verdict"], "allow");

        // Accepting more is a weakening, and the record says so.
        assert_eq!(accept(&scene, json!({"projects": null})).await["projects"], json!(null));
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        assert_eq!(server.renew().await, 1);
        let events = scene.root.audit("infrastructure=production").await;
        let changes = events.iter().filter(|event| event["type"] == "infrastructure.policy_changed");
        let changes: Vec<_> = changes.map(|event| (event["data"]["weakened"].clone(), event["data"]["accepts_to"].clone())).collect();
        assert_eq!(changes, [(json!(false), json!({"projects": ["imaging"]})), (json!(true), json!({}))]);
    }

    async fn an_infrastructure_may_want_an_independent_approver(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (own, independent) = (approved_by_requester(&scene).await, scene.requested().await);
        scene.approver.approve(&independent).await.ok();
        scene.operator.deploy("production/tumour", &own).await.ok();
        assert_eq!(accept(&scene, json!({"independent_approval": true})).await["independent_approval"], true);
        denied(scene.operator.gate("production", &own).await, "not_independent");
        assert_eq!(scene.operator.gate("production", &independent).await.ok()["verdict"], "allow");
        scene.operator.deploy("production/other", &own).await.refused_helpfully(403, "denied_by_policy");
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "out_of_policy");
        server.clock.advance(Duration::from_seconds(13 * 3600));
        assert_eq!(server.renew().await, 0);
        scene.operator.deploy("production/tumour", &independent).await.ok();
        let back = accept(&scene, json!({"independent_approval": false})).await;
        assert_eq!((&back["independent_approval"], &back["revision"]), (&json!(false), &json!(3)));
        let events = scene.root.audit("infrastructure=production").await;
        assert_eq!(events[events.len() - 1]["data"]["weakened"], true);
        assert_eq!(scene.operator.gate("production", &own).await.ok()["verdict"], "allow");
    }

    async fn a_delegate_of_a_requester_is_not_independent(server: &TestServer) {
        let scene = Scene::set(server).await;
        let rules = json!({"requester_may_approve": true, "reason": "A small team."});
        scene.manager.change(Method::PATCH, "/projects/diagnosis", rules).await.ok();
        let version = scene.version().await;
        let deputy = server.person("deputy").await;
        // The manager requests the review and hands the decision on.
        scene.set_reviewers(&["user:manager"]).await;
        scene.manager.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        scene.manager.command(&version, "delegate", json!({"to": "deputy"})).await.ok();
        deputy.approve(&version).await.ok();
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        accept(&scene, json!({"independent_approval": true})).await;
        denied(scene.operator.gate("production", &version).await, "not_independent");
    }

    async fn what_is_accepted_can_be_said_at_once_and_is_shown_to_whom_it_concerns(server: &TestServer) {
        let scene = Scene::set(server).await;
        let create = |body| scene.root.post("/infrastructures", body);
        let place = json!({"name": "clinic", "stage": "production", "policy": "prevent", "projects": ["diagnosis"], "independent_approval": true});
        let created = create(place).await.ok();
        assert_eq!((&created["projects"], &created["independent_approval"]), (&json!(["diagnosis"]), &json!(true)));
        let stranger = server.person("stranger").await;
        assert_eq!(stranger.get("/infrastructures/clinic").await.ok()["projects"], json!([]));
        assert_eq!(scene.scientist.get("/infrastructures/clinic").await.ok()["projects"], json!(["diagnosis"]));
        assert_eq!(stranger.get("/infrastructures/production").await.ok()["projects"], json!(null));
        let unknown = json!({"name": "ward", "stage": "production", "policy": "prevent", "projects": ["nowhere"]});
        create(unknown).await.refused(404, "not_found");
        let none = json!({"name": "ward", "stage": "production", "policy": "prevent", "projects": []});
        create(none).await.refused_helpfully(422, "invalid");
    }
}
