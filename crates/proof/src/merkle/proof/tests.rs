use super::*;
use crate::merkle::naive;
use proptest::prelude::*;

fn lookup(leaves: &[Sha256]) -> impl Fn(NodeId) -> Option<Sha256> {
    |id| {
        let begin = usize::try_from(id.index).ok()? << id.level;
        leaves.get(begin..begin + (1 << id.level)).map(naive::root)
    }
}

/// PATH of RFC 9162, section 2.1.3.1.
fn path(index: usize, leaves: &[Sha256]) -> Vec<Sha256> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
    if index < left.len() {
        [path(index, left), vec![naive::root(right)]].concat()
    } else {
        [path(index - left.len(), right), vec![naive::root(left)]].concat()
    }
}

/// SUBPROOF of RFC 9162, section 2.1.4.1.
fn subproof(old: usize, leaves: &[Sha256], complete: bool) -> Vec<Sha256> {
    if old == leaves.len() {
        return if complete { Vec::new() } else { vec![naive::root(leaves)] };
    }
    let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
    if old <= left.len() {
        [subproof(old, left, complete), vec![naive::root(right)]].concat()
    } else {
        [subproof(old - left.len(), right, false), vec![naive::root(left)]].concat()
    }
}

#[test]
fn every_proof_of_every_small_tree_is_the_one_of_the_rfc_and_verifies() {
    let all = naive::leaves(70);
    for new in 0..=70_usize {
        let leaves = &all[..new];
        let root = naive::root(leaves);
        for index in 0..new {
            let proof = inclusion_proof(index as u64, new as u64, lookup(leaves)).unwrap();
            assert_eq!(proof, path(index, leaves), "leaf {index} of {new}");
            assert_eq!(verify_inclusion(&leaves[index], index as u64, new as u64, &proof, &root), Ok(()));
        }
        for old in 0..=new {
            let old_root = naive::root(&leaves[..old]);
            let proof = consistency_proof(old as u64, new as u64, lookup(leaves)).unwrap();
            let expected = if old == 0 { Vec::new() } else { subproof(old, leaves, true) };
            assert_eq!(proof, expected, "{old} to {new}");
            assert_eq!(verify_consistency(old as u64, new as u64, &proof, &old_root, &root), Ok(()), "{old} to {new}");
        }
    }
}

#[test]
fn what_cannot_be_proved_is_refused() {
    assert_eq!(inclusion_nodes(3, 3), Err(MerkleError::Index { index: 3, size: 3 }));
    assert_eq!(inclusion_nodes(0, u64::MAX), Err(MerkleError::Size(u64::MAX)));
    assert_eq!(consistency_nodes(4, 3), Err(MerkleError::Shrinks { old: 4, new: 3 }));
    assert_eq!(consistency_nodes(4, u64::MAX), Err(MerkleError::Size(u64::MAX)));
    let missing = NodeId { level: 0, index: 1 };
    assert_eq!(inclusion_proof(0, 2, |_| None), Err(MerkleError::MissingNode(missing)));
    let other = Sha256::of(b"not the root of nothing");
    assert_eq!(verify_consistency(0, 0, &[], &other, &other), Err(MerkleError::Wrong));
}

#[test]
fn a_proof_that_ends_below_the_root_of_a_larger_tree_fails() {
    let leaves = naive::leaves(2);
    let root = naive::root(&leaves);
    for size in [3, 4, 1 << 20] {
        let included = verify_inclusion(&leaves[0], 0, size, &leaves[1..], &root);
        let consistent = verify_consistency(1, size, &leaves[1..], &leaves[0], &root);
        assert_eq!((included, consistent), (Err(MerkleError::Wrong), Err(MerkleError::Wrong)), "{size}");
    }
}

#[test]
fn a_proof_in_the_largest_tree_is_short_and_needs_no_node_twice() {
    for nodes in [inclusion_nodes(MAX_SIZE / 3, MAX_SIZE).unwrap(), consistency_nodes(MAX_SIZE / 3, MAX_SIZE).unwrap()] {
        let needed: Vec<NodeId> = nodes.needed().collect();
        let unique: std::collections::HashSet<&NodeId> = needed.iter().collect();
        assert_eq!(unique.len(), needed.len());
        assert!(needed.len() <= 126, "{}", needed.len());
    }
}

fn flip(hash: Sha256, bit: usize) -> Sha256 {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Sha256::from_bytes(bytes)
}

proptest! {
    #[test]
    fn an_altered_inclusion_fails(size in 1_usize..120, index in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let (leaves, index) = (naive::leaves(size), index.index(size));
        let (root, leaf) = (naive::root(&leaves), leaves[index]);
        let proof = path(index, &leaves);
        let verify = |leaf, index: usize, size: usize, proof: &[Sha256], root| {
            verify_inclusion(&leaf, index as u64, size as u64, proof, &root)
        };
        prop_assert_eq!(verify(leaf, index, size, &proof, root), Ok(()));
        prop_assert!(verify(flip(leaf, bit), index, size, &proof, root).is_err());
        prop_assert!(verify(leaf, index, size, &proof, flip(root, bit)).is_err());
        for other in (0..size + 2).filter(|other| *other != index) {
            prop_assert!(verify(leaf, other, size, &proof, root).is_err(), "index {other}");
        }
        prop_assert!(verify(leaf, index, size, &[&proof[..], &[leaf]].concat(), root).is_err());
        if !proof.is_empty() {
            let at = at.index(proof.len());
            let mut altered = proof.clone();
            altered[at] = flip(altered[at], bit);
            prop_assert!(verify(leaf, index, size, &altered, root).is_err());
            altered = proof.clone();
            altered.remove(at);
            prop_assert!(verify(leaf, index, size, &altered, root).is_err());
        }
    }

    #[test]
    fn an_altered_consistency_fails(new in 2_usize..120, old in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let (leaves, old) = (naive::leaves(new), 1 + old.index(new - 1));
        let (old_root, new_root) = (naive::root(&leaves[..old]), naive::root(&leaves));
        let proof = subproof(old, &leaves, true);
        let verify = |proof: &[Sha256], old_root, new_root| verify_consistency(old as u64, new as u64, proof, &old_root, &new_root);
        prop_assert_eq!(verify(&proof, old_root, new_root), Ok(()));
        prop_assert!(verify(&proof, flip(old_root, bit), new_root).is_err());
        prop_assert!(verify(&proof, old_root, flip(new_root, bit)).is_err());
        prop_assert!(verify(&[&proof[..], &[new_root]].concat(), old_root, new_root).is_err());
        let at = at.index(proof.len());
        let mut altered = proof.clone();
        altered[at] = flip(altered[at], bit);
        prop_assert!(verify(&altered, old_root, new_root).is_err());
        altered = proof.clone();
        altered.remove(at);
        prop_assert!(verify(&altered, old_root, new_root).is_err());
    }

    #[test]
    fn a_rewritten_log_is_not_consistent(new in 2_usize..120, old in any::<prop::sample::Index>(), which in any::<prop::sample::Index>()) {
        let (leaves, old) = (naive::leaves(new), 1 + old.index(new - 1));
        let mut rewritten = leaves.clone();
        rewritten[which.index(old)] = Sha256::of(b"rewritten");
        let proof = consistency_proof(old as u64, new as u64, lookup(&rewritten)).unwrap();
        let (old_root, new_root) = (naive::root(&leaves[..old]), naive::root(&rewritten));
        prop_assert_eq!(verify_consistency(old as u64, new as u64, &proof, &old_root, &new_root), Err(MerkleError::Wrong));
    }
}
