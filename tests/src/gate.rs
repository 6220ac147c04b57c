//! The gate answers from memory as long as the log has not grown. These tests try to make the gate answer from the past.

use domain::Duration;
use reqwest::Method;
use serde_json::json;
use testkit::{Client, Scene, TestServer, Version, both};

both! {
    async fn a_large_group_is_named_in_part(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/groups", json!({"name": "many"})).await.ok();
        for number in 10..35 {
            let name = format!("person-{number}");
            scene.root.post("/users", json!({"name": name, "display_name": name})).await.ok();
            scene.root.put(&format!("/groups/many/members/{name}"), json!({})).await.ok();
        }
        scene.set_reviewers(&["group:many"]).await;
        let version = scene.requested().await;
        let question = json!({"infrastructure": "production", "model": "diagnosis/tumour", "version": version.number});
        let answer = scene.operator.post("/gate/check", question).await.ok();
        let who = answer["reasons"][0]["who_can"].as_array().unwrap();
        assert_eq!((who.len(), &who[0], &who[20]), (21, &json!("person-10"), &json!("and 5 more")));
    }

    async fn the_next_answer_after_a_change_knows_of_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let (approver, operator) = (&scene.approver, &scene.operator);
        for turn in 0..100 {
            // Two clients ask during the change, so that the memory fills at the worst moment. A client that asks later must know.
            let (approved, one, other) = tokio::join!(approver.approve(&version), verdict(operator, &version), verdict(operator, &version));
            approved.ok();
            assert_eq!(verdict(operator, &version).await, "allow", "turn {turn}, after {one} and {other}");
            let (revoked, one, other) = tokio::join!(approver.revoke(&version), verdict(operator, &version), verdict(operator, &version));
            revoked.ok();
            assert_eq!(verdict(operator, &version).await, "deny", "turn {turn}, after {one} and {other}");
            scene.manager.post(&format!("{}/review/reset", version.path), json!({})).await.ok();
            scene.scientist.post(&format!("{}/review/request", version.path), json!({"skip_feedback": true})).await.ok();
        }
    }

    async fn a_changed_policy_counts_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        for (policy, expected) in [("warn", "warn"), ("allow", "allow"), ("prevent", "deny"), ("allow", "allow"), ("prevent", "deny")] {
            let body = json!({"policy": policy, "reason": "A test."});
            let tag = scene.root.etag("/infrastructures/production").await;
            let put = scene.root.request(Method::PUT, "/infrastructures/production/policy").header("if-match", &tag);
            put.json(&body).send().await.ok();
            assert_eq!(verdict(&scene.operator, &version).await, expected);
        }
    }

    async fn a_lost_role_hides_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let guest = server.person("guest").await;
        scene.root.put("/projects/diagnosis/members/group:risk", json!({"role": "reader"})).await.ok();
        for _ in 0..10 {
            scene.root.put("/groups/risk/members/guest", json!({})).await.ok();
            assert_eq!(verdict(&guest, &version).await, "allow");
            guest.get(&version.path).await.ok();
            scene.root.delete("/groups/risk/members/guest").await.ok();
            guest.gate("production", &version).await.refused(404, "not_found");
            guest.get(&version.path).await.refused(404, "not_found");
            scene.root.put("/infrastructures/production/members/guest", json!({"role": "viewer"})).await.ok();
            assert_eq!(verdict(&guest, &version).await, "allow");
            scene.root.delete("/infrastructures/production/members/guest").await.ok();
            guest.gate("production", &version).await.refused(404, "not_found");
        }
    }

    async fn a_delegation_that_has_ended_opens_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let deputy = server.person("deputy").await;
        let version = scene.requested().await;
        scene.approver.command(&version, "delegate", json!({"to": "deputy", "until": "1d"})).await.ok();
        let answer = deputy.gate("production", &version).await.ok();
        assert_eq!(answer["reasons"][0]["who_can"], json!(["The approver", "The deputy"]));
        assert_eq!(scene.operator.gate("production", &version).await.ok()["reasons"], answer["reasons"]);
        server.clock.advance(Duration::from_days(1));
        // Nothing was recorded meanwhile: only the time has passed.
        deputy.gate("production", &version).await.refused(404, "not_found");
        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!(answer["reasons"][0]["who_can"], json!(["The approver"]));
    }

    async fn once_an_approval_has_ended_the_answer_names_who_can_act(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "1h"})).await.ok();
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        // Nothing is recorded of the end yet: the gate looks at the end itself.
        server.clock.advance(Duration::from_seconds(3600));
        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!(answer["verdict"], "deny", "{answer}");
        assert!(!answer["reasons"][0]["who_can"].as_array().unwrap().is_empty(), "{answer}");
    }

    async fn a_token_ends_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        for _ in 0..10 {
            let new = scene.operator.post("/tokens", json!({"expires_in": "60s"})).await.ok();
            let client = scene.operator.with_token("operator", new["token"].as_str().unwrap());
            assert_eq!(verdict(&client, &version).await, "allow");
            scene.operator.delete(&format!("/tokens/{}", new["id"].as_str().unwrap())).await.ok();
            client.gate("production", &version).await.refused(401, "token_revoked");
        }
        let new = scene.operator.post("/tokens", json!({"expires_in": "60s"})).await.ok();
        let client = scene.operator.with_token("operator", new["token"].as_str().unwrap());
        assert_eq!(verdict(&client, &version).await, "allow");
        server.clock.advance(Duration::from_seconds(60));
        client.gate("production", &version).await.refused(401, "token_expired");

        assert_eq!(verdict(&scene.operator, &version).await, "allow");
        scene.root.patch("/users/operator", json!({"active": false})).await.ok();
        let closed = scene.operator.gate("production", &version).await;
        assert_eq!(closed.status, 401, "{}", closed.text());
    }

    async fn over_a_warning_one_goes_only_on_record(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let ask = |person: &Client, infrastructure: &str, reason: &str| {
            let body = json!({"infrastructure": infrastructure, "model": "diagnosis/tumour", "version": version.number, "acknowledge": reason});
            let person = person.clone();
            async move { person.post("/gate/check", body).await }
        };
        let before = server.log_size().await;
        for reason in ["", " \n\t"] {
            let answer = ask(&scene.operator, "staging", reason).await.ok();
            assert_eq!((&answer["verdict"], &answer["acknowledged"]), (&json!("warn"), &json!(false)), "{reason:?}");
        }
        for (infrastructure, verdict) in [("production", "deny"), ("test", "allow")] {
            let answer = ask(&scene.operator, infrastructure, "Go on.").await.ok();
            assert_eq!((&answer["verdict"], &answer["acknowledged"]), (&json!(verdict), &json!(false)));
        }
        scene.root.put("/infrastructures/staging/members/scientist", json!({"role": "viewer"})).await.ok();
        assert_eq!(server.log_size().await, before + 1, "none of the questions was recorded");
        ask(&scene.scientist, "staging", "Go on.").await.refused(403, "forbidden");
        ask(&scene.operator, "staging", &"x".repeat(10_001)).await.refused_helpfully(422, "invalid");
        assert_eq!(server.log_size().await, before + 1);

        let answer = ask(&scene.operator, "staging", " Smoke test only. ").await.ok();
        assert_eq!((&answer["verdict"], &answer["acknowledged"]), (&json!("warn"), &json!(true)));
        for query in ["infrastructure=staging".to_owned(), format!("version={}", version.name)] {
            let events = scene.root.audit(&query).await;
            let last = &events[events.len() - 1];
            assert_eq!((&last["type"], &last["data"]["reason"]), (&json!("gate.acknowledged"), &json!("Smoke test only.")), "{query}");
            assert_eq!((&last["data"]["version"], &last["data"]["model_digest"]), (&json!(version.name), &json!(version.digest)));
            assert_eq!(last["data"]["answer"]["verdict"], "warn");
        }
        let nobodys = json!({"infrastructure": "staging", "digest": "0".repeat(64), "acknowledge": "Not ours."});
        assert_eq!(scene.operator.post("/gate/check", nobodys).await.ok()["acknowledged"], true);
    }

    async fn a_permit_goes_only_to_whom_and_for_what_it_is(server: &TestServer) {
        let scene = Scene::set(server).await;
        let strict = json!({"name": "strict", "stage": "production", "policy": "prevent", "on_lapse": "disable"});
        scene.root.post("/infrastructures", strict).await.ok();
        scene.root.put("/infrastructures/strict/members/operator", json!({"role": "deployer"})).await.ok();
        let (version, other) = (scene.approved().await, scene.version_of(&[("model.bin", b"other")], json!({})).await);
        scene.operator.deploy("strict/tumour", &version).await.ok();
        let answer = scene.operator.gate("strict", &version).await.ok();
        assert!(answer["permit"].is_object(), "{answer}");
        let seen = scene.scientist.gate("strict", &version).await.ok();
        assert_eq!((&seen["verdict"], &seen["permit"]), (&json!("allow"), &json!(null)), "no role there, no permit");
        let swapped = json!({"infrastructure": "strict", "model": "diagnosis/tumour", "version": version.number, "digest": other.digest});
        assert_eq!(scene.operator.post("/gate/check", swapped).await.ok()["permit"], json!(null));
        assert!(scene.operator.deployment("strict/tumour").await["revision"]["shares"][0]["permit"].is_object());

        scene.approver.revoke(&version).await.ok();
        let answer = scene.operator.gate("strict", &version).await.ok();
        assert_eq!((&answer["verdict"], &answer["permit"]), (&json!("deny"), &json!(null)));
        let share = &scene.operator.deployment("strict/tumour").await["revision"]["shares"][0];
        assert_eq!((&share["standing"], &share["permit"]), (&json!("disabled"), &json!(null)));
    }

    async fn nobody_waits_for_a_review_that_was_not_requested(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!((&answer["verdict"], &answer["pending"]), (&json!("deny"), &json!(false)));
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let answer = scene.operator.gate("production", &version).await.ok();
        assert_eq!((&answer["verdict"], &answer["pending"]), (&json!("deny"), &json!(true)));
    }

    async fn of_versions_with_the_same_bytes_the_nearest_to_an_approval_speaks(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, waiting) = (scene.version().await, scene.requested().await);
        let last = scene.version().await;
        assert_eq!((&first.digest, &waiting.digest), (&last.digest, &last.digest));
        let body = json!({"infrastructure": "production", "digest": last.digest});
        let answer = scene.operator.post("/gate/check", body).await.ok();
        assert_eq!((&answer["version"], &answer["pending"]), (&json!(waiting.name), &json!(true)));
    }

    async fn bytes_that_nobody_approved_are_denied_whatever_name_they_bear(server: &TestServer) {
        let scene = Scene::set(server).await;
        let approved = scene.approved().await;
        let other = scene.version_of(&[("model.bin", b"other")], json!({})).await;
        let ask = |body| scene.operator.post("/gate/check", body);
        let by_digest = |digest: &str| json!({"infrastructure": "production", "digest": digest});
        assert_eq!(ask(by_digest(&approved.digest)).await.ok()["verdict"], "allow");
        let answer = ask(by_digest(&other.digest)).await.ok();
        assert_eq!((&answer["verdict"], &answer["version"]), (&json!("deny"), &json!(other.name)));
        let answer = ask(by_digest(&"0".repeat(64))).await.ok();
        assert_eq!((&answer["verdict"], &answer["reasons"][0]["lack"]), (&json!("deny"), &json!("not_governed")));
        let swapped = json!({"infrastructure": "production", "model": "diagnosis/tumour", "version": approved.number, "digest": other.digest});
        let answer = ask(swapped).await.ok();
        assert_eq!((&answer["verdict"], &answer["reasons"][0]["lack"]), (&json!("deny"), &json!("other_digest")));
        // Approved bytes stay approved under another number: the approval covers bytes.
        let same = scene.version().await;
        assert_eq!(same.digest, approved.digest);
        assert_eq!(ask(by_digest(&same.digest)).await.ok()["verdict"], "allow");
        assert_eq!(verdict(&scene.operator, &same).await, "deny", "but the version of that number was not approved");
    }
}

async fn verdict(person: &Client, version: &Version) -> String {
    person.gate("production", version).await.ok()["verdict"].as_str().unwrap().to_owned()
}
