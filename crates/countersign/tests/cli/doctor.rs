//! What the doctor says of a server that is not ready.

use crate::program::{Place, Reply, json, server};
use serde_json::{Value, json as value};

/// A server with a job that is stuck; `jobs` is the answer to who asks for the list.
fn with_a_stuck_job(jobs: fn() -> Reply) -> (Vec<(String, String, String)>, i32) {
    let (url, _) = server(move |request| match request.path.as_str() {
        "/health" => json(503, &value!({"code": "job_stuck", "detail": "a background job of this server is stuck"})),
        "/api/v1/jobs" => jobs(),
        path => panic!("nobody asks for {path}"),
    });
    let run = Place::signed_in(&url).run(&["doctor", "--output", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    (checks.map(|check| (text(check, "check"), text(check, "state"), text(check, "detail"))).collect(), run.code)
}

#[test]
fn the_doctor_names_the_job_that_is_stuck() {
    let (checks, code) = with_a_stuck_job(|| {
        let job = |name: &str, state: &str| {
            value!({
                "name": name, "state": state, "every": "1s", "time_limit": "60s", "runs": 3, "failures_in_a_row": 0,
                "succeeded_at": "2026-11-28T09:00:00Z",
            })
        };
        json(200, &value!({"items": [job("expire", "waiting"), job("renew", "stuck")]}))
    });
    let of = |name: &str| checks.iter().find(|(check, ..)| check == name).unwrap_or_else(|| panic!("{name}: {checks:?}"));
    assert_eq!(code, 1);
    assert!(of("server").1 == "wrong" && of("job expire").1 == "ok", "{checks:?}");
    assert!(of("job renew").1 == "wrong" && of("job renew").2.contains("restart the server"), "{checks:?}");
}

#[test]
fn a_reader_without_the_right_sees_no_jobs() {
    let (checks, _) = with_a_stuck_job(|| json(403, &value!({"code": "forbidden", "detail": "that is for auditors"})));
    assert!(!checks.iter().any(|(check, ..)| check.starts_with("job ")), "{checks:?}");
}
