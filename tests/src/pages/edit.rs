//! The form that changes what a version says of itself, and the link that gives a file.

use serde_json::json;
use testkit::{IT, Scene, TINY, TestServer, both};

both! {
    async fn a_contributor_changes_fields_and_answers_become_stale_only_for_what_was_touched(server: &TestServer) {
        let scene = Scene::set(server).await;
        let fields = json!({
            "metrics": {"auc": 0.5}, "params": {"a=b": "two\nlines"}, "notes": "\n# Notes\r\n", "authors": ["A colleague"],
            "source": {"data": "wdbc"}, "signature": {"inputs": []},
        });
        let version = scene.version_of(TINY, fields.clone()).await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "approve").await.ok();
        let browser = server.browser_of("scientist").await;
        assert!(browser.get(&version.path).await.text().contains("Change the fields"));
        let edit = format!("{}/edit", version.path);
        let page = browser.get(&edit).await.text();
        assert!(page.contains("1 answer of this review becomes stale") && page.contains("auc = 0.5"), "{page}");
        let tag = page.split(r#"name="if_match" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();

        let typed = [
            ("if_match", tag.as_str()), ("metrics", "auc = 0.5\r\n"), ("params", "{\r\n  \"a=b\": \"two\\nlines\"\r\n}"), ("notes", "\r\n# Notes\r\n"),
            ("authors", "A colleague"), ("data", "wdbc"), ("tags", ""), ("go", "change"),
        ];
        let same = browser.post(&edit, &typed).await;
        assert_eq!((same.status, same.header("location")), (303, version.path.as_str()), "{}", same.text());
        let now = scene.scientist.get(&version.path).await.ok();
        assert_eq!((&now["fields"]["notes"], &now["revision"]), (&json!("\n# Notes\r\n"), &json!(1)), "nothing was touched: {now}");

        let with = |field: &'static str, text: &'static str| typed.map(|(name, value)| if name == field { (name, text) } else { (name, value) });
        let wrong = browser.post(&edit, &with("metrics", "auc = <b>")).await;
        assert!(wrong.status == 422 && wrong.text().contains("auc = &#60;b&#62;</textarea>"), "{}", wrong.text());
        assert_eq!(browser.post(&edit, &with("metrics", "auc = 0.9")).await.status, 303);
        let now = scene.scientist.get(&version.path).await.ok();
        assert_eq!((&now["fields"]["metrics"]["auc"], &now["fields"]["params"]), (&json!(0.9), &fields["params"]));
        assert_eq!(now["fields"]["signature"], fields["signature"], "the form has no signature, and leaves it");
        let review = scene.scientist.review(&version).await;
        assert_eq!(review["slots"][0]["answers"][0]["stale"], true, "{review}");

        let late = browser.post(&edit, &with("notes", "Mine.")).await;
        let page = late.text();
        assert!(late.status == 412 && page.contains("Changed while you wrote") && page.contains("metrics.auc") && page.contains("Mine.</textarea>"), "{page}");
    }

    async fn the_form_says_who_cannot_change_fields_and_why(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (open, approved) = (scene.version().await, scene.approved().await);
        let edit = format!("{}/edit", open.path);
        let reviewer = server.browser_of("business").await;
        let page = reviewer.get(&edit).await.text();
        assert!(page.contains(r#"class="barred""#) && !page.contains("<textarea"), "{page}");
        assert!(!reviewer.get(&open.path).await.text().contains("Change the fields"));
        assert_eq!(reviewer.post(&edit, &[("notes", "x"), ("if_match", "v1"), ("go", "change")]).await.status, 403);
        let scientist = server.browser_of("scientist").await;
        let page = scientist.get(&format!("{}/edit", approved.path)).await.text();
        assert!(page.contains(r#"class="barred""#) && !page.contains("<textarea"), "an approval covers the fields: {page}");
    }

    async fn a_file_is_saved_from_the_page(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version_of(&[("model.onnx", b"\x08\x08"), ("conf/größe 1.txt", b"one")], json!({})).await;
        let browser = server.browser_of("business").await;
        let page = browser.get(&format!("{}/files", version.path)).await.text();
        let link = page.split(r#"href=""#).find(|part| part.contains("/download?name=conf")).unwrap().split('"').next().unwrap().to_owned();
        let file = browser.get(&link).await;
        assert_eq!((file.status, file.text().as_str()), (200, "one"));
        assert!(file.header("content-disposition").starts_with("attachment;"), "{}", file.header("content-disposition"));
        assert_eq!(browser.get(&format!("{}/download?name=none", version.path)).await.status, 404);
        server.person("outsider").await;
        assert_eq!(server.browser_of("outsider").await.get(&link).await.status, 404);
    }
}
