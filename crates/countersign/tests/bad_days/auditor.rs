//! An auditor verifies a store with the public keys and checkpoints that were kept elsewhere, and changes nothing by it.

use crate::common::{
    cli::{Run, Terminal},
    scene::Place,
};
use serde_json::json;
use std::{fs, path::Path};

fn verify(place: &Place, arguments: &[&str]) -> Run {
    Terminal::new(place.desk()).run(&[&["admin", "verify-store", "--output", "json"], arguments].concat())
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_mistyped_folder_is_an_error_and_nothing_is_made() {
    let place = Place::sqlite();
    place.serve().stop();
    let before = entries(place.desk());
    verify(&place, &["--data", "dat"]).refused(5, "there is no database at dat/countersign.db");
    fs::create_dir(place.desk().join("empty")).unwrap();
    verify(&place, &["--data", "empty"]).refused(5, "--data");
    assert_eq!(entries(&place.desk().join("empty")), [] as [String; 0]);
    fs::remove_dir(place.desk().join("empty")).unwrap();
    fs::write(place.desk().join("other.db"), "").unwrap();
    verify(&place, &["--data", "data", "--database", "sqlite:other.db"]).refused(5, "holds no tables of Countersign");
    fs::remove_file(place.desk().join("other.db")).unwrap();
    assert_eq!(entries(place.desk()), before);
    // A store in which nothing was recorded yet is clean without a checkpoint.
    assert_eq!(verify(&place, &["--data", "data"]).done().json()["events"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_keys_and_kept_checkpoints_are_enough() {
    for place in [Some(Place::sqlite()), Place::postgres()].into_iter().flatten() {
        audit(&place).await;
    }
}

async fn audit(place: &Place) {
    let server = place.serve();
    let people = place.set(&server).await;
    let [root, scientist] = [&people.root, &people.scientist].map(|person| place.terminal(person));
    fs::write(place.desk().join("early.txt"), root.run(&["audit", "checkpoint"]).done().stdout).unwrap();
    scientist.run(&["version", "create", "diagnosis/tumour", "early.txt"]).done();
    fs::write(place.desk().join("late.txt"), root.run(&["audit", "checkpoint"]).done().stdout).unwrap();
    server.stop();
    let public = Terminal::new(place.desk());
    let server_name = format!("Countersign server: {}", crate::common::serve::NAME);
    let trust = public.run(&["admin", "public-key", "--data", "data", "--database", place.database.url()]).done().stdout;
    assert!(trust.starts_with(&server_name) && trust.contains("\nCountersign log: ") && !trust.contains("PRIVATE"), "{trust}");
    fs::write(place.desk().join("trust.pem"), &trust).unwrap();

    // The auditor's own folder: no key, no checkpoint.
    let audit = |arguments: &[&str]| {
        let database = place.database.url();
        verify(place, &[&["--data", "auditor", "--database", database, "--trust", "trust.pem"], arguments].concat())
    };
    let report = audit(&["--checkpoint", "early.txt", "late.txt"]).done().json();
    assert_eq!((&report["clean"], &report["checkpoint"]), (&json!(true), &report["events"]), "{report}");
    let without = audit(&[]);
    assert_eq!(without.code, 1, "{without:?}");
    assert!(without.stdout.contains("no signed checkpoint is known"), "{without:?}");
    audit(&["--files", "--checkpoint", "late.txt"]).refused(5, "there is no folder of model files");
    assert!(!place.desk().join("auditor").exists(), "the folder was made");

    // A checkpoint of another log, and one that is none.
    let note = fs::read_to_string(place.desk().join("late.txt")).unwrap();
    for (note, problem) in
        [(note.replacen('\n', "\n1", 1), "the checkpoint was altered"), ("a note".to_owned(), "no checkpoint of this server")]
    {
        fs::write(place.desk().join("wrong.txt"), note).unwrap();
        let run = audit(&["--checkpoint", "early.txt", "wrong.txt"]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stdout.contains("wrong.txt") && run.stdout.contains(problem), "{run:?}");
    }
    // A file that nobody can read says nothing of the store.
    audit(&["--checkpoint", "early.txt", "missing.txt"]).refused(2, "the checkpoint missing.txt cannot be read");

    // Keys of another server: its signatures do not count.
    let other = Place::sqlite();
    other.serve().stop();
    let theirs = Terminal::new(other.desk()).run(&["admin", "public-key", "--data", "data"]).done().stdout;
    fs::write(place.desk().join("trust.pem"), theirs).unwrap();
    let run = audit(&["--checkpoint", "late.txt"]);
    assert_eq!(run.code, 1, "{run:?}");
    for problem in ["the trusted key is", "not signed by"] {
        assert!(run.stdout.contains(problem), "{run:?}");
    }
    fs::write(place.desk().join("trust.pem"), trust.replace("Countersign log", "log")).unwrap();
    audit(&["--checkpoint", "late.txt"]).refused(2, "names no key of the log");
    fs::write(place.desk().join("trust.pem"), "nothing").unwrap();
    audit(&["--checkpoint", "late.txt"]).refused(2, "admin public-key > countersign.pem");
}
