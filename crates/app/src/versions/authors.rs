//! The authors of a version as it is shown: whom the server takes each named author for. An author who is nobody's account bars
//! nobody, so whoever registers the version should see that.

use crate::{Error, base::governed_version::GovernedVersion, views::AuthorView};
use domain::{Name, authors::meanings, people::Directory};
use std::collections::BTreeSet;
use store::Reader;

/// Each author whom the fields name or ever named, with the accounts of that name.
pub(super) async fn named(reader: &mut Reader, found: &GovernedVersion) -> Result<Vec<AuthorView>, Error> {
    let mut named = found.version.fields.0.named_authors();
    named.extend(found.signoffs().flat_map(|signoff| signoff.former_authors.iter().cloned()));
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<_> = named.into_iter().map(|written| (meanings(&written), written)).collect();
    let all: BTreeSet<_> = named.iter().flat_map(|(meanings, _)| meanings.iter().map(String::as_str)).collect();
    let accounts: Vec<_> = reader.users_named(all).await?.into_iter().map(|user| (user.names(), user.name)).collect();
    let view = |(meanings, written): (BTreeSet<String>, String)| {
        let meant = accounts.iter().filter(|(names, _)| !names.is_disjoint(&meanings));
        AuthorView { written, accounts: meant.map(|(_, name)| name.clone()).collect() }
    };
    Ok(named.into_iter().map(view).collect())
}

/// The accounts that changed the fields.
pub(super) fn editors(found: &GovernedVersion, directory: &Directory) -> Vec<Name> {
    let editors: BTreeSet<_> = found.signoffs().flat_map(|signoff| signoff.editors.iter().copied()).collect();
    editors.into_iter().filter_map(|editor| Some(directory.person(editor)?.name.clone())).collect()
}
