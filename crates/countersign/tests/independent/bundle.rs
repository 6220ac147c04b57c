//! The bundle of a version: checked offline by this program and by programs that nobody here wrote, and refused by all of them as soon
//! as a byte is altered.

use crate::common::{
    self,
    cli::Terminal,
    scene::{People, Place},
    serve::Serve,
};
use proof::{
    Bundle, TrustedServer, UtcTime,
    bundle::{Expected, Outcome},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Names the Python that has the packages of `tests/requirements.txt`.
const PYTHON: &str = "COUNTERSIGN_TEST_PYTHON";
/// Names the folder where `cargo xtask test` installed the packages of `tests/verifiers`.
const NODE: &str = "COUNTERSIGN_TEST_NODE";
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tumour/logistic-regression");

/// Whether another program verifies a bundle.
type Verifier = Box<dyn Fn(&Path) -> bool>;

/// A version in service with its bundle, the trust file, and a checkpoint from before.
async fn bundled(place: &Place) -> (Serve, People, PathBuf, PathBuf) {
    let server = place.serve();
    let people = place.set(&server).await;
    let [root, scientist, approver, operator] =
        [&people.root, &people.scientist, &people.approver, &people.operator].map(|person| place.terminal(person));
    fs::write(place.desk().join("early.txt"), root.run(&["audit", "checkpoint"]).done().stdout).unwrap();
    scientist.run(&["version", "create", "diagnosis/tumour", MODEL, "--metric", "auc=0.9985"]).done();
    scientist.run(&["review", "request", "diagnosis/tumour:1", "--skip-feedback"]).done();
    approver.decide(&["approve", "diagnosis/tumour:1", "--comment", "Gut genug: „größer“."]).done();
    operator.run(&["deploy", "production/tumour", "diagnosis/tumour:1"]).done();
    scientist.run(&["version", "bundle", "diagnosis/tumour:1", "-o", "tumour.bundle", "--checkpoint", "early.txt"]).done();
    let again = scientist.run(&["version", "bundle", "diagnosis/tumour:1", "-o", "tumour.bundle"]);
    again.refused(2, "tumour.bundle cannot be written");
    let trust = Terminal::new(place.desk()).run(&["admin", "public-key", "--data", "data"]).done().stdout;
    let [bundle, trust_file] = ["tumour.bundle", "trust.pem"].map(|name| place.desk().join(name));
    fs::write(&trust_file, trust).unwrap();
    (server, people, bundle, trust_file)
}

fn outcomes(checks: &Value, outcome: &str) -> Vec<String> {
    let checks = checks["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == outcome);
    checks.map(|check| check["check"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_is_checked_without_a_server_and_says_what_it_does_not_show() {
    let place = Place::sqlite();
    let (server, _, bundle, _) = bundled(&place).await;
    server.stop();
    fs::rename(place.data(), place.desk().join("gone")).unwrap();
    let nobody = Terminal::new(place.desk());
    let verify = |arguments: &[&str]| {
        nobody.run(&[&["verify", "tumour.bundle", "--trust", "trust.pem", "--output", "json"], arguments].concat())
    };
    let all = ["--version", "diagnosis/tumour:1", "--model", MODEL, "--checkpoint", "early.txt"];
    let checks = verify(&all).done().json();
    let shown = ["approval", "files", "your files", "fields", "feedback", "in force", "permit", "log", "your checkpoint"];
    assert_eq!(outcomes(&checks, "shown"), shown, "{checks:#}");
    assert_eq!(outcomes(&checks, "not_shown"), ["no later revocation", "the approver's own hand"]);
    assert_eq!(checks["verified"], json!(true));
    // Without what was not given, these are not shown, and nobody asked for them.
    let checks = verify(&[]).done().json();
    assert_eq!(
        outcomes(&checks, "not_shown"),
        ["your files", "your checkpoint", "other checkpoints", "no later revocation", "the approver's own hand"]
    );
    let text = nobody.run(&["verify", "tumour.bundle", "--trust", "trust.pem"]).done().stdout;
    assert!(
        text.contains("not shown") && text.contains("no bundle shows that the approval was not revoked after event"),
        "{text}"
    );

    let wrong = |arguments: &[&str], check: &str| {
        let run = verify(arguments);
        assert_eq!(run.code, 1, "{run:?}");
        assert_eq!(outcomes(&run.json(), "wrong"), [check], "{run:?}");
    };
    wrong(&["--version", "diagnosis/tumour:2"], "approval");
    wrong(&["--model", "early.txt"], "your files");
    let early = fs::read_to_string(place.desk().join("early.txt")).unwrap();
    fs::write(place.desk().join("altered.txt"), early.replacen('\n', "\n1", 1)).unwrap();
    wrong(&["--checkpoint", "altered.txt"], "your checkpoint");
    fs::write(place.desk().join("nothing.pem"), "").unwrap();
    nobody.run(&["verify", "tumour.bundle", "--trust", "nothing.pem"]).refused(2, "nothing to trust");
    nobody.run(&["verify", "missing.bundle", "--trust", "trust.pem"]).refused(2, "missing.bundle cannot be read");
    fs::write(&bundle, "no bundle").unwrap();
    wrong(&[], "bundle");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_is_in_the_bundle_and_names_the_approval() {
    let place = Place::sqlite();
    let (server, people, _, _) = bundled(&place).await;
    let approver = place.terminal(&people.approver);
    approver.decide(&["revoke", "diagnosis/tumour:1", "--comment", "Wrong data."]).done();
    approver.run(&["version", "bundle", "diagnosis/tumour:1", "-o", "later.bundle"]).done();
    let verified = approver.run(&["verify", "later.bundle", "--trust", "trust.pem", "--output", "json"]);
    assert_eq!(verified.code, 1, "{verified:?}");
    assert_eq!(outcomes(&verified.json(), "wrong"), ["in force"], "{verified:?}");
    assert!(verified.stdout.contains("approver revoked the approval at"), "{verified:?}");
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_programs_verify_a_bundle_and_nothing_of_it_once_a_byte_is_altered() {
    let place = Place::sqlite();
    let (server, _, file, trust_file) = bundled(&place).await;
    server.stop();
    let bytes = fs::read(&file).unwrap();
    let trusted = TrustedServer::parse(&fs::read_to_string(&trust_file).unwrap()).unwrap();
    let now = UtcTime::from_micros(4_000_000_000_000_000).unwrap();
    let verifies = |bytes: &[u8]| {
        let expected = Expected { trusted: &trusted, now, version: None, kept: &[], files: None };
        Bundle::parse(bytes)
            .is_ok_and(|bundle| !proof::bundle::verify(&bundle, &expected).iter().any(|check| check.outcome == Outcome::Wrong))
    };
    assert!(verifies(&bytes));
    // The proof for a checkpoint that nobody gave is not checked here; a test of `proof` checks it.
    let end = bytes.windows(14).position(|window| window == b"\"consistency\":").unwrap();
    let unchecked = end..bytes[end..].iter().position(|byte| *byte == b']').unwrap() + end;
    let missed = |at: &usize| {
        let mut altered = bytes.clone();
        altered[*at] ^= 1;
        !unchecked.contains(at) && verifies(&altered)
    };
    // A test of `proof` alters more bytes of a smaller bundle.
    assert_eq!((0..bytes.len()).step_by(bytes.len() / 150).find(missed), None, "this byte can be altered");

    let altered = place.desk().join("altered.bundle");
    let mut others: Vec<(&str, Verifier)> = Vec::new();
    match common::environment(PYTHON) {
        Some(python) => {
            let trust_file = trust_file.clone();
            others.push(("Python", Box::new(move |bundle| passes(&python, &[script("verify_bundle.py")], bundle, &trust_file))));
        }
        None => assert!(common::sqlite_only(), "{PYTHON} is not set: run `cargo xtask test`"),
    }
    match common::environment(NODE) {
        Some(modules) => {
            let arguments = [script("verify_bundle.mjs"), modules];
            others.push(("@sigstore/verify", Box::new(move |bundle| passes("node", &arguments, bundle, &trust_file))));
        }
        None => println!("@sigstore/verify is left out: `cargo xtask test` installs it and sets {NODE}"),
    }
    let payload = bytes.windows(11).position(|window| window == b"\"payload\":\"").unwrap() + 11;
    let signature = bytes.windows(7).position(|window| window == b"\"sig\":\"").unwrap() + 7;
    for (name, verify) in others {
        assert!(verify(&file), "{name} refuses a good bundle");
        // The envelopes are all that @sigstore/verify looks at. The others look at every byte: one in so many is enough.
        let mut places = vec![payload + 40, payload + 400, signature + 20];
        if name == "Python" {
            places.extend((0..end).step_by(end / 12));
        }
        for at in places {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            fs::write(&altered, &bytes).unwrap();
            assert!(!verify(&altered), "{name} accepts a bundle with byte {at} altered");
        }
    }
}

fn script(name: &str) -> String {
    format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn passes(program: &str, arguments: &[String], bundle: &Path, trust: &Path) -> bool {
    let output = Command::new(program).args(arguments).args([bundle, trust]).output();
    let output = output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output.status.success()
}
