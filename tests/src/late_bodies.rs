//! Requests whose bodies arrive late: the server decides by the state when it carries the request out, not by the state when the
//! first line arrived.

use domain::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Scene, TestServer, both};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

both! {
    async fn a_revoked_token_carries_out_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let shares = json!({"shares": [{"version": version.name}]});
        let new = scene.operator.post("/tokens", json!({"expires_in": "1h"})).await.ok();
        let operator = scene.operator.with_token("operator", new["token"].as_str().unwrap());
        let held = Held::back(server, &operator, "PUT", "/infrastructures/production/members/x", &json!({"role": "viewer"})).await;
        let deploy = Held::back(server, &operator, "POST", "/infrastructures/production/deployments/tumour", &shares).await;
        let create = Held::back(server, &operator, "POST", "/tokens", &json!({})).await;
        scene.operator.delete(&format!("/tokens/{}", new["id"].as_str().unwrap())).await.ok();
        for held in [held, deploy, create] {
            let before = server.log_size().await;
            assert_eq!(held.finish().await, (401, "token_revoked".to_owned()));
            assert_eq!(server.log_size().await, before);
        }
    }

    async fn a_closed_account_carries_out_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let other = server.person("other").await;
        scene.root.patch("/users/other", json!({"role": "administrator"})).await.ok();
        let mut held = Vec::new();
        for (path, body) in [
            ("/users", json!({"name": "accomplice", "display_name": "The accomplice", "role": "administrator"})),
            ("/users/operator/invitation", json!({})),
            ("/tokens", json!({"service": "robot"})),
            ("/groups", json!({"name": "friends"})),
            ("/projects", json!({"name": "hidden"})),
        ] {
            held.push(Held::back(server, &other, "POST", path, &body).await);
        }
        scene.root.patch("/users/other", json!({"active": false})).await.ok();
        for held in held {
            let before = server.log_size().await;
            assert_eq!(held.finish().await, (401, "account_closed".to_owned()));
            assert_eq!(server.log_size().await, before);
        }
    }

    async fn a_lost_role_counts_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        let other = server.person("other").await;
        for (role, code) in [("user", "forbidden"), ("auditor", "rights_changed")] {
            scene.root.patch("/users/other", json!({"role": "administrator"})).await.ok();
            let held = Held::back(server, &other, "POST", "/projects", &json!({"name": "mine"})).await;
            scene.root.patch("/users/other", json!({"role": role})).await.ok();
            let before = server.log_size().await;
            assert_eq!(held.finish().await, (403, code.to_owned()));
            assert_eq!(server.log_size().await, before);
        }
    }

    async fn the_gate_answers_as_of_the_end_of_the_question(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let question = json!({"infrastructure": "production", "model": "diagnosis/tumour", "version": version.number});
        let ask = || Held::back(server, &scene.operator, "POST", "/gate/check", &question);
        let held = ask().await;
        scene.approver.revoke(&version).await.ok();
        server.clock.advance(Duration::from_seconds(1));
        let (status, answer) = held.answer().await;
        assert_eq!((status, &answer["verdict"]), (200, &json!("deny")));
        let held = ask().await;
        scene.root.patch("/users/operator", json!({"active": false})).await.ok();
        server.clock.advance(Duration::from_seconds(1));
        assert_eq!(held.finish().await, (401, "account_closed".to_owned()));
    }

    async fn nor_does_it_answer_as_of_a_moment_before_its_end(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let question = json!({"infrastructure": "production", "model": "diagnosis/tumour", "version": version.number});
        // So that the answer is remembered.
        assert_eq!(scene.operator.gate("production", &version).await.ok()["verdict"], "allow");
        let held = Held::back(server, &scene.operator, "POST", "/gate/check", &question).await;
        scene.approver.revoke(&version).await.ok();
        let (status, answer) = held.answer().await;
        assert_eq!((status, &answer["verdict"]), (200, &json!("deny")), "{answer}");
    }

    async fn a_revoked_token_is_not_told_what_was_created_before(server: &TestServer) {
        let scene = Scene::set(server).await;
        let new = scene.root.post("/tokens", json!({"expires_in": "1h"})).await.ok();
        let root = scene.root.with_token("root", new["token"].as_str().unwrap());
        let (path, body) = ("/groups", json!({"name": "friends"}));
        root.request(Method::POST, path).header("idempotency-key", "k-1").json(&body).send().await.ok();
        let secret = json!({"service": "robot"});
        root.request(Method::POST, "/tokens").header("idempotency-key", "k-2").json(&secret).send().await.ok();
        let group = Held::back_with(server, &root, "POST", path, &body, "Idempotency-Key: k-1\r\n").await;
        let token = Held::back_with(server, &root, "POST", "/tokens", &secret, "Idempotency-Key: k-2\r\n").await;
        scene.root.delete(&format!("/tokens/{}", new["id"].as_str().unwrap())).await.ok();
        for held in [group, token] {
            assert_eq!(held.finish().await, (401, "token_revoked".to_owned()));
        }
        // Nor is another token of the same account, if it could not create it.
        for (path, body, key) in [(path, &body, "k-1"), ("/tokens", &secret, "k-2")] {
            let narrow = scene.root.post("/tokens", json!({"scopes": ["read"]})).await.ok();
            let narrow = scene.root.with_token("root", narrow["token"].as_str().unwrap());
            let replay = narrow.request(Method::POST, path).header("idempotency-key", key).json(body).send().await;
            replay.refused_helpfully(403, "scope_missing");
        }
        let replay = scene.root.request(Method::POST, path).header("idempotency-key", "k-1").json(&body).send().await;
        assert_eq!(replay.ok()["name"], "friends");
    }

    async fn an_approval_that_ended_meanwhile_lets_nothing_through(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let limited = json!({"decision": "approve", "valid_for": "1h"});
        scene.approver.command(&version, "decision", limited).await.ok();
        let shares = json!({"shares": [{"version": version.name}]});
        let held = Held::back(server, &scene.operator, "POST", "/infrastructures/production/deployments/tumour", &shares).await;
        server.clock.advance(Duration::from_seconds(3600));
        assert_eq!(held.finish().await, (403, "denied_by_policy".to_owned()));
        let events = scene.root.audit("").await;
        let refused = &events[events.len() - 1];
        assert_eq!(refused["type"], "deployment.refused");
        assert_eq!(refused["at"], "2026-01-05T10:00:00.000000Z", "the moment of the decision, not of the first line");
    }
}

/// A request whose body is still missing: the server has read the head and let the caller in.
struct Held {
    connection: TcpStream,
    body: String,
}

impl Held {
    async fn back(server: &TestServer, client: &Client, method: &str, path: &str, body: &Value) -> Self {
        Self::back_with(server, client, method, path, body, "").await
    }

    /// The same with these lines in its head.
    async fn back_with(server: &TestServer, client: &Client, method: &str, path: &str, body: &Value, lines: &str) -> Self {
        let mut connection = TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
        let body = body.to_string();
        let (token, length) = (client.token.as_deref().unwrap(), body.len());
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n{lines}Expect: 100-continue\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        // The server asks for the body only once it knows who calls.
        let asks = "HTTP/1.1 100 Continue\r\n\r\n";
        let mut answer = vec![0; asks.len()];
        connection.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), asks);
        Self { connection, body }
    }

    /// Sends the body; gives the status and the problem's code.
    async fn finish(self) -> (u16, String) {
        let (status, problem) = self.answer().await;
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Sends the body; gives the status and the answer.
    async fn answer(mut self) -> (u16, Value) {
        self.connection.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.connection.read_to_string(&mut answer).await.unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }
}
