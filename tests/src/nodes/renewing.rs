//! The server renews permits before they end, never beyond the approval, and not when the gate denies.

use crate::sql;
use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use domain::Duration;
use proof::{Envelope, ExpectedPermit, PublicKey, UtcTime, verify_permit};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Scene, TestServer, both};

const HOUR: u32 = 3600;

/// Gives an infrastructure this policy.
async fn set_policy(scene: &Scene, infrastructure: &str, policy: &str) {
    let path = format!("/infrastructures/{infrastructure}");
    let (tag, body) = (scene.root.etag(&path).await, json!({"policy": policy, "reason": "No more of that."}));
    scene.root.request(Method::PUT, &format!("{path}/policy")).header("if-match", &tag).json(&body).send().await.ok();
}

/// The permit that a service of production rests on.
async fn permit(scene: &Scene, service: &str) -> Value {
    scene.operator.deployment(&format!("production/{service}")).await["revision"]["shares"][0]["permit"].clone()
}

/// What the record says of renewals.
async fn renewals(scene: &Scene) -> Vec<Value> {
    let events = scene.root.audit("infrastructure=production").await;
    events.into_iter().filter(|event| event["type"] == "permit.renewed").collect()
}

/// Whether a node would take it now.
async fn holds(server: &TestServer, permit: &Value, digest: &str) -> bool {
    let pem = server.anonymous().get("/public-key").await.text();
    let envelope = Envelope::from_json_bytes(permit["envelope"].to_string().as_bytes()).unwrap();
    let expected = ExpectedPermit {
        server: "countersign.example",
        audience: "production",
        model_digest: digest.parse().unwrap(),
        version: None,
        now: UtcTime::from_micros(app::Clock::now(server.clock.as_ref()).micros()).unwrap(),
    };
    verify_permit(&envelope, &PublicKey::from_spki_pem(&pem).unwrap(), &expected).is_ok()
}

both! {
    async fn a_permit_is_renewed_after_half_of_its_time(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let first = permit(&scene, "tumour").await;
        assert_eq!(first["not_after"], "2026-01-06T09:00:00.000000Z");
        server.clock.advance(Duration::from_seconds(12 * HOUR - 1));
        assert_eq!(server.renew().await, 0, "not yet");
        server.clock.advance(Duration::from_seconds(1));
        assert_eq!((server.renew().await, server.renew().await), (1, 0), "once");
        let second = permit(&scene, "tumour").await;
        assert_ne!(second["id"], first["id"]);
        assert_eq!(second["not_after"], "2026-01-06T21:00:00.000000Z");
        server.clock.advance(Duration::from_seconds(12 * HOUR - 1));
        assert!(holds(server, &first, &version.digest).await && holds(server, &second, &version.digest).await);
        server.clock.advance(Duration::from_seconds(1));
        assert!(!holds(server, &first, &version.digest).await && holds(server, &second, &version.digest).await);

        // The record says so, and the revision is the same one.
        let events = renewals(&scene).await;
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((&event["actor"], &event["data"]["service"], &event["data"]["version"]), (&json!("clock"), &json!("tumour"), &json!(version.name)));
        assert_eq!((&event["data"]["replaces"], &event["data"]["permit"]), (&first["id"], &second["id"]));
        assert_eq!(scene.operator.deployment("production/tumour").await["revision"]["number"], 1);
        // The gate shows the new one, although it was asked about the old one a moment ago.
        assert_eq!(scene.operator.gate("production", &version).await.ok()["permit"]["id"], second["id"]);

        // A server that was away for longer than a permit lasts makes good for it when it is back.
        server.clock.advance(Duration::from_days(3));
        assert!(!holds(server, &second, &version.digest).await);
        assert_eq!(server.renew().await, 1);
        assert!(holds(server, &permit(&scene, "tumour").await, &version.digest).await);
    }

    async fn a_permit_never_outlives_the_approval(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "30h"})).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        server.clock.advance(Duration::from_seconds(12 * HOUR));
        assert_eq!(server.renew().await, 1);
        let last = permit(&scene, "tumour").await;
        assert_eq!(last["not_after"], "2026-01-06T15:00:00.000000Z", "the end of the approval, and not of a day");
        // Its end cannot move any more: no renewal after renewal, however often somebody looks.
        for _ in 0..3 {
            server.clock.advance(Duration::from_seconds(5 * HOUR));
            assert_eq!(server.renew().await, 0);
        }
        server.clock.advance(Duration::from_seconds(3 * HOUR));
        assert_eq!(server.renew().await, 0, "it has ended");
        assert_eq!(permit(&scene, "tumour").await["id"], last["id"]);
        assert!(!holds(server, &last, &version.digest).await);
    }

    async fn nothing_is_renewed_that_the_gate_no_longer_lets_through(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (revoked, stopped, kept) = (scene.approved().await, scene.approved().await, scene.approved().await);
        for (service, version) in [("revoked", &revoked), ("stopped", &stopped), ("kept", &kept)] {
            scene.operator.deploy(&format!("production/{service}"), version).await.ok();
        }
        let before = permit(&scene, "revoked").await;
        scene.approver.revoke(&revoked).await.ok();
        scene.operator.stop("production/stopped").await.ok();
        server.clock.advance(Duration::from_seconds(13 * HOUR));
        assert_eq!(server.renew().await, 1);
        let renewed = renewals(&scene).await;
        assert_eq!((renewed.len(), &renewed[0]["data"]["service"]), (1, &json!("kept")));
        assert_eq!(permit(&scene, "revoked").await["id"], before["id"]);
        // Approved anew, it is in policy again at once, on a permit that rests on the new approval.
        scene.manager.reset(&revoked, false).await.ok();
        scene.scientist.command(&revoked, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&revoked).await.ok();
        assert_eq!(permit(&scene, "revoked").await["round"], 2);
        assert_eq!(server.renew().await, 0);
    }

    async fn what_was_acknowledged_is_renewed_for_the_same_reason_while_the_policy_allows_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.operator.deploy_shares("staging/tumour", json!([{"version": version.name}]), Some("Load test.")).await.ok();
        scene.operator.deploy("test/tumour", &version).await.ok();
        server.clock.advance(Duration::from_seconds(12 * HOUR));
        assert_eq!(server.renew().await, 2);
        let permit = scene.operator.deployment("staging/tumour").await["revision"]["shares"][0]["permit"].clone();
        let payload = STANDARD.decode(permit["envelope"]["payload"].as_str().unwrap()).unwrap();
        let payload = String::from_utf8(payload).unwrap();
        assert!(payload.contains("Load test.") && payload.contains("acknowledged"), "{payload}");
        for infrastructure in ["staging", "test"] {
            set_policy(&scene, infrastructure, "prevent").await;
        }
        server.clock.advance(Duration::from_seconds(12 * HOUR));
        assert_eq!(server.renew().await, 0);
        let shares = &scene.operator.deployment("test/tumour").await["revision"]["shares"];
        assert_eq!(
            shares[0]["reason"],
            "diagnosis/tumour:1 went into service without an approval, and the policy of test has become prevent since"
        );
    }

    async fn where_the_policy_asks_for_an_approval_its_end_bounds_every_permit(server: &TestServer) {
        let scene = Scene::set(server).await;
        let place = json!({"name": "clinic", "stage": "production", "policy": "warn", "permit_valid_for": "8d"});
        scene.root.post("/infrastructures", place).await.ok();
        scene.root.put("/infrastructures/clinic/members/operator", json!({"role": "deployer"})).await.ok();
        let version = scene.requested().await;
        scene.operator.deploy_shares("clinic/tumour", json!([{"version": version.name}]), Some("A trial.")).await.ok();
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "10d"})).await.ok();
        set_policy(&scene, "clinic", "prevent").await;
        let end = async || scene.operator.deployment("clinic/tumour").await["revision"]["shares"][0]["permit"]["not_after"].clone();
        server.clock.advance(Duration::from_days(4));
        assert_eq!(server.renew().await, 1);
        assert_eq!(end().await, "2026-01-15T09:00:00.000000Z", "the end of the approval, although it went in without one");
        server.clock.advance(Duration::from_days(4));
        assert_eq!(server.renew().await, 0, "its end cannot move any more");
        // Under a policy that needs no approval it goes on by itself again.
        set_policy(&scene, "clinic", "warn").await;
        assert_eq!(server.renew().await, 1);
        assert_eq!(end().await, "2026-01-21T09:00:00.000000Z");
    }

    async fn what_cannot_be_renewed_does_not_keep_others_waiting(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (broken, sound) = (scene.approved().await, scene.approved().await);
        for number in 0..100 {
            scene.operator.deploy(&format!("production/broken-{number}"), &broken).await.ok();
        }
        server.clock.advance(Duration::from_seconds(1));
        scene.operator.deploy("production/sound", &sound).await.ok();
        let alter = async |from: &str, to: &str| {
            let round = "version_id = (SELECT id FROM versions WHERE number = 1)";
            let deed = format!(r#"UPDATE rounds SET signoff = REPLACE(signoff, '"{from}"', '"{to}"') WHERE {round}"#);
            assert_eq!(sql::execute(&server.database_url(), &deed).await, 1);
        };
        alter("requesters", "who_asked").await;
        server.clock.advance(Duration::from_seconds(12 * HOUR));
        assert_eq!(server.renew().await, 1);
        let renewed = renewals(&scene).await;
        assert_eq!((renewed.len(), &renewed[0]["data"]["service"]), (1, &json!("sound")));
        alter("who_asked", "requesters").await;
        assert_eq!(server.renew().await, 100, "all of them, however many there are");
    }

    async fn two_servers_renew_a_permit_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        server.clock.advance(Duration::from_seconds(12 * HOUR));
        let beside = server.beside().await;
        let (here, there) = tokio::join!(server.renew(), app::deployments::renew_due(&beside.app));
        assert_eq!(here + there.unwrap(), 1);
        assert_eq!(renewals(&scene).await.len(), 1);
        beside.end().await;
    }
}
