//! Renewal without an outage: an approved version is reviewed again while its approval, its permits and its services go on.

use crate::scenario::kinds;
use domain::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Scene, TestServer, Version, both};

const HOUR: u32 = 3600;

/// An approval of 30 hours, in service on `strict`, which takes out of service what is out of policy; and its node.
async fn in_service(server: &TestServer, scene: &Scene) -> (Version, Client) {
    let strict = json!({"name": "strict", "stage": "production", "policy": "prevent", "on_lapse": "disable"});
    scene.root.post("/infrastructures", strict).await.ok();
    scene.root.put("/infrastructures/strict/members/operator", json!({"role": "deployer"})).await.ok();
    let version = scene.requested().await;
    approve(scene, &version, "30h").await;
    scene.operator.deploy("strict/tumour", &version).await.ok();
    (version, server.node("node-1", "strict").await)
}

async fn approve(scene: &Scene, version: &Version, valid_for: &str) -> Value {
    let decision = json!({"decision": "approve", "comment": "Good.", "valid_for": valid_for});
    scene.approver.command(version, "decision", decision).await.ok()
}

async fn renew(scene: &Scene, version: &Version) -> Value {
    scene.scientist.command(version, "renew", json!({"skip_feedback": true})).await.ok()
}

/// What the node is told of the version: its standing, and the permit's round and end.
async fn share(node: &Client) -> (String, Value, Value) {
    let share = node.serving("strict").await["services"][0]["shares"][0].clone();
    let standing = share["standing"].as_str().unwrap().to_owned();
    (standing, share["permit"]["round"].clone(), share["permit"]["not_after"].clone())
}

async fn verdict(scene: &Scene, version: &Version) -> Value {
    scene.operator.gate("strict", version).await.ok()["verdict"].clone()
}

both! {
    async fn services_go_on_over_a_renewal(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, node) = in_service(server, &scene).await;
        server.clock.advance(Duration::from_seconds(13 * HOUR));
        let review = renew(&scene, &version).await;
        assert_eq!((&review["status"], &review["round"], &review["rounds"]), (&json!("waiting_for_approval"), &json!(2), &json!(2)));
        assert_eq!((&review["renews"]["round"], &review["renews"]["status"]), (&json!(1), &json!("approved")));
        assert!(review["renews"]["note"].as_str().unwrap().contains("a rejection ends it"), "{review}");
        assert_eq!(renew(&scene, &version).await["already_done"], true);

        // Everything shows both rounds, and the gate and the permits stand on the approval.
        let shown = scene.scientist.get(&version.path).await.ok()["governance"].clone();
        assert_eq!((&shown["status"], &shown["round"], &shown["step"]), (&json!("approved"), &json!(1), &json!("production")));
        assert_eq!(shown["renewal"], json!({"round": 2, "status": "waiting_for_approval"}));
        assert_eq!(shown["turns"][0]["people"], json!(["The approver"]));
        let listed = scene.scientist.get("/projects/diagnosis/models/tumour/versions").await.ok()["items"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
        assert_eq!((&listed[0]["status"], &listed[0]["renewal"]), (&json!("approved"), &json!("waiting_for_approval")));
        let first = scene.scientist.get(&format!("{}/review?round=1", version.path)).await.ok();
        assert_eq!((&first["status"], &first["decision"]["by"]), (&json!("approved"), &json!("The approver")));
        assert_eq!(verdict(&scene, &version).await, "allow");
        assert_eq!(share(&node).await.0, "in_policy");
        assert_eq!(scene.operator.deploy("strict/tumour", &version).await.ok()["already_done"], true);
        assert_eq!(server.renew().await, 1, "permits are renewed meanwhile");
        assert_eq!(share(&node).await, ("in_policy".to_owned(), json!(1), json!("2026-01-06T15:00:00.000000Z")));

        // A second before the end, the new approval takes the place of the old one, and the permit rests on it at once.
        server.clock.advance(Duration::from_seconds(17 * HOUR - 1));
        let before = node.serving("strict").await;
        let approved = approve(&scene, &version, "300h").await;
        assert_eq!((&approved["status"], &approved["round"], &approved["renews"]), (&json!("approved"), &json!(2), &json!(null)));
        let followed = node.follow("strict", &before["tag"]).await.ok();
        assert_eq!(followed["services"][0]["shares"][0]["permit"]["round"], 2, "the node hears of it");
        assert_eq!(share(&node).await, ("in_policy".to_owned(), json!(2), json!("2026-01-07T14:59:59.000000Z")));
        server.clock.advance(Duration::from_seconds(2));
        assert_eq!((server.expire().await, share(&node).await.0), (0, "in_policy".to_owned()));
        assert_eq!(verdict(&scene, &version).await, "allow");
        assert_eq!(scene.operator.deployment("strict/tumour").await["revision"]["number"], 1);
        let shown = scene.scientist.get(&version.path).await.ok()["governance"].clone();
        assert_eq!((&shown["status"], &shown["round"], &shown["renewal"]), (&json!("approved"), &json!(2), &json!(null)));
        let events = scene.root.audit(&format!("version={}", version.name)).await;
        assert!(!kinds(&events).iter().any(|kind| kind.contains("lapsed")), "{events:#?}");
        assert_eq!(kinds(&events)[events.len() - 2..], ["review.approved", "permit.renewed"]);
        assert_eq!(events[events.len() - 2]["data"]["replaces"], 1);
    }

    async fn an_approval_after_a_revocation_brings_services_back_on_a_permit_of_its_own(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, node) = in_service(server, &scene).await;
        renew(&scene, &version).await;
        approve(&scene, &version, "30h").await;
        renew(&scene, &version).await;
        // The approval in force is revoked while its renewal waits.
        scene.approver.revoke(&version).await.ok();
        assert_eq!((share(&node).await.0.as_str(), verdict(&scene, &version).await), ("disabled", json!("deny")));
        assert_eq!(share(&node).await.1, 2);
        approve(&scene, &version, "20h").await;
        assert_eq!(share(&node).await, ("in_policy".to_owned(), json!(3), json!("2026-01-06T05:00:00.000000Z")));
        let events = scene.root.audit(&format!("version={}", version.name)).await;
        assert_eq!(kinds(&events)[events.len() - 2..], ["review.approved", "permit.renewed"]);
        // So do a reset and the next round.
        let reset = json!({"comment": "Again."});
        scene.manager.command(&version, "reset", reset).await.ok();
        assert_eq!((share(&node).await.0.as_str(), verdict(&scene, &version).await), ("disabled", json!("deny")));
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        approve(&scene, &version, "10h").await;
        assert_eq!(share(&node).await, ("in_policy".to_owned(), json!(4), json!("2026-01-05T19:00:00.000000Z")));
        server.verify().await;
    }

    async fn a_shorter_approval_shortens_the_permits(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, node) = in_service(server, &scene).await;
        renew(&scene, &version).await;
        approve(&scene, &version, "2h").await;
        assert_eq!(share(&node).await, ("in_policy".to_owned(), json!(2), json!("2026-01-05T11:00:00.000000Z")));
    }

    async fn a_rejected_renewal_ends_the_approval(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, node) = in_service(server, &scene).await;
        renew(&scene, &version).await;
        let rejected = scene.approver.reject(&version).await.ok();
        assert_eq!((&rejected["status"], &rejected["locked"]), (&json!("rejected"), &json!(true)));
        assert_eq!(verdict(&scene, &version).await, "deny");
        assert_eq!(share(&node).await.0, "disabled");
        let shown = scene.operator.deployment("strict/tumour").await;
        let reason = "the approval of diagnosis/tumour:1 holds no more: round 2 was rejected by The approver: Not good.";
        assert_eq!(shown["revision"]["shares"][0]["reason"], reason);
        let events = scene.root.audit("").await;
        assert_eq!(kinds(&events)[events.len() - 2..], ["review.rejected", "deployment.lapsed"]);
        assert_eq!(events[events.len() - 2]["data"]["ends"], 1);
        assert_eq!(scene.scientist.get(&version.path).await.ok()["governance"]["step"], "review");
        // Resetting it opens the third round.
        assert_eq!(scene.manager.reset(&version, false).await.ok()["round"], 3);
    }

    async fn an_abandoned_renewal_changes_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, node) = in_service(server, &scene).await;
        renew(&scene, &version).await;
        let abandoned = scene.scientist.command(&version, "abandon", json!({"comment": "Too early."})).await.ok();
        assert_eq!((&abandoned["status"], &abandoned["round"], &abandoned["locked"]), (&json!("approved"), &json!(1), &json!(false)));
        assert_eq!(abandoned["rounds"], 2);
        assert_eq!((verdict(&scene, &version).await, share(&node).await.0), (json!("allow"), "in_policy".to_owned()));
        let second = scene.scientist.get(&format!("{}/review?round=2", version.path)).await.ok();
        assert_eq!((&second["status"], &second["abandonment"]["comment"]), (&json!("abandoned"), &json!("Too early.")));
        let inbox = scene.manager.get("/inbox").await.ok();
        assert_eq!(inbox["counts"]["answer"], 0, "{inbox}");
        // It can be taken up again, or another one requested.
        let back = scene.manager.command(&version, "cancel-abandon", json!({})).await.ok();
        assert_eq!((&back["status"], &back["round"]), (&json!("waiting_for_approval"), &json!(2)));
        scene.scientist.command(&version, "abandon", json!({"comment": "Too early."})).await.ok();
        assert_eq!(renew(&scene, &version).await["round"], 3);
        approve(&scene, &version, "40h").await;
        assert_eq!((share(&node).await.0, share(&node).await.1), ("in_policy".to_owned(), json!(3)));
    }

    async fn a_revocation_reaches_the_approval_in_force(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, node) = in_service(server, &scene).await;
        renew(&scene, &version).await;
        let revoked = scene.approver.revoke(&version).await.ok();
        assert_eq!((&revoked["status"], &revoked["round"]), (&json!("waiting_for_approval"), &json!(2)));
        assert_eq!(revoked["renews"]["status"], "revoked");
        assert_eq!((verdict(&scene, &version).await, share(&node).await.0), (json!("deny"), "disabled".to_owned()));
        let shown = scene.operator.deployment("strict/tumour").await["revision"]["shares"][0]["reason"].clone();
        assert_eq!(shown, "the approval of diagnosis/tumour:1 was revoked by The approver: No longer good.");
        let statements = scene.scientist.get(&format!("{}/statements", version.path)).await.ok();
        let rounds: Vec<_> = statements["items"].as_array().unwrap().iter().map(|statement| statement["round"].clone()).collect();
        assert_eq!(rounds, [json!(1), json!(1)], "the approval, and the revocation of it");
        // Nobody is asked for a reset: the renewal goes on.
        let inbox = scene.manager.get("/inbox").await.ok();
        assert_eq!(inbox["counts"]["answer"], 0, "{inbox}");
        assert_eq!(scene.approver.get("/inbox").await.ok()["counts"]["decide"], 1);
        approve(&scene, &version, "40h").await;
        assert_eq!(verdict(&scene, &version).await, "allow");
        assert_eq!(share(&node).await.0, "in_policy");
    }

    async fn the_clock_ends_the_approval_and_leaves_the_renewal_open(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, node) = in_service(server, &scene).await;
        renew(&scene, &version).await;
        server.clock.advance(Duration::from_seconds(30 * HOUR));
        assert_eq!((verdict(&scene, &version).await, share(&node).await.0), (json!("deny"), "disabled".to_owned()));
        assert_eq!((server.expire().await, server.expire().await), (1, 0));
        let review = scene.approver.review(&version).await;
        assert_eq!((&review["status"], &review["round"]), (&json!("waiting_for_approval"), &json!(2)));
        assert_eq!(review["renews"]["status"], "expired");
        let events = scene.root.audit("").await;
        assert_eq!(kinds(&events)[events.len() - 2..], ["approval.expired", "deployment.lapsed"]);
        let inbox = scene.manager.get("/inbox").await.ok();
        assert_eq!(inbox["counts"]["answer"], 0, "{inbox}");
        // Given up after that, there is nothing to go back to, and the managers are asked for a reset.
        scene.scientist.command(&version, "abandon", json!({"comment": "Too late."})).await.ok();
        assert_eq!(scene.approver.review(&version).await["status"], "expired");
        let inbox = scene.manager.get("/inbox").await.ok();
        assert_eq!(inbox["answer"][0]["expected"], "reset", "{inbox}");
    }

    async fn who_may_and_when(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let refused = scene.scientist.command(&version, "request", json!({})).await.refused(409, "already_decided");
        assert_eq!(refused["next"], json!({"step": "request_renewal", "version": version.name}));
        scene.approver.command(&version, "renew", json!({})).await.refused(403, "not_entitled");
        renew(&scene, &version).await;
        scene.scientist.change(Method::PATCH, &version.path, json!({"notes": "Better."})).await.refused(409, "already_decided");
        scene.manager.reset(&version, false).await.refused(409, "wrong_status");
        let inbox = scene.approver.get("/inbox").await.ok();
        assert!(inbox["decide"][0]["why"].as_str().unwrap().contains("renews the approval of round 1"), "{inbox}");
        let waiting = scene.requested().await;
        scene.scientist.command(&waiting, "renew", json!({})).await.refused(409, "wrong_status");
    }

    async fn an_approval_of_the_renewal_races_a_revocation_of_the_approval(server: &TestServer) {
        let scene = Scene::set(server).await;
        for _ in 0..10 {
            let version = scene.approved().await;
            scene.operator.deploy("production/tumour", &version).await.ok();
            renew(&scene, &version).await;
            let tag = scene.approver.etag(&format!("{}/review", version.path)).await;
            let (approved, revoked) = tokio::join!(
                scene.approver.command_on(&version, "decision", json!({"decision": "approve"}), &tag),
                scene.manager.command_on(&version, "revoke", json!({"comment": "Drift."}), &tag)
            );
            let statuses = [approved.status, revoked.status];
            let one_wins = statuses == [200, 412] || statuses == [412, 200];
            assert!(one_wins, "one of them wins, and the other one looks again: {approved:?} {revoked:?}");
            let expected = if approved.status == 200 { "allow" } else { "deny" };
            assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], expected);
        }
    }
}
