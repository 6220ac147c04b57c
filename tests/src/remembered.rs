//! What a server remembers of people and rights counts only as long as nothing changed: also where another server changed it.

use reqwest::Method;
use serde_json::json;
use testkit::{Scene, TestServer, both};

both! {
    async fn who_left_the_group_through_another_server_decides_no_more(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/groups", json!({"name": "deciders"})).await.ok();
        scene.root.put("/groups/deciders/members/approver", json!({})).await.ok();
        let reviewers = json!({"slots": [], "approvers": ["group:deciders"]});
        scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", reviewers).await.ok();
        let beside = server.beside().await;
        let root = beside.as_seen_by(&scene.root);
        for _ in 0..3 {
            let versions = [scene.requested().await, scene.requested().await, scene.requested().await];
            // The second decision finds the people remembered.
            scene.approver.approve(&versions[0]).await.ok();
            scene.approver.approve(&versions[1]).await.ok();
            let tag = scene.approver.etag(&format!("{}/review", versions[2].path)).await;
            root.delete("/groups/deciders/members/approver").await.ok();
            let decision = json!({"decision": "approve", "comment": "Good."});
            scene.approver.command_on(&versions[2], "decision", decision, &tag).await.refused(404, "not_found");
            root.put("/groups/deciders/members/approver", json!({})).await.ok();
            scene.approver.approve(&versions[2]).await.ok();
        }
        beside.end().await;
    }

    async fn who_lost_the_role_through_another_server_is_not_told_of_a_version_never_asked_about(server: &TestServer) {
        let scene = Scene::set(server).await;
        let guest = server.person("guest").await;
        let beside = server.beside().await;
        let root = beside.as_seen_by(&scene.root);
        for _ in 0..3 {
            let versions = [scene.version().await, scene.version().await, scene.version().await];
            root.put("/infrastructures/production/members/guest", json!({"role": "viewer"})).await.ok();
            // The second question finds the rights and the people remembered.
            for version in &versions[..2] {
                assert_eq!(guest.gate("production", version).await.ok()["verdict"], "deny");
            }
            root.delete("/infrastructures/production/members/guest").await.ok();
            guest.gate("production", &versions[2]).await.refused(404, "not_found");
        }
        beside.end().await;
    }

    async fn a_first_question_says_what_a_remembering_server_and_a_new_one_say(server: &TestServer) {
        let scene = Scene::set(server).await;
        let bytes = |content: &'static [u8]| [("model.bin", content)];
        let (open, approved, revoked) = (scene.version().await, scene.requested().await, scene.requested().await);
        scene.approver.approve(&approved).await.ok();
        scene.approver.approve(&revoked).await.ok();
        let others = [scene.version_of(&bytes(b"one"), json!({})).await, scene.version_of(&bytes(b"two"), json!({})).await];
        scene.scientist.command(&others[1], "request", json!({"skip_feedback": true})).await.ok();
        let versions = [&open, &approved, &revoked, &others[0], &others[1]];
        let same = async |step: &str| {
            for version in versions {
                // The last server has nothing in memory but the rights, by a question about another version.
                let (fresh, warm) = (server.beside().await, server.beside().await);
                warm.as_seen_by(&scene.operator).gate("production", &scene.version().await).await.ok();
                let remembered = scene.operator.gate("production", version).await.ok();
                for other in [&fresh, &warm] {
                    let answer = other.as_seen_by(&scene.operator).gate("production", version).await.ok();
                    assert_eq!(answer, remembered, "{step}: {}", version.name);
                }
                fresh.end().await;
                warm.end().await;
            }
        };
        same("two approved").await;
        scene.operator.deploy("production/tumour", &approved).await.ok();
        same("one in service, with its permit").await;
        scene.approver.revoke(&revoked).await.ok();
        same("the same bytes revoked under another name").await;
    }
}
