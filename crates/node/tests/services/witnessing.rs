//! A node follows no plan of a log that does not continue what the node saw, but for what has to stop.

use crate::{
    stage::*,
    world::{World, until},
};
use futures_util::FutureExt;
use proof::{Checkpoint, Sha256, checkpoint};
use serde_json::{Value, json};
use std::fs;

/// A log of one event, as the server shows it.
fn log(root: &[u8]) -> Value {
    let key = log_key();
    let signed = Checkpoint { origin: key.name().to_owned(), size: 1, root: Sha256::of(root) };
    json!({"checkpoint": checkpoint::sign(&signed, &key).unwrap()})
}

fn with_log(mut plan: Value, root: &[u8]) -> Value {
    plan["log"] = log(root);
    plan
}

#[tokio::test]
async fn a_plan_of_another_log_is_not_followed_but_for_what_has_to_stop() {
    let world = World::new(|_| std::future::ready(()).boxed()).await;
    let both = |first: Value| plan_text(1, vec![first, share(2, 50, &permit(2, 1))], vec![]);
    world.say(with_log(both(share(1, 50, &permit(1, 1))), b"one log"));
    until("both serve", || world.serves(&name(1)) && world.serves(&name(2))).await;
    let file = world.folder.path().join("cache/witness.json");
    until("the checkpoint is kept", || file.exists()).await;

    world.say(with_log(plan_text(2, vec![share(3, 100, &permit(3, 2))], vec![]), b"another log"));
    let report = world.until_report(|report| report.log.refusal.is_some()).await;
    assert_eq!(report.log.size, Some(1));
    assert!(report.problem.unwrap().contains("does not continue the log of 1 events that this node saw"));
    assert_eq!(world.served.ready(), Ok(()));
    assert!(world.serves(&name(1)) && world.serves(&name(2)) && !world.serves(&name(3)), "what was in service goes on");

    let mut revoked = share(1, 50, &permit(1, 1));
    (revoked["standing"], revoked["reason"]) = (json!("disabled"), json!("revoked"));
    world.say(with_log(both(revoked), b"another log"));
    until("the first stops", || world.refusal(&name(1)).is_some_and(|reason| reason.contains("revoked"))).await;
    assert!(world.serves(&name(2)));

    // The log that it saw is back, with the plan that it followed.
    world.say(with_log(both(share(1, 50, &permit(1, 1))), b"one log"));
    until("both serve again", || world.serves(&name(1)) && world.serves(&name(2))).await;
    world.until_report(|report| report.log.refusal.is_none() && report.problem.is_none()).await;
}

#[tokio::test]
async fn a_checkpoint_that_the_disk_does_not_take_is_reported() {
    let world = World::new(|_| std::future::ready(()).boxed()).await;
    fs::create_dir_all(world.folder.path().join("cache/witness.json/x")).unwrap();
    world.say(with_log(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]), b"one log"));
    let report = world.until_report(|report| report.problem.is_some()).await;
    assert!(report.problem.unwrap().contains("an earlier log for the present one"));
    until("it serves all the same", || world.serves(&name(1))).await;
}

#[tokio::test]
async fn a_node_that_never_followed_a_plan_says_why() {
    let world = World::new(|_| std::future::ready(()).boxed()).await;
    let mut plan = plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]);
    plan["log"] = json!({"checkpoint": "no note"});
    world.say(plan);
    world.until_report(|report| report.log.refusal.is_some()).await;
    let ready = world.served.ready().unwrap_err();
    assert!(ready.contains("did not sign the server's checkpoint"), "{ready}");
    assert!(!world.serves(&name(1)));
}
