//! A database of an earlier program, with rows in it: it is brought up to date, and its record still speaks of every row.

use crate::{
    database::{Fresh, both},
    world::{World, event, origin},
};
use domain::infrastructure::InfrastructureRole;
use store::*;

both! {
    a_database_from_before_the_nodes_keeps_its_rows
}

/// What 0001 says about the table that 0002 makes anew.
fn members_as_in_0001(fresh: &Fresh) -> String {
    let ground = fresh.raw.either(
        include_str!("../../migrations/sqlite/0001_ground.sql"),
        include_str!("../../migrations/postgres/0001_ground.sql"),
    );
    let from = ground.find("CREATE TABLE infrastructure_members").unwrap();
    let length = ground[from..].find("-- DSSE").unwrap();
    ground[from..from + length].to_owned()
}

/// Takes everything back that migration 0002 does.
async fn back_to_0001(fresh: &Fresh) {
    let statements = format!(
        "CREATE TABLE kept AS SELECT * FROM infrastructure_members; DROP TABLE infrastructure_members; {} \
         INSERT INTO infrastructure_members SELECT * FROM kept; DROP TABLE kept; DROP TABLE nodes; \
         DELETE FROM _sqlx_migrations WHERE version = 2;",
        members_as_in_0001(fresh)
    );
    fresh.raw.execute(statements).await;
}

async fn a_database_from_before_the_nodes_keeps_its_rows(fresh: Fresh) {
    let world = World::new(1);
    let store = fresh.store().await;
    world.write(&store).await;
    let size = store.log_size().await.unwrap();
    store.close().await;
    back_to_0001(&fresh).await;

    let store = fresh.store().await;
    let applied = fresh.raw.texts("SELECT CAST(version AS TEXT) FROM _sqlx_migrations ORDER BY version").await;
    assert!(applied.contains(&vec![Some("2".to_owned())]), "{applied:?}");
    let mut reader = store.read().await.unwrap();
    let members = reader.infrastructure_members(world.infrastructure.id).await.unwrap();
    assert_eq!(members, std::slice::from_ref(&world.infrastructure_member));
    assert_eq!(reader.nodes(world.infrastructure.id).await.unwrap(), []);
    let report = verify::verify(&mut reader, &[]).await.unwrap();
    assert_eq!((report.events, report.findings), (size, Vec::new()));
    drop(reader);

    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&InfrastructureMember { role: InfrastructureRole::Node, ..world.infrastructure_member.clone() }).await.unwrap();
    tx.record(event("a-node"), About::default());
    tx.commit().await.unwrap();
    let report = verify::verify(&mut store.read().await.unwrap(), &[]).await.unwrap();
    assert_eq!(report.findings, Vec::new());
}
