//! The names of people in views: as a person was named when they acted, whatever the account is called today.

use crate::views::{ActView, PasswordView};
use domain::{
    Name, UserId,
    invitation::PasswordOrigin,
    people::{Credential, Directory, Signatory},
    signoff::Act,
};

/// Who acted, as a view shows it.
pub(crate) struct NameThen {
    /// The display name.
    pub by: String,
    /// The name of the account.
    pub account: Option<Name>,
    /// What showed who acted.
    pub credential: Option<Credential>,
    /// How the account came by its password.
    pub password: Option<PasswordOrigin>,
}

/// The names under which a person acted. Records from before names were kept show those of today.
pub(crate) fn then(signatory: Option<&Signatory>, user: UserId, directory: &Directory) -> NameThen {
    match signatory {
        Some(Signatory { account, display_name, credential, password }) => NameThen {
            by: display_name.to_string(),
            account: Some(account.clone()),
            credential: Some(*credential),
            password: password.clone(),
        },
        None => {
            let account = directory.person(user).map(|person| person.name.clone());
            NameThen { by: directory.show(user), account, credential: None, password: None }
        }
    }
}

/// What somebody did, under the names of that time.
pub(crate) fn act(act: &Act, directory: &Directory) -> ActView {
    let NameThen { by, account, credential, password } = then(act.signatory.as_ref(), act.by, directory);
    ActView { by, account, credential, password: password.map(PasswordView::from), at: act.at, comment: act.comment.clone() }
}
