//! What the log says of each row, in few bytes: names and digests are known by hashes under keys of this run, so nobody can make two of
//! them meet. A row of which something has to be said is looked up in its event.
//!
//! Words are gathered first and sorted then: a table of hashes would take twice the memory, and twice as much again while it grows.

use domain::Digest;
use std::hash::{BuildHasher, RandomState};

/// How many parts the words are kept in, so that none of them is large when it grows.
const PARTS: usize = 256;

/// What an event says of a row: 24 bytes.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// The hash of the row's name.
    name: u64,
    /// The position of the event; [`FOUND`] once the row was found.
    position: u64,
    /// The hash of the row's digest; [`TAKEN_AWAY`] where the event took the row away.
    digest: u64,
}

const FOUND: u64 = u64::MAX;
const TAKEN_AWAY: u64 = 0;

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

/// The words of events on rows, in the order of the log.
pub(super) struct Spoken {
    keys: [RandomState; 2],
    words: Vec<Vec<Word>>,
    signed: Vec<u64>,
}

impl Default for Spoken {
    fn default() -> Self {
        Self { keys: Default::default(), words: vec![Vec::new(); PARTS], signed: Vec::new() }
    }
}

impl Spoken {
    /// Notes what a later event says of a row: its digest, or that it was taken away.
    pub fn note(&mut self, name: &str, digest: Option<Digest>, position: u64) {
        let name = self.keys[0].hash_one(name);
        let digest = digest.map_or(TAKEN_AWAY, |digest| digest_hash(&self.keys, digest));
        let words = &mut self.words[part(name)];
        if words.len() == words.capacity() {
            words.reserve_exact(words.len() / 4 + 16);
        }
        words.push(Word { name, position, digest });
    }

    /// Notes the statements that were signed with the event of a row.
    pub fn note_signed(&mut self, name: &str, statements: &[Digest]) {
        self.signed.extend(statements.iter().map(|statement| self.keys[1].hash_one((name, statement.as_bytes()))));
    }

    /// The last word on each row.
    pub fn last_words(self) -> LastWords {
        let Self { keys, mut words, mut signed } = self;
        for words in &mut words {
            // The words on one row stay in the order of the log, and the last of them is kept.
            words.sort_by_key(|word| word.name);
            words.reverse();
            words.dedup_by_key(|word| word.name);
            words.reverse();
        }
        signed.sort_unstable();
        LastWords { keys, words, signed }
    }
}

/// The last word on each row, sorted by its name's hash.
pub(super) struct LastWords {
    keys: [RandomState; 2],
    words: Vec<Vec<Word>>,
    /// The rows of statements, each with a digest that an event names which the row changed with.
    signed: Vec<u64>,
}

impl LastWords {
    fn word(&self, name: u64) -> Option<(usize, usize)> {
        let part = part(name);
        self.words[part].binary_search_by_key(&name, |word| word.name).ok().map(|place| (part, place))
    }

    /// Compares a row that was found with the last word on it.
    pub fn compare(&mut self, name: &str, digest: Digest) -> Compared {
        let Some((part, place)) = self.word(self.keys[0].hash_one(name)) else {
            return Compared::NotNamed;
        };
        let word = &mut self.words[part][place];
        if std::mem::replace(&mut word.position, FOUND) == FOUND {
            return Compared::NotNamed;
        }
        match word.digest {
            TAKEN_AWAY => Compared::TakenAway,
            said if said == digest_hash(&self.keys, digest) => Compared::Same,
            _ => Compared::Differs,
        }
    }

    /// Whether the statement was signed with an event of the row.
    pub fn is_signed_with(&self, name: &str, statement: Digest) -> bool {
        self.signed.binary_search(&self.keys[1].hash_one((name, statement.as_bytes()))).is_ok()
    }

    /// Whether the event at this position has the last word on a row that was not found and should be there.
    pub fn misses(&self, name: &str, position: u64) -> bool {
        let word = self.word(self.keys[0].hash_one(name)).map(|(part, place)| self.words[part][place]);
        word.is_some_and(|word| word.digest != TAKEN_AWAY && word.position == position)
    }

    /// The events with the last word on rows that were not found and should be there, in order.
    pub fn missing(&self) -> Vec<u64> {
        let missing = |word: &&Word| word.digest != TAKEN_AWAY && word.position != FOUND;
        let mut positions: Vec<_> = self.words.iter().flatten().filter(missing).map(|word| word.position).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

fn part(name: u64) -> usize {
    (name >> (u64::BITS - PARTS.ilog2())) as usize
}

/// Never [`TAKEN_AWAY`].
fn digest_hash(keys: &[RandomState; 2], digest: Digest) -> u64 {
    keys[1].hash_one(digest.as_bytes()).max(TAKEN_AWAY + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_a_row_counts_until_the_row_is_found() {
        let digest = |byte| Digest::from_bytes([byte; 32]);
        let mut spoken = Spoken::default();
        for (name, said, position) in
            [("a/1", Some(1), 0), ("a/2", Some(2), 1), ("a/1", Some(3), 2), ("a/3", Some(4), 3), ("a/3", None, 3)]
        {
            spoken.note(name, said.map(digest), position);
        }
        let mut spoken = spoken.last_words();
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
        let spoken = spoken.last_words();
        let signed = |name, byte| spoken.is_signed_with(name, digest(byte));
        assert!(signed("statements/1", 1) && signed("statements/1", 2));
        assert!(!signed("statements/1", 3) && !signed("statements/2", 1));
    }
}
