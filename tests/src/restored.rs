//! A backup of the database is restored, and the end of the log with it: nothing is signed until an operator records that the log goes
//! on. And of several servers on one database only one signs the log.

use crate::sql;
use app::{Caller, OpContext};
use domain::Duration;
use proof::{TrustedLogKey, checkpoint};
use serde_json::json;
use testkit::{Client, Scene, TestServer, both, key_files};

/// Every table with rows of a server, in an order in which none refers to a later one.
const TABLES: [&str; 29] = [
    "users",
    "mail_addresses",
    "account_names",
    "invitations",
    "tokens",
    "user_groups",
    "group_members",
    "projects",
    "project_people",
    "project_members",
    "models",
    "versions",
    "version_files",
    "uploads",
    "upload_files",
    "files",
    "infrastructures",
    "infrastructure_members",
    "rounds",
    "round_people",
    "statements",
    "deployments",
    "revisions",
    "shares",
    "events",
    "log_nodes",
    "log_head",
    "log_keys",
    "checkpoints",
];

/// A copy of the database, inside of it.
struct Backup<'a>(&'a TestServer);

impl<'a> Backup<'a> {
    async fn of(server: &'a TestServer) -> Self {
        for table in TABLES {
            sql::execute(&server.database_url(), &format!("CREATE TABLE backup_{table} AS SELECT * FROM {table}")).await;
        }
        Self(server)
    }

    /// Puts everything back as it was.
    async fn restore(self) {
        let delete = TABLES.iter().rev().map(|table| format!("DELETE FROM {table};"));
        let insert =
            TABLES.iter().map(|table| format!("INSERT INTO {table} SELECT * FROM backup_{table}; DROP TABLE backup_{table};"));
        sql::script(&self.0.database_url(), &delete.chain(insert).collect::<String>()).await;
    }
}

fn console(server: &TestServer) -> OpContext {
    OpContext::new(server.app.clone(), Caller::Console, "console")
}

async fn vkey(server: &TestServer) -> String {
    server.anonymous().get("/log/key").await.text().trim().to_owned()
}

async fn signed(client: &Client) -> String {
    let note = client.get("/log/checkpoint").await;
    assert_eq!(note.status, 200, "{}", note.text());
    note.text()
}

both! {
    async fn after_a_restore_nothing_is_signed_until_an_operator_records_that_the_log_goes_on(server: &TestServer) {
        let scene = Scene::set(server).await;
        let (version, waiting) = (scene.approved().await, scene.requested().await);
        scene.operator.deploy("production/tumour", &version).await.ok();
        signed(&scene.root).await;
        let node = server.node("node-1", "production").await;
        let backup = Backup::of(server).await;
        let tag = scene.approver.etag(&format!("{}/review", waiting.path)).await;
        scene.approver.revoke(&version).await.ok();
        let given_up = signed(&scene.root).await;
        let before = vkey(server).await;
        backup.restore().await;

        let gone = |reply: testkit::Reply| {
            let problem = reply.refused_helpfully(503, "log_forked");
            assert_eq!(problem["next"], json!({"step": "continue_log"}), "{problem}");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("but a checkpoint over") || detail.contains("an older copy of the database"), "{problem}");
        };
        gone(scene.operator.request_outside(reqwest::Method::GET, "/health").send().await);
        gone(scene.root.get("/log/checkpoint").await);
        gone(node.get("/infrastructures/production/serving").await);
        gone(scene.operator.gate("production", &version).await);
        gone(scene.operator.deploy("production/other", &version).await);
        gone(scene.approver.command_on(&waiting, "decision", json!({"decision": "approve"}), &tag).await);
        let size = server.log_size().await;
        server.clock.advance(Duration::from_seconds(13 * 3600));
        assert!(app::deployments::renew_due(&server.app).await.is_err_and(|error| error.code.as_str() == "log_forked"));
        assert_eq!(server.log_size().await, size, "nothing was recorded");
        assert!(server.app.fork.forked().is_some());

        // Growing past what was signed changes nothing.
        while server.log_size().await < size + 10 {
            scene.root.post("/groups", json!({"name": format!("group-{}", server.log_size().await)})).await.ok();
        }
        scene.root.get("/log/checkpoint").await.refused(503, "log_forked");

        assert!(app::record::continue_log(&console(server), "\u{200b}").await.is_err_and(|error| error.code.as_str() == "invalid"));
        let note = app::record::continue_log(&console(server), "The disk failed.").await.unwrap();
        let after = vkey(server).await;
        assert_ne!(before, after, "one key never signs two roots for one size");
        checkpoint::open(&note, &after).unwrap();
        assert!(checkpoint::open(&note, &before).is_err());
        let event = scene.root.audit("").await.into_iter().find(|event| event["type"] == "log.continued").unwrap();
        assert_eq!((&event["data"]["given_up"], &event["data"]["reason"]), (&json!(given_up), &json!("The disk failed.")));
        assert!(app::record::continue_log(&console(server), "Again.").await.is_err(), "there is nothing to go on after");

        scene.operator.request_outside(reqwest::Method::GET, "/health").send().await.ok();
        scene.approver.revoke(&version).await.ok();
        scene.operator.deploy("production/other", &version).await.refused(403, "denied_by_policy");
        checkpoint::open(&signed(&scene.root).await, &after).unwrap();

        // Where the stored checkpoints outlived the restore, the one that was given up differs from the log, and the record says so.
        let size = event["data"]["given_up_size"].as_u64().unwrap();
        let insert = format!("INSERT INTO checkpoints (log_key, size, note, signed_at) VALUES (1, {size}, '{given_up}', 0)");
        sql::execute(&server.database_url(), &insert).await;
        server.verify().await;
    }

    async fn the_key_of_the_log_changes_hands_in_the_record(server: &TestServer) {
        let scene = Scene::set(server).await;
        let beside = server.beside().await;
        signed(&scene.root).await;
        let before = vkey(server).await;
        let pem = std::fs::read_to_string(key_files(server.folder()).log).unwrap();
        let old = proof::LogKey::from_pkcs8_pem(&pem, checkpoint::name_of(&before).unwrap()).unwrap();
        for invisible in [" ", "\u{200b}"] {
            let refused = app::record::rotate_log_key(&console(server), invisible).await;
            assert!(refused.is_err_and(|error| error.code.as_str() == "invalid"));
        }
        let note = app::record::rotate_log_key(&console(server), "Yearly change.").await.unwrap();
        let after = vkey(server).await;
        assert_ne!(before, after);
        // Whoever trusts one of the keys can verify this checkpoint, which covers the event that names both.
        let [by_old, by_new] = [&before, &after].map(|key| checkpoint::open(&note, key).unwrap());
        assert_eq!((by_old.size, &by_old), (server.log_size().await, &by_new));
        let event = scene.root.audit("").await.pop().unwrap();
        assert_eq!((&event["type"], &event["data"]["from"], &event["data"]["to"]), (&json!("log.key_changed"), &json!(before), &json!(after)));
        // A server that ran all the while takes the new key.
        scene.approved().await;
        let note = signed(&beside.as_seen_by(&scene.root)).await;
        checkpoint::open(&note, &after).unwrap();
        assert!(checkpoint::open(&note, &before).is_err());
        beside.end().await;
        let mut reader = server.app.store.read().await.unwrap();
        let stored = reader.stored_checkpoints(100, &store::verify::PageStart::no_checkpoint()).await.unwrap().rows;
        let stored: Vec<_> = stored.into_iter().map(Result::unwrap).collect();
        let trusted = server.app.keys.trusted(&server.app.store, "countersign.example").await.unwrap();
        let expected = TrustedLogKey { vkey: before.clone(), until: Some(by_old.size - 1) };
        assert_eq!(trusted.log_keys, [expected, TrustedLogKey::present(after)]);
        assert_eq!(stored.iter().map(|stored| stored.log_key).collect::<Vec<_>>(), [1, 2, 2]);
        assert!(stored.iter().all(|stored| trusted.checkpoint(&stored.note).is_ok()));

        // A person who still has the old key signs no root of a later log: neither bundles nor verify-store take it.
        let later = proof::Checkpoint { origin: old.name().to_owned(), size: server.log_size().await, root: proof::Sha256::of(b"another log") };
        let forged = checkpoint::sign(&later, &old).unwrap();
        assert!(matches!(trusted.checkpoint(&forged), Err(proof::NoteError::KeyReplaced { .. })));
        let verification = app::record::Verification {
            store: &server.app.store,
            files: None,
            trusted: &trusted,
            checkpoints: vec![app::record::KeptCheckpoint { file: "forged.txt".to_owned(), note: Ok(forged) }],
            now: server.app.now(),
        };
        let findings = app::record::verify(verification).await.unwrap().findings;
        assert!(findings.iter().any(|finding| finding.what == "forged.txt" && finding.problem.contains("replaced")), "{findings:?}");
    }

    async fn of_several_servers_on_one_database_one_signs_the_log(server: &TestServer) {
        let scene = Scene::set(server).await;
        let folder = tempfile::tempdir().unwrap();
        let beside = server.beside_in(folder.path()).await;
        let (here, there) = (scene.root.clone(), beside.as_seen_by(&scene.root));
        let first = signed(&here).await;
        assert_eq!(signed(&there).await, first);
        there.post("/groups", json!({"name": "there"})).await.ok();
        assert_eq!(signed(&there).await, first, "it has no key to sign with");
        assert!(!key_files(folder.path()).log.exists());
        let second = signed(&here).await;
        assert_eq!(signed(&there).await, second);
        assert_eq!(std::fs::read_to_string(key_files(folder.path()).checkpoint).unwrap(), second, "each server remembers it");

        // Each of them notices a restored backup.
        let backup = Backup::of(server).await;
        here.post("/groups", json!({"name": "here"})).await.ok();
        signed(&here).await;
        signed(&there).await;
        backup.restore().await;
        for root in [&here, &there] {
            root.get("/log/checkpoint").await.refused(503, "log_forked");
        }
        app::record::continue_log(&console(server), "A test.").await.unwrap();
        assert_eq!(signed(&there).await, signed(&here).await);
        beside.end().await;
    }
}
