//! Which key belongs to a database that names no key, because somebody deleted the row: the key that its log is sealed with.

use crate::sql;
use app::{Keys, KeysError, SystemClock, SystemEntropy};
use std::path::Path;
use testkit::{TestServer, both, key_files};

async fn open(server: &TestServer, folder: &Path) -> Result<Keys, KeysError> {
    assert!(sql::execute(&server.database_url(), "DELETE FROM server_key").await <= 1);
    Keys::open(&server.app.store, &key_files(folder), &server.app.settings.server_name, &SystemClock, &SystemEntropy).await
}

async fn is_noted(server: &TestServer) -> bool {
    server.app.store.read().await.unwrap().server_key().await.unwrap().is_some()
}

both! {
    async fn a_database_without_a_noted_key_takes_the_one_that_its_log_is_sealed_with(server: &TestServer) {
        let other = TestServer::start(testkit::Backend::Sqlite).await;
        server.administrator().await;
        let message = open(server, other.folder()).await.err().expect("the key is not taken").to_string();
        assert!(message.contains("nothing shows") && message.contains("does not bear its seal"), "{message}");
        assert!(!is_noted(server).await, "it was noted as the one");
        open(server, server.folder()).await.unwrap();
        assert!(is_noted(server).await);
    }
}
