//! A reader sees one consistent state.

use crate::{
    StoreError,
    conn::{Conn, Sql},
    guard::{Guard, Seen, Stale},
    log_head::LogHead,
    query::{Query, Rows},
    value::{Column, Kind, Value},
};
use domain::VersionId;
use std::{collections::HashMap, sync::Arc};

/// A consistent view: everything read through it belongs to one moment. A row without its seal is an error.
pub struct Reader {
    pub(crate) conn: Conn,
    pub(crate) guard: Arc<Guard>,
    /// How large the log was at least when this view began.
    pub(crate) floor: u64,
    /// The seals of the rows that were read, for a writer that may change them.
    pub(crate) seals: Option<HashMap<String, Vec<u8>>>,
    /// The head of the log, where a writer holds it.
    pub(crate) held_head: Option<LogHead>,
    /// The positions of the last events about versions that were read: a writer that holds the log names them in its own events.
    pub(crate) last_positions: HashMap<VersionId, Option<u64>>,
}

impl Reader {
    /// A view on this connection, of a log that was at least so large when the view began.
    pub(crate) fn on(conn: Conn, guard: Arc<Guard>, floor: u64) -> Self {
        Self { conn, guard, floor, seals: None, held_head: None, last_positions: HashMap::new() }
    }
}

impl Reader {
    pub(crate) async fn all<R: Rows>(&mut self, query: &'static Query<R>, args: &[Value]) -> Result<Vec<R>, StoreError> {
        let rows = self.conn.rows(query.sql(), args, &R::kinds()).await?;
        self.read_rows(rows).await
    }

    /// Reads rows with their seals.
    pub(crate) async fn read_rows<R: Rows>(&mut self, rows: Vec<Vec<Value>>) -> Result<Vec<R>, StoreError> {
        let mut seen = Seen { stale: None, seals: self.seals.take() };
        let read = rows.into_iter().map(|row| R::read(row, &self.guard, &mut seen)).collect::<Result<_, _>>();
        self.seals = seen.seals;
        match seen.stale {
            Some(stale) => self.refuse(stale).await.and(read),
            None => read,
        }
    }

    /// Refuses an older state of a row, unless this view is from before the later one.
    pub(crate) async fn refuse(&mut self, Stale { row, recorded }: Stale) -> Result<(), StoreError> {
        match self.log_size().await? {
            size if size < self.floor => Err(StoreError::WentBack { size, known: self.floor }),
            size if size > recorded => Err(StoreError::PutBack(row)),
            _ => Ok(()),
        }
    }

    pub(crate) async fn first<R: Rows>(&mut self, query: &'static Query<R>, args: &[Value]) -> Result<Option<R>, StoreError> {
        Ok(self.all(query, args).await?.into_iter().next())
    }

    pub(crate) async fn rows(&mut self, sql: Sql, args: &[Value], kinds: &[Kind]) -> Result<Vec<Vec<Value>>, StoreError> {
        self.conn.rows(sql, args, kinds).await
    }

    /// The one number of a query that counts.
    pub(crate) async fn number<T: Column>(&mut self, sql: Sql, args: &[Value]) -> Result<T, StoreError> {
        let number = self.rows(sql, args, &[Kind::Int]).await?.into_iter().next().and_then(|row| row.into_iter().next());
        let number = number.unwrap_or(Value::Null(Kind::Int));
        T::from_value(number).map_err(|reason| StoreError::NotANumber(sql.sqlite, reason))
    }
}
