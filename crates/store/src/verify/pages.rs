//! Reads a table in pages, each of which begins behind the key of the last row before it.

use crate::{
    Reader, StoreError,
    conn::Sql,
    value::{Column, Kind, Value},
};
use domain::VersionId;
use uuid::Uuid;

/// Rows behind a key, in the order of their keys. A row that cannot be read does not hide the others.
pub struct Page<T> {
    /// The rows; empty behind the last one.
    pub rows: Vec<Result<T, StoreError>>,
    /// The key of the last row, behind which the next page begins.
    pub last: PageStart,
}

/// A place between two rows.
pub struct PageStart(Vec<Value>);

impl PageStart {
    /// Before all statements.
    pub fn no_statement() -> Self {
        Self(vec![Value::Uuid(Uuid::nil()), Value::Text(String::new()), Value::Int(i64::MIN), Value::Uuid(Uuid::nil())])
    }

    /// The version with which the key of a statement or of a round begins.
    pub fn version(&self) -> Option<VersionId> {
        match self.0.first() {
            Some(Value::Uuid(version)) => Some(VersionId::from_uuid(*version)),
            _ => None,
        }
    }

    /// Before all rounds.
    pub fn no_round() -> Self {
        Self(vec![Value::Uuid(Uuid::nil()), Value::Text(String::new()), Value::Int(i64::MIN)])
    }

    /// Before all checkpoints.
    pub fn no_checkpoint() -> Self {
        Self(vec![Value::Int(i64::MIN), Value::Int(i64::MIN)])
    }
}

impl Reader {
    /// A page of what this statement gives: its first columns are the key, and its first parameter is the limit.
    pub(super) async fn page<T>(
        &mut self,
        sql: Sql,
        limit: u32,
        behind: &PageStart,
        kinds: &[Kind],
        read: fn(Vec<Value>) -> Result<T, StoreError>,
    ) -> Result<Page<T>, StoreError> {
        let args = [&[limit.to_value()], behind.0.as_slice()].concat();
        let rows = self.rows(sql, &args, kinds).await?;
        let last = rows.last().map(|row| row[..behind.0.len()].to_vec()).unwrap_or_default();
        Ok(Page { rows: rows.into_iter().map(read).collect(), last: PageStart(last) })
    }
}
