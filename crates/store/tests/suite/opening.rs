//! Opening a database: new, old, newer than the program, by several servers at once.

use crate::{
    database::{Fresh, both, seal_key},
    world::World,
};
use std::sync::Arc;
use store::*;
use tokio::sync::Barrier;

both! {
    several_servers_migrate_at_once
    what_is_there_stays_when_opened_again
    a_newer_database_is_refused
    a_database_of_a_trial_version_is_refused
}

async fn several_servers_migrate_at_once(fresh: Fresh) {
    let barrier = Arc::new(Barrier::new(6));
    let servers = (0..6).map(|_| {
        let (database, barrier) = (fresh.database.clone(), barrier.clone());
        // A thread and a runtime for each, as if they were processes.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                barrier.wait().await;
                let store = Store::open(&database).await.unwrap();
                store.seal_with(seal_key());
                let size = store.log_size().await.unwrap();
                store.close().await;
                size
            })
        })
    });
    let servers: Vec<_> = servers.collect();
    let sizes = tokio::task::spawn_blocking(move || servers.into_iter().map(|server| server.join().unwrap()).collect::<Vec<_>>());
    assert_eq!(sizes.await.unwrap(), [0; 6]);
    let migrations = fresh.raw.texts("SELECT CAST(version AS TEXT) FROM _sqlx_migrations ORDER BY version").await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    assert_eq!(migrations.len(), std::fs::read_dir(folder).unwrap().count(), "each one ran once");
    World::new(1).write(&fresh.store().await).await;
}

async fn what_is_there_stays_when_opened_again(fresh: Fresh) {
    let store = fresh.store().await;
    World::new(1).write(&store).await;
    store.close().await;
    assert!(matches!(store.read().await.err(), Some(error) if error.is_outage()), "it is closed");
    let again = fresh.store().await;
    let report = verify::verify(&mut again.read().await.unwrap(), &[]).await.unwrap();
    assert_eq!((report.events, report.rows, report.findings), (16, 16, Vec::new()));
}

async fn a_newer_database_is_refused(fresh: Fresh) {
    fresh.store().await.close().await;
    let sql = format!(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9001, 'later', {}, {}, 1)",
        fresh.raw.either("1", "TRUE"),
        fresh.raw.bytes(&[1])
    );
    fresh.raw.execute(sql).await;
    let error = Store::open(&fresh.database).await.err().unwrap();
    assert!(matches!(error, StoreError::TooNew(9001)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("9001") && text.contains("newer program"), "{text}");
    assert!(!error.is_outage(), "trying again does not help");
}

async fn a_database_of_a_trial_version_is_refused(fresh: Fresh) {
    fresh.store().await.close().await;
    // Trial versions had one to four migrations, of the same numbers and with other texts.
    for newest in [4, 3, 1] {
        let sql = format!(
            "UPDATE _sqlx_migrations SET checksum = {}; DELETE FROM _sqlx_migrations WHERE version > {newest}",
            fresh.raw.bytes(&[1])
        );
        fresh.raw.execute(sql).await;
        let error = Store::open(&fresh.database).await.err().unwrap();
        assert!(matches!(error, StoreError::OfTrial(1)), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("earlier trial version") && text.contains("start with a new database"), "{text}");
        assert!(!error.is_outage(), "trying again does not help");
    }
}

#[test]
fn databases_are_named_by_urls_and_shown_without_passwords() {
    let shown = |text: &str| {
        let database: Database = text.parse().unwrap();
        assert_eq!(format!("{database:?}"), database.to_string());
        database.to_string()
    };
    assert_eq!(shown("sqlite:/var/lib/x.db"), "sqlite:/var/lib/x.db");
    assert_eq!(shown("sqlite:///var/lib/x.db"), "sqlite:/var/lib/x.db");
    assert_eq!(shown("sqlite:x.db"), "sqlite:x.db");
    assert_eq!(shown("postgres://server:p@ss@host:5432/name"), "postgres://…@host:5432/name");
    assert_eq!(shown("postgresql://server@host/name?password=secret"), "postgresql://…@host/name");
    assert_eq!(shown("postgres://host/name?password=secret"), "postgres://…");
    for wrong in ["", "sqlite:", "sqlite://", "mysql://host/name", "/var/lib/x.db"] {
        assert!(wrong.parse::<Database>().is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("none/store.db"));
    let error = Store::open(&database).await.err().unwrap();
    assert!(matches!(error, StoreError::Io(..)), "{error:?}");
}
