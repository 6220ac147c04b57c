//! Who caused an event.

use crate::{DisplayName, Name, TokenId, UserId, people::Credential};
use serde::{Deserialize, Serialize};

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Actor {
    /// Somebody who was signed in.
    User {
        /// The account.
        id: UserId,
        /// The account's name at that time.
        name: Name,
        /// The display name at that time; none in events from before it was kept.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        display_name: Option<DisplayName>,
        /// The token that the account used; none when the account redeems an invitation.
        token: Option<TokenId>,
        /// What showed who acted; none in events from before it was kept.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        credential: Option<Credential>,
    },
    /// The clock: an approval ended.
    Clock,
    /// Somebody with a shell on the server's own machine.
    Console,
}
