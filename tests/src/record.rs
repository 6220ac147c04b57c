//! The record: every kind of change is in it, its proofs verify, and the server never signs a log that was cut back.

use domain::{Duration, event::Event};
use proof::{Sha256, checkpoint, merkle};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};
use testkit::{Answering, Backend, Client, IT, Options, RISK, Receiver, Scene, TestServer, Version, both};

both! {
    with Options { mail: false, ..Options::default() };
    async fn every_kind_of_change_is_recorded(server: &TestServer) {
        let scene = Scene::set(server).await;
        keep_people(&scene, server).await;
        let version = scene.version().await;
        scene.scientist.change(Method::PATCH, &version.path, json!({"notes": "Better."})).await.ok();
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.scientist.command(&version, "take-back", json!({})).await.ok();
        scene.scientist.command(&version, "request", json!({})).await.ok();
        scene.set_reviewers(&["user:approver", "user:operator"]).await;
        scene.manager.command(&version, "reload-reviewers", json!({"comment": "The operator decides too."})).await.ok();
        scene.itops.feedback(&version, IT, "approve").await.ok();
        scene.itops.delete(&crate::scenario::feedback_path(&version, IT)).await.ok();
        scene.riskofficer.command(&version, "delegate", json!({"slot": RISK, "to": "business"})).await.ok();
        scene.scientist.command(&version, "final", json!({})).await.ok();
        scene.scientist.command(&version, "back", json!({})).await.ok();
        scene.manager.command(&version, "abandon", json!({"comment": "Wait."})).await.ok();
        scene.manager.command(&version, "cancel-abandon", json!({})).await.ok();
        scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
        scene.approver.command(&version, "decision", json!({"decision": "approve", "valid_for": "1h"})).await.ok();
        scene.operator.deploy("production/tumour", &version).await.ok();
        scene.scientist.command(&version, "renew", json!({})).await.ok();
        server.clock.advance(Duration::from_seconds(3000));
        server.run_job("remind").await;
        server.clock.advance(Duration::from_seconds(600));
        assert_eq!(server.expire().await, 1);
        let known = json!({"reason": "The next version is in review.", "valid_for": "30d"});
        scene.operator.post("/infrastructures/production/deployments/tumour/acknowledge-lapse", known).await.ok();
        let rejected = scene.requested().await;
        scene.approver.reject(&rejected).await.ok();
        scene.manager.reset(&rejected, false).await.ok();
        let revoked = scene.approved().await;
        scene.approver.revoke(&revoked).await.ok();
        for command in ["retire", "restore"] {
            scene.manager.post(&format!("{}/{command}", revoked.path), json!({"comment": "A change of mind."})).await.ok();
        }
        let half = |version: &Version| json!({"version": version.name, "weight": 50});
        scene.operator.deploy_shares("test/tumour", json!([half(&rejected), half(&revoked)]), Some("A test.")).await.ok();
        let question = json!({"infrastructure": "staging", "digest": revoked.digest, "acknowledge": "A test."});
        scene.operator.post("/gate/check", question).await.ok();
        // The approver has signed, so the console or a second administrator confirms an invitation.
        server.person_as("second", "administrator").await;
        let second = server.appointed("second").await;
        scene.root.post("/users/approver/invitation", json!({})).await.ok();
        second.post("/users/approver/invitation/confirm", json!({})).await.ok();
        // Permits are renewed once half of their day is over.
        server.clock.advance(Duration::from_seconds(13 * 3600));
        server.renew().await;
        keep_webhooks(&scene, server).await;
        scene.root.put("/mail-server", json!({"server": "mail.example.org:587", "from": "a@example.org"})).await.ok();
        scene.root.delete("/mail-server").await.ok();
        let rules = json!({"approval_due_after": 1, "renew_before": "1d", "reason": "A test."});
        scene.manager.change(Method::PATCH, "/projects/diagnosis", rules).await.ok();
        let ending = scene.requested().await;
        scene.approver.command(&ending, "decision", json!({"decision": "approve", "valid_for": "2d"})).await.ok();
        scene.requested().await;
        server.clock.advance(Duration::from_days(1));
        server.run_job("recur").await;
        server.run_job("remind").await;

        let console = || app::OpContext::new(server.app.clone(), app::Caller::Console, "console");
        app::record::rotate_log_key(&console(), "A test.").await.unwrap();
        // As after a restore: more was signed than the database has.
        let files = testkit::key_files(server.folder());
        let key = proof::LogKey::from_pkcs8_pem(&fs::read_to_string(files.log).unwrap(), "countersign.example").unwrap();
        let ahead = proof::Checkpoint { origin: key.name().to_owned(), size: server.log_size().await + 9, root: Sha256::of(b"") };
        fs::write(files.checkpoint, checkpoint::sign(&ahead, &key).unwrap()).unwrap();
        app::record::continue_log(&console(), "A test.").await.unwrap();

        let events = scene.root.audit("").await;
        let found: BTreeSet<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(found, Event::TYPES.iter().copied().collect(), "every type of event, and no other");
        assert!(events.iter().all(|event| event["request"].as_str().is_some_and(|id| !id.is_empty())));
        secrets_are_not_in(&events);
    }

    async fn proofs_verify_and_checkpoints_grow(server: &TestServer) {
        let scene = Scene::set(server).await;
        let vkey = server.anonymous().get("/log/key").await.text();
        let first = signed(&scene.itops, &vkey).await;
        assert_eq!(first.size, server.log_size().await);
        scene.approved().await;
        let second = signed(&scene.itops, &vkey).await;
        assert!(second.size > first.size);
        assert_eq!(signed(&scene.itops, &vkey).await, second, "nothing happened: the same checkpoint");

        let proof = scene.root.get(&format!("/log/proof/consistency?from={}", first.size)).await.ok();
        let (size, root) = (proof["size"].as_u64().unwrap(), hash(&proof["root"]));
        assert_eq!((size, root), (second.size, second.root));
        merkle::verify_consistency(first.size, size, &hashes(&proof), &first.root, &root).unwrap();
        let other = Sha256::of(b"another history");
        assert!(merkle::verify_consistency(first.size, size, &hashes(&proof), &other, &root).is_err());
        for position in 0..second.size {
            let proof = scene.root.get(&format!("/log/proof/inclusion?position={position}")).await.ok();
            let leaf = hash(&proof["leaf"]);
            merkle::verify_inclusion(&leaf, position, second.size, &hashes(&proof), &second.root).unwrap();
            assert!(merkle::verify_inclusion(&leaf, (position + 1) % second.size, second.size, &hashes(&proof), &second.root).is_err());
        }
        scene.root.get(&format!("/log/proof/inclusion?position={}", second.size)).await.refused(404, "not_found");
        scene.root.get("/log/proof/consistency?from=1000000").await.refused_helpfully(422, "invalid");
    }

    async fn managers_read_their_projects_part_and_nothing_else(server: &TestServer) {
        let scene = Scene::set(server).await;
        let own = scene.manager.audit("project=diagnosis").await;
        assert!(own.iter().any(|event| event["type"] == "project.created"));
        assert!(own.iter().all(|event| event["about"].as_str().unwrap().starts_with("diagnosis")));
        scene.manager.get("/audit").await.refused(403, "forbidden");
        scene.scientist.get("/audit?project=diagnosis").await.refused(403, "forbidden");
        let auditor = server.person_as("auditor", "auditor").await;
        assert_eq!(auditor.audit("").await.len() as u64, server.log_size().await);
        let since = auditor.audit("since=2026-01-05T09:00:01Z").await;
        assert!(since.is_empty(), "the clock has not moved");
    }
}

both! {
    async fn each_filter_of_the_record_narrows_it(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (first, second) = (scene.approved().await, scene.approved().await);
        for (place, version) in [("production/tumour", &first), ("test/tumour", &second)] {
            scene.operator.deploy(place, version).await.ok();
        }
        let positions = async |query: String| {
            let events = scene.root.audit(&query).await;
            events.iter().map(|event| event["position"].as_u64().unwrap()).collect::<BTreeSet<_>>()
        };
        let filters = [format!("version={}", first.name), "infrastructure=production".to_owned(), "project=diagnosis".to_owned()];
        let [of_version, there, of_project] =
            [positions(filters[0].clone()).await, positions(filters[1].clone()).await, positions(filters[2].clone()).await];
        for (pair, both) in [
            (format!("{}&{}", filters[0], filters[1]), of_version.intersection(&there)),
            (format!("{}&{}", filters[2], filters[1]), of_project.intersection(&there)),
        ] {
            let both: BTreeSet<_> = both.copied().collect();
            assert!(!both.is_empty() && both.len() < there.len(), "{pair}: {both:?}");
            assert_eq!(positions(pair.clone()).await, both, "{pair}");
        }
        assert_eq!(positions(format!("version={}&infrastructure=test", first.name)).await, BTreeSet::new());
        // By whom, and of which type.
        let decided = scene.root.audit("actor=approver&kind=review.approved,review.rejected").await;
        assert_eq!(decided.len(), 2, "{decided:?}");
        assert!(decided.iter().all(|event| event["actor"] == "approver" && event["type"] == "review.approved"), "{decided:?}");
        assert_eq!(scene.root.audit("actor=scientist&kind=review.approved").await.len(), 0);
        let by_operator = positions("actor=operator&infrastructure=production".to_owned()).await;
        assert!(!by_operator.is_empty() && by_operator.is_subset(&there) && by_operator.len() < there.len(), "{by_operator:?}");
        let page = scene.root.get("/audit?actor=approver&kind=review.approved&limit=1").await.ok();
        let next = page["next"].as_str().unwrap();
        let second_page = scene.root.get(&format!("/audit?actor=approver&kind=review.approved&limit=1&from={next}")).await.ok();
        assert_eq!((second_page["items"].as_array().unwrap().len(), second_page.get("next")), (1, None));
        scene.root.get("/audit?kind=review.imagined").await.refused(422, "invalid");
        scene.root.get("/audit?actor=nobody").await.refused(404, "not_found");
        // A manager reads no other project's part by naming a person.
        scene.manager.get("/audit?actor=approver").await.refused(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_cut_back_is_not_signed_again() {
    let mut server = TestServer::start(Backend::Sqlite).await;
    Scene::set(&server).await;
    let vkey = server.anonymous().get("/log/key").await.text();
    server.restart(|folder| assert!(fs::copy(folder.join("countersign.db"), folder.join("backup.db")).is_ok())).await;
    let root = server.administrator().await;
    root.post("/groups", json!({"name": "later"})).await.ok();
    let before = signed(&root, &vkey).await;
    server
        .restart(|folder| {
            for left in ["countersign.db-wal", "countersign.db-shm"] {
                // Gone already where SQLite closed in order.
                let _ = fs::remove_file(folder.join(left));
            }
            fs::rename(folder.join("backup.db"), folder.join("countersign.db")).unwrap();
        })
        .await;
    let root = server.administrator().await;
    let refused = |problem: Value| assert_eq!(problem["next"], json!({"step": "continue_log"}), "{problem}");
    refused(root.get("/log/checkpoint").await.refused_helpfully(503, "log_forked"));
    let report = app::record::verify_store(&server.app, false).await.unwrap();
    assert!(report.findings.iter().any(|finding| finding.problem.contains(&format!("{} events", before.size))), "{report:?}");
    // Nor when the fork has grown past what was signed.
    root.post("/groups", json!({"name": "other"})).await.ok();
    root.post("/groups", json!({"name": "more"})).await.ok();
    assert!(server.log_size().await > before.size);
    refused(root.get("/log/checkpoint").await.refused_helpfully(503, "log_forked"));
}

/// Makes a webhook, lets the server disable it, and removes it.
async fn keep_webhooks(scene: &Scene, server: &TestServer) {
    let receiver = Receiver::start().await;
    receiver.answer(Answering::With(410, String::new()));
    scene.root.post("/webhooks", json!({"name": "gone", "kind": "standard", "url": receiver.url})).await.ok();
    scene.root.post("/webhooks/gone/test", json!({})).await.ok();
    server.run_job("call_webhooks").await;
    scene.root.delete("/webhooks/gone").await.ok();
}

/// What keeps people, groups, projects and infrastructures, as far as setting the scene did not do it.
async fn keep_people(scene: &Scene, server: &TestServer) {
    let person = server.person("forgetful").await;
    let passwords = json!({"password": testkit::PASSWORD, "new_password": "four other plain words"});
    assert_eq!(person.post("/me/password", passwords).await.status, 204);
    scene.itops.put("/me/absence", json!({"until": "2027-01-01T00:00:00Z"})).await.ok();
    scene.itops.delete("/me/absence").await.ok();
    let root = &scene.root;
    server.person("guest").await;
    root.patch("/users/guest", json!({"display_name": "A guest"})).await.ok();
    root.delete("/groups/risk/members/riskofficer").await.ok();
    root.put("/groups/risk/members/riskofficer", json!({})).await.ok();
    root.put("/projects/diagnosis/members/guest", json!({"role": "reader"})).await.ok();
    root.delete("/projects/diagnosis/members/guest").await.ok();
    scene
        .manager
        .change(
            Method::PATCH,
            "/projects/diagnosis",
            json!({"delegation_allowed": true, "approval_valid_for": "90d", "reason": "Each quarter."}),
        )
        .await
        .ok();
    root.put("/infrastructures/test/members/guest", json!({"role": "viewer"})).await.ok();
    root.delete("/infrastructures/test/members/guest").await.ok();
    let tag = root.etag("/infrastructures/test").await;
    let body = json!({"policy": "warn", "reason": "Closer to production."});
    root.request(Method::PUT, "/infrastructures/test/policy").header("if-match", &tag).json(&body).send().await.ok();
    let token = root.post("/tokens", json!({"label": "short"})).await.ok();
    root.delete(&format!("/tokens/{}", token["id"].as_str().unwrap())).await.ok();
}

/// Tokens, invitation codes and passwords are in no event.
fn secrets_are_not_in(events: &[Value]) {
    let text = serde_json::to_string(events).unwrap();
    for secret in ["csn_", testkit::PASSWORD, "argon2"] {
        assert!(!text.contains(secret), "{secret} is in the record");
    }
}

async fn signed(person: &Client, vkey: &str) -> proof::Checkpoint {
    let note = person.get("/log/checkpoint").await;
    assert_eq!(note.status, 200, "{}", note.text());
    checkpoint::open(&note.text(), vkey.trim()).unwrap()
}

fn hash(value: &Value) -> Sha256 {
    value.as_str().unwrap().parse().unwrap()
}

fn hashes(proof: &Value) -> Vec<Sha256> {
    proof["hashes"].as_array().unwrap().iter().map(hash).collect()
}
