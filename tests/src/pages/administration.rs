//! What administrators keep, by forms alone: accounts with their invitations, groups, tokens; and one's own tokens, colours and keys.

use serde_json::json;
use testkit::{PASSWORD, Scene, TestServer, both};

/// The secret that a page shows once.
fn shown(page: &str) -> String {
    let code = page.split(r#"<div class="code"><pre tabindex="0">"#).nth(1).unwrap_or_else(|| panic!("no secret: {page}"));
    code.split('<').next().unwrap().to_owned()
}

both! {
    async fn an_administrator_invites_closes_and_opens_again(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("root").await;
        assert!(browser.get("/").await.text().contains("People, groups and tokens"));
        let name = "<i>New</i> person";
        let invite = [("go", "invite"), ("name", "newcomer"), ("display_name", name), ("email", "newcomer@example.org"), ("role", "user")];
        let taken = browser.post("/admin/users", &[("go", "invite"), ("name", "approver"), ("display_name", name), ("role", "auditor")]).await;
        assert_eq!(taken.status, 409, "{}", taken.text());
        assert!(taken.text().contains("&#60;i&#62;New") && taken.text().contains(r#"<option value="auditor" selected"#), "{}", taken.text());
        let turned = browser.post("/admin/users", &[("go", "invite"), ("name", "newcomer"), ("display_name", "New \u{202e}nosrep"), ("role", "user")]).await;
        assert_eq!(turned.status, 422, "a name turns no reading direction: {}", turned.text());
        assert!(turned.text().contains(r#"name="name" value="newcomer""#), "{}", turned.text());
        let invited = browser.post("/admin/users", &invite).await;
        assert_eq!(invited.status, 200, "{}", invited.text());
        let link = shown(&invited.text());
        let path = link.strip_prefix("https://countersign.example").unwrap_or_else(|| panic!("{link} is no whole address"));
        assert!(!browser.get("/admin/users/newcomer").await.text().contains("csi_"), "the link is shown once");
        assert!(browser.get("/admin/users").await.text().contains("Invited"));
        let person = server.browser();
        assert_eq!(person.post(path, &[("password", PASSWORD)]).await.status, 303);
        assert_eq!(person.get("/account").await.status, 200);

        let user = "/admin/users/newcomer";
        let wrong = browser.post(user, &[("go", "save"), ("display_name", name), ("email", "no mail"), ("role", "user")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        assert!(wrong.text().contains(r#"value="no mail""#), "{}", wrong.text());
        let saved = browser.post(user, &[("go", "save"), ("display_name", "Newcomer"), ("email", ""), ("role", "auditor")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        let view = scene.root.get("/users/newcomer").await.ok();
        assert_eq!((&view["display_name"], &view["role"], view.get("email")), (&json!("Newcomer"), &json!("auditor"), None));
        assert_eq!(browser.post(user, &[("go", "again"), ("go", "close")]).await.status, 200, "the first button counts");
        assert_eq!(browser.post(user, &[("go", "close")]).await.status, 303);
        assert_eq!(person.get("/account").await.status, 303, "a closed account is signed out");
        let page = browser.get(user).await.text();
        assert!(page.contains("Closed") && page.contains("Open the account of newcomer again"), "{page}");
        assert_eq!(browser.post(user, &[("go", "reopen")]).await.status, 303);
        assert_eq!(server.browser().sign_in("newcomer").await.status, 303);

        let last = browser.post("/admin/users/root", &[("go", "save"), ("display_name", "Root"), ("role", "user")]).await;
        assert_eq!(last.status, 409, "{}", last.text());
        for page in ["/admin/users", "/admin/users/approver", "/admin/groups", "/admin/tokens", "/admin/mail"] {
            assert_eq!(server.browser_of("manager").await.get(page).await.status, 403, "{page}");
        }
    }

    async fn an_administrator_keeps_groups(server: &TestServer) {
        let scene = Scene::set(server).await;
        let browser = server.browser_of("root").await;
        let send = async |fields: &[(&str, &str)]| browser.post("/admin/groups", fields).await;
        assert_eq!(send(&[("go", "create"), ("name", "ethics")]).await.status, 303);
        let taken = send(&[("go", "create"), ("name", "ethics")]).await;
        assert_eq!(taken.status, 409, "{}", taken.text());
        assert!(taken.text().contains(r#"value="ethics""#), "{}", taken.text());
        let unknown = send(&[("go", "add"), ("group", "ethics"), ("user", "nobody")]).await;
        assert_eq!(unknown.status, 422, "{}", unknown.text());
        assert!(unknown.text().contains("There is no user “nobody”") && unknown.text().contains(r#"name="user" value="nobody""#), "{}", unknown.text());
        assert_eq!(send(&[("go", "add"), ("group", "ethics"), ("user", "business")]).await.status, 303);
        assert_eq!(scene.root.get("/groups/ethics").await.ok()["members"], json!(["business"]));
        assert_eq!(send(&[("go", "again"), ("group", "ethics"), ("user", ""), ("remove", "business")]).await.status, 303);
        assert_eq!(scene.root.get("/groups/ethics").await.ok()["members"], json!([]));
        assert!(browser.get("/admin/groups").await.text().contains("Nobody is in this group."));
    }

    async fn tokens_are_shown_once_and_end(server: &TestServer) {
        let scene = Scene::set(server).await;
        let root = server.browser_of("root").await;
        let wrong = root.post("/admin/tokens", &[("go", "create"), ("service", "pipeline"), ("label", "<b>CI</b>"), ("expires_in", "soon"), ("scope", "read")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        assert!(wrong.text().contains("&#60;b&#62;CI") && wrong.text().contains(r#"value="soon""#), "{}", wrong.text());
        let made = root.post("/admin/tokens", &[("go", "create"), ("service", "pipeline"), ("label", "<b>CI</b>"), ("expires_in", "90d"), ("scope", "read"), ("scope", "gate")]).await;
        assert_eq!(made.status, 200, "{}", made.text());
        let token = shown(&made.text());
        let service = scene.root.with_token("pipeline", &token);
        assert_eq!(service.get("/me").await.ok()["name"], "pipeline");
        let list = root.get("/admin/tokens?service=pipeline").await.text();
        assert!(!list.contains(&token) && list.contains("read, gate"), "{list}");
        let id = list.split(r#"name="token" value=""#).nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(root.post("/admin/tokens", &[("go", "end"), ("token", id), ("service", "pipeline")]).await.status, 303);
        assert_eq!(service.get("/me").await.status, 401);

        let scientist = server.browser_of("scientist").await;
        let none = scientist.post("/account/tokens", &[("go", "create"), ("label", "laptop")]).await;
        assert_eq!(none.status, 422, "{}", none.text());
        assert!(none.text().contains(r#"value="laptop""#), "{}", none.text());
        let made = scientist.post("/account/tokens", &[("go", "create"), ("label", "laptop"), ("scope", "read")]).await;
        let own = scene.root.with_token("scientist", &shown(&made.text()));
        assert_eq!(own.get("/me").await.ok()["name"], "scientist");
        assert!(scientist.get("/account").await.text().contains("<bdi>laptop</bdi>"));
    }

    async fn the_server_keeps_colours_and_keys(server: &TestServer) {
        Scene::set(server).await;
        let browser = server.browser_of("scientist").await;
        assert!(!browser.get("/").await.text().contains("data-keys="));
        assert_eq!(browser.post("/account/keys", &[("keys", "off")]).await.status, 303);
        assert_eq!(browser.post("/account/colours", &[("colours", "dark")]).await.status, 303);
        let page = browser.get("/account").await.text();
        assert!(page.contains(r#"data-theme="dark" data-keys="off""#) && page.contains("Switch them on") && !page.contains("Keyboard <kbd>"), "{page}");
        assert_eq!(browser.post("/account/keys", &[("keys", "on")]).await.status, 303);
        assert!(!browser.get("/account").await.text().contains("data-keys="));
    }
}
