//! A memory of bounded size. It gives the older half of its entries to another thread at once: to forget many one by one would hold up everybody
//! who asks meanwhile.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};
use tokio::runtime::Handle;

/// Entries, of which the older half goes when there is no more room.
pub(crate) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    most: usize,
}

/// On a thread for long work, so that no lock is held meanwhile.
fn drop_elsewhere<T: Send + 'static>(entries: T) {
    match Handle::try_current() {
        Ok(runtime) => _ = runtime.spawn_blocking(move || drop(entries)),
        Err(_) => drop(entries),
    }
}

impl<K: Eq + Hash + Send + 'static, V: Send + 'static> Generations<K, V> {
    /// Room for so many entries.
    pub fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), most }
    }

    /// The entry with this key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// Keeps an entry.
    pub fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.most / 2 {
            drop_elsewhere(std::mem::replace(&mut self.old, std::mem::take(&mut self.young)));
        }
        self.young.insert(key, value);
    }

    /// Forgets all entries.
    pub fn clear(&mut self) {
        drop_elsewhere(std::mem::replace(self, Self::new(self.most)));
    }

    /// How many entries there are, at most.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_half_is_forgotten_when_there_is_no_more_room() {
        let mut memory = Generations::new(10);
        for number in 0..12 {
            memory.insert(number, number * 2);
            assert!(memory.len() <= 10);
        }
        let known: Vec<_> = (0..12).filter(|number| memory.get(number) == Some(&(number * 2))).collect();
        assert_eq!(known, [5, 6, 7, 8, 9, 10, 11]);
        memory.insert(5, 0);
        assert_eq!(memory.get(&5), Some(&0), "the later word counts");
        memory.clear();
        assert_eq!((memory.len(), memory.get(&11)), (0, None));
    }
}
