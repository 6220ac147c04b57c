//! The perfect subtrees of the log's tree, recomputed from the events. Of each only a hash under a key of this run is kept, so nobody can make
//! two of them meet.

use proof::merkle::Node;
use std::hash::{BuildHasher, RandomState};

/// What stands for a subtree that was found.
const FOUND: u64 = 0;

/// The perfect subtrees of two and more leaves by level; those that were found are marked.
#[derive(Default)]
pub(super) struct Subtrees {
    key: RandomState,
    levels: Vec<Vec<u64>>,
}

impl Subtrees {
    fn hash(&self, hash: &[u8]) -> u64 {
        self.key.hash_one(hash).max(FOUND + 1)
    }

    /// Keeps a subtree. The subtrees of a level come in order.
    pub fn keep(&mut self, node: &Node) {
        let (level, hash) = (usize::from(node.level) - 1, self.hash(node.hash.as_bytes()));
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
        self.levels[level].push(hash);
    }

    /// Marks a subtree as found; gives whether it has this hash. None where there is no such subtree, or where it was found before.
    pub fn find(&mut self, level: i64, position: i64, hash: &[u8]) -> Option<bool> {
        let (level, position) = (usize::try_from(level).ok()?.checked_sub(1)?, usize::try_from(position).ok()?);
        let stored = self.hash(hash);
        let right = self.levels.get_mut(level)?.get_mut(position).filter(|right| **right != FOUND)?;
        Some(std::mem::replace(right, FOUND) == stored)
    }

    /// The subtrees that were not found: level and position.
    pub fn left(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.levels.iter().enumerate().flat_map(|(level, nodes)| {
            let left = nodes.iter().enumerate().filter(|(_, hash)| **hash != FOUND);
            left.map(move |(place, _)| (level + 1, place))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::Sha256;

    #[test]
    fn a_subtree_is_found_once_and_by_its_hash() {
        let node = |level, index, byte| Node { level, index, hash: Sha256::from_bytes([byte; 32]) };
        let mut subtrees = Subtrees::default();
        for node in [node(1, 0, 1), node(1, 1, 2), node(2, 0, 3)] {
            subtrees.keep(&node);
        }
        assert_eq!((subtrees.find(1, 0, &[1; 32]), subtrees.find(1, 0, &[1; 32])), (Some(true), None));
        assert_eq!((subtrees.find(1, 1, &[9; 32]), subtrees.find(1, 2, &[1; 32])), (Some(false), None));
        assert_eq!([subtrees.find(0, 0, &[1; 32]), subtrees.find(-1, 0, &[1; 32]), subtrees.find(3, 0, &[1; 32])], [None; 3]);
        assert_eq!(subtrees.left().collect::<Vec<_>>(), [(2, 0)]);
    }
}
