//! A memory of bounded size. It gives the older half of its entries to another thread at once: to forget many one by one would hold up everybody
//! who asks meanwhile.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};
use tokio::runtime::Handle;

/// Room for so many entries, of which the older half goes when there is no more.
pub(crate) struct Generations<K, V, const MOST: usize> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

/// On a thread for long work, so that no lock is held meanwhile.
fn drop_elsewhere<K: Send + 'static, V: Send + 'static>(entries: HashMap<K, V>) {
    match Handle::try_current() {
        Ok(runtime) if !entries.is_empty() => _ = runtime.spawn_blocking(move || drop(entries)),
        _ => drop(entries),
    }
}

impl<K, V, const MOST: usize> Default for Generations<K, V, MOST> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

impl<K: Eq + Hash + Send + 'static, V: Send + 'static, const MOST: usize> Generations<K, V, MOST> {
    /// The entry with this key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// Keeps an entry.
    pub fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= MOST / 2 {
            drop_elsewhere(std::mem::replace(&mut self.old, std::mem::take(&mut self.young)));
        }
        self.young.insert(key, value);
    }

    /// Forgets all entries.
    pub fn clear(&mut self) {
        drop_elsewhere(std::mem::take(&mut self.young));
        drop_elsewhere(std::mem::take(&mut self.old));
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
        let mut memory = Generations::<_, _, 10>::default();
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
