//! Final decisions need the person: a session, and the password again when the person signed in some time ago.

use crate::bad_input::unchanged;
use domain::Duration;
use serde_json::{Value, json};
use testkit::{Backend, Client, Options, PASSWORD, Reply, Scene, TestServer, Version, both};

/// Just after the default of `reauthenticate_after`.
const LATER: Duration = Duration::from_seconds(15 * 60);

/// A decision exactly as it is given here: the testkit's own clients type the password when the server asks for it.
async fn decide(person: &Client, version: &Version, what: &str, body: Value) -> Reply {
    let tag = person.etag(&format!("{}/review", version.path)).await;
    let request = person.request(reqwest::Method::POST, &format!("{}/review/{what}", version.path));
    request.header("if-match", &tag).json(&body).send().await
}

fn approve(password: Option<&str>) -> Value {
    with(json!({"decision": "approve", "comment": "Good."}), password)
}

fn reject(password: Option<&str>) -> Value {
    with(json!({"decision": "reject", "comment": "Not good."}), password)
}

fn revoke(password: Option<&str>) -> Value {
    with(json!({"comment": "No longer good."}), password)
}

fn with(mut body: Value, password: Option<&str>) -> Value {
    if let Some(password) = password {
        body["password"] = json!(password);
    }
    body
}

both! {
    async fn an_old_sign_in_needs_the_password_again(server: &TestServer) {
        let scene = Scene::set(server).await;
        let approver = &scene.approver;
        let (one, two, approved) = (scene.requested().await, scene.requested().await, scene.approved().await);
        let (abandoned, answered) = (scene.requested().await, scene.version().await);
        scene.scientist.command(&answered, "request", json!({})).await.ok();
        server.clock.advance(LATER);
        for (version, what, body) in
            [(&one, "decision", approve(None)), (&two, "decision", reject(None)), (&approved, "revoke", revoke(None))]
        {
            let problem = unchanged(server, decide(approver, version, what, body)).await;
            let problem = problem.refused_helpfully(403, "reauthentication_required");
            assert_eq!(problem["next"]["step"], "give_password", "{problem}");
        }
        for (version, what, body) in [
            (&one, "decision", approve(Some("not the password"))),
            (&two, "decision", reject(Some(""))),
            (&approved, "revoke", revoke(Some(&PASSWORD.to_uppercase()))),
        ] {
            unchanged(server, decide(approver, version, what, body)).await.refused_helpfully(401, "sign_in_failed");
        }
        let done = decide(approver, &one, "decision", approve(Some(PASSWORD))).await.ok();
        assert_eq!((&done["status"], &done["decision"]["credential"]), (&json!("approved"), &json!("session")));
        decide(approver, &two, "decision", reject(Some(PASSWORD))).await.ok();
        decide(approver, &approved, "revoke", revoke(Some(PASSWORD))).await.ok();
        // One password is for one decision.
        let next = scene.requested().await;
        unchanged(server, decide(approver, &next, "decision", approve(None))).await.refused(403, "reauthentication_required");
        // The very same again is done already, and needs nothing.
        assert_eq!(decide(approver, &one, "decision", approve(None)).await.ok()["already_done"], json!(true));
        // What decides nothing needs no password.
        decide(approver, &abandoned, "abandon", json!({"comment": "Superseded."})).await.ok();
        scene.itops.feedback(&answered, testkit::IT, "approve").await.ok();

        // Signing in again is as good.
        let session = server.anonymous().post("/sessions", json!({"user": "approver", "password": PASSWORD})).await.ok();
        let fresh = approver.with_token("approver", session["token"].as_str().unwrap());
        decide(&fresh, &next, "decision", approve(None)).await.ok();
        // The record and the log of the server hold no password.
        let record = serde_json::to_string(&scene.root.audit("").await).unwrap();
        assert!(!record.contains(PASSWORD));
    }

    async fn until_then_the_sign_in_itself_is_enough(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        server.clock.advance(Duration::from_seconds(15 * 60 - 1));
        // A wrong password is wrong, also where none is needed.
        unchanged(server, decide(&scene.approver, &version, "decision", approve(Some("wrong")))).await.refused(401, "sign_in_failed");
        decide(&scene.approver, &version, "decision", approve(None)).await.ok();
    }

    async fn a_person_who_may_not_decide_is_asked_for_no_password(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        server.clock.advance(LATER);
        unchanged(server, decide(&scene.scientist, &version, "decision", approve(None))).await.refused(403, "not_entitled");
        unchanged(server, decide(&scene.itops, &version, "decision", reject(Some(PASSWORD)))).await.refused(403, "not_entitled");
    }

    async fn a_reset_ends_an_approval_only_with_a_fresh_sign_in(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (approved, other, rejected) = (scene.approved().await, scene.approved().await, scene.requested().await);
        decide(&scene.approver, &rejected, "decision", reject(None)).await.ok();
        let reset = |password| with(json!({"comment": "Measured wrongly."}), password);
        let dry_run = |password| with(json!({"comment": "Measured wrongly.", "dry_run": true}), password);
        server.clock.advance(LATER);
        let manager = &scene.manager;
        let problem = unchanged(server, decide(manager, &approved, "reset", reset(None))).await;
        assert_eq!(problem.refused_helpfully(403, "reauthentication_required")["next"]["step"], "give_password");
        unchanged(server, decide(manager, &approved, "reset", reset(Some("wrong")))).await.refused(401, "sign_in_failed");
        unchanged(server, decide(manager, &approved, "reset", dry_run(None))).await.ok();

        // A token of a program ends no approval, not even a manager's own.
        let token = manager.post("/tokens", json!({"expires_in": "365d"})).await.ok();
        let program = manager.with_token("manager", token["token"].as_str().unwrap());
        for body in [reset(None), reset(Some(PASSWORD)), dry_run(None)] {
            unchanged(server, decide(&program, &approved, "reset", body)).await.refused_helpfully(403, "session_required");
        }
        let may = program.review(&approved).await["may"].clone();
        let may = may.as_array().unwrap().iter().find(|may| may["command"] == "reset").unwrap();
        assert_eq!(may["allowed"], json!(false), "{may}");

        decide(manager, &approved, "reset", reset(Some(PASSWORD))).await.ok();
        // What is done already, and what ends no approval, needs no person.
        assert_eq!(decide(&program, &approved, "reset", reset(None)).await.ok()["already_done"], json!(true));
        decide(&program, &rejected, "reset", json!({})).await.ok();
        // Somebody who may not reset is asked for no password.
        unchanged(server, decide(&scene.approver, &other, "reset", reset(None))).await.refused(403, "not_entitled");
    }

    async fn a_version_in_force_is_retired_and_taken_back_only_with_a_fresh_sign_in(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (approved, rejected) = (scene.approved().await, scene.requested().await);
        decide(&scene.approver, &rejected, "decision", reject(None)).await.ok();
        let manager = &scene.manager;
        let token = manager.post("/tokens", json!({"expires_in": "365d"})).await.ok();
        let program = manager.with_token("manager", token["token"].as_str().unwrap());
        let retire = |password| with(json!({"comment": "Superseded."}), password);
        let post = async |person: &Client, version: &Version, body: Value| person.post(&format!("{}/retire", version.path), body).await;
        server.clock.advance(LATER);
        for password in [None, Some(PASSWORD)] {
            unchanged(server, post(&program, &approved, retire(password))).await.refused_helpfully(403, "session_required");
        }
        unchanged(server, post(manager, &approved, retire(None))).await.refused_helpfully(403, "reauthentication_required");
        unchanged(server, post(manager, &approved, retire(Some("wrong")))).await.refused(401, "sign_in_failed");
        post(manager, &approved, retire(Some(PASSWORD))).await.ok();
        assert_eq!(scene.operator.gate("production", &approved).await.ok()["verdict"], "deny");
        // What is not in force ends nothing.
        post(&program, &rejected, retire(None)).await.ok();

        // Taking a version back brings its approval into force again.
        let restore = async |person: &Client, version: &Version, body: Value| person.post(&format!("{}/restore", version.path), body).await;
        for password in [None, Some(PASSWORD)] {
            unchanged(server, restore(&program, &approved, retire(password))).await.refused_helpfully(403, "session_required");
        }
        unchanged(server, restore(manager, &approved, retire(None))).await.refused_helpfully(403, "reauthentication_required");
        assert_eq!(scene.operator.gate("production", &approved).await.ok()["verdict"], "deny");
        restore(manager, &approved, retire(Some(PASSWORD))).await.ok();
        assert_eq!(scene.operator.gate("production", &approved).await.ok()["verdict"], "allow");
        restore(&program, &rejected, retire(None)).await.ok();
        server.verify().await;
    }

    async fn a_personal_token_decides_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, approved) = (scene.requested().await, scene.approved().await);
        let token = scene.approver.post("/tokens", json!({"expires_in": "365d"})).await.ok();
        let program = scene.approver.with_token("approver", token["token"].as_str().unwrap());
        for password in [None, Some(PASSWORD), Some("wrong")] {
            for (version, what, body) in [
                (&version, "decision", approve(password)),
                (&version, "decision", reject(password)),
                (&approved, "revoke", revoke(password)),
            ] {
                let problem = unchanged(server, decide(&program, version, what, body)).await;
                problem.refused_helpfully(403, "session_required");
            }
        }
        let service = server.service("bot").await;
        scene.root.put("/projects/diagnosis/members/bot", json!({"role": "manager"})).await.ok();
        unchanged(server, decide(&service, &approved, "revoke", revoke(None))).await.refused(403, "session_required");
        // What the review offers is what the server would do.
        let offered = |review: &Value, command: &str| {
            let may = review["may"].as_array().unwrap();
            may.iter().find(|may| may["command"] == command).unwrap()["allowed"].as_bool().unwrap()
        };
        let (by_program, by_person) = (program.review(&version).await, scene.approver.review(&version).await);
        for command in ["approve", "reject"] {
            assert_eq!((offered(&by_program, command), offered(&by_person, command)), (false, true), "{command}");
        }
        assert!(offered(&by_program, "abandon"), "stopping decides nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_are_counted_like_failed_sign_ins() {
    let mut options = Options::default();
    options.web.sign_ins_per_minute = 3;
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let scene = Scene::set(&server).await;
    let version = scene.requested().await;
    server.clock.advance(LATER);
    // What is refused for another reason does not count, and neither does a right password.
    for _ in 0..5 {
        decide(&scene.scientist, &version, "decision", reject(Some(PASSWORD))).await.refused(403, "not_entitled");
        decide(&scene.approver, &version, "decision", approve(None)).await.refused(403, "reauthentication_required");
    }
    for _ in 0..3 {
        decide(&scene.approver, &version, "decision", approve(Some("guess"))).await.refused(401, "sign_in_failed");
    }
    let limited = decide(&scene.approver, &version, "decision", approve(Some(PASSWORD))).await;
    limited.refused(429, "rate_limited");
    // The same bucket: nobody guesses there either.
    let session = json!({"user": "approver", "password": PASSWORD});
    server.anonymous().post("/sessions", session).await.refused(429, "rate_limited");
}
