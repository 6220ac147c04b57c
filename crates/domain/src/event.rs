//! The events of the record. Every change records one event; nobody edits an event later.
//!
//! Events hold no floating-point numbers, so that every program writes the same canonical bytes (RFC 8785) for an event.
//! Each noun has a file with its events, and each field has its comment on a line of its own, above the field.

#[macro_use]
mod deployments;
#[macro_use]
mod infrastructures;
#[macro_use]
mod log;
#[macro_use]
mod mail;
#[macro_use]
mod people;
#[macro_use]
mod projects;
#[macro_use]
mod reviews;
#[macro_use]
mod versions;
#[macro_use]
mod webhooks;

mod actor;
mod ending_service;
mod share;

pub use actor::Actor;
pub use ending_service::EndingService;
pub use share::RecordedShare;

use crate::{
    Digest, DisplayName, Duration, GroupId, InvitationId, Name, SlotName, StatementId, StepName, Timestamp, TokenId, UserId,
    VersionRef, WebhookId,
    absence::Absence,
    access::Scope,
    deployment::{PolicyStanding, RevisionKind},
    duty::ProjectRules,
    gate,
    infrastructure::{Acceptance, InfrastructureRole, OnLapse, Policy},
    invitation::Inviter,
    mail::MailSecurity,
    people::{AccountKind, Container, InstanceRole, ProjectRole},
    reviewers::{Entitlement, Reviewers, Task},
    signoff::{Act, Answer, Approval, Notify, Status, Verdict},
    stage::{DueStage, EndStage},
    topic::Topic,
    webhook::WebhookKind,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Value, value::RawValue};

/// An event as JSON has it. The data come first in canonical JSON: they are read once the type is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tagged {
    #[serde(rename = "type")]
    kind: String,
    data: Box<RawValue>,
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", content = "data")]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $word)] $name { $($(#[$field_doc])* $field: $type),* },)*
        }

        impl<'de> Deserialize<'de> for Event {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let Tagged { kind, data } = Tagged::deserialize(deserializer)?;
                match &*kind {
                    $($word => {
                        #[derive(Deserialize)]
                        #[serde(deny_unknown_fields)]
                        struct Data { $($(#[$field_doc])* $field: $type),* }
                        let Data { $($field),* } = serde_json::from_str(data.get()).map_err(D::Error::custom)?;
                        Ok(Self::$name { $($field),* })
                    })*
                    _ => Err(D::Error::unknown_variant(&kind, Self::TYPES)),
                }
            }
        }

        impl Event {
            /// Every type of event, file by file.
            pub const TYPES: &'static [&'static str] = &[$($word),*];

            /// The type of the event, as the record and the API write it.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name { .. } => $word),* }
            }
        }
    };
}

// Each of these macros is a file of this folder. It adds its events to the list, and hands the list on to the next. The last one
// declares them all.
people! { projects versions reviews infrastructures deployments webhooks mail log events }
