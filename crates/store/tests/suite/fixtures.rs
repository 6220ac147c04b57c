//! Databases of earlier versions, made by `cargo xtask fixture` and kept under `tests/fixtures`: each is loaded into both databases,
//! migrated, verified, read and gone on with.

use crate::{
    database::{Fresh, Raw, both},
    world::{event, origin},
};
use domain::Timestamp;
use proof::Sha256;
use serde_json::Value;
use sqlx::migrate::Migrator;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use store::{
    verify::{TreeHead, verify},
    *,
};

both! {
    every_fixture_is_migrated_and_verified
}

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// A row: its table, and its columns with their values.
type Row = (String, BTreeMap<String, Value>);

fn rows(fixture: &Path) -> Vec<Row> {
    let text = fs::read_to_string(fixture.join("rows.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The fixture of the time in which migrations are edited in place. The tables that the record covers stay as they were in it.
const UNRELEASED: &str = "before-first-release";

/// Makes the schema of the fixture's version and puts its rows there, past the server.
async fn load(fresh: &Fresh, rows: &[Row], released: bool) {
    let applied: BTreeMap<i64, &Value> = rows
        .iter()
        .filter(|(table, _)| table == "_sqlx_migrations")
        .map(|(_, row)| (row["version"].as_i64().unwrap(), &row["checksum"]["hex"]))
        .collect();
    let migrator = if fresh.raw.is_sqlite() { &SQLITE } else { &POSTGRES };
    let migrations: Vec<_> = migrator.iter().filter(|migration| applied.contains_key(&migration.version)).cloned().collect();
    assert_eq!(migrations.len(), applied.len(), "a migration is gone");
    for migration in SQLITE.iter().filter(|migration| released && applied.contains_key(&migration.version)) {
        assert_eq!(*applied[&migration.version], hex::encode(&migration.checksum), "{} was edited", migration.description);
    }
    let migrator = Migrator { migrations: migrations.into(), ..Migrator::DEFAULT };
    match &fresh.raw {
        Raw::Sqlite(pool) => migrator.run(pool).await.unwrap(),
        Raw::Postgres(pool) => migrator.run(pool).await.unwrap(),
    }
    // Rows that migrations make stand in the fixture too.
    fresh.raw.execute("DELETE FROM log_head").await;
    if rows.iter().any(|(table, _)| table == "announced") {
        fresh.raw.execute("DELETE FROM announced").await;
    }
    let kinds = kinds(&fresh.raw).await;
    let insert = |(table, row): &Row| {
        let values: Vec<_> =
            row.iter().map(|(column, value)| literal(&fresh.raw, value, &kinds[&(table.clone(), column.clone())])).collect();
        let columns: Vec<_> = row.keys().cloned().collect();
        format!("INSERT INTO {table} ({}) VALUES ({});", columns.join(", "), values.join(", "))
    };
    let inserts: Vec<_> = rows.iter().filter(|(table, _)| table != "_sqlx_migrations").map(insert).collect();
    fresh.raw.execute(inserts.join("\n")).await;
}

/// The type of each column.
async fn kinds(raw: &Raw) -> BTreeMap<(String, String), String> {
    let columns = raw.either(
        "SELECT tables.name, columns.name, columns.type FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'",
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns WHERE table_schema = 'public'",
    );
    let rows = raw.texts(columns).await.into_iter();
    rows.map(|row| row.into_iter().map(Option::unwrap).collect::<Vec<_>>())
        .map(|row| ((row[0].clone(), row[1].clone()), row[2].clone()))
        .collect()
}

fn literal(raw: &Raw, value: &Value, kind: &str) -> String {
    let hex = |value: &Value| hex::decode(value["hex"].as_str().unwrap()).unwrap();
    match (value, kind) {
        (Value::Null, _) => "NULL".to_owned(),
        (Value::String(text), _) => format!("'{}'", text.replace('\'', "''")),
        (Value::Number(number), "boolean") => (number.as_i64() == Some(1)).to_string(),
        (Value::Number(number), _) => number.to_string(),
        (bytes, "uuid") => format!("'{}'", uuid::Uuid::from_slice(&hex(bytes)).unwrap()),
        (bytes, _) => raw.bytes(&hex(bytes)),
    }
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut fixtures: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    fixtures.sort();
    assert!(!fixtures.is_empty(), "there is no fixture: make one with cargo xtask fixture target/debug/countersign NAME");
    fixtures
}

/// What the fixture's server signed last: the text of the note, without its signature.
fn checkpoint(fixture: &Path) -> TreeHead {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let note = fs::read_to_string(fixture.join("checkpoint.txt")).unwrap();
    let lines: Vec<_> = note.lines().collect();
    let root: [u8; 32] = STANDARD.decode(lines[2]).unwrap().try_into().unwrap();
    TreeHead { size: lines[1].parse().unwrap(), root: Sha256::from_bytes(root) }
}

fn signing_key(fixture: &Path) -> proof::SigningKey {
    proof::SigningKey::from_pkcs8_pem(&fs::read_to_string(fixture.join("signing-key.pem")).unwrap()).unwrap()
}

/// Every statement still verifies with the key of the fixture's server, and is about what its row says.
async fn signatures(fixture: &Path, reader: &mut Reader) {
    let key = signing_key(fixture).public_key();
    let statements = reader.stated(500, &verify::PageStart::no_statement()).await.unwrap().rows;
    assert!(statements.len() > 10, "{}", fixture.display());
    for stated in statements {
        let stated = stated.unwrap();
        let envelope = proof::Envelope::from_json_bytes(&stated.statement.envelope).unwrap();
        let payload: Value = serde_json::from_slice(envelope.verify(&key).unwrap().bytes()).unwrap();
        let (name, digest) = stated.version.unwrap();
        assert_eq!(payload["subject"][0]["digest"]["sha256"], stated.statement.model_digest.to_string());
        assert_eq!(
            (digest, payload["subject"][0]["name"].as_str()),
            (stated.statement.model_digest, Some(name.to_string().as_str()))
        );
    }
}

/// Nobody gets an address that is taken.
async fn mail_addresses(store: &Store) {
    let mut tx = store.write(origin()).await.unwrap();
    let holder = tx.user_by_name(&"scientist".parse().unwrap()).await.unwrap().unwrap();
    tx.update(&User { display_name: "Another name".parse().unwrap(), ..holder.clone() }).await.unwrap();
    tx.record(event("renamed"), About::default());
    let email = Some("SCIENTIST@EXAMPLE.ORG".to_owned());
    let another = User { id: crate::world::id(9, 9), name: "another".parse().unwrap(), email, ..holder };
    assert!(matches!(tx.insert(&another).await, Err(StoreError::AddressTaken)));
    tx.commit().await.unwrap();
}

async fn every_fixture_is_migrated_and_verified(fresh: Fresh) {
    for fixture in fixtures() {
        fresh.empty().await;
        let rows = rows(&fixture);
        let tables: BTreeSet<_> = rows.iter().map(|(table, _)| table.as_str()).collect();
        for table in crate::verify_rows::COVERED {
            assert!(tables.contains(table), "{} has no row of {table}", fixture.display());
        }
        load(&fresh, &rows, !fixture.ends_with(UNRELEASED)).await;
        let store = Store::open(&fresh.database).await.unwrap();
        store.seal_with(SealKey::derive(&signing_key(&fixture)));
        let head = checkpoint(&fixture);
        let mut reader = store.read().await.unwrap();
        let report = verify(&mut reader, &[head]).await.unwrap();
        assert_eq!(report.findings, [], "{}", fixture.display());
        assert_eq!((report.events, report.root), (head.size, head.root.hex()));

        signatures(&fixture, &mut reader).await;
        let events = reader.events(About::default(), 0, Timestamp::from_micros(0), 10_000).await.unwrap();
        assert_eq!(events.len() as u64, head.size);
        for kind in [
            "review.rejected",
            "review.approved",
            "approval.revoked",
            "approval.expired",
            "review.reset",
            "version.retired",
            "log.key_changed",
        ] {
            assert!(events.iter().any(|event| event.event.kind() == kind), "{} has no {kind}", fixture.display());
        }
        drop(reader);

        mail_addresses(&store).await;
        let scientist = store.read().await.unwrap().user_by_name(&"scientist".parse().unwrap()).await.unwrap().unwrap();
        let version = events.iter().rev().find_map(|event| event.about.version).unwrap();
        let mut tx = store.write(origin()).await.unwrap();
        tx.update(&User { display_name: "Somebody else".parse().unwrap(), ..scientist }).await.unwrap();
        tx.record(event("renamed"), About { version: Some(version), ..About::default() });
        tx.commit().await.unwrap();
        let mut reader = store.read().await.unwrap();
        let report = verify(&mut reader, &[head]).await.unwrap();
        assert_eq!((report.events, report.findings), (head.size + 2, Vec::new()), "{}", fixture.display());
        let last = reader.last_event_of(version).await.unwrap().unwrap();
        assert_eq!((last.format, last.position), (2, head.size + 1));
        assert_eq!(
            last.previous,
            events.iter().rev().find(|event| event.about.version == Some(version)).map(|event| event.position)
        );
        drop(reader);
        store.close().await;
    }
}
