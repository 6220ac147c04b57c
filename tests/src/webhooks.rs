//! Webhooks: who keeps them, what they are told of, where they may lead, and what becomes of each call. A real listener takes the calls.

use domain::Duration;
use serde_json::{Value, json};
use testkit::{Answering, IT, Receiver, Scene, TestServer, both};

/// Creates a webhook that is told of these topics; gives its secret.
async fn create(scene: &Scene, name: &str, receiver: &Receiver, topics: &[&str]) -> String {
    let body = json!({"name": name, "kind": "standard", "url": format!("{}/hook", receiver.url), "topics": topics});
    scene.root.post("/webhooks", body).await.ok()["secret"].as_str().unwrap().to_owned()
}

async fn webhook(scene: &Scene, name: &str) -> Value {
    scene.root.get(&format!("/webhooks/{name}")).await.ok()
}

/// The deliveries of a webhook, the oldest first.
async fn deliveries(scene: &Scene, name: &str) -> Vec<Value> {
    let mut items =
        scene.root.get(&format!("/webhooks/{name}/deliveries?limit=200")).await.ok()["items"].as_array().unwrap().clone();
    items.reverse();
    items
}

/// The types of the CloudEvents that came.
fn types(receiver: &Receiver) -> Vec<String> {
    let kind = |body: &str| serde_json::from_str::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned();
    receiver.take().iter().map(|received| kind(&received.body)).collect()
}

async fn test(scene: &Scene, name: &str) {
    scene.root.post(&format!("/webhooks/{name}/test"), json!({})).await.ok();
}

both! {
    async fn each_event_reaches_the_webhooks_that_are_told_of_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (all, some, elsewhere) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
        create(&scene, "all", &all, &[]).await;
        create(&scene, "decisions", &some, &["approved", "revoked"]).await;
        scene.root.post("/projects", json!({"name": "elsewhere"})).await.ok();
        let body = json!({"name": "elsewhere", "kind": "standard", "url": elsewhere.url, "project": "elsewhere"});
        scene.root.post("/webhooks", body).await.ok();
        server.call_webhooks().await;
        // What happened before, and that the webhook was made, is told to nobody.
        assert!(all.take().is_empty() && some.take().is_empty());

        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.itops.feedback(&version, IT, "minor_issue").await.ok();
        scene.scientist.command(&version, "final", json!({})).await.ok();
        scene.approver.approve(&version).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        scene.approver.revoke(&version).await.ok();
        server.call_webhooks().await;
        let mut told = types(&all);
        told.sort();
        let expected = [
            "approved", "deployed", "feedback_given", "final_approval_requested", "out_of_policy", "review_requested", "revoked",
            "version_registered",
        ];
        assert_eq!(told, expected.map(|topic| format!("countersign.{topic}")));
        let received = some.take();
        let events: Vec<Value> = received.iter().map(|received| serde_json::from_str(&received.body).unwrap()).collect();
        assert_eq!(events.len(), 2, "{events:#?}");
        let approved = events.iter().find(|event| event["type"] == "countersign.approved").unwrap();
        assert_eq!(approved["data"]["version"], version.name);
        assert_eq!(approved["subject"], version.name);
        assert_eq!(approved["data"]["actor"]["name"], "approver");
        assert_eq!(approved["data"]["status"], "revoked", "as of the moment of sending");
        assert!(approved["data"]["link"].as_str().unwrap().ends_with(&version.path), "{approved}");
        assert_eq!(approved["data"]["model_digest"], version.digest);
        let headers = &received[0].headers;
        assert!(headers["content-type"].starts_with("application/cloudevents+json"), "{headers:?}");
        assert_eq!(headers["webhook-id"], events[0]["id"].as_str().unwrap());
        assert!(elsewhere.take().is_empty(), "another project's webhook");

        // One delivery for each event, however often the log is gone through.
        server.call_webhooks().await;
        assert!(all.take().is_empty());
    }

    async fn a_webhook_that_fails_rests_and_gets_the_same_again(server: &TestServer) {
        let scene = Scene::set(server).await;
        let receiver = Receiver::start().await;
        create(&scene, "ci", &receiver, &[]).await;
        receiver.answer(Answering::With(500, "not now".to_owned()));
        scene.version().await;
        server.call_webhooks().await;
        let first = receiver.take();
        assert_eq!(first.len(), 1);
        let waiting = &deliveries(&scene, "ci").await[0];
        assert_eq!((&waiting["state"], &waiting["status"], &waiting["response"]), (&json!("waiting"), &json!(500), &json!("not now")));
        assert_eq!(webhook(&scene, "ci").await["state"], "failing");
        // It rests: what comes meanwhile waits with it.
        scene.version().await;
        server.call_webhooks().await;
        assert!(receiver.take().is_empty());
        server.clock.advance(Duration::from_seconds(61));
        receiver.answer(Answering::With(204, String::new()));
        server.call_webhooks().await;
        let again = receiver.take();
        assert_eq!(again.len(), 2, "{again:#?}");
        assert!(again.iter().any(|one| one.body == first[0].body && one.headers["webhook-id"] == first[0].headers["webhook-id"]));
        assert!(deliveries(&scene, "ci").await.iter().all(|one| one["state"] == "sent"));
        assert_eq!(webhook(&scene, "ci").await["state"], "enabled");
    }

    async fn what_no_attempt_delivers_is_given_up_and_can_be_sent_again(server: &TestServer) {
        let scene = Scene::set(server).await;
        let receiver = Receiver::start().await;
        create(&scene, "ci", &receiver, &["approved"]).await;
        test(&scene, "ci").await;
        receiver.answer(Answering::With(400, "no".to_owned()));
        for _ in 0..14 {
            server.call_webhooks().await;
            server.clock.advance(Duration::from_seconds(4 * 60 * 60));
        }
        assert_eq!(receiver.take().len(), 14);
        server.call_webhooks().await;
        assert!(receiver.take().is_empty(), "it was given up");
        let failed = deliveries(&scene, "ci").await.pop().unwrap();
        assert_eq!(failed["state"], "failed");
        receiver.answer(Answering::With(200, String::new()));
        scene.root.post(&format!("/webhooks/ci/deliveries/{}/redeliver", failed["id"].as_str().unwrap()), json!({})).await.ok();
        server.call_webhooks().await;
        let again = receiver.take();
        assert_eq!(again[0].body, failed["request"].as_str().unwrap());
        assert_eq!(again[0].headers["webhook-id"], failed["event_id"].as_str().unwrap());
        let unknown = "/webhooks/ci/deliveries/00000000-0000-0000-0000-000000000000/redeliver";
        scene.root.post(unknown, json!({})).await.refused(404, "not_found");
    }

    async fn a_webhook_that_is_gone_or_fails_for_long_is_disabled_and_its_keepers_hear_of_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.patch("/users/manager", json!({"email": "manager@example.org"})).await.ok();
        scene.root.patch("/users/root", json!({"email": "root@example.org"})).await.ok();
        let (gone, slow) = (Receiver::start().await, Receiver::start().await);
        let body = json!({"name": "gone", "kind": "standard", "url": gone.url, "project": "diagnosis"});
        scene.root.post("/webhooks", body).await.ok();
        create(&scene, "slow", &slow, &["version_registered"]).await;
        gone.answer(Answering::With(410, String::new()));
        slow.answer(Answering::With(503, String::new()));
        scene.version().await;
        server.call_webhooks().await;
        let disabled = webhook(&scene, "gone").await;
        assert_eq!((&disabled["state"], &disabled["disabled_because"]), (&json!("disabled"), &json!("the webhook answered 410 Gone")));
        server.announce().await;
        let told = |messages: Value| {
            let items = messages["items"].as_array().unwrap().clone();
            let mut names: Vec<_> = items
                .iter()
                .filter(|message| message["topic"] == "webhook_disabled")
                .map(|message| message["to"].as_str().unwrap().to_owned())
                .collect();
            names.sort();
            names
        };
        assert_eq!(told(scene.root.get("/messages?limit=200").await.ok()), ["manager", "root"]);
        // Nobody calls it, nor can it be tested, until somebody enables it.
        scene.root.post("/webhooks/gone/test", json!({})).await.refused(409, "webhook_disabled");
        scene.version().await;
        gone.take();
        server.call_webhooks().await;
        assert!(gone.take().is_empty());
        gone.answer(Answering::With(200, String::new()));
        scene.root.patch("/webhooks/gone", json!({"enabled": true})).await.ok();
        test(&scene, "gone").await;
        server.call_webhooks().await;
        assert_eq!(gone.take().len(), 1);

        // After days without an attempt one failure says nothing yet.
        server.clock.advance(Duration::from_days(5));
        server.call_webhooks().await;
        assert_eq!(webhook(&scene, "slow").await["state"], "failing");
        // It fails for five days, attempt after attempt. What waits for it is given up.
        for _ in 0..11 {
            server.clock.advance(Duration::from_seconds(12 * 60 * 60));
            server.call_webhooks().await;
        }
        let disabled = webhook(&scene, "slow").await;
        assert_eq!(disabled["state"], "disabled");
        assert!(disabled["disabled_because"].as_str().unwrap().contains("has failed since"), "{disabled}");
        assert!(deliveries(&scene, "slow").await.iter().all(|one| one["state"] == "failed"));
        server.announce().await;
        assert_eq!(told(scene.root.get("/messages?limit=200").await.ok()), ["manager", "root", "root"]);
    }

    async fn a_webhook_leads_only_where_the_operator_allows(server: &TestServer) {
        let scene = Scene::set(server).await;
        let create = async |url: &str| {
            let body = json!({"name": "ci", "kind": "standard", "url": url});
            scene.root.post("/webhooks", body).await
        };
        for private in
            ["https://10.0.0.1/", "https://169.254.169.254/latest", "http://192.168.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://0x0a000001/"]
        {
            let refused = create(private).await;
            let refused = refused.refused(422, "webhook_address_not_allowed");
            assert_eq!(refused["errors"][0]["pointer"], "/url", "{private}");
        }
        for wrong in ["http://8.8.8.8/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://user:secret@127.0.0.1/", "127.0.0.1", "https://127.0.0.1/#x", ""] {
            create(wrong).await.refused(422, "invalid");
        }
        create(&format!("https://127.0.0.1/{}", "x".repeat(2000))).await.refused(422, "invalid");
        create("https://no-such-name.invalid/").await.refused(422, "invalid");
        create("http://127.0.0.1:9/hook?token=not-for-others").await.ok();
        let shown = [webhook(&scene, "ci").await, scene.root.get("/audit?limit=200").await.ok()];
        assert!(shown.iter().all(|text| !text.to_string().contains("not-for-others") && text.to_string().contains("/hook?…")), "{shown:?}");
        scene.root.patch("/webhooks/ci", json!({"url": "https://10.0.0.1/"})).await.refused(422, "webhook_address_not_allowed");
        scene.root.patch("/webhooks/ci", json!({"topics": ["approved", "test"]})).await.refused(422, "invalid");
        scene.root.patch("/webhooks/ci", json!({"topics": ["approve"]})).await.refused(422, "invalid");
        create("http://127.0.0.1:9/").await.refused(409, "already_exists");
    }

    async fn managers_keep_the_webhooks_of_their_project_and_others_see_none(server: &TestServer) {
        let scene = Scene::set(server).await;
        let body = |project: Option<&str>| {
            let mut body = json!({"name": "chat", "kind": "slack", "url": "http://127.0.0.1:9/services/T0/B0/secret"});
            if let Some(project) = project {
                body["project"] = project.into();
            }
            body
        };
        scene.scientist.post("/webhooks", body(Some("diagnosis"))).await.refused(403, "forbidden");
        scene.manager.post("/webhooks", body(None)).await.refused(403, "forbidden");
        scene.operator.post("/webhooks", body(Some("diagnosis"))).await.refused(404, "not_found");
        let made = scene.manager.post("/webhooks", body(Some("diagnosis"))).await.ok();
        assert!(made.get("secret").is_none(), "a chat has no secret but its address: {made}");
        // The address of a chat is a secret: nobody is shown it again.
        let everything = [
            made.to_string(),
            scene.manager.get("/webhooks/chat").await.ok().to_string(),
            scene.manager.get("/webhooks?project=diagnosis").await.ok().to_string(),
            scene.root.get("/audit?limit=200").await.ok().to_string(),
        ];
        assert!(everything.iter().all(|text| !text.contains("/services/") && text.contains("http://127.0.0.1:9/")), "{everything:?}");
        scene.manager.get("/webhooks").await.refused(403, "forbidden");
        scene.scientist.get("/webhooks/chat").await.refused(404, "not_found");
        scene.scientist.get("/webhooks?project=diagnosis").await.refused(403, "forbidden");
        scene.scientist.get("/webhooks/chat/deliveries").await.refused(404, "not_found");
        let auditor = server.person_as("auditor", "auditor").await;
        auditor.get("/webhooks/chat").await.ok();
        auditor.post("/webhooks/chat/test", json!({})).await.refused(403, "forbidden");
        auditor.patch("/webhooks/chat", json!({"enabled": false})).await.refused(403, "forbidden");
        scene.manager.post("/webhooks/chat/secret", json!({})).await.refused(422, "invalid");
        scene.manager.delete("/webhooks/chat").await.ok();
        scene.root.get("/webhooks/chat").await.refused(404, "not_found");
        let kinds: Vec<_> = scene.root.get("/audit?limit=200").await.ok()["items"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
        assert!(kinds.contains(&json!("webhook.set")) && kinds.contains(&json!("webhook.removed")), "{kinds:?}");
    }

    async fn another_secret_leaves_the_receiver_a_day(server: &TestServer) {
        let scene = Scene::set(server).await;
        let receiver = Receiver::start().await;
        let first = create(&scene, "ci", &receiver, &[]).await;
        let rotated = scene.root.post("/webhooks/ci/secret", json!({})).await.ok();
        let second = rotated["secret"].as_str().unwrap();
        assert_ne!(first, second);
        assert!(first.starts_with("whsec_") && second.starts_with("whsec_"));
        let signatures = async || {
            test(&scene, "ci").await;
            server.call_webhooks().await;
            receiver.take()[0].headers["webhook-signature"].split(' ').count()
        };
        assert_eq!(signatures().await, 2);
        // A second press of the button must not end the secret that the receiver has.
        scene.root.post("/webhooks/ci/secret", json!({})).await.refused(409, "secret_is_new");
        server.clock.advance(Duration::from_days(1));
        assert_eq!(signatures().await, 1);
        // Neither is in the database, nor shown again.
        assert!(!webhook(&scene, "ci").await.to_string().contains("whsec_"));
    }

    async fn two_workers_never_call_twice_for_one_delivery(server: &TestServer) {
        let scene = Scene::set(server).await;
        let receiver = Receiver::start().await;
        create(&scene, "ci", &receiver, &[]).await;
        for _ in 0..20 {
            test(&scene, "ci").await;
        }
        tokio::join!(server.run_job("call_webhooks"), server.run_job("call_webhooks"), server.run_job("call_webhooks"));
        let mut ids: Vec<_> = receiver.take().into_iter().map(|received| received.headers["webhook-id"].clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 20);
        assert!(deliveries(&scene, "ci").await.iter().all(|one| one["state"] == "sent" && one["attempts"] == 1));
    }

    // More calls at once than there are connections to the database: none waits for one that another keeps without going on.
    async fn calls_of_many_webhooks_go_on_beside_each_other(server: &TestServer) {
        let scene = Scene::set(server).await;
        let receiver = Receiver::start().await;
        for number in 0..6 {
            create(&scene, &format!("ci-{number}"), &receiver, &[]).await;
            for _ in 0..10 {
                test(&scene, &format!("ci-{number}")).await;
            }
        }
        tokio::join!(server.run_job("call_webhooks"), server.run_job("call_webhooks"), server.run_job("call_webhooks"));
        let mut ids: Vec<_> = receiver.take().into_iter().map(|received| received.headers["webhook-id"].clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 60);
    }

    async fn a_worker_that_dies_gives_its_deliveries_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        let receiver = Receiver::start().await;
        create(&scene, "ci", &receiver, &[]).await;
        test(&scene, "ci").await;
        // It takes the delivery, and dies.
        assert_eq!(app::webhooks::take(&server.app, &[], 10).await.unwrap().len(), 1);
        server.call_webhooks().await;
        assert!(receiver.take().is_empty(), "another worker has it");
        server.clock.advance(Duration::from_seconds(61));
        server.call_webhooks().await;
        assert_eq!(receiver.take().len(), 1);
    }
}

/// Answers that try to hold the server up or to lead it elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_holds_the_server_up_or_leads_it_elsewhere() {
    let server = TestServer::start(testkit::Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let [hanging, streaming, redirecting, aim] =
        [Receiver::start().await, Receiver::start().await, Receiver::start().await, Receiver::start().await];
    hanging.answer(Answering::Hanging);
    streaming.answer(Answering::Streaming);
    redirecting.answer(Answering::Redirecting(aim.url.clone()));
    for (name, receiver) in [("hanging", &hanging), ("streaming", &streaming), ("redirecting", &redirecting)] {
        create(&scene, name, receiver, &[]).await;
        test(&scene, name).await;
    }
    server.call_webhooks().await;
    let of = async |name: &str| deliveries(&scene, name).await.pop().unwrap();
    let hung = of("hanging").await;
    assert!(hung["state"] == "waiting" && hung["error"].as_str().unwrap().contains("took longer"), "{hung}");
    let streamed = of("streaming").await;
    assert!(streamed["state"] == "sent" && streamed["response"].as_str().unwrap().len() == 4096, "{streamed}");
    let redirected = of("redirecting").await;
    assert!(redirected["state"] == "waiting" && redirected["error"].as_str().unwrap().contains("no redirects"), "{redirected}");
    assert!(aim.take().is_empty(), "the server followed a redirect");
}

/// What a chat shows: what a person wrote does nothing there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_chat_gets_its_own_form_and_hostile_text_does_nothing() {
    let server = TestServer::start(testkit::Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    let receiver = Receiver::start().await;
    for kind in ["slack", "mattermost", "teams"] {
        let body = json!({"name": kind, "kind": kind, "url": format!("{}/{kind}", receiver.url), "topics": ["feedback_given"]});
        scene.root.post("/webhooks", body).await.ok();
    }
    let version = scene.version().await;
    scene.scientist.command(&version, "request", json!({})).await.ok();
    let comment = "<!channel> *bold* [click](https://evil.example) @all\nsecond line";
    let body = json!({"slot": IT, "verdict": "major_issue", "comment": comment});
    scene.itops.put(&format!("{}/review/feedback", version.path), body).await.ok();
    server.call_webhooks().await;
    let mut bodies: Vec<(String, Value)> =
        receiver.take().into_iter().map(|one| (one.line.clone(), serde_json::from_str(&one.body).unwrap())).collect();
    bodies.sort_by(|left, right| left.0.cmp(&right.0));
    let [(_, mattermost), (_, slack), (_, teams)] = &bodies[..] else { panic!("{bodies:#?}") };
    let link = |text: &str| text.contains(&version.path);

    assert!(!slack.to_string().contains("<!channel>") && slack.to_string().contains("&lt;!channel&gt;"), "{slack}");
    let button = slack["blocks"].as_array().unwrap().last().unwrap();
    assert!(link(button["elements"][0]["url"].as_str().unwrap()), "{slack}");
    assert!(slack["text"].as_str().unwrap().contains("gave feedback"), "{slack}");

    let text = mattermost["attachments"][0]["text"].as_str().unwrap();
    assert!(text.contains("\\[click\\]\\(") && text.contains("\\@all") && text.contains("> second line"), "{text}");
    assert!(link(mattermost["attachments"][0]["title_link"].as_str().unwrap()));

    let card = &teams["attachments"][0]["content"];
    assert_eq!(teams["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    assert!(card["body"][1]["text"].as_str().unwrap().contains("\\*bold\\*"), "{card}");
    assert!(link(card["actions"][0]["url"].as_str().unwrap()), "{card}");
}
