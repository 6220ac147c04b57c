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
        for line in
            [&["serve", "--listen", "127.0.0.1:0"][..], &["admin", "verify-store"], &["admin", "create-administrator", "another"]]
        {
            let run = try_out(&place, data, line).refused(1, words);
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
async fn a_key_that_was_put_there_before_the_first_start_is_taken() {
    let (place, other) = (Place::sqlite(), Place::sqlite());
    other.serve().stop();
    fs::create_dir(place.data()).unwrap();
    let bytes = fs::read(other.data().join("signing-key.pem")).unwrap();
    fs::write(place.data().join("signing-key.pem"), &bytes).unwrap();
    place.serve().stop();
    assert_eq!(fs::read(place.data().join("signing-key.pem")).unwrap(), bytes);
}
