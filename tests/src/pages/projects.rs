//! The projects and the page of one.

use reqwest::Method;
use serde_json::json;
use testkit::{Scene, TestServer, both};

both! {
    async fn a_project_shows_its_models_its_people_and_what_is_out_of_policy(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        let empty = browser.get("/projects/diagnosis").await.text();
        for expected in ["Tumour diagnosis", "none yet", "until it is revoked", "<bdi>The approver</bdi>", "nothing"] {
            assert!(empty.to_lowercase().contains(&expected.to_lowercase()), "{expected}: {empty}");
        }
        let open = scene.requested().await;
        let served = scene.approved().await;
        scene.operator.deploy("production/tumour", &served).await.ok();
        scene.approver.revoke(&served).await.ok();
        scene.scientist.post("/projects/diagnosis/models", json!({"name": "a-second"})).await.ok();

        let mine = browser.get("/projects").await.text();
        assert!(mine.contains("<bdi>Tumour diagnosis</bdi>") && mine.contains("1 review open"), "{mine}");
        let page = browser.get("/projects/diagnosis").await.text();
        for expected in ["2 models, 2 versions", &open.path, &served.path, "v1 waits", "Revoked"] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        let lately = page.split(r#"id="act-h""#).nth(1).unwrap().split("</ol>").next().unwrap();
        let told = ["put a deployment out of policy", "revoked the approval", "changed a deployment", "approved the version"];
        let places: Vec<_> = told.iter().map(|words| lately.find(words).unwrap_or_else(|| panic!("{words}: {lately}"))).collect();
        assert!(places.is_sorted(), "the last first: {lately}");
        assert!(!lately.contains("The whole record"), "a contributor does not read the record: {lately}");
        assert!(page.contains("Out of policy"), "a reader of the project sees where its versions are in service: {page}");
        let administrator = server.browser_of("root").await.get("/projects/diagnosis").await.text();
        let place = |text: &str| administrator.find(text).unwrap_or_else(|| panic!("{text}: {administrator}"));
        assert!(place("Out of policy") < place(">a-second<"), "out of policy first: {administrator}");

        let models = |page: String| page.split(r#"id="act-h""#).next().unwrap().to_owned();
        let filtered = models(browser.get("/projects/diagnosis?q=second").await.text());
        assert!(filtered.contains(">a-second<") && !filtered.contains(">tumour<"), "{filtered}");
        let waiting = browser.get("/projects/diagnosis?status=waiting").await.text();
        assert!(waiting.contains("Nothing matches."), "the newest version is revoked: {waiting}");
        let sorted = models(browser.get("/projects/diagnosis?sort=-name").await.text());
        assert!(sorted.find(">tumour<").unwrap() < sorted.find(">a-second<").unwrap(), "{sorted}");
        assert!(sorted.contains(r#"aria-sort="descending""#), "{sorted}");

        server.person("outsider").await;
        let outsider = server.browser_of("outsider").await;
        assert_eq!(outsider.get("/projects/diagnosis").await.status, 404);
        assert!(outsider.get("/projects").await.text().contains("No project yet."));
    }

    async fn a_slot_that_nobody_can_fill_is_said_in_red(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.post("/groups", json!({"name": "ethics"})).await.ok();
        let slots = json!([{"name": "<b>Ethics</b>", "assigned": ["group:ethics"]}]);
        let body = json!({"slots": slots, "approvers": ["user:approver"]});
        scene.manager.change(Method::PUT, "/projects/diagnosis/reviewers", body).await.ok();
        let browser = server.browser_of("manager").await;
        let page = browser.get("/projects/diagnosis").await.text();
        assert!(page.contains("<bdi>&#60;b&#62;Ethics&#60;/b&#62;</bdi>") && page.contains("nobody can answer"), "{page}");
        let all = browser.get("/projects").await.text();
        assert!(all.contains("nobody can answer in 1"), "{all}");
    }
}
