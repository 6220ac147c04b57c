//! A signing key that is lost or another server's: nothing may be signed with a new one in silence.

use crate::common::{
    cli::{Run, Terminal},
    scene::Place,
};
use serde_json::Value;
use std::{fs, path::Path};

/// A command of the server's own machine, which must not come to its end.
fn try_out(place: &Place, data: &Path, arguments: &[&str]) -> Run {
    let data = data.display().to_string();
    let storage = ["--data", &data, "--database", place.database.url()];
    Terminal::new(place.desk()).run(&[arguments, &storage].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_key_is_never_replaced_by_a_new_one() {
    let place = Place::sqlite();
    let server = place.serve();
    place.set(&server).await;
    server.stop();
    let (key, kept) = (place.data().join("signing-key.pem"), place.desk().join("kept.pem"));
    let everything = |data: &Path, words: &str| {
        // Nothing was verified, so `verify-store` does not end like a verification with findings.
        for (line, code) in [
            (&["serve", "--listen", "127.0.0.1:0"][..], 1),
            (&["admin", "verify-store"], 5),
            (&["admin", "create-administrator", "another"], 1),
        ] {
            let run = try_out(&place, data, line).refused(code, words);
            assert!(run.stderr.contains("hint: Put the key file back"), "{run:?}");
        }
    };
    fs::rename(&key, &kept).unwrap();
    everything(&place.data(), "the signing key is not in");
    assert!(!key.exists(), "a new key was made");
    let doctor = |words: &str| {
        let run = try_out(&place, &place.data(), &["doctor"]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stdout.contains(words), "{run:?}");
    };
    doctor("is not there, but the database belongs to the key");

    // A second server on the same database, with a folder and key of its own.
    let (elsewhere, other) = (place.desk().join("elsewhere"), Place::sqlite());
    other.serve().stop();
    fs::create_dir(&elsewhere).unwrap();
    everything(&elsewhere, "the signing key is not in");
    fs::copy(other.data().join("signing-key.pem"), elsewhere.join("signing-key.pem")).unwrap();
    everything(&elsewhere, "but this database belongs to the key");
    fs::copy(other.data().join("signing-key.pem"), &key).unwrap();
    doctor("but the database belongs to the key");

    fs::rename(&kept, &key).unwrap();
    place.serve().stop();
    assert_eq!(place.findings(), [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_key_of_the_log_is_said_everywhere_and_a_new_one_takes_over() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    server.stop();
    let key = place.data().join("log-key.pem");
    fs::remove_file(&key).unwrap();

    let server = place.serve();
    let get = async |path: &str| reqwest::get(format!("{}{path}", server.url)).await.unwrap();
    let health = get("/health").await;
    assert_eq!(health.status(), 503);
    let text = health.text().await.unwrap();
    assert!(text.contains("log_unsigned") && text.contains("does not have the key of the log"), "{text}");
    let metrics = people.root.at(&server.url).outside("/metrics").await;
    assert!(metrics.contains("countersign_log_unsigned 1"), "{metrics}");
    assert!(server.log().contains("warning: nobody signs the log"), "{}", server.log());
    assert!(server.log().contains("admin rotate-log-key"), "{}", server.log());
    people.root.at(&server.url).post("/groups", serde_json::json!({"name": "others"})).await.ok();
    server.stop();
    assert!(!key.exists(), "a new key was made in silence");
    let doctor = try_out(&place, &place.data(), &["doctor"]);
    assert!(doctor.code == 1 && doctor.stdout.contains("nobody signs the log"), "{doctor:?}");
    assert!(doctor.stdout.contains("admin rotate-log-key"), "{doctor:?}");

    let rotate = ["rotate-log-key", "--reason", "The key was lost."];
    place.admin(&["rotate-log-key", "--reason", " "]).refused(1, "say why");
    let checkpoint = place.admin(&rotate).done();
    assert_eq!(checkpoint.stdout.matches("\n— ").count(), 1, "the lost key signs nothing: {checkpoint:?}");
    let server = place.serve();
    let health = reqwest::get(format!("{}/health", server.url)).await.unwrap();
    assert_eq!(health.status(), 200);
    assert!(!server.log().contains("nobody signs"), "{}", server.log());
    server.stop();
    assert_eq!(place.findings(), [] as [Value; 0]);
    let trust = place.admin(&["public-key"]).done();
    assert_eq!(trust.stdout.matches("Countersign log: ").count(), 2, "{trust:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_altered_checkpoint_is_found_and_gone_on_after_with_and_without_its_file() {
    let place = Place::sqlite();
    let server = place.serve();
    place.set(&server).await;
    server.stop();
    // Somebody changes a letter of the root in the newest stored checkpoint.
    let alter = || {
        let (file, note) = (place.data().join("countersign.db"), fs::read(place.data().join("checkpoint.txt")).unwrap());
        let mut bytes = fs::read(&file).unwrap();
        let root = 1 + note.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0;
        let places: Vec<_> = (0..bytes.len() - note.len()).filter(|at| bytes[*at..].starts_with(&note)).collect();
        assert!(!places.is_empty());
        for at in places {
            let letter = &mut bytes[at + root];
            *letter = if *letter == b'A' { b'B' } else { b'A' };
        }
        fs::write(file, bytes).unwrap();
    };
    let go_on = ["continue-log", "--reason", "Somebody altered the checkpoints."];
    for without_file in [false, true] {
        alter();
        if without_file {
            fs::remove_file(place.data().join("checkpoint.txt")).unwrap();
        }
        let server = place.serve();
        let health = reqwest::get(format!("{}/health", server.url)).await.unwrap();
        assert_eq!(health.status(), 503);
        server.stop();
        let run = place.admin(&["verify-store"]);
        assert_eq!(run.code, 1, "{run:?}");
        let findings = run.json()["findings"].to_string();
        assert!(findings.contains("checkpoints/"), "{findings}");
        place.admin(&go_on).done();
        let server = place.serve();
        let health = reqwest::get(format!("{}/health", server.url)).await.unwrap();
        assert_eq!(health.status(), 200);
        server.stop();
    }
}

#[test]
fn a_mistyped_folder_makes_nothing() {
    let place = Place::sqlite();
    let nowhere = place.desk().join("no/such/folder");
    let run = |line: &[&str]| Terminal::new(place.desk()).run(&[line, &["--data", &nowhere.display().to_string()]].concat());
    for line in [
        &["confirm-invitation", "approver"][..],
        &["continue-log", "--reason", "A test."],
        &["rotate-log-key", "--reason", "A test."],
        &["setup-link"],
        &["public-key"],
        &["verify-store"],
        &["verify-store", "--files"],
    ] {
        let run = run(&[&["admin"], line].concat()).refused(5, "there is no store to read");
        assert!(run.stderr.contains("hint: Say where the server keeps its data"), "{run:?}");
    }
    let doctor = run(&["doctor"]);
    assert!(doctor.stdout.contains("is not there yet"), "{doctor:?}");
    assert!(!place.desk().join("no").exists(), "a folder was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_put_there_before_the_first_start_is_taken() {
    let (place, other) = (Place::sqlite(), Place::sqlite());
    other.serve().stop();
    fs::create_dir(place.data()).unwrap();
    let bytes = fs::read(other.data().join("signing-key.pem")).unwrap();
    fs::write(place.data().join("signing-key.pem"), &bytes).unwrap();
    place.serve().stop();
    assert_eq!(fs::read(place.data().join("signing-key.pem")).unwrap(), bytes);
}
