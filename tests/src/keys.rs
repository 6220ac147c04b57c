//! Which key signs for a database that names no key: a database of an earlier program, or one whose row was deleted.

use crate::sql;
use app::{Keys, KeysError, SystemClock, SystemEntropy};
use std::{fs, path::Path};
use testkit::{Scene, TestServer, both};

async fn open(server: &TestServer, folder: &Path) -> Result<Keys, KeysError> {
    assert!(sql::execute(&server.database_url(), "DELETE FROM server_key").await <= 1);
    let (key, checkpoint) = (folder.join("key.pem"), folder.join("checkpoint"));
    Keys::open(&server.app.store, &key, checkpoint, &server.app.settings.server_name, &SystemClock, &SystemEntropy).await
}

async fn is_noted(server: &TestServer) -> bool {
    server.app.store.read().await.unwrap().server_key().await.unwrap().is_some()
}

async fn refused(server: &TestServer, folder: &Path, words: &str) {
    let message = open(server, folder).await.err().expect("the key is not taken").to_string();
    assert!(message.contains("nothing shows") && message.contains(words), "{message}");
    assert!(!is_noted(server).await, "it was noted as the one");
}

/// The folder of another server, with its key and its checkpoint.
async fn elsewhere() -> TestServer {
    let other = TestServer::start(testkit::Backend::Sqlite).await;
    other.administrator().await.get("/log/checkpoint").await;
    assert!(other.folder().join("checkpoint").exists());
    other
}

both! {
    async fn a_database_without_a_noted_key_takes_the_one_that_signed_its_newest_statement(server: &TestServer) {
        let other = elsewhere().await;
        Scene::set(server).await.approved().await;
        refused(server, other.folder(), "did not sign the newest statement").await;
        open(server, server.folder()).await.unwrap();
        assert!(is_noted(server).await);
    }

    async fn where_nothing_is_decided_the_checkpoint_shows_the_key(server: &TestServer) {
        let other = elsewhere().await;
        let root = server.administrator().await;
        refused(server, server.folder(), "there is no ").await;
        root.get("/log/checkpoint").await;
        // One that the other key did sign, over another log.
        refused(server, other.folder(), "is not of its log").await;
        let mixed = tempfile::tempdir().unwrap();
        for (from, name) in [(server, "checkpoint"), (&other, "key.pem")] {
            fs::copy(from.folder().join(name), mixed.path().join(name)).unwrap();
        }
        refused(server, mixed.path(), "no checkpoint of this server").await;
        open(server, server.folder()).await.unwrap();
        assert!(is_noted(server).await);
    }
}
