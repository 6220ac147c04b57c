//! Retired versions, and resets that end an approval: both reach what is in service, and both say so.

use crate::scenario::kinds;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Reply, Scene, TestServer, Version, both};

async fn retire(person: &Client, version: &Version, what: &str, comment: &str) -> Reply {
    person.post(&format!("{}/{what}", version.path), json!({"comment": comment})).await
}

/// The numbers of the versions in a list of the model.
async fn listed(person: &Client, query: &str) -> Vec<u64> {
    let list = person.get(&format!("/projects/diagnosis/models/tumour/versions{query}")).await.ok();
    let number = |item: &Value| item["name"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    list["items"].as_array().unwrap().iter().map(number).collect()
}

async fn in_inbox(person: &Client, version: &Version) -> bool {
    let inbox = person.get("/inbox").await.ok();
    let buckets = inbox.as_object().unwrap().values().filter_map(Value::as_array);
    buckets.flatten().any(|item| item["version"] == version.name.as_str())
}

/// A second infrastructure, which takes out of service what lapses.
async fn strict(scene: &Scene) {
    let body = json!({"name": "strict", "stage": "production", "policy": "prevent", "on_lapse": "disable"});
    scene.root.post("/infrastructures", body).await.ok();
    scene.root.put("/infrastructures/strict/members/operator", json!({"role": "deployer"})).await.ok();
}

fn services() -> Value {
    json!([
        {"infrastructure": "production", "service": "tumour", "standing": "out_of_policy"},
        {"infrastructure": "strict", "service": "tumour", "standing": "disabled"},
    ])
}

fn sorted(mut services: Value) -> Value {
    services.as_array_mut().unwrap().sort_by_key(|service| service["infrastructure"].to_string());
    services
}

both! {
    async fn a_retired_version_is_not_in_force_until_it_is_taken_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        strict(&scene).await;
        let (version, other) = (scene.approved().await, scene.approved().await);
        for place in ["production/tumour", "strict/tumour"] {
            scene.operator.deploy(place, &version).await.ok();
        }
        retire(&scene.scientist, &version, "retire", "Old.").await.refused(403, "not_entitled");
        retire(&scene.manager, &version, "retire", " ").await.refused_helpfully(422, "invalid");
        let retired = retire(&scene.manager, &version, "retire", "Superseded by version 2.").await.ok();
        assert_eq!((&retired["status"], &retired["retired"]["comment"]), (&json!("approved"), &json!("Superseded by version 2.")));
        assert_eq!(sorted(retired["services"].clone()), services());
        assert_eq!(retire(&scene.manager, &version, "retire", "Again.").await.ok()["already_done"], true);

        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!((&answer["verdict"], &answer["pending"]), (&json!("deny"), &json!(false)));
        let reasons = answer["reasons"].as_array().unwrap();
        assert_eq!((reasons.len(), &reasons[0]["lack"], &reasons[0]["status"]), (1, &json!("retired"), &json!("approved")));
        assert!(reasons[0]["who_can"].as_array().unwrap().contains(&json!("The manager")), "{answer}");
        let denied = scene.operator.deploy("production/other", &version).await.refused_helpfully(403, "denied_by_policy");
        assert_eq!(denied["detail"], "production prevents this deployment: diagnosis/tumour:1 is retired");
        assert_eq!(denied["next"], json!({"step": "restore_version", "version": version.name}));
        let shown = scene.operator.deployment("production/tumour").await;
        assert_eq!(shown["standing"], "out_of_policy");
        assert_eq!(
            shown["revision"]["shares"][0]["reason"],
            "diagnosis/tumour:1 was retired by The manager: Superseded by version 2."
        );
        assert_eq!(scene.operator.deployment("strict/tumour").await["standing"], "disabled");
        assert_eq!((listed(&scene.scientist, "").await, listed(&scene.scientist, "?retired=true").await), (vec![2], vec![1]));
        assert_eq!(scene.scientist.get(&version.path).await.ok()["governance"]["retired"]["by"], "The manager");

        let refused = scene.manager.command(&version, "reset", json!({"comment": "Again."})).await.refused_helpfully(409, "locked");
        assert_eq!(refused["next"], json!({"step": "restore_version", "version": version.name}));
        retire(&scene.manager, &version, "restore", "Still needed.").await.ok();
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        for place in ["production/tumour", "strict/tumour"] {
            assert_eq!(scene.operator.deployment(place).await["standing"], "in_policy", "{place}");
        }
        assert_eq!(listed(&scene.scientist, "").await, [other.number, version.number]);
        let events = scene.root.audit(&format!("version={}", version.name)).await;
        let last = &kinds(&events)[events.len() - 5..];
        let expected =
            ["version.retired", "deployment.lapsed", "deployment.lapsed", "deployment.refused", "version.restored"];
        assert_eq!(last, expected);
    }

    async fn a_retired_version_is_in_no_inbox(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        assert!(in_inbox(&scene.approver, &version).await);
        scene.approver.revoke(&version).await.ok();
        assert!(in_inbox(&scene.manager, &version).await, "the next round is the manager's to open");
        let retired = retire(&scene.manager, &version, "retire", "Never again.").await.ok();
        assert_eq!(retired.get("services"), None, "what rested on the approval went out of policy before");
        for person in [&scene.manager, &scene.approver, &scene.scientist] {
            assert!(!in_inbox(person, &version).await, "{}", person.name);
        }
        let edit = scene.scientist.change(Method::PATCH, &version.path, json!({"notes": "New."})).await;
        edit.refused_helpfully(409, "locked");
        retire(&scene.manager, &version, "restore", "After all.").await.ok();
        assert!(in_inbox(&scene.manager, &version).await);

        let open = scene.requested().await;
        let refused = retire(&scene.manager, &open, "retire", "Old.").await.refused_helpfully(409, "wrong_status");
        assert_eq!(refused["next"], json!({"step": "abandon_instead", "version": open.name}));
    }

    async fn a_reset_of_an_approved_version_says_beforehand_what_it_stops(server: &TestServer) {
        let scene = Scene::set(server).await;
        strict(&scene).await;
        let version = scene.approved().await;
        for place in ["production/tumour", "strict/tumour"] {
            scene.operator.deploy(place, &version).await.ok();
        }
        let size = server.log_size().await;
        let reset = async |body: Value| scene.manager.command(&version, "reset", body).await;
        reset(json!({})).await.refused_helpfully(422, "invalid");
        let tried = reset(json!({"comment": "Measured wrongly.", "dry_run": true})).await.ok();
        assert_eq!((sorted(tried["services"].clone()), &tried["round"]), (services(), &json!(2)));
        assert_eq!((server.log_size().await, scene.manager.review(&version).await["status"].clone()), (size, json!("approved")));
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "in_policy");

        let done = reset(json!({"comment": "Measured wrongly."})).await.ok();
        assert_eq!((sorted(done["services"].clone()), &done["status"]), (services(), &json!("not_started")));
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "out_of_policy");
        let events = scene.root.audit(&format!("version={}", version.name)).await;
        let event = events.iter().find(|event| event["type"] == "review.reset").unwrap();
        assert_eq!(event["data"]["comment"], "Measured wrongly.");
    }

    async fn a_revocation_names_the_services_too(server: &TestServer) {
        let scene = Scene::set(server).await;
        strict(&scene).await;
        let version = scene.approved().await;
        for place in ["production/tumour", "strict/tumour"] {
            scene.operator.deploy(place, &version).await.ok();
        }
        assert_eq!(sorted(scene.approver.revoke(&version).await.ok()["services"].clone()), services());
    }
}
