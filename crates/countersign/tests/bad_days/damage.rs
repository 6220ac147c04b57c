//! A stored file that is no longer what was registered: nobody gets it, and the store says which it is.

use crate::common::scene::Place;
use proof::Sha256;
use serde_json::json;
use std::fs;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_altered_file_is_never_handed_out_whole_and_is_named() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let scientist = place.terminal(&people.scientist);
    let export = place.desk().join("export");
    fs::create_dir(&export).unwrap();
    fs::write(export.join("labels.txt"), "benign\nmalignant\n").unwrap();
    fs::write(export.join("model.onnx"), vec![7; 1 << 20]).unwrap();
    scientist.run(&["version", "create", "diagnosis/tumour", "export"]).done();
    scientist.run(&["version", "download", "diagnosis/tumour:1", "copy"]).done();
    assert_eq!(fs::read(place.desk().join("copy/model.onnx")).unwrap(), vec![7; 1 << 20]);

    scientist.run(&["version", "download", "diagnosis/tumour:1", "export"]).refused(2, "export is not empty");
    assert_eq!(fs::read(export.join("labels.txt")).unwrap(), b"benign\nmalignant\n");

    let digest = Sha256::of(&vec![7; 1 << 20]).hex();
    let stored = place.data().join("files/sha256").join(&digest[..2]).join(&digest[2..]);
    let mut bytes = fs::read(&stored).unwrap();
    bytes[1 << 19] ^= 1;
    fs::write(&stored, &bytes).unwrap();
    let run = scientist.run(&["version", "download", "diagnosis/tumour:1", "damaged/copy"]);
    assert_ne!(run.code, 0, "{run:#?}");
    assert!(run.stderr.contains("model.onnx") && run.stderr.contains("verify-store --files"), "{run:#?}");
    assert!(!place.desk().join("damaged").exists(), "something was left behind");
    server.stop();
    assert_eq!(place.findings(), [json!({"what": format!("files/{digest}"), "problem": "the content was altered"})]);
    // The worker signed one when the server ended; the text says what the log was compared with.
    let run = |arguments: &[&str]| {
        let data = place.data().display().to_string();
        let storage = ["--data", &data, "--database", place.database.url()];
        crate::common::cli::Terminal::new(place.desk()).run(&[&["admin", "verify-store"], arguments, &storage].concat())
    };
    let report = run(&["--output", "json"]).done().json();
    assert_eq!((&report["checkpoint"], &report["statements"]), (&report["events"], &json!(0)), "{report}");
    let checkpoint = place.data().join("checkpoint.txt");
    let note = fs::read(&checkpoint).unwrap();
    fs::write(&checkpoint, "damaged").unwrap();
    let damaged = run(&[]);
    assert_eq!(damaged.code, 1, "{damaged:?}");
    assert!(damaged.stdout.contains("checkpoint.txt") && damaged.stdout.contains("no checkpoint of this server"));
    fs::remove_file(&checkpoint).unwrap();
    let gone = run(&[]);
    assert_eq!(gone.code, 1, "{gone:?}");
    assert!(gone.stdout.contains("checkpoint  none: a log that was rewritten"), "{gone:?}");
    assert!(gone.stdout.contains("the signed checkpoint is missing"), "{gone:?}");
    fs::write(&checkpoint, note).unwrap();
    fs::remove_file(&stored).unwrap();
    assert_eq!(place.findings(), [json!({"what": format!("files/{digest}"), "problem": "the file is missing"})]);
}
