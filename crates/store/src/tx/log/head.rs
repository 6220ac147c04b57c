//! The head of the log: one row, which a writer holds.

use crate::{
    StoreError, conn::Sql, guard::Guard, log_head::LogHead, query::queries, record::column, seal::SealKey, tx::Reader,
    value::Kind,
};
use domain::Timestamp;
use proof::merkle::Frontier;

queries! {
    ;
    HEAD = "SELECT size, frontier, last_event_at, seal FROM log_head WHERE id = 1";
}

/// The statement that a writer begins with.
pub(crate) const LOCK_HEAD: Sql =
    Sql { sqlite: HEAD.sqlite, postgres: "SELECT size, frontier, last_event_at, seal FROM log_head WHERE id = 1 FOR UPDATE" };

/// The head as the database states it, and the seal beside it.
pub(crate) type StatedHead = (u64, Vec<u8>, Option<Timestamp>, Vec<u8>);

pub(crate) async fn lock_head(reader: &mut Reader) -> Result<LogHead, StoreError> {
    read_head(reader, LOCK_HEAD).await
}

/// Takes the head and gives the size that it states.
pub(crate) async fn hold_head(reader: &mut Reader) -> Result<u64, StoreError> {
    Ok(stated_head(reader, LOCK_HEAD).await?.0)
}

async fn read_head(reader: &mut Reader, sql: Sql) -> Result<LogHead, StoreError> {
    let stated = stated_head(reader, sql).await?;
    opened(&reader.guard, stated)
}

async fn stated_head(reader: &mut Reader, sql: Sql) -> Result<StatedHead, StoreError> {
    let row = reader.rows(sql, &[], &[Kind::Int, Kind::Bytes, Kind::Int, Kind::Bytes]).await?.into_iter().next();
    let mut row = row.ok_or_else(|| StoreError::Log("its row is gone".to_owned()))?.into_iter();
    let size = column(row.next(), "log_head", "size")?;
    let frontier = column(row.next(), "log_head", "frontier")?;
    let last_event_at = column(row.next(), "log_head", "last_event_at")?;
    Ok((size, frontier, last_event_at, column(row.next(), "log_head", "seal")?))
}

/// The head, once its seal is found right: nobody but a server of this database set it.
pub(crate) fn opened(guard: &Guard, (size, edge, last_event_at, seal): StatedHead) -> Result<LogHead, StoreError> {
    let frontier = Frontier::from_bytes(size, &edge).map_err(|error| StoreError::Log(error.to_string()))?;
    let head = LogHead { frontier, last_event_at };
    match guard.checking()? {
        Some(key) if !key.is_of_head(&head, &seal) => Err(StoreError::Altered("the head of the log".to_owned())),
        _ => Ok(head),
    }
}

impl Reader {
    /// How many events there are, which also is the version of everything that the record covers: while it stays the same,
    /// so does every answer that rests on covered rows alone.
    pub async fn log_size(&mut self) -> Result<u64, StoreError> {
        Ok(self.log_frontier().await?.size())
    }

    /// Whether the head of the log bears the seal of the server with this key.
    pub async fn is_sealed_with(&mut self, key: &SealKey) -> Result<bool, StoreError> {
        let (size, edge, last_event_at, seal) = stated_head(self, HEAD).await?;
        let frontier = Frontier::from_bytes(size, &edge);
        Ok(frontier.is_ok_and(|frontier| key.is_of_head(&LogHead { frontier, last_event_at }, &seal)))
    }

    /// The head of the log.
    pub async fn log_head(&mut self) -> Result<LogHead, StoreError> {
        match &self.held_head {
            Some(held) => Ok(held.clone()),
            None => read_head(self, HEAD).await,
        }
    }

    /// The right edge of the log's tree.
    pub async fn log_frontier(&mut self) -> Result<Frontier, StoreError> {
        Ok(self.log_head().await?.frontier)
    }
}
