//! Whatever somebody does to a row behind the server's back is found and named, in every table that the record covers.

use crate::{
    database::{Fresh, Raw, both},
    schema::{Description, Schema, describe},
    world::{World, at, digest, event, id, origin},
};
use domain::VersionId;
use store::{
    About, Statement, StatementKind, Store,
    verify::{PageStart, Report, verify},
};
use uuid::Uuid;

both! {
    a_clean_store_has_no_findings
    every_altered_column_is_found
    every_deleted_row_is_found
    every_inserted_row_is_found
    every_row_that_was_put_back_is_found
    files_of_versions_are_compared_with_the_model_digest
    values_of_another_type_are_found
    a_widened_role_is_found
    those_who_no_longer_find_what_concerns_them_are_found
    every_statement_is_on_one_page_however_many_a_version_has
}

/// The tables whose rows have no digest in the log: the log itself, what is compared otherwise,
/// by what rows are found, and what passes.
const OTHERS: [&str; 25] = [
    "_sqlx_migrations",
    "account_names",
    "announced",
    "checkpoints",
    "deliveries",
    "events",
    "failing_webhooks",
    "files",
    "idempotency_keys",
    "log_head",
    "log_keys",
    "log_nodes",
    "mail_addresses",
    "messages",
    "nodes",
    "project_people",
    "reminders",
    "round_people",
    "server_key",
    "session_uses",
    "subscriptions",
    "upload_files",
    "uploads",
    "version_files",
    "wanted_messages",
];

/// The tables whose rows have a digest in the log.
pub const COVERED: [&str; 18] = [
    "deployments",
    "group_members",
    "infrastructure_members",
    "infrastructures",
    "invitations",
    "mail_settings",
    "models",
    "project_members",
    "projects",
    "revisions",
    "rounds",
    "shares",
    "statements",
    "tokens",
    "user_groups",
    "users",
    "versions",
    "webhooks",
];

/// A store with rows, a copy of each table, and the means to tamper.
struct Tampered {
    store: Store,
    raw: Raw,
    /// Every table that is covered.
    tables: Schema,
}

impl Tampered {
    async fn new(fresh: &Fresh, worlds: &[&World]) -> Self {
        let store = fresh.store().await;
        for world in worlds {
            world.write(&store).await;
            world.write_settings(&store).await;
        }
        let raw = fresh.raw.clone();
        let mut tables = describe(&raw).await;
        for table in tables.keys() {
            raw.execute(format!("CREATE TABLE copy_{table} AS SELECT * FROM {table}")).await;
        }
        if !raw.is_sqlite() {
            let checks = "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname FROM pg_constraint \
                          WHERE contype = 'c' AND connamespace = 'public'::regnamespace";
            for check in raw.texts(checks).await {
                raw.execute(check[0].clone().unwrap()).await;
            }
        }
        for other in OTHERS {
            tables.remove(other).unwrap_or_else(|| panic!("there is no table {other}"));
        }
        assert_eq!(tables.keys().collect::<Vec<_>>(), COVERED, "another table: is it covered?");
        Self { store, raw, tables }
    }

    async fn verify(&self) -> Report {
        verify(&mut self.store.read().await.unwrap(), &[]).await.unwrap()
    }

    /// Fails unless this is among the findings.
    async fn assert_found(&self, what: &str, problem: &str) {
        let report = self.verify().await;
        let found = report.findings.iter().any(|finding| finding.what == what && finding.problem.contains(problem));
        assert!(found, "{what} ({problem}) is not among {:#?}", report.findings);
    }

    /// Makes a table what it was when it was copied.
    async fn restore(&self, table: &str) {
        self.fill(table, "copy").await;
    }

    async fn fill(&self, table: &str, copy: &str) {
        self.raw.execute(format!("DELETE FROM {table}")).await;
        self.raw.execute(format!("INSERT INTO {table} SELECT * FROM {copy}_{table}")).await;
    }

    /// A condition for one row of a table.
    fn one(&self, table: &str) -> String {
        let place = self.raw.either("rowid", "ctid");
        format!("{place} = (SELECT MIN({place}) FROM {table})")
    }

    /// The name by which that row is reported.
    async fn name(&self, table: &str, description: &Description) -> String {
        self.name_in(table, table, description).await
    }

    /// The same for the first row of a copy.
    async fn name_in(&self, copy: &str, table: &str, description: &Description) -> String {
        let mut name = table.to_owned();
        for column in &description.key {
            let text = match &self.raw {
                Raw::Sqlite(_) => {
                    format!("CASE typeof({column}) WHEN 'blob' THEN lower(hex({column})) ELSE CAST({column} AS TEXT) END")
                }
                Raw::Postgres(_) => format!("{column}::text"),
            };
            let text = self.raw.text(format!("SELECT {text} FROM {copy} WHERE {}", self.one(copy))).await;
            let text = Uuid::parse_str(&text).map_or(text, |uuid| uuid.to_string());
            name = format!("{name}/{text}");
        }
        name
    }
}

/// An expression for another value than the column has.
fn altered(column: &str, column_type: &str) -> String {
    match column_type {
        "INTEGER" | "bigint" => format!("COALESCE({column}, 0) + 1"),
        "boolean" => format!("NOT {column}"),
        "TEXT" | "text C" => format!("COALESCE({column}, '') || 'x'"),
        "BLOB" => "randomblob(16)".to_owned(),
        "uuid" => "gen_random_uuid()".to_owned(),
        "bytea" => format!("sha256(COALESCE({column}, ''))"),
        other => panic!("the type {other}"),
    }
}

async fn a_clean_store_has_no_findings(fresh: Fresh) {
    let tampered = Tampered::new(&fresh, &[&World::new(1), &World::new(2)]).await;
    let report = tampered.verify().await;
    assert_eq!((report.events, report.rows, &report.findings), (36, 36, &Vec::new()));
    let frontier = tampered.store.read().await.unwrap().log_frontier().await.unwrap();
    assert_eq!(report.root, frontier.root().hex());
}

async fn every_altered_column_is_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh, &[&World::new(1), &World::new(2)]).await;
    for (table, description) in &tampered.tables {
        for (column, column_type, _) in &description.columns {
            // Anew each time: the rows need not lie where they lay before they were restored.
            let name = tampered.name(table, description).await;
            let value = altered(column, column_type);
            let sql = format!("UPDATE {table} SET {column} = {value} WHERE {}", tampered.one(table));
            assert_eq!(tampered.raw.execute(sql).await, 1, "{table}.{column}");
            if description.key.contains(column) {
                tampered.assert_found(&name, "deleted").await;
                let findings = tampered.verify().await.findings;
                let inserted = |finding: &store::verify::Finding| {
                    finding.what.starts_with(&format!("{table}/")) && finding.problem.contains("inserted")
                };
                assert!(findings.iter().any(inserted), "{table}.{column}: {findings:#?}");
            } else {
                tampered.assert_found(&name, "altered").await;
            }
            tampered.restore(table).await;
        }
    }
    assert_eq!(tampered.verify().await.findings, []);
}

async fn every_deleted_row_is_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh, &[&World::new(1), &World::new(2)]).await;
    for (table, description) in &tampered.tables {
        let name = tampered.name(table, description).await;
        let sql = format!("DELETE FROM {table} WHERE {}", tampered.one(table));
        assert_eq!(tampered.raw.execute(sql).await, 1, "{table}");
        tampered.assert_found(&name, "deleted").await;
        tampered.restore(table).await;
    }
    assert_eq!(tampered.verify().await.findings, []);
}

async fn every_inserted_row_is_found(fresh: Fresh) {
    let tampered = Tampered::new(&fresh, &[&World::new(1)]).await;
    for (table, description) in &tampered.tables {
        let value = |(column, column_type, _): &(String, String, bool)| format!("{} AS {column}", altered(column, column_type));
        let values: Vec<_> = description.columns.iter().map(value).collect();
        let sql = format!("CREATE TABLE new_{table} AS SELECT {} FROM {table}", values.join(", "));
        tampered.raw.execute(sql).await;
        let new = tampered.name_in(&format!("new_{table}"), table, description).await;
        let sql = format!("INSERT INTO {table} SELECT * FROM new_{table}");
        assert_eq!(tampered.raw.execute(sql).await, 1, "{table}");
        tampered.assert_found(&new, "inserted").await;
        tampered.restore(table).await;
    }
    assert_eq!(tampered.verify().await.findings, []);
}

async fn every_row_that_was_put_back_is_found(fresh: Fresh) {
    let mut second = World::new(2);
    // Files of a version are never taken away by a server, and would hold on to theirs.
    second.files.clear();
    let tampered = Tampered::new(&fresh, &[&World::new(1), &second]).await;
    second.delete_settings(&tampered.store).await;
    second.delete(&tampered.store).await;
    assert_eq!(tampered.verify().await.findings, [], "what was taken away with an event is as it should be");
    for table in tampered.tables.keys() {
        tampered.raw.execute(format!("CREATE TABLE left_{table} AS SELECT * FROM {table}")).await;
    }
    for (table, description) in &tampered.tables {
        let sql = format!("INSERT INTO {table} SELECT * FROM copy_{table} EXCEPT SELECT * FROM {table}");
        assert_eq!(tampered.raw.execute(sql).await, 1, "{table}");
        let findings = tampered.verify().await.findings;
        let put_back: Vec<_> = findings.iter().filter(|finding| finding.problem.contains("put back")).collect();
        assert_eq!(put_back.len(), 1, "{table}: {findings:#?}");
        assert!(put_back[0].what.starts_with(&format!("{table}/")), "{table}: {findings:#?}");
        let key = put_back[0].what.split('/').count() - 1;
        assert_eq!(key, description.key.len(), "{table} is named by its whole key");
        tampered.fill(table, "left").await;
    }
    assert_eq!(tampered.verify().await.findings, []);
}

async fn files_of_versions_are_compared_with_the_model_digest(fresh: Fresh) {
    let world = World::new(1);
    let tampered = Tampered::new(&fresh, &[&world]).await;
    let what = format!("version_files/{}", world.version.id);
    let one = tampered.one("version_files");
    let other = tampered.raw.bytes(digest("another file").as_bytes());
    let tampering = [
        format!("UPDATE version_files SET sha256 = {other} WHERE {one}"),
        format!("UPDATE version_files SET sha256 = {} WHERE {one}", tampered.raw.bytes(b"short")),
        format!("UPDATE version_files SET name = name || 'x' WHERE {one}"),
        format!("UPDATE version_files SET name = '../' || name WHERE {one}"),
        format!("UPDATE version_files SET size = size + 1 WHERE {one}"),
        format!("UPDATE version_files SET size = -1 WHERE {one}"),
        format!("DELETE FROM version_files WHERE {one}"),
        "DELETE FROM version_files".to_owned(),
        format!("INSERT INTO version_files SELECT version_id, 'extra', sha256, size FROM version_files WHERE {one}"),
    ];
    for sql in tampering {
        assert_ne!(tampered.raw.execute(sql.clone()).await, 0, "{sql}");
        tampered.assert_found(&what, "differ from the files").await;
        tampered.restore("version_files").await;
    }
    let stray: VersionId = id(9, 9);
    let stray = match &tampered.raw {
        Raw::Sqlite(_) => tampered.raw.bytes(stray.uuid().as_bytes()),
        Raw::Postgres(_) => format!("'{stray}'::uuid"),
    };
    let sql = format!("INSERT INTO version_files SELECT {stray}, name, sha256, size FROM version_files WHERE {one}");
    assert_eq!(tampered.raw.execute(sql).await, 1);
    tampered.assert_found("version_files", "does not exist").await;
}

async fn values_of_another_type_are_found(fresh: Fresh) {
    let world = World::new(1);
    let tampered = Tampered::new(&fresh, &[&world]).await;
    if !tampered.raw.is_sqlite() {
        // PostgreSQL's types leave room only for text that the program does not understand.
        tampered.raw.execute("UPDATE users SET name = 'Not A Name'").await;
        tampered.assert_found(&format!("users/{}", world.user.id), "altered").await;
        return;
    }
    for (table, sql, problem) in [
        ("users", "UPDATE users SET id = x'00'", "deleted"),
        ("users", "UPDATE users SET display_name = CAST(x'ff' AS TEXT)", "altered"),
        ("users", "UPDATE users SET active = 7", "altered"),
        ("versions", "UPDATE versions SET id = x'00'", "deleted"),
        ("versions", "UPDATE versions SET model_digest = x'00'", "altered"),
    ] {
        tampered.raw.execute(sql).await;
        let key = if table == "users" { world.user.id.uuid() } else { world.version.id.uuid() };
        tampered.assert_found(&format!("{table}/{key}"), problem).await;
        tampered.restore(table).await;
    }
}

async fn a_widened_role_is_found(fresh: Fresh) {
    let world = World::new(1);
    let tampered = Tampered::new(&fresh, &[&world]).await;
    tampered.raw.execute("UPDATE project_members SET role = 'manager'").await;
    let what = format!("project_members/{}/group/{}", world.project.id, world.group.id);
    tampered.assert_found(&what, "altered").await;
    assert_eq!(tampered.verify().await.findings.len(), 1, "and nothing else");
}

async fn those_who_no_longer_find_what_concerns_them_are_found(fresh: Fresh) {
    let (mut world, other) = (World::new(1), World::new(2));
    world.round = crate::contract_concerns::waiting(&world);
    let tampered = Tampered::new(&fresh, &[&world, &other]).await;
    let raw = &tampered.raw;
    assert_eq!(tampered.verify().await.findings, []);
    let literal = |id: Uuid| match raw {
        Raw::Sqlite(_) => raw.bytes(id.as_bytes()),
        Raw::Postgres(_) => format!("'{id}'"),
    };
    let (version, uploader) = (literal(world.version.id.uuid()), literal(world.user.id.uuid()));
    let (approver, group) = (literal(id(78, 1)), literal(world.group.id.uuid()));
    let (round, project) =
        (format!("round_people/{}/review/1", world.version.id), format!("project_people/{}", world.project.id));
    for (sql, what) in [
        (format!("DELETE FROM round_people WHERE version_id = {version}"), &round),
        (format!("DELETE FROM round_people WHERE version_id = {version} AND who = {approver}"), &round),
        (format!("DELETE FROM round_people WHERE version_id = {version} AND who = {group}"), &round),
        (format!("DELETE FROM round_people WHERE version_id = {version} AND who = {uploader}"), &round),
        ("DELETE FROM round_people WHERE role IS NOT NULL".to_owned(), &round),
        ("UPDATE round_people SET role = 'manager' WHERE role IS NOT NULL".to_owned(), &round),
        ("UPDATE round_people SET role = NULL WHERE role IS NOT NULL".to_owned(), &round),
        (format!("UPDATE round_people SET due = {} WHERE who = {approver}", raw.either("0", "FALSE")), &round),
        (format!("UPDATE round_people SET changed_at = 0 WHERE who = {approver}"), &round),
        (format!("DELETE FROM project_people WHERE who = {group}"), &project),
        (format!("DELETE FROM project_people WHERE who = {uploader}"), &project),
    ] {
        assert_ne!(raw.execute(sql.clone()).await, 0, "{sql}");
        let findings = tampered.verify().await.findings;
        assert_eq!(findings.len(), 1, "{sql}: {findings:#?}");
        assert!(findings[0].what == *what && findings[0].problem.contains("does not find the"), "{sql}: {}", findings[0]);
        tampered.restore("round_people").await;
        tampered.restore("project_people").await;
    }
    // More than needed does no harm.
    raw.execute("UPDATE round_people SET role = 'reader' WHERE role IS NOT NULL").await;
    raw.execute(format!("INSERT INTO project_people SELECT project_id, {version} FROM project_people WHERE who = {group}")).await;
    assert_eq!(tampered.verify().await.findings, []);
}

async fn every_statement_is_on_one_page_however_many_a_version_has(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, other) = (World::new(1), World::new(2));
    world.write(&store).await;
    other.write(&store).await;
    // Of both kinds, several of one moment, in no order.
    let mut tx = store.write(origin()).await.unwrap();
    for number in (0..250_u32).rev() {
        let kind = if number % 3 == 0 { StatementKind::Decision } else { StatementKind::Permit };
        let (version_id, issued_at) =
            (if number % 7 == 0 { other.version.id } else { world.version.id }, at((number / 5).into()));
        tx.insert(&Statement { id: id(3, number), kind, version_id, issued_at, ..world.permit.clone() }).await.unwrap();
    }
    tx.record(event("statements"), About::default());
    tx.commit().await.unwrap();
    let (mut reader, mut behind, mut read) = (store.read().await.unwrap(), PageStart::no_statement(), Vec::new());
    loop {
        let page = reader.stated(7, &behind).await.unwrap();
        if page.rows.is_empty() {
            break;
        }
        assert_eq!(page.last.version(), page.rows.last().map(|row| row.as_ref().unwrap().statement.version_id));
        read.extend(page.rows.into_iter().map(|row| row.unwrap().statement));
        behind = page.last;
    }
    assert!(read.is_sorted_by_key(|statement| statement.version_id), "as the rounds come");
    let mut ids: Vec<_> = read.iter().map(|statement| statement.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((read.len(), ids.len()), (252, 252), "the permits of both worlds too");
}
