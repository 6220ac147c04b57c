//! Rounds whose approver has left: who is told, who has the turn, and how the round goes on. And requests that are taken back.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{IT, Scene, TestServer, Version, both};

/// The versions whose open rounds a change left without an approver.
fn stranded(changed: &Value) -> Vec<&str> {
    let rounds = changed["without_approver"].as_array().map_or(&[][..], Vec::as_slice);
    rounds.iter().map(|round| round["version"].as_str().unwrap()).collect()
}

/// Everybody sees that the manager has the turn, and the manager takes the project's reviewers into the round.
async fn reloaded(scene: &Scene, version: &Version) {
    let inbox = scene.manager.get("/inbox").await.ok();
    let item = &inbox["answer"].as_array().unwrap().iter().find(|item| item["version"] == version.name.as_str()).unwrap().clone();
    assert_eq!(item["expected"], "reload_reviewers");
    let review = scene.scientist.review(version).await;
    assert_eq!((&review["turns"][0]["expected"], &review["turns"][0]["why"]), (&json!("reload_reviewers"), &item["why"]));
    let way_on = |warning: &Value| warning.as_str().unwrap().contains("reload the reviewers of this round");
    assert!(review["warnings"].as_array().unwrap().iter().any(way_on), "{}", review["warnings"]);

    // Naming an approver of the project alone leads nowhere: an open round keeps its reviewers.
    let saved = scene.set_reviewers(&["user:business"]).await;
    assert_eq!(stranded(&saved), [version.name.as_str()]);
    let refused = scene.business.approve(version).await.refused_helpfully(403, "not_entitled");
    assert_eq!(refused["next"], json!({"step": "reload_reviewers", "version": version.name}));
    let reload = async |comment: &str| scene.manager.command(version, "reload-reviewers", json!({"comment": comment})).await;
    reload(" ").await.refused_helpfully(422, "invalid");
    scene.scientist.command(version, "reload-reviewers", json!({"comment": "Me."})).await.refused(403, "not_entitled");
    let review = reload("The approver has left.").await.ok();
    assert_eq!((&review["already_done"], &review["approver_people"]), (&json!(false), &json!(["The business"])));
    assert_eq!(reload("The approver has left.").await.ok()["already_done"], true);
    let events = scene.root.audit(&format!("version={}", version.name)).await;
    let event = &events[events.len() - 1];
    assert_eq!(
        (&event["type"], &event["data"]["act"]["comment"]),
        (&json!("review.reviewers_reloaded"), &json!("The approver has left."))
    );
    assert_eq!(scene.business.get("/inbox").await.ok()["counts"]["decide"], 1);
    scene.business.approve(version).await.ok();
}

both! {
    async fn closing_an_account_says_which_rounds_it_leaves_without_an_approver(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, other) = (scene.requested().await, scene.approved().await);
        let renamed = scene.root.patch("/users/approver", json!({"display_name": "An approver"})).await.ok();
        assert_eq!(renamed.get("without_approver"), None);
        let closed = scene.root.patch("/users/approver", json!({"active": false})).await.ok();
        assert_eq!(stranded(&closed), [version.name.as_str()], "not the decided {}", other.name);
        reloaded(&scene, &version).await;
    }

    async fn an_emptied_group_and_a_lost_role_say_the_same(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/groups", json!({"name": "deciders"})).await.ok();
        scene.root.put("/groups/deciders/members/approver", json!({})).await.ok();
        scene.set_reviewers(&["group:deciders"]).await;
        let version = scene.requested().await;
        scene.root.put("/groups/deciders/members/business", json!({})).await.ok();
        let left = scene.root.delete("/groups/deciders/members/business").await.ok();
        assert_eq!(stranded(&left), [""; 0], "the approver is still there");
        let left = scene.root.delete("/groups/deciders/members/approver").await.ok();
        assert_eq!(stranded(&left), [version.name.as_str()]);
        reloaded(&scene, &version).await;

        scene.root.put("/projects/diagnosis/members/approver", json!({"role": "reader"})).await.ok();
        scene.set_reviewers(&["role:reader"]).await;
        let version = scene.version().await;
        scene.manager.command(&version, "request", json!({})).await.ok();
        let left = scene.root.delete("/projects/diagnosis/members/approver").await.ok();
        assert_eq!(stranded(&left), [""; 0], "a contributor reads too");
    }

    async fn answers_of_slots_that_remain_are_kept(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "minor_issue").await.ok();
        let slots = json!([{"name": IT, "assigned": ["user:business"]}, {"name": "Law", "assigned": ["user:riskofficer"]}]);
        scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", json!({"slots": slots, "approvers": ["user:approver"]})).await.ok();
        let review = scene.manager.command(&version, "reload-reviewers", json!({"comment": "Law looks at it too."})).await.ok();
        assert_eq!(review["status"], "waiting_for_feedback");
        let answers: Vec<_> = review["slots"].as_array().unwrap().iter().map(|slot| slot["answers"].as_array().unwrap().len()).collect();
        assert_eq!(answers, [1, 0]);
        scene.riskofficer.feedback(&version, "Law", "approve").await.ok();
    }

    async fn a_requester_takes_a_request_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let step = async || scene.scientist.get(&version.path).await.ok()["governance"]["step"].clone();
        scene.scientist.command(&version, "request", json!({})).await.ok();
        assert_eq!(step().await, "review");
        scene.manager.command(&version, "take-back", json!({})).await.refused_helpfully(403, "not_entitled");
        let back = scene.scientist.command(&version, "take-back", json!({})).await.ok();
        assert_eq!((&back["status"], &back["round"], &back["already_done"]), (&json!("not_started"), &json!(1), &json!(false)));
        assert_eq!(step().await, "development");
        assert_eq!(scene.scientist.command(&version, "take-back", json!({})).await.ok()["already_done"], true);
        assert_eq!(scene.itops.get("/inbox").await.ok()["counts"]["give_feedback"], 0);

        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "approve").await.ok();
        let late = scene.scientist.command(&version, "take-back", json!({})).await.refused_helpfully(409, "wrong_status");
        assert_eq!(late["next"], json!({"step": "abandon_instead", "version": version.name}));

        // In a later round the version was at the step of the review already.
        scene.approver.reject(&version).await.ok();
        scene.manager.reset(&version, false).await.ok();
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.scientist.command(&version, "take-back", json!({})).await.ok();
        assert_eq!(step().await, "review");
        let round = scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        assert_eq!(round["round"], 2);
        scene.approver.approve(&version).await.ok();
    }
}
