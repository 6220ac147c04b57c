//! The inbox as a page.

use testkit::{Scene, TestServer, both};

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
        let filtered = approver.get("/?q=nothing-like-it").await.text();
        assert!(filtered.contains("Nothing here matches “nothing-like-it”.") && !filtered.contains(&version.path), "{filtered}");
        let scientist = server.browser_of("scientist").await.get("/").await.text();
        assert!(scientist.contains("<title>Inbox") && scientist.contains(&version.path), "who asked waits on others: {scientist}");
    }
}
