//! A review's state must be what its events in the history lead to: no event without its change, and no change without its event.

use crate::common::http::Person;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Compares the review at this address with its history and its statements.
pub async fn fits(root: &Person, review: &str, state: &Value) {
    let events = all(root, &format!("{review}/history")).await;
    let (mut status, mut round, mut decisions) = ("not_started", 1, 0);
    let mut answers: BTreeMap<&str, &str> = BTreeMap::new();
    // While a renewal is open: the round of the approval that goes on, and its answers.
    let mut renewed: Option<(u64, BTreeMap<&str, &str>)> = None;
    for event in &events {
        let data = &event["data"];
        let slot = data["slot"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap() {
            "review.requested" => (status, answers) = (word(&data["status"]), BTreeMap::new()),
            "review.abandon_cancelled" => status = word(&data["status"]),
            "review.final_approval_requested" => status = "waiting_for_approval",
            "review.returned_to_feedback" => status = "waiting_for_feedback",
            "review.renewal_requested" => {
                renewed = Some((round, std::mem::take(&mut answers)));
                (status, round) = (word(&data["status"]), data["round"].as_u64().unwrap());
            }
            "review.approved" => (status, decisions, renewed) = ("approved", decisions + 1, None),
            "review.rejected" => (status, decisions, renewed) = ("rejected", decisions + 1, None),
            "review.abandoned" | "review.request_taken_back" if renewed.is_some() => {
                (round, answers) = renewed.take().unwrap();
                status = "approved";
            }
            "review.abandoned" => status = "abandoned",
            "review.request_taken_back" => status = "not_started",
            "approval.revoked" => (status, decisions) = ("revoked", decisions + 1),
            "review.reset" => (status, round, answers) = ("not_started", data["next_round"].as_u64().unwrap(), BTreeMap::new()),
            "feedback.given" => drop(answers.insert(slot, word(&data["verdict"]))),
            "review.reviewers_reloaded" | "version.created" | "version.retired" | "version.restored" | "permit.renewed" => {}
            "deployment.revised" | "deployment.shared" | "deployment.lapsed" => {}
            other => panic!("nobody did {other}"),
        }
    }
    assert_eq!((&state["status"], &state["round"]), (&json!(status), &json!(round)), "{review}: {events:#?}");
    let shown = state["slots"].as_array().into_iter().flatten().flat_map(|slot| {
        let answers = slot["answers"].as_array().unwrap().iter();
        answers.map(|answer| (word(&slot["name"]), word(&answer["verdict"])))
    });
    assert_eq!(shown.collect::<BTreeMap<_, _>>(), answers, "{review}: {events:#?}");
    // Each decision was signed in the transaction that made it.
    let statements = root.get(&review.replace("/review", "/statements")).await.ok();
    let signed = statements["items"].as_array().unwrap().iter().filter(|statement| statement["kind"] == "decision").count();
    assert_eq!(signed, decisions, "{review}: {events:#?}");
}

async fn all(root: &Person, history: &str) -> Vec<Value> {
    let (mut events, mut from) = (Vec::new(), "0".to_owned());
    loop {
        let mut page = root.get(&format!("{history}?limit=200&from={from}")).await.ok();
        events.append(page["items"].as_array_mut().unwrap());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut from),
            None => return events,
        }
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap()
}
