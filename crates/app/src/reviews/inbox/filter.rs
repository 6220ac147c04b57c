//! Finds what waits by words: of the version's name, of a slot, and of the people whose turn it is.

use crate::{Error, OpContext, base::cache::waiting_rounds::WaitingRound};
use domain::UserId;
use std::collections::{BTreeSet, HashMap};

/// The words that have to be there, in lower case.
pub(super) struct Filter {
    words: Vec<String>,
    people: HashMap<UserId, String>,
}

impl Filter {
    /// A filter for these rounds. No words let everything through.
    pub async fn load<'a>(op: &OpContext, words: &str, rounds: impl Iterator<Item = &'a WaitingRound>) -> Result<Self, Error> {
        let words: Vec<_> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            return Ok(Self { words, people: HashMap::new() });
        }
        let people: BTreeSet<UserId> =
            rounds.flat_map(|round| &round.turns).flat_map(|turn| turn.people.iter().copied()).collect();
        let users = op.read().await?.users_among(people.into_iter().map(UserId::uuid)).await?;
        let name = |user: &store::User| format!("{} {}", user.name, user.display_name).to_lowercase();
        Ok(Self { words, people: users.iter().map(|user| (user.id, name(user))).collect() })
    }

    /// Whether every word is somewhere.
    pub fn finds(&self, round: &WaitingRound) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let mut text = round.version.to_string();
        for turn in &round.turns {
            text.extend(turn.slot.iter().flat_map(|slot| [" ", slot]));
        }
        let text = text.to_lowercase();
        let people = || round.turns.iter().flat_map(|turn| turn.people.iter()).filter_map(|user| self.people.get(user));
        self.words.iter().all(|word| text.contains(word) || people().any(|name| name.contains(word)))
    }
}
