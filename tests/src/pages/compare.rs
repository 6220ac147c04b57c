//! Two versions side by side, as a page.

use serde_json::json;
use testkit::{Scene, TestServer, both};

const MODEL: &str = "/projects/diagnosis/models/tumour";

both! {
    async fn the_page_shows_what_got_worse_first_and_what_breaks_callers(server: &TestServer) {
        let scene = Scene::set(server).await;
        let old = json!({
            "metrics": {"auc": 0.971, "brier": 0.064}, "params": {"depth": "6", "seed": "1"},
            "signature": {"inputs": [{"name": "age", "type": "float32"}]}, "notes": "Before.",
        });
        let new = json!({
            "metrics": {"auc": 0.98, "brier": 0.0711}, "params": {"depth": "<script>8</script>", "seed": "1"},
            "signature": {"inputs": [{"name": "age", "type": "float32"}, {"name": "ki67", "type": "float32"}]}, "notes": "<img src=x>",
        });
        scene.version_of(&[("model.onnx", b"one")], old).await;
        scene.version_of(&[("model.onnx", b"two")], new).await;
        let browser = server.browser_of("scientist").await;

        let chosen = browser.get(&format!("{MODEL}/compare")).await;
        assert_eq!((chosen.status, chosen.header("location")), (303, format!("{MODEL}/compare/1...2").as_str()), "the two newest");
        let chosen = browser.get(&format!("{MODEL}/compare?with=2&version=1")).await;
        assert_eq!(chosen.header("location"), format!("{MODEL}/compare/2...1"));

        let page = browser.get(&format!("{MODEL}/compare/1...2")).await.text();
        for expected in [
            "1 worse, 1 better", "0.0640", "0.0711", "+0.0071", "1 of 2 differs", "Breaking", "1 parameter that is equal",
            "<ins><bdi>&#60;script&#62;8&#60;/script&#62;</bdi></ins>", "&lt;img src=x&gt;", "1 of 1 differs",
        ] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
        assert!(place(">brier<") < place(">auc<"), "the worse first: {page}");

        let same = browser.get(&format!("{MODEL}/compare/2...2")).await.text();
        assert!(same.contains("These two have the same bytes and fields."), "{same}");
        for nowhere in ["compare/1...9", "compare/1", "compare/a...b"] {
            let reply = browser.get(&format!("{MODEL}/{nowhere}")).await;
            assert_eq!(reply.status, 404, "{nowhere}: {}", reply.text());
        }
        server.person("outsider").await;
        let outside = server.browser_of("outsider").await.get(&format!("{MODEL}/compare/1...2")).await;
        assert_eq!(outside.status, 404, "{}", outside.text());
    }
}
