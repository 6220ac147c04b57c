//! What the log says of each row, in few bytes: names and digests are known by hashes under keys of this run, so nobody can make two of
//! them meet. A row of which something has to be said is looked up in its event.

use domain::Digest;
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

/// A name, or a name with a digest, hashed.
type Hash = [u64; 2];

/// What the last event of a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastWord {
    /// The hash of the row's digest; 0 where the event took the row away.
    digest: u64,
    /// The position of the event.
    position: u64,
}

/// How a stored row compares with its last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// No event names the row.
    NotNamed,
    /// The last event took the row away.
    TakenAway,
    /// The last event names another digest.
    Differs,
    /// The row is as its last event says.
    Same,
}

/// The last word on each row. Rows that were found are taken out.
#[derive(Default)]
pub(super) struct Spoken {
    keys: [RandomState; 2],
    rows: HashMap<Hash, LastWord>,
    /// The rows of statements, each with a digest that an event names which the row changed with.
    signed: HashSet<Hash>,
}

impl Spoken {
    fn name(&self, name: &str) -> Hash {
        self.keys.each_ref().map(|key| key.hash_one(name))
    }

    fn name_and_digest(&self, name: &str, digest: Digest) -> Hash {
        self.keys.each_ref().map(|key| key.hash_one((name, digest.as_bytes())))
    }

    /// Never 0, which says that there is no row.
    fn digest(&self, digest: Option<Digest>) -> u64 {
        digest.map_or(0, |digest| self.keys[0].hash_one(digest.as_bytes()).max(1))
    }

    /// Notes what a later event says of a row: its digest, or that it was taken away.
    pub fn note(&mut self, name: &str, digest: Option<Digest>, position: u64) {
        let word = LastWord { digest: self.digest(digest), position };
        self.rows.insert(self.name(name), word);
    }

    /// Notes the statements that were signed with the event of a row.
    pub fn note_signed(&mut self, name: &str, statements: &[Digest]) {
        for statement in statements {
            self.signed.insert(self.name_and_digest(name, *statement));
        }
    }

    /// Compares a row that was found with the last word on it.
    pub fn compare(&mut self, name: &str, digest: Digest) -> Compared {
        match self.rows.remove(&self.name(name)) {
            None => Compared::NotNamed,
            Some(LastWord { digest: 0, .. }) => Compared::TakenAway,
            Some(word) if word.digest != self.digest(Some(digest)) => Compared::Differs,
            Some(_) => Compared::Same,
        }
    }

    /// Whether the statement was signed with an event of the row.
    pub fn is_signed_with(&self, name: &str, statement: Digest) -> bool {
        self.signed.contains(&self.name_and_digest(name, statement))
    }

    /// Whether the event at this position has the last word on a row that was not found and should be there.
    pub fn misses(&self, name: &str, position: u64) -> bool {
        self.rows.get(&self.name(name)).is_some_and(|word| word.digest != 0 && word.position == position)
    }

    /// The events with the last word on rows that were not found and should be there, in order.
    pub fn missing(&self) -> Vec<u64> {
        let mut positions: Vec<_> = self.rows.values().filter(|word| word.digest != 0).map(|word| word.position).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_a_row_counts_until_the_row_is_found() {
        let digest = |byte| Digest::from_bytes([byte; 32]);
        let mut spoken = Spoken::default();
        for (name, said, position) in
            [("a/1", Some(1), 0), ("a/2", Some(2), 1), ("a/1", Some(3), 2), ("a/3", Some(4), 2), ("a/3", None, 3)]
        {
            spoken.note(name, said.map(digest), position);
        }
        assert_eq!(spoken.missing(), [1, 2]);
        assert!(spoken.misses("a/1", 2) && !spoken.misses("a/1", 0) && !spoken.misses("a/3", 3));
        assert_eq!(spoken.compare("a/3", digest(4)), Compared::TakenAway);
        assert_eq!(spoken.compare("a/2", digest(1)), Compared::Differs);
        assert_eq!(spoken.compare("a/1", digest(3)), Compared::Same);
        assert_eq!((spoken.compare("a/1", digest(3)), spoken.missing()), (Compared::NotNamed, Vec::new()));
    }

    #[test]
    fn a_statement_was_signed_with_an_event_of_its_row() {
        let digest = |byte| Digest::from_bytes([byte; 32]);
        let mut spoken = Spoken::default();
        spoken.note_signed("statements/1", &[digest(1), digest(2)]);
        let signed = |name, byte| spoken.is_signed_with(name, digest(byte));
        assert!(signed("statements/1", 1) && signed("statements/1", 2));
        assert!(!signed("statements/1", 3) && !signed("statements/2", 1));
    }
}
