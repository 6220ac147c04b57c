//! Who can act has one answer: in warnings, review requests, turns, inboxes, lists of what somebody may do, and refusals.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{IT, Scene, TestServer, both};

/// The warnings of these reviewers, as they are saved.
async fn saved(scene: &Scene, slot: &str, approver: &str) -> Value {
    let body = json!({"slots": [{"name": IT, "assigned": [slot]}], "approvers": [approver]});
    scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", body).await.ok()["warnings"].clone()
}

both! {
    async fn an_auditor_is_nobodys_reviewer(server: &TestServer) {
        let scene = Scene::set(server).await;
        let auditor = server.person_as("auditor", "auditor").await;
        let warnings = saved(&scene, "user:auditor", "user:auditor").await;
        let expected = [
            format!("Nobody can give feedback for “{IT}” now: nobody who can review is in user:auditor."),
            "Nobody can give the final approval now: nobody who can review is in user:auditor.".to_owned(),
        ];
        assert_eq!(warnings, json!(expected));
        let version = scene.version().await;
        let refused = scene.scientist.command(&version, "request", json!({})).await.refused_helpfully(422, "nobody_can_approve");
        assert!(refused["detail"].as_str().unwrap().contains("nobody who can review is in user:auditor"), "{refused}");

        // An approver who becomes an auditor.
        assert_eq!(saved(&scene, "user:itops", "user:approver").await, json!([]));
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        assert_eq!(scene.approver.get("/inbox").await.ok()["counts"]["decide"], 1);
        scene.root.patch("/users/approver", json!({"role": "auditor"})).await.ok();
        for person in [&scene.approver, &auditor] {
            assert_eq!(person.get("/inbox").await.ok()["counts"]["decide"], 0, "{}", person.name);
            let review = person.review(&version).await;
            assert_eq!(review["approver_people"], json!([]));
            let offered = review["may"].as_array().unwrap().iter().filter(|possible| possible["allowed"] == true).count();
            assert_eq!(offered, 0);
            assert_eq!(person.approve(&version).await.status, 403);
        }
    }

    async fn a_service_account_is_nobodys_reviewer(server: &TestServer) {
        let scene = Scene::set(server).await;
        let pipeline = server.service("pipeline").await;
        assert_eq!(saved(&scene, "user:pipeline", "user:approver").await.as_array().unwrap().len(), 1);
        let version = scene.version().await;
        let review = scene.scientist.command(&version, "request", json!({})).await.ok();
        let nobody = |warning: &&Value| warning.as_str().unwrap().starts_with("Nobody can give feedback");
        assert_eq!(review["warnings"].as_array().unwrap().iter().filter(nobody).count(), 1, "{review}");
        assert_eq!(pipeline.get("/inbox").await.ok()["counts"]["give_feedback"], 0);
        let refused = pipeline.feedback(&version, IT, "approve").await.refused(403, "barred_by_duty");
        assert!(refused["detail"].as_str().unwrap().ends_with(": a service account never reviews"), "{refused}");
    }
}
