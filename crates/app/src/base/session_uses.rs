//! When the sessions of browsers were last used, as far as this server knows. The database knows them all.

use domain::{Timestamp, TokenId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How many sessions are remembered before all are forgotten.
const MOST: usize = 20_000;

/// The memory.
#[derive(Default)]
pub(crate) struct SessionUses {
    uses: Memory,
    /// When an open page of the session asked last whether the session holds.
    asked: Memory,
}

#[derive(Default)]
struct Memory(Mutex<HashMap<TokenId, Timestamp>>);

impl SessionUses {
    pub(crate) fn last(&self, session: TokenId) -> Option<Timestamp> {
        self.uses.get(session)
    }

    pub(crate) fn keep(&self, session: TokenId, at: Timestamp) {
        self.uses.put(session, at);
    }

    pub(crate) fn asked(&self, session: TokenId) -> Option<Timestamp> {
        self.asked.get(session)
    }

    pub(crate) fn note_asked(&self, session: TokenId, at: Timestamp) {
        self.asked.put(session, at);
    }
}

impl Memory {
    fn get(&self, session: TokenId) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&session).copied()
    }

    fn put(&self, session: TokenId, at: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(session, at);
    }
}
