//! Stored checkpoints and the keys of the log: whatever does not fit the log, or the time of its key, is found.

use crate::{replaying::on_both, sql};
use app::record::{KeptCheckpoint, Verification};
use domain::event::{Actor, Event};
use proof::{Checkpoint, LogKey, Sha256, checkpoint};
use std::fs;
use store::{About, Origin};
use testkit::{Backend, Scene, TestServer, key_files};

on_both! {
    stored_checkpoints_that_do_not_fit_the_log_are_found
    checkpoints_of_a_key_at_another_time_are_found
    stored_keys_that_differ_from_the_record_are_found
    changes_of_the_key_that_the_log_does_not_lead_to_are_found
}

/// The key that signs the log now: also in the hands of the attacker.
fn log_key(server: &TestServer) -> LogKey {
    LogKey::from_pkcs8_pem(&fs::read_to_string(key_files(server.folder()).log).unwrap(), "countersign.example").unwrap()
}

async fn rotate(server: &TestServer) {
    app::record::rotate_log_key(&server.console(), "Yearly change.").await.unwrap();
}

/// The present size and root of the log.
async fn present(server: &TestServer) -> Checkpoint {
    let head = server.app.store.read().await.unwrap().log_frontier().await.unwrap();
    Checkpoint { origin: "countersign.example".to_owned(), size: head.size(), root: head.root() }
}

/// Runs statements as a superuser does, whom no foreign key stops.
async fn script(server: &TestServer, statements: &str) {
    let postgres = server.database_url().starts_with("postgres");
    let first = if postgres { "SET session_replication_role = replica;" } else { "" };
    sql::script(&server.database_url(), &format!("{first}{statements}")).await;
}

async fn keep_checkpoint(server: &TestServer, key: u32, size: u64, note: &str) {
    script(server, &format!("INSERT INTO checkpoints (log_key, size, note, signed_at) VALUES ({key}, {size}, '{note}', 0)"))
        .await;
}

async fn findings(server: &TestServer) -> Vec<String> {
    let report = app::record::verify_store(&server.app, false).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

/// Exactly this is found.
async fn found(server: &TestServer, what: &str, problem: &str) {
    let found = findings(server).await;
    assert!(found.len() == 1 && found[0].starts_with(what) && found[0].contains(problem), "{what}: {problem}: {found:#?}");
}

async fn stored_checkpoints_that_do_not_fit_the_log_are_found(server: &TestServer, scene: &Scene) {
    // Many sizes, each with its root.
    for number in 0..9 {
        scene.root.post("/groups", serde_json::json!({"name": format!("group-{number}")})).await.ok();
        server.sign_checkpoint().await;
    }
    scene.approved().await;
    server.verify().await;
    let (key, now) = (log_key(server), present(server).await);
    let stranger = LogKey::from_seed([9; 32], key.name()).unwrap();
    let right = checkpoint::sign(&now, &key).unwrap();
    let early = now.size - 1;
    let at = |size, root| checkpoint::sign(&Checkpoint { size, root, ..now.clone() }, &key).unwrap();
    for (number, size, note, problem) in [
        (1, early, right.clone(), "its row says"),
        (
            1,
            early,
            checkpoint::sign(&Checkpoint { size: early, ..now.clone() }, &stranger).unwrap(),
            "did not sign the checkpoint",
        ),
        (1, early, at(early, now.root), "the log was rewritten"),
        (1, 0, at(0, Sha256::of(b"no event")), "the log was rewritten"),
        (1, now.size + 5, at(now.size + 5, now.root), "the log does not have as many events"),
        (1, early, "no note".to_owned(), "did not sign the checkpoint"),
        (7, now.size, right.clone(), "the log never had a key of this number"),
    ] {
        keep_checkpoint(server, number, size, &note).await;
        found(server, &format!("checkpoints/{number}/{size}: "), problem).await;
        script(server, &format!("DELETE FROM checkpoints WHERE log_key = {number} AND size = {size}")).await;
    }
    // An earlier one of the server is altered.
    script(server, &format!("UPDATE checkpoints SET note = '{right}' WHERE size = (SELECT MIN(size) FROM checkpoints)")).await;
    found(server, "checkpoints/1/", "its row says").await;
}

async fn checkpoints_of_a_key_at_another_time_are_found(server: &TestServer, scene: &Scene) {
    server.sign_checkpoint().await;
    let (old, before) = (log_key(server), present(server).await);
    rotate(server).await;
    scene.approved().await;
    server.verify().await;
    let (new, after) = (log_key(server), present(server).await);
    // Right in all but its key: what the old key still signs after it was replaced, and what the new one signs of before.
    let late = checkpoint::sign(&after, &old).unwrap();
    for (number, size, note, problem) in [
        (1, after.size, &late, "another key took over after"),
        (2, before.size, &checkpoint::sign(&before, &new).unwrap(), "the log had this key only after"),
    ] {
        keep_checkpoint(server, number, size, note).await;
        found(server, &format!("checkpoints/{number}/{size}: "), problem).await;
        script(server, &format!("DELETE FROM checkpoints WHERE log_key = {number} AND size = {size}")).await;
    }
    // The same where somebody kept the checkpoint elsewhere, and trusts both keys or the old one alone.
    let mut trusted = server.app.keys.trusted(&server.app.store, "countersign.example").await.unwrap();
    let present = proof::TrustedLogKey::present;
    for log_keys in [vec![present(old.vkey()), present(new.vkey())], vec![present(old.vkey())]] {
        trusted.log_keys = log_keys;
        let checkpoints = vec![KeptCheckpoint { file: "kept.txt".to_owned(), note: Ok(late.clone()) }];
        let verification =
            Verification { store: &server.app.store, files: None, trusted: &trusted, checkpoints, now: server.app.now() };
        let report = app::record::verify(verification).await.unwrap();
        assert_eq!((report.findings.len(), report.findings[0].what.as_str()), (1, "kept.txt"), "{:#?}", report.findings);
        assert!(report.findings[0].problem.contains("another key took over"), "{:#?}", report.findings);
    }
    trusted.log_keys = vec![present(LogKey::from_seed([9; 32], old.name()).unwrap().vkey())];
    let verification =
        Verification { store: &server.app.store, files: None, trusted: &trusted, checkpoints: Vec::new(), now: server.app.now() };
    let report = app::record::verify(verification).await.unwrap();
    let found: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert!(found.iter().any(|finding| finding == "log_keys: none of the keys of the log is a trusted one"), "{found:#?}");
}

async fn stored_keys_that_differ_from_the_record_are_found(server: &TestServer, _: &Scene) {
    rotate(server).await;
    server.verify().await;
    script(server, "CREATE TABLE kept_keys AS SELECT * FROM log_keys").await;
    let vkey = LogKey::from_seed([9; 32], "countersign.example").unwrap().vkey();
    for (what, deed, problem) in [
        ("log_keys/2", "UPDATE log_keys SET since = since - 1 WHERE number = 2".to_owned(), "seal"),
        ("log_keys/1", format!("UPDATE log_keys SET vkey = '{vkey}' WHERE number = 1"), "seal"),
        ("log_keys/2", format!("UPDATE log_keys SET vkey = '{vkey}' WHERE number = 2"), "seal"),
        ("log_keys/2", "UPDATE log_keys SET abandoned = 'x' WHERE number = 2".to_owned(), "seal"),
        (
            "log_keys/3",
            format!(
                "INSERT INTO log_keys (number, vkey, since, seal) SELECT 3, '{vkey}', since, seal FROM log_keys WHERE number = 2"
            ),
            "seal",
        ),
        ("log_keys/2", "DELETE FROM log_keys WHERE number = 2".to_owned(), "the key was deleted"),
        ("log_keys/1", "DELETE FROM log_keys WHERE number = 1".to_owned(), "the key was deleted"),
    ] {
        script(server, &deed).await;
        let found = findings(server).await;
        assert!(found.iter().any(|finding| finding.starts_with(what) && finding.contains(problem)), "{deed}: {found:#?}");
        // An auditor has no key for the seals, and a trust file from before.
        script(server, "DELETE FROM log_keys; INSERT INTO log_keys SELECT * FROM kept_keys").await;
    }
    script(server, "DROP TABLE kept_keys").await;
    server.verify().await;
}

async fn changes_of_the_key_that_the_log_does_not_lead_to_are_found(server: &TestServer, _: &Scene) {
    server.sign_checkpoint().await;
    let first = log_key(server).vkey();
    let [second, third, stranger] = [2, 3, 4].map(|byte| LogKey::from_seed([byte; 32], "countersign.example").unwrap());
    let changed =
        |from: &str, to: &str| Event::LogKeyChanged { from: from.to_owned(), to: to.to_owned(), reason: "A reason.".to_owned() };
    let event = changed(&stranger.vkey(), &second.vkey());
    forged(server, Actor::Console, event, "the event names another key than the first key of the log").await;
    let event = changed(&first, &third.vkey());
    forged(server, Actor::Console, event, "the event names another key than the key of the log before").await;
    forged(server, Actor::Console, changed(&third.vkey(), &second.vkey()), "is one that the log had before").await;
    forged(server, Actor::Console, changed(&second.vkey(), "a key"), "is no verifier key").await;
    let event = changed("a key", &LogKey::from_seed([5; 32], "countersign.example").unwrap().vkey());
    forged(server, Actor::Clock, event, "elsewhere than on the server's machine").await;
    let given_up = Checkpoint { origin: "countersign.example".to_owned(), size: 1_000, root: Sha256::of(b"root") };
    let given_up = checkpoint::sign(&given_up, &stranger).unwrap();
    let size = server.log_size().await;
    for (size, from, given_up_size, problem) in [
        (size, third.vkey(), None, "the event names another key than the key of the log before"),
        (size + 1, stranger.vkey(), Some(999), "the event names another size than the checkpoint that it gives up"),
        (size, stranger.vkey(), Some(1_000), "the event says that the log had"),
    ] {
        let to = LogKey::from_seed([u8::try_from(server.log_size().await).unwrap(); 32], "countersign.example").unwrap().vkey();
        let (given_up, reason) = (given_up.clone(), "A reason.".to_owned());
        forged(server, Actor::Console, Event::LogContinued { from, to, size, given_up, given_up_size, reason }, problem).await;
    }
}

/// Records an event as nobody but the server can, and expects that the event is found, and that its key has no row.
#[expect(clippy::disallowed_methods, reason = "a forger does not come through the door")]
async fn forged(server: &TestServer, actor: Actor, event: Event, problem: &str) {
    let at = app::Clock::now(server.clock.as_ref());
    let seed = app::Entropy::bytes(&app::SystemEntropy);
    let mut tx = server.app.store.write(Origin { actor, at, request: "forged".to_owned(), seed, key: None }).await.unwrap();
    let position = tx.log_size().await.unwrap();
    tx.record(event, About::default());
    tx.commit().await.unwrap();
    let (found, what) = (findings(server).await, format!("events/{position}: "));
    assert!(found.iter().any(|finding| finding.starts_with(&what) && finding.contains(problem)), "{problem}: {found:#?}");
    assert!(found.contains(&"log_keys/2: the key was deleted".to_owned()), "{found:#?}");
}
