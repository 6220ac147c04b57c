//! Mail addresses as they are compared: without regard to upper and lower case, in every script (Unicode's default case folding).
//! No two accounts get one address. Databases of before may have accounts that share one: they keep it, and nobody else gets it.

use crate::{
    OutsideWriter, Reader, StoreError, User,
    conn::Sql,
    query::queries,
    record::{Exclusion, Written, column},
    value::{Column, Kind, Value},
};
use domain::UserId;

queries! {
    ;
    HELD_BY_OTHERS = "SELECT COUNT(*) FROM mail_addresses AS others WHERE others.folded = $1 AND others.user_id <> $2 AND NOT EXISTS (SELECT 1 FROM mail_addresses AS own WHERE own.folded = $1 AND own.user_id = $2)";
    FORGET = "DELETE FROM mail_addresses WHERE user_id = $1";
    ADD = "INSERT INTO mail_addresses (user_id, folded) VALUES ($1, $2)";
    ADD_MISSING = "INSERT INTO mail_addresses (user_id, folded) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING";
    MISSING = "SELECT id, email FROM users WHERE email IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mail_addresses WHERE user_id = id) ORDER BY id LIMIT 1000";
}

fn folded(address: &str) -> String {
    caseless::default_case_fold_str(address)
}

/// Keeps the address by which the account is found.
pub(crate) fn index(user: &User, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let forget = (written == Written::Updated).then(|| (FORGET, vec![user.id.to_value()]));
    let add = user.email.as_deref().map(|address| (ADD, vec![user.id.to_value(), folded(address).to_value()]));
    forget.into_iter().chain(add).collect()
}

/// Other accounts with the address, unless this one has it already.
pub(crate) fn exclusion(user: &User) -> Option<Exclusion> {
    let args = vec![folded(user.email.as_deref()?).to_value(), user.id.to_value()];
    Some(Exclusion { sql: HELD_BY_OTHERS, args, error: StoreError::AddressTaken })
}

impl Reader {
    /// Accounts whose address is not among those that are compared: they are from before, or somebody took it away.
    pub(crate) async fn accounts_without_folded_address(&mut self) -> Result<Vec<(UserId, String)>, StoreError> {
        let rows = self.rows(MISSING, &[], &[Kind::Uuid, Kind::Text]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "users", "id")?, column(row.next(), "users", "email")?))
        };
        rows.into_iter().map(read).collect()
    }
}

impl OutsideWriter {
    /// Keeps the address by which an account from before is found.
    pub(crate) async fn add_folded_address(&mut self, user: UserId, address: &str) -> Result<(), StoreError> {
        self.execute(ADD_MISSING, &[user.to_value(), folded(address).to_value()]).await.map(|_| ())
    }
}
