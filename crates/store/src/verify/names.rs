//! Compares the folded names and mail addresses of each account with the account itself. A name that somebody deleted hides from people
//! whom an author is taken for; a mail address that somebody deleted lets two accounts have one address.

use super::check::Check;
use crate::{
    Reader, StoreError,
    query::queries,
    record::column,
    rows::folded_names,
    value::{Column, Json, Kind, Value},
};
use domain::folding::fold;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

queries! {
    ;
    ACCOUNTS = "SELECT id, name, display_name, email, former_names FROM users WHERE id > $2 ORDER BY id LIMIT $1";
    NAMES = "SELECT user_id, folded FROM account_names WHERE user_id >= $1 AND user_id <= $2";
    ADDRESSES = "SELECT user_id, folded FROM mail_addresses WHERE user_id >= $1 AND user_id <= $2";
}

const ACCOUNT: [Kind; 5] = [Kind::Uuid, Kind::Text, Kind::Text, Kind::Text, Kind::Text];
const PAGE: u32 = 1_000;

/// What an account has to be found by.
struct Expected {
    names: BTreeSet<String>,
    address: BTreeSet<String>,
}

impl Expected {
    fn read(row: Vec<Value>) -> Result<Self, StoreError> {
        let mut row = row.into_iter().skip(1);
        let name: String = column(row.next(), "users", "name")?;
        let display_name: String = column(row.next(), "users", "display_name")?;
        let email: Option<String> = column(row.next(), "users", "email")?;
        let former: Json<BTreeSet<String>> = column(row.next(), "users", "former_names")?;
        let address = email.as_deref().map(fold).into_iter().collect();
        Ok(Self { names: folded_names(&name, &display_name, email.as_deref(), &former.0), address })
    }
}

pub(super) async fn check(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let mut after = Value::Uuid(Uuid::nil());
    loop {
        let page = reader.rows(ACCOUNTS, &[PAGE.to_value(), after], &ACCOUNT).await?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(()) };
        let ends = [first[0].clone(), last[0].clone()];
        after = last[0].clone();
        let mut names = folded(reader.rows(NAMES, &ends, &[Kind::Uuid, Kind::Text]).await?);
        let mut addresses = folded(reader.rows(ADDRESSES, &ends, &[Kind::Uuid, Kind::Text]).await?);
        for row in page {
            let Some(Value::Uuid(user)) = row.first().cloned() else { continue };
            // The check passes over an account that cannot be read: it has found the changed row already.
            let Ok(expected) = Expected::read(row) else { continue };
            if names.remove(&user).unwrap_or_default() != expected.names {
                check.found(
                    format!("account_names/{user}"),
                    "the names by which the account is found are not those of the account",
                );
            }
            if addresses.remove(&user).unwrap_or_default() != expected.address {
                check.found(format!("mail_addresses/{user}"), "the address by which the account is found is not the account's");
            }
        }
    }
}

fn folded(rows: Vec<Vec<Value>>) -> HashMap<Uuid, BTreeSet<String>> {
    let mut all: HashMap<_, BTreeSet<_>> = HashMap::new();
    for row in rows {
        if let [Value::Uuid(user), Value::Text(folded)] = row.as_slice() {
            all.entry(*user).or_default().insert(folded.clone());
        }
    }
    all
}
