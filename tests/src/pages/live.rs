//! The stream that tells an open page of changes.

use domain::Duration;
use serde_json::json;
use std::time;
use testkit::{Browser, Scene, TestServer, both};

/// How long a test waits for what must come.
const PATIENCE: time::Duration = time::Duration::from_secs(30);

/// What a stream sends.
struct Stream(reqwest::Response);

impl Stream {
    /// What the page at this address would be told, if it was made now.
    async fn of(server: &TestServer, browser: &Browser, page: &str) -> Self {
        let html = browser.get(page).await.text();
        let (_, from) = html.split_once("data-from=\"").unwrap_or_else(|| panic!("{page} is not live: {html}"));
        let from = from.split_once('"').unwrap().0.replace("&#38;", "&");
        Self(open(server, browser, &from).await)
    }

    /// Waits for the next event; false where the stream ends before one.
    async fn changes(&mut self) -> bool {
        let next = async {
            while let Some(chunk) = self.0.chunk().await.unwrap_or(None) {
                if String::from_utf8_lossy(&chunk).contains("event: changed") {
                    return true;
                }
            }
            false
        };
        tokio::time::timeout(PATIENCE, next).await.expect("neither an event nor an end")
    }
}

async fn open(server: &TestServer, browser: &Browser, path: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("{}{path}", server.url)).header("cookie", browser.cookies());
    request.send().await.unwrap()
}

both! {
    async fn an_open_page_is_told_of_what_it_shows(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let (itops, scientist) = (server.browser_of("itops").await, server.browser_of("scientist").await);
        let mut page = Stream::of(server, &scientist, &version.path).await;
        assert_eq!(page.0.headers()["content-type"], "text/event-stream");
        assert_eq!(page.0.headers()["x-accel-buffering"], "no");
        let mut inbox = Stream::of(server, &itops, "/").await;
        let mut elsewhere = Stream::of(server, &itops, "/projects").await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        assert!(page.changes().await, "the page of the version");
        assert!(inbox.changes().await, "the inbox of a reviewer");
        assert!(elsewhere.changes().await, "the count above another page of the reviewer");
        scene.itops.feedback(&version, testkit::IT, "approve").await.ok();
        assert!(page.changes().await, "the page of the version, once more");
        assert!(inbox.changes().await, "the reviewer's inbox is shorter");
    }

    async fn a_page_that_was_made_before_a_change_is_told_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let scientist = server.browser_of("scientist").await;
        let before = server.log_size().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let path = format!("/live?about=version+diagnosis%2Ftumour%3A{}&since={before}", version.number);
        assert!(Stream(open(server, &scientist, &path).await).changes().await);
    }

    async fn the_health_of_a_node_arrives_without_an_event(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("production/tumour", &version).await.ok();
        let node = server.node("node-1", "production").await;
        let operator = server.browser_of("operator").await;
        let mut page = Stream::of(server, &operator, "/infrastructures/production").await;
        assert!(open(server, &operator, "/live?about=infrastructure+production&since=1000000&seconds=0").await.text().await.unwrap().is_empty());
        node.report("production", "node-1", json!({"url": "http://127.0.0.1:1", "software": "countersign 1", "started_at": "2026-01-05T09:00:00Z", "services": []})).await.ok();
        assert!(page.changes().await);
    }

    async fn nobody_is_told_of_what_they_may_not_see(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        server.person("stranger").await;
        let stranger = server.browser_of("stranger").await;
        let before = server.log_size().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        for about in [format!("version+diagnosis%2Ftumour%3A{}", version.number), "infrastructure+production".to_owned()] {
            let path = |since: u64| format!("/live?about={about}&since={since}&seconds=0");
            let told = open(server, &stranger, &path(server.log_size().await)).await;
            assert_eq!((told.status().as_u16(), told.text().await.unwrap()), (200, String::new()), "{about}");
            // What was missed makes the page look again, whatever happened: it tells of nothing.
            let late = open(server, &stranger, &path(before)).await.text().await.unwrap();
            assert!(late.matches("event:").count() <= 1 && !late.contains("tumour"), "{late}");
        }
    }

    async fn a_wrong_subject_and_a_stranger_are_refused(server: &TestServer) {
        server.person("scientist").await;
        let scientist = server.browser_of("scientist").await;
        for (query, status) in [("about=everything&since=0", 422), ("about=inbox", 422), ("about=inbox&since=-1", 422), ("about=inbox&since=0&x=1", 422)] {
            let answer = open(server, &scientist, &format!("/live?{query}")).await;
            assert_eq!(answer.status().as_u16(), status, "{query}");
        }
        let answer = open(server, &server.browser(), "/live?about=inbox&since=0").await;
        assert_eq!(answer.status().as_u16(), 401);
    }

    async fn a_page_left_open_keeps_no_session_alive(server: &TestServer) {
        server.person("scientist").await;
        let scientist = server.browser_of("scientist").await;
        scientist.get("/").await;
        let idle = server.app.settings.limits.browser_session_idle;
        let half = Duration::from_seconds((idle.micros() / 1_500_000) as u32);
        server.clock.advance(half);
        let path = "/live?about=inbox&since=1000000&seconds=0";
        assert_eq!(open(server, &scientist, path).await.status().as_u16(), 200);
        let again = reqwest::Client::new().get(format!("{}/", server.url)).header("cookie", scientist.cookies());
        assert_eq!(again.header("countersign-live", "1").send().await.unwrap().status().as_u16(), 200);
        server.clock.advance(half);
        assert_eq!(scientist.get("/").await.status, 303, "neither the stream nor the page's own look was a use");
    }

    async fn a_session_that_ends_ends_its_streams_and_no_session_takes_all(server: &TestServer) {
        server.person("scientist").await;
        let scientist = server.browser_of("scientist").await;
        let mut streams = Vec::new();
        for _ in 0..10 {
            streams.push(Stream::of(server, &scientist, "/projects").await);
        }
        let path = "/live?about=counts&since=1000000";
        let refused = open(server, &scientist, path).await;
        assert_eq!(refused.status().as_u16(), 429);
        assert!(refused.headers().contains_key("retry-after"));
        scientist.post("/signout", &[]).await;
        for stream in &mut streams {
            while stream.changes().await {}
        }
    }
}
