//! Signing in with a browser, and out: one lands where the link led, and nowhere else.

use serde_json::json;
use testkit::{Backend, Options, PASSWORD, Scene, TestServer, both};

both! {
    async fn one_lands_where_the_link_led(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        let browser = server.browser();
        let sent = browser.get(&format!("{}?round=1", version.path)).await;
        assert_eq!(sent.status, 303);
        let door = sent.header("location").to_owned();
        assert!(door.starts_with("/signin?then=%2Fprojects%2Fdiagnosis"), "{door}");
        let page = browser.get(&door).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains(&format!(r#"name="then" value="{}?round=1""#, version.path)), "{}", page.text());
        let fields = [("user", "scientist"), ("password", PASSWORD), ("then", &version.path)];
        let entered = browser.post("/signin", &fields).await;
        assert_eq!((entered.status, entered.header("location")), (303, version.path.as_str()));
        let cookie = entered.header("set-cookie");
        assert!(cookie.starts_with("__Host-countersign=csb_"), "{cookie}");
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=604800"] {
            assert!(cookie.contains(part), "{cookie} lacks {part}");
        }
        assert!(browser.get(&version.path).await.text().contains("tumour"));
        assert_eq!(browser.get(&door).await.header("location"), format!("{}?round=1", version.path), "who is signed in needs no door");
    }

    async fn no_link_leads_to_another_server(server: &TestServer) {
        server.person("scientist").await;
        for then in [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "\\evil.example",
            "javascript:alert(1)",
            "/ok\nSet-Cookie: a=b",
            "evil.example",
            "/\t/evil.example",
            "",
        ] {
            let browser = server.browser();
            let fields = [("user", "scientist"), ("password", PASSWORD), ("then", then)];
            let entered = browser.post("/signin", &fields).await;
            assert_eq!((entered.status, entered.header("location")), (303, "/"), "{then:?}");
        }
    }

    async fn a_wrong_password_does_not_say_which_was_wrong(server: &TestServer) {
        server.person("scientist").await;
        let browser = server.browser();
        let mut texts = Vec::new();
        for (user, password) in [("scientist", "not the password"), ("nobody", PASSWORD), ("No Name!", PASSWORD), ("", "")] {
            let refused = browser.post("/signin", &[("user", user), ("password", password), ("then", "/record")]).await;
            assert_eq!(refused.status, 401, "{user}");
            let text = refused.text();
            assert!(text.contains("Name or password is wrong.") && text.contains("<title>Error: Sign in"), "{text}");
            assert!(text.contains(r#"name="then" value="/record""#) && !text.contains("not the password"), "{text}");
            assert_eq!(refused.header("set-cookie"), "");
            texts.push(text.replace(&format!(r#"value="{user}""#), ""));
        }
        assert_eq!(texts[0].len(), texts[1].len());
    }

    async fn a_closed_account_is_told_so_only_after_the_right_password(server: &TestServer) {
        server.person("scientist").await;
        server.administrator().await.patch("/users/scientist", json!({"active": false})).await.ok();
        let browser = server.browser();
        let wrong = browser.post("/signin", &[("user", "scientist"), ("password", "wrong password")]).await.text();
        assert!(wrong.contains("Name or password is wrong."), "{wrong}");
        let right = browser.post("/signin", &[("user", "scientist"), ("password", PASSWORD)]).await.text();
        assert!(right.contains("This account is closed; ask an administrator."), "{right}");
    }

    async fn an_invitation_sets_the_password_and_signs_in(server: &TestServer) {
        let root = server.administrator().await;
        let invited = root.post("/users", json!({"name": "new", "display_name": "A <b>new</b> one"})).await.ok();
        let code = invited["invitation"].as_str().unwrap();
        let (address, browser) = (format!("/invitation/{code}"), server.browser());
        let named = browser.get(&format!("/invitation?code={code}")).await;
        assert_eq!((named.status, named.header("location")), (303, address.as_str()));
        assert_eq!(browser.get(&address).await.status, 200);
        let short = browser.post(&address, &[("password", "short")]).await;
        assert!(short.status == 422 && short.text().contains("The password is too short"), "{}", short.text());
        let entered = browser.post(&address, &[("password", PASSWORD)]).await;
        assert_eq!((entered.status, entered.header("location")), (303, "/"));
        let inbox = browser.get("/").await.text();
        assert!(inbox.contains("A &#60;b&#62;new&#60;/b&#62; one") && !inbox.contains("<b>new"), "{inbox}");
        let again = server.browser().post(&address, &[("password", PASSWORD)]).await;
        assert!(again.text().contains("This invitation was used, replaced or has ended."), "{}", again.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_tries_have_to_wait() {
    let mut options = Options::default();
    options.web.sign_ins_per_minute = 2;
    let server = TestServer::start_with(Backend::Sqlite, options).await;
    let browser = server.browser();
    let tried = async || browser.post("/signin", &[("user", "scientist"), ("password", "wrong password")]).await;
    tried().await;
    tried().await;
    let limited = tried().await;
    assert_eq!(limited.status, 429);
    assert!(limited.text().contains("Too many tries. Wait "), "{}", limited.text());
}
