//! Rounds: what a reset keeps and what it takes anew, how tasks are delegated, and which answers are stale.

use domain::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{IT, RISK, Scene, TestServer, both};

both! {
    async fn a_reset_keeps_the_reviewers_with_their_delegations(server: &TestServer) {
        let scene = Scene::set(server).await;
        let deputy = server.person("deputy").await;
        let version = scene.requested().await;
        scene.approver.command(&version, "delegate", json!({"to": "deputy"})).await.ok();
        scene.approver.reject(&version).await.ok();
        scene.set_reviewers(&["user:itops"]).await;

        let reset = scene.manager.reset(&version, false).await.ok();
        assert_eq!((&reset["status"], &reset["round"], &reset["rounds"]), (&json!("not_started"), &json!(2), &json!(2)));
        assert_eq!(scene.manager.reset(&version, false).await.ok()["already_done"], true);
        let review = scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        assert_eq!(review["approvers"], json!(["user:approver"]));
        assert_eq!(review["delegations"][0]["to"], "The deputy");
        scene.itops.approve(&version).await.refused(403, "not_entitled");
        deputy.approve(&version).await.ok();
        let first = scene.manager.get(&format!("{}/review?round=1", version.path)).await.ok();
        assert_eq!((&first["status"], &first["decision"]["by"]), (&json!("rejected"), &json!("The approver")));
    }

    async fn nobody_is_missed_in_a_round_that_is_over(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/groups", json!({"name": "empty"})).await.ok();
        let body = json!({"slots": [{"name": "Nobody", "assigned": ["group:empty"]}], "approvers": ["user:approver"]});
        scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", body).await.ok();
        let version = scene.version().await;
        let requested = scene.scientist.command(&version, "request", json!({})).await.ok();
        let nobody = |warning: &&Value| warning.as_str().unwrap().starts_with("Nobody can give");
        assert_eq!(requested["warnings"].as_array().unwrap().iter().filter(nobody).count(), 1, "{requested}");
        assert_eq!(scene.approver.approve(&version).await.ok()["warnings"], json!([]));
        scene.approver.revoke(&version).await.ok();
        scene.manager.reset(&version, true).await.ok();
        let earlier = scene.manager.get(&format!("{}/review?round=1", version.path)).await.ok();
        assert_eq!(earlier["warnings"], json!([]));
    }

    async fn an_issue_that_was_taken_back_stays_visible(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "major_issue").await.ok();
        scene.itops.feedback(&version, IT, "approve").await.ok();
        let slot = scene.approver.review(&version).await["slots"][0].clone();
        assert_eq!(slot["answers"][0]["verdict"], "approve");
        let past = &slot["past_issues"];
        assert_eq!((&past[0]["verdict"], &past[0]["comment"], &past[0]["by"]), (&json!("major_issue"), &json!("Look at the data."), &json!("The itops")));
        // Who decides still sees it afterwards, and nobody is said to be able to decide once more.
        scene.scientist.command(&version, "final", json!({})).await.ok();
        scene.approver.approve(&version).await.ok();
        let decided = scene.scientist.review(&version).await;
        assert_eq!(decided["slots"][0]["past_issues"].as_array().map(Vec::len), Some(1));
        assert_eq!((&decided["approver_people"], &decided["slots"][1]["people"]), (&json!([]), &json!([])));
    }

    async fn a_reset_can_take_the_projects_reviewers_anew(server: &TestServer) {
        let scene = Scene::set(server).await;
        let deputy = server.person("deputy").await;
        let version = scene.requested().await;
        scene.approver.command(&version, "delegate", json!({"to": "deputy"})).await.ok();
        scene.scientist.command(&version, "abandon", json!({"comment": "Wrong data."})).await.ok();
        scene.set_reviewers(&["user:itops"]).await;
        scene.manager.reset(&version, true).await.ok();
        let review = scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        assert_eq!((&review["approvers"], &review["delegations"]), (&json!(["user:itops"]), &json!([])));
        deputy.get(&version.path).await.refused(404, "not_found");
        let decision = json!({"decision": "approve"});
        scene.approver.command_on(&version, "decision", decision, "\"r2.1\"").await.refused(404, "not_found");
        scene.itops.approve(&version).await.ok();
    }

    async fn an_abandon_can_be_taken_back_with_every_answer(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "minor_issue").await.ok();
        scene.approver.command(&version, "abandon", json!({})).await.refused_helpfully(422, "invalid");
        let abandoned = scene.approver.command(&version, "abandon", json!({"comment": "Not now."})).await.ok();
        assert_eq!((&abandoned["status"], &abandoned["locked"]), (&json!("abandoned"), &json!(true)));
        scene.scientist.command(&version, "cancel-abandon", json!({})).await.refused(403, "not_entitled");
        let back = scene.manager.command(&version, "cancel-abandon", json!({})).await.ok();
        assert_eq!((&back["status"], &back["slots"][0]["answers"][0]["verdict"]), (&json!("waiting_for_feedback"), &json!("minor_issue")));
        assert_eq!(scene.manager.command(&version, "cancel-abandon", json!({})).await.ok()["already_done"], true);
    }

    async fn tasks_are_handed_on_once_and_for_a_time(server: &TestServer) {
        let scene = Scene::set(server).await;
        let deputy = server.person("deputy").await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let task = json!({"slot": RISK, "to": "deputy", "until": "1d"});
        let review = scene.riskofficer.command(&version, "delegate", task.clone()).await.ok();
        assert_eq!(review["delegations"][0]["until"], "2026-01-06T09:00:00.000000Z");
        assert_eq!(scene.riskofficer.command(&version, "delegate", task).await.ok()["already_done"], true);
        let answered = deputy.feedback(&version, RISK, "approve").await.ok();
        assert_eq!(answered["slots"][1]["answers"][0]["path"]["by"], "delegated");
        deputy.command(&version, "delegate", json!({"slot": RISK, "to": "business"})).await.refused_helpfully(403, "not_entitled");
        let barred = json!({"to": "scientist"});
        scene.approver.command(&version, "delegate", barred).await.refused(403, "barred_by_duty");

        server.clock.advance(Duration::from_days(1));
        deputy.feedback(&version, RISK, "minor_issue").await.refused(404, "not_found");
        let off = json!({"delegation_allowed": false, "reason": "Audit finding."});
        scene.manager.change(Method::PATCH, "/projects/diagnosis", off).await.ok();
        scene.approver.command(&version, "delegate", json!({"to": "deputy"})).await.refused(422, "invalid");
    }

    async fn changed_fields_make_answers_stale_and_give_the_turn_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "approve").await.ok();
        let before = scene.scientist.get(&version.path).await.ok();
        let changed = scene.scientist.change(Method::PATCH, &version.path, json!({"notes": "Measured again."})).await.ok();
        assert_ne!(before["shown"], changed["shown"]);
        let review = scene.itops.review(&version).await;
        assert_eq!(review["slots"][0]["answers"][0]["stale"], true);
        assert!(expected_of(&review, "reconsider_feedback").contains(&json!("The itops")), "{}", review["turns"]);
        let again = scene.itops.feedback(&version, IT, "approve").await.ok();
        assert_eq!((&again["already_done"], &again["slots"][0]["answers"][0]["stale"]), (&json!(false), &json!(false)));

        scene.approver.approve(&version).await.ok();
        let late = scene.scientist.change(Method::PATCH, &version.path, json!({"notes": "Once more."})).await;
        late.refused_helpfully(409, "already_decided");
    }

    async fn straight_from_feedback_and_by_rules_that_allow_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.set_reviewers(&["user:approver", "user:scientist"]).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.scientist.approve(&version).await.refused_helpfully(403, "barred_by_duty");
        let rules = json!({"author_may_approve": true, "requester_may_approve": true, "reason": "A team of one."});
        scene.manager.change(Method::PATCH, "/projects/diagnosis", rules).await.ok();
        let approved = scene.scientist.approve(&version).await.ok();
        assert_eq!((&approved["status"], &approved["decision"]["by"]), (&json!("approved"), &json!("The scientist")));
    }
}

/// Of whom this is expected in a review.
fn expected_of(review: &Value, expected: &str) -> Vec<Value> {
    let turns = review["turns"].as_array().unwrap().iter().filter(|turn| turn["expected"] == expected);
    turns.flat_map(|turn| turn["people"].as_array().unwrap().clone()).collect()
}
