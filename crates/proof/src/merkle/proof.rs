//! Proofs about the tree: a leaf is in the tree, or a later tree only added to an earlier tree (RFC 9162, section 2.1).
//! The nodes that a proof needs are known before the caller fetches them.

use super::{MAX_SIZE, MerkleError, NodeId, empty_root, node_hash};
use crate::sha256::Sha256;
use std::ops::Range;

/// The nodes that a proof is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofNodes {
    /// For each hash of the proof the perfect subtrees whose roots join to it, left to right.
    hashes: Vec<Vec<NodeId>>,
}

impl ProofNodes {
    /// Every node to fetch, none twice.
    pub fn needed(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.hashes.iter().flatten().copied()
    }

    /// Makes the proof from the fetched nodes.
    ///
    /// # Errors
    /// When `lookup` lacks one of them.
    pub fn assemble(&self, lookup: impl Fn(NodeId) -> Option<Sha256>) -> Result<Vec<Sha256>, MerkleError> {
        let fetch = |id: NodeId| lookup(id).ok_or(MerkleError::MissingNode(id));
        self.hashes
            .iter()
            .map(|nodes| {
                let (last, before) = nodes.split_last().ok_or(MerkleError::Wrong)?;
                before.iter().rev().try_fold(fetch(*last)?, |right, left| Ok(node_hash(&fetch(*left)?, &right)))
            })
            .collect()
    }
}

/// The perfect subtrees of these leaves, left to right. The range begins where RFC 9162 splits a tree, so each is aligned.
fn perfect_subtrees(mut leaves: Range<u64>) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    while !leaves.is_empty() {
        // At most 63, as a logarithm of 64 bits.
        let level = (leaves.end - leaves.start).ilog2() as u8;
        nodes.push(NodeId { level, index: leaves.start >> level });
        leaves.start += 1 << level;
    }
    nodes
}

/// Where RFC 9162 splits a tree of these leaves, two at least: after the largest power of two that is less than their number.
fn split(leaves: &Range<u64>) -> u64 {
    leaves.start + (1 << (leaves.end - leaves.start - 1).ilog2())
}

/// The nodes whose hashes join to the root of the tree of `size` leaves: one hash, or none for an empty tree.
///
/// # Errors
/// When the size is larger than any log.
pub fn root_nodes(size: u64) -> Result<ProofNodes, MerkleError> {
    match size {
        0 => Ok(ProofNodes { hashes: Vec::new() }),
        1..=MAX_SIZE => Ok(ProofNodes { hashes: vec![perfect_subtrees(0..size)] }),
        _ => Err(MerkleError::Size(size)),
    }
}

/// The nodes that prove that leaf `index` is in the tree of `size` leaves.
///
/// # Errors
/// When there is no such leaf.
pub fn inclusion_nodes(index: u64, size: u64) -> Result<ProofNodes, MerkleError> {
    if size > MAX_SIZE {
        return Err(MerkleError::Size(size));
    }
    if index >= size {
        return Err(MerkleError::Index { index, size });
    }
    let mut hashes = Vec::new();
    let mut leaves = 0..size;
    while leaves.end - leaves.start > 1 {
        let middle = split(&leaves);
        let (towards, sibling) =
            if index < middle { (leaves.start..middle, middle..leaves.end) } else { (middle..leaves.end, leaves.start..middle) };
        hashes.push(perfect_subtrees(sibling));
        leaves = towards;
    }
    hashes.reverse();
    Ok(ProofNodes { hashes })
}

/// The nodes that prove that the tree of `new` leaves only added to the one of `old`.
///
/// # Errors
/// When `new` is less than `old`.
pub fn consistency_nodes(old: u64, new: u64) -> Result<ProofNodes, MerkleError> {
    if new > MAX_SIZE {
        return Err(MerkleError::Size(new));
    }
    if old > new {
        return Err(MerkleError::Shrinks { old, new });
    }
    let mut hashes = Vec::new();
    let mut leaves = 0..new;
    // Everything grows from an empty tree: there is nothing to show.
    while old > 0 && leaves.end != old {
        let middle = split(&leaves);
        let (towards, sibling) =
            if old <= middle { (leaves.start..middle, middle..leaves.end) } else { (middle..leaves.end, leaves.start..middle) };
        hashes.push(perfect_subtrees(sibling));
        leaves = towards;
    }
    // A subtree at the left edge is the old tree itself, whose root the verifier knows.
    if old > 0 && leaves.start > 0 {
        hashes.push(perfect_subtrees(leaves));
    }
    hashes.reverse();
    Ok(ProofNodes { hashes })
}

/// The proof that leaf `index` is in the tree of `size` leaves (RFC 9162, section 2.1.3.1).
///
/// # Errors
/// When there is no such leaf, or `lookup` lacks a node.
pub fn inclusion_proof(index: u64, size: u64, lookup: impl Fn(NodeId) -> Option<Sha256>) -> Result<Vec<Sha256>, MerkleError> {
    inclusion_nodes(index, size)?.assemble(lookup)
}

/// The proof that the tree of `new` leaves only added to the one of `old` (RFC 9162, section 2.1.4.1).
///
/// # Errors
/// When `new` is less than `old`, or `lookup` lacks a node.
pub fn consistency_proof(old: u64, new: u64, lookup: impl Fn(NodeId) -> Option<Sha256>) -> Result<Vec<Sha256>, MerkleError> {
    consistency_nodes(old, new)?.assemble(lookup)
}

/// Checks that the leaf with this hash is at `index` in the tree of `size` leaves with this root (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// When the proof does not lead from the leaf to the root.
pub fn verify_inclusion(leaf: &Sha256, index: u64, size: u64, proof: &[Sha256], root: &Sha256) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError::Index { index, size });
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = *leaf;
    for sibling in proof {
        hash = match climb.step()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    if climb.at_root() && hash == *root { Ok(()) } else { Err(MerkleError::Wrong) }
}

/// Checks that the tree of `new` leaves only added to the one of `old` (RFC 9162, section 2.1.4.2).
///
/// # Errors
/// When `new` is less than `old`, or the proof does not lead to both roots.
pub fn verify_consistency(old: u64, new: u64, proof: &[Sha256], old_root: &Sha256, new_root: &Sha256) -> Result<(), MerkleError> {
    if old > new {
        return Err(MerkleError::Shrinks { old, new });
    }
    if old == 0 || old == new {
        let same = if old == new { old_root == new_root } else { *old_root == empty_root() };
        // The root of no leaves is known, whatever else is claimed.
        let empty = new > 0 || *new_root == empty_root();
        return if same && empty && proof.is_empty() { Ok(()) } else { Err(MerkleError::Wrong) };
    }
    // Begin at the largest perfect subtree that ends where the old tree ends.
    let level = old.trailing_zeros();
    let mut climb = Climb { node: (old - 1) >> level, last: (new - 1) >> level };
    let (first, rest) = if old.is_power_of_two() { (old_root, proof) } else { proof.split_first().ok_or(MerkleError::Wrong)? };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        match climb.step()? {
            Side::Left => {
                old_hash = node_hash(sibling, &old_hash);
                new_hash = node_hash(sibling, &new_hash);
            }
            Side::Right => new_hash = node_hash(&new_hash, sibling),
        }
    }
    if climb.at_root() && old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(MerkleError::Wrong) }
}

/// A walk from a node to the root: the node's index at its level, and that of the last node there.
struct Climb {
    node: u64,
    last: u64,
}

/// On which side of the walk a sibling lies.
enum Side {
    Left,
    Right,
}

impl Climb {
    /// Goes up to the next level at which there is a sibling, and says where it lies.
    fn step(&mut self) -> Result<Side, MerkleError> {
        if self.at_root() {
            return Err(MerkleError::Wrong);
        }
        // The last node of a level has no sibling at its right: it is carried up until it is a right child itself.
        let carried = self.node == self.last;
        let side = if carried || self.node % 2 == 1 { Side::Left } else { Side::Right };
        if carried {
            let levels = self.node.trailing_zeros();
            self.node >>= levels;
            self.last >>= levels;
        }
        self.node >>= 1;
        self.last >>= 1;
        Ok(side)
    }

    const fn at_root(&self) -> bool {
        self.last == 0
    }
}

#[cfg(test)]
mod tests;
