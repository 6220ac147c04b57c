//! One connection in a transaction, to either database. The only place where the two are told apart while running statements.

use crate::{
    StoreError,
    value::{Kind, Value},
};
use sqlx::{AssertSqlSafe, Postgres, Row, Sqlite, Transaction, postgres::PgRow, sqlite::SqliteRow};

/// An open transaction.
pub(crate) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// One text for both databases, or one for each where they differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl Sql {
    pub const fn both(text: &'static str) -> Self {
        Self {
            sqlite: text,
            postgres: text,
        }
    }
}

macro_rules! bind {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for value in $args {
            query = match value {
                Value::Uuid(uuid) => query.bind(*uuid),
                Value::Text(text) => query.bind(text.as_str()),
                Value::Int(int) => query.bind(*int),
                Value::Bytes(bytes) => query.bind(bytes.as_slice()),
                Value::Bool(bool) => query.bind(*bool),
                Value::Null(Kind::Uuid) => query.bind(None::<uuid::Uuid>),
                Value::Null(Kind::Text) => query.bind(None::<&str>),
                Value::Null(Kind::Int) => query.bind(None::<i64>),
                Value::Null(Kind::Bytes) => query.bind(None::<&[u8]>),
                Value::Null(Kind::Bool) => query.bind(None::<bool>),
            };
        }
        query
    }};
}

macro_rules! decode {
    ($row:expr, $kinds:expr) => {
        $kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| {
                Ok(match kind {
                    Kind::Uuid => $row.try_get::<Option<uuid::Uuid>, _>(index)?.map(Value::Uuid),
                    Kind::Text => $row.try_get::<Option<String>, _>(index)?.map(Value::Text),
                    Kind::Int => $row.try_get::<Option<i64>, _>(index)?.map(Value::Int),
                    Kind::Bytes => $row.try_get::<Option<Vec<u8>>, _>(index)?.map(Value::Bytes),
                    Kind::Bool => $row.try_get::<Option<bool>, _>(index)?.map(Value::Bool),
                }
                .unwrap_or(Value::Null(*kind)))
            })
            .collect::<Result<Vec<Value>, sqlx::Error>>()
    };
}

impl Conn {
    /// Runs a statement; gives the number of rows that it touched.
    pub async fn execute(&mut self, sql: Sql, args: &[Value]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(tx) => bind!(sqlx::query(sql.sqlite), args)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            Self::Postgres(tx) => bind!(sqlx::query(sql.postgres), args)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(StoreError::from_write)
    }

    /// Runs a query; gives its rows, each value of the kind that was asked for.
    pub async fn rows(&mut self, sql: Sql, args: &[Value], kinds: &[Kind]) -> Result<Vec<Vec<Value>>, StoreError> {
        let rows: Result<Vec<_>, _> = match self {
            Self::Sqlite(tx) => {
                let rows: Vec<SqliteRow> = bind!(sqlx::query(sql.sqlite), args).fetch_all(&mut **tx).await?;
                rows.iter().map(|row| decode!(row, kinds)).collect()
            }
            Self::Postgres(tx) => {
                let rows: Vec<PgRow> = bind!(sqlx::query(sql.postgres), args).fetch_all(&mut **tx).await?;
                rows.iter().map(|row| decode!(row, kinds)).collect()
            }
        };
        Ok(rows?)
    }

    /// Runs a statement whose text was put together from constants of this crate, never from input.
    pub async fn execute_built(&mut self, text: String, args: &[Value]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(tx) => bind!(sqlx::query(AssertSqlSafe(text)), args)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            Self::Postgres(tx) => bind!(sqlx::query(AssertSqlSafe(text)), args)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(StoreError::from_write)
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
