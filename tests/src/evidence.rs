//! What a person can check without trusting the server: statements under the public key, the manifest and its digest, and files
//! that come back as they were sent.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Duration;
use proof::{
    ApprovalError, Envelope, ExpectedApproval, ExpectedPermit, Manifest, PermitError, PublicKey, Sha256, Statement, UtcTime,
    approval::Decision, verify_approval, verify_permit,
};
use serde_json::{Value, json};
use testkit::{Client, START, Scene, TINY, TestServer, Version, both, example_models};

const SERVER: &str = "countersign.example";

both! {
    async fn an_approval_verifies_and_only_for_what_it_says(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.requested().await;
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "10d"})).await.ok();
        let key = public_key(&server.anonymous()).await;
        let envelope = statement(&scene.scientist, &version, "decision").await;
        let expected = ExpectedApproval { model_digest: digest(&version), version: Some(&version.name), server: SERVER, now: now(server) };
        let approval = verify_approval(&envelope, &key, &expected).unwrap().predicate;
        assert_eq!((approval.decided_by.subject.as_str(), approval.round), ("approver", 1));
        assert_eq!(approval.decided_at.micros(), START.micros());
        assert_eq!(approval.not_after.unwrap().micros(), START.plus(Duration::from_days(10)).micros());
        assert_eq!(approval.slots.len(), 3);

        let other = scene.version_of(&[("model.bin", b"other")], json!({})).await;
        let for_other_bytes = ExpectedApproval { model_digest: digest(&other), ..expected };
        assert!(matches!(verify_approval(&envelope, &key, &for_other_bytes), Err(ApprovalError::Digest { .. })));
        let for_other_version = ExpectedApproval { version: Some(&other.name), ..expected };
        assert!(matches!(verify_approval(&envelope, &key, &for_other_version), Err(ApprovalError::Version(_))));
        let elsewhere = ExpectedApproval { server: "other.example", ..expected };
        assert!(matches!(verify_approval(&envelope, &key, &elsewhere), Err(ApprovalError::Server(_))));
        server.clock.advance(Duration::from_days(10));
        let too_late = ExpectedApproval { now: now(server), ..expected };
        assert!(matches!(verify_approval(&envelope, &key, &too_late), Err(ApprovalError::Expired(_))));
    }

    async fn rejections_and_revocations_are_signed_and_never_pass(server: &TestServer) {
        let scene = Scene::set(server).await;
        let key = public_key(&server.anonymous()).await;
        let rejected = scene.requested().await;
        scene.approver.reject(&rejected).await.ok();
        let revoked = scene.approved().await;
        server.clock.advance(Duration::from_seconds(1));
        scene.approver.revoke(&revoked).await.ok();
        for (version, decision) in [(&rejected, Decision::Rejected), (&revoked, Decision::Revoked)] {
            let envelope = statement(&scene.scientist, version, "decision").await;
            let expected = ExpectedApproval { model_digest: digest(version), version: None, server: SERVER, now: now(server) };
            assert_eq!(verify_approval(&envelope, &key, &expected), Err(ApprovalError::Decision(decision)));
        }
        let both = scene.scientist.get(&format!("{}/statements", revoked.path)).await.ok();
        assert_eq!(both["items"].as_array().unwrap().len(), 2, "the record keeps both");
    }

    async fn a_permit_verifies_for_its_infrastructure_and_a_day(server: &TestServer) {
        let scene = Scene::set(server).await;
        let key = public_key(&server.anonymous()).await;
        let version = scene.approved().await;
        let deployed = scene.operator.deploy("production/tumour", &version).await.ok();
        let envelope = envelope(&deployed["revision"]["shares"][0]["permit"]);
        let expected = ExpectedPermit {
            server: SERVER, audience: "production", model_digest: digest(&version), version: Some(&version.name), now: now(server),
        };
        let permit = verify_permit(&envelope, &key, &expected).unwrap().predicate;
        assert!(permit.passed());
        let approval = statement(&scene.scientist, &version, "decision").await;
        assert_eq!(permit.approvals().len(), 1);
        assert_eq!(serde_json::to_value(permit.approvals()[0].digest).unwrap()["sha256"], approval.payload_digest().hex());

        let elsewhere = ExpectedPermit { audience: "staging", ..expected };
        assert!(matches!(verify_permit(&envelope, &key, &elsewhere), Err(PermitError::Audience { .. })));
        server.clock.advance(Duration::from_days(1));
        assert!(verify_permit(&envelope, &key, &ExpectedPermit { now: now(server), ..expected }).is_err());

        // What was let in without an approval says so, and never that it passed.
        let unapproved = scene.version().await;
        let deployed = scene.operator.deploy("test/tumour", &unapproved).await.ok();
        let envelope = self::envelope(&deployed["revision"]["shares"][0]["permit"]);
        let permit = Statement::<proof::PermitPredicate>::verify(&envelope, &key).unwrap().predicate;
        assert!(!permit.passed() && permit.approvals().is_empty());
    }

    async fn a_permit_rests_on_the_approval_of_its_own_round_whatever_the_clock_said(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.approver.revoke(&version).await.ok();
        let first_round = decisions(&scene.scientist, &version).await;
        scene.manager.reset(&version, false).await.ok();
        // By their times the decisions of the first round are now the later ones.
        server.clock.set_back(Duration::from_days(1));
        scene.scientist.command(&version, "request", json!({"skip_feedback": true})).await.ok();
        scene.approver.approve(&version).await.ok();
        let deployed = scene.operator.deploy("production/tumour", &version).await.ok();
        let envelope = envelope(&deployed["revision"]["shares"][0]["permit"]);
        let key = public_key(&server.anonymous()).await;
        let permit = Statement::<proof::PermitPredicate>::verify(&envelope, &key).unwrap().predicate;
        let second_round: Vec<_> =
            decisions(&scene.scientist, &version).await.into_iter().filter(|digest| !first_round.contains(digest)).collect();
        assert_eq!((first_round.len(), second_round.len()), (2, 1));
        assert_eq!(permit.approvals()[0].digest.sha256, second_round[0]);
        // The clock is right again before the store is verified: no event is still to come.
        server.clock.advance(Duration::from_days(1));
    }

    async fn what_comes_down_is_what_went_up(server: &TestServer) {
        let scene = Scene::set(server).await;
        let models = example_models();
        let mut files: Vec<(&str, &[u8])> = models.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        files.extend_from_slice(TINY);
        files.push(("größe/メモ.txt", "déjà vu".as_bytes()));
        let version = scene.version_of(&files, json!({})).await;

        let manifest = scene.scientist.get(&format!("{}/manifest", version.path)).await;
        assert_eq!(Sha256::of(&manifest.bytes).hex(), version.digest, "the digest is that of the very bytes of the manifest");
        let manifest = Manifest::parse(&manifest.bytes).unwrap();
        assert_eq!(manifest.entries().len(), files.len());
        for (name, content) in files {
            let entry = manifest.entries().iter().find(|entry| entry.name.as_str() == name).unwrap();
            assert_eq!((entry.sha256, entry.size), (Sha256::of(content), content.len() as u64), "{name}");
            let reply = scene.scientist.get(&format!("{}/files/{name}", version.path)).await;
            assert_eq!((reply.status, reply.bytes.as_slice()), (200, content), "{name}");
            assert_eq!(reply.header("content-digest"), format!("sha-256=:{}:", STANDARD.encode(entry.sha256.as_bytes())));
        }
        let again = scene.version_of(TINY, json!({})).await;
        let same = scene.version_of(TINY, json!({"notes": "Other words."})).await;
        assert_eq!(again.digest, same.digest, "the digest covers the files and nothing else");
        let renamed = scene.version_of(&[("model.bin2", b"tiny"), TINY[1], TINY[2]], json!({})).await;
        let without_empty = scene.version_of(&TINY[..2], json!({})).await;
        assert!(renamed.digest != again.digest && without_empty.digest != again.digest);
    }
}

async fn public_key(anonymous: &Client) -> PublicKey {
    PublicKey::from_spki_pem(&anonymous.get("/public-key").await.text()).unwrap()
}

/// The digests of all decisions on a version.
async fn decisions(person: &Client, version: &Version) -> Vec<Sha256> {
    let list = person.get(&format!("{}/statements", version.path)).await.ok();
    let decisions = list["items"].as_array().unwrap().iter().filter(|view| view["kind"] == "decision");
    decisions.map(|view| envelope(view).payload_digest()).collect()
}

/// The last statement of a kind.
async fn statement(person: &Client, version: &Version, kind: &str) -> Envelope {
    let list = person.get(&format!("{}/statements", version.path)).await.ok();
    let last = list["items"].as_array().unwrap().iter().rfind(|view| view["kind"] == kind).unwrap();
    envelope(last)
}

fn envelope(view: &Value) -> Envelope {
    Envelope::from_json_bytes(view["envelope"].to_string().as_bytes()).unwrap()
}

fn digest(version: &Version) -> Sha256 {
    version.digest.parse().unwrap()
}

fn now(server: &TestServer) -> UtcTime {
    UtcTime::from_micros(app::Clock::now(server.clock.as_ref()).micros()).unwrap()
}
