//! The form of a project's reviewers.

use testkit::{Scene, TestServer, both};

const PAGE: &str = "/projects/diagnosis/reviewers";

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let field = format!(r#"name="{name}" value=""#);
    page.split(&field).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {name}: {page}")).to_owned()
}

both! {
    async fn a_manager_tries_reviewers_out_and_saves_them(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("manager").await;
        let page = browser.get(PAGE).await.text();
        let tag = hidden(&page, "tag");
        assert!(page.contains("Can answer now: <bdi>The riskofficer</bdi>"), "{page}");

        let kept = [("tag", tag.as_str()), ("slot", "Risk"), ("assigned-0", "group:risk"), ("slot", "Ethics"), ("assigned-final", "user:approver")];
        let send = async |more: &[(&str, &str)]| browser.post(PAGE, &[&kept[..], more].concat()).await;
        let draft = send(&[("assign-1", "group:nobody"), ("add", "1")]).await;
        assert_eq!(draft.status, 200);
        assert!(draft.text().contains("there is no group “nobody”") && draft.text().contains("Nobody can answer now."), "{}", draft.text());
        let draft = send(&[("assign-1", "role:manager"), ("add", "1")]).await.text();
        assert!(draft.contains(r#"name="assigned-1" value="role:manager""#) && !draft.contains("Nobody can answer now."), "{draft}");
        let moved = send(&[("up", "1")]).await.text();
        assert!(moved.find(r#"value="Ethics""#) < moved.find(r#"value="Risk""#), "{moved}");
        let removed = send(&[("remove", "0 group:risk")]).await.text();
        assert!(!removed.contains(r#"value="group:risk" "#) && !removed.contains(r#"name="assigned-0""#), "{removed}");
        assert!(!send(&[("drop", "0")]).await.text().contains(r#"value="Risk""#));
        let again = send(&[("go", "again"), ("go", "save")]).await;
        assert_eq!(again.status, 200, "the first button counts: {}", again.text());
        let before = scene.manager.get("/projects/diagnosis/reviewers").await.ok();
        assert_eq!(before["slots"].as_array().unwrap().len(), 3, "nothing of a draft is kept");

        let twice = browser.post(PAGE, &[("tag", &tag), ("slot", "Risk"), ("slot", "risk"), ("assigned-final", "user:approver"), ("go", "save")]).await;
        assert_eq!(twice.status, 422, "{}", twice.text());
        assert!(twice.text().contains("There are two slots"), "{}", twice.text());
        let saved = send(&[("assigned-1", "role:manager"), ("go", "save")]).await;
        assert_eq!((saved.status, saved.header("location")), (303, PAGE), "{}", saved.text());
        assert!(browser.get(PAGE).await.text().contains("The reviewers are saved."));
        let after = scene.manager.get("/projects/diagnosis/reviewers").await.ok();
        assert_eq!(after["slots"][1]["assigned"][0], "role:manager");

        let late = send(&[("go", "save")]).await;
        assert_eq!(late.status, 409, "{}", late.text());
        assert!(late.text().contains("changed while you wrote") && late.text().contains(r#"value="Ethics""#), "{}", late.text());
    }

    async fn who_is_no_manager_reads_the_reviewers_and_changes_none(server: &TestServer) {
        Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        let page = browser.get(PAGE).await.text();
        assert!(page.contains("You cannot change the reviewers") && !page.contains("Save the reviewers"), "{page}");
        let refused = browser.post(PAGE, &[("assigned-final", "user:scientist"), ("go", "save"), ("tag", "p2")]).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        server.person("outsider").await;
        assert_eq!(server.browser_of("outsider").await.get(PAGE).await.status, 404);
    }
}
