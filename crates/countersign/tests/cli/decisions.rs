//! Decisions from the command line: on the state that the profile has looked at, and with the password when the server asks for it.

use crate::program::{Place, Reply, Request, json, server};
use serde_json::json as value;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
};

const APPROVE: [&str; 4] = ["approve", "diagnosis/tumour:1", "--comment", "ok"];
const SHOW: [&str; 3] = ["review", "show", "diagnosis/tumour:1"];

/// A review in this state, as the API shows it.
fn review(tag: &str, done: bool) -> Reply {
    let mut review = value!({
        "version": "diagnosis/tumour:1", "step": "review", "model_digest": "07".repeat(32), "round": 1, "rounds": 1,
        "status": if done { "approved" } else { "waiting_for_approval" }, "locked": false, "skip_feedback": false, "slots": [],
        "approvers": [], "approver_people": [], "delegations": [], "turns": [], "may": [], "warnings": [], "etag": tag,
        "link": "http://localhost/x", "changed_since_request": ["metrics.auc", "notes"],
    });
    if done {
        review["already_done"] = value!(false);
    }
    let Reply(status, kind, body, _) = json(200, &review);
    Reply(status, kind, body, vec![("ETag", format!("\"{tag}\""))])
}

/// Signed in as a profile.
fn profile(url: &str) -> Place {
    let place = Place::new().set("COUNTERSIGN_PROFILE", "approver");
    place
        .file(".config/countersign/profiles/approver.toml", &format!("url = '{url}'\nuser = 'approver'\ntoken = 'csn_secret'\n"));
    place
}

/// The tags of the decisions that arrived.
fn tags(seen: &Mutex<Vec<Request>>) -> Vec<String> {
    let seen = seen.lock().unwrap();
    let decisions = seen.iter().filter(|request| request.method == "POST");
    decisions.map(|request| request.headers.get("if-match").cloned().unwrap_or_default()).collect()
}

#[test]
fn a_decision_is_on_what_this_profile_looked_at_last() {
    let (url, seen) = server(|request| match request.method.as_str() {
        "GET" => review("r1.4", false),
        _ => review("r1.5", true),
    });
    let place = profile(&url);
    for command in
        [&APPROVE[..], &["reject", "diagnosis/tumour:1", "--comment", "x"], &["revoke", "diagnosis/tumour:1", "--comment", "x"]]
    {
        let run = place.run(command);
        assert_eq!((run.code, run.stderr.contains("countersign review show diagnosis/tumour:1")), (7, true), "{run:?}");
        assert!(run.stderr.contains("--if-match"), "{run:?}");
    }
    assert_eq!(seen.lock().unwrap().len(), 0, "it asks nobody: what the server shows now is not what was looked at");

    assert_eq!(place.run(&SHOW).code, 0);
    let run = place.run(&APPROVE);
    assert_eq!(run.code, 0, "{run:?}");
    for said in ["diagnosis/tumour:1", &"07".repeat(32), "metrics.auc, notes"] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    let file = place.path(".config/countersign/seen/approver.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // The decision itself led from r1.4 to r1.5, which the person therefore knows.
    place.run(&["revoke", "diagnosis/tumour:1", "--comment", "x"]);
    place.run(&["approve", "diagnosis/tumour:1", "--if-match", "r1.3"]);
    assert_eq!(tags(&seen), ["\"r1.4\"", "\"r1.5\"", "\"r1.3\""]);
    // An earlier round, and another server, are not what is decided on.
    fs::remove_file(&file).unwrap();
    assert_eq!(place.run(&[&SHOW[..], &["--round", "1"]].concat()).code, 0);
    assert_eq!(place.run(&APPROVE).code, 7);
}

#[test]
fn what_changed_since_the_look_is_a_conflict() {
    let (url, _) = server(|request| match request.method.as_str() {
        "GET" => review("r1.4", false),
        _ => json(
            412,
            &value!({"code": "stale", "detail": "rejected 12 seconds ago", "who_can": ["Manager"], "link": "http://localhost/x", "request": "r-1"}),
        ),
    });
    let place = profile(&url);
    place.run(&SHOW);
    let run = place.run(&APPROVE);
    assert_eq!(run.code, 7);
    assert_eq!(run.stderr, "error: rejected 12 seconds ago\n  who can: Manager\n  see: http://localhost/x\n  request: r-1\n");
}

#[test]
fn an_old_sign_in_is_told_and_the_password_comes_on_standard_input_and_nowhere_else() {
    let (url, seen) = needs_password();
    let place = profile(&url);
    place.run(&SHOW);
    // Standard input is no terminal here, so nobody can be asked.
    let run = place.run(&APPROVE);
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.stderr.contains("signed in") && run.stderr.contains("--password-stdin"), "{run:?}");
    let with = [&APPROVE[..], &["--password-stdin"]].concat();
    assert_eq!(place.run_with(&with, "wrong\n").code, 6);
    let run = place.run_with(&with, "a long password\n");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("a long password") && !run.stderr.contains("a long password"));
    assert_eq!(place.run_with(&with, "").code, 2);
    for command in ["reject", "revoke"] {
        let run = place.run_with(
            &[command, "diagnosis/tumour:1", "--comment", "x", "--if-match", "r1.4", "--password-stdin"],
            "a long password\n",
        );
        assert_eq!(run.code, 0, "{command}: {run:?}");
    }
    let bodies: Vec<serde_json::Value> = {
        let seen = seen.lock().unwrap();
        seen.iter()
            .filter(|request| request.method == "POST")
            .map(|request| serde_json::from_slice(&request.body).unwrap())
            .collect()
    };
    let passwords: Vec<_> = bodies.iter().map(|body| body.get("password").cloned()).collect();
    let right = Some(value!("a long password"));
    assert_eq!(passwords, [None, Some(value!("wrong")), right.clone(), right.clone(), right]);
}

/// A server that decides only with the right password.
fn needs_password() -> (String, Arc<Mutex<Vec<Request>>>) {
    server(|request| {
        if request.method == "GET" {
            return review("r1.4", false);
        }
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        match body["password"].as_str() {
            Some("a long password") => review("r1.4", true),
            Some(_) => json(401, &value!({"code": "sign_in_failed", "detail": "the password is wrong"})),
            None => json(
                403,
                &value!({"code": "reauthentication_required", "detail": "you signed in at noon", "next": {"step": "give_password"}}),
            ),
        }
    })
}

#[test]
fn a_password_is_changed_with_the_present_one_and_neither_is_an_argument() {
    let (url, seen) = server(|_| json(200, &value!({})));
    let place = profile(&url);
    let run = place.run_with(&["password"], "the present one\nthe new one\n");
    assert_eq!((run.code, run.stderr.contains("Your password is changed")), (0, true), "{run:?}");
    let sent = seen.lock().unwrap().iter().map(|request| (request.path.clone(), request.body.clone())).collect::<Vec<_>>();
    assert_eq!(sent.len(), 1);
    let body: serde_json::Value = serde_json::from_slice(&sent[0].1).unwrap();
    assert_eq!(sent[0].0, "/api/v1/me/password");
    assert_eq!(body, value!({"password": "the present one", "new_password": "the new one"}));
    let run = place.run_with(&["password"], "only one\n");
    assert_eq!((run.code, run.stderr.contains("the password is empty")), (2, true), "{run:?}");
    assert_eq!(place.run(&["password", "secret"]).code, 2);
}
