//! Who counts as an author: nobody approves what they made, wrote into, or are named for, however they are written.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Scene, TestServer, Version, both};

/// Asks for the final approval and refuses it to this person; gives what the refusal says.
async fn barred(scene: &Scene, person: &Client, version: &Version) -> Value {
    scene.scientist.command(version, "request", json!({"skip_feedback": true})).await.ok();
    let may = person.review(version).await["may"].clone();
    let approve = may.as_array().unwrap().iter().find(|possible| possible["command"] == "approve").unwrap().clone();
    let problem = person.approve(version).await.refused_helpfully(403, "barred_by_duty");
    assert!(problem["detail"].as_str().unwrap().ends_with(approve["reason"].as_str().unwrap()), "{problem} and {approve}");
    problem
}

both! {
    async fn an_approver_who_changes_fields_does_not_approve_them(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.put("/projects/diagnosis/members/approver", json!({"role": "contributor"})).await.ok();
        scene.set_reviewers(&["user:approver", "user:business"]).await;
        let version = scene.version_of(testkit::TINY, json!({"metrics": {"auc": 0.5}})).await;
        let edit = async |auc: f64| scene.approver.change(Method::PATCH, &version.path, json!({"metrics": {"auc": auc}})).await.ok();
        edit(0.99).await;
        let problem = barred(&scene, &scene.approver, &version).await;
        assert!(problem["detail"].as_str().unwrap().contains("you changed fields of this version"), "{problem}");
        assert_eq!(problem["who_can"], json!(["The business"]));

        // Neither the old figure nor a new round lifts the bar.
        edit(0.5).await;
        scene.approver.approve(&version).await.refused(403, "barred_by_duty");
        scene.business.reject(&version).await.ok();
        scene.manager.reset(&version, false).await.ok();
        barred(&scene, &scene.approver, &version).await;
        scene.business.approve(&version).await.ok();
    }

    async fn who_changes_nothing_of_the_fields_is_no_editor(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.put("/projects/diagnosis/members/approver", json!({"role": "contributor"})).await.ok();
        let version = scene.version_of(testkit::TINY, json!({"notes": "First try."})).await;
        scene.approver.change(Method::PATCH, &version.path, json!({"notes": "First try."})).await.ok();
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&version).await.ok();
    }

    async fn an_author_is_one_however_written(server: &TestServer) {
        let scene = Scene::set(server).await;
        for written in [
            "The approver <nobody@example.org>",
            "A. Name <APPROVER@example.org>",
            "the\u{a0}  approver",
            "user:approver",
            "ａｐｐｒｏｖｅｒ",
            "appro\u{200b}ver",
            "scientist, approver",
        ] {
            let version = scene.version_of(testkit::TINY, json!({"authors": [written]})).await;
            scene.set_reviewers(&["user:approver", "user:business"]).await;
            barred(&scene, &scene.approver, &version).await;
        }
    }
}
