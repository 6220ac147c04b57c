//! The session of a browser: what ends it, what it opens, and that no other site acts in its name.

use domain::Duration;
use serde_json::json;
use testkit::{Browser, PASSWORD, TestServer, both};

async fn is_in(browser: &Browser) -> bool {
    let inbox = browser.get("/").await;
    match inbox.status {
        200 => true,
        303 => false,
        status => panic!("{status}: {}", inbox.text()),
    }
}

both! {
    async fn signing_out_ends_the_session_and_not_only_the_cookie(server: &TestServer) {
        server.person("scientist").await;
        let browser = server.browser_of("scientist").await;
        let (name, value) = browser.cookies().split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        let left = browser.post("/signout", &[]).await;
        assert_eq!((left.status, left.header("location")), (303, "/signin"));
        assert!(!is_in(&browser).await);
        browser.set_cookie(&name, &value);
        assert!(!is_in(&browser).await);
    }

    async fn a_new_password_and_a_closed_account_end_every_session(server: &TestServer) {
        server.person("scientist").await;
        let root = server.administrator().await;
        let browser = server.browser_of("scientist").await;
        let invited = root.post("/users/scientist/invitation", json!({})).await.ok();
        assert!(is_in(&browser).await);
        let address = format!("/invitation/{}", invited["invitation"].as_str().unwrap());
        server.browser().post(&address, &[("password", PASSWORD)]).await;
        assert!(!is_in(&browser).await);
        let browser = server.browser_of("scientist").await;
        root.patch("/users/scientist", json!({"active": false})).await.ok();
        assert!(!is_in(&browser).await);
    }

    async fn a_session_ends_when_nobody_uses_it_and_at_its_set_time(server: &TestServer) {
        server.person("scientist").await;
        let limits = &server.app.settings.limits;
        let used = Duration::from_micros(limits.browser_session_idle.micros() - 60_000_000);
        let (idle, browser) = (server.browser_of("scientist").await, server.browser_of("scientist").await);
        let begun = server.app.now();
        while server.app.now().plus(used) < begun.plus(limits.browser_session_lifetime) {
            server.clock.advance(used);
            assert!(is_in(&browser).await, "it is used");
        }
        server.clock.advance(used);
        assert!(!is_in(&browser).await, "its set time is over");
        assert!(!is_in(&idle).await, "nobody used it");
    }

    async fn a_session_that_nobody_uses_is_noticed_after_a_restart_too(server: &TestServer) {
        server.person("scientist").await;
        let (idle, browser) = (server.browser_of("scientist").await, server.browser_of("scientist").await);
        let most = server.app.settings.limits.browser_session_idle.micros();
        server.clock.advance(Duration::from_micros(most / 2));
        assert!(is_in(&browser).await);
        server.clock.advance(Duration::from_micros(most / 2 + 1_000_000));
        assert!(is_in(&browser).await && !is_in(&idle).await);
    }

    async fn sessions_and_tokens_are_listed_and_ended(server: &TestServer) {
        let scientist = server.person("scientist").await;
        scientist.post("/tokens", json!({"label": "a <i>pipeline</i>"})).await.ok();
        server.clock.advance(Duration::from_seconds(1));
        let lost = server.browser_of("scientist").await;
        server.clock.advance(Duration::from_seconds(1));
        let browser = server.browser_of("scientist").await;
        let account = browser.get("/account").await.text();
        assert!(account.contains("a &#60;i&#62;pipeline&#60;/i&#62;") && account.contains("this browser"), "{account}");
        let ids: Vec<_> = account.split(r#"name="token" value=""#).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids.len(), 3, "the other browser, the testkit's program, the pipeline: {account}");
        let ended = browser.post("/account/sessions/end", &[("token", ids[0])]).await;
        assert_eq!((ended.status, ended.header("location")), (303, "/account"));
        assert!(!is_in(&lost).await);
        assert!(browser.get("/account").await.text().contains("Ended."));
        assert!(!browser.get("/account").await.text().contains("Ended."), "what was done is said once");
    }

    async fn the_secret_of_a_browser_is_no_token_and_a_token_is_no_session(server: &TestServer) {
        let scientist = server.person("scientist").await;
        let browser = server.browser_of("scientist").await;
        let secret = browser.cookies().split_once('=').unwrap().1.to_owned();
        server.anonymous().with_token("browser", &secret).get("/me").await.refused(401, "token_unknown");
        let other = server.browser();
        other.set_cookie("__Host-countersign", scientist.token.as_deref().unwrap());
        assert!(!is_in(&other).await);
    }

    async fn no_other_site_acts_in_the_name_of_a_session(server: &TestServer) {
        server.person("scientist").await;
        server.person("operator").await;
        let (browser, other) = (server.browser_of("scientist").await, server.browser_of("operator").await);
        let theirs = other.get("/account").await.text();
        let theirs = theirs.split(r#"name="form" value=""#).nth(1).unwrap().split('"').next().unwrap();
        for (origin, fields) in [
            ("https://evil.example", &[][..]),
            ("null", &[]),
            ("https://countersign.example.evil.example", &[]),
            ("https://countersign.example", &[("form", "")]),
            ("https://countersign.example", &[("form", "0123456789abcdef0123456789abcdef")]),
            ("https://countersign.example", &[("form", theirs)]),
        ] {
            browser.get("/account").await;
            let refused = browser.post_from(origin, "/signout", fields).await;
            assert_eq!(refused.status, 403, "{origin} {fields:?}");
            assert!(is_in(&browser).await, "{origin} {fields:?}");
        }
        let foreign = server.browser().post_from("https://evil.example", "/signin", &[("user", "scientist"), ("password", PASSWORD)]).await;
        assert_eq!((foreign.status, foreign.header("set-cookie")), (403, ""), "nobody is signed in by another site");
    }
}
