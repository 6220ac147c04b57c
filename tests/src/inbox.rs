//! The inbox at each stage of a review: everybody who looks sees the same turn.

use serde_json::{Value, json};
use testkit::{BUSINESS, Client, IT, RISK, Scene, TestServer, Version, both};

const EMPTY: [usize; 5] = [0; 5];

both! {
    async fn the_turn_moves_through_the_inboxes(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        assert_eq!(buckets(&scene.itops, &version).await, EMPTY);

        // [decide, give_feedback, answer, waiting_on_others, recently_decided]
        scene.scientist.command(&version, "request", json!({})).await.ok();
        assert_eq!(buckets(&scene.scientist, &version).await, [0, 0, 0, 1, 0]);
        for reviewer in [&scene.itops, &scene.riskofficer, &scene.business] {
            assert_eq!(buckets(reviewer, &version).await, [0, 1, 0, 0, 0], "{}", reviewer.name);
        }
        let item = scene.riskofficer.get("/inbox").await.ok()["give_feedback"][0].clone();
        assert_eq!((&item["slot"], &item["expected"], &item["since"]), (&json!(RISK), &json!("give_feedback"), &json!("2026-01-05T09:00:00.000000Z")));

        scene.itops.feedback(&version, IT, "approve").await.ok();
        assert_eq!(buckets(&scene.itops, &version).await[1], 0);
        scene.riskofficer.feedback(&version, RISK, "approve").await.ok();
        scene.business.feedback(&version, BUSINESS, "approve").await.ok();
        assert_eq!(buckets(&scene.scientist, &version).await[2], 1, "all feedback is in: the requester goes on");

        scene.scientist.command(&version, "final", json!({})).await.ok();
        assert_eq!(buckets(&scene.approver, &version).await, [1, 0, 0, 0, 0]);
        assert_eq!(buckets(&scene.scientist, &version).await, [0, 0, 0, 1, 0]);

        scene.approver.approve(&version).await.ok();
        assert_eq!(buckets(&scene.approver, &version).await, [0, 0, 0, 0, 1]);
        assert_eq!(buckets(&scene.scientist, &version).await, [0, 0, 0, 0, 1]);

        scene.approver.revoke(&version).await.ok();
        assert_eq!(buckets(&scene.manager, &version).await[2], 1, "the next round is the manager's to open");
        scene.manager.reset(&version, false).await.ok();
        assert_eq!(buckets(&scene.scientist, &version).await[2], 1, "and the review the scientist's to ask for");
        assert_eq!(buckets(&server.person("outsider").await, &version).await, EMPTY);
    }

    async fn who_may_no_longer_see_a_project_finds_nothing_of_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (waiting, decided) = (scene.version().await, scene.approved().await);
        scene.scientist.command(&waiting, "request", json!({})).await.ok();
        scene.itops.feedback(&waiting, IT, "approve").await.ok();
        assert_eq!(buckets(&scene.scientist, &waiting).await, [0, 0, 0, 1, 0]);
        assert_eq!(buckets(&scene.scientist, &decided).await, [0, 0, 0, 0, 1]);

        scene.manager.delete("/projects/diagnosis/members/scientist").await.ok();
        assert_eq!(scene.scientist.get(&waiting.path).await.status, 404);
        for version in [&waiting, &decided] {
            assert_eq!(buckets(&scene.scientist, version).await, EMPTY, "{}", version.name);
        }
        let inbox = scene.scientist.get("/inbox").await.ok();
        assert_eq!(inbox["counts"]["waiting_on_others"], 0, "not even how many there are");
        assert_eq!(inbox["more"], false);
    }

    async fn what_the_server_remembers_of_an_inbox_is_what_it_would_read(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (one, two, three) = (scene.version().await, scene.version().await, scene.version().await);
        // This one forgets everything at each step; the other server has remembered since the step before.
        let same = async |step: &str| {
            let beside = server.beside().await;
            let Scene { scientist, manager, itops, riskofficer, business, operator, .. } = &scene;
            for person in [scientist, manager, itops, riskofficer, business, operator] {
                let (remembered, read) = (person.get("/inbox").await.ok(), beside.as_seen_by(person).get("/inbox").await.ok());
                assert_eq!(remembered, read, "{step}: {}", person.name);
            }
            beside.end().await;
        };
        same("nothing was requested").await;
        for version in [&one, &two] {
            scene.scientist.command(version, "request", json!({})).await.ok();
        }
        same("two were requested").await;
        scene.itops.feedback(&one, IT, "approve").await.ok();
        scene.scientist.command(&three, "request", json!({"skip_feedback": true})).await.ok();
        same("an answer, and one more").await;
        scene.scientist.change(reqwest::Method::PATCH, &one.path, json!({"metrics": {"auc": 0.5}})).await.ok();
        same("the answer is stale").await;
        let day = json!({"to": "operator", "until": "1d"});
        scene.approver.command(&three, "delegate", day).await.ok();
        same("a delegation").await;
        scene.root.post("/tokens", json!({})).await.ok();
        scene.approver.approve(&three).await.ok();
        scene.scientist.command(&two, "final", json!({})).await.ok();
        same("an approval, and a request for another").await;
        scene.approver.revoke(&three).await.ok();
        scene.scientist.command(&one, "final", json!({})).await.ok();
        same("a revocation").await;
        scene.manager.reset(&three, false).await.ok();
        scene.scientist.command(&three, "request", json!({"skip_feedback": true})).await.ok();
        same("the next round, with the delegation").await;
        server.clock.advance(domain::Duration::from_days(1));
        same("the delegation has ended").await;
        scene.approver.reject(&two).await.ok();
        scene.manager.post(&format!("{}/retire", two.path), json!({"comment": "Old."})).await.ok();
        same("one is rejected and retired").await;
        scene.root.patch("/users/approver", json!({"active": false})).await.ok();
        same("nobody can approve").await;
    }

    async fn nothing_is_offered_that_would_be_refused(server: &TestServer) {
        let scene = Scene::set(server).await;
        let auditor = server.person_as("auditor", "auditor").await;
        scene.set_reviewers(&["user:approver", "user:auditor"]).await;
        let version = scene.requested().await;
        let may = |review: &Value, command: &str| {
            let possible = review["may"].as_array().unwrap().iter().find(|possible| possible["command"] == command).unwrap();
            (possible["allowed"].as_bool().unwrap(), possible["reason"].as_str().unwrap_or_default().to_owned())
        };
        assert!(may(&scene.approver.review(&version).await, "approve").0);
        let narrow = scene.approver.post("/tokens", json!({"scopes": ["read"]})).await.ok();
        let narrow = server.anonymous().with_token("narrow", narrow["token"].as_str().unwrap());
        for (person, command, words) in [
            (&narrow, "approve", "lacks the scope `review`"),
            (&narrow, "abandon", "lacks the scope"),
            (&auditor, "approve", "changes nothing"),
            (&auditor, "reset", "changes nothing"),
        ] {
            let (allowed, reason) = may(&person.review(&version).await, command);
            assert!(!allowed && reason.contains(words), "{} {command}: {reason}", person.name);
        }
        assert_eq!(auditor.approve(&version).await.status, 403);
    }

    async fn inbox_version_and_review_say_the_same(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let turns = scene.approver.get(&version.path).await.ok()["governance"]["turns"].clone();
        assert_eq!(turns, scene.approver.review(&version).await["turns"]);
        let item = scene.approver.get("/inbox").await.ok()["decide"][0].clone();
        assert_eq!((&item["why"], &item["since"]), (&turns[0]["why"], &turns[0]["since"]));
        assert_eq!(turns[0]["people"], json!(["The approver"]));
    }
}

async fn buckets(person: &Client, version: &Version) -> [usize; 5] {
    let inbox = person.get("/inbox").await.ok();
    let holds =
        |bucket: &Value| bucket.as_array().unwrap().iter().filter(|item| item["version"] == version.name.as_str()).count();
    ["decide", "give_feedback", "answer", "waiting_on_others", "recently_decided"].map(|bucket| holds(&inbox[bucket]))
}
