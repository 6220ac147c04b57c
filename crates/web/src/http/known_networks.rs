//! From where each account signed in, since the server started: the newest of them, within bounds.

use super::client_address::Network;
use domain::Name;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// How many pairs are remembered; beyond that the older half is forgotten.
const MOST: usize = 20_000;

/// Accounts with networks from which they signed in.
#[derive(Default)]
pub(crate) struct KnownNetworks(Mutex<Halves>);

#[derive(Default)]
struct Halves {
    young: HashSet<(Name, Network)>,
    old: HashSet<(Name, Network)>,
}

impl KnownNetworks {
    /// Remembers that this account signed in from there.
    pub(crate) fn add(&self, user: &Name, from: Network) {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if halves.young.len() >= MOST / 2 {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert((user.clone(), from));
    }

    /// Whether this account signed in from there.
    pub(crate) fn has(&self, user: &Name, from: Network) -> bool {
        let halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (user.clone(), from);
        halves.young.contains(&pair) || halves.old.contains(&pair)
    }
}
