//! How many answers are open that end only when the client goes: so that nobody takes the connections of all others.

use domain::TokenId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many of one session.
const MOST_OF_ONE: usize = 10;

/// How many of all: half of the connections that the server takes.
const MOST: usize = 1000;

/// The open answers by session.
#[derive(Default)]
pub(crate) struct OpenStreams(Mutex<HashMap<TokenId, usize>>);

/// One open answer. It counts until it is dropped.
pub(crate) struct OpenStream {
    streams: Arc<OpenStreams>,
    session: TokenId,
}

impl OpenStreams {
    /// Counts one more; none where there are as many as there may be.
    pub(crate) fn open(self: &Arc<Self>, session: TokenId) -> Option<OpenStream> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, own) = (open.values().sum::<usize>(), open.get(&session).copied().unwrap_or_default());
        if all >= MOST || own >= MOST_OF_ONE {
            return None;
        }
        open.insert(session, own + 1);
        Some(OpenStream { streams: Arc::clone(self), session })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.session) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(open.remove(&self.session)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn session(number: u128) -> TokenId {
        TokenId::from(Uuid::from_u128(number))
    }

    #[test]
    fn one_session_takes_only_its_share_and_gives_it_back() {
        let streams = Arc::new(OpenStreams::default());
        let mut of_one: Vec<_> = (0..MOST_OF_ONE).map(|_| streams.open(session(1)).unwrap()).collect();
        assert!(streams.open(session(1)).is_none());
        assert!(streams.open(session(2)).is_some());
        of_one.pop();
        assert!(streams.open(session(1)).is_some());
    }

    #[test]
    fn all_sessions_together_take_half_of_the_connections() {
        let streams = Arc::new(OpenStreams::default());
        let all: Vec<_> = (0..MOST as u128).map(|number| streams.open(session(number)).unwrap()).collect();
        assert!(streams.open(session(5000)).is_none());
        drop(all);
        assert!(streams.open(session(5000)).is_some());
        assert!(streams.0.lock().unwrap().is_empty(), "nothing is remembered of who is gone");
    }
}
