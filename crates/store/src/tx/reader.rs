//! A reader sees one consistent state.

use crate::{
    StoreError,
    conn::{Conn, Sql},
    query::{Query, Rows},
    seal::Guard,
    value::{Column, Kind, Value},
};
use std::sync::Arc;

/// A consistent view: everything read through it belongs to one moment. A row without its seal is an error.
pub struct Reader {
    pub(crate) conn: Conn,
    pub(crate) guard: Arc<Guard>,
}

impl Reader {
    pub(crate) async fn all<R: Rows>(&mut self, query: &'static Query<R>, args: &[Value]) -> Result<Vec<R>, StoreError> {
        let rows = self.conn.rows(query.sql(), args, &R::kinds()).await?;
        rows.into_iter().map(|row| R::read(row, &self.guard)).collect()
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
