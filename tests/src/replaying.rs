//! Changes rows together with the log for the time of a call, as a person with write access to the database can, and puts them back.
//! Rows and log agree afterwards. The replay finds the decision to which the record does not lead.

use domain::{
    Duration,
    absence::Absence,
    event::{Actor, Event},
    infrastructure::Policy,
    people::{Container, Credential},
    signoff::{Review, SignOff, State},
};
use serde_json::json;
use store::{About, GroupMember, Infrastructure, Json, Origin, Project, Round, User, Writer};
use testkit::{Backend, PASSWORD, Scene, TestServer, Version};

/// Changes rows with an event that says nothing of the change.
async fn forge(server: &TestServer, change: impl AsyncFnOnce(&mut Writer)) {
    forge_as(server, Actor::Console, Duration::from_micros(0), change).await;
}

#[expect(clippy::disallowed_methods, reason = "a forger does not come through the door")]
async fn forge_as(server: &TestServer, actor: Actor, earlier: Duration, change: impl AsyncFnOnce(&mut Writer)) {
    let at = app::Clock::now(server.clock.as_ref()).minus(earlier);
    let seed = app::Entropy::bytes(&app::SystemEntropy);
    let mut tx = server.app.store.write(Origin { actor, at, request: "forged".to_owned(), seed, key: None }).await.unwrap();
    change(&mut tx).await;
    tx.record(Event::ModelCreated { name: "forged".parse().unwrap(), display_name: None }, About::default());
    tx.commit().await.unwrap();
}

async fn findings(server: &TestServer) -> Vec<String> {
    server.sign_checkpoint().await;
    let report = app::record::verify_store(&server.app, false).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

/// Exactly one event is found, for this reason.
async fn found(server: &TestServer, problem: &str) {
    let found = findings(server).await;
    assert!(found.len() == 1 && found[0].starts_with("events/") && found[0].contains(problem), "{problem}: {found:#?}");
}

async fn project(server: &TestServer) -> Project {
    server.app.store.read().await.unwrap().project_by_name(&"diagnosis".parse().unwrap()).await.unwrap().unwrap()
}

async fn user(server: &TestServer, name: &str) -> User {
    server.app.store.read().await.unwrap().user_by_name(&name.parse().unwrap()).await.unwrap().unwrap()
}

async fn round(server: &TestServer, version: &Version) -> Round {
    let name: domain::VersionRef = version.name.parse().unwrap();
    let mut reader = server.app.store.read().await.unwrap();
    reader.whole_version_by_name(&name.project, &name.model, name.number).await.unwrap().remove(0).3
}

/// Tests on both databases, whose stores do not verify afterwards.
macro_rules! on_both {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on(Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if !Backend::Postgres.is_left_out() {
                    on(Backend::Postgres).await;
                }
            }

            async fn on(backend: Backend) {
                let server = TestServer::start(backend).await;
                let scene = Scene::set(&server).await;
                server.verify().await;
                super::$name(&server, &scene).await;
            }
        }
    )*};
}
pub(crate) use on_both;

on_both! {
    reviewers_of_the_project_changed_around_a_request_are_found
    duty_rules_changed_around_an_approval_are_found
    approvers_of_a_round_swapped_before_an_approval_are_found
    a_policy_changed_around_a_deployment_is_found
    a_closed_account_opened_for_a_moment_is_found
    a_member_put_into_a_group_for_a_moment_is_found
    an_absence_put_in_for_a_moment_is_found
    an_absence_told_by_another_is_found
    a_token_that_no_event_created_is_found
    a_token_of_another_kind_or_account_is_found
    an_event_before_the_event_before_it_is_found
    a_retirement_taken_away_for_a_moment_is_found
    a_reset_taken_away_for_a_moment_is_found
    a_round_without_what_its_events_tell_is_found
}

async fn reviewers_of_the_project_changed_around_a_request_are_found(server: &TestServer, scene: &Scene) {
    let version = scene.version().await;
    let (was, itops) = (project(server).await, user(server, "itops").await);
    let mut reviewers = was.reviewers.0.clone();
    reviewers.approvers = vec![Container::User(itops.id)];
    forge(server, async |tx| tx.update(&Project { reviewers: Json(reviewers), ..was.clone() }).await.unwrap()).await;
    scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
    forge(server, async |tx| tx.update(&was).await.unwrap()).await;
    scene.itops.approve(&version).await.ok();
    found(server, "to request a review leads to another event").await;
}

async fn duty_rules_changed_around_an_approval_are_found(server: &TestServer, scene: &Scene) {
    scene.set_reviewers(&["user:approver", "user:manager"]).await;
    let version = scene.version().await;
    scene.manager.command(&version, "request", json!({"skip_feedback": true})).await.ok();
    scene.manager.command(&version, "decision", json!({"decision": "approve"})).await.refused(403, "barred_by_duty");
    let was = project(server).await;
    let mut rules = was.rules.0.clone();
    rules.requester_may_approve = true;
    forge(server, async |tx| tx.update(&Project { rules: Json(rules), ..was.clone() }).await.unwrap()).await;
    scene.manager.approve(&version).await.ok();
    forge(server, async |tx| tx.update(&was).await.unwrap()).await;
    found(server, "the rules refuse to approve: you requested the review").await;
}

async fn approvers_of_a_round_swapped_before_an_approval_are_found(server: &TestServer, scene: &Scene) {
    let version = scene.requested().await;
    let (was, itops) = (round(server, &version).await, user(server, "itops").await);
    let State::WaitingForApproval { mut review } = was.signoff.0.state.clone() else { panic!("it waits") };
    review.reviewers.approvers = vec![Container::User(itops.id)];
    let swapped = SignOff { state: State::WaitingForApproval { review }, ..was.signoff.0.clone() };
    forge(server, async |tx| tx.update(&Round { signoff: Json(swapped), ..was.clone() }).await.unwrap()).await;
    // The server's own next write names the round as it is then.
    scene.itops.approve(&version).await.ok();
    found(server, "the rules refuse to approve: only final approvers").await;
}

async fn a_policy_changed_around_a_deployment_is_found(server: &TestServer, scene: &Scene) {
    let version = scene.version().await;
    scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
    let mut reader = server.app.store.read().await.unwrap();
    let was = reader.infrastructure_by_name(&"production".parse().unwrap()).await.unwrap().unwrap();
    drop(reader);
    forge(server, async |tx| tx.update(&Infrastructure { policy: Policy::Allow, ..was.clone() }).await.unwrap()).await;
    scene.operator.deploy("production/tumour", &version).await.ok();
    forge(server, async |tx| tx.update(&was).await.unwrap()).await;
    found(server, "the gate answered by the policy `allow`, and the policy in force was `prevent`").await;
}

async fn a_closed_account_opened_for_a_moment_is_found(server: &TestServer, scene: &Scene) {
    scene.root.patch("/users/operator", json!({"active": false})).await.ok();
    let was = user(server, "operator").await;
    forge(server, async |tx| tx.update(&User { active: true, ..was.clone() }).await.unwrap()).await;
    server.anonymous().post("/sessions", json!({"user": "operator", "password": PASSWORD})).await.ok();
    forge(server, async |tx| tx.update(&was).await.unwrap()).await;
    found(server, "the account `operator` acted, and it was closed").await;
}

async fn a_member_put_into_a_group_for_a_moment_is_found(server: &TestServer, scene: &Scene) {
    let version = scene.version().await;
    scene.scientist.command(&version, "request", json!({})).await.ok();
    let mut reader = server.app.store.read().await.unwrap();
    let group = reader.group_by_name(&"risk".parse().unwrap()).await.unwrap().unwrap();
    drop(reader);
    let operator = user(server, "operator").await;
    let member = GroupMember { group_id: group.id, user_id: operator.id, added_at: group.created_at };
    forge(server, async |tx| tx.insert(&member).await.unwrap()).await;
    scene.operator.feedback(&version, testkit::RISK, "approve").await.ok();
    forge(server, async |tx| tx.delete(&member).await.unwrap()).await;
    found(server, "the rules refuse to give feedback: only the reviewers of").await;
}

async fn an_absence_put_in_for_a_moment_is_found(server: &TestServer, scene: &Scene) {
    let version = scene.version().await;
    scene.scientist.command(&version, "request", json!({})).await.ok();
    let (was, operator) = (user(server, "itops").await, user(server, "operator").await);
    let now = app::Clock::now(server.clock.as_ref());
    let absence = Absence { from: now, until: now.plus(Duration::from_days(1)), stand_in: Some(operator.id) };
    forge(server, async |tx| tx.update(&User { absence: Some(Json(absence)), ..was.clone() }).await.unwrap()).await;
    server.run_job("stand_in").await;
    scene.operator.feedback(&version, testkit::IT, "approve").await.ok();
    forge(server, async |tx| tx.update(&was).await.unwrap()).await;
    let found = findings(server).await;
    assert!(found.iter().any(|finding| finding.contains("no reviewer was away for whom somebody stands in")), "{found:#?}");
}

#[expect(clippy::disallowed_methods, reason = "a forger does not come through the door")]
async fn an_absence_told_by_another_is_found(server: &TestServer, scene: &Scene) {
    let session = scene.operator.post("/tokens", json!({"label": "mine", "scopes": ["review"]})).await.ok();
    let token = session["id"].as_str().unwrap().parse().unwrap();
    let (operator, itops) = (user(server, "operator").await, user(server, "itops").await);
    let Actor::User { id, name, display_name, .. } = as_user(&operator, token) else { unreachable!("it is a user's") };
    let by_token = Actor::User { id, name, display_name, token: Some(token), credential: Some(Credential::PersonalToken) };
    for actor in [by_token, Actor::Clock, Actor::Console] {
        let at = app::Clock::now(server.clock.as_ref());
        let seed = app::Entropy::bytes(&app::SystemEntropy);
        let origin = Origin { actor, at, request: "forged".to_owned(), seed, key: None };
        let mut tx = server.app.store.write(origin).await.unwrap();
        tx.update(&itops).await.unwrap();
        tx.record(Event::AbsenceSet { user: itops.id, absence: None }, About::default());
        tx.commit().await.unwrap();
    }
    let found = findings(server).await;
    for problem in ["the absence of another person", "the clock tells of no absence", "nobody at the console tells of absences"] {
        assert!(found.iter().any(|finding| finding.contains(problem)), "{problem}: {found:#?}");
    }
}

fn as_user(user: &User, token: domain::TokenId) -> Actor {
    Actor::User {
        id: user.id,
        name: user.name.clone(),
        display_name: Some(user.display_name.clone()),
        token: Some(token),
        credential: Some(Credential::Session),
    }
}

async fn a_token_that_no_event_created_is_found(server: &TestServer, _: &Scene) {
    let approver = user(server, "approver").await;
    let actor = as_user(&approver, "07070707-0707-0707-0707-070707070707".parse().unwrap());
    forge_as(server, actor, Duration::from_micros(0), async |_| {}).await;
    found(server, "a token that no event created").await;
}

async fn a_token_of_another_kind_or_account_is_found(server: &TestServer, scene: &Scene) {
    let token = scene.scientist.post("/tokens", json!({"label": "mine", "scopes": ["read"]})).await.ok();
    let id: domain::TokenId = token["id"].as_str().unwrap().parse().unwrap();
    let [scientist, approver] = [user(server, "scientist").await, user(server, "approver").await];
    for (who, problem) in [(&approver, "a token of another account"), (&scientist, "another kind of credential")] {
        forge_as(server, as_user(who, id), Duration::from_micros(0), async |_| {}).await;
        let found = findings(server).await;
        assert!(found.iter().any(|finding| finding.contains(problem)), "{problem}: {found:#?}");
    }
    scene.scientist.delete(&format!("/tokens/{id}")).await.ok();
    forge_as(server, as_user(&scientist, id), Duration::from_micros(0), async |_| {}).await;
    let found = findings(server).await;
    assert!(found.iter().any(|finding| finding.contains("a token that was revoked")), "{found:#?}");
    assert_eq!(found.len(), 3, "{found:#?}");
}

async fn an_event_before_the_event_before_it_is_found(server: &TestServer, scene: &Scene) {
    // The server itself never records such an event, whatever its clock says.
    server.clock.set_back(Duration::from_seconds(3600));
    scene.approved().await;
    server.clock.advance(Duration::from_seconds(3600));
    assert_eq!(findings(server).await, [] as [String; 0]);
    forge_as(server, Actor::Console, Duration::from_seconds(1), async |_| {}).await;
    found(server, "is before the time of the event before it").await;
}

async fn a_retirement_taken_away_for_a_moment_is_found(server: &TestServer, scene: &Scene) {
    let (served, late, shared, other) =
        (scene.approved().await, scene.approved().await, scene.approved().await, scene.approved().await);
    scene.operator.deploy("production/tumour", &served).await.ok();
    let mut retired = Vec::new();
    for version in [&served, &late, &shared] {
        scene.manager.post(&format!("{}/retire", version.path), json!({"comment": "Superseded."})).await.ok();
        scene.operator.deploy("production/late", version).await.refused(403, "denied_by_policy");
        let name: domain::VersionRef = version.name.parse().unwrap();
        let mut reader = server.app.store.read().await.unwrap();
        retired.push(reader.whole_version_by_name(&name.project, &name.model, name.number).await.unwrap().remove(0).0);
    }
    server.clock.advance(Duration::from_seconds(13 * 3600));
    for was in &retired {
        forge(server, async |tx| tx.update(&store::Version { retired: None, ..was.clone() }).await.unwrap()).await;
    }
    // A new permit for what is in service, a version by itself, and a version beside another.
    assert_eq!(server.renew().await, 1);
    scene.operator.deploy("production/late", &late).await.ok();
    let shares = json!([{"version": shared.name, "weight": 50}, {"version": other.name, "weight": 50}]);
    scene.operator.deploy_shares("production/both", shares, None).await.ok();
    for was in &retired {
        forge(server, async |tx| tx.update(was).await.unwrap()).await;
    }
    let found = findings(server).await;
    let retired = found.iter().filter(|finding| finding.contains("by its events the version was retired")).count();
    assert_eq!((found.len(), retired), (3, 3), "{found:#?}");
}

async fn a_reset_taken_away_for_a_moment_is_found(server: &TestServer, scene: &Scene) {
    let version = scene.approved().await;
    scene.manager.reset(&version, false).await.ok();
    let reset = round(server, &version).await;
    // What an inbox finds the round by.
    crate::sql::execute(&server.database_url(), "DELETE FROM round_people WHERE number = 2").await;
    forge(server, async |tx| tx.delete(&reset).await.unwrap()).await;
    scene.operator.deploy("production/tumour", &version).await.ok();
    forge(server, async |tx| tx.insert(&reset).await.unwrap()).await;
    found(server, "by its events the version had none").await;
}

async fn a_round_without_what_its_events_tell_is_found(server: &TestServer, scene: &Scene) {
    let version = scene.requested().await;
    let was = round(server, &version).await;
    let State::WaitingForApproval { review } = was.signoff.0.state.clone() else { panic!("it waits") };
    let mut unnamed = review.clone();
    unnamed.requested.signatory = None;
    for review in [Review { requested_at: None, ..review.clone() }, unnamed] {
        assert_ne!(State::WaitingForApproval { review: review.clone() }, was.signoff.0.state);
        let altered = SignOff { state: State::WaitingForApproval { review }, ..was.signoff.0.clone() };
        forge(server, async |tx| tx.update(&Round { signoff: Json(altered), ..was.clone() }).await.unwrap()).await;
        let found = findings(server).await;
        assert!(found.len() == 1 && found[0].contains("the round differs from what its events lead to"), "{found:#?}");
    }
}
