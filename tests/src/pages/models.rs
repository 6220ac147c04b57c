//! The page of a model.

use serde_json::json;
use testkit::{IT, Scene, TINY, TestServer, both};

const MODEL: &str = "/projects/diagnosis/models/tumour";

both! {
    async fn a_model_shows_its_versions_where_they_serve_and_their_metrics(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        let empty = browser.get(MODEL).await.text();
        assert!(empty.contains("No version yet.") && empty.contains("countersign version create diagnosis/tumour"), "{empty}");

        for (auc, name) in [(0.91, "auc"), (0.95, "auc"), (0.93, "<b>&")] {
            scene.version_of(TINY, json!({"metrics": {name: auc, "brier": 1.0 - auc}})).await;
        }
        let approved = scene.approved().await;
        scene.operator.deploy("production/tumour", &approved).await.ok();
        let open = scene.version().await;
        scene.scientist.command(&open, "request", json!({})).await.ok();
        scene.itops.feedback(&open, IT, "major_issue").await.ok();

        let page = browser.get(MODEL).await.text();
        for expected in ["5 versions", &open.path, "Waiting for feedback", "IT &#38; Operations: major issue", "1 issue", "0.95", "<figure>", "&#60;b&#62;&#38;"] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        for part in ["production, service tumour", "In policy", "for its viewers", "/infrastructures/production\""] {
            assert!(page.contains(part), "a reader of the project sees where its versions are in service: {part}: {page}");
        }
        let version = browser.get(&open.path).await.text();
        assert!(version.contains("in production on <bdi>production</bdi>"), "the version's page names the same place: {version}");
        let table = page.split("<tbody").last().unwrap();
        assert!(table.find(">v5<").unwrap() < table.find(">v1<").unwrap(), "the newest first: {page}");
        let administrator = server.browser_of("root").await.get(MODEL).await.text();
        assert!(administrator.contains("production, service tumour") && administrator.contains("In policy"), "{administrator}");

        let rows = |page: &str| page.split("<tbody").last().unwrap().matches("<th scope=\"row\"").count();
        for (query, count) in [
            ("?status=approved", 1), ("?status=waiting", 1), ("?status=rejected", 0), ("?status=retired", 0), ("?status=unheard-of", 5),
            ("?q=v2", 1), ("?q=scientist", 5), ("?q=nobody", 0),
        ] {
            let page = browser.get(&format!("{MODEL}{query}")).await.text();
            match count {
                0 => assert!(page.contains("Nothing matches."), "{query}: {page}"),
                _ => assert_eq!(rows(&page), count, "{query}: {page}"),
            }
        }
        let sorted = browser.get(&format!("{MODEL}?sort=-auc")).await.text();
        assert!(sorted.split("<tbody").last().unwrap().find(">v2<") < sorted.split("<tbody").last().unwrap().find(">v1<"), "{sorted}");
        server.person("outsider").await;
        assert_eq!(server.browser_of("outsider").await.get(MODEL).await.status, 404);
    }

    async fn many_versions_come_in_pages(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        server.copies(&version, 60).await;
        let browser = server.browser_of("scientist").await;
        let page = browser.get(MODEL).await.text();
        let next = page.split(&format!("{MODEL}?after=")).nth(1).and_then(|rest| rest.split('"').next());
        let next = next.unwrap_or_else(|| panic!("no next page: {page}"));
        let last = browser.get(&format!("{MODEL}?after={next}")).await.text();
        assert!(last.contains(">v1<") && last.contains("From the beginning"), "{last}");
    }
}
