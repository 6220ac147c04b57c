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
            let shown = scene.scientist.get(&version.path).await.ok();
            assert_eq!(shown["authors"][0]["written"], written);
            assert!(shown["authors"][0]["accounts"].as_array().unwrap().contains(&json!("approver")), "{}", shown["authors"]);
            scene.set_reviewers(&["user:approver", "user:business"]).await;
            barred(&scene, &scene.approver, &version).await;
        }
    }

    async fn a_new_name_or_address_lifts_no_bar(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.set_reviewers(&["user:approver", "user:business"]).await;
        let [by_name, by_address] = ["The approver", "approver@example.org"].map(|author| json!({"authors": [author]}));
        let versions = [scene.version_of(testkit::TINY, by_name).await, scene.version_of(testkit::TINY, by_address).await];
        scene.root.patch("/users/approver", json!({"display_name": "Somebody else", "email": null})).await.ok();
        for version in &versions {
            barred(&scene, &scene.approver, version).await;
            let shown = scene.scientist.get(&version.path).await.ok();
            assert_eq!(shown["authors"][0]["accounts"], json!(["approver"]));
        }
        // Another account with the address is meant as well.
        scene.root.patch("/users/business", json!({"email": "Approver@example.org"})).await.ok();
        scene.business.approve(&versions[1]).await.refused(403, "barred_by_duty");
        scene.business.approve(&versions[0]).await.ok();
    }

    async fn a_registration_says_whom_its_authors_are_taken_for(server: &TestServer) {
        let scene = Scene::set(server).await;
        let upload = scene.scientist.upload(testkit::TINY).await;
        let fields = json!({"authors": ["Jane Doe <jane@example.com>", "The business"], "source": {"run_owner": "itops"}});
        let body = json!({"upload": upload, "fields": fields});
        let created = scene.scientist.post("/projects/diagnosis/models/tumour/versions", body).await.ok();
        let expected = json!([
            {"written": "Jane Doe <jane@example.com>", "accounts": []},
            {"written": "The business", "accounts": ["business"]},
            {"written": "itops", "accounts": ["itops"]},
        ]);
        assert_eq!((&created["authors"], &created["editors"]), (&expected, &json!([])));
        let version = Version::of(&created);
        let changed = scene.scientist.change(Method::PATCH, &version.path, json!({"authors": ["approver"]})).await.ok();
        let written: Vec<_> = changed["authors"].as_array().unwrap().iter().map(|author| &author["written"]).collect();
        assert_eq!(written, ["Jane Doe <jane@example.com>", "The business", "approver", "itops"], "whom it once named too");
        assert_eq!(changed["editors"], json!(["scientist"]));
    }
}
