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
    WITH_NOTE = "SELECT number, vkey, since, abandoned, seal, (SELECT note FROM checkpoints WHERE log_key = log_keys.number ORDER BY size DESC LIMIT 1) FROM log_keys ORDER BY number";
    ADD = "INSERT INTO log_keys (number, vkey, since, abandoned, seal) VALUES ($1, $2, $3, $4, $5)";
}

const COLUMNS: [Kind; 5] = [Kind::Int, Kind::Text, Kind::Int, Kind::Text, Kind::Bytes];

/// A row of the keys as it is stored, for the verification.
pub(crate) struct StoredLogKey {
    pub number: i64,
    /// The key, and whether it bears the seal of the server as far as the verifier has the key of the seals.
    pub read: Result<(LogKeyRow, bool), StoreError>,
}

impl LogKeyRow {
    fn read(row: Vec<Value>) -> Result<(Self, Vec<u8>), StoreError> {
        let mut row = row.into_iter();
        let key = Self {
            number: column(row.next(), "log_keys", "number")?,
            vkey: column(row.next(), "log_keys", "vkey")?,
            since: column(row.next(), "log_keys", "since")?,
            abandoned: column(row.next(), "log_keys", "abandoned")?,
        };
        Ok((key, column(row.next(), "log_keys", "seal")?))
    }

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
        self.rows(ALL, &[], &COLUMNS).await?.into_iter().map(|row| self.sealed_log_key(row)).collect()
    }

    /// Every key of the log, the first one first, and the largest checkpoint that the last of them signed: in one statement, since a signer
    /// asks for both while it holds the log.
    ///
    /// # Errors
    /// As [`Self::log_keys`].
    pub async fn log_keys_with_note(&mut self) -> Result<(Vec<LogKeyRow>, Option<String>), StoreError> {
        let (mut keys, mut newest) = (Vec::new(), None);
        for mut row in self.rows(WITH_NOTE, &[], &[&COLUMNS[..], &[Kind::Text]].concat()).await? {
            newest = column(row.pop(), "checkpoints", "note")?;
            keys.push(self.sealed_log_key(row)?);
        }
        Ok((keys, newest))
    }

    fn sealed_log_key(&self, row: Vec<Value>) -> Result<LogKeyRow, StoreError> {
        let (key, seal) = LogKeyRow::read(row)?;
        match self.guard.key()?.is_of_values("log_keys", &key.values(), &seal) {
            true => Ok(key),
            false => Err(StoreError::Altered(format!("log_keys/{}", key.number))),
        }
    }

    /// Every row of the keys, also those that the server would refuse.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn stored_log_keys(&mut self) -> Result<Vec<StoredLogKey>, StoreError> {
        let rows = self.rows(ALL, &[], &COLUMNS).await?;
        let guard = &self.guard;
        let read = |row: Vec<Value>| {
            let number = column(row.first().cloned(), "log_keys", "number")?;
            let read = LogKeyRow::read(row).and_then(|(key, seal)| {
                let sealed = guard.checking()?.is_none_or(|secret| secret.is_of_values("log_keys", &key.values(), &seal));
                Ok((key, sealed))
            });
            Ok(StoredLogKey { number, read })
        };
        rows.into_iter().map(read).collect()
    }

    /// The verifier keys that the database names, whoever wrote them: for a verification, which looks at the rows too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn named_log_keys(&mut self) -> Result<Vec<String>, StoreError> {
        let rows = self.stored_log_keys().await?;
        Ok(rows.into_iter().filter_map(|row| Some(row.read.ok()?.0.vkey)).collect())
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
