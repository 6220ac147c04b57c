//! A backup that was made while the server served becomes a server again: in a new place, in either database.

use crate::common::{
    cli::Terminal,
    database::Fresh,
    http::Person,
    scene::{People, Place},
    serve::Serve,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A version that is approved and deployed.
fn history(place: &Place, people: &People) {
    let [scientist, approver, itops] = [&people.scientist, &people.approver, &people.itops].map(|person| place.terminal(person));
    fs::create_dir_all(place.desk().join("model/weights")).unwrap();
    fs::write(place.desk().join("model/model.bin"), "a model").unwrap();
    fs::write(place.desk().join("model/weights/1.bin"), vec![7; 3 << 20]).unwrap();
    scientist.run(&["version", "create", "diagnosis/tumour", "model", "--notes", "/dev/null"]).done();
    scientist.run(&["review", "request", "diagnosis/tumour:1"]).done();
    // The only slot that is open to itops need not be named; nobody else has one.
    scientist.run(&["feedback", "give", "diagnosis/tumour:1", "--verdict", "approve"]).refused(2, "no slot in which you can");
    itops.run(&["feedback", "give", "diagnosis/tumour:1", "--verdict", "approve"]).done();
    approver.decide(&["approve", "diagnosis/tumour:1"]).done();
    let statements = scientist.run(&["version", "statements", "diagnosis/tumour:1"]).done();
    assert!(statements.stdout.contains("approved"), "{statements:?}");
    place.terminal(&people.operator).run(&["deploy", "production/tumour", "diagnosis/tumour:1"]).done();
}

/// An empty place for a restored server.
struct New {
    folder: TempDir,
    database: Fresh,
}

impl New {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { database: Fresh::sqlite(&folder.path().join("data")), folder }
    }

    fn postgres() -> Option<Self> {
        Some(Self { database: Fresh::postgres()?, folder: tempfile::tempdir().unwrap() })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn admin(&self, arguments: &[&str]) -> crate::common::cli::Run {
        let data = self.data().display().to_string();
        let place = ["--data", &data, "--database", self.database.url(), "--output", "json"];
        Terminal::new(self.folder.path()).run(&[&["admin"], arguments, &place].concat())
    }

    /// Restores the backup there; it is the server of that moment.
    async fn is_as_it_was(&self, backup: &Path, scientist: &Person, files: bool) {
        let restored = self.admin(&["restore", &backup.display().to_string()]).done();
        assert!(restored.stderr.contains("look above all for revocations"), "{restored:?}");
        let verify: &[&str] = if files { &["verify-store", "--files"] } else { &["verify-store"] };
        let report = self.admin(verify).done().json();
        assert_eq!(report["clean"], true, "{report}");
        let server = Serve::start(&self.data(), self.database.url());
        let scientist = scientist.at(&server.url);
        let review = scientist.get("/projects/diagnosis/models/tumour/versions/1/review").await.ok();
        assert_eq!(review["status"], "approved");
        assert_eq!(scientist.get("/groups/later").await.status, 404, "that came after the backup");
        let digest = scientist.get("/projects/diagnosis/models/tumour/versions/1").await.ok()["model_digest"].clone();
        let asked = scientist.post("/gate/check", json!({"infrastructure": "production", "digest": digest})).await.ok();
        assert_eq!(asked["verdict"], "allow", "{asked}");
        // And it goes on.
        scientist.post("/projects/diagnosis/models", json!({"name": "another"})).await.ok();
        server.stop();
        assert_eq!(self.admin(verify).done().json()["clean"], true);
    }
}

async fn of(place: Place) {
    let server = place.serve();
    let people = place.set(&server).await;
    history(&place, &people);
    let (whole, rows) = (place.desk().join("whole"), place.desk().join("rows"));
    let backup = |folder: &Path, more: &[&str]| place.admin(&[&["backup", &folder.display().to_string()], more].concat());
    let made = backup(&whole, &["--files"]).done();
    assert_eq!((made.json()["files"].as_u64(), made.stderr.contains("keep it secret")), (Some(2), true), "{made:?}");
    assert_eq!(backup(&rows, &[]).done().json().get("files"), None);
    backup(&whole, &[]).refused(2, "is there already");
    people.root.post("/groups", json!({"name": "later"})).await.ok();
    server.stop();

    New::sqlite().is_as_it_was(&whole, &people.scientist, true).await;
    if let Some(new) = New::postgres() {
        new.is_as_it_was(&whole, &people.scientist, true).await;
    }
    let beside = New::sqlite();
    beside.is_as_it_was(&rows, &people.scientist, false).await;
    // A server is there: nothing of it is touched.
    let before = fs::read(beside.data().join("signing-key.pem")).unwrap();
    beside.admin(&["restore", &whole.display().to_string()]).refused(7, "is there already");
    assert_eq!(fs::read(beside.data().join("signing-key.pem")).unwrap(), before);
    // Its database is there, although its keys are gone.
    let other = tempfile::tempdir().unwrap();
    let data = other.path().display().to_string();
    let into_used = ["admin", "restore", &whole.display().to_string(), "--data", &data, "--database", beside.database.url()];
    Terminal::new(place.desk()).run(&into_used).refused(1, "holds a record already");
    assert!(!other.path().join("signing-key.pem").exists());

    // What is damaged is said, and makes no server.
    let file = whole.join("rows.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("approved", "rejected", 1)).unwrap();
    let new = New::sqlite();
    new.admin(&["restore", &whole.display().to_string()]).refused(1, "the backup is damaged");
    assert!(!new.data().join("countersign.db").exists());
    fs::remove_file(whole.join("backup.json")).unwrap();
    new.admin(&["restore", &whole.display().to_string()]).refused(5, "no whole backup");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_sqlite_becomes_a_server_again() {
    of(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_postgresql_becomes_a_server_again() {
    if let Some(place) = Place::postgres() {
        of(place).await;
    }
}

/// The server went on after the backup: with its newest checkpoint the restored one says what is missing, and goes on once the operator
/// has said so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_server_says_that_it_is_older_than_what_was_signed() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let folder = place.desk().join("backup").display().to_string();
    place.admin(&["backup", &folder]).done();
    people.root.post("/groups", json!({"name": "later"})).await.ok();
    server.stop();
    let new = New::sqlite();
    new.admin(&["restore", &folder]).done();
    fs::copy(place.data().join("checkpoint.txt"), new.data().join("checkpoint.txt")).unwrap();
    let server = Serve::start(&new.data(), new.database.url());
    let health = Person::nobody(&server.url).outside("/health").await;
    assert!(health.contains("log_forked"), "{health}");
    server.stop();
    new.admin(&["continue-log", "--reason", "Restored from the backup of the night."]).done();
    let server = Serve::start(&new.data(), new.database.url());
    let health: Value = serde_json::from_str(&Person::nobody(&server.url).outside("/health").await).unwrap();
    assert_eq!(health["status"], "ready");
    server.stop();
}
