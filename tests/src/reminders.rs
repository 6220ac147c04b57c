//! Due dates and reminders: people are reminded before, at and after a due date, and told in time that an approval ends. The clock is moved;
//! nothing waits.

use domain::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{IT, Scene, TestServer, Version, both};

/// Monday, 2026-01-05, 09:00 UTC is where the clock of tests begins.
const START: &str = "2026-01-05T09:00";

async fn set(server: &TestServer, rules: Value) -> Scene {
    let scene = Scene::set(server).await;
    for name in ["root", "manager", "scientist", "itops", "riskofficer", "business", "approver", "operator"] {
        scene.root.patch(&format!("/users/{name}"), json!({"email": format!("{name}@example.org")})).await.ok();
    }
    change_rules(&scene, rules).await.ok();
    scene
}

async fn change_rules(scene: &Scene, mut rules: Value) -> testkit::Reply {
    rules["reason"] = "A test.".into();
    let tag = scene.manager.etag("/projects/diagnosis").await;
    scene.manager.request(Method::PATCH, "/projects/diagnosis").header("if-match", &tag).json(&rules).send().await
}

async fn requested(scene: &Scene) -> Version {
    let version = scene.version().await;
    scene.scientist.command(&version, "request", json!({})).await.ok();
    version
}

/// The reminders in the record, the oldest first: their stages, or the stages of ends.
async fn reminders(scene: &Scene) -> Vec<String> {
    let events = scene.root.get("/audit?limit=200").await.ok()["items"].as_array().unwrap().clone();
    let of_clock = events.iter().filter(|event| event["type"] == "review.reminded" || event["type"] == "approval.ending");
    let mut found: Vec<_> = of_clock
        .map(|event| (event["position"].as_u64().unwrap(), event["data"]["stage"].as_str().unwrap().to_owned()))
        .collect();
    found.sort();
    found.into_iter().map(|(_, stage)| stage).collect()
}

/// Who gets a message about this topic.
async fn told(server: &TestServer, scene: &Scene, topic: &str) -> Vec<String> {
    server.announce().await;
    let items = scene.root.get("/messages?limit=200").await.ok()["items"].as_array().unwrap().clone();
    let about = items.iter().filter(|message| message["topic"] == topic);
    let mut names: Vec<_> = about.map(|message| message["to"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn days(server: &TestServer, scene: &mut Scene, days: u32) {
    server.clock.advance(Duration::from_days(days));
    scene.sign_in_again(server).await;
    server.run_job("remind").await;
}

both! {
    async fn people_are_reminded_before_at_and_after_the_due_date(server: &TestServer) {
        let mut scene = set(server, json!({"feedback_due_after": 5})).await;
        let version = requested(&scene).await;
        let review = scene.scientist.review(&version).await;
        let due = review["turns"][0]["due"].as_str().unwrap().to_owned();
        assert!(review["turns"][0]["since"].as_str().unwrap().starts_with(START), "{review}");
        assert!(due.starts_with("2026-01-12T09:00"), "five work days, over a weekend: {due}");
        assert_eq!(scene.itops.get("/inbox").await.ok()["give_feedback"][0]["due"], due.as_str());
        days(server, &mut scene, 3).await;
        assert_eq!(reminders(&scene).await, [""; 0]);
        // Friday: one work day is left.
        days(server, &mut scene, 1).await;
        assert_eq!(reminders(&scene).await, ["soon"]);
        assert_eq!(told(server, &scene, "due_soon").await, ["business", "itops", "riskofficer"]);
        days(server, &mut scene, 2).await;
        assert_eq!(reminders(&scene).await, ["soon"], "a weekend is no work day, and nobody is reminded twice");
        // Who has answered has no turn, and is not reminded any more.
        scene.itops.feedback(&version, IT, "approve").await.ok();
        days(server, &mut scene, 1).await;
        assert_eq!(reminders(&scene).await, ["soon", "overdue"]);
        assert_eq!(told(server, &scene, "overdue").await, ["business", "riskofficer", "scientist"]);
        days(server, &mut scene, 2).await;
        assert_eq!(reminders(&scene).await, ["soon", "overdue", "escalated"]);
        assert_eq!(told(server, &scene, "escalated").await, ["business", "manager", "riskofficer", "root", "scientist"]);
        days(server, &mut scene, 30).await;
        assert_eq!(reminders(&scene).await.len(), 3, "that was the last reminder");
    }

    async fn the_final_approval_has_a_due_date_of_its_own(server: &TestServer) {
        let mut scene = set(server, json!({"feedback_due_after": 5, "approval_due_after": 2})).await;
        let version = requested(&scene).await;
        days(server, &mut scene, 1).await;
        scene.scientist.command(&version, "final", json!({})).await.ok();
        let due = scene.scientist.review(&version).await["turns"][0]["due"].as_str().unwrap().to_owned();
        assert!(due.starts_with("2026-01-08T09:00"), "{due}");
        days(server, &mut scene, 1).await;
        days(server, &mut scene, 1).await;
        assert_eq!(reminders(&scene).await, ["soon", "overdue"]);
        assert_eq!(told(server, &scene, "overdue").await, ["approver", "scientist"]);
        scene.approver.approve(&version).await.ok();
        days(server, &mut scene, 10).await;
        assert_eq!(reminders(&scene).await.len(), 2, "a review that was decided waits for nobody");
    }

    async fn a_server_that_was_down_reminds_once(server: &TestServer) {
        let mut scene = set(server, json!({"feedback_due_after": 1})).await;
        for _ in 0..3 {
            requested(&scene).await;
        }
        server.clock.advance(Duration::from_days(40));
        scene.sign_in_again(server).await;
        tokio::join!(server.run_job("remind"), server.run_job("remind"));
        assert_eq!(reminders(&scene).await, ["escalated"; 3], "one for each review, however many servers and stages");
    }

    async fn without_due_dates_nobody_is_reminded_and_later_rules_count(server: &TestServer) {
        let mut scene = set(server, json!({"approval_due_after": 2})).await;
        let version = requested(&scene).await;
        assert!(scene.scientist.review(&version).await["turns"][0].get("due").is_none());
        days(server, &mut scene, 40).await;
        assert_eq!(reminders(&scene).await, [""; 0]);
        change_rules(&scene, json!({"feedback_due_after": 250})).await.ok();
        server.run_job("remind").await;
        assert_eq!(reminders(&scene).await, [""; 0]);
        change_rules(&scene, json!({"feedback_due_after": 10})).await.ok();
        server.run_job("remind").await;
        assert_eq!(reminders(&scene).await, ["escalated"]);
        change_rules(&scene, json!({"feedback_due_after": null})).await.ok();
        assert!(scene.scientist.review(&version).await["turns"][0].get("due").is_none());
        for wrong in [json!(0), json!(251), json!(-1), json!("5"), json!(1.5)] {
            assert_eq!(change_rules(&scene, json!({"feedback_due_after": wrong})).await.status, 422, "{wrong}");
        }
    }

    async fn a_retired_version_reminds_nobody(server: &TestServer) {
        let mut scene = set(server, json!({"feedback_due_after": 1})).await;
        let version = requested(&scene).await;
        scene.scientist.command(&version, "take-back", json!({})).await.ok();
        scene.manager.post(&format!("{}/retire", version.path), json!({"comment": "Superseded."})).await.ok();
        days(server, &mut scene, 40).await;
        assert_eq!(reminders(&scene).await, [""; 0]);
    }

    async fn people_hear_in_time_that_an_approval_ends_and_what_stops_with_it(server: &TestServer) {
        let mut scene = set(server, json!({"approval_valid_for": "100d"})).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let tag = scene.root.etag("/infrastructures/production").await;
        let body = json!({"policy": "prevent", "on_lapse": "disable", "reason": "A test."});
        scene.root.request(Method::PUT, "/infrastructures/production/policy").header("if-match", &tag).json(&body).send().await.ok();
        days(server, &mut scene, 85).await;
        assert_eq!(reminders(&scene).await, [""; 0]);
        days(server, &mut scene, 1).await;
        assert_eq!(reminders(&scene).await, ["early"]);
        assert_eq!(told(server, &scene, "renewal_due").await, ["manager", "operator", "root", "scientist"]);
        let events = scene.root.get("/audit?limit=200").await.ok()["items"].as_array().unwrap().clone();
        let event = events.iter().find(|event| event["type"] == "approval.ending").unwrap();
        assert_eq!(event["data"]["services"], json!([{"infrastructure": "production", "service": "tumour", "stops": true}]));
        days(server, &mut scene, 11).await;
        days(server, &mut scene, 1).await;
        assert_eq!(reminders(&scene).await, ["early", "last"]);
        days(server, &mut scene, 1).await;
        assert_eq!(reminders(&scene).await.len(), 2);
        // It ends, and what was announced happens.
        server.clock.advance(Duration::from_days(1));
        server.expire().await;
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "disabled");
        days(server, &mut scene, 1).await;
        assert_eq!(reminders(&scene).await.len(), 2);
    }

    async fn an_open_renewal_is_reminder_enough_until_the_last_days(server: &TestServer) {
        let mut scene = set(server, json!({"approval_valid_for": "100d"})).await;
        let version = scene.approved().await;
        scene.scientist.command(&version, "renew", json!({})).await.ok();
        days(server, &mut scene, 90).await;
        assert_eq!(reminders(&scene).await, [""; 0]);
        days(server, &mut scene, 9).await;
        assert_eq!(reminders(&scene).await, ["last"]);
    }

    async fn the_clock_renews_approvals_where_the_rules_say_so(server: &TestServer) {
        let mut scene = set(server, json!({"approval_valid_for": "100d", "renew_before": "30d"})).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let recur = async |scene: &mut Scene, days: u32| {
            server.clock.advance(Duration::from_days(days));
            scene.sign_in_again(server).await;
            server.renew().await;
            tokio::join!(server.run_job("recur"), server.run_job("recur"));
        };
        let review = async |scene: &Scene| scene.scientist.review(&version).await;
        recur(&mut scene, 69).await;
        assert_eq!(review(&scene).await["round"], 1);
        recur(&mut scene, 1).await;
        let open = review(&scene).await;
        assert_eq!((&open["round"], &open["status"]), (&json!(2), &json!("waiting_for_approval")));
        assert_eq!(open["renews"]["round"], 1);
        assert_eq!(told(server, &scene, "review_requested").await, ["approver", "approver", "scientist"]);
        // The approval in force and its service go on.
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "in_policy");
        // The requester of the round before is barred as before.
        let body = json!({"decision": "approve", "comment": "My own."});
        assert_eq!(scene.scientist.command(&version, "decision", body).await.status, 403);
        // Abandoned: the clock does not ask again, and the people hear that the approval ends.
        scene.manager.command(&version, "abandon", json!({"comment": "Not this year."})).await.ok();
        recur(&mut scene, 1).await;
        assert_eq!(review(&scene).await["status"], "approved");
        // A person asks; the approval of the renewal takes its place without a gap, and is renewed in its turn.
        scene.scientist.command(&version, "renew", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&version).await.ok();
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "in_policy");
        recur(&mut scene, 70).await;
        assert_eq!(review(&scene).await["round"], 4);
        // A retired version is not renewed, nor one whose project has no such rule any more.
        let other = scene.approved().await;
        scene.manager.post(&format!("{}/retire", other.path), json!({"comment": "Superseded."})).await.ok();
        recur(&mut scene, 90).await;
        assert_eq!(scene.scientist.review(&other).await["round"], 1);
    }

    async fn a_renewal_by_the_clock_keeps_or_reloads_the_reviewers(server: &TestServer) {
        let mut scene = set(server, json!({"approval_valid_for": "10d", "renew_before": "5d", "renewal_keeps_reviewers": true})).await;
        let (kept, reloaded) = (scene.approved().await, scene.approved().await);
        scene.set_reviewers(&["user:operator"]).await;
        let turn = async |scene: &Scene, version: &Version| scene.scientist.review(version).await["turns"][0]["people"].clone();
        server.clock.advance(Duration::from_days(6));
        scene.sign_in_again(server).await;
        scene.manager.post(&format!("{}/retire", reloaded.path), json!({"comment": "For a while."})).await.ok();
        server.run_job("recur").await;
        assert_eq!(turn(&scene, &kept).await, json!(["The approver"]));
        change_rules(&scene, json!({"renewal_keeps_reviewers": false})).await.ok();
        scene.manager.post(&format!("{}/restore", reloaded.path), json!({"comment": "Again."})).await.ok();
        server.run_job("recur").await;
        assert_eq!(turn(&scene, &reloaded).await, json!(["The operator"]));
    }
}
