//! A decision in two phases: the exact bytes are prepared first, and committed only if the command still leads to these very bytes.

use app::{
    Error, OpContext,
    base::authenticate::authenticate,
    change::Preparation,
    reviews::{commit_decision, prepare_decision},
    views::{DecisionRequest, DecisionWord, Done, Review},
};
use domain::{Duration, VersionRef};
use proof::Envelope;
use serde_json::json;
use testkit::{Client, Scene, TestServer, Version, both};

async fn op(server: &TestServer, client: &Client) -> OpContext {
    authenticate(&server.app, client.token.as_deref().unwrap(), "two-phases").await.unwrap()
}

fn name(version: &Version) -> VersionRef {
    version.name.parse().unwrap()
}

fn approval() -> DecisionRequest {
    DecisionRequest {
        decision: DecisionWord::Approve,
        comment: Some("fit for use".to_owned()),
        valid_for: Some(Duration::from_days(30)),
        password: None,
    }
}

async fn prepare(server: &TestServer, client: &Client, version: &Version) -> (Preparation, String) {
    let tag = client.review(version).await["etag"].as_str().unwrap().to_owned();
    (prepare_decision(&op(server, client).await, &name(version).into(), approval(), Some(&tag)).await.unwrap(), tag)
}

async fn commit(
    server: &TestServer,
    client: &Client,
    version: &Version,
    tag: &str,
    prepared: &Preparation,
) -> Result<Done<Review>, Error> {
    commit_decision(&op(server, client).await, &name(version).into(), approval(), Some(tag), prepared).await
}

async fn signed_payloads(server: &TestServer, version: &Version) -> Vec<Vec<u8>> {
    let name = name(version);
    let mut reader = server.app.store.read().await.unwrap();
    let whole = reader.whole_version_by_name(&name.project, &name.model, name.number).await.unwrap().remove(0);
    let decisions = reader.decisions(whole.0.id).await.unwrap();
    decisions.iter().map(|row| Envelope::from_json_bytes(&row.envelope).unwrap().payload().to_vec()).collect()
}

both! {
    async fn exactly_the_prepared_bytes_are_kept(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        let size = server.log_size().await;
        let (prepared, tag) = prepare(server, &scene.approver, &version).await;
        assert_eq!(server.log_size().await, size, "preparing changes nothing");
        assert!(signed_payloads(server, &version).await.is_empty());

        server.clock.advance(Duration::from_seconds(60));
        let done = commit(server, &scene.approver, &version, &tag, &prepared).await.unwrap();
        assert_eq!(done.result.status.as_str(), "approved");
        assert_eq!(done.result.decision.unwrap().act.at, prepared.decided_at);
        assert_eq!(signed_payloads(server, &version).await, std::slice::from_ref(&prepared.payload));
        scene.operator.deploy("production/tumour", &version).await.ok();
        server.verify().await;

        let again = commit(server, &scene.approver, &version, &tag, &prepared).await.unwrap();
        assert!(again.already_done);
        assert_eq!(signed_payloads(server, &version).await.len(), 1);
    }

    async fn a_preparation_does_not_outlive_what_it_says(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;

        // Other bytes than the command leads to.
        let (prepared, tag) = prepare(server, &scene.approver, &version).await;
        let mut altered = prepared.clone();
        *altered.payload.last_mut().unwrap() ^= 1;
        assert_eq!(commit(server, &scene.approver, &version, &tag, &altered).await.unwrap_err().code.to_string(), "stale");

        // A moment still to come, and one too long ago.
        let early = Preparation { decided_at: prepared.decided_at.plus(Duration::from_days(1)), ..prepared.clone() };
        assert_eq!(commit(server, &scene.approver, &version, &tag, &early).await.unwrap_err().code.to_string(), "stale");
        server.clock.advance(Duration::from_seconds(300));
        assert_eq!(commit(server, &scene.approver, &version, &tag, &prepared).await.unwrap_err().code.to_string(), "stale");

        // Feedback that came meanwhile: the tag that was seen no longer holds, and with the new tag the bytes do not.
        let (prepared, tag) = prepare(server, &scene.approver, &version).await;
        scene.approver.command(&version, "back", json!({})).await.ok();
        scene.business.feedback(&version, testkit::BUSINESS, "approve").await.ok();
        assert_eq!(commit(server, &scene.approver, &version, &tag, &prepared).await.unwrap_err().code.to_string(), "stale");
        let tag = scene.approver.review(&version).await["etag"].as_str().unwrap().to_owned();
        assert_eq!(commit(server, &scene.approver, &version, &tag, &prepared).await.unwrap_err().code.to_string(), "stale");

        // A person who could decide at the moment of preparing, and no longer can: the command is judged as of now too.
        let deputy = server.person("deputy").await;
        let body = json!({"to": "deputy", "until": "2m"});
        scene.approver.command(&version, "delegate", body).await.ok();
        let (prepared, tag) = prepare(server, &deputy, &version).await;
        server.clock.advance(Duration::from_seconds(180));
        assert_eq!(commit(server, &deputy, &version, &tag, &prepared).await.unwrap_err().code.to_string(), "not_found");
        assert!(signed_payloads(server, &version).await.is_empty(), "nothing of all this was signed");
        server.verify().await;
    }
}
