//! The Merkle tree of the log (RFC 6962, RFC 9162): every event is a leaf, and the root covers all events.
//! The server keeps the right edge of the tree to append, and the perfect subtrees to prove.

mod proof;

pub use proof::{
    ProofNodes, consistency_nodes, consistency_proof, inclusion_nodes, inclusion_proof, root_nodes, verify_consistency,
    verify_inclusion,
};

use crate::sha256::{Hasher, Sha256};

/// The most leaves a tree may have: what an SQL integer holds.
pub const MAX_SIZE: u64 = i64::MAX.unsigned_abs();

/// The hash of a leaf with this content (RFC 9162, section 2.1.1).
pub fn leaf_hash(content: &[u8]) -> Sha256 {
    let mut hasher = Hasher::new();
    hasher.update(&[0]);
    hasher.update(content);
    hasher.finish()
}

/// The hash of the node above these two.
pub fn node_hash(left: &Sha256, right: &Sha256) -> Sha256 {
    let mut hasher = Hasher::new();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The root of a tree without leaves.
pub fn empty_root() -> Sha256 {
    Sha256::of(b"")
}

/// Why a tree or a proof cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MerkleError {
    /// A frontier whose bytes do not fit its size.
    #[error("a tree of {size} leaves has an edge of {expected} bytes, not {found}: the stored head is damaged")]
    Frontier {
        /// The number of leaves.
        size: u64,
        /// Bytes that its edge has.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// More leaves than [`MAX_SIZE`].
    #[error("a tree of {0} leaves is larger than any log: the stored size is damaged")]
    Size(u64),
    /// A leaf that is not in the tree.
    #[error("leaf {index} is not in a tree of {size} leaves: ask for an index below the size")]
    Index {
        /// The leaf asked for.
        index: u64,
        /// The number of leaves.
        size: u64,
    },
    /// A tree that would have to shrink.
    #[error("a tree of {old} leaves is not an earlier state of one of {new}: the log only grows")]
    Shrinks {
        /// The earlier number of leaves.
        old: u64,
        /// The later one.
        new: u64,
    },
    /// A node that the log should have.
    #[error("the log has no node {} at level {}: rebuild it from the events", .0.index, .0.level)]
    MissingNode(NodeId),
    /// A proof that does not lead to the root.
    #[error("the proof does not lead to the root: the leaf, the tree or the proof was altered")]
    Wrong,
}

/// A perfect subtree of the log: 2^level leaves from leaf `index * 2^level` on. Level 0 is a leaf itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId {
    /// It has 2^level leaves.
    pub level: u8,
    /// Its place among the subtrees of its level.
    pub index: u64,
}

/// A perfect subtree that has just been completed, to be kept for proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// It has 2^level leaves; at least 1, since leaves are kept with their events.
    pub level: u8,
    /// Its place among the subtrees of its level: it begins at leaf `index * 2^level`.
    pub index: u64,
    /// Its root.
    pub hash: Sha256,
}

/// The right edge of a tree: the roots of its perfect subtrees, from the largest at the left to the smallest at the right.
/// All that is needed to append and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// One for each bit that is set in `size`.
    roots: Vec<Sha256>,
}

impl Frontier {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf, and gives the perfect subtrees that it completes, smallest first.
    pub fn append(&mut self, leaf: Sha256) -> Vec<Node> {
        let mut completed = Vec::new();
        let mut hash = leaf;
        // Counting up by one carries over as many bits as subtrees are joined.
        for level in (1_u8..).take(self.size.trailing_ones() as usize) {
            if let Some(left) = self.roots.pop() {
                hash = node_hash(&left, &hash);
                completed.push(Node { level, index: self.size >> level, hash });
            }
        }
        self.roots.push(hash);
        self.size += 1;
        completed
    }

    /// The root of the tree.
    pub fn root(&self) -> Sha256 {
        let joined = self.roots.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        joined.unwrap_or_else(empty_root)
    }

    /// The edge as it is stored: its hashes one after the other, 32 bytes each.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.iter().flat_map(|root| *root.as_bytes()).collect()
    }

    /// Reads the edge of a tree of `size` leaves.
    ///
    /// # Errors
    /// When the bytes are not as many as the edge of such a tree has.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, MerkleError> {
        if size > MAX_SIZE {
            return Err(MerkleError::Size(size));
        }
        let (roots, rest) = bytes.as_chunks::<32>();
        if roots.len() != size.count_ones() as usize || !rest.is_empty() {
            let expected = 32 * size.count_ones() as usize;
            return Err(MerkleError::Frontier { size, expected, found: bytes.len() });
        }
        Ok(Self { size, roots: roots.iter().copied().map(Sha256::from_bytes).collect() })
    }
}

/// The tree as RFC 9162 defines it, for tests to compare with.
#[cfg(test)]
mod naive {
    use super::*;

    /// MTH of section 2.1.1, over the hashes of leaves.
    pub(super) fn root(leaves: &[Sha256]) -> Sha256 {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
                node_hash(&root(left), &root(right))
            }
        }
    }

    pub(super) fn leaves(count: usize) -> Vec<Sha256> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hashes_as_rfc_9162_defines_them() {
        assert_eq!(empty_root().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(leaf_hash(b"ab"), Sha256::of(b"\0ab"));
        let (left, right) = (Sha256::of(b"l"), Sha256::of(b"r"));
        assert_eq!(node_hash(&left, &right), Sha256::of(&[&[1][..], left.as_bytes(), right.as_bytes()].concat()));
        // A node can never pass for a leaf.
        assert_ne!(node_hash(&left, &right), leaf_hash(&[*left.as_bytes(), *right.as_bytes()].concat()));
    }

    #[test]
    fn every_size_has_the_root_of_its_leaves_and_reads_back() {
        let leaves = naive::leaves(260);
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), empty_root());
        for (size, leaf) in leaves.iter().enumerate() {
            let completed = frontier.append(*leaf);
            assert_eq!(frontier.root(), naive::root(&leaves[..=size]), "{size}");
            assert_eq!(completed.len(), (size + 1).trailing_zeros() as usize);
            for Node { level, index, hash } in completed {
                let begin = (index as usize) << level;
                assert_eq!(hash, naive::root(&leaves[begin..begin + (1 << level)]), "level {level}, index {index}");
            }
            assert_eq!(Frontier::from_bytes(frontier.size(), &frontier.to_bytes()), Ok(frontier.clone()));
        }
    }

    #[test]
    fn a_damaged_head_is_noticed() {
        let damaged = |size, bytes: &[u8]| Frontier::from_bytes(size, bytes).unwrap_err();
        assert_eq!(damaged(3, &[0; 32]), MerkleError::Frontier { size: 3, expected: 64, found: 32 });
        assert_eq!(damaged(0, &[0]), MerkleError::Frontier { size: 0, expected: 0, found: 1 });
        assert_eq!(damaged(1, &[0; 33]), MerkleError::Frontier { size: 1, expected: 32, found: 33 });
        assert_eq!(damaged(u64::MAX, &[0; 2048]), MerkleError::Size(u64::MAX));
    }

    proptest! {
        #[test]
        fn two_logs_with_one_root_have_the_same_leaves(count in 1_usize..200, at in any::<prop::sample::Index>(), bit in 0_usize..256) {
            let leaves = naive::leaves(count);
            let root = |leaves: &[Sha256]| {
                let mut frontier = Frontier::new();
                leaves.iter().for_each(|leaf| drop(frontier.append(*leaf)));
                frontier.root()
            };
            let at = at.index(count);
            let (mut altered, mut inserted, mut deleted) = (leaves.clone(), leaves.clone(), leaves.clone());
            let mut bytes = *altered[at].as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            altered[at] = Sha256::from_bytes(bytes);
            inserted.insert(at, leaf_hash(b"inserted"));
            deleted.remove(at);
            for other in [altered, inserted, deleted] {
                prop_assert_ne!(root(&leaves), root(&other));
            }
        }
    }
}
