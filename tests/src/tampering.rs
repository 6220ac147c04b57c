//! Alters rows of a running server as a database administrator can, and finds each of them by name. The full matrix of
//! tables is in the tests of `store`.

use crate::sql;
use domain::Duration;
use serde_json::json;
use std::fs;
use testkit::{Backend, Scene, TestServer, Version};

/// Statements, each with what must be found after it.
const DEEDS: &[(&str, &str)] = &[
    ("UPDATE users SET role = 'administrator' WHERE name = 'scientist'", "users/"),
    ("UPDATE rounds SET status = 'approved' WHERE status = 'rejected'", "rounds/"),
    ("UPDATE infrastructures SET policy = 'allow' WHERE name = 'production'", "infrastructures/"),
    ("DELETE FROM project_members WHERE role = 'contributor'", "project_members/"),
    (
        "INSERT INTO group_members SELECT user_groups.id, users.id, 0, users.seal FROM user_groups, users WHERE users.name = 'operator'",
        "group_members/",
    ),
    ("UPDATE versions SET model_digest = shown WHERE number = 1", "versions/"),
    ("UPDATE version_files SET name = 'model.bin2' WHERE name = 'model.bin'", "version_files/"),
    ("UPDATE statements SET envelope = model_digest", "statements/"),
    ("UPDATE tokens SET scopes = 'read administer'", "tokens/"),
    ("UPDATE events SET kind = 'review.approved' WHERE kind = 'review.rejected'", "events/"),
    ("UPDATE events SET body = leaf WHERE position = 3", "events/3"),
    (
        "UPDATE log_nodes SET hash = (SELECT leaf FROM events WHERE position = 0) WHERE level = 1 AND position = 0",
        "log_nodes/1/0",
    ),
    ("DELETE FROM events WHERE position = 7", "events/7"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deeds_on_sqlite_are_found() {
    deeds_are_found(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deeds_on_postgres_are_found() {
    if !Backend::Postgres.is_left_out() {
        deeds_are_found(Backend::Postgres).await;
    }
}

async fn deeds_are_found(backend: Backend) {
    let server = TestServer::start(backend).await;
    let scene = Scene::set(&server).await;
    let rejected = scene.requested().await;
    scene.approver.reject(&rejected).await.ok();
    scene.approved().await;
    scene.root.get("/log/checkpoint").await;
    server.verify().await;
    for (deed, expected) in DEEDS {
        let before = findings(&server).await;
        assert!(sql::execute(&server.database_url(), deed).await > 0, "it does nothing: {deed}");
        let new: Vec<_> = findings(&server).await.into_iter().filter(|finding| !before.contains(finding)).collect();
        assert!(new.iter().any(|finding| finding.starts_with(expected)), "{deed}: {new:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_permit_is_signed_for_an_approval_that_nobody_gave_on_sqlite() {
    no_permit_is_signed_for_an_approval_that_nobody_gave(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_permit_is_signed_for_an_approval_that_nobody_gave_on_postgres() {
    if !Backend::Postgres.is_left_out() {
        no_permit_is_signed_for_an_approval_that_nobody_gave(Backend::Postgres).await;
    }
}

/// The rows alone say that these versions are approved; the server's seal and its signature under a decision do not.
async fn no_permit_is_signed_for_an_approval_that_nobody_gave(backend: Backend) {
    let server = TestServer::start(backend).await;
    let scene = Scene::set(&server).await;
    let approved = scene.approved().await;
    let other = scene.version_of(&[("model.bin", b"other bytes")], json!({})).await;
    let same = scene.version().await;
    let limited = scene.requested().await;
    scene.approver.command(&limited, "decision", json!({"decision": "approve", "valid_for": "2h"})).await.ok();
    let revoked = scene.approved().await;
    sql::execute(&server.database_url(), "CREATE TABLE kept AS SELECT * FROM rounds").await;
    scene.approver.revoke(&revoked).await.ok();
    let row = |version: &Version| format!("version_id = (SELECT id FROM versions WHERE number = {})", version.number);
    let put_back = [format!(
        "UPDATE rounds SET status = 'approved', signoff = (SELECT signoff FROM kept WHERE kept.version_id = rounds.version_id) WHERE {}",
        row(&revoked)
    )];
    let moved = |from: &Version, to: &Version| {
        [
            format!(
                "UPDATE rounds SET status = 'approved', signoff = REPLACE((SELECT signoff FROM rounds WHERE {}), '{}', '{}') WHERE {}",
                row(from),
                from.digest,
                to.digest,
                row(to)
            ),
            format!(
                "UPDATE statements SET {}, model_digest = (SELECT model_digest FROM versions WHERE number = {}) WHERE {} AND kind = 'decision'",
                row(to),
                to.number,
                row(from)
            ),
        ]
    };
    let prolonged = [
        format!("UPDATE rounds SET not_after = not_after + 2592000000000 WHERE {}", row(&limited)),
        format!("UPDATE rounds SET signoff = REPLACE(signoff, '2026-01-05T11', '2026-02-04T11') WHERE {}", row(&limited)),
    ];
    server.clock.advance(Duration::from_seconds(3 * 3600));
    let deeds = [
        (&revoked, put_back.to_vec()),
        (&other, moved(&approved, &other).to_vec()),
        (&same, moved(&other, &same).to_vec()),
        (&limited, prolonged.to_vec()),
    ];
    for (version, deeds) in deeds {
        for deed in &deeds {
            assert_eq!(sql::execute(&server.database_url(), deed).await, 1, "{deed}");
        }
        // The rows say so, and do not bear the server's seal.
        scene.operator.gate("production", version).await.refused_helpfully(500, "store_altered");
        scene.operator.deploy("production/tumour", version).await.refused_helpfully(500, "store_altered");
        scene.operator.get("/infrastructures/production/deployments/tumour").await.refused(404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_file_that_was_altered_or_taken_away_is_found() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    scene.version_of(&[("a", b"first"), ("b", b"second")], json!({})).await;
    server.verify().await;
    let mut stored = Vec::new();
    files_below(&server.folder().join("files"), &mut stored);
    assert_eq!(stored.len(), 2);
    fs::write(&stored[0], b"altered").unwrap();
    fs::remove_file(&stored[1]).unwrap();
    let found = findings(&server).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|finding| finding.contains("altered")) && found.iter().any(|finding| finding.contains("missing")));
}

/// SQLite keeps a key that is none. The check cannot tell the place of such a round among the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_altered_key_of_a_round_accuses_no_other_round() {
    let server = TestServer::start(Backend::Sqlite).await;
    let scene = Scene::set(&server).await;
    for _ in 0..3 {
        scene.approved().await;
    }
    server.verify().await;
    let mut reader = server.app.store.read().await.unwrap();
    let (project, model) = ("diagnosis".parse().unwrap(), "tumour".parse().unwrap());
    let mut ids = Vec::new();
    for number in [1, 3] {
        ids.push(reader.whole_version_by_name(&project, &model, number).await.unwrap()[0].0.id.to_string());
    }
    drop(reader);
    let altered = "UPDATE rounds SET version_id = x'ff' WHERE version_id = (SELECT id FROM versions WHERE number = 2)";
    assert_eq!(sql::execute(&server.database_url(), altered).await, 1);
    let found = findings(&server).await;
    assert!(!found.is_empty());
    for id in ids {
        let accused: Vec<_> = found.iter().filter(|finding| finding.contains(&id)).collect();
        assert!(accused.is_empty(), "{accused:?}");
    }
}

/// Every file below a folder.
pub fn files_below(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

async fn findings(server: &TestServer) -> Vec<String> {
    let report = app::record::verify_store(&server.app, true).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}
