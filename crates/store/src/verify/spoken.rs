//! What the log says of each row, without the rows' names: a name is known by a hash under keys of this run, so nobody can make two names
//! meet. A row of which something has to be said is looked up in its event.

use domain::Digest;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

/// The name of a row, hashed.
pub(super) type NameHash = [u64; 2];

/// What the last event of a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastWord {
    /// The digest of the row; none where the event took the row away.
    pub digest: Option<Digest>,
    /// The position of the event.
    pub position: u64,
}

/// The last word on each row. Rows that were found are taken out.
#[derive(Default)]
pub(super) struct Spoken {
    keys: [RandomState; 2],
    rows: HashMap<NameHash, LastWord>,
    /// The statements that events name, by the rows that changed with them.
    signed: HashMap<NameHash, Vec<Digest>>,
}

impl Spoken {
    fn hash(&self, name: &str) -> NameHash {
        [self.keys[0].hash_one(name), self.keys[1].hash_one(name)]
    }

    /// Notes the word of a later event.
    pub fn note(&mut self, name: &str, word: LastWord) {
        self.rows.insert(self.hash(name), word);
    }

    /// Notes the statements that were signed with the event of a row.
    pub fn note_signed(&mut self, name: &str, statements: Vec<Digest>) {
        self.signed.insert(self.hash(name), statements);
    }

    /// The last word on a row, which was found.
    pub fn take(&mut self, name: &str) -> Option<LastWord> {
        self.rows.remove(&self.hash(name))
    }

    /// The statements that were signed with the event of a row.
    pub fn signed_with(&self, name: &str) -> Option<&[Digest]> {
        self.signed.get(&self.hash(name)).map(Vec::as_slice)
    }

    /// Whether the event at this position has the last word on a row that was not found and should be there.
    pub fn misses(&self, name: &str, position: u64) -> bool {
        self.rows.get(&self.hash(name)).is_some_and(|word| word.digest.is_some() && word.position == position)
    }

    /// The events with the last word on rows that were not found and should be there, in order.
    pub fn missing(&self) -> Vec<u64> {
        let mut positions: Vec<_> = self.rows.values().filter(|word| word.digest.is_some()).map(|word| word.position).collect();
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
        let digest = |byte| Some(Digest::from_bytes([byte; 32]));
        let mut spoken = Spoken::default();
        for (name, digest, position) in
            [("a/1", digest(1), 0), ("a/2", digest(2), 1), ("a/1", digest(3), 2), ("a/3", digest(4), 2), ("a/3", None, 3)]
        {
            spoken.note(name, LastWord { digest, position });
        }
        assert_eq!(spoken.missing(), [1, 2]);
        assert!(spoken.misses("a/1", 2) && !spoken.misses("a/1", 0) && !spoken.misses("a/3", 3));
        assert_eq!(spoken.take("a/1"), Some(LastWord { digest: digest(3), position: 2 }));
        assert_eq!((spoken.take("a/1"), spoken.missing()), (None, vec![1]));
    }
}
