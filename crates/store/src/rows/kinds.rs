//! Words that rows are stored with.

use domain::{GroupId, UserId, people::Container};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// What kind of thing holds a role: a user or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberKind {
    /// A user.
    User,
    /// A group, for all its members.
    Group,
}

/// What a statement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementKind {
    /// A final decision on a round, or its revocation.
    Decision,
    /// A permit for one version on one infrastructure.
    Permit,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// From signing in.
    Session,
    /// Of a person, for programs of their own.
    Personal,
    /// Of a service account.
    Service,
}

macro_rules! words {
    ($($type:ident { $($variant:ident = $word:literal),* })*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),* })
            }
        }

        impl FromStr for $type {
            type Err = &'static str;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)* _ => Err("an unknown word") }
            }
        }
    )*};
}
words! {
    MemberKind { User = "user", Group = "group" }
    TokenKind { Session = "session", Personal = "personal", Service = "service" }
    StatementKind { Decision = "decision", Permit = "permit" }
}

impl MemberKind {
    /// A user or group as stored; `None` for a role, which cannot be a member.
    pub fn of(container: &Container) -> Option<(Self, Uuid)> {
        match container {
            Container::User(user) => Some((Self::User, user.uuid())),
            Container::Group(group) => Some((Self::Group, group.uuid())),
            Container::Role(_) => None,
        }
    }

    /// The container that was stored.
    pub fn container(self, id: Uuid) -> Container {
        match self {
            Self::User => Container::User(UserId::from_uuid(id)),
            Self::Group => Container::Group(GroupId::from_uuid(id)),
        }
    }
}
