//! The forms of a project's members and rules.

use serde_json::json;
use testkit::{Scene, TestServer, both};

const MEMBERS: &str = "/projects/diagnosis/members";
const RULES: &str = "/projects/diagnosis/rules";

both! {
    async fn a_manager_gives_and_takes_roles_and_stays_the_last_one(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.delete("/projects/diagnosis/members/root").await.ok();
        let browser = server.browser_of("manager").await;
        let send = async |member: &str, role: &str, go: &str| browser.post(MEMBERS, &[("go", go), ("member", member), ("role", role)]).await;
        let page = browser.get(MEMBERS).await.text();
        assert!(page.contains("The last manager stays: appoint another one first."), "{page}");
        let last = send("user:manager", "reader", "set").await;
        assert_eq!(last.status, 409, "{}", last.text());
        assert!(last.text().contains("last manager of the project"), "{}", last.text());

        let unknown = send("group:nobody", "manager", "set").await;
        assert_eq!(unknown.status, 422, "{}", unknown.text());
        assert!(unknown.text().contains("There is no group “nobody”") && unknown.text().contains(r#"value="group:nobody""#), "{}", unknown.text());
        assert!(unknown.text().contains(r#"value="manager" required checked"#), "the role is kept: {}", unknown.text());
        let again = browser.post(MEMBERS, &[("go", "again"), ("member", "group:risk"), ("role", "reader"), ("go", "set")]).await;
        assert_eq!(again.status, 200, "the first button counts: {}", again.text());

        let saved = send("group:risk", "manager", "set").await;
        assert_eq!((saved.status, saved.header("location")), (303, MEMBERS), "{}", saved.text());
        let page = browser.get(MEMBERS).await.text();
        assert!(page.contains("The members are saved.") && !page.contains("The last manager stays"), "{page}");
        assert_eq!(send("group:risk", "", "remove").await.status, 303);
        let members = scene.root.get("/projects/diagnosis").await.ok()["members"].clone();
        assert_eq!(members.as_array().unwrap().iter().filter(|one| one["member"] == "group:risk").count(), 0, "{members}");

        let scientist = server.browser_of("scientist").await;
        let page = scientist.get(MEMBERS).await.text();
        assert!(page.contains("You cannot change the members") && !page.contains("Give the role"), "{page}");
        assert_eq!(scientist.post(MEMBERS, &[("go", "set"), ("member", "scientist"), ("role", "manager")]).await.status, 403);
    }

    async fn a_manager_changes_the_rules_with_a_reason(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("manager").await;
        let tag = async || scene.manager.etag("/projects/diagnosis").await.trim_matches('"').to_owned();
        let seen = tag().await;
        let text = "Two people are away.\n<script>alert(1)</script>";
        let send = async |tag: &str, reason: &str, length: &str| {
            let fields = [("go", "save"), ("tag", tag), ("author", "1"), ("delegation", "1"), ("valid_for", length), ("reason", reason)];
            browser.post(RULES, &fields).await
        };
        let without = send(&seen, "", "180d").await;
        assert_eq!(without.status, 422, "{}", without.text());
        assert!(without.text().contains(r#"name="author" value="1" checked"#) && without.text().contains(r#"value="180d""#), "{}", without.text());
        let wrong = send(&seen, text, "soon").await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        assert!(wrong.text().contains("&#60;script&#62;alert(1)") && wrong.text().contains(r#"value="soon""#), "{}", wrong.text());
        let saved = send(&seen, text, "180d").await;
        assert_eq!((saved.status, saved.header("location")), (303, RULES), "{}", saved.text());
        let rules = scene.root.get("/projects/diagnosis").await.ok()["rules"].clone();
        assert_eq!((&rules["author_may_approve"], &rules["approval_valid_for"]), (&json!(true), &json!("180d")), "{rules}");
        let late = send(&seen, text, "90d").await;
        assert_eq!(late.status, 409, "{}", late.text());
        assert!(late.text().contains("changed while you wrote") && late.text().contains(r#"value="90d""#), "{}", late.text());
        assert_eq!(send(&tag().await, text, "90d").await.status, 303);

        let metrics = async |higher: &str, lower: &str| {
            let (tag, reason) = (tag().await, "Hours count.");
            let fields = [("go", "save"), ("tag", &*tag), ("delegation", "1"), ("reason", reason), ("higher", higher), ("lower", lower)];
            browser.post(RULES, &fields).await
        };
        let twice = metrics("hours", "hours\r\ndose").await;
        assert_eq!(twice.status, 422, "{}", twice.text());
        assert!(twice.text().contains("The metric `hours` stands in two lists") && twice.text().contains(">hours\ndose</textarea>"), "{}", twice.text());
        assert_eq!(metrics("", " hours \r\n\r\ndose").await.status, 303);
        let rules = scene.root.get("/projects/diagnosis").await.ok()["rules"].clone();
        assert_eq!(rules["metrics"], json!({"dose": "lower", "hours": "lower"}), "{rules}");
        let project = browser.get("/projects/diagnosis").await.text();
        assert!(project.contains(r#"<bdi class="mono">hours</bdi> <span class="quiet small">lower is better"#), "{project}");
        assert!(server.browser_of("scientist").await.get(RULES).await.text().contains("You cannot change the rules"));
    }
}
