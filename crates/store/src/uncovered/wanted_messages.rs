//! Which messages people want. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::{listed, queries},
    record::table,
    value::Column,
};
use domain::{UserId, notice::Wanted};
use std::collections::HashMap;

table! {
    /// Which messages an account wants.
    WantedMessages in "wanted_messages" [1] (unsealed) {
        /// The account.
        user_id: UserId,
        /// Which.
        wanted: Wanted,
    }
}

queries! {
    AMONG: WantedMessages = "WHERE user_id IN (LISTED)";
    ;
    SET = "INSERT INTO wanted_messages (user_id, wanted) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET wanted = excluded.wanted";
}

impl Reader {
    /// Which messages an account wants.
    pub async fn wanted_messages(&mut self, user: UserId) -> Result<Wanted, StoreError> {
        Ok(self.wanted_messages_of([user]).await?.remove(&user).unwrap_or_default())
    }

    /// Which messages these accounts want. Who chose nothing is left out, and wants all.
    pub async fn wanted_messages_of(
        &mut self,
        users: impl IntoIterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Wanted>, StoreError> {
        let rows = self.all(&AMONG, &[listed(users.into_iter().map(|user| user.uuid()))]).await?;
        Ok(rows.into_iter().map(|row| (row.user_id, row.wanted)).collect())
    }
}

impl OutsideWriter {
    /// Keeps which messages an account wants.
    pub async fn set_wanted_messages(&mut self, user: UserId, wanted: Wanted) -> Result<(), StoreError> {
        self.execute(SET, &[user.to_value(), wanted.to_value()]).await.map(|_| ())
    }
}
