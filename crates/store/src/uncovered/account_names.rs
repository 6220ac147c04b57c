//! The names by which a version may call an account: every name and mail address that the account has or ever had, folded. The
//! accounts themselves say what their names are; this table only finds them, so that a registration can say whom it names.

use crate::{
    conn::Sql,
    query::queries,
    record::Written,
    value::{Column, Value},
};
use domain::UserId;

queries! {
    ;
    FORGET = "DELETE FROM account_names WHERE user_id = $1";
    ADD = "INSERT INTO account_names (user_id, folded) VALUES ($1, $2)";
}

/// Keeps the names by which the account is found.
pub(crate) fn index(user: UserId, names: impl IntoIterator<Item = String>, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let forget = (written == Written::Updated).then(|| (FORGET, vec![user.to_value()]));
    let add = names.into_iter().map(|name| (ADD, vec![user.to_value(), name.to_value()]));
    forget.into_iter().chain(add).collect()
}
