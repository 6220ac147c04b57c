//! Servers that are down, that refuse, that are something else, or that lie: each has its exit code, and none of it is ever a yes.

use crate::program::{Place, Reply, Request, below, json, nobody, server};
use app::views::{Governance, Version};
use domain::{Digest, Timestamp, fields::Fields, signoff::Status};
use proof::{FileName, Manifest, ManifestEntry, Sha256};
use serde_json::json as value;
use std::{fs, os::unix::fs::PermissionsExt};

const GATE: [&str; 4] = ["gate", "--infra", "production", "diagnosis/tumour:1"];

#[test]
fn a_server_that_is_down_is_exit_code_8_for_the_gate_too() {
    let place = Place::signed_in(&nobody());
    for command in [&["inbox"][..], &GATE, &["deploy", "production/tumour", "diagnosis/tumour:1"], &["version", "show", "d/t:1"]]
    {
        let run = place.run(command);
        assert_eq!((run.code, run.stdout.as_str()), (8, ""), "{run:?}");
        assert!(run.stderr.starts_with("error: the server at http://127.0.0.1:") && run.stderr.contains("hint:"), "{run:?}");
    }
    let run = place.run(&[&GATE[..], &["--output", "json"]].concat());
    let problem: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((run.code, &problem["code"]), (8, &value!("client")));
    assert_eq!(place.run(&[&GATE[..], &["--wait", "--timeout", "1s"]].concat()).code, 8);
}

/// The gate's answer to a version that is not approved.
fn answer(verdict: &str, pending: bool) -> serde_json::Value {
    let digest = Digest::from_bytes([7; 32]);
    value!({
        "verdict": verdict, "policy": "prevent", "infrastructure": "production", "version": "diagnosis/tumour:1", "model_digest": digest, "pending": pending,
        "reasons": [{"version": "diagnosis/tumour:1", "model_digest": digest, "status": "waiting_for_approval", "lack": "not_approved",
            "missing": "the final approval", "who_can": ["Ap\u{1b}[31mprover"], "link": null}],
    })
}

#[test]
fn a_token_goes_to_no_other_server_than_its_profiles() {
    let (own, asked) = server(|_| json(200, &value!({"items": []})));
    let (other, asked_other) = server(|_| json(200, &value!({"items": []})));
    let profile = format!("url = '{own}'\nuser = 'scientist'\ntoken = 'csn_secret'\n");
    let signed_in = |url: &str| {
        let place = Place::new().set("COUNTERSIGN_URL", url);
        place.file(".config/countersign/profiles/scientist.toml", &profile);
        place
    };
    let command = ["project", "list"];
    let run = signed_in(&other).run(&command);
    assert!(run.code == 2 && run.stderr.contains("the token of this profile is for") && run.stderr.contains("hint:"), "{run:?}");
    assert_eq!(signed_in(&format!("{own}/")).run(&command).code, 0);
    let place = signed_in(&other);
    let token = place.file("token", "csn_other\n");
    assert_eq!(place.set("COUNTERSIGN_TOKEN_FILE", &token.to_string_lossy()).run(&command).code, 0);
    let tokens = |asked: &std::sync::Mutex<Vec<Request>>| -> Vec<String> {
        asked.lock().unwrap().iter().map(|request| request.headers["authorization"].clone()).collect()
    };
    assert_eq!(
        (tokens(&asked), tokens(&asked_other)),
        (vec!["Bearer csn_secret".to_owned()], vec!["Bearer csn_other".to_owned()])
    );
}

#[test]
fn a_proxy_that_refuses_a_body_is_told_from_the_server() {
    let (url, _) = server(|_| Reply(413, "text/html", b"<html>413 Request Entity Too Large</html>".to_vec(), Vec::new()));
    let run = Place::signed_in(&url).run(&["project", "list"]);
    assert!(run.stderr.contains("A proxy in front of the server takes no body of this size"), "{run:?}");
}

#[test]
fn a_file_that_the_server_puts_off_is_sent_again() {
    let put_off = |status: u16, code: &str| {
        let Reply(status, kind, body, _) = json(status, &value!({"code": code, "detail": "not now", "status": status}));
        Reply(status, kind, body, vec![("Retry-After", "0".to_owned())])
    };
    let turn = std::sync::atomic::AtomicU32::new(0);
    let limits = value!({"file_bytes": 1000, "version_bytes": 1000, "version_files": 10});
    let id = "0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6b";
    let (url, asked) = server(move |request| match (request.method.as_str(), request.path.contains("/files")) {
        ("PUT", _) => match turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => put_off(429, "rate_limited"),
            1 => put_off(503, "unavailable"),
            _ => json(201, &value!({"name": "model.bin", "sha256": "0".repeat(64), "size": 7})),
        },
        ("POST", _) if request.path.ends_with("/uploads") => json(
            201,
            &value!({"id": id, "limits": limits, "files": [], "created_at": "2026-01-05T09:00:00Z", "expires_at": "2026-01-06T09:00:00Z"}),
        ),
        ("POST", _) if request.path.ends_with("/known") => json(200, &value!({"files": []})),
        // What becomes of the version is another matter.
        _ => json(409, &value!({"code": "conflict", "detail": "it arrived", "status": 409})),
    });
    let place = Place::signed_in(&url);
    let file = place.file("model.bin", "a model");
    let run = place.run(&["version", "create", "diagnosis/tumour", &file.to_string_lossy()]);
    assert!(run.stderr.contains("it arrived"), "{run:?}");
    let asked = asked.lock().unwrap();
    let sent: Vec<_> = asked.iter().filter(|request| request.method == "PUT").map(|request| request.body.as_slice()).collect();
    assert_eq!(sent, [b"a model".as_slice(); 3]);
}

#[test]
fn waiting_outlives_a_rate_limit() {
    let turn = std::sync::atomic::AtomicU32::new(0);
    let (url, _) = server(move |_| match turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => json(429, &value!({"code": "rate_limited", "detail": "too many", "status": 429})),
        _ => json(200, &answer("allow", false)),
    });
    let run = Place::signed_in(&url).run(&[&GATE[..], &["--wait", "--timeout", "1m"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_rollback_says_from_where_and_goes_back_only_from_there() {
    let (url, asked) = server(|request| {
        let digest = Digest::from_bytes([7; 32]);
        let shares = value!([{"version": "diagnosis/tumour:2", "weight": 100, "model_digest": digest, "basis": "approved"}]);
        let revision = value!({"number": 7, "kind": "deploy", "shares": shares, "by": "Operator", "at": "2026-11-23T09:30:00Z"});
        let health = value!({"status": "unknown", "reason": "no node has reported", "nodes": []});
        let mut reply = json(
            200,
            &value!({"infrastructure": "production", "service": "tumour", "model": "diagnosis/tumour", "standing": "in_policy", "health": health,
                "revision": revision, "history": []}),
        );
        if request.method == "GET" {
            reply.3.push(("ETag", "\"d7\"".to_owned()));
        }
        reply
    });
    let place = Place::signed_in(&url);
    let run = place.run(&["deployment", "rollback", "production/tumour"]);
    assert!(run.code == 0 && run.stderr.contains("revision 7, which serves diagnosis/tumour:2=100"), "{run:?}");
    assert_eq!(place.run(&["deployment", "rollback", "production/tumour", "--if-match", "d3"]).code, 0);
    assert_eq!(place.run(&["deployment", "rollback", "production/tumour", "--to", "3"]).code, 0);
    let sent: Vec<_> =
        asked.lock().unwrap().iter().map(|request| (request.method.clone(), request.headers.get("if-match").cloned())).collect();
    let post = |tag: Option<&str>| ("POST".to_owned(), tag.map(str::to_owned));
    assert_eq!(sent, [("GET".to_owned(), None), post(Some("\"d7\"")), post(Some("\"d3\"")), post(None)]);
}

/// A warning with another value in one of its fields.
fn changed(field: &str, value: serde_json::Value) -> serde_json::Value {
    let mut answer = answer("warn", true);
    answer[field] = value;
    answer
}

#[test]
fn only_an_understood_allow_is_a_zero() {
    let html = |status| Reply(status, "text/html", b"<html>".to_vec(), Vec::new());
    let problem = |status, code: &str| json(status, &value!({"code": code, "detail": "no", "status": status}));
    type Make = Box<dyn Fn() -> Reply + Send>;
    let cases: Vec<(Make, &[&str], i32)> = vec![
        (Box::new(|| json(200, &answer("allow", false))), &[], 0),
        (Box::new(|| json(200, &answer("deny", true))), &[], 3),
        (Box::new(|| json(200, &answer("deny", true))), &["--acknowledge", "because"], 3),
        (Box::new(|| json(200, &answer("deny", true))), &["--wait", "--timeout", "1s"], 75),
        (Box::new(|| json(200, &answer("deny", false))), &["--wait", "--timeout", "1h"], 3),
        (Box::new(|| json(200, &answer("warn", true))), &[], 4),
        (Box::new(|| json(200, &answer("warn", true))), &["--acknowledge", "  "], 4),
        (Box::new(|| json(200, &answer("warn", true))), &["--acknowledge", "because"], 4),
        (Box::new(|| json(200, &changed("acknowledged", value!(true)))), &["--acknowledge", "because"], 0),
        (Box::new(|| json(200, &changed("infrastructure", value!("test")))), &["--acknowledge", "because"], 1),
        (Box::new(|| json(200, &changed("version", value!("diagnosis/tumour:2")))), &["--acknowledge", "because"], 1),
        (Box::new(|| json(200, &answer("perhaps", true))), &[], 1),
        (Box::new(|| json(200, &value!({}))), &[], 1),
        (Box::new(move || html(200)), &[], 1),
        (Box::new(move || html(502)), &[], 8),
        (Box::new(move || problem(503, "unavailable")), &[], 8),
        (Box::new(move || problem(401, "not_signed_in")), &[], 6),
        (Box::new(move || problem(404, "not_found")), &[], 5),
        (Box::new(|| Reply(302, "text/html", Vec::new(), vec![("Location", "http://example.org/".to_owned())])), &[], 1),
    ];
    for (make, more, code) in cases {
        let (url, seen) = server(move |_| make());
        let run = Place::signed_in(&url).run(&[&GATE[..], more].concat());
        assert_eq!(run.code, code, "{more:?} {run:?}");
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{run:?}");
        let seen = seen.lock().unwrap();
        assert_eq!(
            (seen[0].path.as_str(), seen[0].headers["authorization"].as_str()),
            ("/api/v1/gate/check", "Bearer csn_secret")
        );
        let asked: serde_json::Value = serde_json::from_slice(&seen[0].body).unwrap();
        assert_eq!(
            (&asked["model"], &asked["version"], &asked["infrastructure"]),
            (&value!("diagnosis/tumour"), &value!(1), &value!("production"))
        );
    }
}

#[test]
fn each_command_of_a_review_names_the_step_that_it_is_about() {
    let (url, seen) = server(|_| json(200, &value!({})));
    let place = Place::signed_in(&url);
    let version = "diagnosis/tumour:1";
    for command in [
        &["review", "show", version][..],
        &["review", "request", version],
        &["review", "final", version],
        &["review", "back", version],
        &["review", "delegate", version, "--to", "deputy"],
        &["review", "reset", version],
        &["review", "cancel-abandon", version],
        &["feedback", "give", version, "--slot", "Business", "--verdict", "approve"],
        &["feedback", "withdraw", version, "--slot", "Business"],
        &["approve", version, "--if-match", "r1.1"],
        &["reject", version, "--comment", "no", "--if-match", "r1.1"],
        &["abandon", version, "--comment", "no", "--if-match", "r1.1"],
        &["revoke", version, "--comment", "no", "--if-match", "r1.1"],
    ] {
        seen.lock().unwrap().clear();
        place.run(&[command, &["--step", "technical-review"]].concat());
        let paths: Vec<_> = seen.lock().unwrap().iter().map(|request| request.path.clone()).collect();
        assert!(!paths.is_empty() && paths.iter().all(|path| path.contains("step=technical-review")), "{command:?} {paths:?}");
        seen.lock().unwrap().clear();
        place.run(command);
        assert!(seen.lock().unwrap().iter().all(|request| !request.path.contains("step=")), "{command:?}");
    }
}

#[test]
fn signing_in_keeps_a_profile_that_only_its_owner_can_read() {
    let (url, seen) = server(|_| {
        let id = uuid::Uuid::from_u128(1);
        json(
            201,
            &value!({"token": "csn_new", "user": "scientist", "id": id, "label": "x", "scopes": ["read"], "expires_at": "2026-12-23T00:00:00Z"}),
        )
    });
    let place = Place::new();
    let run = place.run_with(
        &["login", &url, "--profile", "scientist", "--invitation", "csi_code", "--output", "json"],
        "a long password\n",
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("csn_new") && !run.stdout.contains("a long password"), "{run:?}");
    let sent: serde_json::Value = serde_json::from_slice(&seen.lock().unwrap()[0].body).unwrap();
    assert_eq!(
        (&sent["user"], &sent["password"], &sent["invitation"]),
        // The invitation says whose account it is; the profile may have another name.
        (&value!(null), &value!("a long password"), &value!("csi_code"))
    );
    let folder = place.path(".config/countersign/profiles");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("scientist.toml"))), (0o700, 0o600));
    assert_eq!(below(&folder), [folder.join("scientist.toml")]);
    let kept = fs::read_to_string(folder.join("scientist.toml")).unwrap();
    assert!(kept.contains("csn_new") && kept.contains(&url));
    // The next command finds it without being told.
    place.run(&["whoami"]);
    assert_eq!(seen.lock().unwrap()[1].headers["authorization"], "Bearer csn_new");
}

/// A server with one version, whose only file has these bytes.
fn version_with(bytes: &'static [u8]) -> impl Fn(&Request) -> Reply {
    let entry = ManifestEntry { name: FileName::parse("sub/model.onnx").unwrap(), sha256: Sha256::of(b"right"), size: 5 };
    let manifest = Manifest::new(vec![entry]).unwrap();
    let digest = Digest::from_bytes(*manifest.model_digest().as_bytes());
    let version = Version {
        name: "diagnosis/tumour:1".parse().unwrap(),
        model_digest: digest,
        files: 1,
        size: 5,
        fields: Fields::default(),
        authors: Vec::new(),
        editors: Vec::new(),
        uploader: "Scientist".to_owned(),
        uploader_account: None,
        created_at: Timestamp::from_micros(0),
        revision: 1,
        shown: digest,
        warnings: Vec::new(),
        same_bytes: Vec::new(),
        governance: Governance {
            renewal: None,
            step: "development".to_owned(),
            steps: Vec::new(),
            status: Status::NotStarted,
            round: 1,
            open_issues: 0,
            locked: false,
            retired: None,
            turns: Vec::new(),
            not_after: None,
            link: "http://localhost".to_owned(),
        },
    };
    move |request| match request.path.trim_start_matches("/api/v1/projects/diagnosis/models/tumour/versions/1") {
        "" => json(200, &serde_json::to_value(&version).unwrap()),
        "/manifest" => Reply(200, "application/json", manifest.to_bytes(), Vec::new()),
        "/files/sub/model.onnx" => Reply(200, "application/octet-stream", bytes.to_vec(), Vec::new()),
        other => panic!("{other}"),
    }
}

#[test]
fn a_download_is_the_version_or_nothing() {
    for (bytes, code) in [(&b"right"[..], 0), (b"wrong", 1), (b"rightmore", 1), (b"rig", 1)] {
        let (url, _) = server(version_with(bytes));
        let place = Place::signed_in(&url);
        let run = place.run(&["version", "download", "diagnosis/tumour:1", "new/copy"]);
        assert_eq!(run.code, code, "{run:?}");
        if code == 0 {
            assert_eq!(fs::read(place.path("new/copy/sub/model.onnx")).unwrap(), b"right");
        } else {
            assert!(run.stderr.contains("does not have the digest that it should have; nothing was kept"), "{run:?}");
            assert!(!place.path("new").exists(), "something was left behind");
        }
    }
}

#[test]
fn nothing_is_uploaded_over_the_servers_limits_and_the_upload_is_cancelled() {
    let id = uuid::Uuid::from_u128(7);
    let (url, seen) = server(move |request| match request.method.as_str() {
        "POST" => {
            let limits = value!({"file_bytes": 4, "version_bytes": 100, "version_files": 10});
            json(201, &value!({"id": id, "expires_at": "2026-12-23T00:00:00Z", "limits": limits, "files": []}))
        }
        _ => Reply(204, "text/plain", Vec::new(), Vec::new()),
    });
    let place = Place::signed_in(&url);
    place.file("model.onnx", "five!");
    let run = place.run(&["version", "create", "diagnosis/tumour", "model.onnx"]);
    assert!(run.code == 2 && run.stderr.contains("model.onnx has 5 bytes; this server takes at most 4 in one file"), "{run:?}");
    let asked: Vec<_> = seen.lock().unwrap().iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    assert_eq!(
        asked,
        ["POST /api/v1/projects/diagnosis/models/tumour/uploads".to_owned(), format!("DELETE /api/v1/uploads/{id}")]
    );
}

#[test]
fn what_a_newer_server_adds_is_passed_over_and_what_a_hostile_one_writes_is_text() {
    let project = value!({
        "name": "p", "display_name": "P", "revision": 1, "created_at": "2026-11-23T09:30:00.5Z", "unheard_of": {"a": [1]},
        "members": [{"member": "user:a\u{1b}[2J", "display_name": "Anybody", "role": "man\u{202e}ager\n", "unheard_of": true}],
        "rules": {"author_may_approve": false, "requester_may_approve": true, "delegation_allowed": true, "approval_valid_for": null, "unheard_of": 1},
        "reviewers": {"slots": [{"name": "Risk", "assigned": ["group:risk\u{9b}"], "unheard_of": 1}], "approvers": ["user:a\u{7}"], "warnings": [], "revision": 1},
    });
    let answer = project.clone();
    let (url, _) = server(move |_| json(200, &answer));
    let place = Place::signed_in(&url);
    let run = place.run(&["project", "show", "p"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        run.stdout,
        "name          p\ndisplay name  P\ncreated       2026-11-23T09:30:00Z\n\nDuty rules\n  authors may approve     no\n  requesters may approve  yes\n  \
         reviewers may delegate  yes\n\nReviewers\n  TASK            ASSIGNED TO\n  Risk            group:risk\n  final approval  user:a\n\nMembers\n  \
         MEMBER     NAME     ROLE\n  user:a[2J  Anybody  manager\n"
    );
    let run = place.run(&["project", "show", "p", "--output", "json"]);
    assert!(!run.stdout.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{7}']), "{run:?}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap(), project);
    let (url, _) = server(|_| json(200, &value!({"name": "p"})));
    let run = Place::signed_in(&url).run(&["project", "show", "p"]);
    assert!(
        run.code == 1 && run.stderr.contains("the server's answer cannot be read") && run.stderr.contains("--output json"),
        "{run:?}"
    );
}

#[test]
fn policies_gate_log_and_what_another_policy_would_do_read_as_tables() {
    let (url, seen) = server(|request| match request.path.as_str() {
        path if path.contains("gate-log") => json(
            200,
            &value!({"items": [{
                "position": 7, "at": "2026-01-05T09:00:00Z", "by": "Operator", "outcome": "allowed_unapproved", "service": "tumour",
                "versions": ["diagnosis/tumour:7"], "missing": ["waiting for feedback"], "policy": "allow", "request": "r",
            }]}),
        ),
        path if path.ends_with("/policies") => json(
            200,
            &value!({"items": [{
                "policy": "warn", "on_lapse": "report", "weakened": true, "reason": "Incident 4711.", "by": "Root",
                "since": "2026-01-05T09:00:00Z",
            }]}),
        ),
        path if path.ends_with("/policy/preview") => json(
            200,
            &value!({"weakens": false, "changes": [
                {"service": "tumour", "version": "diagnosis/tumour:7", "now": "in_policy", "then": "out_of_policy"},
            ]}),
        ),
        _ => json(
            200,
            &value!({
                "name": "production", "stage": "production", "policy": "warn", "on_lapse": "report", "independent_approval": false,
                "permit_valid_for": "1d", "created_at": "2026-01-05T09:00:00Z", "log_refusals": [],
            }),
        ),
    });
    let place = Place::signed_in(&url);
    let log = place.run(&["infra", "gate-log", "production"]);
    for word in ["allowed unapproved", "diagnosis/tumour:7", "Operator", "waiting for feedback"] {
        assert!(log.code == 0 && log.stdout.contains(word), "{word}: {log:?}");
    }
    let policies = place.run(&["infra", "policies", "production"]);
    assert!(
        policies.code == 0 && policies.stdout.contains("weakened") && policies.stdout.contains("Incident 4711."),
        "{policies:?}"
    );
    let change = ["infra", "policy", "production", "prevent", "--reason", "Only reviewed work.", "--dry-run"];
    let dry = place.run(&change);
    for word in ["prevent", "diagnosis/tumour:7", "out_of_policy", "A dry run: nothing was changed."] {
        assert!(dry.code == 0 && (dry.stdout.contains(word) || dry.stderr.contains(word)), "{word}: {dry:?}");
    }
    let sent = seen.lock().unwrap();
    assert!(
        sent.iter().all(|request| request.method == "GET" || request.path.ends_with("/policy/preview")),
        "nothing is changed"
    );
}
