//! Idempotency keys: the answer to a request, so that a repeated request gets the first answer. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::column,
    value::{Column, Kind},
};
use domain::{Digest, Timestamp, UserId};

/// What is known of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// The hash of the request that used it first.
    pub request_hash: Digest,
    /// The HTTP status and body of the answer; none when the answer was lost after the change was committed.
    pub answer: Option<(u16, Vec<u8>)>,
}

queries! {
    ;
    FIND = "SELECT request_hash, status, response FROM idempotency_keys WHERE user_id = $1 AND key = $2";
    ANSWER = "UPDATE idempotency_keys SET status = $3, response = $4 WHERE user_id = $1 AND key = $2";
    FORGET = "DELETE FROM idempotency_keys WHERE created_at < $1";
}

impl Reader {
    /// What was answered to the request with this key.
    pub async fn stored_response(&mut self, user: UserId, key: &str) -> Result<Option<StoredResponse>, StoreError> {
        let args = [user.to_value(), key.to_owned().to_value()];
        let Some(row) = self.rows(FIND, &args, &[Kind::Bytes, Kind::Int, Kind::Bytes]).await?.pop() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        let request_hash = column(row.next(), "idempotency_keys", "request_hash")?;
        let status: Option<u16> = column(row.next(), "idempotency_keys", "status")?;
        let body: Option<Vec<u8>> = column(row.next(), "idempotency_keys", "response")?;
        let answer = status.zip(body);
        Ok(Some(StoredResponse { request_hash, answer }))
    }
}

impl OutsideWriter {
    /// Keeps the answer to the request with this key.
    pub async fn keep_response(&mut self, user: UserId, key: &str, status: u16, body: &[u8]) -> Result<(), StoreError> {
        let args = [user.to_value(), key.to_owned().to_value(), status.to_value(), body.to_vec().to_value()];
        self.execute(ANSWER, &args).await.map(|_| ())
    }

    /// Forgets keys that were used before this moment.
    pub async fn forget_responses(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.execute(FORGET, &[before.to_value()]).await.map(|_| ())
    }
}
