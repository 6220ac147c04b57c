//! The names by which a version may call an account: every name and mail address that the account has or ever had, folded. The
//! accounts themselves say what their names are; this table only finds them, so that a registration can say whom it names.

use crate::{
    Reader, StoreError, User,
    conn::Sql,
    query::{listed_texts, queries},
    record::Written,
    value::{Column, Value},
};

queries! {
    NAMED: User = "WHERE id IN (SELECT user_id FROM account_names WHERE folded IN (TEXTS)) ORDER BY name";
    ;
    FORGET = "DELETE FROM account_names WHERE user_id = $1";
    ADD = "INSERT INTO account_names (user_id, folded) VALUES ($1, $2)";
}

/// Keeps the names by which the account is found.
pub(super) fn index(user: &User, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let forget = (written == Written::Updated).then(|| (FORGET, vec![user.id.to_value()]));
    let add = user.names().into_iter().map(|name| (ADD, vec![user.id.to_value(), name.to_value()]));
    forget.into_iter().chain(add).collect()
}

impl Reader {
    /// The accounts that have, or ever had, one of these folded names or mail addresses.
    pub async fn users_named<'a>(&mut self, folded: impl IntoIterator<Item = &'a str>) -> Result<Vec<User>, StoreError> {
        self.all(&NAMED, &[listed_texts(folded)]).await
    }
}
