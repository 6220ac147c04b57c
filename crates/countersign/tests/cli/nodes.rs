//! Deploying until it is served, and trying it: what a person is told on the way, and what a script can rely on.

use crate::program::{Place, Reply, Request, json, nobody, server};
use serde_json::{Value, json as value};
use std::sync::atomic::{AtomicUsize, Ordering};

const DEPLOY: [&str; 6] = ["deploy", "production/tumour", "diagnosis/tumour:1", "--wait", "--timeout", "5s"];

/// A deployment of revision 3 with this health and one node in this state.
fn deployment(status: &str, reason: &str, state: Option<&str>) -> Value {
    let node = |state: &str| value!({"node": "n1", "url": "http://127.0.0.1:8701", "state": state, "revision": 3, "reported_at": "2026-11-23T12:00:00.000000Z", "reason": "Why\u{1b}[31m not"});
    value!({
        "already_done": false, "infrastructure": "production", "service": "tumour", "model": "diagnosis/tumour", "standing": "in_policy",
        "health": {"status": status, "reason": reason, "nodes": state.map(node).into_iter().collect::<Vec<_>>()},
        "revision": {"number": 3, "kind": "deploy", "shares": [], "by": "Operator", "at": "2026-11-23T12:00:00.000000Z"}, "history": [],
    })
}

/// A server whose gate allows, and whose deployment becomes this, look after look.
fn becoming(states: Vec<Value>) -> impl Fn(&Request) -> Reply {
    let looks = AtomicUsize::new(0);
    move |request| match request.path.as_str() {
        "/api/v1/gate/check" => json(
            200,
            &value!({"verdict": "allow", "policy": "prevent", "infrastructure": "production", "version": "diagnosis/tumour:1", "model_digest": "0".repeat(64), "reasons": [], "pending": false}),
        ),
        _ => {
            let look = looks.fetch_add(1, Ordering::SeqCst);
            json(200, &states[look.min(states.len() - 1)])
        }
    }
}

#[test]
fn a_deployment_is_followed_until_every_node_serves_it() {
    let starting = deployment("starting", "0 of 1 node serves revision 3", Some("starting"));
    let healthy = deployment("healthy", "the node serves revision 3", Some("serving"));
    let (url, _) = server(becoming(vec![starting.clone(), starting, healthy]));
    let run = Place::signed_in(&url).run(&DEPLOY);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        run.stderr,
        "starting: 0 of 1 node serves revision 3\nServed at http://127.0.0.1:8701/v2/models/tumour. Try it:\n  \
         countersign predict production/tumour --input FILE\n  curl --json @FILE 'http://127.0.0.1:8701/v2/models/tumour/infer'\n"
    );
    assert!(run.stdout.contains("health          healthy") && run.stdout.contains("Nodes"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
}

#[test]
fn what_will_not_be_served_is_said_with_the_nodes_reason_and_its_exit_code() {
    let ill = |status: &str, state| deployment(status, "n1 is failed: diagnosis/tumour:1: out of memory", Some(state));
    let mut other = deployment("healthy", "the node serves revision 4", Some("serving"));
    other["revision"]["number"] = value!(4);
    for (states, code, words) in [
        (vec![ill("degraded", "failed")], 1, "out of memory"),
        (vec![ill("out_of_sync", "out_of_sync")], 1, "out of memory"),
        (vec![ill("starting", "starting"), other], 7, "the node serves revision 4"),
        (vec![ill("starting", "starting")], 75, "is not served by every node yet"),
    ] {
        let (url, _) = server(becoming(states));
        let arguments = [&DEPLOY[..5], &["1s"]].concat();
        let run = Place::signed_in(&url).run(&arguments);
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.stderr.contains("error: revision 3") && run.stderr.contains(words), "{run:?}");
        assert!(run.stdout.contains("tumour"), "what stands is shown all the same: {run:?}");
    }
}

#[test]
fn without_a_node_it_is_said_what_to_start() {
    let nobody = deployment("unknown", "no node has reported: start one", None);
    let (url, seen) = server(becoming(vec![nobody]));
    let place = Place::signed_in(&url);
    let run = place.run(&DEPLOY);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("no node serves production yet") && run.stderr.contains("countersign node --server"), "{run:?}");
    // Without --wait nobody is asked anything but to deploy.
    seen.lock().unwrap().clear();
    let run = place.run(&DEPLOY[..3]);
    assert_eq!((run.code, run.stderr.as_str(), seen.lock().unwrap().len()), (0, "", 1));
    let run = place.run(&[&DEPLOY[..], &["--output", "json"]].concat());
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&shown["health"]["status"], &shown["already_done"]), (&value!("unknown"), &value!(false)));
}

const REQUEST: &str = r#"{"inputs": [{"name": "X", "shape": [1, 1], "datatype": "FP32", "data": [1.5]}]}"#;

fn predicts(request: &Request) -> Reply {
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v2/models/tumour/infer"));
    assert!(!request.headers.contains_key("authorization"), "the token is the server's and nobody else's");
    assert_eq!(request.body, REQUEST.as_bytes(), "word for word");
    let answer = value!({"model_name": "tumour", "outputs": [{"name": "label", "shape": [1], "datatype": "BYTES", "data": ["be\u{1b}nign"]}]});
    let said = [("countersign-version", "diagnosis/tumour:1"), ("countersign-approved", "true"), ("countersign-revision", "3")];
    Reply(200, "application/json", answer.to_string().into(), said.map(|(name, value)| (name, value.to_owned())).into())
}

#[test]
fn a_prediction_says_which_version_made_it() {
    let (node, _) = server(predicts);
    let mut serving = deployment("healthy", "the node serves revision 3", Some("serving"));
    serving["health"]["nodes"][0]["url"] = value!(node);
    let (url, seen) = server(move |_| json(200, &serving));
    let place = Place::signed_in(&url);
    place.file("request.json", REQUEST);
    let run = place.run(&["predict", "production/tumour", "--input", "request.json"]);
    let expected = format!(
        "version   diagnosis/tumour:1\napproved  yes\nrevision  3\nnode      {node}\n\nOutputs\n  ROW  label\n  0    benign\n"
    );
    assert_eq!((run.code, run.stdout), (0, expected), "{}", run.stderr);
    assert_eq!(seen.lock().unwrap()[0].path, "/api/v1/infrastructures/production/deployments/tumour");
    // With a node named nobody has to be signed in, and the request may come from standing input.
    let arguments = ["predict", "production/tumour", "--input", "-", "--node", &node, "--output", "json"];
    let run = Place::new().run_with(&arguments, REQUEST);
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &shown["approved"], &shown["revision"]), (0, &value!(true), &value!(3)), "{run:?}");
    assert_eq!(shown["answer"]["outputs"][0]["data"], value!(["be\u{1b}nign"]));
}

#[test]
fn a_request_keeps_its_digits_and_may_have_pythons_words() {
    // Read as a number and written again, the first has another last digit.
    let written = r#"{"inputs": [{"name": "X", "shape": [2], "datatype": "FP64", "data": [0.123456789012345678901, NaN]}]}"#;
    let (node, seen) = server(|_| json(200, &value!({"model_name": "tumour", "outputs": []})));
    let place = Place::new();
    place.file("request.json", &format!("\n{written}\n"));
    let run = place.run(&["predict", "production/tumour", "--input", "request.json", "--node", &node]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(String::from_utf8(seen.lock().unwrap()[0].body.clone()).unwrap(), written.replace("NaN", "\"NaN\""));
}

#[test]
fn an_answer_keeps_the_last_digit_of_each_number() {
    // Numbers that a reader in a hurry takes for their neighbours.
    let numbers = "31.245270191439438,0.03125000000000001,2.638344616030823e-256,1.0003";
    let answer = format!(
        r#"{{"model_name": "tumour", "outputs": [{{"name": "Y", "shape": [4], "datatype": "FP64", "data": [{numbers}]}}]}}"#
    );
    let (node, _) = server(move |_| Reply(200, "application/json", answer.clone().into_bytes(), Vec::new()));
    let place = Place::new();
    place.file("request.json", REQUEST);
    let predict = ["predict", "production/tumour", "--input", "request.json", "--node", &node];
    for output in ["table", "json"] {
        let run = place.run(&[&predict[..], &["--output", output]].concat());
        let shown: String = run.stdout.split_whitespace().collect();
        for number in numbers.split(',') {
            assert!(shown.contains(number), "{number}: {run:?}");
        }
    }
}

#[test]
fn a_prediction_that_cannot_be_had_says_why() {
    let refusing =
        |status: u16, body: &'static str| server(move |_| Reply(status, "application/json", body.into(), Vec::new())).0;
    let place = Place::new();
    place.file("request.json", REQUEST);
    place.file("wrong.json", "{\"inputs\": 1}");
    place.file("cut.json", "{\"inputs\":");
    let gone = nobody();
    let revoked = refusing(503, r#"{"error": "the approval of diagnosis/tumour:1 was revoked by The approver: no"}"#);
    let unknown = refusing(404, r#"{"error": "there is no model of this name"}"#);
    let other = refusing(200, "<html>");
    for (input, node, code, words) in [
        ("request.json", &revoked, 8, "was revoked by The approver: no"),
        ("request.json", &unknown, 5, "there is no model of this name"),
        ("request.json", &other, 1, "something that is not a prediction"),
        ("request.json", &gone, 8, "cannot be reached"),
        ("wrong.json", &other, 2, "it has no list `inputs`"),
        ("cut.json", &other, 2, "is not a request"),
        ("missing.json", &other, 2, "cannot be read"),
        ("request.json", &"ftp://node".to_owned(), 2, "http://"),
    ] {
        let run = place.run(&["predict", "production/tumour", "--input", input, "--node", node]);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run:?}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(words), "{run:?}");
    }
    let (url, _) = server(|_| json(200, &deployment("unknown", "no node is alive: n1 stopped reporting", Some("lost"))));
    let signed_in = Place::signed_in(&url);
    signed_in.file("request.json", REQUEST);
    let run = signed_in.run(&["predict", "production/tumour", "--input", "request.json"]);
    assert!(run.code == 1 && run.stderr.contains("n1 stopped reporting") && run.stderr.contains("--node URL"), "{run:?}");
}

#[test]
fn what_a_node_says_of_itself_moves_no_cursor() {
    let report = value!({"url": "http://127.0.0.1:8701", "software": "0.1.0\u{1b}[2J", "engine": null, "problem": "\u{202e}no engine", "started_at": "2026-11-23T12:00:00Z", "services": [], "log": {"size": 7, "checkpoint": "\u{1b}[2J", "refusal": null}});
    let nodes =
        value!({"items": [{"node": "n1", "alive": true, "reported_at": "2026-11-23T12:00:00.000000Z", "report": report}]});
    let (url, _) = server(move |_| json(200, &nodes));
    let run = Place::signed_in(&url).run(&["infra", "nodes", "production"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (
            0,
            "NODE  ALIVE  URL                    SOFTWARE  ENGINE  LOG       REPORTED              PROBLEM\n\
             n1    yes    http://127.0.0.1:8701  0.1.0[2J  -       7 events  2026-11-23T12:00:00Z  no engine\n"
        ),
        "{run:?}"
    );
}

#[test]
fn a_node_starts_only_with_an_address_that_clients_can_use() {
    let place = Place::new();
    let start = |more: &[&str]| {
        let needed = ["node", "--server", "http://127.0.0.1:9", "--infra", "production", "--token-file", "t", "--trust", "k"];
        place.run(&[&needed[..], more].concat())
    };
    for (more, words) in [
        (&["--url", "node-1:8701"][..], "`node-1:8701` is no address"),
        (&["--url", "node-1.example.org"], "`node-1.example.org` is no address"),
        (&["--url", "http://user@node-1"], "without user"),
        (&["--listen", "0.0.0.0:8701"], "--url http://node-1.example.org:8701"),
        (&["--listen", "[::]:8701"], "no address under which clients reach this node"),
        // What comes next: the address is in order.
        (&["--listen", "0.0.0.0:8701", "--url", "http://node-1:8701"], "--trust: k cannot be read"),
    ] {
        let run = start(more);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains(words), "{words}: {run:?}");
    }
}
