//! A workflow with two sign-offs: each has its own rounds, statements and people, and the gate asks for both.

use domain::workflow::Workflow;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{Client, Reply, Scene, TestServer, Version, both};

const TECHNICAL: &str = "technical-review";

const WORKFLOW: &str = r#"{
  "name": "two reviews",
  "steps": [
    {"name": "development", "sign_off": false, "status": "ongoing"},
    {"name": "technical-review", "sign_off": true, "status": "not_started"},
    {"name": "review", "sign_off": true, "status": "not_started"},
    {"name": "deployment", "sign_off": false, "status": "not_started"},
    {"name": "production", "sign_off": false, "status": "not_started"}
  ],
  "rules": [
    {"on": "review_requested", "from": "development", "to": "technical-review"},
    {"on": "approved", "from": "technical-review", "to": "review"},
    {"on": "approved", "from": "review", "to": "deployment"},
    {"on": "in_production", "from": "deployment", "to": "production"},
    {"on": "lapsed", "step": "technical-review", "from": null, "to": "technical-review"},
    {"on": "lapsed", "step": "review", "from": null, "to": "review"},
    {"on": "reset", "step": "technical-review", "from": null, "to": "technical-review"},
    {"on": "reset", "step": "review", "from": null, "to": "review"}
  ]
}"#;

/// No face changes a workflow yet: this does what one will do.
async fn use_two_sign_offs(server: &TestServer) {
    let workflow: Workflow = serde_json::from_str(WORKFLOW).unwrap();
    server.set_workflow("diagnosis", workflow).await;
}

/// A command on the sign-off of a step, with the ETag that it has now.
async fn on(client: &Client, version: &Version, step: &str, command: &str, body: Value) -> Reply {
    let tag = client.etag(&format!("{}/review?step={step}", version.path)).await;
    let request = client.request(Method::POST, &format!("{}/review/{command}?step={step}", version.path));
    request.header("if-match", &tag).json(&body).send().await
}

async fn approve(scene: &Scene, version: &Version, step: &str) {
    on(&scene.scientist, version, step, "request", json!({"skip_feedback": true})).await.ok();
    let decision = json!({"decision": "approve", "comment": "Good."});
    on(&scene.approver, version, step, "decision", decision).await.ok();
}

async fn step(scene: &Scene, version: &Version) -> Value {
    scene.scientist.get(&version.path).await.ok()["governance"]["step"].clone()
}

both! {
    async fn the_pages_show_each_sign_off_and_a_form_decides_on_the_one_that_it_shows(server: &TestServer) {
        let scene = Scene::set(server).await;
        use_two_sign_offs(server).await;
        let version = scene.version().await;
        on(&scene.scientist, &version, TECHNICAL, "request", json!({"skip_feedback": true})).await.ok();
        let approver = server.browser_of("approver").await;
        let page = format!("{}?step={TECHNICAL}", version.path);
        let plain = approver.get(&version.path).await.text();
        assert!(plain.contains(&page) && !plain.contains(r#"name="decision""#), "{plain}");
        let shown = approver.get(&page).await.text();
        assert!(shown.contains(r#"name="step" value="technical-review""#) && shown.contains(r#"name="decision""#), "{shown}");
        let tag = scene.approver.etag(&format!("{}/review?step={TECHNICAL}", version.path)).await;
        let decide = async |step: &str| {
            let fields = [("decision", "approve"), ("go", "approve"), ("comment", "Good."), ("if_match", tag.trim_matches('"'))];
            let fields: Vec<_> = fields.into_iter().chain([("step", step)]).collect();
            approver.post(&format!("{}/decision", version.path), &fields).await
        };
        // The tag is of the other sign-off, and a step that is none is no other step.
        for wrong in ["review", "production", "no step"] {
            let refused = decide(wrong).await;
            assert!([404, 409, 412, 422].contains(&refused.status), "{wrong}: {} {}", refused.status, refused.text());
        }
        let done = decide(TECHNICAL).await;
        assert_eq!((done.status, done.header("location")), (303, page.as_str()), "{}", done.text());
        for (step, status) in [(TECHNICAL, "approved"), ("review", "not_started")] {
            assert_eq!(scene.root.get(&format!("{}/review?step={step}", version.path)).await.ok()["status"], status, "{step}");
        }
    }

    async fn the_gate_asks_for_every_sign_off(server: &TestServer) {
        let scene = Scene::set(server).await;
        use_two_sign_offs(server).await;
        let version = scene.version().await;
        let early = on(&scene.scientist, &version, "review", "request", json!({"skip_feedback": true})).await;
        early.refused(409, "wrong_status");
        on(&scene.scientist, &version, TECHNICAL, "request", json!({"skip_feedback": true})).await.ok();
        assert_eq!(step(&scene, &version).await, TECHNICAL);
        let missing = |answer: &Value| -> Vec<String> {
            let reasons = answer["reasons"].as_array().unwrap().iter();
            // The step of the standard workflow is left out.
            reasons.map(|reason| reason["step"].as_str().unwrap_or("review").to_owned()).collect()
        };
        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!((&answer["verdict"], missing(&answer)), (&json!("deny"), vec![TECHNICAL.to_owned(), "review".to_owned()]));
        // Each link leads to the sign-off that bars the version.
        let [technical, review] = [0, 1].map(|place| answer["reasons"][place]["link"].as_str().unwrap());
        assert_eq!((technical, &answer["signoff_url"]), (format!("{review}?step={TECHNICAL}").as_str(), &json!(technical)));
        let path = &technical[technical.find("/projects").unwrap()..];
        let led = scene.operator.request_outside(Method::GET, path).send().await;
        assert_eq!(led.status, 303);
        assert!(led.header("location").ends_with(&format!("/review?step={TECHNICAL}")), "{}", led.header("location"));
        on(&scene.approver, &version, TECHNICAL, "decision", json!({"decision": "approve"})).await.ok();
        assert_eq!(step(&scene, &version).await, "review");
        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!((&answer["verdict"], missing(&answer)), (&json!("deny"), vec!["review".to_owned()]));
        scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");

        approve(&scene, &version, "review").await;
        assert_eq!(step(&scene, &version).await, "deployment");
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        scene.operator.deploy("production/tumour", &version).await.ok();
        assert_eq!(step(&scene, &version).await, "production");
        let statements = scene.scientist.get(&format!("{}/statements", version.path)).await.ok();
        let steps = statements["items"].as_array().unwrap().iter().map(|statement| statement["step"].as_str().unwrap());
        // The clock stands still, so the order of the two is by chance.
        assert_eq!(steps.collect::<BTreeSet<_>>(), BTreeSet::from([TECHNICAL, "review"]));
        server.verify().await;

        // One of the two is enough to put the service out of policy; the other goes on.
        on(&scene.approver, &version, TECHNICAL, "revoke", json!({"comment": "Drift."})).await.ok();
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "out_of_policy");
        assert_eq!(step(&scene, &version).await, TECHNICAL);
        let review = scene.manager.get(&format!("{}/review?step=review", version.path)).await.ok();
        assert_eq!((&review["status"], &review["step"]), (&json!("approved"), &json!("review")));
        on(&scene.manager, &version, TECHNICAL, "reset", json!({"reload_reviewers": false})).await.ok();
        approve(&scene, &version, TECHNICAL).await;
        assert_eq!(step(&scene, &version).await, "deployment", "the sign-off that went on is not asked for again");
        let technical = scene.manager.get(&format!("{}/review?step={TECHNICAL}", version.path)).await.ok();
        assert_eq!((&technical["round"], &review["round"]), (&json!(2), &json!(1)));
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        server.verify().await;
    }

    async fn addresses_without_a_step_mean_review(server: &TestServer) {
        let scene = Scene::set(server).await;
        use_two_sign_offs(server).await;
        let version = scene.version().await;
        assert_eq!(scene.manager.review(&version).await["step"], "review");
        scene.manager.get(&format!("{}/review?step=legal-review", version.path)).await.refused(404, "not_found");
        scene.manager.get(&format!("{}/review?step=Legal", version.path)).await.refused(422, "invalid");
        // Fields do not change any more once one of the two is decided.
        approve(&scene, &version, TECHNICAL).await;
        let changed = scene.scientist.change(Method::PATCH, &version.path, json!({"notes": "New."})).await;
        changed.refused(409, "already_decided");
    }
}
