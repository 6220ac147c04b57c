//! Bad input to sign-off, reviewers and deployments: each is refused with what to do, and nothing is half done.

use reqwest::Method;
use serde_json::{Value, json};
use std::future::Future;
use testkit::{Client, IT, Reply, Scene, TestServer, both};

/// Waits for a request that must leave the record as it was.
pub async fn unchanged(server: &TestServer, request: impl Future<Output = Reply>) -> Reply {
    let before = server.log_size().await;
    let reply = request.await;
    assert_eq!(server.log_size().await, before, "{} was recorded: {}", reply.what, reply.text());
    reply
}

both! {
    async fn what_does_not_exist(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let root = &scene.root;
        for path in ["/projects/nowhere", "/projects/diagnosis/models/other", "/projects/diagnosis/models/tumour/versions/9", "/users/nobody",
            "/groups/none", "/infrastructures/nowhere", "/infrastructures/test/deployments/none"]
        {
            unchanged(server, root.get(path)).await.refused_helpfully(404, "not_found");
        }
        let reviewers = json!({"slots": [], "approvers": ["user:approver", "user:nobody"]});
        let problem = unchanged(server, scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", reviewers)).await.refused(404, "not_found");
        assert_eq!(problem["errors"][0]["pointer"], "/approvers/1");
        let notify = json!({"notify": "itops,nobody"});
        unchanged(server, scene.scientist.command(&version, "request", notify)).await.refused_helpfully(404, "not_found");
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let problem = unchanged(server, scene.itops.feedback(&version, "Marketing", "approve")).await.refused(422, "invalid");
        assert!(problem["hint"].as_str().unwrap().contains("IT & Operations"), "it names those that there are: {problem}");
        unchanged(server, scene.approver.command(&version, "delegate", json!({"to": "nobody"}))).await.refused_helpfully(404, "not_found");
        let problem = unchanged(server, scene.operator.deploy("nowhere/tumour", &version)).await.refused_helpfully(404, "not_found");
        assert!(problem["detail"].as_str().unwrap().contains("nowhere"));
        let shares = json!([{"version": "diagnosis/tumour:7"}]);
        let problem = unchanged(server, scene.operator.deploy_shares("test/tumour", shares, None)).await.refused(404, "not_found");
        assert_eq!(problem["errors"][0]["pointer"], "/shares/0/version");
    }

    async fn words_that_are_none(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let problem = unchanged(server, scene.itops.feedback(&version, IT, "excellent")).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/verdict");
        assert!(problem["detail"].as_str().unwrap().contains("minor_issue"), "it names the three: {problem}");
        let silent = json!({"slot": IT, "verdict": "minor_issue"});
        unchanged(server, scene.itops.put(&format!("{}/review/feedback", version.path), silent)).await.refused_helpfully(422, "invalid");
        for (body, pointer) in [
            (json!({"decision": "maybe"}), "/decision"),
            (json!({"decision": "approve", "valid_for": "soon"}), "/valid_for"),
            (json!({"decision": "reject", "comment": "No.", "valid_for": "1d"}), "/valid_for"),
            (json!({"decision": "approve", "comment": "x".repeat(20_001)}), "/comment"),
        ] {
            let problem = unchanged(server, scene.approver.command(&version, "decision", body)).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
        let without = json!({"name": "bare", "stage": "test"});
        let problem = unchanged(server, scene.root.post("/infrastructures", without)).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/policy", "an infrastructure without a policy is an error, never a default");
        let tag = scene.root.etag("/infrastructures/test").await;
        let put = scene.root.request(Method::PUT, "/infrastructures/test/policy").header("if-match", &tag);
        let blank = put.json(&json!({"policy": "prevent", "reason": "  "}));
        assert_eq!(unchanged(server, blank.send()).await.refused(422, "invalid")["errors"][0]["pointer"], "/reason");
        unchanged(server, scene.root.post("/projects", json!({"name": "Not A Slug"}))).await.refused_helpfully(422, "invalid");
        unchanged(server, scene.root.post("/projects", json!({"name": "diagnosis"}))).await.refused_helpfully(409, "already_exists");
    }

    async fn what_nobody_could_pass_is_said(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/groups", json!({"name": "empty"})).await.ok();
        let body = json!({"slots": [{"name": "Nobody", "assigned": ["group:empty"]}], "approvers": ["group:empty"]});
        let saved = scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", body).await.ok();
        assert_eq!(saved["warnings"].as_array().unwrap().len(), 2, "{}", saved["warnings"]);
        let version = scene.version().await;
        let request = || scene.scientist.command(&version, "request", json!({}));
        let problem = unchanged(server, request()).await.refused_helpfully(422, "nobody_can_approve");
        assert!(problem["detail"].as_str().unwrap().contains("empty"), "{problem}");

        // A slot that nobody can fill does not block; it is shown when the review is requested.
        let body = json!({"slots": [{"name": "Nobody", "assigned": ["group:empty"]}], "approvers": ["user:approver"]});
        scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", body).await.ok();
        let warnings = request().await.ok()["warnings"].clone();
        assert!(warnings.as_array().unwrap().iter().any(|warning| warning.as_str().unwrap().contains("Nobody")), "{warnings}");

        // Where every approver is barred, the gate would be impassable too.
        let other = scene.version().await;
        scene.set_reviewers(&["user:scientist"]).await;
        unchanged(server, scene.scientist.command(&other, "request", json!({}))).await.refused_helpfully(422, "nobody_can_approve");
    }

    async fn decisions_of_the_wrong_person(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.set_reviewers(&["user:approver", "user:scientist", "user:manager", "role:contributor"]).await;
        let bot = server.service("bot").await;
        scene.root.put("/projects/diagnosis/members/bot", json!({"role": "contributor"})).await.ok();
        let version = scene.version_of(testkit::TINY, json!({"authors": ["approver@example.org"]})).await;
        scene.manager.command(&version, "request", json!({})).await.ok();
        for (person, why) in [
            (&scene.scientist, "author"),
            (&scene.manager, "requested"),
            (&scene.approver, "author"),
            (&bot, "service account"),
        ] {
            let problem = unchanged(server, person.approve(&version)).await.refused_helpfully(403, "barred_by_duty");
            assert!(problem["detail"].as_str().unwrap().contains(why), "{}: {problem}", person.name);
            unchanged(server, person.reject(&version)).await.refused(403, "barred_by_duty");
        }
        unchanged(server, scene.itops.approve(&version)).await.refused_helpfully(403, "not_entitled");

        // Nor on a second try: a person who requested an earlier round stays barred.
        scene.manager.command(&version, "abandon", json!({"comment": "Again."})).await.ok();
        scene.manager.reset(&version, false).await.ok();
        scene.set_reviewers(&["user:approver", "user:manager", "user:itops"]).await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        unchanged(server, scene.manager.approve(&version)).await.refused(403, "barred_by_duty");
    }

    async fn an_author_who_takes_his_name_out_stays_one(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.put("/projects/diagnosis/members/approver", json!({"role": "contributor"})).await.ok();
        scene.set_reviewers(&["user:approver", "user:business"]).await;
        for fields in [json!({"authors": ["approver"]}), json!({"source": {"run_owner": "approver"}})] {
            let version = scene.version_of(testkit::TINY, fields).await;
            let own = |body| scene.approver.change(Method::PATCH, &version.path, body);
            own(json!({"authors": [], "source": {}})).await.ok();
            scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
            unchanged(server, scene.approver.approve(&version)).await.refused_helpfully(403, "barred_by_duty");
            own(json!({"notes": "Nothing to see here."})).await.ok();
            unchanged(server, scene.approver.approve(&version)).await.refused(403, "barred_by_duty");
            scene.scientist.command(&version, "abandon", json!({"comment": "Again."})).await.ok();
            scene.manager.reset(&version, true).await.ok();
            scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
            unchanged(server, scene.approver.approve(&version)).await.refused(403, "barred_by_duty");
        }
    }

    async fn lists_without_end(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let many = |count: usize, item: Value| Value::Array(vec![item; count]);
        let shares = many(101, json!({"version": "no/such:1", "weight": 1}));
        let problem = unchanged(server, scene.operator.deploy_shares("test/tumour", shares, None)).await.refused_helpfully(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/shares");
        let names = json!({"notify": vec!["nobody"; 201].join(",")});
        let problem = unchanged(server, scene.scientist.command(&version, "request", names)).await.refused_helpfully(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/notify");
        // Whom one could tell is not said to somebody who may not see the version.
        let stranger = server.person("stranger").await;
        let path = format!("{}/review/request", version.path);
        unchanged(server, stranger.post(&path, json!({"notify": "nobody"}))).await.refused(404, "not_found");
        for (body, pointer) in [
            (json!({"slots": [], "approvers": many(101, json!("user:nobody"))}), "/approvers"),
            (json!({"slots": [{"name": "IT", "assigned": many(101, json!("user:nobody"))}], "approvers": []}), "/slots/0/assigned"),
        ] {
            let tag = scene.manager.etag("/projects/diagnosis").await;
            let put = scene.manager.request(Method::PUT, "/projects/diagnosis/reviewers").header("if-match", &tag).json(&body);
            let problem = unchanged(server, put.send()).await.refused_helpfully(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
    }

    async fn too_late_or_too_early(server: &TestServer) {
        let scene = Scene::set(server).await;
        let second = server.person("second").await;
        scene.set_reviewers(&["user:approver", "user:second"]).await;
        let version = scene.version().await;
        unchanged(server, scene.approver.approve(&version)).await.refused_helpfully(409, "wrong_status");
        scene.scientist.command(&version, "request", json!({})).await.ok();
        unchanged(server, scene.manager.reset(&version, false)).await.refused_helpfully(409, "wrong_status");
        unchanged(server, scene.approver.revoke(&version)).await.refused_helpfully(409, "wrong_status");
        scene.approver.approve(&version).await.ok();
        for late in [second.approve(&version).await, second.reject(&version).await, scene.approver.reject(&version).await,
            scene.itops.feedback(&version, IT, "approve").await]
        {
            let problem = late.refused_helpfully(409, "already_decided");
            assert!(problem["detail"].as_str().unwrap().contains("The approver"), "by whom: {problem}");
            assert_eq!(problem["state"], "approved");
        }

        let locked = scene.requested().await;
        scene.approver.reject(&locked).await.ok();
        let edit = || scene.scientist.change(Method::PATCH, &locked.path, json!({"notes": "Late."}));
        let problem = unchanged(server, edit()).await.refused_helpfully(409, "locked");
        let who_can = problem["who_can"].as_array().unwrap();
        assert!(who_can.len() == 2 && who_can.contains(&json!("The manager")), "who can open it again: {problem}");
        unchanged(server, scene.approver.command(&locked, "delegate", json!({"to": "second"}))).await.refused(409, "locked");
        unchanged(server, second.approve(&locked)).await.refused(409, "already_decided");
        unchanged(server, scene.scientist.command(&locked, "request", json!({}))).await.refused(409, "locked");
    }

    async fn traffic_that_does_not_add_up(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (one, two) = (scene.version().await.name, scene.version().await.name);
        scene.scientist.post("/projects/diagnosis/models", json!({"name": "other"})).await.ok();
        let upload = scene.scientist.post("/projects/diagnosis/models/other/uploads", json!({})).await.ok();
        let id = upload["id"].as_str().unwrap();
        scene.scientist.send_file(id, "a", b"a").await.ok();
        scene.scientist.post("/projects/diagnosis/models/other/versions", json!({"upload": id})).await.ok();
        let share = |version: &str, weight: u64| json!({"version": version, "weight": weight});
        for (shares, pointer) in [
            (json!([]), "/shares"),
            (json!([share(&one, 50), share(&two, 49)]), "/shares"),
            (json!([share(&one, 50), share(&two, 51)]), "/shares"),
            (json!([share(&one, 99)]), "/shares"),
            (json!([share(&one, 100), share(&two, 0)]), "/shares"),
            (json!([share(&one, 50), share(&one, 50)]), "/shares"),
            (json!([share(&one, 50), share("diagnosis/other:1", 50)]), "/shares"),
            (json!([{"version": one}, share(&two, 50)]), "/shares/0/weight"),
            (json!([share(&one, 256)]), "/shares/0/weight"),
            (json!([share("not a version", 100)]), "/shares/0/version"),
        ] {
            let reply = unchanged(server, scene.operator.deploy_shares("test/tumour", shares.clone(), None)).await;
            assert_eq!(reply.refused(422, "invalid")["errors"][0]["pointer"], pointer, "{shares}");
        }
        scene.operator.deploy_shares("test/tumour", json!([share(&one, 100)]), None).await.ok();
        let other = scene.operator.deploy_shares("test/tumour", json!([share("diagnosis/other:1", 100)]), None);
        unchanged(server, other).await.refused_helpfully(409, "other_model");
        unchanged(server, scene.operator.rollback("test/tumour", json!({}))).await.refused(409, "no_earlier_revision");
        unchanged(server, scene.operator.rollback("test/tumour", json!({"to": 9}))).await.refused_helpfully(404, "not_found");
    }

    async fn the_last_one_who_can_stays(server: &TestServer) {
        let scene = Scene::set(server).await;
        let root: &Client = &scene.root;
        root.delete("/projects/diagnosis/members/root").await.ok();
        let last: Vec<(Reply, &str)> = vec![
            (root.delete("/projects/diagnosis/members/manager").await, "last_manager"),
            (root.put("/projects/diagnosis/members/manager", json!({"role": "reader"})).await, "last_manager"),
            (root.delete("/infrastructures/test/members/root").await, "last_admin"),
            (root.patch("/users/root", json!({"active": false})).await, "last_administrator"),
            (root.patch("/users/root", json!({"role": "user"})).await, "last_administrator"),
        ];
        for (reply, code) in last {
            let problem: Value = reply.refused_helpfully(409, code);
            assert!(problem["hint"].as_str().unwrap().contains("first"), "{problem}");
        }
    }
}
