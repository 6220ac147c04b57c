//! Typed identifiers: the compiler keeps a group's id from being used as a user's. All are UUIDv7 that the caller makes, since
//! this crate has no randomness.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that was made or read elsewhere.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person or a service account.
    UserId
    /// A named set of users.
    GroupId
    /// An invitation by which a user sets the first password.
    InvitationId
    /// A personal or service token.
    TokenId
    /// A governed project.
    ProjectId
    /// A registered model of a project.
    ModelId
    /// An upload in progress: files that no version has yet.
    UploadId
    /// A model version.
    VersionId
    /// A place to which versions are deployed.
    InfrastructureId
    /// A service on an infrastructure.
    DeploymentId
    /// One signed statement: an approval or a permit.
    StatementId
    /// A message to one person: a mail.
    MessageId
    /// An address of another program that is told of events.
    WebhookId
    /// One call of a webhook, with all its attempts.
    DeliveryId
}
