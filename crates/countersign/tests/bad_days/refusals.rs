//! What the server refuses, and how the command line says so.

use crate::common::{
    cli::{Run, Terminal},
    http::Person,
    scene::{IT, PASSWORD, Place},
};
use serde_json::{Value, json};
use std::{
    fs,
    time::{Duration, Instant},
};

/// A refusal that says what to do as well.
#[track_caller]
fn refused_helpfully(run: Run, code: i32, words: &str) {
    let run = run.refused(code, words);
    assert!(run.stderr.contains("hint: ") || run.stderr.contains("who can: "), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_exist_or_does_not_fit() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let [root, scientist, itops, approver, operator] =
        [&people.root, &people.scientist, &people.itops, &people.approver, &people.operator].map(|person| place.terminal(person));
    fs::write(place.desk().join("model.onnx"), "bytes").unwrap();
    scientist.run(&["version", "create", "diagnosis/tumour", "model.onnx"]).done();
    let version = "diagnosis/tumour:1";

    for (terminal, line) in [
        (&scientist, &["version", "create", "nowhere/tumour", "model.onnx"][..]),
        (&scientist, &["version", "create", "diagnosis/nothing", "model.onnx"]),
        (&scientist, &["review", "request", "diagnosis/tumour:9"]),
        (&root, &["group", "add", "risk", "nobody"]),
        (&operator, &["deploy", "nowhere/tumour", version]),
        (&operator, &["gate", "--infra", "nowhere", version]),
        (&operator, &["gate", "--infra", "production", "nowhere/tumour:1"]),
        // Of another's project not even the name is confirmed.
        (&place.terminal(&crate::common::scene::person(&people.root, "stranger").await), &["version", "show", version]),
    ] {
        refused_helpfully(terminal.run(line), 5, "or you may not see it");
    }
    let unknown = ["project", "member", "add", "diagnosis", "nobody", "--role", "reader"];
    refused_helpfully(root.run(&unknown), 5, "nobody");
    let unknown = ["reviewers", "set", "diagnosis", "--slot", "Risk=user:nobody", "--approver", "user:approver"];
    refused_helpfully(root.run(&unknown), 5, "at /slots/0/assigned/0");

    scientist.run(&["review", "request", version]).done();
    itops.run(&["feedback", "give", version, "--slot", "Nowhere", "--verdict", "approve"]).refused(2, "Nowhere");
    itops
        .run(&["feedback", "give", version, "--slot", IT, "--verdict", "perhaps"])
        .refused(2, "approve, minor-issue, major-issue");
    root.run(&["infra", "create", "island", "--stage", "test"]).refused(2, "--policy <prevent|warn|allow>");
    operator.run(&["deploy", "test/tumour", "diagnosis/tumour:1=90"]).refused(2, "add up to 90, not to 100");
    let by_api = people
        .operator
        .post("/infrastructures/test/deployments/tumour", json!({"shares": [{"version": version, "weight": 90}]}))
        .await;
    assert_eq!((by_api.status, by_api.text().contains("90, not to 100")), (422, true), "{}", by_api.text());

    approver.decide(&["reject", version, "--comment", "Not good."]).done();
    refused_helpfully(scientist.run(&["review", "request", version]), 7, "locked");
    scientist.run(&["version", "edit", version, "--tag", "x=y"]).refused(7, "locked");
    approver.decide(&["approve", version, "--comment", "After all."]).refused(7, "rejected");
    assert_eq!(people.root.get("/infrastructures/test/deployments/tumour").await.status, 404, "something was deployed");
    server.stop();
    assert_eq!(place.findings(), [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_approve_and_who_is_not_signed_in() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let [root, scientist] = [&people.root, &people.scientist].map(|person| place.terminal(person));
    fs::write(place.desk().join("model.onnx"), "bytes").unwrap();
    let version = "diagnosis/tumour:1";
    scientist.run(&["version", "create", "diagnosis/tumour", "model.onnx"]).done();
    let made = root
        .run(&["token", "create", "--service", "robot", "--scope", "read", "--scope", "review", "--output", "json"])
        .done()
        .json();
    let robot = place.terminal(&people.root.with_token("robot", made["token"].as_str().unwrap()));
    let reviewers = [
        "reviewers",
        "set",
        "diagnosis",
        "--approver",
        "user:approver",
        "--approver",
        "user:scientist",
        "--approver",
        "user:robot",
    ];
    root.run(&reviewers).done();
    scientist.run(&["review", "request", version]).done();
    scientist.decide(&["approve", version, "--comment", "Mine."]).refused(6, "author");
    robot.decide(&["approve", version, "--comment", "Beep."]).refused(6, "service");
    assert_eq!(
        people.root.get("/projects/diagnosis/models/tumour/versions/1/review").await.ok()["status"],
        "waiting_for_approval"
    );

    let short = root.run(&["token", "create", "--expires", "1s", "--output", "json"]).done().json();
    let expired = place.terminal(&people.root.with_token("short", short["token"].as_str().unwrap()));
    let patience = Instant::now() + Duration::from_secs(20);
    let mut run = expired.run(&["whoami"]);
    while run.code == 0 && Instant::now() < patience {
        run = expired.run(&["whoami"]);
    }
    refused_helpfully(run, 6, "this token held until ");
    let long = root.run(&["token", "create", "--expires", "1h", "--output", "json"]).done().json();
    let revoked = place.terminal(&people.root.with_token("long", long["token"].as_str().unwrap()));
    revoked.run(&["whoami"]).done();
    root.run(&["token", "revoke", long["id"].as_str().unwrap()]).done();
    refused_helpfully(revoked.run(&["whoami"]), 6, "this token was revoked");

    let invited = root.run(&["user", "create", "late", "--name", "Late", "--output", "json"]).done().json();
    let code = invited["invitation"].as_str().unwrap();
    let nobody = Terminal::new(place.desk());
    let redeem = |profile: &str| {
        nobody.run_with(&["login", &server.url, "--profile", profile, "--invitation", code], &format!("{PASSWORD}\n"))
    };
    redeem("late").done();
    refused_helpfully(redeem("later"), 6, "invitation");
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_as_json_is_the_problem_of_the_api() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    fs::write(place.desk().join("model.onnx"), "bytes").unwrap();
    place.terminal(&people.scientist).run(&["version", "create", "diagnosis/tumour", "model.onnx"]).done();
    let operator = place.terminal(&people.operator);
    let run =
        operator.run(&["deploy", "production/tumour", "diagnosis/tumour:1", "--output", "json"]).refused(3, "denied_by_policy");
    let problem: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("denied_by_policy"), &json!(403)));
    assert_eq!(problem["answer"]["reasons"][0]["version"], "diagnosis/tumour:1");
    assert!(["type", "title", "detail", "request"].iter().all(|name| problem[name].is_string()), "{problem}");
    let same = people
        .operator
        .post("/infrastructures/production/deployments/tumour", json!({"shares": [{"version": "diagnosis/tumour:1"}]}))
        .await;
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&problem), names(&same.json));
    server.stop();

    for line in [&["gate", "--infra", "test", "diagnosis/tumour:1"][..], &["deploy", "test/tumour", "diagnosis/tumour:1"]] {
        refused_helpfully(operator.run(line), 8, "the server at http://127.0.0.1:");
        let run = operator.run(&[line, &["--output", "json"]].concat()).refused(8, "\"code\": \"client\"");
        assert!(serde_json::from_str::<Value>(&run.stderr).is_ok(), "{run:#?}");
    }
    let gone: &Person = &people.operator;
    assert!(gone.try_ask(reqwest::Method::GET, "/me", None, None).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_that_cannot_be_kept_uses_up_no_invitation() {
    let place = Place::sqlite();
    let server = place.serve();
    let invited = place.admin(&["create-administrator", "root"]).done().json();
    let code = invited["invitation"].as_str().unwrap();
    fs::write(place.desk().join("file"), "").unwrap();
    let login = ["login", &server.url, "--profile", "root", "--invitation", code];
    let somewhere = |folder: &str| Terminal::new(place.desk()).with("COUNTERSIGN_CONFIG_DIR", &place.desk().join(folder));
    let refused = somewhere("file/config").run_with(&login, PASSWORD);
    refused_helpfully(refused, 1, "cannot be written");
    somewhere("config").run_with(&login, PASSWORD).done();
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_bytes_than_the_digest_names_are_not_downloaded() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let [root, scientist] = [&people.root, &people.scientist].map(|person| place.terminal(person));
    fs::write(place.desk().join("model.onnx"), "bytes").unwrap();
    let version = scientist.run(&["version", "create", "diagnosis/tumour", "model.onnx", "--output", "json"]).done().json();
    let download = |digest: &str| scientist.run(&["version", "download", "diagnosis/tumour:1", "copy", "--digest", digest]);
    refused_helpfully(download(&"0".repeat(64)), 1, "nothing was kept");
    assert!(!place.desk().join("copy").exists());
    download(version["model_digest"].as_str().unwrap()).done();
    assert_eq!(fs::read_to_string(place.desk().join("copy/model.onnx")).unwrap(), "bytes");

    // The tokens of a service are found, page by page.
    for label in ["one", "two"] {
        root.run(&["token", "create", "--service", "pipeline", "--label", label]).done();
    }
    let list = ["token", "list", "--service", "pipeline", "--limit", "1", "--output", "json"];
    let first = root.run(&list).done().json();
    assert_eq!((first["items"].as_array().unwrap().len(), &first["items"][0]["label"]), (1, &json!("one")), "{first}");
    let next = [&list[..], &["--after", first["next"].as_str().unwrap()]].concat();
    let second = root.run(&next).done().json();
    assert_eq!((&second["items"][0]["label"], &second["next"]), (&json!("two"), &Value::Null), "{second}");
    scientist.run(&list).refused(6, "administrators");
    let person = ["token", "list", "--service", "scientist"];
    refused_helpfully(root.run(&person), 5, "service account");
    server.stop();
}
