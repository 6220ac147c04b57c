//! Somebody is away: who stands in, what waits meanwhile, and what ends with the absence. The clock is moved; nothing waits.

use domain::Duration;
use serde_json::{Value, json};
use testkit::{IT, PASSWORD, Scene, TestServer, Version, both};

/// The clock of tests begins on Monday, 2026-01-05, at 09:00 UTC.
const MONDAY: &str = "2026-01-12T09:00:00.000000Z";

async fn set(server: &TestServer) -> Scene {
    let scene = Scene::set(server).await;
    server.person("colleague").await;
    for name in ["itops", "approver", "colleague", "scientist"] {
        scene.root.patch(&format!("/users/{name}"), json!({"email": format!("{name}@example.org")})).await.ok();
    }
    scene
}

async fn requested(scene: &Scene) -> Version {
    let version = scene.version().await;
    scene.scientist.command(&version, "request", json!({})).await.ok();
    version
}

fn away(stand_in: &str) -> Value {
    json!({"until": MONDAY, "stand_in": stand_in})
}

/// What was handed on, as the record tells it: by whom, and for whom.
async fn handed_on(scene: &Scene) -> Vec<Value> {
    let events = scene.root.get("/audit?limit=200").await.ok()["items"].as_array().unwrap().clone();
    events.into_iter().filter(|event| event["type"] == "review.delegated").collect()
}

both! {
    async fn the_person_who_stands_in_answers_until_the_absence_ends(server: &TestServer) {
        let scene = set(server).await;
        let colleague = server.person("colleague").await;
        scene.itops.put("/me/absence", away("colleague")).await.ok();
        let (first, second) = (requested(&scene).await, requested(&scene).await);
        // Two servers: one of them hands it on.
        tokio::join!(server.run_job("stand_in"), server.run_job("stand_in"));
        let handed = handed_on(&scene).await;
        assert_eq!(handed.len(), 2, "{handed:?}");
        assert!(handed.iter().all(|event| event["actor"] == "clock" && event["data"]["absent"].is_string()), "{handed:?}");
        let review = scene.root.get(&format!("{}/review", first.path)).await.ok();
        let turn = review["turns"].as_array().unwrap().iter().find(|turn| turn["slot"] == IT).unwrap();
        let mut people: Vec<_> = turn["people"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        people.sort_unstable();
        assert_eq!(people, ["The colleague", "The itops"], "{turn}");
        assert_eq!(turn["away"], json!([{"person": "The itops", "until": MONDAY, "stand_in": "The colleague"}]), "{turn}");
        let page = server.browser_of("scientist").await.get(&first.path).await.text();
        assert!(page.contains("<bdi>The itops</bdi> is away until"), "{page}");
        assert_eq!(colleague.get("/inbox").await.ok()["counts"]["give_feedback"], 2);

        colleague.feedback(&first, IT, "approve").await.ok();
        // The reviewer has the task still, and the end of the absence ends what was handed on.
        server.clock.advance(Duration::from_days(7));
        let mut scene = scene;
        scene.sign_in_again(server).await;
        let session = server.anonymous().post("/sessions", json!({"user": "colleague", "password": PASSWORD})).await.ok();
        let colleague = server.anonymous().with_token("colleague", session["token"].as_str().unwrap());
        colleague.feedback(&second, IT, "approve").await.refused(404, "not_found");
        scene.itops.feedback(&second, IT, "approve").await.ok();
        server.run_job("stand_in").await;
        assert_eq!(handed_on(&scene).await.len(), 2, "nobody is away any more");
        server.verify().await;
    }

    async fn nothing_is_handed_on_where_somebody_else_is_there(server: &TestServer) {
        let scene = set(server).await;
        server.person("deputy").await;
        let deputy = server.person("deputy").await;
        scene.set_reviewers(&["user:approver", "user:deputy"]).await;
        scene.approver.put("/me/absence", away("colleague")).await.ok();
        let version = requested(&scene).await;
        scene.scientist.command(&version, "final", json!({})).await.ok();
        server.run_job("stand_in").await;
        assert_eq!(handed_on(&scene).await, Vec::<Value>::new(), "the deputy is there");
        deputy.put("/me/absence", away("colleague")).await.ok();
        server.run_job("stand_in").await;
        assert_eq!(handed_on(&scene).await.len(), 1, "one who stands in is enough");
        server.person("colleague").await.approve(&version).await.ok();
        server.verify().await;
    }

    async fn duty_rules_and_project_rules_hold_for_those_who_stand_in(server: &TestServer) {
        let scene = set(server).await;
        scene.approver.put("/me/absence", away("scientist")).await.ok();
        let version = requested(&scene).await;
        scene.scientist.command(&version, "final", json!({})).await.ok();
        server.run_job("stand_in").await;
        assert_eq!(handed_on(&scene).await, Vec::<Value>::new(), "the requester may not approve");
        scene.approver.put("/me/absence", away("colleague")).await.ok();
        let tag = scene.manager.etag("/projects/diagnosis").await;
        let rules = json!({"delegation_allowed": false, "reason": "Nobody stands in."});
        scene.manager.request(reqwest::Method::PATCH, "/projects/diagnosis").header("if-match", &tag).json(&rules).send().await.ok();
        server.run_job("stand_in").await;
        assert_eq!(handed_on(&scene).await, Vec::<Value>::new(), "the project allows no delegation");
        server.verify().await;
    }

    async fn mails_wait_until_the_person_is_back(server: &TestServer) {
        let scene = set(server).await;
        scene.itops.put("/me/absence", away("colleague")).await.ok();
        requested(&scene).await;
        server.run_job("stand_in").await;
        server.announce().await;
        let messages = scene.root.get("/messages?limit=200").await.ok()["items"].as_array().unwrap().clone();
        let of = |name: &str| messages.iter().filter(|message| message["to"] == name).cloned().collect::<Vec<_>>();
        let waiting = of("itops");
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        assert_eq!(waiting[0]["due_at"], "2026-01-13T07:00:00.000000Z", "the morning after");
        // Back early, and away again: what waits follows.
        scene.itops.delete("/me/absence").await.ok();
        let due = async || {
            let waiting = scene.root.get("/messages?limit=200&state=waiting").await.ok()["items"].as_array().unwrap().clone();
            waiting.iter().find(|message| message["to"] == "itops").unwrap()["due_at"].clone()
        };
        assert_eq!(due().await, "2026-01-06T07:00:00.000000Z", "the next morning");
        scene.itops.put("/me/absence", json!({"until": "2026-02-01T00:00:00Z"})).await.ok();
        assert_eq!(due().await, "2026-02-01T07:00:00.000000Z");
        // Who wants no mails any more gets none of those that waited.
        scene.itops.put("/me/messages", json!({"wanted": "nothing"})).await.ok();
        let id = waiting[0]["id"].as_str().unwrap().parse().unwrap();
        let mut letters = app::messages::Letters::new(&server.app);
        assert!(letters.read(id).await.unwrap().unwrap_err().contains("no mails"), "gathered mails end too");
        assert!(of("colleague").iter().any(|message| message["topic"] == "delegated"), "who stands in hears at once");
    }

    async fn an_absence_is_checked_and_is_the_persons_own(server: &TestServer) {
        let scene = set(server).await;
        let itops = &scene.itops;
        assert_eq!(itops.get("/me/absence").await.ok(), json!({"absence": null}));
        let put = async |body: Value| itops.put("/me/absence", body).await;
        put(json!({"until": "2026-01-01T00:00:00Z"})).await.refused(422, "invalid");
        put(json!({"from": "2026-03-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"})).await.refused(422, "invalid");
        put(json!({"until": "2030-01-01T00:00:00Z"})).await.refused(422, "invalid");
        put(json!({"until": MONDAY, "stand_in": "itops"})).await.refused_helpfully(422, "invalid");
        put(json!({"until": MONDAY, "stand_in": "nobody"})).await.refused(404, "not_found");
        put(json!({"until": MONDAY, "user": "approver"})).await.refused(422, "invalid");
        server.person_as("watcher", "auditor").await;
        put(json!({"until": MONDAY, "stand_in": "watcher"})).await.refused_helpfully(422, "invalid");
        let set = put(away("colleague")).await.ok();
        assert_eq!(set["absence"]["stand_in"], "colleague");
        assert_eq!(itops.get("/me/absence").await.ok(), set);
        let before = server.log_size().await;
        put(json!({"from": set["absence"]["from"], "until": MONDAY, "stand_in": "colleague"})).await.ok();
        assert_eq!(server.log_size().await, before, "nothing has changed");
        itops.delete("/me/absence").await.ok();
        itops.delete("/me/absence").await.ok();
        assert_eq!(server.log_size().await, before + 1);
        server.verify().await;
    }

    async fn the_page_keeps_what_was_typed(server: &TestServer) {
        set(server).await;
        let browser = server.browser_of("itops").await;
        let fields = [("until", "2025-01-01"), ("stand_in", "colleague"), ("go", "set")];
        let refused = browser.post("/account/absence", &fields).await;
        let page = refused.text();
        assert!(refused.status == 422 && page.contains("2025-01-01") && page.contains("over already"), "{page}");
        let fields = [("until", "2026-02-01"), ("stand_in", "colleague"), ("go", "set")];
        assert_eq!(browser.post("/account/absence", &fields).await.status, 303);
        let page = browser.get("/account/absence").await.text();
        assert!(page.contains("<bdi>colleague</bdi> stands in.") && page.contains("I am back"), "{page}");
        assert!(browser.get("/account").await.text().contains("Away from"));
        assert_eq!(browser.post("/account/absence", &[("go", "end")]).await.status, 303);
        assert!(browser.get("/account").await.text().contains("You are not away."));
    }
}
