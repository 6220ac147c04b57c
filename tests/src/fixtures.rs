//! Databases that earlier versions made (`crates/store/tests/fixtures`) verify with all their signatures, as `admin verify-store` does it.

use crate::sql;
use app::{
    KeyFiles, Keys,
    record::{KeptCheckpoint, Verification},
};
use serde_json::{Map, Value};
use std::{fs, path::Path};
use store::{Database, Store};

/// The name of the servers that made them.
const SERVER: &str = "countersign.example";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_signatures_of_every_fixture_verify() {
    let mut verified = 0;
    for fixture in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/tests/fixtures")).unwrap() {
        let fixture = fixture.unwrap().path();
        let place = tempfile::tempdir().unwrap();
        let database = place.path().join("countersign.db");
        let store = Store::open(&Database::Sqlite(database.clone())).await.unwrap();
        sql::script(&format!("sqlite:{}", database.display()), &inserts(&fixture)).await;
        let (signing, checkpoint) = (fixture.join("signing-key.pem"), fixture.join("checkpoint.txt"));
        let files = KeyFiles { signing, log: place.path().join("none.pem"), checkpoint: checkpoint.clone() };
        let trusted = Keys::existing(&store, &files).await.unwrap().trusted(&store, SERVER).await.unwrap();
        let checkpoints = vec![KeptCheckpoint::read(&checkpoint)];
        let verification =
            Verification { store: &store, files: None, trusted: &trusted, checkpoints, now: app::Clock::now(&app::SystemClock) };
        let report = app::record::verify(verification).await.unwrap();
        assert_eq!(report.findings, [], "{}", fixture.display());
        assert!(report.statements > 10 && report.checkpoint == Some(report.events), "{}: {report:#?}", fixture.display());
        store.close().await;
        verified += 1;
    }
    assert!(verified > 0, "there is no fixture: make one with cargo xtask fixture target/debug/countersign NAME");
}

/// The rows of a fixture as statements for SQLite.
fn inserts(fixture: &Path) -> String {
    let mut statements = "DELETE FROM log_head; DELETE FROM announced;".to_owned();
    for line in fs::read_to_string(fixture.join("rows.jsonl")).unwrap().lines() {
        let (table, row): (String, Map<String, Value>) = serde_json::from_str(line).unwrap();
        if table != "_sqlx_migrations" {
            let columns: Vec<_> = row.keys().map(String::as_str).collect();
            let values: Vec<_> = row.values().map(literal).collect();
            statements += &format!("INSERT INTO {table} ({}) VALUES ({});\n", columns.join(", "), values.join(", "));
        }
    }
    statements
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Object(bytes) => format!("x'{}'", bytes["hex"].as_str().unwrap()),
        number => number.to_string(),
    }
}
