//! Writes every row of an SQLite database as a line of JSON, `["table", {"column": value}]`, so that a fixture can be read and loaded into
//! either database: `cargo run -p store --example dump -- DATABASE FILE`. Bytes are `{"hex": "…"}`.

use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, Column, Connection, Row, SqliteConnection, TypeInfo, ValueRef, sqlite::SqliteRow};
use std::{error::Error, fmt::Write, fs};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, file] = arguments.as_slice() else {
        return Err("name a database and the file to write".into());
    };
    let mut connection = SqliteConnection::connect(&format!("sqlite:{database}")).await?;
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await?;
    let mut text = String::new();
    for table in tables {
        // Of the migrations only which ones they were, byte for byte.
        let columns = if table == "_sqlx_migrations" { "version, checksum" } else { "*" };
        for row in sqlx::query(AssertSqlSafe(format!("SELECT {columns} FROM {table}"))).fetch_all(&mut connection).await? {
            writeln!(text, "{}", json!([table, values(&row)?]))?;
        }
    }
    connection.close().await?;
    Ok(fs::write(file, text)?)
}

fn values(row: &SqliteRow) -> Result<Map<String, Value>, sqlx::Error> {
    let value = |index| -> Result<Value, sqlx::Error> {
        let raw = row.try_get_raw(index)?;
        Ok(match raw.type_info().name() {
            _ if raw.is_null() => Value::Null,
            "TEXT" => row.try_get::<String, _>(index)?.into(),
            "BLOB" => json!({ "hex": hex::encode(row.try_get::<Vec<u8>, _>(index)?) }),
            _ => row.try_get_unchecked::<i64, _>(index)?.into(),
        })
    };
    row.columns().iter().enumerate().map(|(index, column)| Ok((column.name().to_owned(), value(index)?))).collect()
}
