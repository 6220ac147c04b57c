//! The id of the server's signing key: written once, so that a start with another key is noticed. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::column,
    value::{Column, Kind},
};
use domain::Timestamp;

queries! {
    ;
    FIND = "SELECT key_id FROM server_key WHERE id = 1";
    KEEP = "INSERT INTO server_key (id, key_id, since) VALUES (1, $1, $2)";
}

impl Reader {
    /// The id of the key that this database is signed for with; none before the first start.
    pub async fn server_key(&mut self) -> Result<Option<String>, StoreError> {
        let row = self.rows(FIND, &[], &[Kind::Text]).await?.pop();
        row.map(|mut row| column(row.pop(), "server_key", "key_id")).transpose()
    }
}

impl OutsideWriter {
    /// Notes the id of the key, once and for all.
    pub async fn keep_server_key(&mut self, key_id: &str, since: Timestamp) -> Result<(), StoreError> {
        self.execute(KEEP, &[key_id.to_owned().to_value(), since.to_value()]).await.map(|_| ())
    }
}
