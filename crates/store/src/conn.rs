//! A connection to either database, in a transaction or for single queries. Only this file tells the databases apart while running
//! statements.

use crate::{
    StoreError,
    value::{Kind, Value},
};
use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Postgres, Row, Sqlite, SqliteConnection, Transaction, postgres::PgRow,
    sqlite::SqliteRow,
};
use uuid::Uuid;

/// An open transaction.
pub(crate) enum Open {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// An open transaction, and whether one of its statements failed: PostgreSQL keeps nothing of it then, although it answers
/// the commit, and SQLite would keep the rest. So neither is asked.
pub(crate) struct Conn {
    transaction: Open,
    failed: bool,
}

/// A connection outside of any transaction: each query sees a moment of its own.
pub(crate) enum Single {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// One text for both databases, or one for each where they differ.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl Sql {
    pub const fn both(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
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
                Value::Null(Kind::Uuid) => query.bind(None::<Uuid>),
                Value::Null(Kind::Text) => query.bind(None::<&str>),
                Value::Null(Kind::Int) => query.bind(None::<i64>),
                Value::Null(Kind::Bytes) => query.bind(None::<&[u8]>),
                Value::Null(Kind::Bool) => query.bind(None::<bool>),
                // Refused before.
                Value::TooLarge(_) => query.bind(None::<i64>),
            };
        }
        query
    }};
}

/// A value of SQLite's, which keeps whatever it is given. One that is not of its kind comes as it is: no type takes it, and
/// its row is still shown, named and found by `verify`.
fn sqlite_value(row: &SqliteRow, index: usize, kind: Kind) -> Result<Value, sqlx::Error> {
    let value = match kind {
        Kind::Uuid => row.try_get::<Option<Uuid>, _>(index).map(|value| value.map(Value::Uuid)),
        Kind::Text => row.try_get::<Option<String>, _>(index).map(|value| value.map(Value::Text)),
        Kind::Int => row.try_get::<Option<i64>, _>(index).map(|value| value.map(Value::Int)),
        Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(index).map(|value| value.map(Value::Bytes)),
        Kind::Bool => row.try_get::<Option<i64>, _>(index).map(|value| {
            value.map(|int| match int {
                0 | 1 => Value::Bool(int == 1),
                other => Value::Int(other),
            })
        }),
    };
    let value = match value {
        Err(_) => row.try_get::<Option<Vec<u8>>, _>(index)?.map(Value::Bytes),
        Ok(value) => value,
    };
    Ok(value.unwrap_or(Value::Null(kind)))
}

/// A value of PostgreSQL's, which lets nothing else into a column.
fn postgres_value(row: &PgRow, index: usize, kind: Kind) -> Result<Value, sqlx::Error> {
    let value = match kind {
        Kind::Uuid => row.try_get::<Option<Uuid>, _>(index)?.map(Value::Uuid),
        Kind::Text => row.try_get::<Option<String>, _>(index)?.map(Value::Text),
        Kind::Int => row.try_get::<Option<i64>, _>(index)?.map(Value::Int),
        Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(index)?.map(Value::Bytes),
        Kind::Bool => row.try_get::<Option<bool>, _>(index)?.map(Value::Bool),
    };
    Ok(value.unwrap_or(Value::Null(kind)))
}

/// Every value of a row, each of the kind that was asked for.
fn values<R>(
    row: &R,
    kinds: &[Kind],
    value: impl Fn(&R, usize, Kind) -> Result<Value, sqlx::Error>,
) -> Result<Vec<Value>, sqlx::Error> {
    kinds.iter().enumerate().map(|(index, kind)| value(row, index, *kind)).collect()
}

type Rows = Result<Vec<Vec<Value>>, sqlx::Error>;

async fn sqlite_rows(connection: &mut SqliteConnection, sql: Sql, args: &[Value], kinds: &[Kind]) -> Rows {
    let rows = bind!(sqlx::query(sql.sqlite), args).fetch_all(connection).await?;
    rows.iter().map(|row| values(row, kinds, sqlite_value)).collect()
}

async fn postgres_rows(connection: &mut PgConnection, sql: Sql, args: &[Value], kinds: &[Kind]) -> Rows {
    let rows = bind!(sqlx::query(sql.postgres), args).fetch_all(connection).await?;
    rows.iter().map(|row| values(row, kinds, postgres_value)).collect()
}

/// What a text for [`Single::rows`] gives.
#[derive(Clone, Copy)]
pub(crate) enum Expected<'a> {
    /// The rows of one query.
    One(&'a [Kind]),
    /// The rows of two queries that were put [`together`].
    Both(&'a [Kind], &'a [Kind]),
}

/// The rows of the first query and of the second one; none where there is no second one.
pub(crate) type RowsOfBoth = (Vec<Vec<Value>>, Vec<Vec<Value>>);

/// Two queries of one moment in one text. They share their parameters, and have this many columns, not the same number.
/// SQLite carries out one statement after the other; PostgreSQL takes one, so each of its rows has the columns of both queries.
pub(crate) fn together((first, width): (Sql, usize), (second, second_width): (Sql, usize)) -> Sql {
    let names = |letter, width| (0..width).map(|place| format!("{letter}{place}")).collect::<Vec<_>>().join(", ");
    let nulls = |width| vec!["NULL"; width].join(", ");
    let (a, b) = (names("a", width), names("b", second_width));
    let postgres = format!(
        "WITH first ({a}) AS ({}), second ({b}) AS ({}) SELECT TRUE, {a}, {} FROM first UNION ALL SELECT FALSE, {}, {b} FROM second",
        first.postgres,
        second.postgres,
        nulls(second_width),
        nulls(width),
    );
    let sqlite = format!("BEGIN; {}; {}; COMMIT", first.sqlite, second.sqlite);
    Sql { sqlite: sqlite.leak(), postgres: postgres.leak() }
}

impl Single {
    /// Runs a text; gives the rows of its query, or of both queries, each value of the kind that was asked for. Rows of two queries come from
    /// PostgreSQL in no order.
    pub async fn rows(&mut self, sql: Sql, args: &[Value], expected: Expected<'_>) -> Result<RowsOfBoth, sqlx::Error> {
        match (self, expected) {
            (Self::Sqlite(connection), Expected::One(kinds)) => {
                Ok((sqlite_rows(connection, sql, args, kinds).await?, Vec::new()))
            }
            (Self::Postgres(connection), Expected::One(kinds)) => {
                Ok((postgres_rows(connection, sql, args, kinds).await?, Vec::new()))
            }
            (Self::Sqlite(connection), Expected::Both(first, second)) => {
                let rows = bind!(sqlx::query(sql.sqlite), args).fetch_all(connection).await?;
                let (mut of_first, mut of_second) = (Vec::new(), Vec::new());
                for row in &rows {
                    match row.len() == first.len() {
                        true => of_first.push(values(row, first, sqlite_value)?),
                        false => of_second.push(values(row, second, sqlite_value)?),
                    }
                }
                Ok((of_first, of_second))
            }
            (Self::Postgres(connection), Expected::Both(first, second)) => {
                let (mut of_first, mut of_second) = (Vec::new(), Vec::new());
                for row in bind!(sqlx::query(sql.postgres), args).fetch_all(connection).await? {
                    let from = |place: usize| move |row: &PgRow, index, kind| postgres_value(row, place + index, kind);
                    match row.try_get(0)? {
                        true => of_first.push(values(&row, first, from(1))?),
                        false => of_second.push(values(&row, second, from(1 + first.len()))?),
                    }
                }
                Ok((of_first, of_second))
            }
        }
    }

    /// Ends the connection. Whether the goodbye arrives makes no difference to either side.
    pub async fn close(self) {
        let _ = match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        };
    }
}

impl Conn {
    pub fn new(transaction: Open) -> Self {
        Self { transaction, failed: false }
    }

    /// Runs a statement; gives the number of rows that it touched.
    pub async fn execute(&mut self, sql: Sql, args: &[Value]) -> Result<u64, StoreError> {
        self.check(args)?;
        let done = match &mut self.transaction {
            Open::Sqlite(tx) => bind!(sqlx::query(sql.sqlite), args).execute(&mut **tx).await.map(|done| done.rows_affected()),
            Open::Postgres(tx) => {
                bind!(sqlx::query(sql.postgres), args).execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        };
        self.written(done)
    }

    /// Runs a statement whose text was put together from constants of this crate, never from input.
    pub async fn execute_built(&mut self, text: String, args: &[Value]) -> Result<u64, StoreError> {
        self.check(args)?;
        let done = match &mut self.transaction {
            Open::Sqlite(tx) => {
                bind!(sqlx::query(AssertSqlSafe(text)), args).execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            Open::Postgres(tx) => {
                bind!(sqlx::query(AssertSqlSafe(text)), args).execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        };
        self.written(done)
    }

    /// A number that no column holds must not become another one on the way.
    fn check(&mut self, args: &[Value]) -> Result<(), StoreError> {
        match args.iter().find_map(|value| if let Value::TooLarge(number) = value { Some(*number) } else { None }) {
            None => Ok(()),
            Some(number) => {
                self.failed = true;
                Err(StoreError::TooLarge(number))
            }
        }
    }

    fn written(&mut self, done: Result<u64, sqlx::Error>) -> Result<u64, StoreError> {
        self.failed |= done.is_err();
        done.map_err(StoreError::from_write)
    }

    /// Runs a query; gives its rows, each value of the kind that was asked for.
    pub async fn rows(&mut self, sql: Sql, args: &[Value], kinds: &[Kind]) -> Result<Vec<Vec<Value>>, StoreError> {
        self.check(args)?;
        let rows = match &mut self.transaction {
            Open::Sqlite(tx) => sqlite_rows(tx, sql, args, kinds).await,
            Open::Postgres(tx) => postgres_rows(tx, sql, args, kinds).await,
        };
        self.failed |= rows.is_err();
        Ok(rows?)
    }

    /// Runs a query whose text was put together from constants of this crate and names of the schema; hands each row on as it comes, until
    /// `take` has had enough.
    pub async fn each_row(
        &mut self,
        text: String,
        kinds: &[Kind],
        mut take: impl FnMut(Vec<Value>) -> bool,
    ) -> Result<(), StoreError> {
        let text = AssertSqlSafe(text);
        match &mut self.transaction {
            Open::Sqlite(tx) => {
                let mut rows = sqlx::query(text).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    if !take(values(&row, kinds, sqlite_value)?) {
                        break;
                    }
                }
            }
            Open::Postgres(tx) => {
                let mut rows = sqlx::query(text).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    if !take(values(&row, kinds, postgres_value)?) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Failed);
        }
        match self.transaction {
            Open::Sqlite(tx) => tx.commit().await?,
            Open::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
