//! The long poll tells a follower of every change within a second, and tells nothing while nothing changes.

use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::{Backend, Client, Options, Reply, START, Scene, TestServer, both};
use tokio::task::JoinHandle;

/// How soon a change must be known.
const SOON: Duration = Duration::from_secs(1);

/// A follower in the middle of its wait.
struct Waiting(JoinHandle<(Reply, Instant)>);

impl Waiting {
    /// Begins to wait for another state than this one.
    fn since(node: &Client, state: &Value) -> Self {
        let (node, tag) = (node.clone(), state["tag"].clone());
        Self(tokio::spawn(async move {
            let reply = node.follow("production", &tag).await;
            (reply, Instant::now())
        }))
    }

    /// What it was told, at the latest a second after this change was done.
    async fn told_of(self, change: impl Future<Output = Reply>) -> Reply {
        self.told_after(async { drop(change.await.ok()) }).await
    }

    async fn told_after(self, change: impl Future<Output = ()>) -> Reply {
        change.await;
        let changed = Instant::now();
        let (reply, told) = self.0.await.unwrap();
        let late = told.saturating_duration_since(changed);
        assert!(late < SOON, "told after {late:?}");
        reply
    }
}

fn share(state: &Value) -> &Value {
    &state["services"][0]["shares"][0]
}

both! {
    async fn every_change_is_told_within_a_second(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        let empty = node.serving("production").await;
        assert_eq!((&empty["services"], &empty["server"]), (&json!([]), &json!("countersign.example")));

        let deployed = Waiting::since(&node, &empty).told_of(scene.operator.deploy("production/tumour", &first)).await.ok();
        let service = &deployed["services"][0];
        assert_eq!((&service["service"], &service["model"], &service["revision"]), (&json!("tumour"), &json!("diagnosis/tumour"), &json!(1)));
        let one = share(&deployed);
        assert_eq!((&one["version"], &one["model_digest"], &one["weight"]), (&json!(first.name), &json!(first.digest), &json!(100)));
        assert_eq!((&one["basis"], &one["standing"], &one["reason"]), (&json!("approved"), &json!("in_policy"), &json!(null)));
        assert!(one["permit"]["envelope"]["payload"].is_string(), "{one}");

        let shares = json!([{"version": first.name, "weight": 90}, {"version": second.name, "weight": 10}]);
        let split = scene.operator.deploy_shares("production/tumour", shares, None);
        let split = Waiting::since(&node, &deployed).told_of(split).await.ok();
        assert_eq!(split["services"][0]["shares"][1]["version"], second.name);

        let back = scene.operator.rollback("production/tumour", json!({}));
        let back = Waiting::since(&node, &split).told_of(back).await.ok();
        assert_eq!((&back["services"][0]["revision"], &share(&back)["version"]), (&json!(3), &json!(first.name)));

        let revoked = Waiting::since(&node, &back).told_of(scene.approver.revoke(&first)).await.ok();
        assert_eq!(share(&revoked)["standing"], "out_of_policy");
        let reason = "the approval of diagnosis/tumour:1 was revoked by The approver: No longer good.";
        assert_eq!(share(&revoked)["reason"], reason);
        assert_eq!(scene.operator.deployment("production/tumour").await["revision"]["shares"][0]["reason"], reason);

        let tag = scene.root.etag("/infrastructures/production").await;
        let policy = json!({"policy": "prevent", "on_lapse": "disable", "reason": "Strict."});
        let change = scene.root.request(Method::PUT, "/infrastructures/production/policy").header("if-match", &tag).json(&policy);
        let strict = Waiting::since(&node, &revoked).told_of(change.send()).await.ok();
        assert_eq!((&strict["on_lapse"], &share(&strict)["standing"]), (&json!("disable"), &json!("disabled")));

        let stopped = Waiting::since(&node, &strict).told_of(scene.operator.stop("production/tumour")).await.ok();
        let service = &stopped["services"][0];
        assert_eq!((&service["stopped"], &service["shares"], &service["revision"]), (&json!(true), &json!([]), &json!(4)));
    }

    async fn an_end_by_the_clock_alone_is_told_too(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let version = scene.requested().await;
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "2h"})).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        let before = node.serving("production").await;
        let size = server.log_size().await;
        let ended = Waiting::since(&node, &before).told_after(async { server.clock.advance(domain::Duration::from_seconds(7200)) });
        let ended = ended.await.ok();
        assert_eq!(server.log_size().await, size, "no event was needed");
        assert_eq!(share(&ended)["standing"], "out_of_policy");
        assert_eq!(share(&ended)["reason"], "the approval of diagnosis/tumour:1 ended on 2026-01-05, 11:00 UTC");
    }

    async fn the_end_of_an_earlier_version_is_told_too(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let (first, second) = (scene.requested().await, scene.approved().await);
        scene.approver.command(&first, "decision", json!({"decision": "approve", "valid_for": "2h"})).await.ok();
        scene.operator.deploy("production/tumour", &first).await.ok();
        scene.operator.deploy("production/tumour", &second).await.ok();
        let before = node.serving("production").await;
        let earlier = |state: &Value| state["services"][0]["previous"][0].clone();
        assert_eq!((&earlier(&before)["version"], &earlier(&before)["standing"]), (&json!(first.name), &json!("in_policy")));
        // The end comes while the follower waits: each of its looks at the clock takes a second.
        server.clock.set(START.plus(domain::Duration::from_seconds(7190)));
        server.clock.tick(domain::Duration::from_seconds(1));
        let ended = node.follow("production", &before["tag"]).await.ok();
        assert_eq!(earlier(&ended)["standing"], "out_of_policy");
    }

    async fn a_state_is_never_dated_later_than_it_was_so(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let version = scene.requested().await;
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "2h"})).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        let end = START.plus(domain::Duration::from_seconds(7200));
        server.clock.tick(domain::Duration::from_seconds(1));
        // The end comes before, during and after each part of the work.
        for seconds in 1..=8 {
            server.clock.set(end.minus(domain::Duration::from_seconds(seconds)));
            let state = node.serving("production").await;
            let before_the_end = state["at"].as_str().unwrap() < end.to_string().as_str();
            assert_eq!(share(&state)["standing"] == "in_policy", before_the_end, "{state}");
        }
    }

    async fn a_change_by_another_server_is_told_as_well(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let beside = server.beside().await;
        let node = beside.as_seen_by(&server.node("node-1", "production").await);
        let empty = node.serving("production").await;
        let deployed = Waiting::since(&node, &empty).told_of(scene.operator.deploy("production/tumour", &version)).await.ok();
        assert_eq!(share(&deployed)["version"], version.name);
        let revoked = Waiting::since(&node, &deployed).told_of(scene.approver.revoke(&version)).await.ok();
        assert_eq!(share(&revoked)["standing"], "out_of_policy");
        // Both servers say the same under the same tag.
        assert_eq!(server.node("node-1", "production").await.serving("production").await["tag"], revoked["tag"]);
        beside.end().await;
    }

    async fn what_does_not_matter_to_a_node_is_not_told(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        scene.operator.deploy("production/tumour", &first).await.ok();
        let before = node.serving("production").await;
        let waiting = Waiting::since(&node, &before);
        scene.operator.deploy("test/tumour", &second).await.ok();
        scene.approver.revoke(&second).await.ok();
        server.clock.advance(domain::Duration::from_seconds(60));
        assert_eq!(node.serving("production").await["tag"], before["tag"]);
        // Then the first thing that does matter is what it hears of.
        let told = waiting.told_of(scene.operator.stop("production/tumour")).await.ok();
        assert_eq!(told["services"][0]["stopped"], true);
    }

    async fn a_follower_who_loses_the_right_to_follow_is_told_that(server: &TestServer) {
        let scene = Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let state = node.serving("production").await;
        let taken = scene.root.delete("/infrastructures/production/members/node-1");
        Waiting::since(&node, &state).told_of(taken).await.refused(403, "forbidden");

        let node = server.node("node-1", "production").await;
        let closed = scene.root.patch("/users/node-1", json!({"active": false}));
        Waiting::since(&node, &state).told_of(closed).await.refused_helpfully(401, "token_revoked");
    }

    async fn only_sensible_questions_are_answered(server: &TestServer) {
        Scene::set(server).await;
        let node = server.node("node-1", "production").await;
        let state = node.serving("production").await;
        let asked = async |query: &str| node.get(&format!("/infrastructures/production/serving?{query}")).await;
        for wrong in ["wait=31", "wait=-1", "wait=x", "after=a&after=b", "since=x", "wait=1.5"] {
            let reply = asked(wrong).await;
            assert_eq!(reply.status, 422, "{wrong}: {}", reply.text());
        }
        // An unknown tag is another state; a known one without a wait is answered at once.
        for query in ["wait=30", "after=nonsense&wait=30", &format!("after={}", state["tag"].as_str().unwrap())] {
            let began = Instant::now();
            assert_eq!(asked(query).await.ok()["tag"], state["tag"]);
            assert!(began.elapsed() < SOON, "{query}");
        }
        let began = Instant::now();
        assert_eq!(asked(&format!("after={}&wait=1", state["tag"].as_str().unwrap())).await.ok()["tag"], state["tag"]);
        assert!(began.elapsed() >= Duration::from_secs(1), "it waited");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_wait_do_not_hold_up_the_end_and_hold_no_connection() {
    let mut server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let node = server.node("node-1", "production").await;
    let state = node.serving("production").await;
    // Many more than there are connections to the database; everything else goes on beside them.
    let waiting: Vec<_> = (0..64).map(|_| Waiting::since(&node, &state)).collect();
    let version = scene.approved().await;
    scene.operator.deploy("test/tumour", &version).await.ok();
    let began = Instant::now();
    server.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "stopping took {:?}", began.elapsed());
    for Waiting(one) in waiting {
        assert_eq!(one.await.unwrap().0.ok()["tag"], state["tag"], "answered with what it knew");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_waits_does_not_run_into_the_rate_limit() {
    let mut options = Options::default();
    options.web.requests_per_minute = 60;
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    Scene::set(&server).await;
    let node = server.node("node-1", "production").await;
    let state = node.serving("production").await;
    let wait = format!("/infrastructures/production/serving?after={}&wait=1", state["tag"].as_str().unwrap());
    // A second's wait gives back what the request took, besides what the second itself refills.
    for _ in 0..3 {
        node.get(&wait).await.ok();
    }
    let mut answered = 0;
    while node.get("/infrastructures/production/serving").await.status == 200 {
        answered += 1;
    }
    assert!(answered >= 59, "{answered} of 60 were left");
    node.get("/infrastructures/production/serving").await.refused(429, "rate_limited");
}
