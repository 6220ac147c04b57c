//! Invitations: how an account came by its password, and when a second administrator has to confirm that.
//!
//! The person who holds an invitation sets the password, and acts as that account from then on. So one administrator alone must not give
//! out an invitation for an account whose name stands under decisions, nor for one that confirms invitations.

use crate::{InvitationId, Name, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Who gives out or confirms an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Inviter {
    /// An administrator, by the name of that moment.
    Administrator {
        /// The account.
        id: UserId,
        /// The account's name.
        name: Name,
    },
    /// Somebody with a shell on the server's machine.
    Console,
}

impl std::fmt::Display for Inviter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Administrator { name, .. } => f.write_str(name.as_str()),
            Self::Console => f.write_str("the server's console"),
        }
    }
}

/// The invitation by which an account came by its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordOrigin {
    /// The invitation.
    pub invitation: InvitationId,
    /// Who gave it out.
    pub issued_by: Inviter,
    /// Who confirmed it, where it was confirmed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirmed_by: Option<Inviter>,
    /// When it was redeemed.
    pub redeemed_at: Timestamp,
}

/// Why somebody may not confirm an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSecond {
    /// The same administrator gave it out.
    SamePerson,
    /// The console did not make the one who confirms an administrator: the first administrator may have, for this.
    Confirmer,
    /// The console did not make the one who gave it out an administrator: the one who confirms may have, for this.
    Issuer,
}

impl NoSecond {
    /// The reason, about "you".
    pub const fn reason(self) -> &'static str {
        match self {
            Self::SamePerson => "you gave this invitation out yourself",
            Self::Confirmer => "only an administrator whom the server's console appointed counts as a second one",
            Self::Issuer => "the administrator who gave this invitation out was not appointed by the server's console",
        }
    }
}

/// Whether an administrator is a second one beside the administrator who gave an invitation out. Each is given with whether the server's
/// console appointed them: an administrator whom the other one made is no second person.
///
/// # Errors
/// Why not.
pub fn is_second(issuer: (UserId, bool), confirmer: (UserId, bool)) -> Result<(), NoSecond> {
    match (issuer, confirmer) {
        ((issuer, _), (confirmer, _)) if issuer == confirmer => Err(NoSecond::SamePerson),
        (_, (_, false)) => Err(NoSecond::Confirmer),
        ((_, false), _) => Err(NoSecond::Issuer),
        ((_, true), (_, true)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_administrator_is_another_person_whom_the_first_did_not_make() {
        let [one, two] = [1, 2].map(|n| UserId::from_uuid(uuid::Uuid::from_u128(n)));
        for (issuer, confirmer, expected) in [
            ((one, true), (two, true), Ok(())),
            ((one, true), (one, true), Err(NoSecond::SamePerson)),
            ((one, true), (two, false), Err(NoSecond::Confirmer)),
            ((one, false), (two, true), Err(NoSecond::Issuer)),
            ((one, false), (two, false), Err(NoSecond::Confirmer)),
        ] {
            assert_eq!(is_second(issuer, confirmer), expected);
        }
    }
}
