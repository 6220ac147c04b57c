//! Mail addresses as they are compared: folded, without regard to upper and lower case in every script.
//! No two accounts have one address.

use crate::{
    StoreError,
    conn::Sql,
    query::queries,
    record::{Exclusion, Written},
    value::{Column, Value},
};
use domain::{UserId, folding::fold};

queries! {
    ;
    HELD_BY_OTHERS = "SELECT COUNT(*) FROM mail_addresses WHERE folded = $1 AND user_id <> $2";
    FORGET = "DELETE FROM mail_addresses WHERE user_id = $1";
    ADD = "INSERT INTO mail_addresses (user_id, folded) VALUES ($1, $2)";
}

/// Keeps the address by which the account is found.
pub(crate) fn index(user: UserId, address: Option<&str>, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let forget = (written == Written::Updated).then(|| (FORGET, vec![user.to_value()]));
    let add = address.map(|address| (ADD, vec![user.to_value(), fold(address).to_value()]));
    forget.into_iter().chain(add).collect()
}

/// Other accounts with the address.
pub(crate) fn exclusion(user: UserId, address: &str) -> Exclusion {
    Exclusion { sql: HELD_BY_OTHERS, args: vec![fold(address).to_value(), user.to_value()], error: StoreError::AddressTaken }
}
