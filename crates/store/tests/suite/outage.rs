//! PostgreSQL gone and back, and SQLite in somebody else's hands.

use crate::{
    database::{Fresh, on_postgres, on_sqlite},
    world::{World, event, origin},
};
use std::{net::TcpListener, time::Duration};
use store::*;

#[tokio::test]
async fn postgres_drops_every_connection() {
    on_postgres(async |fresh: Fresh| {
        let store = fresh.store().await;
        let world = World::new(1);
        world.write(&store).await;
        let mut tx = store.write(origin()).await.unwrap();
        tx.insert(&World::new(2).user).await.unwrap();
        tx.record(event("lost"), About::default());
        let mut reader = store.read().await.unwrap();
        reader.log_size().await.unwrap();
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        fresh.raw.execute(kill).await;
        let error = tx.commit().await.unwrap_err();
        assert!(error.is_outage(), "{error:?}");
        let error = reader.log_size().await.unwrap_err();
        assert!(error.is_outage(), "{error:?}");
        drop(reader);
        // The next ones find new connections, and nothing of the lost writer.
        assert_eq!(store.log_size().await.unwrap(), 16);
        World::new(2).write(&store).await;
        let report = verify::verify(&mut store.read().await.unwrap(), &[]).await.unwrap();
        assert_eq!((report.events, report.findings), (32, Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let database = Database::Postgres(format!("postgres://nobody@127.0.0.1:{port}/none"));
    let error = Store::open(&database).await.err().unwrap();
    assert!(error.is_outage(), "{error:?}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_no_outage() {
    on_postgres(async |fresh: Fresh| {
        let Database::Postgres(url) = &fresh.database else {
            unreachable!("this is PostgreSQL");
        };
        let url = url.replace("countersign_store_", "countersign_missing_");
        let error = Store::open(&Database::Postgres(url)).await.err().unwrap();
        assert!(!error.is_outage(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn text_that_postgres_does_not_take_is_no_outage() {
    on_postgres(async |fresh: Fresh| {
        let store = fresh.store().await;
        let mut tx = store.write(origin()).await.unwrap();
        let user = User { email: Some("\0".to_owned()), ..World::new(1).user };
        let error = tx.insert(&user).await.unwrap_err();
        assert!(!error.is_outage(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn somebody_else_writes_to_the_file() {
    on_sqlite(async |fresh: Fresh| {
        let store = fresh.store().await;
        let other = fresh.store().await;
        let held = other.write(origin()).await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_secs(30), store.write(origin())).await.unwrap();
        let error = waiting.err().unwrap();
        assert!(error.is_outage(), "{error:?}");
        drop(held);
        World::new(1).write(&store).await;
    })
    .await;
}
