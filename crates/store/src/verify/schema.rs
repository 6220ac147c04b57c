//! Compares the schema with the one that this program makes. Whatever runs inside of the database (a trigger, a rule, a view, a
//! function) can change rows behind the program, and an altered table can keep out what the program checks.

use super::finding::Finding;
use crate::{
    Reader, StoreError,
    conn::Sql,
    guard::Guard,
    pools,
    value::{Kind, Value},
};
use std::{collections::BTreeMap, sync::Arc};

/// What a schema holds: kind and name of each thing, with its definition.
type Schema = BTreeMap<(String, String), String>;

/// SQLite: each thing with the text that made it. PostgreSQL: each thing that can run and that its own system did not make (those have
/// numbers below 16384), without those of extensions, and each column of the program's tables in SQLite's words.
pub(super) const THINGS: Sql = Sql {
    sqlite: "SELECT type, name, COALESCE(sql, '') FROM sqlite_schema WHERE name NOT IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4')",
    postgres: "WITH of_extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
        SELECT 'trigger', CAST(tgrelid::regclass::text || '/' || tgname AS text), '' FROM pg_trigger WHERE NOT (tgisinternal AND tgfoid < 16384)
        UNION ALL SELECT 'rule', CAST(ev_class::regclass::text || '/' || rulename AS text), '' FROM pg_rewrite
            WHERE ev_class >= 16384 AND rulename <> '_RETURN'
        UNION ALL SELECT 'policy', CAST(polrelid::regclass::text || '/' || polname AS text), '' FROM pg_policy
        UNION ALL SELECT 'event trigger', CAST(evtname AS text), '' FROM pg_event_trigger
        UNION ALL SELECT CASE WHEN relkind = 'f' THEN 'foreign table' ELSE 'view' END, CAST(pg_class.oid::regclass::text AS text), '' FROM pg_class
            WHERE oid >= 16384 AND relkind IN ('v', 'm', 'f') AND NOT EXISTS (SELECT 1 FROM of_extensions WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid)
        UNION ALL SELECT 'function', CAST(pg_proc.oid::regprocedure::text AS text), '' FROM pg_proc
            WHERE oid >= 16384 AND NOT EXISTS (SELECT 1 FROM of_extensions WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid)
        UNION ALL SELECT 'column', CAST(relname || '.' || attname AS text),
            CASE format_type(atttypid, atttypmod) WHEN 'uuid' THEN 'BLOB' WHEN 'bytea' THEN 'BLOB' WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER'
                WHEN 'text' THEN 'TEXT' ELSE format_type(atttypid, atttypmod) END
            || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || CASE WHEN attgenerated <> '' THEN ' generated' ELSE '' END
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace AND attnum > 0 AND NOT attisdropped",
};
/// The columns of every table, as [`THINGS`] tells them on PostgreSQL.
const COLUMNS: Sql = Sql::both(
    "SELECT 'column', tables.name || '.' || columns.name, columns.type || CASE WHEN columns.\"notnull\" THEN ' NOT NULL' ELSE '' END
    FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'",
);
pub(super) const DIALECT: Sql = Sql { sqlite: "SELECT 'sqlite'", postgres: "SELECT 'postgres'" };

/// The table of the migrations, whose columns are the library's business.
const MIGRATIONS: &str = "_sqlx_migrations";

pub(super) async fn check(reader: &mut Reader) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let mut report =
        |kind: &str, name: &str, problem: String| findings.push(Finding { what: format!("schema/{kind}/{name}"), problem });
    let is_sqlite = reader.rows(DIALECT, &[], &[Kind::Text]).await? == [[Value::Text("sqlite".to_owned())]];
    let guard = Arc::new(Guard::without_key());
    let mut fresh = Reader::on(pools::fresh_sqlite().await?.begin_reading().await?, guard, 0);
    let mut expected = read(&mut fresh, if is_sqlite { THINGS } else { COLUMNS }).await?;
    let found = read(reader, THINGS).await?;
    let tables: Vec<String> = expected.keys().map(|(_, name)| table(name).to_owned()).collect();
    for ((kind, name), definition) in found {
        if table(&name) == MIGRATIONS {
            continue;
        }
        match expected.remove(&(kind.clone(), name.clone())) {
            Some(made) if made == definition => {}
            Some(_) => report(&kind, &name, format!("the {kind} was altered: its definition is not the one of this program")),
            // A table or an index that somebody keeps beside ours does nothing.
            None if kind == "table" || kind == "index" => {}
            None if kind == "column" && !tables.iter().any(|table| *table == self::table(&name)) => {}
            None => report(&kind, &name, format!("the {kind} was added: this program makes none of this name")),
        }
    }
    for ((kind, name), _) in expected {
        if table(&name) != MIGRATIONS {
            report(&kind, &name, format!("the {kind} is missing"));
        }
    }
    Ok(findings)
}

/// The table in `table.column`.
fn table(name: &str) -> &str {
    name.split_once('.').map_or(name, |(table, _)| table)
}

async fn read(reader: &mut Reader, sql: Sql) -> Result<Schema, StoreError> {
    let mut schema = Schema::new();
    for row in reader.rows(sql, &[], &[Kind::Text, Kind::Text, Kind::Text]).await? {
        if let Ok([Value::Text(kind), Value::Text(name), Value::Text(definition)]) = <[Value; 3]>::try_from(row) {
            schema.insert((kind, name), definition);
        }
    }
    Ok(schema)
}
