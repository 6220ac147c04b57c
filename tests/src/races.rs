//! Races: of several commands at one moment one wins, the others are told, and the record has an order that makes sense.

use crate::scenario::kinds;
use serde_json::json;
use std::collections::HashMap;
use testkit::{BUSINESS, Client, IT, Reply, Scene, TestServer, Version, both};
use tokio::task::JoinSet;

const CROWD: usize = 64;
/// On each of the two databases: 1,000 together.
const DEPLOYS_AND_REVOKES: usize = 500;

both! {
    async fn of_64_final_decisions_exactly_one_wins(server: &TestServer) {
        let scene = Scene::set(server).await;
        let approvers = approvers(server, &scene).await;
        let version = scene.requested().await;
        let tag = scene.approver.etag(&format!("{}/review", version.path)).await;
        let decision = |index: usize| match index % 2 {
            0 => json!({"decision": "approve", "comment": "Good."}),
            _ => json!({"decision": "reject", "comment": "Not good."}),
        };
        let mut racing = JoinSet::new();
        for (index, approver) in approvers.into_iter().enumerate() {
            let (version, tag, body) = (version.clone(), tag.clone(), decision(index));
            racing.spawn(async move {
                let reply = approver.command_on(&version, "decision", body, &tag).await;
                (approver.name, reply)
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) = racing.join_all().await.into_iter().partition(|(_, reply)| reply.status == 200);
        let winners: Vec<_> = won.iter().map(|(name, _)| name).collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        let winner = format!("The {}", winners[0]);
        for (name, reply) in lost {
            assert!(matches!(reply.status, 409 | 412), "{name}: {}", reply.text());
            assert!(reply.json["detail"].as_str().unwrap().contains(&winner), "{name} is not told by whom: {}", reply.text());
        }
        let review = scene.manager.review(&version).await;
        assert_eq!(review["decision"]["by"], winner.as_str());
        assert_eq!(decisions(&scene, &version).await, 1);
    }

    async fn one_decision_sent_64_times_is_one_decision(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let tag = scene.approver.etag(&format!("{}/review", version.path)).await;
        let mut racing = JoinSet::new();
        for _ in 0..CROWD {
            let (approver, version, tag) = (scene.approver.clone(), version.clone(), tag.clone());
            let body = json!({"decision": "approve", "comment": "Good.", "valid_for": "180d"});
            racing.spawn(async move { approver.command_on(&version, "decision", body, &tag).await });
        }
        let replies: Vec<_> = racing.join_all().await.into_iter().map(Reply::ok).collect();
        assert_eq!(replies.iter().filter(|done| done["already_done"] == false).count(), 1);
        assert_eq!(decisions(&scene, &version).await, 1);
    }

    async fn no_revision_rests_on_an_approval_revoked_before_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        const LANES: usize = 10;
        let mut lanes = JoinSet::new();
        for lane in 0..LANES {
            let version = scene.version().await;
            let (scientist, approver, manager, operator) =
                (scene.scientist.patient(), scene.approver.patient(), scene.manager.patient(), scene.operator.patient());
            lanes.spawn(async move {
                let (mut allowed, place) = (0, format!("production/service-{lane}"));
                for turn in 0..DEPLOYS_AND_REVOKES / LANES {
                    let requested = scientist.post(&format!("{}/review/request", version.path), json!({"skip_feedback": true})).await;
                    let decision = json!({"decision": "approve"});
                    let approved = approver.command_on(&version, "decision", decision, requested.header("etag")).await;
                    let tag = approved.header("etag").to_owned();
                    approved.ok();
                    let deploy = operator.deploy(&place, &version);
                    let revoke = approver.command_on(&version, "revoke", json!({"comment": "Race."}), &tag);
                    let (deployed, revoked) = match turn % 2 {
                        0 => tokio::join!(deploy, revoke),
                        _ => {
                            let (revoked, deployed) = tokio::join!(revoke, deploy);
                            (deployed, revoked)
                        }
                    };
                    revoked.ok();
                    match deployed.status {
                        200 => {
                            assert_eq!(deployed.ok()["already_done"], false);
                            allowed += 1;
                            // So that the next deployment is a new revision, even where it is of the same version.
                            operator.stop(&place).await.ok();
                        }
                        _ => drop(deployed.refused(403, "denied_by_policy")),
                    }
                    manager.post(&format!("{}/review/reset", version.path), json!({})).await.ok();
                }
                allowed
            });
        }
        let allowed: usize = lanes.join_all().await.into_iter().sum();

        let events = scene.root.audit("").await;
        let mut approved: HashMap<&str, bool> = HashMap::new();
        let (mut revised, mut refused) = (0, 0);
        for event in &events {
            let version = event["about"].as_str().unwrap_or_default();
            match event["type"].as_str().unwrap() {
                "review.approved" => drop(approved.insert(version, true)),
                "approval.revoked" => drop(approved.insert(version, false)),
                "deployment.revised" if event["data"]["kind"] == "deploy" => {
                    assert_eq!(approved.get(version), Some(&true), "on a revoked approval: {event}");
                    revised += 1;
                }
                "deployment.refused" => {
                    assert_eq!(approved.get(version), Some(&false), "refused although approved: {event}");
                    refused += 1;
                }
                _ => {}
            }
        }
        assert_eq!((revised, revised + refused), (allowed, DEPLOYS_AND_REVOKES));
        assert!(revised > 0 && refused > 0, "no race: {revised} went through and {refused} did not");
    }

    async fn reset_and_approve_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        for _ in 0..15 {
            let version = scene.requested().await;
            let path = format!("{}/review/reset", version.path);
            // A reset that comes after the approval needs its comment.
            let why = json!({"comment": "Once more."});
            let (approved, reset) = tokio::join!(scene.approver.approve(&version), scene.manager.post(&path, why));
            approved.ok();
            let verdict = scene.operator.gate("production", &version).await.ok()["verdict"].clone();
            match reset.status {
                200 => assert_eq!((verdict, reset.json["round"].as_u64()), (json!("deny"), Some(2))),
                _ => {
                    reset.refused(409, "wrong_status");
                    assert_eq!(verdict, "allow");
                }
            }
        }
    }

    async fn abandon_and_approve_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        for _ in 0..15 {
            let version = scene.requested().await;
            let stop = json!({"comment": "Stop."});
            let (approved, abandoned) = tokio::join!(scene.approver.approve(&version), scene.scientist.command(&version, "abandon", stop));
            one_of(approved, abandoned);
        }
    }

    async fn two_requests_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        for _ in 0..10 {
            let version = scene.version().await;
            let path = format!("{}/review/request", version.path);
            let (one, other) = tokio::join!(scene.scientist.post(&path, json!({})), scene.manager.post(&path, json!({})));
            one_of(one, other);
            let events = scene.root.audit(&format!("version={}", version.name)).await;
            assert_eq!(kinds(&events), ["version.created", "review.requested"]);
        }
    }

    async fn feedback_and_decision_at_once(server: &TestServer) {
        let scene = Scene::set(server).await;
        for turn in 0..10 {
            let version = scene.version().await;
            scene.scientist.command(&version, "request", json!({})).await.ok();
            let tag = scene.approver.etag(&format!("{}/review", version.path)).await;
            let decision = scene.approver.command_on(&version, "decision", json!({"decision": "approve"}), &tag);
            let (reviewer, slot) = if turn % 2 == 0 { (&scene.itops, IT) } else { (&scene.business, BUSINESS) };
            let (feedback, decided) = tokio::join!(reviewer.feedback(&version, slot, "major_issue"), decision);
            // A decision is made on every answer: an answer in between puts the decider's view out of date.
            one_of(feedback, decided);
        }
    }
}

/// Exactly one went through; the other is told what changed.
#[track_caller]
fn one_of(one: Reply, other: Reply) {
    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    won.ok();
    assert!(matches!(lost.status, 409 | 412), "{} gave {}", lost.what, lost.text());
}

async fn approvers(server: &TestServer, scene: &Scene) -> Vec<Client> {
    scene.root.post("/groups", json!({"name": "approvers"})).await.ok();
    let mut approvers = Vec::new();
    for index in 0..CROWD {
        let approver = server.person(&format!("approver-{index:02}")).await;
        scene.root.put(&format!("/groups/approvers/members/{}", approver.name), json!({})).await.ok();
        approvers.push(approver);
    }
    scene.set_reviewers(&["user:approver", "group:approvers"]).await;
    approvers
}

async fn decisions(scene: &Scene, version: &Version) -> usize {
    let events = scene.root.audit(&format!("version={}", version.name)).await;
    kinds(&events).iter().filter(|kind| ["review.approved", "review.rejected"].contains(*kind)).count()
}
