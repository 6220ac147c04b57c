//! Bad requests: ambiguous JSON, views that are out of date, tokens and invitations that no longer hold, and repeated requests.

use crate::bad_input::unchanged;
use domain::Duration;
use reqwest::Method;
use serde_json::json;
use testkit::{Backend, Client, Options, PASSWORD, Reply, Scene, TestServer, both};

both! {
    async fn json_that_reads_two_ways(server: &TestServer) {
        let root = server.administrator().await;
        let post = |body: &str| root.request(Method::POST, "/projects").raw_json(body).send();
        let problem = unchanged(server, post(r#"{"name": "one", "name": "two"}"#)).await.refused(400, "duplicate_key");
        assert_eq!(problem["errors"][0]["pointer"], "/name");
        let problem = unchanged(server, post(r#"{"name": "one", "owner": "me"}"#)).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/owner");
        let problem = unchanged(server, post("{}")).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/name");
        for broken in ["{", "[]x", "{\"name\": \"one\"", "nothing", "{\"name\": \"\\ud800\"}"] {
            unchanged(server, post(broken)).await.refused(400, "malformed_json");
        }
        unchanged(server, post(&format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)))).await.refused(400, "malformed_json");
        unchanged(server, post(r#"{"name": "one", "display_name": "a\u0000b"}"#)).await.refused_helpfully(422, "invalid");
        let text = root.request(Method::POST, "/projects").header("content-type", "text/plain").bytes(b"{\"name\": \"one\"}");
        unchanged(server, text.send()).await.refused(415, "unsupported_media_type");
        unchanged(server, root.get("/users?after=%00")).await.refused_helpfully(422, "invalid");
        unchanged(server, root.get("/projects/none/models/none/versions/1/files/a%00b")).await.refused_helpfully(422, "invalid");
        unchanged(server, root.delete("/projects/none/members/user:%00")).await.refused_helpfully(422, "invalid");
        let problem = unchanged(server, root.get("/users?a%0d%0ab=3")).await.refused_helpfully(422, "invalid");
        assert!(!problem["detail"].as_str().unwrap().contains(char::is_control), "{problem}");
        let problem = unchanged(server, post(r#"{"name": "one", "a\r\nb\u001b[31m": 1}"#)).await.refused_helpfully(422, "invalid");
        assert!(!problem["detail"].as_str().unwrap().contains(char::is_control), "{problem}");
        unchanged(server, root.get("/users?limt=3")).await.refused_helpfully(422, "invalid");
        unchanged(server, root.get("/log/proof/inclusion?position=first")).await.refused_helpfully(422, "invalid");
    }

    async fn a_view_that_is_out_of_date(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let patch = |tag: Option<String>| {
            let request = scene.scientist.request(Method::PATCH, &version.path).json(&json!({"notes": "New."}));
            let request = tag.into_iter().fold(request, |request, tag| request.header("if-match", &tag));
            request.send()
        };
        unchanged(server, patch(None)).await.refused_helpfully(428, "precondition_required");
        unchanged(server, patch(Some("v1".to_owned()))).await.refused_helpfully(400, "malformed_if_match");
        unchanged(server, patch(Some("\"v9\"".to_owned()))).await.refused_helpfully(412, "stale");
        let seen = scene.scientist.etag(&version.path).await;
        patch(Some(seen.clone())).await.ok();
        unchanged(server, patch(Some(seen))).await.refused_helpfully(412, "stale");

        scene.scientist.command(&version, "request", json!({})).await.ok();
        let decision = json!({"decision": "approve"});
        let path = format!("{}/review/decision", version.path);
        unchanged(server, scene.approver.post(&path, decision.clone())).await.refused_helpfully(428, "precondition_required");
        let seen = scene.approver.etag(&format!("{}/review", version.path)).await;
        scene.itops.feedback(&version, testkit::IT, "major_issue").await.ok();
        let problem = unchanged(server, scene.approver.command_on(&version, "decision", decision, &seen)).await.refused_helpfully(412, "stale");
        assert!(problem["detail"].as_str().unwrap().contains("The itops"), "what changed, and by whom: {problem}");

        scene.operator.deploy("test/tumour", &version).await.ok();
        let stop = scene.operator.request(Method::POST, "/infrastructures/test/deployments/tumour/stop").header("if-match", "\"d7\"");
        unchanged(server, stop.send()).await.refused_helpfully(412, "stale");
    }

    async fn tokens_that_no_longer_hold(server: &TestServer) {
        let root = server.administrator().await;
        let anonymous = server.anonymous();
        let reply = unchanged(server, anonymous.get("/me")).await;
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
        reply.refused_helpfully(401, "not_signed_in");
        unchanged(server, anonymous.with_token("", "csn_nonsense").get("/me")).await.refused_helpfully(401, "token_unknown");
        let basic = anonymous.request(Method::GET, "/me").header("authorization", "Basic cm9vdDpyb290");
        unchanged(server, basic.send()).await.refused(401, "malformed_authorization");

        let short = root.post("/tokens", json!({"expires_in": "1h"})).await.ok();
        let short = anonymous.with_token("root", short["token"].as_str().unwrap());
        short.get("/me").await.ok();
        server.clock.advance(Duration::from_seconds(3600));
        unchanged(server, short.get("/me")).await.refused_helpfully(401, "token_expired");
        let other = root.post("/tokens", json!({"scopes": ["read"]})).await.ok();
        let reader = anonymous.with_token("root", other["token"].as_str().unwrap());
        unchanged(server, reader.post("/projects", json!({"name": "one"}))).await.refused_helpfully(403, "scope_missing");
        root.delete(&format!("/tokens/{}", other["id"].as_str().unwrap())).await.ok();
        unchanged(server, reader.get("/me")).await.refused_helpfully(401, "token_revoked");
        unchanged(server, root.post("/tokens", json!({"expires_in": "366d"}))).await.refused_helpfully(422, "invalid");
    }

    async fn invitations_hold_once_and_for_a_week(server: &TestServer) {
        let root = server.administrator().await;
        let anonymous = server.anonymous();
        let invite = |name: &'static str| root.post("/users", json!({"name": name, "display_name": name}));
        let redeem = |code: &str, password: &str| anonymous.post("/sessions", json!({"invitation": code, "password": password}));
        let code = invite("early").await.ok()["invitation"].as_str().unwrap().to_owned();
        unchanged(server, redeem(&code, "short")).await.refused_helpfully(422, "invalid");
        let other = json!({"invitation": code, "password": PASSWORD, "user": "root"});
        unchanged(server, anonymous.post("/sessions", other)).await.refused_helpfully(422, "invalid");
        redeem(&code, PASSWORD).await.ok();
        let twice = unchanged(server, redeem(&code, PASSWORD)).await;
        assert_eq!(twice.status, 401, "{}", twice.text());
        assert!(twice.json["hint"].is_string(), "{}", twice.text());

        let code = invite("late").await.ok()["invitation"].as_str().unwrap().to_owned();
        server.clock.advance(Duration::from_days(7));
        assert_eq!(unchanged(server, redeem(&code, PASSWORD)).await.status, 401);
        let again = root.post("/users/late/invitation", json!({})).await.ok()["invitation"].as_str().unwrap().to_owned();
        let newest = root.post("/users/late/invitation", json!({})).await.ok()["invitation"].as_str().unwrap().to_owned();
        assert_eq!(unchanged(server, redeem(&again, PASSWORD)).await.status, 401, "a newer one takes its place");
        redeem(&newest, PASSWORD).await.ok();
        let wrong = json!({"user": "late", "password": "not the password"});
        unchanged(server, anonymous.post("/sessions", wrong)).await.refused_helpfully(401, "sign_in_failed");
    }

    async fn sent_twice_with_a_key_it_is_done_once(server: &TestServer) {
        let root = server.administrator().await;
        let first = keyed(&root, "key-1", "/projects", json!({"name": "one"})).await;
        assert_eq!(first.status, 201);
        let again = unchanged(server, keyed(&root, "key-1", "/projects", json!({"name": "one"}))).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
        assert_eq!(again.bytes, first.bytes);
        unchanged(server, keyed(&root, "key-1", "/projects", json!({"name": "two"}))).await.refused_helpfully(422, "idempotency_key_reused");
        unchanged(server, keyed(&root, "key-1", "/groups", json!({"name": "one"}))).await.refused_helpfully(422, "idempotency_key_reused");
        unchanged(server, keyed(&root, "k\u{e9}y", "/projects", json!({"name": "two"}))).await.refused_helpfully(400, "malformed_idempotency_key");
        // A refused request uses no key up.
        unchanged(server, keyed(&root, "key-2", "/projects", json!({"name": "one"}))).await.refused(409, "already_exists");
        keyed(&root, "key-2", "/projects", json!({"name": "two"})).await.ok();
        // What is shown once is not shown again, and not made again either.
        let body = json!({"name": "guest", "display_name": "A guest"});
        keyed(&root, "key-3", "/users", body.clone()).await.ok();
        unchanged(server, keyed(&root, "key-3", "/users", body)).await.refused_helpfully(409, "secret_shown_once");
        // Keys belong to those who sent them.
        let other = server.person_as("second", "administrator").await;
        keyed(&other, "key-1", "/projects", json!({"name": "three"})).await.ok();
    }

    async fn sent_twice_at_once_it_is_done_once(server: &TestServer) {
        let root = server.administrator().await;
        for turn in 0..10 {
            let (key, body) = (format!("key-{turn}"), json!({"name": format!("project-{turn}")}));
            let (one, other) = tokio::join!(keyed(&root, &key, "/projects", body.clone()), keyed(&root, &key, "/projects", body));
            let statuses = [one.status, other.status];
            assert!(statuses.contains(&201), "{} {}", one.text(), other.text());
            assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{} {}", one.text(), other.text());
        }
        let projects = root.get("/projects").await.ok()["items"].as_array().unwrap().len();
        assert_eq!(projects, 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_requests_are_told_to_wait() {
    let mut options = Options::default();
    (options.web.requests_per_minute, options.web.sign_ins_per_minute) = (30, 3);
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let root = server.administrator().await;
    let wrong = json!({"user": "root", "password": "guess"});
    for _ in 0..3 {
        server.anonymous().post("/sessions", wrong.clone()).await.refused(401, "sign_in_failed");
    }
    let limited = server.anonymous().post("/sessions", wrong).await;
    assert_ne!(limited.header("retry-after"), "");
    limited.refused_helpfully(429, "rate_limited");
    let mut last = root.get("/me").await;
    for _ in 0..60 {
        last = root.get("/me").await;
    }
    last.refused_helpfully(429, "rate_limited");
}

async fn keyed(client: &Client, key: &str, path: &str, body: serde_json::Value) -> Reply {
    client.request(Method::POST, path).header("idempotency-key", key).json(&body).send().await
}
