//! The library: missing, altered, or put in the place of another.

use crate::fixture::{files, library, options, refusal};
use node::engine::{Engine, EngineOptions, LoadError, OrtEngine};
use proof::Sha256;
use std::{
    fs,
    process::{Command, Stdio},
};

fn no_engine(options: EngineOptions) -> String {
    match OrtEngine::new(options) {
        Err(LoadError::NoEngine(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_library_is_named_with_its_version_and_hash() {
    let engine = OrtEngine::new(options()).unwrap();
    assert_eq!(engine.info().name, "ONNX Runtime 1.31.1");
    assert_eq!(engine.info().sha256.len(), 64);
    let own = EngineOptions { library_sha256: Some(engine.info().sha256.clone()), ..options() };
    assert!(OrtEngine::new(own).is_ok());
}

#[test]
fn a_library_that_is_missing_or_not_the_one_named_is_refused() {
    let missing = no_engine(EngineOptions { library: "/nowhere/libonnxruntime.so".into(), ..options() });
    assert!(missing.contains("/nowhere/libonnxruntime.so") && missing.contains("cargo xtask onnxruntime"), "{missing}");
    let other = no_engine(EngineOptions { library_sha256: Some("00".repeat(32)), ..options() });
    assert!(other.contains("as --onnxruntime-sha256 says"), "{other}");
    let program = no_engine(EngineOptions { program: "/nowhere/countersign".into(), ..options() });
    assert!(program.contains("/nowhere/countersign cannot be started"), "{program}");
    let dead = no_engine(EngineOptions { program: "/bin/false".into(), ..options() });
    assert!(dead.contains("tried the library"), "{dead}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_is_noticed_before_and_after_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("libonnxruntime.so");
    let mut bytes = fs::read(library()).unwrap();
    fs::write(&copy, &bytes).unwrap();
    let with_copy = || EngineOptions { library: copy.clone(), ..options() };
    let engine = OrtEngine::new(with_copy()).unwrap();
    assert!(engine.load(files("linear")).await.is_ok());

    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // Put in its place, as one would: what is mapped already must not change.
    fs::write(folder.path().join("new"), &bytes).unwrap();
    fs::rename(folder.path().join("new"), &copy).unwrap();
    let before = no_engine(with_copy());
    assert!(before.contains("no known build of ONNX Runtime 1.31.1, or was altered"), "{before}");
    match refusal(&engine, files("linear")).await {
        LoadError::NoEngine(after) => assert!(after.contains("was altered while the node ran"), "{after}"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_file_that_is_no_library_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libonnxruntime.so");
    fs::write(&library, "VERS_1.99.0").unwrap();
    let library_sha256 = Some(Sha256::of(b"VERS_1.99.0").hex());
    let reason = no_engine(EngineOptions { library, library_sha256, ..options() });
    assert!(reason.contains("cannot be loaded"), "{reason}");
}

#[test]
fn an_old_library_is_refused_before_anything_of_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libonnxruntime.so");
    fs::write(&library, "VERS_1.22.1").unwrap();
    let library_sha256 = Some(Sha256::of(b"VERS_1.22.1").hex());
    let reason = no_engine(EngineOptions { library, library_sha256, program: "/nowhere".into(), ..options() });
    assert!(reason.contains("is ONNX Runtime 1.22.1, and 1.31 or newer is needed"), "{reason}");
}

#[test]
fn the_process_is_not_started_by_hand() {
    let output = Command::new(options().program).stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("it is started by `countersign node`, not by hand"), "{words}");
}
