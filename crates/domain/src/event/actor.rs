//! Who caused an event.

use crate::{DisplayName, Name, TokenId, UserId, people::Credential};
use serde::{Deserialize, Serialize};

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "Fields")]
pub enum Actor {
    /// Somebody who was signed in.
    User {
        /// The account.
        id: UserId,
        /// The account's name at that time.
        name: Name,
        /// The display name at that time; none in events from before it was kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        display_name: Option<DisplayName>,
        /// The token that the account used; none when the account redeems an invitation.
        token: Option<TokenId>,
        /// What showed who acted; none in events from before it was kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        credential: Option<Credential>,
    },
    /// The clock: an approval ended.
    Clock,
    /// Somebody with a shell on the server's own machine.
    Console,
}

/// An actor as JSON has it. Read whole, because the kind stands in the middle of canonical JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    kind: Kind,
    id: Option<UserId>,
    name: Option<Name>,
    display_name: Option<DisplayName>,
    token: Option<TokenId>,
    credential: Option<Credential>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    User,
    Clock,
    Console,
}

impl TryFrom<Fields> for Actor {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { kind, id, name, display_name, token, credential } = fields;
        match (kind, id, name) {
            (Kind::User, Some(id), Some(name)) => Ok(Self::User { id, name, display_name, token, credential }),
            (Kind::User, ..) => Err("a user has an id and a name"),
            (Kind::Clock, None, None) if display_name.is_none() && token.is_none() && credential.is_none() => Ok(Self::Clock),
            (Kind::Console, None, None) if display_name.is_none() && token.is_none() && credential.is_none() => Ok(Self::Console),
            _ => Err("only a user has an id, a name, a token or a credential"),
        }
    }
}
