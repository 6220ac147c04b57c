//! The keys that checkpoints of the log are signed with, one after the other. Not part of the record: an event tells of each change. Each
//! row bears a seal, so that nobody but the server names a key.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::column,
    value::{Column, Kind, Value},
};

/// A key of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeyRow {
    /// From 1; the largest is the key of today.
    pub number: u64,
    /// The verifier key.
    pub vkey: String,
    /// The size of the log when the key took over.
    pub since: u64,
    /// The last checkpoint of the key before, where the log does not continue it: an operator went on after a restore.
    pub abandoned: Option<String>,
}

queries! {
    ;
    ALL = "SELECT number, vkey, since, abandoned, seal FROM log_keys ORDER BY number";
    ADD = "INSERT INTO log_keys (number, vkey, since, abandoned, seal) VALUES ($1, $2, $3, $4, $5)";
}

const COLUMNS: [Kind; 5] = [Kind::Int, Kind::Text, Kind::Int, Kind::Text, Kind::Bytes];

impl LogKeyRow {
    fn values(&self) -> [Value; 4] {
        [self.number.to_value(), self.vkey.to_value(), self.since.to_value(), self.abandoned.to_value()]
    }
}

impl Reader {
    /// Every key of the log, the first one first.
    ///
    /// # Errors
    /// [`StoreError::Altered`] for a row that the server did not write.
    pub async fn log_keys(&mut self) -> Result<Vec<LogKeyRow>, StoreError> {
        let mut keys = Vec::new();
        for row in self.rows(ALL, &[], &COLUMNS).await? {
            let mut row = row.into_iter();
            let key = LogKeyRow {
                number: column(row.next(), "log_keys", "number")?,
                vkey: column(row.next(), "log_keys", "vkey")?,
                since: column(row.next(), "log_keys", "since")?,
                abandoned: column(row.next(), "log_keys", "abandoned")?,
            };
            let seal: Vec<u8> = column(row.next(), "log_keys", "seal")?;
            if !self.guard.key()?.is_of_values("log_keys", &key.values(), &seal) {
                return Err(StoreError::Altered(format!("log_keys/{}", key.number)));
            }
            keys.push(key);
        }
        Ok(keys)
    }
}

impl OutsideWriter {
    /// Notes the next key of the log.
    pub async fn add_log_key(&mut self, key: &LogKeyRow) -> Result<(), StoreError> {
        let seal = self.guard.key()?.values("log_keys", &key.values());
        let args = [&key.values()[..], &[Value::Bytes(seal)]].concat();
        self.execute(ADD, &args).await.map(|_| ())
    }
}
