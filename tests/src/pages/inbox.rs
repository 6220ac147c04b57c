//! The inbox as a page.

use serde_json::json;
use testkit::{IT, Scene, TestServer, both};

both! {
    async fn the_page_shows_what_waits_and_why(server: &TestServer) {
        let scene = Scene::set(server).await;
        let approver = server.browser_of("approver").await;
        let empty = approver.get("/").await.text();
        assert!(empty.contains("Nothing waits for you.") && empty.contains("No decision waits for you."), "{empty}");
        assert!(empty.contains("<title>Inbox"), "{empty}");
        let version = scene.requested().await;
        let page = approver.get("/").await.text();
        assert!(page.contains(&format!(r#"href="{}""#, version.path)) && page.contains("<title>(1) Inbox"), "{page}");
        assert!(page.contains("One thing waits for you, for less than a minute."), "{page}");
        let filtered = approver.get("/?q=nothing-like-it").await.text();
        assert!(filtered.contains("One thing waits for you."), "{filtered}");
        assert!(filtered.contains("Nothing here matches “nothing-like-it”.") && !filtered.contains(&version.path), "{filtered}");
        for words in ["tumour%3A1", "DIAGNOSIS", "the+approver+tumour"] {
            assert!(approver.get(&format!("/?q={words}")).await.text().contains(&version.path), "by version, project and person: {words}");
        }
        assert!(page.contains("Requested by <bdi>The scientist</bdi>."), "{page}");
        let scientist = server.browser_of("scientist").await.get("/").await.text();
        assert!(scientist.contains("<title>Inbox") && scientist.contains(&version.path), "who asked waits on others: {scientist}");
    }
    async fn each_row_has_the_sign_off_in_small_and_follows_the_answers(server: &TestServer) {
        let scene = Scene::set(server).await;
        let business = server.browser_of("business").await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let asked = business.get("/").await.text();
        assert!(asked.contains("IT &#38; Operations: no answer yet") && asked.contains("0 of 3 answered"), "{asked}");
        scene.itops.feedback(&version, IT, "major_issue").await.ok();
        let answered = business.get("/").await.text();
        assert!(answered.contains("IT &#38; Operations: major issue") && answered.contains("1 major"), "{answered}");
        let item = scene.business.get("/inbox").await.ok()["give_feedback"][0].clone();
        assert_eq!(item["slots"][0], json!({"name": IT, "verdict": "major_issue", "is_stale": false}), "{item}");
    }
}
