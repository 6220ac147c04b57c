//! People are named as they were named when they acted, by account, display name and the kind of their credential.

use serde_json::{Value, json};
use testkit::{BUSINESS, Scene, TestServer, both};

fn who(view: &Value) -> [&Value; 3] {
    [&view["by"], &view["account"], &view["credential"]]
}

/// The predicate of the first signed decision on a version.
async fn decided_by(scene: &Scene, path: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let statements = scene.root.get(&format!("{path}/statements")).await.ok();
    let payload = statements["items"][0]["envelope"]["payload"].as_str().unwrap().to_owned();
    let statement: Value = serde_json::from_slice(&STANDARD.decode(payload).unwrap()).unwrap();
    statement["predicate"]["decided_by"].clone()
}

both! {
    async fn a_new_name_changes_nothing_of_what_was_done_under_the_old_one(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.business.feedback(&version, BUSINESS, "approve").await.ok();
        scene.approver.approve(&version).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        for (account, name) in [("approver", "Somebody else"), ("business", "Another one"), ("scientist", "A third"), ("operator", "A fourth")] {
            scene.root.patch(&format!("/users/{account}"), json!({"display_name": name})).await.ok();
        }

        let review = scene.root.review(&version).await;
        assert_eq!(who(&review["decision"]), [&json!("The approver"), &json!("approver"), &json!("session")]);
        assert_eq!(who(&review["requested"]), [&json!("The scientist"), &json!("scientist"), &json!("session")]);
        let answer = review["slots"].as_array().unwrap().iter().find_map(|slot| slot["answers"].get(0)).unwrap();
        assert_eq!(who(answer), [&json!("The business"), &json!("business"), &json!("session")]);
        let deployment = scene.operator.deployment("production/tumour").await;
        assert_eq!(who(&deployment["revision"]), [&json!("The operator"), &json!("operator"), &json!("session")]);
        let shown = scene.root.get(&version.path).await.ok();
        assert_eq!((&shown["uploader"], &shown["uploader_account"]), (&json!("The scientist"), &json!("scientist")));
        let by = decided_by(&scene, &version.path).await;
        assert_eq!((&by["name"], &by["subject"], &by["credential"]), (&json!("The approver"), &json!("approver"), &json!("session")));

        let history = scene.root.get(&format!("{}/review/history", version.path)).await.ok();
        let approved = history["items"].as_array().unwrap().iter().find(|event| event["type"] == "review.approved").unwrap();
        assert_eq!(
            (&approved["actor"], &approved["actor_name"], &approved["credential"]),
            (&json!("approver"), &json!("The approver"), &json!("session"))
        );
        server.verify().await;
    }

    async fn what_is_done_with_a_token_says_which_kind(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let token = scene.scientist.post("/tokens", json!({"label": "laptop"})).await.ok()["token"].as_str().unwrap().to_owned();
        scene.scientist.with_token("scientist", &token).command(&version, "request", json!({})).await.ok();
        let review = scene.root.review(&version).await;
        assert_eq!(who(&review["requested"]), [&json!("The scientist"), &json!("scientist"), &json!("personal_token")]);

        let pipeline = server.service("pipeline").await;
        scene.root.put("/projects/diagnosis/members/pipeline", json!({"role": "contributor"})).await.ok();
        let model = pipeline.post("/projects/diagnosis/models", json!({"name": "lesion"})).await;
        model.ok();
        let events = scene.root.get("/audit?limit=200").await.ok();
        let created = events["items"].as_array().unwrap().iter().rev().find(|event| event["type"] == "model.created").unwrap();
        assert_eq!((&created["actor"], &created["credential"]), (&json!("pipeline"), &json!("service_token")));
        let redeemed = events["items"].as_array().unwrap().iter().find(|event| event["type"] == "invitation.redeemed").unwrap();
        assert_eq!(redeemed["credential"], "invitation");
    }
}
