//! A column that comes later changes nothing of what the record says of the rows that were there: in every covered table, on both databases.

#![expect(clippy::disallowed_methods, reason = "the store is tested beneath the use cases that stand on it")]

use super::{Later, Record, Table, TableColumn, table};
use crate::{
    About, Store,
    database::{Fresh, both},
    rows,
    value::{Kind, Value},
    verify::verify_tables,
    world::{World, event, origin},
};
use domain::UserId;

both! {
    a_new_column_alters_every_old_row_unless_it_has_since
    a_new_column_of_the_key_renames_every_old_row_unless_it_has_since
    a_value_written_into_a_new_column_is_found
    rows_are_written_with_and_without_the_new_column
}

table! {
    /// A row of `user_groups` as a later program has it.
    LaterGroup in "user_groups" [1] {
        /// The key.
        id: domain::GroupId,
        /// Unique.
        name: domain::Name,
        /// When it was created.
        created_at: domain::Timestamp,
        /// New.
        owner since 1000: Option<UserId>,
        /// New, with a default.
        stage since 1000: String = "review",
    }
}

/// The table with one more column, at this place.
fn with_column(table: &Table, place: usize, later: Option<Later>) -> &'static Table {
    let mut columns = table.columns.clone();
    columns.insert(place, TableColumn { name: "added", kind: Kind::Text, later });
    let key = if place == 0 { table.key + 1 } else { table.key };
    Box::leak(Box::new(Table::new(table.name, key, table.sealed, columns)))
}

fn later(nothing: impl Into<Value>) -> Option<Later> {
    Some(Later { since: 1000, nothing: nothing.into() })
}

/// A store with two rows of everything, some of them changed, and a new column in every covered table.
async fn with_history(fresh: &Fresh, column: &str) -> Store {
    let store = fresh.store().await;
    for world in [World::new(1), World::new(2)] {
        world.write(&store).await;
        world.write_settings(&store).await;
    }
    World::new(3).write_and_delete(&store).await;
    for table in rows::covered() {
        fresh.raw.execute(format!("ALTER TABLE {} ADD COLUMN added {column}", table.name)).await;
    }
    store
}

async fn findings(store: &Store, tables: &[&'static Table]) -> Vec<String> {
    let report = verify_tables(&mut store.read().await.unwrap(), &[], tables).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}

async fn a_new_column_alters_every_old_row_unless_it_has_since(fresh: Fresh) {
    let store = with_history(&fresh, "TEXT").await;
    let tables = |later: Option<Later>| -> Vec<_> {
        rows::covered().into_iter().map(|table| with_column(table, table.columns.len(), later.clone())).collect()
    };
    let found = findings(&store, &tables(None)).await;
    for table in rows::covered() {
        let of_table = |finding: &&String| finding.starts_with(&format!("{}/", table.name)) && finding.contains("altered");
        assert_eq!(found.iter().filter(of_table).count(), 2, "{}: {found:#?}", table.name);
    }
    assert_eq!(findings(&store, &tables(later(Value::Null(Kind::Text)))).await, [""; 0]);
}

async fn a_new_column_of_the_key_renames_every_old_row_unless_it_has_since(fresh: Fresh) {
    let store = with_history(&fresh, "TEXT NOT NULL DEFAULT 'review'").await;
    let tables = |later: Option<Later>| -> Vec<_> {
        rows::covered().into_iter().map(|table| with_column(table, 0, later.clone())).collect()
    };
    let found = findings(&store, &tables(None)).await;
    for table in rows::covered() {
        let of_table = |finding: &&String| finding.starts_with(&format!("{}/review/", table.name));
        assert_eq!(found.iter().filter(of_table).count(), 2, "{}: {found:#?}", table.name);
    }
    assert_eq!(findings(&store, &tables(later("review"))).await, [""; 0]);
}

async fn a_value_written_into_a_new_column_is_found(fresh: Fresh) {
    let store = with_history(&fresh, "TEXT").await;
    let tables: Vec<_> = rows::covered()
        .into_iter()
        .map(|table| with_column(table, table.columns.len(), later(Value::Null(Kind::Text))))
        .collect();
    for table in rows::covered() {
        fresh.raw.execute(format!("UPDATE {} SET added = 'x'", table.name)).await;
        let found = findings(&store, &tables).await;
        assert_eq!(found.len(), 2, "{}: {found:#?}", table.name);
        assert!(found.iter().all(|finding| finding.contains("altered")), "{found:#?}");
        fresh.raw.execute(format!("UPDATE {} SET added = NULL", table.name)).await;
    }
    // In the key: the row goes by another name.
    let tables: Vec<_> = rows::covered().into_iter().map(|table| with_column(table, 0, later(Value::Null(Kind::Text)))).collect();
    for table in rows::covered() {
        fresh.raw.execute(format!("UPDATE {} SET added = 'x'", table.name)).await;
        let found = findings(&store, &tables).await;
        let of = |problem: &str| found.iter().filter(|finding| finding.contains(problem)).count();
        assert_eq!((of("inserted"), of("deleted"), found.len()), (2, 2, 4), "{}: {found:#?}", table.name);
        let named = |finding: &&String| finding.starts_with(&format!("{}/added=x/", table.name));
        assert_eq!(found.iter().filter(named).count(), 2, "{found:#?}");
        fresh.raw.execute(format!("UPDATE {} SET added = NULL", table.name)).await;
    }
}

async fn rows_are_written_with_and_without_the_new_column(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let owner = fresh.raw.either("owner BLOB", "owner UUID");
    for column in [owner, "stage TEXT NOT NULL DEFAULT 'review'"] {
        fresh.raw.execute(format!("ALTER TABLE user_groups ADD COLUMN {column}")).await;
    }
    let change = async |row: &LaterGroup| {
        let mut tx = store.write(origin()).await.unwrap();
        tx.update(row).await.unwrap();
        tx.record(event("changed"), About::default());
        tx.commit().await.unwrap();
    };
    let check = async || {
        let tables: Vec<_> = rows::covered()
            .into_iter()
            .map(|table| if table.name == "user_groups" { LaterGroup::table() } else { table })
            .collect();
        verify_tables(&mut store.read().await.unwrap(), &[], &tables).await.unwrap().findings
    };
    assert_eq!(check().await, []);
    let group = &world.group;
    let row = LaterGroup {
        id: group.id,
        name: group.name.clone(),
        created_at: group.created_at,
        owner: Some(world.user.id),
        stage: "deployment".to_owned(),
    };
    change(&row).await;
    assert_eq!(check().await, []);
    change(&LaterGroup { owner: None, stage: "review".to_owned(), ..row.clone() }).await;
    assert_eq!(check().await, []);
    // Back to what the program of before wrote: the digest is that of before too.
    let (old, new) = (group.values(), LaterGroup { owner: None, stage: "review".to_owned(), ..row }.values());
    assert_eq!(crate::Group::table().row_digest(&old), LaterGroup::table().row_digest(&new));
}

/// The bytes under a row's digest are those of canonical JSON.
#[test]
fn a_row_is_written_canonically() {
    let table = Table::new(
        "things",
        1,
        false,
        ["id", "Name", "a_flag", "bytes", "none"]
            .into_iter()
            .zip([Kind::Uuid, Kind::Text, Kind::Bool, Kind::Bytes, Kind::Int])
            .map(|(name, kind)| TableColumn { name, kind, later: None })
            .collect(),
    );
    let values = [
        Value::Uuid(uuid::Uuid::from_u128(7)),
        Value::Text("“größe”\n\t\u{1}\\\"\u{1f600}".to_owned()),
        Value::Bool(true),
        Value::Bytes(vec![0, 255]),
        Value::Null(Kind::Int),
    ];
    let row: serde_json::Map<_, _> =
        table.columns.iter().zip(&values).map(|(column, value)| (column.name.to_owned(), value.to_json())).collect();
    let expected = proof::canonical::to_vec(&serde_json::json!({ "table": table.name, "row": row })).unwrap();
    assert_eq!(String::from_utf8(table.canonical_row(&values)).unwrap(), String::from_utf8(expected).unwrap());
}
