//! A new invitation for somebody who signed, from two terminals: an administrator's, and that of the server's machine.

use crate::common::{
    cli::{Run, Terminal},
    scene::Place,
};
use serde_json::Value;
use std::fs;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approver_who_lost_the_password_gets_a_new_one_by_two_hands() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let [root, scientist, approver] = [&people.root, &people.scientist, &people.approver].map(|person| place.terminal(person));
    fs::write(place.desk().join("model.onnx"), "bytes").unwrap();
    scientist.run(&["version", "create", "diagnosis/tumour", "model.onnx"]).done();
    scientist.run(&["review", "request", "diagnosis/tumour:1", "--skip-feedback"]).done();
    approver.decide(&["approve", "diagnosis/tumour:1", "--comment", "Good."]).done();

    let invited = root.run(&["user", "invite", "approver", "--output", "json"]).done();
    assert!(invited.stderr.contains("countersign user confirm-invitation approver"), "{invited:#?}");
    let code = invited.json()["invitation"].as_str().unwrap().to_owned();
    let log_in = || -> Run {
        let line = ["login", &people.root.url, "--profile", "again", "--user", "approver", "--invitation", &code];
        Terminal::new(place.desk()).run_with(&line, "a new password\n")
    };
    log_in().refused(6, "second administrator");
    root.run(&["user", "confirm-invitation", "approver"]).refused(6, "yourself");
    place.admin(&["confirm-invitation", "approver"]).done();
    log_in().done();
    let shown = root.run(&["user", "show", "approver"]).done();
    assert!(shown.stdout.contains("by invitation of root, confirmed by the server's console"), "{shown:#?}");
    server.stop();
    assert_eq!(place.findings(), [] as [Value; 0]);
}
