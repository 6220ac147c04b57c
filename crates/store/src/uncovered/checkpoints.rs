//! Every checkpoint that was signed, by key and size. Not part of the record: each bears its own signature.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::column,
    value::{Column, Kind},
};
use domain::Timestamp;

queries! {
    ;
    NEWEST = "SELECT note FROM checkpoints WHERE log_key = $1 ORDER BY size DESC LIMIT 1";
    ALL = "SELECT log_key, note FROM checkpoints WHERE (log_key, size) > ($1, $2) ORDER BY log_key, size LIMIT $3";
    ADD = "INSERT INTO checkpoints (log_key, size, note, signed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (log_key, size) DO UPDATE SET note = excluded.note";
}

impl Reader {
    /// The largest checkpoint that this key of the log signed, as a note.
    pub async fn newest_checkpoint(&mut self, log_key: u64) -> Result<Option<String>, StoreError> {
        let row = self.rows(NEWEST, &[log_key.to_value()], &[Kind::Text]).await?.pop();
        row.map(|mut row| column(row.pop(), "checkpoints", "note")).transpose()
    }

    /// Checkpoints behind the one of this key and size, in their order: each with the number of its key.
    pub async fn checkpoints(&mut self, after: (u64, u64), limit: u32) -> Result<Vec<(u64, String)>, StoreError> {
        let args = [after.0.to_value(), after.1.to_value(), limit.to_value()];
        let read = |row: Vec<crate::value::Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "checkpoints", "log_key")?, column(row.next(), "checkpoints", "note")?))
        };
        self.rows(ALL, &args, &[Kind::Int, Kind::Text]).await?.into_iter().map(read).collect()
    }
}

impl OutsideWriter {
    /// Keeps a signed checkpoint, in place of one of this key and size, which bears fewer signatures.
    pub async fn keep_checkpoint(&mut self, log_key: u64, size: u64, note: &str, signed_at: Timestamp) -> Result<(), StoreError> {
        let args = [log_key.to_value(), size.to_value(), note.to_owned().to_value(), signed_at.to_value()];
        self.execute(ADD, &args).await.map(|_| ())
    }
}
