//! Separation of duties: who is barred from the final approval, whatever group, role or delegation would entitle them.

use crate::{
    Duration, UserId,
    people::{AccountKind, Person},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A project's rules on who may decide and for how long. The default is the strict one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRules {
    /// Authors of a version may approve it.
    pub author_may_approve: bool,
    /// The person who requested the review may approve the version.
    pub requester_may_approve: bool,
    /// Reviewers may delegate.
    pub delegation_allowed: bool,
    /// How long an approval holds at the most; none means until it is revoked.
    pub approval_valid_for: Option<Duration>,
}

impl Default for ProjectRules {
    fn default() -> Self {
        Self { author_may_approve: false, requester_may_approve: false, delegation_allowed: true, approval_valid_for: None }
    }
}

/// The authors of a version: the uploader, the run's owner, the people whom the version names, and everybody who changed its
/// governed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authors {
    /// The account that uploaded it.
    pub uploader: UserId,
    /// The accounts that changed its governed fields, at any time.
    pub editors: BTreeSet<UserId>,
    /// The run's owner and the named authors, now or at any time before, without spaces around them and in lower case.
    pub named: BTreeSet<String>,
}

impl Authors {
    /// The uploader, and the run's owner and named authors as written: account names, mail addresses, or names of people without an
    /// account.
    pub fn new<T: AsRef<str>>(uploader: UserId, named: impl IntoIterator<Item = T>) -> Self {
        let named = named.into_iter().map(|author| author.as_ref().trim().to_lowercase()).collect();
        Self { uploader, editors: BTreeSet::new(), named }
    }

    /// The same authors, with these accounts that changed the governed fields.
    pub fn with_editors(self, editors: BTreeSet<UserId>) -> Self {
        Self { editors, ..self }
    }

    /// Whether this person is an author: as one who made the version, or changed its governed fields.
    pub fn include(&self, person: &Person) -> bool {
        self.made_by(person) || self.editors.contains(&person.id)
    }

    /// Whether this person made the version: by account, or by account name, mail address or display name, ignoring case.
    fn made_by(&self, person: &Person) -> bool {
        let written = |text: &str| self.named.contains(&text.to_lowercase());
        let named = || {
            written(person.name.as_str()) || written(person.display_name.as_str()) || person.email.as_deref().is_some_and(written)
        };
        person.id == self.uploader || (!self.named.is_empty() && named())
    }
}

/// Why a person may not give the final approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// The account is a service's.
    ServiceAccount,
    /// The person is an author of the version.
    Author,
    /// The person changed governed fields of the version.
    Editor,
    /// The person requested a review of the version, in this round or an earlier one.
    Requester,
}

impl Bar {
    /// The bar in words, about "you".
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ServiceAccount => "a service account never gives a final approval",
            Self::Author => "you are an author of this version, and this project does not let authors approve",
            Self::Editor => "you changed fields of this version, and this project does not let authors approve",
            Self::Requester => "you requested the review of this version, and this project does not let requesters approve",
        }
    }
}

/// The duty rule that bars a person from the final approval, if one does.
///
/// Requesters of earlier rounds count: otherwise a reset would let somebody approve on a second try what they requested.
pub fn bar(person: &Person, authors: &Authors, requesters: &BTreeSet<UserId>, rules: &ProjectRules) -> Option<Bar> {
    if person.kind == AccountKind::Service {
        Some(Bar::ServiceAccount)
    } else if !rules.author_may_approve && authors.include(person) {
        Some(if authors.made_by(person) { Bar::Author } else { Bar::Editor })
    } else if !rules.requester_may_approve && requesters.contains(&person.id) {
        Some(Bar::Requester)
    } else {
        None
    }
}
