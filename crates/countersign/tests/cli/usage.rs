//! What is wrong on this side is said before anything is asked of a server, with exit code 2.

use crate::program::{Place, Run, nobody};
use std::{fs, os::unix::fs::PermissionsExt};

fn refused(run: &Run, words: &str) {
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains(words), "{run:?}");
    assert_eq!(run.stdout, "", "{run:?}");
}

#[test]
fn wrong_arguments_are_usage_errors() {
    let place = Place::signed_in(&nobody());
    for (arguments, words) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["version", "show", "diagnosis/tumour"], "is not a version: write PROJECT/MODEL:VERSION"),
        (&["model", "create", "tumour"], "write PROJECT/MODEL"),
        (
            &["feedback", "give", "d/t:1", "--slot", "Risk", "--verdict", "fine"],
            "possible values: approve, minor-issue, major-issue",
        ),
        (&["infra", "create", "production", "--stage", "production"], "--policy"),
        (
            &["infra", "create", "production", "--stage", "production", "--policy", "maybe"],
            "possible values: prevent, warn, allow",
        ),
        (&["deploy", "production/tumour", "d/t:1=90", "d/t:2=20"], "the weights add up to 110, not to 100"),
        (&["deploy", "production/tumour", "d/t:1=60", "d/t:2=39.5"], "is not a whole number from 1 to 100"),
        (&["deploy", "production/tumour", "d/t:1", "d/t:2"], "each needs its weight"),
        (&["gate", "--infra", "production"], "VERSION"),
        (&["gate", "--infra", "production", "d/t:1", "--timeout", "10m"], "--wait"),
        (&["reject", "d/t:1"], "--comment"),
        (&["approve", "d/t:1", "--valid-for", "forever"], "is not a length of time"),
        (&["reviewers", "set", "diagnosis", "--slot", "Risk", "--approver", "user:a"], "SLOT=MEMBER"),
        (&["reviewers", "set", "diagnosis", "--approver", "team:a"], "write user:NAME, group:NAME or role:NAME"),
        (&["version", "create", "d/t", "x", "--metric", "auc=NaN"], "is not a finite number"),
        (&["version", "create", "d/t", "x", "--metric", "auc=0.5", "--metric", "auc=0.9"], "--metric auc is given twice"),
        (&["version", "create", "d/t", "x", "--param", "C=1", "--param", "C=2"], "--param C is given twice"),
        (&["user", "change", "scientist"], "nothing to change"),
        (&["token", "create", "--scope", "everything"], "possible values: read, register, review, deploy, gate, administer"),
        (&["audit", "list", "--since", "yesterday"], "write how long ago"),
        (&["login", "127.0.0.1:8700", "--profile", "scientist"], "is not the address of a server"),
    ] {
        refused(&place.run(arguments), words);
    }
}

#[test]
fn who_acts_has_to_be_clear() {
    let place = Place::new();
    // As where a server says that nobody is signed in.
    let run = place.run(&["inbox"]);
    assert!(run.code == 6 && run.stderr.contains("Sign in first: countersign login URL --profile NAME."), "{run:?}");
    assert!(place.run(&["profile", "list"]).stdout.contains("No profiles."));
    for name in ["approver", "scientist"] {
        let profile = format!("url = '{}'\nuser = '{name}'\ntoken = 'csn_secret'\n", nobody());
        place.file(&format!(".config/countersign/profiles/{name}.toml"), &profile);
    }
    refused(&place.run(&["inbox"]), "There are: approver, scientist. Choose one with --profile NAME");
    refused(&place.run(&["inbox", "--profile", "nobody"]), "there is no profile `nobody`");
    assert_eq!(place.run(&["inbox", "--profile", "approver"]).code, 8);
    // One of them can be the usual one, until it is gone.
    refused(&place.run(&["profile", "use", "nobody"]), "there is no profile `nobody`");
    assert_eq!(place.run(&["profile", "use", "approver"]).code, 0);
    let listed = place.run(&["profile", "list", "--output", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let usual: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| (&item["name"], &item["usual"])).collect();
    assert_eq!(format!("{usual:?}"), r#"[(String("approver"), Bool(true)), (String("scientist"), Bool(false))]"#);
    assert!(!listed.to_string().contains("csn_secret"));
    assert_eq!(place.run(&["inbox"]).code, 8);
    fs::remove_file(place.path(".config/countersign/profiles/approver.toml")).unwrap();
    assert_eq!(place.run(&["inbox"]).code, 8, "the only one there is");
    place.file(".config/countersign/profiles/another.toml", "url = 'http://localhost'\nuser = 'x'\ntoken = 'csn_secret'\n");
    refused(&place.run(&["inbox"]), "there are several profiles");
    fs::remove_file(place.path(".config/countersign/profiles/another.toml")).unwrap();
    assert_eq!(place.set("COUNTERSIGN_PROFILE", "scientist").run(&["inbox"]).code, 8);
    let place = Place::signed_in(&nobody()).set("COUNTERSIGN_TOKEN_FILE", "/nowhere/at/all");
    refused(&place.run(&["inbox"]), "COUNTERSIGN_TOKEN_FILE: /nowhere/at/all cannot be read");
}

#[test]
fn a_damaged_profile_is_named_and_its_token_is_not_shown() {
    let place = Place::new();
    place.file(".config/countersign/profiles/scientist.toml", "url = 'http://localhost'\ntoken = 'csn_secret\n");
    let run = place.run(&["inbox"]);
    assert!(
        run.code == 1 && run.stderr.contains("scientist.toml cannot be understood") && !run.stderr.contains("csn_secret"),
        "{run:?}"
    );
}

#[test]
fn a_password_is_needed_and_never_an_argument() {
    let place = Place::new();
    refused(&place.run(&["login", &nobody(), "--profile", "scientist"]), "the password is empty");
    refused(&place.run_with(&["login", &nobody()], "password\n"), "say who signs in");
    refused(&place.run(&["login", &nobody(), "--profile", "scientist", "--password", "x"]), "unexpected argument");
}

#[test]
fn files_that_could_mean_another_file_are_refused_before_the_server_is_asked() {
    let place = Place::signed_in(&nobody());
    let refuse = |folder: &str, words: &str| {
        for dry_run in [&[][..], &["--dry-run"]] {
            refused(&place.run(&[&["version", "create", "diagnosis/tumour", folder], dry_run].concat()), words);
        }
    };
    place.file("linked/model.onnx", "bytes");
    std::os::unix::fs::symlink("model.onnx", place.path("linked/alias.onnx")).unwrap();
    refuse("linked", "linked/alias.onnx is a symbolic link");
    place.file("decomposed/e\u{301}.onnx", "bytes");
    refuse("decomposed", "is not in Unicode normal form C");
    place.file("colliding/Model.onnx", "1");
    place.file("colliding/model.onnx", "2");
    refuse("colliding", "have the same name on systems that ignore case");
    fs::create_dir(place.path("empty")).unwrap();
    refuse("empty", "a version needs at least one file");
    refuse("nowhere", "nowhere cannot be read");
}

#[test]
fn a_dry_run_of_a_registration_asks_nobody_and_prints_the_model_digest() {
    let place = Place::new();
    place.file("export/model.onnx", "bytes");
    place.file("export/labels/names.txt", "a\nb\n");
    let run =
        place.run(&["version", "create", "diagnosis/tumour", "export", "--metric", "auc=0.993", "--dry-run", "--output", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let shown: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let manifest: proof::Manifest = proof::Manifest::parse(&proof::canonical::to_vec(&shown["manifest"]).unwrap()).unwrap();
    assert_eq!(shown["model_digest"], manifest.model_digest().hex());
    assert_eq!(
        manifest.entries().iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
        ["labels/names.txt", "model.onnx"]
    );
    assert_eq!(shown["fields"]["metrics"]["auc"], 0.993);
}

#[test]
fn a_configuration_is_checked_before_a_server_starts() {
    let place = Place::new();
    let file = place.file("countersign.toml", "listn = '127.0.0.1:0'\n");
    let file = file.to_str().unwrap();
    refused(&place.run(&["serve", "--config", file]), "there is no setting `listn`\n  hint: Did you mean `listen`?");
    refused(&place.run(&["serve", "--listen", "somewhere"]), "listen cannot be `somewhere`");
    refused(&place.run(&["admin", "verify-store", "--database", "mysql://x"]), "a database is sqlite:PATH or postgres://");
    assert!(place.run(&["admin", "public-key"]).stderr.contains("there is no store to read"));
}

#[test]
fn the_doctor_sees_what_others_could_read() {
    let place = Place::new();
    let data = place.path("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let run = place.set("PATH", "/usr/bin:/bin").run(&["doctor", "--data", data.to_str().unwrap(), "--output", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let states: Vec<_> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (check["check"].as_str().unwrap(), check["state"].as_str().unwrap()))
        .collect();
    assert_eq!(run.code, 1);
    assert!(states.contains(&("data folder", "wrong")) && states.contains(&("database", "ok")), "{states:?}");
    assert!(!data.join("countersign.db").exists(), "the doctor made a database");
}
