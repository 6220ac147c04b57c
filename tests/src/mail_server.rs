//! The mail server that administrators choose on a page: who may, what is refused, when the password is asked for again, and what a
//! person with the database alone can make of the row.

use crate::sql;
use serde_json::{Value, json};
use testkit::{Options, Scene, TestServer, both};

fn wanted() -> Value {
    json!({"server": "mail.example.org:587", "from": "Countersign <sign-off@example.org>", "username": "sign-off", "password": "a secret"})
}

/// The same, with these in place of others.
fn but(others: Value) -> Value {
    let mut wanted = wanted();
    for (name, value) in others.as_object().unwrap() {
        wanted[name] = value.clone();
    }
    wanted
}

both! {
    with Options { mail: false, ..Options::default() };
    async fn an_administrator_chooses_the_mail_server(server: &TestServer) {
    let scene = Scene::set(server).await;
    let root = &scene.root;
    assert_eq!(root.get("/mail-server").await.ok(), json!({"source": "nobody"}));
    assert_eq!(root.get("/me/messages").await.ok()["mail_is_set_up"], false);
    root.patch("/users/root", json!({"email": "root@example.org"})).await.ok();
    root.post("/messages/test", json!({})).await.refused(409, "mail_not_set_up");
    root.delete("/mail-server").await.refused(409, "mail_not_set_up");

    // The page shows no password, also not where the form is shown again.
    let browser = server.browser_of("root").await;
    let form = [("server", "mail.example.org"), ("security", "starttls"), ("from", "a@example.org"), ("password", "typed secret")];
    let form: Vec<_> = form.into_iter().chain([("digest_at", "07:00"), ("time_zone", "UTC"), ("go", "save")]).collect();
    let again = browser.post("/admin/mail/server", &form).await;
    assert_eq!(again.status, 422, "{}", again.text());
    let text = again.text();
    assert!(text.contains("is no HOST:PORT") && text.contains("a@example.org") && !text.contains("typed secret"), "{text}");

    let set = root.put("/mail-server", wanted()).await.ok();
    assert_eq!(set["source"], "administrators");
    assert!(!set.to_string().contains("secret") && set["digest_at"] == "07:00", "{set}");
    assert_eq!(root.get("/mail-server").await.ok(), set);
    assert_eq!(root.get("/me/messages").await.ok()["mail_is_set_up"], true);
    // The same once more is no change.
    let size = server.log_size().await;
    let known = but(json!({"password": null}));
    assert_eq!(root.put("/mail-server", known.clone()).await.ok(), set);
    assert_eq!(server.log_size().await, size);
    // Messages are made from now on, and the job says that nobody is there who takes them.
    root.post("/messages/test", json!({})).await.ok();

    // The password is for this mail server and this user alone.
    for other in [
        json!({"server": "evil.example.org:587"}),
        json!({"server": "mail.example.org:25"}),
        json!({"username": "other"}),
        json!({"security": "tls"}),
    ] {
        let mut other = but(other);
        other["password"] = Value::Null;
        let refused = root.put("/mail-server", other).await.refused(422, "invalid");
        assert!(refused.to_string().contains("give the password"), "{refused}");
    }
    let mut moved = but(json!({"digest_at": "06:30", "time_zone": "Europe/Vienna"}));
    moved["password"] = Value::Null;
    assert_eq!(root.put("/mail-server", moved).await.ok()["time_zone"], "Europe/Vienna");
    for (wrong, words) in [
        (json!({"server": "mail.example.org"}), "HOST:PORT"),
        (json!({"server": "mail.example.org:587\r\n"}), ""),
        (json!({"from": "nobody"}), "no mail address"),
        (json!({"from": "A\r\nBcc: b@example.org <a@example.org>"}), ""),
        (json!({"security": "none"}), "unencrypted"),
        (json!({"username": null}), "needs its user name"),
        (json!({"digest_at": "25:00"}), "no time of day"),
        (json!({"time_zone": "Mars/Base"}), "no time zone"),
        (json!({"authority": "none"}), "BEGIN CERTIFICATE"),
            (json!({"authority": "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----"}), "BEGIN CERTIFICATE"),
            (json!({"authority": "-----BEGIN CERTIFICATE-----\nMAA="}), "BEGIN CERTIFICATE"),
    ] {
        let reply = root.put("/mail-server", but(wrong.clone())).await;
        if words.is_empty() && reply.status == 200 {
            // Spaces around it are no part of it.
            assert!(!reply.ok().to_string().contains("\\r"), "{wrong}");
            continue;
        }
        let refused = reply.refused(422, "invalid");
        assert!(refused.to_string().contains(words), "{wrong}: {refused}");
    }
    let events = root.get("/audit?limit=200").await.ok();
    let events: Vec<_> = events["items"].as_array().unwrap().iter().filter(|event| event["type"] == "mail.set").collect();
    assert!(!events.is_empty() && events.iter().all(|event| !event.to_string().contains("a secret")), "{events:?}");
    server.verify().await;

    root.delete("/mail-server").await.ok();
    assert_eq!(root.get("/me/messages").await.ok()["mail_is_set_up"], false);
    server.verify().await;
}

    // The database holds no password, and a row that somebody altered sends none elsewhere.
    async fn a_person_with_the_database_gets_no_password(server: &TestServer) {
    let scene = Scene::set(server).await;
    scene.root.patch("/users/root", json!({"email": "root@example.org"})).await.ok();
    scene.root.put("/mail-server", wanted()).await.ok();
    scene.root.post("/messages/test", json!({})).await.ok();
    let chosen = server.app.store.read().await.unwrap().mail_settings().await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&chosen.password.unwrap()).contains("secret"));
    // Another process would read the row as it is now; this one does after the next change.
    sql::execute(&server.database_url(), "UPDATE mail_settings SET host = 'evil.example.org'").await;
    scene.root.post("/groups", json!({"name": "later"})).await.ok();
    let failure = server.failing_job("deliver").await;
    assert!(failure.contains("mail_settings"), "{failure}");
    // People go on with their work, and an auditor hears of the row.
    assert_eq!(server.browser_of("scientist").await.get("/").await.status, 200);
    let report = app::record::verify_store(&server.app, false).await.unwrap();
    assert!(report.findings.iter().any(|finding| finding.what.starts_with("mail_settings/")), "{:?}", report.findings);
    // As it was, so that the store verifies.
    sql::execute(&server.database_url(), "UPDATE mail_settings SET host = 'mail.example.org'").await;
    }
}
