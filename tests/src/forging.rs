//! Forges rows together with the log, as a person with write access to the database can. That person cannot forge a signature of
//! the server.

use domain::{
    event::Event,
    signoff::{Act, Approval, SignOff, State},
};
use proof::{Envelope, SigningKey};
use std::fs;
use store::{About, Json, Record, Round, Statement, StatementKind, Writer, verify::Finding};
use testkit::{Scene, TestServer, Version, both};

/// Changes rows with an event, as a server would.
#[expect(clippy::disallowed_methods, reason = "a forger does not come through the door")]
async fn write(server: &TestServer, change: impl AsyncFnOnce(&mut Writer)) {
    let op = app::OpContext::new(server.app.clone(), app::Caller::Console, "forged");
    let (_, mut tx) = op.write().await.unwrap();
    change(&mut tx).await;
    tx.record(Event::ModelCreated { name: "forged".parse().unwrap(), display_name: None }, About::default());
    tx.commit().await.unwrap();
}

/// Changes a row, finds this and only this row, and changes it back.
async fn found<R: Record + Sync>(server: &TestServer, was: &R, forged: &R, what: &str, problem: &str) {
    write(server, async |tx| tx.update(forged).await.unwrap()).await;
    let report = app::record::verify_store(&server.app, false).await.unwrap();
    let named = |finding: &Finding| finding.what == what && finding.problem.contains(problem);
    assert!(report.findings.iter().any(named), "{what}, {problem}: {:#?}", report.findings);
    assert!(report.findings.iter().all(|finding| finding.what == what), "{what}, {problem}: {:#?}", report.findings);
    assert!(!report.clean);
    write(server, async |tx| tx.update(was).await.unwrap()).await;
    server.verify().await;
}

async fn version(server: &TestServer, version: &Version) -> store::Version {
    let name: domain::VersionRef = version.name.parse().unwrap();
    server
        .app
        .store
        .read()
        .await
        .unwrap()
        .whole_version_by_name(&name.project, &name.model, name.number)
        .await
        .unwrap()
        .remove(0)
        .0
}

async fn round(server: &TestServer, of: &Version) -> Round {
    let id = version(server, of).await.id;
    server.app.store.read().await.unwrap().current_round(id, &domain::StepName::standard()).await.unwrap().unwrap()
}

async fn decision(server: &TestServer, of: &Version) -> Statement {
    let id = version(server, of).await.id;
    server.app.store.read().await.unwrap().decisions(id).await.unwrap().remove(0)
}

both! {
    async fn rounds_that_nobody_signed_for_are_found(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (waiting, approved) = (scene.requested().await, scene.approved().await);
        let (rejected, revoked) = (scene.requested().await, scene.approved().await);
        scene.approver.reject(&rejected).await.ok();
        // Decisions come in the order of their times.
        server.clock.advance(domain::Duration::from_seconds(1));
        scene.approver.command(&revoked, "revoke", serde_json::json!({"comment": "Wrong data."})).await.ok();
        server.verify().await;

        let waits = round(server, &waiting).await;
        let State::WaitingForApproval { review } = waits.signoff.0.state.clone() else { panic!("it waits") };
        let by = version(server, &waiting).await;
        let act = Act { by: by.uploader_id, at: waits.changed_at, signatory: None, comment: None, path: None };
        let approval = Approval { act, not_after: None, model_digest: by.model_digest, independent: true };
        let state = State::Approved { review, approval };
        let forged = Round::of(&SignOff { state, ..waits.signoff.0.clone() }, waits.revision + 1, waits.changed_at);
        found(server, &waits, &forged, &format!("rounds/{}/review/1", waits.version_id), "the round is approved, but").await;

        // A longer life than was signed, and a decision that was another one.
        let was = round(server, &approved).await;
        let longer = Round { not_after: Some(was.changed_at), ..was.clone() };
        found(server, &was, &longer, &format!("rounds/{}/review/1", was.version_id), "do not say so").await;
        for other in [&rejected, &revoked] {
            let was = round(server, other).await;
            let status = domain::signoff::Status::Approved;
            found(server, &was, &Round { status, ..was.clone() }, &format!("rounds/{}/review/1", was.version_id), "do not say so").await;
        }
        // The revocation undone as a whole: rows and statements agree, and only the log still tells of it.
        let (was, back) = (round(server, &revoked).await, round(server, &approved).await);
        let of_round = server.app.store.read().await.unwrap().decisions(was.version_id).await.unwrap();
        let State::Revoked { review, approval, .. } = was.signoff.0.state.clone() else { panic!("it was revoked") };
        let state = State::Approved { review, approval };
        let undone = Round::of(&SignOff { state, ..was.signoff.0.clone() }, was.revision + 1, was.changed_at);
        assert_eq!(undone.status, back.status);
        write(server, async |tx| {
            tx.update(&undone).await.unwrap();
            tx.delete(&of_round[1]).await.unwrap();
        })
        .await;
        let report = app::record::verify_store(&server.app, false).await.unwrap();
        let problems: Vec<_> = report.findings.iter().map(|finding| finding.problem.as_str()).collect();
        assert_eq!(problems.len(), 2, "{problems:?}");
        for expected in ["the decisions in the log differ", "the round differs from what its events lead to"] {
            assert!(problems.iter().any(|problem| problem.contains(expected)), "{problems:?}");
        }
        write(server, async |tx| {
            tx.update(&was).await.unwrap();
            tx.insert(&of_round[1]).await.unwrap();
        })
        .await;
        server.verify().await;

        let was = round(server, &approved).await;
        let undecided = Round { signoff: Json(waits.signoff.0.clone()), status: waits.status, ..was.clone() };
        found(server, &was, &undecided, &format!("rounds/{}/review/1", was.version_id), "the round is not decided").await;
    }

    async fn statements_that_say_something_else_than_was_signed_are_found(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, second) = (scene.approved().await, scene.version_of(&[("other", b"bytes")], serde_json::json!({})).await);
        let was = decision(server, &first).await;
        let what = format!("statements/{}", was.id);
        let other = version(server, &second).await;
        let key = SigningKey::from_entropy([9; 32]).unwrap();
        let payload = Envelope::from_json_bytes(&was.envelope).unwrap().verify(&server.app.keys.public_key()).unwrap().bytes().to_vec();
        let later = was.issued_at.plus(domain::Duration::from_days(1));
        // Beside each the round stands without its decision, so the count is two.
        for (forged, problem) in [
            (Statement { envelope: Envelope::sign(payload, &key).to_json_bytes(), ..was.clone() }, "the server did not sign the statement"),
            (Statement { envelope: b"{}".to_vec(), ..was.clone() }, "the server did not sign the statement"),
            (Statement { round: 2, ..was.clone() }, "round, time or end differs"),
            (Statement { not_after: Some(later), ..was.clone() }, "round, time or end differs"),
            (Statement { issued_at: later, ..was.clone() }, "round, time or end differs"),
            (Statement { version_id: other.id, model_digest: other.model_digest, ..was.clone() }, "other bytes or another version"),
            (Statement { version_id: other.id, ..was.clone() }, "model digest differs"),
            (Statement { kind: StatementKind::Permit, ..was.clone() }, "infrastructure that does not exist"),
        ] {
            write(server, async |tx| tx.update(&forged).await.unwrap()).await;
            let report = app::record::verify_store(&server.app, false).await.unwrap();
            let [unfounded, finding] = report.findings.as_slice() else { panic!("{problem}: {:#?}", report.findings) };
            let (finding, unfounded) = if finding.what == what { (finding, unfounded) } else { (unfounded, finding) };
            assert!(finding.what == what && finding.problem.contains(problem), "{problem}: {finding:?}");
            assert!(unfounded.what.starts_with("rounds/"), "{unfounded:?}");
            write(server, async |tx| tx.update(&was).await.unwrap()).await;
            server.verify().await;
        }
    }

    async fn permits_that_say_something_else_than_was_signed_are_found(server: &TestServer) {
        let scene = Scene::set(server).await;
        let approved = scene.approved().await;
        let id = version(server, &approved).await.id;
        for infrastructure in ["production", "test"] {
            scene.operator.deploy(&format!("{infrastructure}/tumour"), &approved).await.ok();
        }
        let mut reader = server.app.store.read().await.unwrap();
        let production = reader.infrastructure_by_name(&"production".parse().unwrap()).await.unwrap().unwrap();
        let test = reader.infrastructure_by_name(&"test".parse().unwrap()).await.unwrap().unwrap();
        let permits = reader.permits(id, 2).await.unwrap();
        let was = permits.into_iter().find(|permit| permit.infrastructure_id == Some(production.id)).unwrap();
        drop(reader);
        let what = format!("statements/{}", was.id);
        let later = was.issued_at.plus(domain::Duration::from_days(9));
        for (forged, problem) in [
            (Statement { infrastructure_id: Some(test.id), ..was.clone() }, "for infrastructure `production`"),
            (Statement { not_after: Some(later), ..was.clone() }, "time or end differs"),
            (Statement { envelope: decision(server, &approved).await.envelope, ..was.clone() }, "the server did not sign the statement"),
        ] {
            found(server, &was, &forged, &what, problem).await;
        }
    }

    async fn the_report_says_what_the_log_was_compared_with(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.approved().await;
        scene.root.get("/log/checkpoint").await;
        let size = server.log_size().await;
        scene.approved().await;
        let report = app::record::verify_store(&server.app, false).await.unwrap();
        assert_eq!((report.clean, report.checkpoint, report.statements), (true, Some(size), 2));
        let file = server.folder().join("checkpoint");
        let note = fs::read_to_string(&file).unwrap();
        for damaged in [&b""[..], b"a note", b"\xff\xfe", note.replace(&size.to_string(), "1").as_bytes()] {
            fs::write(&file, damaged).unwrap();
            let report = app::record::verify_store(&server.app, false).await.unwrap();
            let [finding] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
            assert!(finding.what.ends_with("checkpoint") && finding.problem.starts_with("the file "), "{finding:?}");
            assert_eq!((report.clean, report.checkpoint), (false, None));
        }
        fs::remove_file(&file).unwrap();
        let report = app::record::verify_store(&server.app, false).await.unwrap();
        let [finding] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
        assert!(finding.problem.contains("the signed checkpoint is missing, and the log has"), "{finding:?}");
        assert_eq!((report.clean, report.checkpoint), (false, None));
        fs::write(&file, note).unwrap();
    }
}
