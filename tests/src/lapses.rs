//! The end of approvals: after a revocation or an expiry the gate allows nothing new, and
//! running deployments are out of policy at once.

use crate::scenario::kinds;
use domain::Duration;
use reqwest::Method;
use serde_json::json;
use testkit::{Scene, TestServer, both};

/// What the record says of lapses: infrastructure and standing.
async fn lapses(scene: &Scene) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let lapsed = |event: &serde_json::Value| (text(&event["data"]["infrastructure"]), text(&event["data"]["standing"]));
    scene.root.audit("").await.iter().filter(|event| event["type"] == "deployment.lapsed").map(lapsed).collect()
}

/// Whether the shell of a page says that something is out of policy.
async fn shown(server: &TestServer) -> bool {
    server.browser_of("operator").await.get("/account").await.text().contains("count alarm")
}

/// Gives an infrastructure this policy.
async fn set_policy(scene: &Scene, infrastructure: &str, policy: &str) {
    let path = format!("/infrastructures/{infrastructure}");
    let (tag, body) = (scene.root.etag(&path).await, json!({"policy": policy, "reason": "Other times."}));
    scene.root.request(Method::PUT, &format!("{path}/policy")).header("if-match", &tag).json(&body).send().await.ok();
}

both! {
    async fn a_revoked_approval_is_reported_or_disables(server: &TestServer) {
        let scene = Scene::set(server).await;
        let strict = json!({"name": "strict", "stage": "production", "policy": "prevent", "on_lapse": "disable"});
        scene.root.post("/infrastructures", strict).await.ok();
        scene.root.put("/infrastructures/strict/members/operator", json!({"role": "deployer"})).await.ok();
        let version = scene.approved().await;
        for place in ["production/tumour", "strict/tumour", "staging/tumour"] {
            scene.operator.deploy(place, &version).await.ok();
        }

        server.clock.advance(Duration::from_seconds(60));
        let revoked = scene.approver.revoke(&version).await.ok();
        assert_eq!(revoked["since"], revoked["revocation"]["at"], "and not since it waited");
        assert_eq!((&revoked["status"], &revoked["revocation"]["by"]), (&json!("revoked"), &json!("The approver")));
        assert_eq!(scene.approver.revoke(&version).await.ok()["already_done"], true);
        for (place, standing) in
            [("production/tumour", "out_of_policy"), ("strict/tumour", "disabled"), ("staging/tumour", "out_of_policy")]
        {
            assert_eq!(scene.operator.deployment(place).await["standing"], standing, "{place}");
        }
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "deny");
        assert_eq!(scene.operator.gate("staging", &version).await.ok()["verdict"], "warn");
        // The very same revision again is a new one, and needs the gate like any other.
        scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
        scene.operator.rollback("production/tumour", json!({"to": 1})).await.refused(403, "denied_by_policy");
        scene.operator.stop("production/tumour").await.ok();

        let lapsed = lapses(&scene).await;
        assert_eq!(lapsed.len(), 3);
        assert!(lapsed.contains(&("strict".to_owned(), "disabled".to_owned())), "{lapsed:?}");
    }

    async fn a_known_lapse_counts_no_more_until_it_ends_or_its_reasons_change(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let path = "/infrastructures/production/deployments/tumour/acknowledge-lapse";
        let known = |reason: &str, valid_for: &str| json!({"reason": reason, "valid_for": valid_for});
        scene.operator.post(path, known("Too early.", "30d")).await.refused(409, "not_out_of_policy");
        scene.approver.revoke(&version).await.ok();
        let alarm = server.browser_of("operator").await.get("/infrastructures/production/services/tumour").await.text();
        assert!(alarm.contains("Tolerate it and say so") && alarm.contains("call out"), "{alarm}");
        assert!(shown(server).await, "the shell of every page counts it");

        scene.scientist.post(path, known("I want to.", "30d")).await.refused(403, "forbidden");
        scene.operator.post(path, known(" \u{200b}", "30d")).await.refused(422, "invalid");
        scene.operator.post(path, known("For ever.", "366d")).await.refused(422, "invalid");
        scene.operator.request(Method::POST, path).header("if-match", "\"d9\"").json(&known("Stale.", "30d")).send().await.refused(412, "stale");
        let said = scene.operator.post(path, known("<b>The next version is in review.", "30d")).await.ok();
        assert_eq!(said["lapse_acknowledged"]["by"], "The operator", "{said}");
        assert_eq!((&said["standing"], &said["lapse_acknowledged"]["until"]), (&json!("out_of_policy"), &json!("2026-02-04T09:00:00.000000Z")));
        let again = scene.operator.post(path, known("<b>The next version is in review.", "30d")).await.ok();
        assert_eq!(again["already_done"], true, "{again}");
        assert!(!shown(server).await, "it is known");
        let page = server.browser_of("operator").await.get("/infrastructures/production/services/tumour").await.text();
        assert!(page.contains("which is known") && page.contains("&#60;b&#62;The next version") && !page.contains("Tolerate it and say so"), "{page}");

        let all = server.browser_of("operator").await.get("/infrastructures").await.text();
        assert!(all.contains("tumour, known") && !all.contains(r#"class="alarm""#), "{all}");
        let place = server.browser_of("operator").await.get("/infrastructures/production").await.text();
        assert!(place.contains("<bdi>The operator</bdi> tolerates it until") && !place.contains("call out"), "{place}");

        server.clock.advance(Duration::from_days(30));
        assert!(shown(server).await, "its time is over");
        let browser = server.browser_of("operator").await;
        let fields = |valid_for: &'static str| [("valid_for", valid_for), ("reason", "Still in review."), ("if_match", "d1")];
        let form = "/infrastructures/production/services/tumour/acknowledge-lapse";
        let wrong = browser.post(form, &fields("soon")).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        assert!(wrong.text().contains("Still in review.</textarea>") && wrong.text().contains(r#"value="soon""#), "{}", wrong.text());
        assert_eq!(browser.post(form, &fields("2d")).await.status, 303);
        assert!(!shown(server).await);

        // Another reason is another lapse, and another revision another service.
        let manager = server.browser_of("manager").await;
        let page = format!("{}/retire", version.path);
        let tag = crate::pages::version::tag(&manager.get(&page).await.text());
        let retired = manager.post(&page, &[("comment", "Replaced."), ("if_match", &tag)]).await;
        assert_eq!(retired.status, 303, "{}", retired.text());
        assert!(shown(server).await, "it was retired since");
        server.verify().await;
    }

    async fn a_lapse_is_recorded_once_and_on_whatever_ground_a_version_went_in(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        scene.operator.deploy("test/tumour", &version).await.ok();
        scene.approver.approve(&version).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        scene.approver.revoke(&version).await.ok();
        let told = [("production".to_owned(), "out_of_policy".to_owned())];
        assert_eq!(lapses(&scene).await, told, "what went in unapproved may go on where that is allowed");
        scene.manager.reset(&version, false).await.ok();
        assert_eq!(lapses(&scene).await, told, "the reset of a revoked approval ends nothing more");

        // Now what went in without an approval needs the one that came later.
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&version).await.ok();
        set_policy(&scene, "test", "prevent").await;
        assert_eq!(scene.operator.deployment("test/tumour").await["standing"], "in_policy");
        scene.approver.revoke(&version).await.ok();
        let mut places: Vec<_> = lapses(&scene).await.split_off(1);
        places.sort();
        assert_eq!(places, [told[0].clone(), ("test".to_owned(), "out_of_policy".to_owned())]);
        let reason = &scene.operator.deployment("test/tumour").await["revision"]["shares"][0]["reason"];
        assert_eq!(reason, "the approval of diagnosis/tumour:1 was revoked by The approver: No longer good.");

        // The reset of an approval that still holds ends it.
        scene.manager.reset(&version, false).await.ok();
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&version).await.ok();
        scene.manager.reset(&version, false).await.ok();
        assert_eq!(lapses(&scene).await.len(), 5);
    }

    async fn the_same_deployment_again_takes_up_a_new_ground_or_reason(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let denied = scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
        let waits = json!({"step": "wait_for_decision", "version": "diagnosis/tumour:1", "infrastructure": "production"});
        assert_eq!(denied["next"], waits);
        let shares = || json!([{"version": version.name}]);
        let deploy = async |reason: &str| scene.operator.deploy_shares("staging/tumour", shares(), Some(reason)).await.ok();
        assert_eq!(deploy("Load test.").await["already_done"], false);
        assert_eq!(deploy("Load test.").await["already_done"], true);
        let other = deploy("A demonstration.").await;
        assert_eq!((&other["already_done"], &other["revision"]["number"]), (&json!(false), &json!(2)));
        assert_eq!(other["revision"]["acknowledgement"], "A demonstration.");

        scene.approver.approve(&version).await.ok();
        let approved = scene.operator.deploy("staging/tumour", &version).await.ok();
        assert_eq!((&approved["already_done"], &approved["revision"]["number"]), (&json!(false), &json!(3)));
        assert_eq!(approved["revision"]["shares"][0]["basis"], "approved");
        assert_eq!(scene.operator.deploy("staging/tumour", &version).await.ok()["already_done"], true);
    }

    async fn a_length_of_time_that_is_asked_for_again_is_the_same(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        // Some time passes between a request's arrival and its turn.
        server.clock.tick(Duration::from_seconds(1));
        let handed = json!({"to": "business", "until": "30d"});
        assert_eq!(scene.approver.command(&version, "delegate", handed.clone()).await.ok()["already_done"], false);
        assert_eq!(scene.approver.command(&version, "delegate", handed).await.ok()["already_done"], true);
        let longer = json!({"to": "business", "until": "31d"});
        assert_eq!(scene.approver.command(&version, "delegate", longer).await.ok()["already_done"], false);

        // As a client does that lost the answer: with what it saw before.
        let seen = scene.approver.etag(&format!("{}/review", version.path)).await;
        let limited = json!({"decision": "approve", "valid_for": "2h"});
        let decide = async |body: &serde_json::Value| scene.approver.command_on(&version, "decision", body.clone(), &seen).await;
        assert_eq!(decide(&limited).await.ok()["already_done"], false);
        assert_eq!(decide(&limited).await.ok()["already_done"], true);
        decide(&json!({"decision": "approve", "valid_for": "3h"})).await.refused(412, "stale");
    }

    async fn the_same_deployment_again_gets_new_permits_once_the_old_ones_do_not_hold(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let first = scene.operator.deploy("production/tumour", &version).await.ok();
        assert_eq!(scene.operator.deploy("production/tumour", &version).await.ok()["already_done"], true);

        scene.approver.revoke(&version).await.ok();
        scene.manager.reset(&version, false).await.ok();
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&version).await.ok();
        let second = scene.operator.deploy("production/tumour", &version).await.ok();
        let round = |deployed: &serde_json::Value| deployed["revision"]["shares"][0]["permit"]["round"].clone();
        let now = (round(&second), second["already_done"].clone());
        assert_eq!((round(&first), now), (json!(1), (json!(2), json!(true))), "the new approval brought a permit of its own");

        server.clock.advance(Duration::from_days(1));
        let third = scene.operator.deploy("production/tumour", &version).await.ok();
        assert_eq!((&third["already_done"], &third["revision"]["number"]), (&json!(false), &json!(2)), "its permit has ended");
        assert_eq!(scene.operator.deploy("production/tumour", &version).await.ok()["already_done"], true);
    }

    async fn an_approval_ends_by_the_clock_alone(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let limited = json!({"decision": "approve", "valid_for": "2h"});
        let approved = scene.approver.command(&version, "decision", limited.clone()).await.ok();
        assert_eq!(approved["decision"]["not_after"], "2026-01-05T11:00:00.000000Z");
        let deployed = scene.operator.deploy("production/tumour", &version).await.ok();
        let permit = &deployed["revision"]["shares"][0]["permit"];
        assert_eq!(permit["not_after"], approved["decision"]["not_after"], "a permit does not outlive its approval");

        server.clock.advance(Duration::from_seconds(7199));
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        let again = scene.approver.command(&version, "decision", limited).await.ok();
        assert_eq!(again["already_done"], true, "the same decision again, as long from now as it was from then");
        server.clock.advance(Duration::from_seconds(1));
        // Nobody has expired it yet: the gate looks at the end itself.
        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!((&answer["verdict"], &answer["reasons"][0]["lack"]), (&json!("deny"), &json!("past_its_end")));
        assert_eq!(answer["permit"], json!(null), "a permit past its end is not shown");
        let denied = scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
        assert_eq!(denied["detail"], "production prevents this deployment: the approval of diagnosis/tumour:1 has ended");
        assert_eq!(scene.operator.deployment("production/tumour").await["standing"], "out_of_policy");

        assert_eq!((server.expire().await, server.expire().await), (1, 0));
        let review = scene.manager.review(&version).await;
        assert_eq!((&review["status"], &review["expired_at"]), (&json!("expired"), &json!("2026-01-05T11:00:00.000000Z")));
        assert_eq!(scene.manager.get(&version.path).await.ok()["governance"]["step"], "review");
        let events = scene.root.audit("").await;
        assert_eq!(kinds(&events)[events.len() - 2..], ["approval.expired", "deployment.lapsed"]);
        assert_eq!(events[events.len() - 2]["actor"], "clock");
        scene.approver.revoke(&version).await.refused(409, "wrong_status");
    }

    async fn a_project_bounds_how_long_an_approval_holds(server: &TestServer) {
        let scene = Scene::set(server).await;
        let rules = json!({"approval_valid_for": "30d", "reason": "Each month."});
        scene.manager.change(Method::PATCH, "/projects/diagnosis", rules).await.ok();
        let unlimited = scene.requested().await;
        let approved = scene.approver.approve(&unlimited).await.ok();
        assert_eq!(approved["decision"]["not_after"], "2026-02-04T09:00:00.000000Z");
        let longer = scene.requested().await;
        let wish = json!({"decision": "approve", "valid_for": "365d"});
        let approved = scene.approver.command(&longer, "decision", wish).await.ok();
        assert_eq!(approved["decision"]["not_after"], "2026-02-04T09:00:00.000000Z");
    }

    async fn a_tightened_policy_shows_what_runs_without_approval(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.operator.deploy("test/tumour", &version).await.ok();
        let path = "/infrastructures/test/policy";
        let tag = scene.root.etag("/infrastructures/test").await;
        let body = json!({"policy": "prevent", "reason": "It went public."});
        let put = || scene.root.request(Method::PUT, path).header("if-match", &tag);
        let changed = put().json(&body).send().await.ok();
        assert_eq!((&changed["policy"], &changed["revision"]), (&json!("prevent"), &json!(2)));
        assert_eq!(scene.operator.deployment("test/tumour").await["standing"], "out_of_policy");

        let tag = scene.root.etag("/infrastructures/test").await;
        let body = json!({"policy": "allow", "reason": "It is private again."});
        scene.root.request(Method::PUT, path).header("if-match", &tag).json(&body).send().await.ok();
        let events = scene.root.audit("infrastructure=test").await;
        let last = &events[events.len() - 1];
        assert_eq!((&last["type"], &last["data"]["weakened"]), (&json!("infrastructure.policy_changed"), &json!(true)));
        assert_eq!(last["data"]["reason"], "It is private again.");
    }
}
