//! When the browser of each session was last heard of, so that a session ends that nobody uses. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::column,
    value::{Column, Kind},
};
use domain::{Timestamp, TokenId};

queries! {
    ;
    LAST = "SELECT used_at FROM session_uses WHERE token_id = $1";
    NOTE = "INSERT INTO session_uses (token_id, used_at) VALUES ($1, $2) ON CONFLICT (token_id) DO UPDATE SET used_at = $2 WHERE session_uses.used_at < $2";
    FORGET = "DELETE FROM session_uses WHERE used_at < $1";
}

impl Reader {
    /// When this session was last used; none for one that no browser used.
    pub async fn session_use(&mut self, session: TokenId) -> Result<Option<Timestamp>, StoreError> {
        let row = self.rows(LAST, &[session.to_value()], &[Kind::Int]).await?.pop();
        row.map(|mut row| column(row.pop(), "session_uses", "used_at")).transpose()
    }
}

impl OutsideWriter {
    /// Notes that this session is used. A later note stays.
    pub async fn note_session_use(&mut self, session: TokenId, at: Timestamp) -> Result<(), StoreError> {
        self.execute(NOTE, &[session.to_value(), at.to_value()]).await.map(|_| ())
    }

    /// Forgets the sessions that were last used before this moment.
    pub async fn forget_session_uses(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.execute(FORGET, &[before.to_value()]).await.map(|_| ())
    }
}
