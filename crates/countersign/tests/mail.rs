//! Mails through a real mail server: OpenSMTPD takes them by SMTP, and Python's mail parser reads what it delivered.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

#[path = "mail/chosen.rs"]
mod chosen;
#[path = "mail/commands.rs"]
mod commands;
#[path = "mail/folder.rs"]
mod folder;
#[path = "mail/smtpd.rs"]
mod smtpd;
#[path = "mail/tls_server.rs"]
mod tls_server;

use common::{
    http::Person,
    scene::{IT, People, Place},
    serve::Serve,
};
use reqwest::Method;
use serde_json::{Value, json};
use smtpd::MailPlace;
use std::time::{Duration, Instant};
use tls_server::TlsServer;

const NAMES: [&str; 7] = ["root", "manager", "scientist", "itops", "riskofficer", "approver", "operator"];
const VERSION: &str = "/projects/diagnosis/models/tumour/versions/1";

/// A text that would do harm in a header, in HTML or in a terminal.
const HOSTILE: &str = "Slow.\r\nBcc: everybody@example.org\r\n\r\n<script>alert(1)</script> \u{1b}[31m";

fn settings<'a>(port: &'a str, security: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("COUNTERSIGN_MAIL_SERVER", port),
        ("COUNTERSIGN_MAIL_FROM", "Countersign <countersign@example.org>"),
        ("COUNTERSIGN_MAIL_SECURITY", security),
    ]
}

/// Waits until so many messages are in this state.
async fn until(root: &Person, state: &str, count: usize) -> Vec<Value> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let items = root.get(&format!("/messages?limit=200&state={state}")).await.ok()["items"].as_array().unwrap().clone();
        if items.len() == count {
            return items;
        }
        if Instant::now() > end {
            let (all, jobs) = (root.get("/messages").await.json, root.get("/jobs").await.json);
            panic!("not {count} messages are {state}: {all:#}\n{jobs:#}");
        }
    }
}

/// Waits until the job that sends mails fails; gives what it says.
async fn failing(root: &Person) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let jobs = root.get("/jobs").await.ok();
        let job = jobs["items"].as_array().unwrap().iter().find(|job| job["name"] == "deliver").unwrap().clone();
        if job["failures_in_a_row"].as_u64().unwrap() > 0 {
            return job["last_failure"].clone();
        }
        assert!(Instant::now() < end, "the job does not fail: {job}");
    }
}

/// A version whose review is requested of everybody.
async fn request(people: &People) {
    let upload = people.scientist.post("/projects/diagnosis/models/tumour/uploads", json!({})).await.ok();
    let id = upload["id"].as_str().unwrap();
    people.scientist.try_send_file(id, "model.txt", "a model".into()).await.unwrap().ok();
    people.scientist.post("/projects/diagnosis/models/tumour/versions", json!({"upload": id})).await.ok();
    command(&people.scientist, "request", json!({})).await;
}

async fn command(person: &Person, command: &str, body: Value) {
    let review = format!("{VERSION}/review");
    let mut reply = person.change(Method::POST, &format!("{review}/{command}"), &review, &body).await;
    if reply.json["code"] == "reauthentication_required" {
        let mut body = body;
        body["password"] = json!(common::scene::PASSWORD);
        reply = person.change(Method::POST, &format!("{review}/{command}"), &review, &body).await;
    }
    reply.ok();
}

async fn give_addresses(people: &People) {
    for name in NAMES {
        let path = format!("/users/{name}");
        people.root.change(Method::PATCH, &path, &path, &json!({"email": format!("{name}@example.org")})).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_off_by_mail() {
    // Everybody but the risk officer has a mailbox.
    let Some(mail) = MailPlace::new(&["root", "manager", "scientist", "itops", "approver", "operator"]) else {
        println!("COUNTERSIGN_TEST_SMTPD is not set: no mail is sent");
        return;
    };
    let smtpd = mail.start();
    let port = format!("127.0.0.1:{}", mail.port);
    let place = Place::sqlite();
    let serve = Serve::start_with(&place.data(), place.database.url(), &settings(&port, "none"));
    let people = place.set(&serve).await;
    give_addresses(&people).await;
    request(&people).await;
    // The mail server does not know the risk officer.
    until(&people.root, "sent", 2).await;
    let refused = until(&people.root, "failed", 1).await.remove(0);
    assert_eq!(refused["to"], "riskofficer");
    assert!(refused["error"].as_str().unwrap().contains("524"), "{refused}");
    let feedback = json!({"slot": IT, "verdict": "minor_issue", "comment": HOSTILE});
    let review = format!("{VERSION}/review");
    people.itops.change(Method::PUT, &format!("{review}/feedback"), &review, &feedback).await.ok();
    until(&people.root, "sent", 3).await;
    command(&people.scientist, "final", json!({})).await;
    until(&people.root, "sent", 4).await;
    command(&people.approver, "decision", json!({"decision": "approve", "comment": "Good."})).await;
    until(&people.root, "sent", 6).await;

    let mails = mail.mails();
    let mut boxes: Vec<_> = mails.iter().map(|mail| (text(&mail["mailbox"]), subject(mail))).collect();
    boxes.sort();
    let expected = [
        ("approver", "diagnosis/tumour:1: final approval requested"),
        ("approver", "diagnosis/tumour:1: review requested"),
        ("itops", "diagnosis/tumour:1: approved"),
        ("itops", "diagnosis/tumour:1: review requested"),
        ("scientist", "diagnosis/tumour:1: approved"),
        ("scientist", "diagnosis/tumour:1: feedback given"),
    ];
    assert_eq!(boxes, expected.map(|(name, subject)| (name.to_owned(), subject.to_owned())), "{}", mail.log());
    let mut ids = Vec::new();
    for mail in &mails {
        let header = |name: &str| text(&mail["headers"][name]);
        assert_eq!((&mail["type"], &mail["defects"]), (&json!("multipart/alternative"), &json!([])), "{mail}");
        assert_eq!(header("from"), "Countersign <countersign@example.org>");
        assert_eq!(header("to"), format!("The {0} <{0}@example.org>", text(&mail["mailbox"])));
        assert_eq!(header("bcc"), "");
        let thread = "<diagnosis.tumour.1.review.1@countersign.example>";
        assert_eq!((header("in-reply-to").as_str(), header("references").as_str()), (thread, thread), "one thread");
        assert_eq!(header("list-id"), "<tumour.diagnosis.countersign.example>");
        assert_eq!(header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
        assert_eq!(header("auto-submitted"), "auto-generated");
        ids.push(header("message-id"));
        for part in ["text", "html"] {
            let part = text(&mail[part]);
            assert!(part.contains("http://countersign.example/projects/diagnosis/models/tumour/versions/1"), "{part}");
            assert!(part.contains("http://countersign.example/unsubscribe/"), "{part}");
            assert!(!part.contains("<script>alert") || !part.contains("<html"), "{part}");
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6, "each mail has an id of its own");
    let feedback = mails.iter().find(|mail| subject(mail).ends_with("feedback given")).unwrap();
    let (plain, html) = (text(&feedback["text"]), text(&feedback["html"]));
    assert!(plain.contains("> Slow.") && plain.contains("“IT & Operations”") && !plain.contains('\u{1b}'), "{plain}");
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"), "{html}");

    // One click in the mail ends the mails, without a session and from nowhere.
    let link = text(&feedback["headers"]["list-unsubscribe"]);
    let link = link.trim_matches(['<', '>']).replace("http://countersign.example", &serve.url);
    let ended = people.root.http.post(link).form(&[("List-Unsubscribe", "One-Click")]).send().await.unwrap();
    assert_eq!(ended.status().as_u16(), 200);
    assert_eq!(people.scientist.get("/me/messages").await.ok()["wanted"], "nothing");

    // With the mail server gone nothing is lost, and the job says why nothing goes out.
    drop(smtpd);
    command(&people.approver, "revoke", json!({"comment": "Drift."})).await;
    let failure = failing(&people.root).await;
    assert_eq!(failure["code"], "mail_server", "{failure}");
    let waiting = until(&people.root, "waiting", 3).await;
    assert!(waiting.iter().all(|message| message["attempts"] == 0), "no attempt is lost: {waiting:#?}");
    let smtpd = mail.start();
    until(&people.root, "sent", 9).await;
    let list = place.terminal(&people.root).run(&["mail", "list", "--state", "failed"]).done();
    assert!(list.stdout.contains("riskofficer") && list.stdout.contains("524"), "{list:?}");
    place.terminal(&people.root).run(&["mail", "retry", "--all"]).done();
    serve.stop();
    drop(smtpd);
    assert_eq!(place.findings(), [] as [Value; 0], "no message is part of the record");
}

/// Mails go over TLS to a server that can be trusted, or not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_cannot_be_trusted_gets_no_mail() {
    let Some(mail) = TlsServer::start() else {
        println!("COUNTERSIGN_TEST_PYTHON is not set: no mail is sent");
        return;
    };
    let (port, authority) = (format!("127.0.0.1:{}", mail.port), mail.authority());
    let place = Place::sqlite();
    let trusted = |password| {
        let mut settings = settings(&port, "starttls");
        settings.push(("COUNTERSIGN_MAIL_AUTHORITY_FILE", &authority));
        settings.extend([("COUNTERSIGN_MAIL_USERNAME", "countersign"), ("COUNTERSIGN_MAIL_PASSWORD", password)]);
        settings
    };
    let serve = Serve::start_with(&place.data(), place.database.url(), &settings(&port, "starttls"));
    let people = place.set(&serve).await;
    give_addresses(&people).await;
    let tested = place.terminal(&people.root).run(&["mail", "test"]).done();
    assert!(tested.stdout.contains("waiting"), "{tested:?}");
    let failure = text(&failing(&people.root).await["message"]);
    assert!(failure.contains("certificate"), "{failure}");
    serve.stop();
    let serve = Serve::start_with(&place.data(), place.database.url(), &trusted("another secret"));
    let failure = text(&failing(&people.at(&serve.url).root).await["message"]);
    assert!(failure.contains("535") && !failure.contains("another secret"), "{failure}");
    serve.stop();
    assert_eq!(mail.recipients(), "");
    let serve = Serve::start_with(&place.data(), place.database.url(), &trusted("a secret"));
    let people = people.at(&serve.url);
    let sent = until(&people.root, "sent", 1).await;
    assert!(mail.recipients().starts_with("root@example.org <") && sent[0]["topic"] == "test", "{sent:?}");
    serve.stop();
}

/// Two servers on one database send ten thousand mails while they are killed and started again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn ten_thousand_mails_while_servers_are_killed() {
    const SUBSCRIBERS: usize = 200;
    const KILLS: usize = 6;
    let (Some(place), Some(mail)) = (Place::postgres(), TlsServer::start_plain()) else { return };
    let port = format!("127.0.0.1:{}", mail.port);
    let start = || Serve::begin(&place.data(), place.database.url(), &settings(&port, "none"));
    let mut servers = vec![start().ready(), start().ready()];
    let people = place.set(&servers[0]).await;
    let root = &people.root;
    for number in 0..SUBSCRIBERS {
        let name = format!("reader-{number}");
        let person = common::scene::person(root, &name).await;
        let path = format!("/users/{name}");
        root.change(Method::PATCH, &path, &path, &json!({"email": format!("{name}@example.org")})).await.ok();
        root.put(&format!("/projects/diagnosis/members/{name}"), json!({"role": "reader"})).await.ok();
        person.put("/me/subscriptions", json!({"to": "diagnosis", "subscribed": true})).await.ok();
    }
    // Each request and each time that it is taken back is told to every subscriber.
    let begun = Instant::now();
    request(&people).await;
    for _ in 0..24 {
        command(&people.scientist, "take-back", json!({})).await;
        command(&people.scientist, "request", json!({})).await;
    }
    let expected = 49 * SUBSCRIBERS;
    let count = || mail.recipients().lines().count();
    for kill in 1..=KILLS {
        while count() < expected * kill / (KILLS + 2) {
            tokio::task::yield_now().await;
        }
        let mut killed = servers.remove(0);
        killed.kill();
        servers.push(start().ready());
    }
    let root = root.at(&servers[1].url);
    let end = Instant::now() + Duration::from_secs(900);
    while root.get("/messages?state=waiting&limit=1").await.ok()["items"] != json!([]) {
        assert!(Instant::now() < end, "messages still wait");
    }
    let recipients = mail.recipients();
    let mut ids: Vec<_> = recipients.lines().collect();
    let came = ids.len();
    ids.sort_unstable();
    ids.dedup();
    println!("{came} mails, {} of them twice, {KILLS} kills, {:?}", came - ids.len(), begun.elapsed());
    assert_eq!(ids.len(), expected, "each person hears of each event");
    assert!(came - ids.len() <= KILLS, "one mail comes twice at the most for each kill: {came}");
}

#[test]
fn settings_that_cannot_work_are_refused_at_the_start() {
    let place = Place::sqlite();
    for (wrong, words) in [
        (vec![("COUNTERSIGN_MAIL_SERVER", "mail.example.org")], "HOST:PORT"),
        (vec![("COUNTERSIGN_MAIL_SERVER", "mail.example.org:25")], "mail.from"),
        (vec![("COUNTERSIGN_MAIL_FROM", "a@example.org")], "mail.server is not"),
        (vec![("COUNTERSIGN_MAIL_SERVER", "mail.example.org:25"), ("COUNTERSIGN_MAIL_FROM", "nobody")], "mail.from"),
        (
            vec![
                ("COUNTERSIGN_MAIL_SERVER", "mail.example.org:25"),
                ("COUNTERSIGN_MAIL_FROM", "a@example.org"),
                ("COUNTERSIGN_MAIL_SECURITY", "none"),
                ("COUNTERSIGN_MAIL_USERNAME", "countersign"),
                ("COUNTERSIGN_MAIL_PASSWORD", "secret"),
            ],
            "unencrypted",
        ),
    ] {
        let data = place.data().display().to_string();
        let mut command = common::serve::command(&wrong);
        let output = command.args(["serve", "--listen", "127.0.0.1:0", "--data", &data]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(words), "{wrong:?}: {said}");
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn subject(mail: &Value) -> String {
    text(&mail["headers"]["subject"])
}
