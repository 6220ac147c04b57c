//! Which messages people want. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::column,
    value::{Column, Kind},
};
use domain::{UserId, notice::Wanted};

queries! {
    ;
    WANTED = "SELECT wanted FROM wanted_messages WHERE user_id = $1";
    SET = "INSERT INTO wanted_messages (user_id, wanted) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET wanted = excluded.wanted";
}

impl Reader {
    /// Which messages an account wants.
    pub async fn wanted_messages(&mut self, user: UserId) -> Result<Wanted, StoreError> {
        let row = self.rows(WANTED, &[user.to_value()], &[Kind::Text]).await?.pop();
        row.map_or(Ok(Wanted::default()), |mut row| column(row.pop(), "wanted_messages", "wanted"))
    }
}

impl OutsideWriter {
    /// Keeps which messages an account wants.
    pub async fn set_wanted_messages(&mut self, user: UserId, wanted: Wanted) -> Result<(), StoreError> {
        self.execute(SET, &[user.to_value(), wanted.to_value()]).await.map(|_| ())
    }
}
