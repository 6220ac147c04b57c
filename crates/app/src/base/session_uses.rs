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
pub(crate) struct SessionUses(Mutex<HashMap<TokenId, Timestamp>>);

impl SessionUses {
    pub(crate) fn last(&self, session: TokenId) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&session).copied()
    }

    pub(crate) fn keep(&self, session: TokenId, at: Timestamp) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.len() >= MOST {
            uses.clear();
        }
        uses.insert(session, at);
    }
}
