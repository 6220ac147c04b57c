//! The sign-off sheet of a version: a draft before the decision, then who decided what, and how to verify that.

use serde_json::json;
use testkit::{Scene, TestServer, both};

both! {
    async fn a_sheet_says_who_decided_what_and_how_to_verify_that(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let reader = server.browser_of("scientist").await;
        let address = format!("{}/sheet?round=1", version.path);
        let draft = reader.get(&address).await.text();
        assert!(draft.contains("Draft: no decision yet") && draft.contains("Round 1 has no decision yet: this sheet is a draft."), "{draft}");
        assert!(!reader.get(&version.path).await.text().contains("Sign-off sheet"), "nothing to print yet");

        let comment = "Good.\n<script>alert(1)</script> \u{202e}thgir";
        let tag = scene.approver.etag(&format!("{}/review", version.path)).await;
        let fields = [("decision", "approve"), ("go", "approve"), ("comment", comment), ("if_match", tag.trim_matches('"'))];
        let approver = server.browser_of("approver").await;
        let decided = approver.post(&format!("{}/decision", version.path), &fields).await;
        assert_eq!(decided.status, 303, "{}", decided.text());
        let page = approver.get(&version.path).await.text();
        assert!(page.contains(&format!(r#"<a href="{address}">Sign-off sheet</a>"#)), "what was done names the sheet: {page}");

        let sheet = reader.get(&address).await.text();
        let decision = scene.root.get(&format!("{}/statements", version.path)).await.ok()["items"][0].clone();
        let statement = decision["id"].as_str().unwrap();
        for part in ["Approved", "sig double ok", "<bdi>The approver</bdi>", "&#60;script&#62;alert(1)", "Authors may not approve.", "approved the version", statement] {
            assert!(sheet.contains(part), "{part}: {sheet}");
        }
        assert!(!sheet.contains("<script>alert") && !sheet.contains("this sheet is a draft"), "{sheet}");
        let shown = scene.root.get(&version.path).await.ok();
        let digest: Vec<_> = shown["model_digest"].as_str().unwrap().as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
        assert!(sheet.contains(&digest.join(" ")), "the whole digest, in groups of four: {sheet}");
        let position = scene.root.get("/audit").await.ok()["items"].as_array().unwrap().iter().find(|event| event["type"] == "review.approved").unwrap()["position"].clone();
        assert!(sheet.contains(&format!("countersign audit proof --position {position}")), "{sheet}");

        let data = reader.get(&format!("{}/sheet.json?round=1", version.path)).await;
        assert_eq!((data.status, data.header("content-type")), (200, "application/json"));
        let data: serde_json::Value = serde_json::from_str(&data.text()).unwrap();
        assert_eq!((&data["decisions"][0]["statement"], &data["decisions"][0]["decision"]), (&json!(statement), &json!("approved")), "{data}");
        assert_eq!(data["review"]["decision"]["comment"], comment);

        scene.manager.command(&version, "reset", json!({"comment": "Again."})).await.ok();
        let first = reader.get(&address).await.text();
        assert!(first.contains("sig double ok") && first.contains("round 1 of 2"), "an earlier round keeps its sheet: {first}");
        assert!(reader.get(&format!("{}/sheet", version.path)).await.text().contains("Draft: no decision yet"));
        assert_eq!(reader.get(&format!("{}/sheet?round=9", version.path)).await.status, 404);
        server.person("outsider").await;
        assert_eq!(server.browser_of("outsider").await.get(&address).await.status, 404);
    }

    async fn the_link_of_what_was_done_leads_nowhere_else(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        for (link, shown) in [("/projects", true), ("//evil.example", false), ("https://evil.example", false), ("javascript:alert(1)", false)] {
            let cookie: String = link.bytes().map(|byte| format!("%{byte:02X}")).collect();
            browser.set_cookie("countersign-says", &format!("Done&{cookie}=more"));
            let page = browser.get("/projects").await.text();
            assert_eq!(page.contains(&format!(r#"<a href="{link}">more</a>"#)), shown, "{link}: {page}");
        }
        drop(scene);
    }
}
