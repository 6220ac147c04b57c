//! The authors of a version, however they are written.

use crate::{UserId, folding::fold, people::Person};
use std::collections::BTreeSet;

/// The authors of a version: the uploader, the run's owner, the people whom the version names, and everybody who changed its
/// governed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authors {
    /// The account that uploaded it.
    pub uploader: UserId,
    /// The accounts that changed its governed fields, at any time.
    pub editors: BTreeSet<UserId>,
    /// What the run's owner and the named authors, of now and of any time before, can mean: see [`meanings`].
    pub named: BTreeSet<String>,
}

impl Authors {
    /// The uploader, and the run's owner and named authors as written: account names, mail addresses, or names of people without an
    /// account.
    pub fn new<T: AsRef<str>>(uploader: UserId, named: impl IntoIterator<Item = T>) -> Self {
        let named = named.into_iter().flat_map(|author| meanings(author.as_ref())).collect();
        Self { uploader, editors: BTreeSet::new(), named }
    }

    /// The same authors, with these accounts that changed the governed fields.
    pub fn with_editors(self, editors: BTreeSet<UserId>) -> Self {
        Self { editors, ..self }
    }

    /// Whether this person is an author: as a person who made the version, or changed its governed fields.
    pub fn include(&self, person: &Person) -> bool {
        self.made_by(person) || self.editors.contains(&person.id)
    }

    /// Whether this person made the version: uploaded it, or is named by an account name, mail address or display name that the
    /// account has or ever had.
    pub fn made_by(&self, person: &Person) -> bool {
        person.id == self.uploader || !self.named.is_disjoint(&person.names)
    }
}

/// The names that a written author can mean, folded: the text as a whole, and its parts where it names a person in several ways
/// (`Name <mail>`, `user:name`) or several people. Rather one part too many than an author who is not found.
pub fn meanings(written: &str) -> BTreeSet<String> {
    let whole = fold(written);
    let mut meanings = BTreeSet::new();
    // `Family name, given name`.
    if let Some((family, given)) = whole.split_once(',') {
        meanings.insert(fold(&format!("{given} {family}")));
    }
    for several in whole.split([',', ';', '&', '|', '/']).flat_map(|part| part.split(" and ")).chain([whole.as_str()]) {
        for part in several.split(['<', '>', '(', ')', '[', ']']).chain([several]) {
            meanings.insert(bare(part));
        }
    }
    // An address among other words.
    meanings.extend(whole.split(is_around_address).filter(|word| word.contains('@')).map(bare));
    meanings.remove("");
    meanings
}

fn is_around_address(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | '|')
}

/// Without quotes, and without what says which kind of name it is.
fn bare(part: &str) -> String {
    let unquoted = |text: &str| text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).to_owned();
    let part = unquoted(part);
    let kind = ["user:", "mailto:", "@"].into_iter().find_map(|kind| part.strip_prefix(kind));
    kind.map_or_else(|| part.clone(), unquoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_found_in_every_form_in_which_tools_and_people_write_one() {
        for written in [
            "approver@example.org",
            "The Approver <approver@example.org>",
            "\"Approver, The\" <Approver@Example.org>",
            "approver@example.org (The Approver)",
            "mailto:approver@example.org",
            "somebody@example.org approver@example.org",
            "somebody, approver@example.org",
            "Ａｐｐｒｏｖｅｒ＠ｅｘａｍｐｌｅ．ｏｒｇ",
        ] {
            assert!(meanings(written).contains("approver@example.org"), "{written}: {:?}", meanings(written));
        }
        for written in ["approver", " user:approver", "@approver", "APPROVER; other", "other & approver", "other and approver"] {
            assert!(meanings(written).contains("approver"), "{written}: {:?}", meanings(written));
        }
        for written in ["The Approver", "the\u{a0} approver", "Approver, The", "The Approver <x@example.org>"] {
            assert!(meanings(written).contains("the approver"), "{written}: {:?}", meanings(written));
        }
        assert!(meanings(" \u{200b}").is_empty());
        assert!(!meanings("The Approver").contains("approver"), "a part of a name is not the name");
    }
}
