//! The perfect subtrees of the log's tree, recomputed from the events.

use proof::{Sha256, merkle::Node};

/// The perfect subtrees of two and more leaves by level, recomputed from the events; those that were found are taken out.
#[derive(Default)]
pub(super) struct Subtrees(Vec<Vec<Option<Sha256>>>);

impl Subtrees {
    /// Keeps a subtree. The subtrees of a level come in order.
    pub fn keep(&mut self, node: &Node) {
        let level = usize::from(node.level) - 1;
        if self.0.len() <= level {
            self.0.resize_with(level + 1, Vec::new);
        }
        self.0[level].push(Some(node.hash));
    }

    pub fn take(&mut self, level: i64, position: i64) -> Option<Sha256> {
        let (level, position) = (usize::try_from(level).ok()?.checked_sub(1)?, usize::try_from(position).ok()?);
        self.0.get_mut(level)?.get_mut(position)?.take()
    }

    pub fn left(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let left = |(level, nodes): (usize, &'_ Vec<Option<Sha256>>)| {
            let left: Vec<_> =
                nodes.iter().enumerate().filter(|(_, node)| node.is_some()).map(|(place, _)| (level + 1, place)).collect();
            left
        };
        self.0.iter().enumerate().flat_map(left)
    }
}
