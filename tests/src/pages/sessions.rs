//! The session of a browser: what ends it, what it opens, and that no other site acts in its name.

use domain::Duration;
use serde_json::json;
use testkit::{Browser, PASSWORD, Scene, TestServer, both};

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

    async fn ones_own_new_password_needs_the_present_one_and_ends_the_other_sessions(server: &TestServer) {
        let person = server.person("scientist").await;
        let (browser, other) = (server.browser_of("scientist").await, server.browser_of("scientist").await);
        const NEW: &str = "four other plain words";
        let account = browser.get("/account").await.text();
        assert!(account.contains("Change the password"), "{account}");
        for (present, new, says) in [
            ("not the password", NEW, "The password is wrong."),
            (PASSWORD, "short", "too short"),
            (PASSWORD, PASSWORD, "choose another one"),
        ] {
            let refused = browser.post("/account/password", &[("password", present), ("new_password", new)]).await;
            assert!(refused.status == 422 && refused.text().contains(says), "{says}: {}", refused.text());
        }
        assert!(is_in(&other).await, "nothing has happened yet");
        let token = person.post("/tokens", json!({"label": "a program"})).await.ok();
        let program = person.with_token("scientist", token["token"].as_str().unwrap());
        let body = json!({"password": PASSWORD, "new_password": NEW});
        program.post("/me/password", body.clone()).await.refused_helpfully(403, "reauthentication_required");

        let changed = browser.post("/account/password", &[("password", PASSWORD), ("new_password", NEW)]).await;
        assert_eq!((changed.status, changed.header("location")), (303, "/account"), "{}", changed.text());
        assert!(is_in(&browser).await && !is_in(&other).await, "the other browsers are signed out, this one is not");
        assert_eq!((person.get("/me").await.status, program.get("/me").await.status), (401, 401), "with what was made in them");
        let door = server.browser();
        door.get("/signin").await;
        assert_eq!(door.post("/signin", &[("user", "scientist"), ("password", PASSWORD)]).await.status, 401);
        assert_eq!(door.post("/signin", &[("user", "scientist"), ("password", NEW)]).await.status, 303);
        let log = server.administrator().await.get("/audit?limit=100").await.ok();
        let told = log["items"].as_array().unwrap().iter().filter(|item| item["type"] == "password.changed").count();
        assert_eq!(told, 1, "the record tells of it: {log}");
        assert!(!log.to_string().contains(NEW));
    }

    async fn what_was_written_when_the_session_ended_comes_back_after_signing_in(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (open, next) = (scene.requested().await, scene.version().await);
        let browser = server.browser_of("approver").await;
        browser.get(&open.path).await;
        server.clock.advance(server.app.settings.limits.browser_session_idle);
        let decision = format!("{}/decision", open.path);
        let fields = [
            ("decision", "reject"), ("comment", "Not yet: <b>drift</b> on \"new\" scanners."), ("password", "four plain words"), ("go", "reject"),
        ];
        let elsewhere = browser.post_from("https://elsewhere.example", &decision, &fields).await;
        assert_eq!(elsewhere.status, 303, "no other site leaves a form here");
        let door = browser.post(&decision, &fields).await;
        let page = door.text();
        assert!(door.status == 401 && page.contains("what you wrote is kept") && !page.contains("plain"), "{page}");
        let carried = |page: &str| {
            let value = page.split(r#"name="unsent" value=""#).nth(1).unwrap().split('"').next().unwrap();
            value.replace("&#38;", "&")
        };
        let unsent = carried(&page);
        let wrong = [("user", "approver"), ("password", "wrong"), ("then", decision.as_str()), ("unsent", unsent.as_str())];
        let again = browser.post("/signin", &wrong).await;
        assert!(again.status == 401 && carried(&again.text()) == unsent, "a wrong password loses nothing: {}", again.text());
        let right = [("user", "approver"), ("password", PASSWORD), ("then", decision.as_str()), ("unsent", unsent.as_str())];
        let back = browser.post("/signin", &right).await;
        let page = back.text();
        assert!(back.status == 200 && page.contains("Back to the form") && page.contains("&#60;b&#62;drift&#60;/b&#62;"), "{page}");
        browser.get("/account").await;
        let kept = browser.post(&decision, &[&fields[..2], &[("go", "again")]].concat()).await;
        assert!(kept.status == 200 && kept.text().contains("&#60;b&#62;drift&#60;/b&#62;"), "{}", kept.text());
        assert_eq!(scene.root.review(&open).await["status"], "waiting_for_approval", "nothing was decided on the way");

        // A form with one button is sent only by pressing another one.
        let scientist = server.browser_of("scientist").await;
        scientist.get(&next.path).await;
        server.clock.advance(server.app.settings.limits.browser_session_idle);
        let request = format!("{}/request", next.path);
        let unsent = carried(&scientist.post(&request, &[("notify", "none")]).await.text());
        let right = [("user", "scientist"), ("password", PASSWORD), ("then", request.as_str()), ("unsent", unsent.as_str())];
        assert!(scientist.post("/signin", &right).await.text().contains("Send it now"));
        assert_eq!(scene.root.review(&next).await["status"], "not_started");
        let foreign = [("user", "scientist"), ("password", PASSWORD), ("then", "https://elsewhere.example/"), ("unsent", unsent.as_str())];
        assert!(scientist.post("/signin", &foreign).await.text().contains(r#"action="/""#), "what is kept goes to this server only");
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
