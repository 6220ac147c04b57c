//! A copy of every row of one moment as lines of JSON, from either database and into either: for backups, and to move to the other database.
//!
//! The first line says which migrations the database had. Each further line is `["table", {"column": value}]`. Bytes and UUIDs are
//! `{"hex": "…"}`, truth values 0 or 1. Rows keep their seals: a server with the same signing key takes them.

use crate::{
    Database, Store, StoreError,
    conn::{Conn, Sql},
    pools::{self, Pools},
    value::{Kind, Value},
};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, Write},
};
use uuid::Uuid;

/// Which form the lines have.
const FORMAT: u32 = 1;

/// The tables of the schema, without that of the migrations.
const TABLES: Sql = Sql::both(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations' ORDER BY rowid",
);

const COLUMNS: Sql = Sql {
    sqlite:
        "SELECT tables.name, columns.name, columns.type FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
        WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' ORDER BY tables.name, columns.cid",
    postgres:
        "SELECT CAST(table_name AS text), CAST(column_name AS text), CAST(data_type AS text) FROM information_schema.columns
        WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position",
};

/// The statements that take away and bring back what would ask for rows in an order. SQLite asks at the commit.
const KEYS: Sql = Sql {
    sqlite: "SELECT '', '' WHERE 1 = 0",
    postgres: "SELECT 'ALTER TABLE ' || CAST(conrelid::regclass AS text) || ' DROP CONSTRAINT ' || quote_ident(conname),
            'ALTER TABLE ' || CAST(conrelid::regclass AS text) || ' ADD CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype = 'f' AND connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())",
};

/// The kinds of the columns of a table, in order.
type Columns = Vec<(String, Kind)>;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    migrations: Vec<i64>,
}

/// The number of events, and the moment of the last.
const LAST: Sql = Sql::both("SELECT COUNT(*), MAX(at) FROM events");

fn int(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Int(int)) => Some(*int),
        _ => None,
    }
}

/// What a copy holds.
#[derive(Clone, Copy, Debug)]
pub struct Exported {
    /// Rows of all tables.
    pub rows: u64,
    /// Events in the log.
    pub events: u64,
    /// When the last of them was recorded.
    pub last_event_at: Option<Timestamp>,
}

/// What can go wrong with a copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database did not carry it out.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be read or written.
    #[error("the copy of the rows cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// A line that no copy has.
    #[error("line {0} of the copy cannot be taken: {1}")]
    Line(u64, String),
    /// A newer program made the copy.
    #[error("a newer program made the copy (its migration {0} is not known here): use that program")]
    TooNew(i64),
    /// The database has rows of its own.
    #[error("the database {0} holds a record already: a copy goes into an empty database only")]
    NotEmpty(String),
}

impl Store {
    /// Writes every row of this moment. The server goes on meanwhile.
    ///
    /// # Errors
    /// A database that does not answer, or what cannot be written.
    pub async fn export(&self, out: &mut (impl Write + Send)) -> Result<Exported, BackupError> {
        let migrations = self.pools().migrations().into_iter().map(|(version, _)| version).collect();
        writeln!(out, "{}", serde_json::to_string(&Head { format: FORMAT, migrations }).unwrap_or_default())?;
        let mut conn = self.pools().begin_reading().await?;
        if matches!(self.pools(), Pools::Postgres(_)) {
            // A table is one statement, however large it is.
            conn.execute_built("SET LOCAL statement_timeout = 0".to_owned(), &[]).await?;
        }
        let mut rows = 0;
        let columns = columns(&mut conn).await?;
        for table in tables().await? {
            let columns = columns.get(&table).ok_or_else(|| StoreError::Log(format!("the table {table} is not there")))?;
            let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
            let kinds: Vec<_> = columns.iter().map(|(_, kind)| *kind).collect();
            let select = format!("SELECT {} FROM {table}", names.join(", "));
            let mut failed = None;
            let take = |values: Vec<Value>| {
                let row: Map<_, _> = names.iter().map(|name| (*name).to_owned()).zip(values.iter().map(to_json)).collect();
                let written = writeln!(out, "{}", json!([table, row]));
                rows += 1;
                failed = written.err();
                failed.is_none()
            };
            conn.each_row(select, &kinds, take).await?;
            if let Some(error) = failed {
                return Err(error.into());
            }
        }
        out.flush()?;
        let last = conn.rows(LAST, &[], &[Kind::Int, Kind::Int]).await?;
        let [events, at] = last.first().map_or([None, None], |row| [int(row.first()), int(row.get(1))]);
        let events = events.and_then(|events| events.try_into().ok()).unwrap_or_default();
        Ok(Exported { rows, events, last_event_at: at.map(Timestamp::from_micros) })
    }

    /// Loads a copy into an empty database, which is made with the schema that the copy had; gives how many rows. The next start of a server
    /// migrates it. All of it is there afterwards, or nothing.
    ///
    /// # Errors
    /// A database that does not answer or holds a record; a copy that is broken, or of a newer program.
    pub async fn import(database: &Database, lines: impl BufRead) -> Result<u64, BackupError> {
        let mut lines = lines.lines();
        let head = lines.next().ok_or_else(|| BackupError::Line(1, "it is not there".to_owned()))??;
        let head: Head = serde_json::from_str(&head).map_err(|error| BackupError::Line(1, error.to_string()))?;
        if head.format != FORMAT {
            return Err(BackupError::Line(1, format!("the format {} is not known", head.format)));
        }
        let pools = Pools::open_with(database, &head.migrations).await?.map_err(BackupError::TooNew)?;
        let done = load(&pools, database, lines).await;
        pools.close().await;
        done
    }
}

async fn load(pools: &Pools, database: &Database, lines: impl Iterator<Item = io::Result<String>>) -> Result<u64, BackupError> {
    let mut conn = pools.begin_writing().await?;
    let count =
        Sql::both("SELECT (SELECT COUNT(*) FROM events) + (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM server_key)");
    if conn.rows(count, &[], &[Kind::Int]).await? != [[Value::Int(0)]] {
        return Err(BackupError::NotEmpty(database.to_string()));
    }
    let keys = conn.rows(KEYS, &[], &[Kind::Text, Kind::Text]).await?;
    match pools {
        Pools::Sqlite { .. } => drop(conn.execute_built("PRAGMA defer_foreign_keys = ON".to_owned(), &[]).await?),
        Pools::Postgres(_) => {
            // To bring the constraints back is one statement for a whole table, however large.
            conn.execute_built("SET LOCAL statement_timeout = 0".to_owned(), &[]).await?;
            for (take_away, _) in keys.iter().filter_map(|pair| both(pair)) {
                conn.execute_built(take_away, &[]).await?;
            }
        }
    }
    let columns = columns(&mut conn).await?;
    // Rows that migrations made stand in the copy too.
    for table in tables().await? {
        if columns.contains_key(&table) {
            conn.execute_built(format!("DELETE FROM {table}"), &[]).await?;
        }
    }
    let mut rows = 0;
    for (number, line) in (2_u64..).zip(lines) {
        let wrong = |reason: String| BackupError::Line(number, reason);
        let (table, row): (String, Map<String, serde_json::Value>) =
            serde_json::from_str(&line?).map_err(|error| wrong(error.to_string()))?;
        let known = columns.get(&table).ok_or_else(|| wrong(format!("there is no table `{}`", table.escape_debug())))?;
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (name, value) in &row {
            let (name, kind) = known
                .iter()
                .find(|(known, _)| known == name)
                .ok_or_else(|| wrong(format!("{table} has no column `{}`", name.escape_debug())))?;
            names.push(name.as_str());
            values.push(from_json(value, *kind).ok_or_else(|| wrong(format!("the value of {table}.{name} is of another type")))?);
        }
        let places: Vec<_> = (1..=names.len()).map(|place| format!("${place}")).collect();
        let insert = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
        conn.execute_built(insert, &values).await.map_err(|error| wrong(error.to_string()))?;
        rows += 1;
    }
    // Files of an upload that was on its way are in no backup: their sender begins anew.
    for table in ["upload_files", "uploads"] {
        conn.execute_built(format!("DELETE FROM {table}"), &[]).await?;
    }
    for (_, bring_back) in keys.iter().filter_map(|pair| both(pair)) {
        conn.execute_built(bring_back, &[]).await?;
    }
    conn.commit().await?;
    Ok(rows)
}

fn both(pair: &[Value]) -> Option<(String, String)> {
    match pair {
        [Value::Text(one), Value::Text(other)] => Some((one.clone(), other.clone())),
        _ => None,
    }
}

/// The tables that this program makes, in that order.
async fn tables() -> Result<Vec<String>, StoreError> {
    let mut fresh = pools::fresh_sqlite().await?.begin_reading().await?;
    let rows = fresh.rows(TABLES, &[], &[Kind::Text]).await?;
    Ok(rows.into_iter().filter_map(|mut row| if let Some(Value::Text(name)) = row.pop() { Some(name) } else { None }).collect())
}

/// The columns of every table.
async fn columns(conn: &mut Conn) -> Result<BTreeMap<String, Columns>, StoreError> {
    let mut columns: BTreeMap<String, Columns> = BTreeMap::new();
    for row in conn.rows(COLUMNS, &[], &[Kind::Text, Kind::Text, Kind::Text]).await? {
        let [Value::Text(table), Value::Text(column), Value::Text(kind)] = row.as_slice() else { continue };
        let kind = match kind.as_str() {
            "TEXT" | "text" => Kind::Text,
            "BLOB" | "bytea" => Kind::Bytes,
            "uuid" => Kind::Uuid,
            "boolean" => Kind::Bool,
            _ => Kind::Int,
        };
        columns.entry(table.clone()).or_default().push((column.clone(), kind));
    }
    Ok(columns)
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Int(int) => (*int).into(),
        Value::Bool(bool) => i64::from(*bool).into(),
        Value::Uuid(uuid) => json!({ "hex": hex::encode(uuid.as_bytes()) }),
        Value::Bytes(bytes) => json!({ "hex": hex::encode(bytes) }),
        Value::Null(_) | Value::TooLarge(_) => serde_json::Value::Null,
    }
}

fn from_json(value: &serde_json::Value, kind: Kind) -> Option<Value> {
    let bytes = || hex::decode(value.get("hex")?.as_str()?).ok();
    Some(match kind {
        _ if value.is_null() => Value::Null(kind),
        Kind::Text => Value::Text(value.as_str()?.to_owned()),
        Kind::Int => Value::Int(value.as_i64()?),
        Kind::Bool => Value::Bool(match value.as_i64()? {
            0 => false,
            1 => true,
            _ => return None,
        }),
        Kind::Uuid => Value::Uuid(Uuid::from_slice(&bytes()?).ok()?),
        Kind::Bytes => Value::Bytes(bytes()?),
    })
}
